"""Junk: sealed verdicts of the milter, ~/.gatepost, gatepost junk expire."""
import os
import shutil
import subprocess

import pytest

from fixture import dovecot as dovecot_module
from fixture import zones
from fixture.deliverysite import (SENDER, address, delivery_postfix, directory,
                                  new_message, on_disk, seal, send)
from fixture.dovecot import Dovecot, fetch_all
from fixture.lmtp import LmtpClient
from fixture.lmtpd import OWNER_ID, SECRET, Lmtpd, Mail, program
from fixture.message import compose, verdict
from fixture.milter import environment
from fixture.process import wait_until

WEIGHING = "symbols { DMARC_NONE = \"%s\" }"
JUNK = "action=junk; score=6.0; required=5.0"
HAM = "action=accept; score=1.0; required=5.0"

pytestmark = pytest.mark.skipif(not dovecot_module.version(),
                                reason="dovecot-imapd is not installed")


@pytest.fixture(name="base")
def _base():
    with directory() as path:
        yield path


@pytest.fixture(name="mail")
def _mail(base):
    return Mail(base)


def write_preferences(mail, user, text):
    """~/.gatepost of a user."""
    home = mail.root / user
    home.mkdir(mode=0o700, exist_ok=True)
    path = home / ".gatepost"
    path.write_text(text)
    for made in (home, path):
        os.chown(made, OWNER_ID, OWNER_ID)


def gatepost(base, *arguments, user=OWNER_ID):
    """Runs the command with the configuration of gatepost-lmtpd."""
    return subprocess.run(
        program("gatepost") + [*arguments, "-c", str(base / "gatepost.conf")],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment(), user=user, group=user,
        extra_groups=[], timeout=60)


def flags(client, folder):
    """The flags of the messages in a folder, as IMAP tells them."""
    assert client.select(folder, readonly=True)[0] == "OK"
    return [line.decode() for line in client.fetch("1:*", "(FLAGS)")[1]]


def test_verdict_of_the_milter(site, mail, base):
    """Postfix and our milter, then Postfix, our delivery, and IMAP."""
    stamped = []
    for points in ("9", "0.1"):
        with site.milter(store="backend = none", secret=SECRET,
                         more=WEIGHING % points):
            text = site.deliver(
                compose("Ann <ann@open.test>", subject="points " + points),
                "ann@open.test", ip=zones.GENUINE_IP4)
        stamped.append(text[text.index(b"X-Gatepost-"):]
                       .replace(b"\n", b"\r\n"))
    assert [verdict(text)["action"] for text in stamped] == [
        "junk", "accept"]
    with Dovecot(base, base / "users") as dovecot, Lmtpd(base) as lmtpd:
        with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
            for text in stamped:
                send(postfix, text, address("alice"))
            send(postfix, stamped[0].replace(b"required=", b"required=1"),
                 address("alice"))
            postfix.wait_empty()
        client = dovecot.imap("alice")
        assert [b"points 9" in text
                for text in fetch_all(client, "Junk")] == [True]
        assert [b"points 9" in text
                for text in fetch_all(client)] == [False, True]
        assert "$Junk" in flags(client, "Junk")[0]
        client.logout()


def test_keyword_among_others(mail, base):
    """A keyword that a mail program has set keeps its letter."""
    with Dovecot(base, base / "users") as dovecot, Lmtpd(base) as lmtpd:
        client = dovecot.imap("alice")
        client.append("Junk", "($Label1 NonJunk)", None, new_message())
        with LmtpClient(lmtpd.path) as smtp:
            for _ in range(3):
                smtp.send(seal(new_message(), JUNK), [address("alice")])
        client.select("Junk")
        wait_until(lambda: (client.noop(), client.search(None, "ALL"))[1][1][0]
                   == b"1 2 3 4", 10, "4 messages")
        assert client.search(None, "KEYWORD", "$Junk")[1] == [b"2 3 4"]
        assert client.search(None, "KEYWORD", "NonJunk")[1] == [b"1"]
        client.store("4", "+FLAGS", "($Forwarded)")
        client.logout()
        client = dovecot.imap("alice")
        client.select("Junk")
        assert client.search(None, "KEYWORD", "$Junk")[1] == [b"2 3 4"]
        assert client.search(None, "KEYWORD", "$Forwarded")[1] == [b"4"]
        client.logout()


def test_preferences(mail, base):
    write_preferences(mail, "alice", "threshold = 7\n")
    write_preferences(mail, "bob", "junk_folder = Spam\nthreshold = 0.5\n")
    write_preferences(mail, "carol", "block = %s\n" % SENDER)
    recipients = [address(user) for user in ("alice", "bob", "carol")]
    message = new_message()
    with Lmtpd(base) as lmtpd, LmtpClient(lmtpd.path) as smtp:
        smtp.send(seal(message, HAM), recipients)
        smtp.send(message, recipients[:1])
        smtp.quit()
    assert len(mail.files("alice")) == 2
    assert len(mail.files("bob", ".Spam", "cur")) == 1
    assert len(mail.files("carol", ".Junk", "cur")) == 1
    for user in ("alice", "bob", "carol"):
        assert not mail.files(user, part="tmp")
    text = mail.files("carol", ".Junk", "cur")[0].read_bytes()
    assert text.endswith(on_disk(message))


def test_forged_verdicts(mail, base):
    """Without a secret, or with another, no verdict counts."""
    message = seal(new_message(), JUNK)
    for secret in ("", "another secret, that of nobody"):
        with Lmtpd(base, secret=secret) as lmtpd:
            with LmtpClient(lmtpd.path) as smtp:
                smtp.send(message, [address("alice")])
                smtp.quit()
        shutil.rmtree(lmtpd.path.parent)
    assert len(mail.files("alice")) == 2
    assert not mail.maildir("alice", ".Junk").exists()


@pytest.mark.parametrize("users", ("file", "dovecot"))
def test_expire(mail, base, users):
    """What is older than junk_expire goes, in junk folders only."""
    write_preferences(mail, "bob", "junk_folder = Spam\n")
    with Dovecot(base, base / "users") as dovecot:
        with Lmtpd(base, users=users, more="junk_expire = 1s") as lmtpd:
            with LmtpClient(lmtpd.path) as smtp:
                for user in ("alice", "bob"):
                    smtp.send(seal(new_message(), JUNK), [address(user)])
                    smtp.send(new_message(), [address(user)])
                smtp.quit()
        user = 0 if users == "dovecot" else OWNER_ID
        result = gatepost(base, "junk", "expire", "-a", user=user)
        assert result.returncode == 0, result.stderr
        result = wait_until(lambda: _all_old(base, user), 10, "old mail")
        assert "alice@gatepost.test: 1 would be removed" in result.stdout
        assert "bob@gatepost.test: 1 would be removed" in result.stdout
        assert "carol@gatepost.test: 0 would be" in result.stdout
        result = gatepost(base, "junk", "expire", "--all", user=user)
        assert result.returncode == 0, result.stderr
        client = dovecot.imap("alice")
        assert fetch_all(client, "Junk") == []
        assert len(fetch_all(client)) == 1
        client.logout()
    assert not mail.files("bob", ".Spam", "cur")
    assert len(mail.files("bob")) == 1


def _all_old(base, user):
    """The result of a dry run, when all of it is old."""
    result = gatepost(base, "junk", "expire", "-n", "--all", user=user)
    assert result.returncode == 0, result.stderr
    return result if result.stdout.count(": 1 would") == 2 else None


def test_expire_complains(mail, base):
    with Lmtpd(base):
        pass
    assert mail.root.exists()
    for arguments, status, text in (
            ((), 2, "usage"), (("expire",), 2, "usage"),
            (("expire", "--all", address("alice")), 2, "usage"),
            (("expire", address("who")), 1, "no such user"),
            (("burn", "--all"), 2, "usage")):
        result = gatepost(base, "junk", *arguments)
        assert result.returncode == status
        assert text in result.stderr
    (base / "users").unlink()
    result = gatepost(base, "junk", "expire", "--all")
    assert result.returncode == 75
