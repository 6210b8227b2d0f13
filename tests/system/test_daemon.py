"""The daemon itself: options, errors at start, reload and end."""
import grp
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time

import pytest

from fixture import message, zones
from fixture.milter import Milter, command, environment
from fixture.process import wait_until
from samples import forged, genuine

START_SECONDS = 60


def run(*arguments):
    """Runs the milter until it ends by itself."""
    return subprocess.run(command() + list(arguments), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=environment(),
                          timeout=START_SECONDS)


def run_with(config):
    """Runs it in the foreground with this configuration file."""
    return run("--foreground", "--config", str(config))


def assert_refused(result, *words):
    """It ended with an error that says all these words."""
    assert result.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    for word in words:
        assert word in result.stderr, result.stderr
    assert "Sanitizer" not in result.stderr


@pytest.fixture(name="stopped")
def _stopped(site, tmp_path):
    """A milter that is configured and not started."""
    tmp_path.chmod(0o755)
    milter = Milter(tmp_path, "unix:%s/s" % tmp_path,
                    dns_port=site.nsd.port, anchors=site.anchors)
    milter.write_config()
    return milter


@pytest.fixture(name="own")
def _own(site):
    """A milter of this test alone on the inet socket."""
    with site.milter(site.inet_socket) as milter:
        yield milter


def test_version_and_help():
    version = run("--version")
    assert version.returncode == 0
    assert version.stdout.startswith("gatepost-milter ")
    helped = run("--help")
    assert helped.returncode == 0
    for option in ("--foreground", "--config", "--version", "--help"):
        assert option in helped.stdout


def test_unknown_option():
    assert_refused(run("--no-such-option"), "no-such-option")


def test_missing_configuration(tmp_path):
    path = tmp_path / "none.conf"
    assert_refused(run_with(path), str(path), "No such file")


def test_configuration_is_a_directory(tmp_path):
    assert_refused(run_with(tmp_path), str(tmp_path))


def test_all_errors_of_the_configuration_are_told(stopped):
    text = stopped.config.read_text()
    stopped.config.write_text(
        text.replace('"reject"', '"perhaps"')
        .replace("timeout = 5s", "timeout = soon")
        .replace("general {", "general {\n\tcolour = green"))
    assert_refused(run_with(stopped.config), str(stopped.config), "on_reject",
                   "timeout", "colour")


def test_busy_unix_socket(site, stopped, milter):
    """The second milter refuses, the first goes on serving."""
    stopped.socket = milter.socket
    stopped.write_config()
    assert_refused(run_with(stopped.config), milter.socket.split(":")[1])
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    assert len(message.own_results(delivered)) == 1


def test_busy_inet_port(site, stopped, own):
    stopped.socket = own.socket
    stopped.write_config()
    assert_refused(run_with(stopped.config),
                   own.socket.split(":")[1].split("@")[0])
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test",
                             service="inet")
    assert len(message.own_results(delivered)) == 1


def test_socket_in_a_missing_directory(stopped):
    stopped.socket = "unix:/nonexistent/directory/socket"
    stopped.write_config()
    assert_refused(run_with(stopped.config), "/nonexistent/directory/socket")


def test_unknown_user(stopped):
    text = stopped.config.read_text()
    stopped.config.write_text(text.replace('user = ""',
                                           'user = "no-such-user"'))
    assert_refused(run_with(stopped.config), "no-such-user")


def test_stale_unix_socket_is_replaced(site):
    """What a killed milter leaves behind does not stop the next one."""
    with site.milter(site.unix_socket + "2") as milter:
        milter.kill()
        assert os.path.exists(milter.socket.split(":")[1])
        milter.start()
        assert milter.serves()


def test_access_of_the_unix_socket(site):
    """milter.socket_group and socket_mode."""
    group = grp.getgrnam("postfix")
    more = 'milter { socket_group = "postfix" }'
    with site.milter(site.unix_socket + "3", socket_mode="620",
                     more=more) as milter:
        status = os.stat(milter.socket.split(":")[1])
    assert status.st_gid == group.gr_gid
    assert stat.S_IMODE(status.st_mode) == 0o620


def test_pid_file(site, tmp_path):
    path = tmp_path / "milter.pid"
    with site.milter(site.inet_socket, pid_file=str(path)) as milter:
        wait_until(path.exists, 10, "pid file")
        assert int(path.read_text()) == milter.daemon.pid
    assert not path.exists()


def test_drops_to_the_user(site, stopped):
    """Started as root with user = "nobody" it keeps no root id."""
    text = stopped.config.read_text()
    stopped.config.write_text(text.replace('user = ""', 'user = "nobody"'))
    stopped.daemon.start()
    try:
        stopped.daemon.wait_ready(stopped.serves, START_SECONDS)
        with open("/proc/%d/status" % stopped.daemon.pid,
                  encoding="ascii") as status:
            lines = dict(line.split(":", 1) for line in status)
        assert "0" not in lines["Uid"].split() + lines["Gid"].split()
        assert int(lines["CapEff"], 16) == 0
    finally:
        stopped.stop()


def send_forged(site):
    """The reply's code for a forged message over the inet socket."""
    reply, _ = site.send(forged(), "boss@genuine.test", service="inet",
                         ip=zones.ATTACKER_IP4)
    return reply.code


def test_sighup_takes_a_good_file(site, own):
    assert send_forged(site) == 550
    own.write_config(on_reject="mark")
    own.daemon.signal(signal.SIGHUP)
    wait_until(lambda: send_forged(site) == 250, 20, "the new setting")


def test_sighup_keeps_the_old_on_a_bad_file(site, own):
    own.config.write_text(own.config.read_text().replace(
        "dmarc {", "dmarc {\n\tnonsense = 1"))
    own.daemon.signal(signal.SIGHUP)
    wait_until(lambda: "nonsense" in own.log_text(), 20, "error in the log")
    assert str(own.config) in own.log_text()
    assert send_forged(site) == 550
    own.write_config(on_reject="mark")
    own.daemon.signal(signal.SIGHUP)
    wait_until(lambda: send_forged(site) == 250, 20, "the new setting")


def test_sighup_in_a_session_changes_nothing_in_it(site, own):
    """A session keeps the configuration that it began with."""
    with site.client("inet", ip=zones.ATTACKER_IP4) as client:
        own.write_config(on_reject="mark")
        own.daemon.signal(signal.SIGHUP)
        wait_until(lambda: send_forged(site) == 250, 20, "the new setting")
        reply = client.send(forged(), "boss@genuine.test", site.recipient())
        assert reply.code == 550


class Sending(threading.Thread):
    """Sends one message over the inet socket in a thread."""

    def __init__(self, site, text):
        super().__init__(daemon=True)
        self.recipient, self.reply = site.recipient(), None
        self._site, self._text = site, text

    def run(self):
        with self._site.client("inet") as client:
            self.reply = client.send(self._text, "ann@genuine.test",
                                     self.recipient)
            client.quit()


def test_sigterm_drains(site):
    """A message at its end of message is finished before the milter ends.

    Of two messages at once one is over messages_max and deferred; by that we
    know that the other one is at its end of message.
    """
    slow_dns = site.slow_dns
    with site.milter(site.inet_socket, slow=True, messages_max=1) as milter:
        slow_dns.hold()
        try:
            sendings = [Sending(site, genuine(site.keys)) for _ in range(2)]
            for sending in sendings:
                sending.start()
            wait_until(lambda: "over messages_max" in milter.log_text(), 20,
                       "one message is deferred")
            milter.daemon.signal(signal.SIGTERM)
            wait_until(lambda: "stopping" in milter.log_text()
                       or not milter.daemon.is_running(), 20,
                       "the signal is taken")
        finally:
            slow_dns.release()
        for sending in sendings:
            sending.join(60)
        assert sorted(sending.reply.code for sending in sendings) \
            == [250, 451]
        assert milter.daemon.process.wait(30) == 0
    done, = [sending for sending in sendings if sending.reply.accepted]
    results, = message.own_results(site.postfix.wait_delivered(done.recipient))
    assert results.results("dmarc") == ["pass"]


def test_sigterm_without_work_ends_soon(site):
    with site.milter(site.inet_socket) as milter:
        milter.daemon.signal(signal.SIGTERM)
        assert milter.daemon.process.wait(10) == 0


def test_log_line_of_a_message(site, own):
    """One key=value line with queue id, client, results and action."""
    reply, _ = site.send(genuine(site.keys), "ann@genuine.test",
                         service="inet")
    queue_id = reply.text.split()[-1]
    lines = [line for line in own.log_text().splitlines()
             if queue_id in line]
    assert len(lines) == 1
    for word in ("client=%s" % zones.GENUINE_IP4, "dmarc=pass", "spf=pass",
                 "action=accept", "ms="):
        assert word in lines[0], lines[0]


def test_reload_and_stop_at_once(site, tmp_path):
    """No signal goes to libmilter's own thread, which would end it all."""
    tmp_path.chmod(0o755)
    for number in range(40):
        milter = Milter(tmp_path, "unix:%s/s%d" % (tmp_path, number),
                        dns_port=site.nsd.port, anchors=site.anchors)
        milter.start()
        for _ in range(5):
            milter.daemon.signal(signal.SIGHUP)
        milter.stop()  # complains of any other end than 0
        assert "has ended" not in milter.daemon.log_text(True)


# Each key that only a start reads, with a value that the tests never use.
START_ONLY = {
    "general.user": "nobody",
    "milter.socket": "inet:9@127.0.0.1",
    "milter.socket_group": "nogroup",
    "milter.socket_mode": "600",
    "milter.pid_file": "/nonexistent/pid",
    "scan.threads": "7",
    "dns.forward": '{"127.0.0.9"}',
    "dns.validate": "no",
    "store.backend": "none",
    "store.size": "7M",
}


def test_reload_names_what_needs_a_restart(own):
    """Each reload, as long as it differs from what was started."""
    plain = own.config.read_text()

    def reload(text, count):
        own.config.write_text(text)
        own.daemon.signal(signal.SIGHUP)
        wait_until(lambda: own.log_text().count("is in force") == count, 20,
                   "the reload")

    def warned():
        return re.findall(r"reload: (\S+) has changed: restart "
                          "gatepost-milter", own.log_text())

    reload(plain + "score { junk = 6 }\nmilter { }\n", 1)
    reload(with_keys(plain, START_ONLY), 2)
    wait_until(lambda: len(warned()) == len(START_ONLY), 20, "warnings")
    assert sorted(warned()) == sorted(START_ONLY)
    reload(with_keys(plain, {"scan.threads": "7"}), 3)
    wait_until(lambda: len(warned()) == len(START_ONLY) + 1, 20, "warning")
    assert warned()[-1] == "scan.threads"
    own.config.write_text(plain)


def with_keys(text, changes):
    """The configuration with these keys set anew."""
    for name, value in changes.items():
        section, key = name.split(".")
        text = re.sub(r"(?s)(%s \{.*?)\n\t%s = [^\n]*" % (section, key),
                      r"\1", text)
        text += '%s { %s = %s }\n' % (
            section, key, value if value[0] == "{" else '"%s"' % value)
    return text


def test_stop_is_quick_after_a_session(site):
    """libmilter alone takes up to 5 s; nothing waits for that."""
    with site.milter(site.inet_socket) as milter:
        site.deliver(genuine(site.keys), "ann@genuine.test", service="inet")
        began = time.monotonic()
        milter.daemon.stop(60)
        assert time.monotonic() - began < 4


@pytest.fixture(name="shared")
def _shared(site):
    """A directory that every user can reach and write."""
    path = pathlib.Path(tempfile.mkdtemp(dir=site.base))
    path.chmod(0o777)
    return path


def test_socket_of_another_user_is_not_taken(site, shared):
    """A socket that we may not connect to is in use all the same."""
    path = shared / "s"
    with site.milter("unix:%s" % path) as first:
        os.chmod(path, 0o600)
        second = Milter(shared, "unix:%s" % path, dns_port=site.nsd.port,
                        anchors=site.anchors)
        second.write_config()
        os.chmod(second.config, 0o644)
        result = subprocess.run(
            ["setpriv", "--reuid=nobody", "--regid=nogroup",
             "--clear-groups", *command(), "--foreground", "--config",
             str(second.config)],
            check=False, capture_output=True, text=True, env=environment(),
            timeout=START_SECONDS)
        assert_refused(result, "in use")
        assert path.exists()
        assert first.daemon.is_running()


def test_path_that_is_no_socket(stopped, tmp_path):
    path = tmp_path / "s"
    path.write_text("precious")
    assert_refused(run_with(stopped.config), "no socket")
    assert path.read_text() == "precious"


def test_pid_file_through_a_link(site, tmp_path):
    """A link that the directory's owner has put there is replaced."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    pid_file = tmp_path / "milter.pid"
    pid_file.symlink_to(precious)
    with site.milter(site.inet_socket, pid_file=str(pid_file)):
        assert not pid_file.is_symlink()
    assert precious.read_text() == "precious"


def detached_pid(pid_file):
    """The process id in the file, once it is there."""
    def read():
        return pid_file.exists() and pid_file.read_text().strip()
    return int(wait_until(read, START_SECONDS, "pid file"))


def test_in_the_background(site, shared):
    """Detached, as another user: serves, reloads, stops, leaves nothing."""
    place = shared / "run"
    place.mkdir()
    shutil.chown(place, "nobody")
    pid_file = place / "milter.pid"
    milter = Milter(shared, site.inet_socket, dns_port=site.nsd.port,
                    anchors=site.anchors, pid_file=str(pid_file),
                    user="nobody")
    milter.write_config()
    os.chmod(milter.config, 0o644)
    result = run("--config", str(milter.config))
    assert result.returncode == 0, result.stderr
    pid = detached_pid(pid_file)
    try:
        assert os.stat("/proc/%d" % pid).st_uid != 0
        assert send_forged(site) == 550
        milter.write_config(on_reject="mark")
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: send_forged(site) == 250, 20, "the new setting")
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not os.path.exists("/proc/%d" % pid), 30, "its end")
    assert not pid_file.exists()


def test_background_start_tells_errors(stopped):
    text = stopped.config.read_text()
    stopped.config.write_text(text.replace('user = ""',
                                           'user = "no-such-user"'))
    assert_refused(run("--config", str(stopped.config)), "no-such-user")
    assert not os.path.exists(stopped.socket.split(":")[1])
