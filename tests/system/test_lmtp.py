"""Postfix, gatepost-lmtpd, Maildirs, and Dovecot that reads them."""
import os
import re
import shutil
import signal
import threading

import pytest

from fixture import dovecot as dovecot_module
from fixture.deliverysite import (address, delivery_postfix, directory,
                                  new_message, on_disk, send)
from fixture.dovecot import Dovecot, fetch_all
from fixture.lmtp import LmtpClient
from fixture.lmtpd import OWNER_ID, Lmtpd, Mail
from fixture.process import wait_until

SMALL_COUNT = int(os.environ.get("GATEPOST_SMALL_MESSAGES", "1000"))

needs_dovecot = pytest.mark.skipif(
    not dovecot_module.version(), reason="dovecot-imapd is not installed")


@pytest.fixture(name="base")
def _base():
    with directory() as path:
        yield path


@pytest.fixture(name="mail")
def _mail(base):
    return Mail(base)


@pytest.fixture(name="lmtpd")
def _lmtpd(mail):
    with Lmtpd(mail.base) as lmtpd:
        yield lmtpd


@pytest.fixture(name="postfix")
def _postfix(base):
    with delivery_postfix(base, "lmtp:unix:%s/lmtp/socket" % base) as postfix:
        yield postfix


def test_headers_and_bytes(mail, lmtpd, postfix):
    """Return-Path and Delivered-To in front, else byte for byte."""
    message = new_message(b".\r\n..dots\r\n\r\n8 bit \xe4\r\n\r\n")
    send(postfix, message, address("alice"))
    delivered = mail.wait_count("alice", 1)[0]
    assert delivered.startswith(
        b"Return-Path: <ann@outside.test>\n"
        b"Delivered-To: alice@gatepost.test\nReceived: from ")
    assert delivered.endswith(on_disk(message))
    path = mail.files("alice")[0]
    assert ",S=%d,W=%d" % (len(delivered), len(delivered)
                           + delivered.count(b"\n")) in path.name
    status = path.stat()
    assert (status.st_uid, status.st_mode & 0o777) == (OWNER_ID, 0o600)
    wait_until(lambda: not mail.files("alice", part="tmp"), 20, "empty tmp")
    assert "delivery msgid=" in lmtpd.daemon.log_text()


def test_50_recipients_with_mixed_answers(mail, lmtpd, postfix):
    """Each recipient has an answer of his own, and Postfix heeds each."""
    known = ["user%d" % i for i in range(25)]
    mail.write_users(*known)
    with open(mail.base / "users", "a", encoding="ascii") as users:
        for i in range(10):
            users.write("root%d@gatepost.test:x:0:0\n" % i)
    unknown = ["nobody%d" % i for i in range(15)]
    unusable = ["root%d" % i for i in range(10)]
    message = new_message()
    send(postfix, message, *map(address, known + unknown + unusable))
    for user in known:
        postfix.wait_outcome(address(user), "sent")
        assert [text.endswith(on_disk(message))
                for text in mail.messages(user)] == [True]
    for user in unknown:
        assert "550 5.1.1" in postfix.wait_outcome(address(user), "bounced")
    for user in unusable:
        assert "451 4.3.0" in postfix.wait_outcome(address(user), "deferred")
        assert not postfix.outcomes(address(user))[0][0] == "bounced"
    postfix.delete_all()
    assert lmtpd.daemon.is_running()


def test_thousand_recipients(mail, lmtpd):
    """In one transaction, as RFC 2033 has it."""
    users = ["alice", "bob", "carol"]
    recipients = ["%s+%d@gatepost.test" % (users[i % 3], i)
                  for i in range(1001)]
    with LmtpClient(lmtpd.path) as client:
        answers, replies = client.send(new_message(), recipients)
        client.quit()
    assert [answer.code for answer in answers] == [250] * 1000 + [452]
    assert [reply.code for reply in replies] == [250] * 1000
    found = [re.search(b"Delivered-To: (.*)", text).group(1).decode()
             for user in users for text in mail.messages(user)]
    assert sorted(found) == sorted(recipients[:1000])


@needs_dovecot
def test_read_by_imap(mail, base):
    """Users by Dovecot, mail through Postfix, read by IMAP."""
    with Dovecot(base, base / "users") as dovecot, \
            Lmtpd(base, users="dovecot") as lmtpd:
        with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
            message = new_message(b"8 bit \xe4\r\n" * 1000)
            send(postfix, message, address("Alice"), address("nobody"))
            mail.wait_count("alice", 1)
            assert "550 5.1.1" in postfix.wait_outcome(
                address("nobody"), "bounced")
        odd = new_message(b"a bare \r here\r\n")
        with LmtpClient(lmtpd.path) as client:
            client.send(odd, [address("alice")])
            client.quit()
        client = dovecot.imap("alice")
        found = fetch_all(client)
        assert len(found) == 2
        assert found[0].endswith(message)
        assert found[1].endswith(odd)
        client.logout()


@needs_dovecot
def test_folders_by_imap(mail, base):
    """A detail's folder is made, listed, subscribed, and holds the mail."""
    with Dovecot(base, base / "users") as dovecot, \
            Lmtpd(base, users="dovecot", more="detail = create") as lmtpd:
        message = new_message()
        with LmtpClient(lmtpd.path) as client:
            _, replies = client.send(message, (
                "alice+Lists/dev@gatepost.test",
                "alice+Entw\u00fcrfe@gatepost.test"))
            client.quit()
        assert [reply.code for reply in replies] == [250, 250]
        client = dovecot.imap("alice")
        shown = b"\n".join(client.lsub()[1])
        assert b"Lists/dev" in shown and b"Entw&APw-rfe" in shown
        for folder in ("Lists/dev", "Entw&APw-rfe"):
            found = fetch_all(client, folder)
            assert [text.endswith(message) for text in found] == [True]
        assert fetch_all(client) == []
        client.logout()
    assert mail.files("alice") == []


@needs_dovecot
def test_idle_sees_a_delivery(mail, base):
    """A client that waits by IDLE is told."""
    with Dovecot(base, base / "users") as dovecot, Lmtpd(base) as lmtpd:
        with LmtpClient(lmtpd.path) as client:
            client.send(new_message(), [address("alice")])
            imap = dovecot.imap("alice")
            imap.select("INBOX")
            imap.send(b"A001 IDLE\r\n")
            assert imap.readline().startswith(b"+")
            client.send(new_message(), [address("alice")])
            assert b"2 EXISTS" in imap.readline()
            client.quit()
        imap.shutdown()


@needs_dovecot
def test_dovecot_hangs(mail, base):
    """A stuck userdb defers; when it goes on, the mail is delivered."""
    with Dovecot(base, base / "users") as dovecot, \
            Lmtpd(base, users="dovecot",
                  more="lookup_timeout = 500ms") as lmtpd:
        with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
            os.killpg(dovecot.daemon.pid, signal.SIGSTOP)
            try:
                send(postfix, new_message(), address("alice"))
                assert "451 4.3.0" in postfix.wait_outcome(
                    address("alice"), "deferred")
            finally:
                os.killpg(dovecot.daemon.pid, signal.SIGCONT)
            postfix.wait_empty()
    assert len(mail.messages("alice")) == 1


def test_large_message(mail, lmtpd, postfix):
    """30 MB for two recipients, over the memory limit of the spool."""
    line = b"0123456789abcdef" * 4 + b"\r\n"
    message = new_message(line * (30 * 1024 * 1024 // len(line)))
    send(postfix, message, address("alice"), address("bob"))
    for user in ("alice", "bob"):
        delivered = mail.wait_count(user, 1, timeout=120)[0]
        assert delivered.endswith(on_disk(message))
        assert ",S=%d," % len(delivered) in mail.files(user)[0].name
    assert lmtpd.daemon.is_running()


def test_loop(mail, lmtpd, postfix):
    """A message that was delivered to the address before bounces."""
    message = b"Delivered-To: Alice@gatepost.test\r\n" + new_message()
    send(postfix, message, address("alice"))
    assert "554 5.4.6" in postfix.wait_outcome(address("alice"), "bounced")
    assert not mail.files("alice")
    assert lmtpd.daemon.is_running()


def test_daemon_is_away(mail, postfix):
    """Mail waits in the queue until it is started."""
    send(postfix, new_message(), address("alice"))
    postfix.wait_outcome(address("alice"), "deferred")
    with Lmtpd(mail.base):
        postfix.wait_empty()
    assert len(mail.messages("alice")) == 1


def test_stops_behind_a_message(mail, lmtpd):
    """SIGTERM in the middle of a message: it is finished, then all ends."""
    with LmtpClient(lmtpd.path) as client, LmtpClient(lmtpd.path) as idle:
        client.command("MAIL FROM:<s@outside.test>")
        client.command("RCPT TO:<alice@gatepost.test>")
        client.command("DATA")
        client.socket.sendall(b"Subject: x\r\n")
        lmtpd.daemon.signal(signal.SIGTERM)
        assert idle.read().code == 421
        client.socket.sendall(b"\r\ntext\r\n.\r\n")
        assert client.read().code == 250
        assert client.read().code == 421
    lmtpd.stop()
    assert len(mail.messages("alice")) == 1


def test_reload(mail, lmtpd):
    """New sessions have the new settings, old ones keep theirs."""
    with LmtpClient(lmtpd.path) as old:
        lmtpd.reload(more="message_size_max = 100")
        with LmtpClient(lmtpd.path) as new:
            _, replies = new.send(new_message(b"x" * 200),
                                  [address("alice")])
            assert replies[0].code == 552
        _, replies = old.send(new_message(b"x" * 200), [address("alice")])
        assert replies[0].code == 250
    assert len(mail.messages("alice")) == 1


def test_reload_names_what_needs_a_restart(lmtpd):
    """Of what gatepost-lmtpd reads, and no more."""
    lmtpd.reload(more="connections_max = 7\n\tpid_file = /tmp/pid\n\t"
                      "message_size_max = 1M\n}\nmilter {\n\tpid_file = /x")
    warnings = r"reload: (\S+) has changed: restart gatepost-lmtpd\n"
    wait_until(lambda: len(re.findall(warnings, lmtpd.daemon.log_text())) == 2,
               20, "warnings")
    assert set(re.findall(warnings, lmtpd.daemon.log_text())) == {
        "deliver.connections_max", "deliver.pid_file"}


def test_root_becomes_each_recipient(base):
    """Started as root without a user: each one's files are his own."""
    mail = Mail(base)
    mail.root.chmod(0o777)
    lines = ["%s@gatepost.test:x:%d:%d::%s/%s\n" % (
        name, uid, uid, mail.root, name)
        for name, uid in (("alice", 5001), ("bob", 5002))]
    (base / "users").write_text("".join(lines))
    with Lmtpd(base, uid=0) as lmtpd:
        with LmtpClient(lmtpd.path) as client:
            _, replies = client.send(new_message(), [address("alice"),
                                                     address("bob")])
            client.quit()
    assert [reply.code for reply in replies] == [250, 250]
    for name, uid in (("alice", 5001), ("bob", 5002)):
        status = mail.files(name)[0].stat()
        assert (status.st_uid, status.st_gid) == (uid, uid)
        assert mail.maildir(name).stat().st_uid == uid


def test_drops_to_its_user(mail):
    """Started as root with user = nobody it is root no more."""
    shutil.chown(mail.root, "nobody")
    (mail.base / "users").write_text("alice@gatepost.test:::::%s/alice\n"
                                     % mail.root)
    with Lmtpd(mail.base, uid=0, user="nobody") as lmtpd:
        assert os.stat("/proc/%d" % lmtpd.daemon.pid).st_uid != 0
        with LmtpClient(lmtpd.path) as client:
            _, replies = client.send(new_message(), [address("alice")])
            client.quit()
    assert replies[0].code == 250
    assert len(mail.messages("alice")) == 1


def _send_many(path, count, failures):
    try:
        with LmtpClient(path) as client:
            for _ in range(count):
                _, replies = client.send(new_message(), [address("alice")])
                if replies[0].code != 250:
                    failures.append(replies[0])
            client.quit()
    except OSError as error:
        failures.append(error)


def test_many_small_messages(mail, lmtpd):
    """32 connections, one mailbox: each message is there once."""
    failures = []
    count = max(1, SMALL_COUNT // 32)
    threads = [threading.Thread(target=_send_many,
                                args=(lmtpd.path, count, failures))
               for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    messages = mail.messages("alice")
    assert len(messages) == len(set(messages)) == 32 * count
    wait_until(lambda: not mail.files("alice", part="tmp"), 20, "empty tmp")


def test_duplicates(mail, base):
    """A second copy by Postfix, and copies at the same time."""
    message = new_message()
    with Lmtpd(base, more="duplicate_window = 1h") as lmtpd:
        with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
            send(postfix, message, address("alice"), address("bob"))
            postfix.wait_empty()
            send(postfix, message, address("alice"))
            postfix.wait_empty()
            assert "Duplicate, dropped" in postfix.log_text()
        copies, codes = new_message(), []

        def one(number):
            with LmtpClient(lmtpd.path) as client:
                _, replies = client.send(
                    b"X-Number: %d\r\n" % number + copies, [address("carol")])
                codes.append(replies[0].code)
                client.quit()

        threads = [threading.Thread(target=one, args=(number,))
                   for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(codes) <= {250, 451} and codes.count(250) >= 1
    assert len(mail.files("alice")) == len(mail.files("bob")) == 1
    assert len(mail.files("carol")) == 1
