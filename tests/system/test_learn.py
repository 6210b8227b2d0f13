"""`gatepost learn` and `gatepost reputation` with an lmdb store: no server."""
import grp
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

import pytest

from fixture.milter import build_directory
from fixture.redis import Redis

AUTHSERV_ID = "mx.home.test"
CLIENT = "192.0.2.1"
NETWORK = "192.0.2.0/24"
TAUGHT = 5  # messages that a person's word counts as
EXIT_USAGE, EXIT_DATA, EXIT_TEMPORARY = 2, 65, 75

RESULTS = """\
Authentication-Results: mx.home.test;
\tiprev=pass policy.iprev=192.0.2.1;
\tspf=pass smtp.mailfrom=bob@news.far.test;
\tspf=none smtp.helo=mail.far.test;
\tdkim=pass header.d=far.test header.s=a header.b=abcdefgh;
\tdmarc=pass header.from=far.test
"""
RECEIVED = """\
Received: from mail.far.test (out.far.test [192.0.2.1])
\tby mx.home.test (Postfix) with ESMTPS id 4X; Mon, 1 Jan 2024 00:00:00 +0000
"""


def message(number=1, results=RESULTS, received=RECEIVED, body="text\n"):
    """A delivered message as it lies in a mailbox."""
    return ("Return-Path: <bob@news.far.test>\n%s%sFrom: bob@far.test\n"
            "Message-ID: <%d@far.test>\n\n%s" % (
                results, received, number, body)).encode()


MESSAGES, PROGRAMS = 10, 6


class Home:
    """A configuration with a store of its own."""

    def __init__(self, base):
        self.base = base
        self.store = base / "store"
        self.config = base / "gatepost.conf"
        self.configure()

    def configure(self, store="", more=""):
        """Writes the configuration."""
        self.config.write_text("\n".join((
            'general { authserv_id = "%s" }' % AUTHSERV_ID,
            "store {", 'path = "%s"' % self.store, store, "}", more, "")))

    def run(self, *arguments, **options):
        """Runs gatepost; returns the finished process."""
        command, *rest = map(str, arguments)
        return subprocess.run(
            [str(build_directory() / "gatepost"), command,
             "--config", str(self.config), *rest],
            capture_output=True, timeout=60,
            env=dict(os.environ, ASAN_OPTIONS="detect_leaks=1"), **options)

    def begin(self, *arguments):
        """Starts gatepost; its process."""
        command, *rest = map(str, arguments)
        return subprocess.Popen(
            [str(build_directory() / "gatepost"), command,
             "--config", str(self.config), *rest],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def learn(self, lesson, *paths, **options):
        """Teaches; returns the summary."""
        run = self.run("learn", lesson, *paths, **options)
        assert run.returncode == 0, run.stderr
        return run.stdout.decode().strip()

    def counters(self, name):
        """{(kind, claimed): (ham, spam)} of what is known of a name."""
        run = self.run("reputation", "--json", "show", name)
        assert run.returncode == 0, run.stderr
        found = {(row["kind"], row["claimed"]):
                 (round(row["ham"], 1), round(row["spam"], 1))
                 for row in json.loads(run.stdout)}
        return {row: pair for row, pair in found.items() if any(pair)}

    def address(self):
        """Ham and spam of the client."""
        return self.counters(CLIENT).get(("address", False), (0, 0))


@pytest.fixture(name="redis")
def _redis(tmp_path):
    with Redis(tmp_path) as redis:
        yield redis


@pytest.fixture(name="home")
def _home(tmp_path):
    return Home(tmp_path)


def test_twice_the_other_way_and_back(home):
    path = home.base / "message"
    path.write_bytes(message())
    assert home.learn("spam", path) == "1 message: 1 learned as spam"
    assert home.address() == (0, TAUGHT)
    assert home.learn("spam", path) == (
        "1 message: 0 learned as spam, 1 had been learned before")
    assert home.address() == (0, TAUGHT)
    assert home.learn("ham", path) == (
        "1 message: 1 learned as ham, 1 of them had been spam")
    assert home.address() == (TAUGHT, 0)
    assert home.learn("forget", path) == "1 message: 1 forgotten"
    assert home.address() == (0, 0)
    assert home.learn("forget", path) == (
        "1 message: 0 forgotten, 1 had not been learned")


def test_two_sources_of_one_message(home):
    other = "192.0.2.77"
    twin = message().replace(b"[192.0.2.1]", b"[192.0.2.77]").replace(
        b"iprev=192.0.2.1", b"iprev=192.0.2.77")
    assert home.learn("spam", input=message()) == "1 message: 1 learned as spam"
    assert home.learn("spam", input=twin) == "1 message: 1 learned as spam"
    assert home.address() == (0, TAUGHT)
    assert home.counters(other)[("address", False)] == (0, TAUGHT)
    home.learn("forget", input=twin)
    assert home.address() == (0, TAUGHT)
    assert ("address", False) not in home.counters(other)


@pytest.mark.parametrize("backend", ["lmdb", "redis"])
def test_parallel_programs_count_once(home, backend, request):
    if backend == "redis":
        redis = request.getfixturevalue("redis")
        home.configure('backend = redis\nredis = {"127.0.0.1:%d"}' % redis.port)
    box = home.base / "mbox"
    box.write_bytes(mbox(*range(MESSAGES)))
    for lesson, word, expected in (
            ("spam", "learned as spam", (0, MESSAGES * TAUGHT)),
            ("ham", "learned as ham", (MESSAGES * TAUGHT, 0)),
            ("forget", "forgotten", (0, 0))):
        runs = [home.begin("learn", lesson, box) for _ in range(PROGRAMS)]
        texts = [run.communicate(timeout=60) for run in runs]
        assert [run.returncode for run in runs] == [0] * PROGRAMS, texts
        counts = [int(out.split(b": ")[1].split()[0]) for out, _ in texts]
        assert sum(counts) == MESSAGES, (word, texts)
        assert home.address() == expected


def test_everything_that_it_came_from(home):
    home.learn("spam", input=message())
    assert home.counters(CLIENT) == {
        ("address", False): (0, TAUGHT), ("network", False): (0, TAUGHT)}
    assert home.counters(NETWORK) == {("network", False): (0, TAUGHT)}
    assert home.counters("www.far.test") == {
        ("domain", False): (0, TAUGHT), ("ptr", False): (0, TAUGHT),
        ("helo", False): (0, TAUGHT)}


def test_forged_names_are_not_harmed(home):
    results = RESULTS.replace("pass", "fail")
    home.learn("spam", input=message(results=results))
    assert home.counters("far.test") == {
        ("ptr", True): (0, TAUGHT), ("helo", True): (0, TAUGHT)}
    home.learn("forget", input=message(results=results))
    home.learn("ham", input=message(2, results=results))
    assert home.counters("far.test") == {}
    assert home.address() == (TAUGHT, 0)


def maildir(base, *numbers):
    """A Maildir with these messages, one of them in a folder."""
    for place in ("cur", "new", "tmp", ".Junk/cur", ".Junk/new", ".Junk/tmp"):
        (base / place).mkdir(parents=True)
    first, second, third = numbers
    (base / "cur" / "1.a:2,S").write_bytes(message(first))
    (base / "new" / "2.b").write_bytes(message(second))
    (base / ".Junk" / "cur" / "3.c:2,").write_bytes(
        b"From us all\n" + message(third))
    (base / "tmp" / "4.d").write_bytes(message(99))
    (base / "subscriptions").write_bytes(message(98))
    (base / "cur" / ".hidden").write_bytes(message(97))
    (base / "again").symlink_to(base)
    return base


def mbox(*numbers):
    """An mbox with these messages; a line of a body begins with From."""
    return b"".join(
        b"From bob@far.test Mon Jan  1 00:00:00 2024\n"
        + message(number, body="text\n>From me\nFrom here on\n\nend\n")
        + b"\n" for number in numbers)


def test_maildir_with_folders(home):
    path = maildir(home.base / "Maildir", 1, 2, 3)
    assert home.learn("spam", path) == "3 messages: 3 learned as spam"
    assert home.learn("spam", path / "cur") == (
        "1 message: 0 learned as spam, 1 had been learned before")


def test_mbox_and_the_same_messages_as_files(home):
    box = home.base / "mbox"
    box.write_bytes(mbox(1, 2, 3))
    assert home.learn("ham", box) == "3 messages: 3 learned as ham"
    assert home.address() == (3 * TAUGHT, 0)
    plain = home.base / "files" / "deeper"
    plain.mkdir(parents=True)
    body = "text\nFrom me\nFrom here on\n\nend"
    (plain / "2").write_bytes(message(2, body=body))
    (plain / "3").write_bytes(
        message(3, body=body).replace(b"\n", b"\r\n"))
    (plain / "4").write_bytes(message(4, body=body))
    assert home.learn("ham", home.base / "files", box) == (
        "6 messages: 1 learned as ham, 5 had been learned before")
    assert home.learn("forget", "-", input=mbox(1, 2, 3, 4)) == (
        "4 messages: 4 forgotten")
    assert home.address() == (0, 0)


def test_strange_input(home):
    (home.base / "empty").write_bytes(b"")
    (home.base / "nul").write_bytes(message(1, body="a\0b\n") + b"\0" * 9000)
    (home.base / "long").write_bytes(message(2, body="x" * 300000))
    (home.base / "broken").write_bytes(b"\xff\n\n\nFrom \n\nFrom \n")
    (home.base / "froms").write_bytes(b"From \nFrom \n\nFrom \n\nFrom ")
    run = home.run("learn", "spam", *(
        home.base / name for name in (
            "empty", "nul", "long", "broken", "froms")))
    assert run.returncode == 0, run.stderr
    assert b"2 learned as spam" in run.stdout


def test_messages_of_others_are_told_and_counted(home):
    run = home.run("learn", "spam", input=message(results=""))
    assert run.returncode == EXIT_DATA
    assert run.stderr == (
        b"gatepost: standard input: not received by this host, nothing to "
        b"learn: "
        b"no Authentication-Results of mx.home.test\n")
    assert run.stdout == (
        b"1 message: 0 learned as spam, 1 not received by this host\n")
    evil = RECEIVED.replace("[192.0.2.1]", "[203.0.113.1]")
    run = home.run("learn", "spam", input=message(results=evil + RESULTS))
    assert run.returncode == EXIT_DATA
    assert b"1 not received by this host" in run.stdout
    assert b"what mx.home.test found may be forged" in run.stderr
    run = home.run("learn", "ham", "-", input=b"".join(
        b"From x\n" + message(i, results="") + b"\n" for i in range(30)))
    assert b"30 not received by this host" in run.stdout
    assert run.stderr.count(b"nothing to learn") == 10
    assert home.address() == (0, 0)


def test_another_authserv_id_is_named(home):
    foreign = RESULTS.replace("mx.home.test", "mx.far.test")
    run = home.run("learn", "spam", input=message(results=foreign))
    assert run.returncode == EXIT_DATA
    assert (b"Authentication-Results of mx.far.test, and authserv_id is "
            b"mx.home.test\n") in run.stderr
    hostile = RESULTS.replace("mx.home.test", '"a\x1b[2J%s"' % ("b" * 900))
    run = home.run("learn", "spam", input=message(results=hostile))
    assert run.returncode == EXIT_DATA
    assert b"\x1b" not in run.stderr and len(run.stderr) < 400


def test_some_messages_of_others(home):
    (home.base / "ours").write_bytes(message())
    (home.base / "theirs").write_bytes(message(results=""))
    for _ in range(2):
        run = home.run("learn", "spam", home.base / "ours",
                       home.base / "theirs")
        assert run.returncode == 0
        assert run.stdout.startswith(b"2 messages: ")
        assert run.stdout.endswith(b", 1 not received by this host\n")
    (home.base / "nothing").mkdir()
    assert home.learn("spam", home.base / "nothing") == (
        "0 messages: 0 learned as spam")


@pytest.fixture(name="public")
def _public():
    """A directory into which everybody may look."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-public-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes other users")
def test_ordinary_users(public):
    """Only members of the group of the store may learn."""
    home = Home(public)
    shutil.copy(build_directory() / "gatepost", public / "gatepost")
    home.learn("forget", input=message())
    group, nobody = grp.getgrnam("daemon"), pwd.getpwnam("nobody")
    for path in (home.store, *home.store.iterdir()):
        os.chown(path, 0, group.gr_gid)

    def learn(*groups):
        return subprocess.run(
            [str(public / "gatepost"), "learn", "spam", "--config",
             str(home.config)], input=message(), capture_output=True,
            timeout=60, user=nobody.pw_uid, group=nobody.pw_gid,
            extra_groups=groups, check=False)
    run = learn()
    assert run.returncode == EXIT_TEMPORARY
    assert (b"run this as root, or as a member of the group daemon\n"
            in run.stderr)
    run = learn(group.gr_gid)
    assert run.returncode == 0, run.stderr
    assert run.stdout == b"1 message: 1 learned as spam\n"
    assert home.address() == (0, TAUGHT)


def test_progress_of_many(home):
    run = home.run("learn", "ham", input=b"".join(
        b"From x\n" + message(i) + b"\n" for i in range(1000)))
    assert run.returncode == 0
    assert run.stderr == b"1000 messages\n"
    assert run.stdout == b"1000 messages: 1000 learned as ham\n"


def test_paths_that_cannot_be_read(home):
    path = home.base / "message"
    path.write_bytes(message())
    run = home.run("learn", "spam", home.base / "none", path)
    assert run.returncode == EXIT_USAGE
    assert b"none: No such file" in run.stderr
    assert run.stdout == b"1 message: 1 learned as spam\n"


@pytest.mark.parametrize("arguments", [
    ("learn",), ("learn", "eggs"), ("learn", "--eggs", "spam"),
    ("reputation",), ("reputation", "show"), ("reputation", "eggs", "a.test"),
    ("reputation", "--json", "forget", "a.test"),
    ("reputation", "show", "bob@far.test"),
    ("reputation", "show", "bob@far.test", "alice@"),
    ("reputation", "show", "192.0.2.0/23"),
    ("reputation", "forget", "a..test"),
])
def test_usage(home, arguments):
    home.learn("spam", input=message())
    run = home.run(*arguments, input=b"")
    assert run.returncode == EXIT_USAGE
    assert run.stderr and not run.stdout


@pytest.mark.parametrize("command", ["learn", "reputation"])
def test_help(home, command):
    run = home.run(command, "--help")
    assert run.returncode == 0
    assert b"usage: gatepost %s" % command.encode() in run.stdout


@pytest.fixture(name="closed_port")
def _closed_port():
    """A port on which nobody answers: bound, never listened on."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_store_that_cannot_be_reached(home, closed_port):
    home.configure(
        'backend = redis\nredis = {"127.0.0.1:%d"}' % closed_port)
    for arguments in (("learn", "spam"), ("reputation", "show", CLIENT),
                      ("reputation", "forget", CLIENT)):
        run = home.run(*arguments, input=message())
        assert run.returncode == EXIT_TEMPORARY
        assert b"store: redis cannot be reached: " in run.stderr
    home.configure("backend = none")
    run = home.run("learn", "spam", input=message())
    assert run.returncode == EXIT_TEMPORARY
    assert b"share no store" in run.stderr


def test_to_look_makes_no_store(home):
    run = home.run("reputation", "show", CLIENT)
    assert run.returncode == EXIT_TEMPORARY
    assert b"there is no store yet" in run.stderr
    assert not home.store.exists()


def test_forget_a_name(home):
    home.learn("spam", input=message())
    run = home.run("reputation", "forget", CLIENT, "far.test")
    assert run.stdout == b"192.0.2.1: forgotten\nfar.test: forgotten\n"
    assert home.counters(CLIENT) == {("network", False): (0, TAUGHT)}
    assert home.counters("far.test") == {}
    run = home.run("reputation", "forget", CLIENT, NETWORK, "far.test")
    assert run.returncode == 0
    assert run.stdout == (
        b"nothing was known of 192.0.2.1\n192.0.2.0/24: forgotten\n"
        b"nothing was known of far.test\n")
    run = home.run("reputation", "show", CLIENT)
    assert b"192.0.2.1: nothing is known" in run.stdout


def test_table(home):
    home.learn("spam", input=message())
    run = home.run("reputation", "show", CLIENT)
    rows = [line.split() for line in run.stdout.decode().splitlines()]
    assert rows == [
        ["KIND", "NAME", "HAM", "SPAM", "POINTS", "SYMBOL"],
        ["address", CLIENT, "0.0", "5.0", "0.67", "REPUTATION_ADDRESS_BAD"],
        ["network", NETWORK, "0.0", "5.0", "0.5", "REPUTATION_NETWORK_BAD"]]
    # What two names share stands there once.
    many = (CLIENT, NETWORK, CLIENT, "192.0.2.200", "203.0.113.1")
    run = home.run("reputation", "show", *many)
    assert [line.split() for line in run.stdout.decode().splitlines()] == \
        rows + [["203.0.113.1:", "nothing", "is", "known"]]
    run = home.run("reputation", "--json", "show", *many)
    assert [row["kind"] for row in json.loads(run.stdout)] == [
        "address", "network"]
    home.configure(more="symbols { REPUTATION_ADDRESS_BAD = off "
                        "REPUTATION_NETWORK_BAD = 3 }")
    run = home.run("reputation", "--json", "show", CLIENT)
    assert [row["score"] for row in json.loads(run.stdout)] == [0, 1]


def test_another_half_life_begins_anew(home):
    home.learn("spam", input=message())
    home.configure(more="reputation { half_life = 7d }")
    assert home.address() == (0, 0)
    home.learn("forget", input=message())
    home.learn("ham", input=message())
    assert home.address() == (TAUGHT, 0)
    home.configure()
    assert home.address() == (0, TAUGHT)


@pytest.mark.parametrize("text,reason", [
    ("learn_ham = 8", b"learn_ham: is not below"),
    ("half_life = 1m", b"half_life"),
    ("known_lifetime = 0s", b"known_lifetime"),
    ("enabled = perhaps", b"enabled"),
])
def test_bad_configuration(home, text, reason):
    home.configure(more="reputation { %s }" % text)
    run = home.run("learn", "ham", input=message())
    assert run.returncode == EXIT_USAGE
    assert reason in run.stderr


ZONE = """\
$TTL 60
$ORIGIN test.
@ SOA ns host 1 1 1 1 1
far TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.far TXT "v=DMARC1; p=reject"
out.far A 192.0.2.1
$ORIGIN arpa.
1.2.0.192.in-addr PTR out.far.test.
"""


def check(home, client=CLIENT):
    """The verdict of `gatepost check` on a new message of bob@far.test."""
    zone = home.base / "zone"
    zone.write_text(ZONE)
    run = home.run("check", "--json", "--zone", zone, "--client-ip", client,
                   "--helo", "out.far.test", "--mail-from", "bob@far.test",
                   "--rcpt-to", "alice@home.test",
                   input=b"From: bob@far.test\nMessage-ID: <77@far.test>\n"
                         b"\ntext\n")
    assert run.stderr == b"", run.stderr
    return json.loads(run.stdout)


def points(verdict):
    """{symbol: points} of the history in a verdict."""
    return {symbol["name"]: symbol["score"] for symbol in verdict["symbols"]
            if symbol["group"] == "history"}


def test_check_without_a_store(home):
    assert points(check(home)) == {}
    assert not home.store.exists()


def test_check_reads_and_teaches_nothing(home):
    home.learn("forget", input=message())
    new = check(home)
    assert points(new) == {"FIRST_FROM_NETWORK": 0.3, "FIRST_FROM_DOMAIN": 0.2}
    assert points(check(home)) == points(new)
    home.learn("ham", "-", input=mbox(*range(10)))
    known = check(home)
    assert points(known) == {
        "REPUTATION_ADDRESS_GOOD": -0.83, "REPUTATION_NETWORK_GOOD": -0.42,
        "REPUTATION_PTR_GOOD": -0.42, "REPUTATION_HELO_GOOD": -0.25,
        "REPUTATION_DOMAIN_GOOD": -1.67}
    assert known["score"] < new["score"] - 3
    # From another network nothing proves the names.
    assert points(check(home, "198.51.100.9")) == {"FIRST_FROM_NETWORK": 0.3}
    home.configure(more="reputation { enabled = no }")
    assert points(check(home)) == {}


def test_what_was_checked_can_be_learned(home):
    """The header fields that we write are those that learning reads."""
    home.learn("forget", input=message())
    verdict = check(home)
    fields = "".join("%s: %s\n" % (header["name"], header["value"])
                     for header in verdict["headers"])
    received = RECEIVED.replace("mail.far.test", "out.far.test")
    home.learn("spam", input=message(results=fields, received=received))
    assert home.counters("far.test") == {
        ("domain", False): (0, TAUGHT), ("ptr", False): (0, TAUGHT),
        ("helo", False): (0, TAUGHT)}
    assert home.address() == (0, TAUGHT)
