"""Users with a Sieve script: their mail is handed over to real Dovecot."""
import os

import pytest

from fixture import dovecot as dovecot_module
from fixture.deliverysite import (address, delivery_postfix, directory,
                                  new_message, on_disk, seal, send)
from fixture.dovecot import Dovecot, fetch_all
from fixture.lmtp import LmtpClient
from fixture.lmtpd import OWNER_ID, Lmtpd, Mail
from fixture.process import wait_until
from test_junk import JUNK, gatepost, write_preferences

pytestmark = pytest.mark.skipif(not dovecot_module.version(),
                                reason="dovecot-imapd is not installed")


@pytest.fixture(name="base")
def _base():
    with directory() as path:
        yield path


@pytest.fixture(name="mail")
def _mail(base):
    return Mail(base)


class Host:
    """Postfix, gatepost-lmtpd and Dovecot; use as a context manager."""

    def __init__(self, base, dovecot=True, extra=""):
        self.base = base
        self.lmtpd = Lmtpd(
            base, more='sieve_socket = "unix:%s/dovecot/run/lmtp"' % base)
        self.postfix = delivery_postfix(base, "lmtp:unix:%s" % self.lmtpd.path)
        self.dovecot = Dovecot(
            base, base / "users", " lmtp", extra + dovecot_module.sieve(
                base, self.postfix.ports["plain"]))
        self.parts = [self.lmtpd, self.postfix]
        if dovecot:
            self.parts.append(self.dovecot)

    def __enter__(self):
        for part in self.parts:
            part.__enter__()
        return self

    def __exit__(self, *error):
        for part in reversed(self.parts):
            part.__exit__(*error)

    def send(self, message, *users):
        """Sends by Postfix and waits until all is delivered."""
        send(self.postfix, message, *[address(user) for user in users])
        self.postfix.wait_empty()


def own(path):
    """Gives a file to the owner of the mail."""
    os.lchown(path, OWNER_ID, OWNER_ID)


def write_script(mail, user, text, name="main"):
    """The active script of a user, as ManageSieve stores it."""
    home = mail.root / user
    for path in (home, home / "sieve"):
        path.mkdir(mode=0o700, exist_ok=True)
        own(path)
    path = home / "sieve" / (name + ".sieve")
    path.write_text(text)
    own(path)
    link = home / ".dovecot.sieve"
    link.symlink_to("sieve/%s.sieve" % name)
    own(link)


def test_fileinto(mail, base):
    """A script of one recipient; the other has none."""
    write_script(mail, "alice", 'require ["fileinto", "mailbox"];\n'
                 'if header :contains "subject" "number"\n'
                 '{ fileinto :create "Lists/dev"; }\n')
    message = new_message(b"..dot\r\n.\r\n8 bit \xe4\r\n" + b"x" * 900
                          + b"\r\n")
    with Host(base) as host:
        host.send(message, "alice", "bob")
        client = host.dovecot.imap("alice")
        assert [text.endswith(message)
                for text in fetch_all(client, "Lists/dev")] == [True]
        assert fetch_all(client) == []
        client.logout()
        assert "sieve" in host.dovecot.config.read_text()
    assert not mail.files("alice")
    assert mail.messages("bob")[0].endswith(on_disk(message))


def test_large_and_many(mail, base):
    """More than the spool holds in memory; one connection for several."""
    write_script(mail, "alice", "keep;\n")
    write_script(mail, "bob", "keep;\n")
    message = new_message((b"." + b"y" * 76 + b"\r\n") * 40000)
    with Host(base) as host:
        host.send(message, "alice", "bob", "carol")
    for user in ("alice", "bob", "carol"):
        assert [text.endswith(on_disk(message))
                for text in mail.messages(user)] == [True]


def test_redirect(mail, base):
    write_script(mail, "alice", 'redirect "bob@gatepost.test";\n')
    message = new_message()
    with Host(base) as host:
        host.send(message, "alice")
        mail.wait_count("bob", 1)
        host.postfix.wait_empty()
    assert mail.messages("bob")[0].endswith(on_disk(message))
    assert not mail.files("alice")


def from_carol(message):
    """The message as carol would write it to alice."""
    return message.replace(b"From: ann@outside.test",
                           b"From: carol@gatepost.test")


def send_from_carol(host, message):
    """By LMTP, because Postfix's client of the tests has one sender."""
    with LmtpClient(host.lmtpd.path) as client:
        _, replies = client.send(message, [address("alice")],
                                 sender=address("carol"))
        assert replies[0].code == 250, replies
        client.quit()


def test_vacation_command(mail, base):
    """set, show and off; a reply once in so many days; junk gets none."""
    write_script(mail, "alice", 'require "fileinto";\n'
                 'if header :contains "subject" "file me"\n'
                 '{ fileinto "Junk"; }\n')
    user = address("alice")
    with Host(base) as host:
        assert gatepost(base, "vacation", "show", user).returncode == 1
        result = gatepost(base, "vacation", "set", "-s", "Am \"away\"",
                          "-m", "Back\non \\ monday. \xe4", "-d", "3",
                          "-f", "2020-01-01", "-u", "2099-12-31", user)
        assert result.returncode == 0, result.stderr
        result = gatepost(base, "vacation", "show", user)
        assert result.returncode == 0 and ":days 3" in result.stdout
        send_from_carol(host, seal(from_carol(new_message()), JUNK))
        send_from_carol(host, from_carol(new_message()))
        reply = mail.wait_count("carol", 1)[0]
        assert b'Subject: Am "away"' in reply
        assert b"\nAuto-Submitted: auto-replied" in reply
        assert "Back\non \\ monday. \xe4".encode() in reply
        assert reply.startswith(b"Return-Path: <>\n")
        send_from_carol(host, from_carol(new_message()))
        host.postfix.wait_empty()
        assert len(mail.messages("carol")) == 1
        # Set again: the user's own script is still the one behind.
        result = gatepost(base, "vacation", "set", "-m", "Other", user)
        assert result.returncode == 0, result.stderr
        send_from_carol(host, from_carol(new_message()).replace(
            b"Subject: ", b"Subject: file me "))
        client = host.dovecot.imap("alice")
        assert len(fetch_all(client, "Junk")) == 2
        assert len(fetch_all(client)) == 2
        client.logout()
        assert gatepost(base, "vacation", "off", user).returncode == 0
        assert gatepost(base, "vacation", "off", user).returncode == 0
        assert gatepost(base, "vacation", "show", user).returncode == 1
    link = mail.root / "alice" / ".dovecot.sieve"
    assert link.resolve() == mail.root / "alice/sieve/main.sieve"


def test_vacation_days_that_are_over(mail, base):
    with Host(base) as host:
        result = gatepost(base, "vacation", "set", "-m", "Was away", "-u",
                          "2020-01-01", address("alice"))
        assert result.returncode == 0, result.stderr
        send_from_carol(host, from_carol(new_message()))
        host.postfix.wait_empty()
        assert gatepost(base, "vacation", "off",
                        address("alice")).returncode == 0
    assert not mail.files("carol")
    assert len(mail.messages("alice")) == 1
    assert not (mail.root / "alice/.dovecot.sieve").is_symlink()


def test_vacation_complains(mail, base):
    with Lmtpd(base):
        pass
    user = address("alice")
    for arguments, status, text in (
            ((), 2, "usage"), (("set", user), 2, "usage"),
            (("set", "-m", "x", "-F", "y", user), 2, "usage"),
            (("show", "-m", "x", user), 2, "usage"),
            (("set", "-d", "0", "-m", "x", user), 2, "1 to 60"),
            (("set", "-f", "tomorrow", "-m", "x", user), 2, "a date"),
            (("set", "-u", "2026-13-01", "-m", "x", user), 2, "no day"),
            (("set", "-s", "a\nb", "-m", "x", user), 2, "control"),
            (("set", "-a", "me", "-m", "x", user), 2, "an address"),
            (("set", "-F", "/nonexistent", user), 1, "No such file"),
            (("off", address("who")), 1, "no such user")):
        result = gatepost(base, "vacation", *arguments)
        assert (result.returncode, text in result.stderr) == (status, True), \
            (arguments, result)
    home = mail.root / "alice"
    home.mkdir()
    own(home)
    (home / ".dovecot.sieve").write_text("keep;")
    result = gatepost(base, "vacation", "set", "-m", "x", user)
    assert result.returncode == 1 and "is no link" in result.stderr
    assert (home / ".dovecot.sieve").read_text() == "keep;"


def test_junk(mail, base):
    """sieve_before files it as we do; nobody forges the field."""
    write_script(mail, "alice", "keep;\n")
    write_script(mail, "bob", "keep;\n")
    write_preferences(mail, "bob", "junk_folder = My Spam\n")
    forged = b"X-Gatepost-Delivery: junk; folder=Junk\r\n" + new_message()
    with Host(base) as host:
        host.send(seal(new_message(), JUNK), "alice", "bob")
        host.send(forged, "alice")
        for user, folder in (("alice", "Junk"), ("bob", "My Spam")):
            client = host.dovecot.imap(user)
            assert len(fetch_all(client, folder)) == 1
            client.select('"%s"' % folder)
            assert client.search(None, "KEYWORD", "$Junk")[1] == [b"1"]
            assert len(fetch_all(client)) == (user == "alice")
            client.logout()


def test_dovecot_is_down(mail, base):
    """Then mail waits, of those with a script; it comes when it is back."""
    write_script(mail, "alice", "keep;\n")
    message = new_message()
    with Host(base, dovecot=False) as host:
        send(host.postfix, message, address("alice"), address("bob"))
        host.postfix.wait_outcome(address("alice"), "deferred")
        host.postfix.wait_outcome(address("bob"), "sent")
        assert not mail.files("alice")
        with host.dovecot:
            host.postfix.wait_empty()
            mail.wait_count("alice", 1)
            host.dovecot.daemon.stop()
            send(host.postfix, new_message(), address("alice"))
            wait_until(lambda: [
                word for word, _ in host.postfix.outcomes(address("alice"))
            ].count("deferred") >= 2, 60, "a second deferral")
        assert "bounced" not in host.postfix.log_text()
        host.postfix.delete_all()
    assert len(mail.messages("alice")) == 1


def test_replies_are_passed_on(mail, base):
    """What Dovecot says of one recipient is what we say."""
    write_script(mail, "alice", "keep;\n")
    write_script(mail, "bob", "this is no script\n")
    with Host(base, extra=dovecot_module.quota("10k")) as host:
        with LmtpClient(host.lmtpd.path) as client:
            _, replies = client.send(
                new_message(b"x\r\n" * 10000),
                [address(user) for user in ("alice", "carol")])
            assert [reply.code for reply in replies] == [552, 250]
            assert replies[0].text.startswith("5.2.2 <alice@gatepost.test> ")
            client.quit()
        host.send(new_message(), "alice", "bob")
    # A script that fails keeps.
    assert len(mail.files("alice")) == len(mail.files("bob")) == 1


def test_learning(mail, base):
    """IMAPSieve: into Junk is spam, out of it is good."""
    with Host(base) as host:
        message = new_message()
        host.send(message, "alice")
        client = host.dovecot.imap("alice")
        client.select("INBOX")
        assert client.copy("1", "Junk")[0] == "OK"
        client.select("Junk")
        assert client.copy("1", "INBOX")[0] == "OK"
        client.logout()
        for name in ("spam", "ham"):
            path = base / ("learned-" + name)
            wait_until(path.exists, 20, "learned " + name)
            assert message.partition(b"\r\n\r\n")[2] in path.read_bytes()
