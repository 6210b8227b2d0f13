"""Quotas of real Dovecot: full mailboxes, parallel deliveries, warnings."""
import subprocess
import threading

import pytest

from fixture import dovecot as dovecot_module
from fixture.deliverysite import (address, delivery_postfix, directory,
                                  new_message, send)
from fixture.dovecot import Dovecot, fetch_all
from fixture.lmtp import LmtpClient
from fixture.lmtpd import OWNER_ID, Lmtpd, Mail, program
from fixture.milter import environment
from fixture.process import wait_until

MB = 1024 * 1024

pytestmark = pytest.mark.skipif(not dovecot_module.version(),
                                reason="dovecot-imapd is not installed")


@pytest.fixture(name="base")
def _base():
    with directory() as path:
        yield path


@pytest.fixture(name="mail")
def _mail(base):
    return Mail(base)


def keys(base, more=""):
    """Settings of gatepost-lmtpd that ask for quotas."""
    return {"more": 'quota_socket = "unix:%s/dovecot/run/quota-status"\n\t%s'
            % (base, more)}


def start_dovecot(base, limit="1M"):
    """One whose quota-status listens; use as a context manager."""
    return Dovecot(base, base / "users", more=dovecot_module.quota(limit))


def wait_socket(base):
    """Waits for the quota-status socket."""
    wait_until((base / "dovecot/run/quota-status").exists, 20, "quota-status")


def sized(size):
    """A message of about this size."""
    return new_message((b"x" * 98 + b"\r\n") * (size // 100))


@pytest.mark.parametrize("policy, code, enhanced", (
    ("bounce", 552, "5.2.2"), ("defer", 452, "4.2.2")))
def test_full(mail, base, policy, code, enhanced):
    """Full for one recipient of two; there is room when mail is deleted."""
    settings = keys(base, "quota_full = %s" % policy)
    with start_dovecot(base) as dovecot, Lmtpd(base, **settings) as lmtpd:
        wait_socket(base)
        with LmtpClient(lmtpd.path) as client:
            def try_send(*users):
                answers, replies = client.send(
                    sized(600 * 1024), [address(user) for user in users])
                assert all(answer.accepted for answer in answers)
                return replies
            assert [reply.code for reply in try_send("alice")] == [250]
            replies = try_send("alice", "bob")
            assert [reply.code for reply in replies] == [code, 250]
            assert replies[0].text.startswith(enhanced)
            imap = dovecot.imap("alice")
            imap.select("INBOX")
            imap.store("1", "+FLAGS", r"(\Deleted)")
            imap.expunge()
            imap.logout()
            assert [reply.code for reply in try_send("alice")] == [250]
            client.quit()
    assert len(mail.files("bob")) == 1
    assert not mail.files("alice", part="tmp")


def test_at_rcpt(mail, base):
    settings = keys(base, "quota_at_rcpt = yes\n\tquota_full = bounce")
    with start_dovecot(base), Lmtpd(base, **settings) as lmtpd:
        wait_socket(base)
        with LmtpClient(lmtpd.path) as client:
            client.command("MAIL FROM:<> SIZE=%d" % (2 * MB))
            reply = client.command("RCPT TO:<%s>" % address("alice"))
            assert (reply.code, reply.text[:5]) == (552, "5.2.2")
            client.command("RSET")
            client.command("MAIL FROM:<> SIZE=1000")
            assert client.command(
                "RCPT TO:<%s>" % address("alice")).accepted
            client.quit()
    assert not mail.files("alice")


def test_bounce_by_postfix(mail, base):
    """Who sent it hears of it at once."""
    settings = keys(base, "quota_full = bounce")
    with start_dovecot(base), Lmtpd(base, **settings) as lmtpd:
        wait_socket(base)
        with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
            send(postfix, sized(2 * MB), address("alice"), address("bob"))
            assert "full" in postfix.wait_outcome(address("alice"), "bounced")
            assert "dsn=5.2.2" in postfix.log_text()
    assert not mail.files("alice")


def test_nobody_answers(mail, base):
    """Without Dovecot mail waits."""
    with Lmtpd(base, **keys(base)) as lmtpd:
        with LmtpClient(lmtpd.path) as client:
            _, replies = client.send(new_message(), [address("alice")])
            assert [reply.code for reply in replies] == [451]
            client.quit()
    assert not mail.files("alice")
    assert not mail.files("alice", part="tmp")


def total_size(mail, user):
    """Bytes of all messages of a user, line ends as CRLF."""
    return sum(len(text) + text.count(b"\n") for text in mail.messages(user))


def test_parallel(mail, base):
    """16 at once into a mailbox with room for some: it is never over."""
    results = []

    def one(path):
        with LmtpClient(path) as client:
            for _ in range(3):
                _, replies = client.send(sized(90 * 1024), [address("alice")])
                results.append(replies[0].code)
            client.quit()

    settings = keys(base, "quota_full = bounce")
    with start_dovecot(base), Lmtpd(base, **settings) as lmtpd:
        wait_socket(base)
        threads = [threading.Thread(target=one, args=(lmtpd.path,))
                   for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with LmtpClient(lmtpd.path) as client:
            code = 250
            while code == 250:
                _, replies = client.send(sized(90 * 1024), [address("alice")])
                code = replies[0].code
                results.append(code)
            assert code == 552
            client.quit()
    assert len(results) >= 48 and set(results) <= {250, 452, 552}
    assert results.count(250) == len(mail.messages("alice"))
    assert MB - 100 * 1024 < total_size(mail, "alice") <= MB


def test_parallel_processes(mail, base):
    """The same by gatepost-deliver."""
    with Lmtpd(base, **keys(base, "quota_full = bounce")):
        pass  # it wrote the configuration
    source = base / "message"
    source.write_bytes(sized(200 * 1024).replace(b"\r\n", b"\n"))
    with start_dovecot(base):
        wait_socket(base)
        children = []
        for i in range(10):
            with open(source, "rb") as message:
                children.append(subprocess.Popen(
                    program("gatepost-deliver") + [
                        "-e", "-c", str(base / "gatepost.conf"),
                        "-f", "%d@outside.test" % i, address("alice")],
                    stdin=message, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, env=environment(),
                    user=OWNER_ID, group=OWNER_ID, extra_groups=[]))
        statuses = [child.wait(60) for child in children]
    assert statuses.count(0) == len(mail.messages("alice")) == 5
    assert total_size(mail, "alice") <= MB


def warnings(texts):
    """The percentages of the warnings among messages."""
    return sorted(
        int(text.partition(b"mailbox is ")[2].partition(b"%")[0])
        for text in texts if b"\nAuto-Submitted: auto-generated\n" in text)


def test_warnings(mail, base):
    """Once at 80 and once at 95 %, and again when it was emptied."""
    settings = keys(base, "quota_limit = 1M")
    with start_dovecot(base) as dovecot, Lmtpd(base, **settings) as lmtpd:
        wait_socket(base)
        with LmtpClient(lmtpd.path) as client:
            def fill(*sizes):
                for size in sizes:
                    _, replies = client.send(sized(size * 1024),
                                             [address("alice")])
                    assert replies[0].code == 250, replies
                return warnings(mail.messages("alice"))
            assert fill(500, 300) == []
            assert fill(30) == [80]
            assert fill(10, 10) == [80]
            assert fill(130) == [80, 95]
            assert fill(5, 5) == [80, 95]
            imap = dovecot.imap("alice")
            imap.select("INBOX")
            imap.store("1:*", "+FLAGS", r"(\Deleted)")
            imap.expunge()
            assert fill(1) == []
            assert fill(1000) == [95]
            texts = [text for text in fetch_all(imap)
                     if b"95% full" in text]
            assert len(texts) == 1
            imap.logout()
            client.quit()
    assert not mail.files("alice", part="tmp")
