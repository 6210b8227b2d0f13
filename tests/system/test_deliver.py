"""gatepost-deliver: run by pipe(8) of Postfix, and as local(8) runs it."""
import os
import pwd
import shutil
import signal
import subprocess

import pytest

from fixture import dovecot as dovecot_module
from fixture.deliverysite import (address, delivery_postfix, directory,
                                  new_message, on_disk, send)
from fixture.dovecot import Dovecot, fetch_all
from fixture.lmtpd import CONFIG, Mail, deliver, program
from fixture.milter import environment
from fixture.process import wait_until

NOBODY = pwd.getpwnam("nobody").pw_uid  # pipe(8) wants a user with a name
EX_NOUSER, EX_TEMPFAIL, EX_NOPERM = 67, 75, 77


def write_config(base, **changes):
    """gatepost.conf of base."""
    values = dict({"users": "file", "user": "", "more": "",
                   "secret": "",
                   "socket": "unix:%s/none" % base}, **changes)
    (base / "gatepost.conf").write_text(CONFIG.format(base=base, **values))


@pytest.fixture(name="base")
def _base():
    with directory() as path:
        write_config(path)
        yield path


@pytest.fixture(name="mail")
def _mail(base):
    """Mail of nobody."""
    mail = Mail(base)
    shutil.chown(mail.root, NOBODY)
    shutil.chown(base, NOBODY)  # temporary files
    mail.write_users("alice", "bob", "carol", uid=NOBODY)
    return mail


def pipe_postfix(base, flags="hu", command=None):
    """A Postfix whose transport is pipe(8) with our program."""
    if command is None:
        command = " ".join(program("gatepost-deliver") + [
            "-c", str(base / "gatepost.conf")])
    return delivery_postfix(base, "gatepost:", flags=flags,
                         argv=command + " -f ${sender} ${recipient}")


def run(base, message, *arguments, **options):
    """Runs it as nobody."""
    return deliver(base, message, *arguments, user=NOBODY, **options)


def test_pipe(mail, base):
    message = new_message(b".\r\n8 bit \xe4\r\n")
    with pipe_postfix(base) as postfix:
        send(postfix, message, address("alice"), address("bob+x"))
        postfix.wait_outcome(address("alice"), "sent")
        postfix.wait_outcome(address("bob+x"), "sent")
    delivered = mail.messages("alice")[0]
    assert delivered.startswith(
        b"Return-Path: <ann@outside.test>\n"
        b"Delivered-To: alice@gatepost.test\nReceived: ")
    assert delivered.endswith(on_disk(message))
    assert b"\nDelivered-To: bob+x@gatepost.test\n" in mail.messages("bob")[0]
    for user in ("alice", "bob"):
        assert not mail.files(user, part="tmp")


def test_pipe_with_headers_of_postfix(mail, base):
    """flags=DRO: what Postfix writes in front is not written twice."""
    message = new_message()
    with pipe_postfix(base, flags="DROhu") as postfix:
        send(postfix, message, address("alice"))
        postfix.wait_outcome(address("alice"), "sent")
    head = mail.messages("alice")[0].partition(b"\nReceived: ")[0]
    assert sorted(head.split(b"\n")) == [
        b"Delivered-To: alice@gatepost.test",
        b"Return-Path: <ann@outside.test>",
        b"X-Original-To: alice@gatepost.test"]


def test_unknown_user_bounces(mail, base):
    """Also of a message that is larger than a pipe holds."""
    with pipe_postfix(base) as postfix:
        send(postfix, new_message(b"x" * 70 * 1000 + b"\r\n"),
             address("nobody"))
        text = postfix.wait_outcome(address("nobody"), "bounced")
        assert "No such user" in text
        assert "dsn=5.1.1" in postfix.log_text()
    assert not mail.files("nobody")


def test_loop_bounces(mail, base):
    message = b"Delivered-To: alice@gatepost.test\r\n" + new_message()
    with pipe_postfix(base) as postfix:
        send(postfix, message, address("alice"))
        assert "loop" in postfix.wait_outcome(address("alice"), "bounced")
        assert "dsn=5.4.6" in postfix.log_text()
    assert not mail.files("alice")


@pytest.mark.parametrize("trouble", ("configuration", "no configuration",
                                     "users", "no right to write"))
def test_what_may_heal_waits(mail, base, trouble):
    """It is deferred, never bounced, and delivered when it has healed."""
    config = base / "gatepost.conf"
    good = config.read_text()
    if trouble == "configuration":
        config.write_text(good + "no such section {")
    elif trouble == "no configuration":
        config.unlink()
    elif trouble == "users":
        (base / "users").rename(base / "users.away")
    else:
        os.chown(mail.root, 0, 0)
    message = new_message()
    with pipe_postfix(base) as postfix:
        send(postfix, message, address("alice"))
        postfix.wait_outcome(address("alice"), "deferred")
        config.write_text(good)
        if (base / "users.away").exists():
            (base / "users.away").rename(base / "users")
        shutil.chown(mail.root, NOBODY)
        postfix.wait_empty()
        assert "status=bounced" not in postfix.log_text()
    assert [text.endswith(on_disk(message))
            for text in mail.messages("alice")] == [True]


def test_killed_waits(mail, base):
    """A crash of the program is no bounce."""
    script = base / "crash"
    script.write_text("#!/bin/sh\nkill -SEGV $$\n")
    script.chmod(0o755)
    with pipe_postfix(base, command=str(script)) as postfix:
        send(postfix, new_message(), address("alice"))
        postfix.wait_outcome(address("alice"), "deferred")
        postfix.delete_all()
    assert not mail.files("alice")


@pytest.mark.skipif(not dovecot_module.version(),
                    reason="dovecot-imapd is not installed")
def test_dovecot(mail, base):
    """Users by Dovecot, mail by pipe(8), read by IMAP."""
    write_config(base, users="dovecot")
    message = new_message()
    with Dovecot(base, base / "users") as dovecot:
        with pipe_postfix(base) as postfix:
            send(postfix, message, address("Alice"), address("who"))
            postfix.wait_outcome(address("who"), "bounced")
            mail.wait_count("alice", 1)
        client = dovecot.imap("alice")
        assert [text.endswith(message)
                for text in fetch_all(client)] == [True]
        client.logout()


def test_as_local_runs_it(mail, base):
    """.forward: a From line in front, and all else in the environment."""
    message = (b"From ann@outside.test  Tue Nov 24 10:00:00 2026\n"
               b"Return-Path: <ann@outside.test>\n"
               b"X-Original-To: alice@gatepost.test\n"
               b"Delivered-To: alice@gatepost.test\n"
               b"Received: by mx\nSubject: x\n\nFrom here\n")
    result = run(base, message, SENDER="ann@outside.test",
                 RECIPIENT="alice@gatepost.test")
    assert (result.returncode, result.stdout) == (0, b"")
    assert mail.messages("alice") == [message.partition(b"\n")[2]]


@pytest.mark.parametrize("sender", ("", "MAILER-DAEMON"))
def test_null_sender(mail, base, sender):
    result = run(base, b"Subject: x\n\n", "-f", sender, address("alice"))
    assert result.returncode == 0
    assert mail.messages("alice")[0].startswith(b"Return-Path: <>\n")


def test_odd_bytes(mail, base):
    """What comes by a pipe is not touched: CRLF, NUL, no last line end."""
    message = b"A: b\r\n\r\nnul \0 cr \r\r\n.\nFrom \nend"
    assert run(base, message, address("alice")).returncode == 0
    assert mail.messages("alice")[0].endswith(b"\n" + message)


@pytest.mark.parametrize("arguments, status, text", (
    ((address("nobody"),), EX_NOUSER, b"5.1.1 <nobody@"),
    ((address("alice"), address("nobody")), EX_NOUSER, b"5.1.1 <nobody@"),
    (("not an\naddress@",), EX_NOPERM, b"5.1.3 <"),
    ((), EX_NOPERM, b"5.1.3 <>"),
    (("-x",), EX_TEMPFAIL, b"4.3.5 "),
    (("--config",), EX_TEMPFAIL, b"4.3.5 "),
    (("-f", "a\nb", address("alice")), EX_TEMPFAIL, b"4.3.5 "),
    (("-c", "/nonexistent", address("alice")), EX_TEMPFAIL, b"4.3.5 "),
))
@pytest.mark.usefixtures("mail")
def test_outcomes(base, arguments, status, text):
    """One line that begins with the code, and a status that fits it."""
    result = run(base, b"x\n", *arguments, RECIPIENT="")
    assert result.returncode == status
    assert result.stdout.startswith(text)
    assert result.stdout.endswith(b"\n")


def test_some_of_several(mail, base):
    """One status for all: who may get it later gets it once, all others
    too."""
    os.mkdir(mail.root / "bob", 0o500)
    message = b"Subject: x\n\n"
    result = run(base, message, address("alice"), address("bob"))
    assert result.returncode == EX_TEMPFAIL
    assert result.stdout.startswith(b"4.3.0 <bob@")
    shutil.chown(mail.root / "bob", NOBODY)
    os.chmod(mail.root / "bob", 0o700)
    result = run(base, message, address("alice"), address("bob"))
    assert result.returncode == 0
    assert len(mail.messages("alice")) == len(mail.messages("bob")) == 1


def test_standard_input_is_closed(mail, base):
    """No message is trouble, not an empty message."""
    command = program("gatepost-deliver") + [
        "-e", "-c", str(base / "gatepost.conf"), address("alice")]
    result = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        user=NOBODY, group=NOBODY, extra_groups=[])
    assert result.returncode == EX_TEMPFAIL
    assert not mail.files("alice")


def test_root_delivers_to_nobody_of_uid_0(mail, base):
    """As root it becomes the recipient, and refuses uid 0."""
    with open(base / "users", "a", encoding="ascii") as users:
        users.write("root@gatepost.test:x:0:0::%s/root\n" % mail.root)
    result = deliver(base, b"x\n", address("root"), user=0)
    assert result.returncode == EX_TEMPFAIL
    assert not (mail.root / "root").exists()
    assert deliver(base, b"x\n", address("alice"), user=0).returncode == 0
    assert mail.files("alice")[0].stat().st_uid == NOBODY


def test_parallel(mail, base):
    """The same bytes by many at once: each is a message."""
    command = program("gatepost-deliver") + [
        "-e", "-c", str(base / "gatepost.conf"), address("alice")]
    source = base / "message"
    source.write_bytes(b"Subject: x\n\n")
    children = []
    for _ in range(20):
        with open(source, "rb") as message:
            children.append(subprocess.Popen(
                command, stdin=message, stderr=subprocess.DEVNULL,
                env=environment(), user=NOBODY, group=NOBODY,
                extra_groups=[]))
    statuses = [child.wait() for child in children]
    assert set(statuses) <= {0, EX_TEMPFAIL}
    assert len(mail.messages("alice")) == statuses.count(0)
    assert statuses.count(0) == 20
    wait_until(lambda: not mail.files("alice", part="tmp"), 20, "empty tmp")


def test_interrupted(mail, base):
    """SIGTERM while the message comes in: nothing is delivered."""
    command = program("gatepost-deliver") + [
        "-e", "-c", str(base / "gatepost.conf"), address("alice")]
    with subprocess.Popen(command, stdin=subprocess.PIPE,
                          env=environment(), user=NOBODY, group=NOBODY,
                          extra_groups=[]) as child:
        child.stdin.write(b"Subject: x\n")
        child.stdin.flush()
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == -signal.SIGTERM
    assert not mail.files("alice")
