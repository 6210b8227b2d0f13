"""Whatever dies when: what was answered 250 is there exactly once, byte for
byte, and all else is still in the queue of Postfix.

GATEPOST_CRASH_ROUNDS  how often each point is tried (1)
"""
import os
import shutil
import signal

import pytest

from fixture.deliverysite import (address, delivery_postfix, directory,
                                  new_message, on_disk, send)
from fixture.lmtp import LmtpClient
from fixture.lmtpd import Lmtpd, Mail, deliver
from fixture.process import wait_until

ROUNDS = int(os.environ.get("GATEPOST_CRASH_ROUNDS", "1"))
USERS = ("alice", "bob", "carol")
# Over the memory of the spool (64K), so that it has a file.
LARGE_BODY = b"0123456789abcdef0123456789abcdef\r\n" * 10000

# Named in deliver/, in the order of a delivery.
POINTS = ("connected", "recipient", "data", "spool-opened", "spool-write",
          "received", "directory-made", "tmp-created", "file-write",
          "file-written", "file-sync", "file-synced", "link", "linked",
          "directory-sync", "directory-synced", "stored", "replied",
          "settled")
# Reached once for each recipient: in the middle of them.
BETWEEN = ("tmp-created 2", "file-written 2", "file-synced 2", "linked 2",
           "directory-synced 2")
FAILURES = ("spool-write ENOSPC", "file-write ENOSPC", "file-write EDQUOT",
            "file-sync EIO", "file-sync ENOSPC", "link EROFS", "link EDQUOT",
            "directory-sync EIO")


@pytest.fixture(name="base", scope="module")
def _base():
    with directory() as path:
        yield path


@pytest.fixture(name="mail", scope="module")
def _mail(base):
    return Mail(base)


@pytest.fixture(name="lmtpd", scope="module")
def _lmtpd(mail):
    lmtpd = Lmtpd(mail.base, points=True)
    yield lmtpd
    lmtpd.daemon.kill()


@pytest.fixture(name="postfix", scope="module")
def _postfix(base, lmtpd):
    with delivery_postfix(base, "lmtp:unix:%s" % lmtpd.path) as postfix:
        yield postfix


def remove_mail(mail):
    """No user has a home any more."""
    for user in USERS:
        shutil.rmtree(mail.root / user, ignore_errors=True)


@pytest.fixture(name="empty", autouse=True)
def _empty(mail):
    """Each test finds no mail, not even the directories of a Maildir."""
    remove_mail(mail)
    yield
    remove_mail(mail)


def with_count(point, action):
    """"link 2" and "kill" are "link kill 2"."""
    name, _, count = point.partition(" ")
    return " ".join((name, action, count or "1"))


def send_all(postfix):
    """Two messages to all users; returns them."""
    messages = [new_message(LARGE_BODY), new_message()]
    for message in messages:
        send(postfix, message, *map(address, USERS))
    return messages


def assert_exactly_once(mail, messages):
    """Each user has each message, once, in new or cur, and nothing else."""
    for user in USERS:
        found = mail.messages(user)
        assert len(found) == len(messages), (user, len(found))
        for message in map(on_disk, messages):
            assert sum(text.endswith(message) for text in found) == 1


@pytest.mark.parametrize("point", POINTS + BETWEEN)
def test_lmtpd_is_killed(mail, lmtpd, postfix, point):
    for _ in range(ROUNDS):
        lmtpd.set_point(with_count(point, "kill"))
        lmtpd.start()
        messages = send_all(postfix)
        wait_until(lambda: not lmtpd.daemon.is_running(), 30,
                   "it dies at " + point)
        assert lmtpd.daemon.process.returncode == -signal.SIGKILL
        lmtpd.set_point("")
        with lmtpd:
            postfix.wait_empty()
        assert_exactly_once(mail, messages)
        remove_mail(mail)


def kill_clients(postfix):
    """kill -9 of the whole Postfix; it is started again later."""
    with open("/proc/%d/task/%d/children" % ((postfix.master_pid(),) * 2),
              encoding="ascii") as children:
        pids = [int(word) for word in children.read().split()]
    os.kill(postfix.master_pid(), signal.SIGKILL)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("point", (
    "recipient", "data", "received", "tmp-created", "file-written",
    "file-synced", "linked", "linked 2", "directory-synced", "stored"))
def test_postfix_is_killed(mail, lmtpd, postfix, point):
    """Before it has the answer: it sends again, and nothing is there twice."""
    for _ in range(ROUNDS):
        lmtpd.set_point(with_count(point, "stop"))
        lmtpd.start()
        messages = send_all(postfix)
        wait_until(lmtpd.is_stopped, 30, "it stops at " + point)
        kill_clients(postfix)
        lmtpd.daemon.signal(signal.SIGCONT)
        postfix.start()
        postfix.wait_empty()
        lmtpd.stop()
        assert_exactly_once(mail, messages)
        remove_mail(mail)


@pytest.mark.parametrize("failure", FAILURES)
def test_disk_fails(mail, lmtpd, postfix, failure):
    """Nothing bounces, nothing is left in tmp, and later all is delivered."""
    lmtpd.set_point(failure)
    with lmtpd:
        messages = send_all(postfix)
        for user in USERS:
            wait_until(lambda user=user: any(
                word == "deferred"
                for word, _ in postfix.outcomes(address(user))), 30,
                "deferred")
        wait_until(lambda: not any(mail.files(user, part="tmp")
                                   for user in USERS), 30, "empty tmp")
    lmtpd.set_point("")
    with lmtpd:
        postfix.wait_empty()
    assert_exactly_once(mail, messages)
    assert "status=bounced" not in postfix.log_text()


@pytest.mark.parametrize("point", POINTS[5:17] + BETWEEN)
@pytest.mark.usefixtures("lmtpd")  # it writes the configuration
def test_deliver_is_killed(mail, point):
    """gatepost-deliver: who sees it die runs it again."""
    recipients = list(map(address, USERS))
    message = on_disk(new_message(LARGE_BODY))
    result = deliver(mail.base, message, "-f", "s@x", *recipients,
                     points=True, point=with_count(point, "kill"))
    assert result.returncode == -signal.SIGKILL
    result = deliver(mail.base, message, "-f", "s@x", *recipients)
    assert (result.returncode, result.stdout) == (0, b"")
    assert_exactly_once(mail, [message])


def test_client_dies_with_the_answer_unread(mail, lmtpd):
    """Not even Postfix: a client that sends again what it has no answer to."""
    lmtpd.set_point("replied stop")
    lmtpd.start()
    message = new_message()
    client = LmtpClient(lmtpd.path)
    client.command("MAIL FROM:<s@outside.test>")
    client.command("RCPT TO:<alice@gatepost.test>")
    client.command("DATA")
    client.socket.sendall(message + b".\r\nQUIT\r\n")
    wait_until(lmtpd.is_stopped, 30, "it stops")
    client.close()
    lmtpd.daemon.signal(signal.SIGCONT)
    with LmtpClient(lmtpd.path) as client:
        _, replies = client.send(message, [address("alice")])
        assert replies[0].code == 250
        client.quit()
    lmtpd.stop()
    assert len(mail.messages("alice")) == 1
