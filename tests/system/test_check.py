"""`gatepost check` and `gatepost config`: no server, DNS from a zone file."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from fixture.message import compose
from fixture.milter import build_directory
from fixture.sign import Keys, break_body
from samples import GTUBE

CORPORA = pathlib.Path(os.environ.get(
    "GATEPOST_CORPORA",
    pathlib.Path(__file__).resolve().parents[2] / "../shared/corpora"))

EXIT_HAM, EXIT_JUNK, EXIT_USAGE, EXIT_TEMPORARY = 0, 1, 2, 75
CLIENT = "198.51.100.7"
BOMB_WIDTH = 10
BOMB_DEPTH = 3
EVERY = 5  # a process each: a fifth of the messages is enough here


def _argument(value):
    return value if isinstance(value, bytes) else str(value)


def gatepost(*arguments, **options):
    """Runs the tool; returns the finished process."""
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1")
    return subprocess.run(
        [str(build_directory() / "gatepost"), *map(_argument, arguments)],
        capture_output=True, timeout=60, env=environment, **options)


def bomb(name, depth):
    """Records of a tree of includes, BOMB_WIDTH wide at every level."""
    if depth == 0:
        return ['%s TXT "v=spf1 exists:x.%s -all"' % (name, name)]
    children = ["i%d.%s" % (i, name) for i in range(BOMB_WIDTH)]
    strings = ['"v=spf1"'] + ['" include:%s.test"' % child
                              for child in children] + ['" ?all"']
    lines = ["%s TXT %s" % (name, " ".join(strings))]
    for child in children:
        lines += bomb(child, depth - 1)
    return lines


@pytest.fixture(scope="module")
def keys():
    """Keys of evil.com and genuine.test."""
    return Keys()


@pytest.fixture(scope="module")
def zone(tmp_path_factory, keys):
    """A zone file with all names of this file."""
    records = []
    for domain in ("evil.com.", "genuine.test."):
        for name, text in keys.records().items():
            strings = " ".join('"%s"' % text[i:i + 200]
                               for i in range(0, len(text), 200))
            records.append("%s._domainkey.%s TXT %s" % (
                name, domain, strings))
    path = tmp_path_factory.mktemp("zone") / "test.zone"
    path.write_text("\n".join([
        "$TTL 60",
        "$ORIGIN test.",
        "@ SOA ns host 1 1 1 1 1",
        '_dmarc.x.com. TXT "v=DMARC1; p=reject"',
        '_dmarc.genuine TXT "v=DMARC1; p=reject"',
        'genuine TXT "v=spf1 ip4:%s -all"' % CLIENT,
        '_dmarc.soft TXT "v=DMARC1; p=quarantine"',
        *bomb("bomb", BOMB_DEPTH), *records, ""]))
    return path


def check(zone, message, *arguments):
    """The JSON verdict on a message, and the exit status."""
    run = gatepost("check", "--json", "--zone", zone, *arguments,
                   input=message)
    assert run.stderr == b"", run.stderr
    return json.loads(run.stdout), run.returncode


def test_signature_of_another_domain_is_no_dmarc_pass(zone, keys):
    message = keys.sign_rsa(compose("a@x.com"), "evil.com")
    verdict, status = check(zone, message)
    assert [(s["result"], s["domain"]) for s in verdict["auth"]["dkim"]] == [
        ("pass", "evil.com")]
    assert verdict["auth"]["dmarc"]["result"] == "fail"
    assert verdict["auth"]["dmarc"]["policy"] == "reject"
    assert verdict["action"] == "reject"
    assert status == EXIT_JUNK


def test_nested_include_bomb_ends_after_ten_lookups(zone):
    verdict, _ = check(zone, compose("a@bomb.test"), "--client-ip", CLIENT,
                       "--mail-from", "a@bomb.test")
    assert verdict["auth"]["spf"]["result"] == "permerror"
    assert verdict["auth"]["spf"]["lookups"] <= 10


def test_genuine_message(zone, keys):
    message = keys.sign_both(compose("a@genuine.test"), "genuine.test")
    verdict, status = check(zone, message, "--client-ip", CLIENT,
                            "--mail-from", "<a@genuine.test>")
    assert status == EXIT_HAM
    assert verdict["action"] == "accept"
    assert [s["result"] for s in verdict["auth"]["dkim"]] == ["pass", "pass"]
    assert verdict["auth"]["spf"]["result"] == "pass"
    assert verdict["auth"]["dmarc"]["result"] == "pass"
    assert verdict["headers"][0]["name"] == "Authentication-Results"


def symbols_of_list_mail(zone, author, domain):
    """Of a message that says that it comes by a list of the domain, sent by
    genuine.test."""
    extra = ["List-Id: <talk.%s>" % domain, "Precedence: list",
             "List-Unsubscribe: <https://lists.%s/u>" % domain,
             "MIME-Version: 1.0", "Content-Type: text/html"]
    message = compose(author, extra=extra,
                      body='<a href="https://other.test/">here</a>\r\n')
    verdict, _ = check(zone, message, "--client-ip", CLIENT, "--mail-from",
                       "bounces@genuine.test")
    assert verdict["auth"]["spf"]["result"] == "pass"
    return [symbol["name"] for symbol in verdict["symbols"]]


def test_a_list_excuses_links_only_when_it_is_proven(zone):
    name = "URL_NONE_OF_SENDER"
    assert name not in symbols_of_list_mail(zone, "a@b.test", "genuine.test")
    assert name in symbols_of_list_mail(zone, "a@b.test", "list.test")
    assert name in symbols_of_list_mail(
        zone, "a@mail.genuine.test", "genuine.test")


@pytest.mark.parametrize("body", [
    "Hello\r\n", "\r\n\r\nx\r\n\r\n\r\n", "x" * 200000 + "\r\ny\r\n",
    ("x" * 65534 + "\r\n") * 3, "x\r\n" * 50000, "x\r\n" * 21845 + "xx\r\n",
], ids=range(6))
def test_lf_and_crlf_files_verify_alike(zone, keys, body):
    message = keys.sign_rsa(compose("a@genuine.test", body=body),
                            "genuine.test")
    for variant in (message.replace(b"\r\n", b"\n"),
                    message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")):
        verdict, _ = check(zone, variant)
        assert verdict["auth"]["dkim"][0]["result"] == "pass"
    verdict, _ = check(zone, break_body(message))
    assert verdict["auth"]["dkim"][0]["result"] == "fail"


def test_quarantine_is_junk(zone):
    verdict, status = check(zone, compose("a@soft.test"))
    assert (verdict["action"], status) == ("junk", EXIT_JUNK)


def test_contract_of_the_keys(zone):
    verdict, _ = check(zone, compose("a@soft.test"))
    assert {"action", "score", "required", "symbols", "auth", "headers",
            "reasons"} <= set(verdict)
    assert {"spf", "helo_spf", "dkim", "dmarc", "arc", "iprev"} <= set(
        verdict["auth"])


MANUALS = pathlib.Path(__file__).resolve().parents[2] / "doc"


def documented(page, begin, end):
    """The literal words of a part of a manual page."""
    text = (MANUALS / page).read_text()
    part = text[text.index(begin):]
    part = part[:part.index(end, len(begin))]
    return set(re.findall(r"\w+", " ".join(
        re.findall(r"(?m)^\.(?:It )?Li (.*)$", part))))


def keys_of(value):
    """All keys of all objects in a JSON value."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


def test_the_manual_has_every_key_of_the_json(zone, keys):
    """And no other: what it names is there in one verdict or another."""
    message = compose("a@x.com", body="http://a.test/\r\n")
    full, _ = check(zone, keys.sign_rsa(message, "evil.com"),
                    "--client-ip", CLIENT, "--mail-from", "a@genuine.test",
                    "--helo", "genuine.test")
    assert full["reply"].endswith("[%s]" % full["id"])
    words = documented("gatepost.1", ".Sh JSON OF A MESSAGE", "\n.Sh ")
    results = {"accept", "junk", "quarantine", "tempfail", "reject", "none"}
    header = {"X", "Gatepost", "Verdict"}
    assert words - results - header == keys_of(full)


def test_not_evaluated_is_none_and_nothing_else(zone):
    verdict, _ = check(zone, compose("a@open.test"))
    for method in ("spf", "helo_spf", "iprev"):
        assert verdict["auth"][method] == {"result": "none"}
    assert verdict["auth"]["arc"] is None
    assert verdict["reply"] is None


def test_the_manual_has_every_group_and_decision(zone):
    """Those that have no key do not stand among the keys."""
    words = documented("gatepost.conf.5", "\n.Sh SYMBOLS", "\n.Sh ")
    shown = gatepost("config", "show", "symbols").stdout.decode()
    groups = {line.split()[1] for line in shown.splitlines()}
    assert groups <= words
    header = (MANUALS.parent / "lib/scan/symbols.h").read_text()
    decisions = header[header.index("#define SYMBOL_DECISIONS"):]
    names = set(re.findall(r"X\((\w+), \"", decisions))
    assert len(names) == 5
    assert names <= words
    verdict, _ = check(zone, compose("a@soft.test"),
                       "--client-ip", "192.0.2.1")
    assert {symbol["group"] for symbol in verdict["symbols"]} <= words


def test_text_form_tells_the_same(zone):
    run = gatepost("check", "--zone", zone, input=compose("a@soft.test"))
    assert run.returncode == EXIT_JUNK
    assert b"Action: junk" in run.stdout
    assert b"soft.test says that such mail is suspect" in run.stdout


PARTS = """\
From: a@b.test
Subject: http://subject.test/
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Hi <a href="http://u@www.evil.co.uk:81/x">www.bank.com</a>
--b
Content-Type: application/pdf; name="=?utf-8?b?Y29k4oCuZXhl?="
Content-Disposition: attachment
Content-Transfer-Encoding: base64

YW*Jj
"""


def test_parts_and_urls_are_shown():
    run = gatepost("check", "--offline", input=PARTS.encode())
    text = run.stdout.decode()
    for line in (
            "  multipart/mixed [no end]",
            "    text/html 61 bytes utf-8",
            r'    application/pdf 3 bytes attachment "cod\xe2\x80\xaeexe"'
            " [broken base64]",
            "  subject.test             http://subject.test/ [subject]",
            "  evil.co.uk               http://u@www.evil.co.uk:81/x shown as"
            " www.bank.com [link, user, port]"):
        assert line + "\n" in text
    verdict = json.loads(gatepost("check", "--offline", "--json",
                                  input=PARTS.encode()).stdout)
    assert [part["type"] for part in verdict["parts"]] == [
        "multipart/mixed", "text/html", "application/pdf"]
    assert verdict["parts"][2] == {
        "type": "application/pdf", "depth": 1, "charset": "", "bytes": 3,
        "disposition": "attachment", "name": "cod\u202eexe", "shown": False,
        "damage": ["broken base64"]}
    assert verdict["urls"][1] == {
        "url": "http://u@www.evil.co.uk:81/x", "host": "www.evil.co.uk",
        "domain": "evil.co.uk", "text": "www.bank.com",
        "text_host": "www.bank.com", "part": 1,
        "flags": ["link", "user", "port"]}
    assert verdict["limits"] == []


def test_outbound_mail_is_judged_by_its_content():
    """Neither by who delivered it nor by what Postfix completes."""
    options = ("check", "--outbound", "--offline", "--json",
               "--client-ip", CLIENT, "--mail-from", "a@genuine.test")
    message = (b"From: a@genuine.test\n\na few words to read, as mail has "
               b"http://203.0.113.9/\n")
    run = gatepost(*options, input=message)
    verdict = json.loads(run.stdout)
    assert run.returncode == EXIT_HAM
    assert [symbol["name"] for symbol in verdict["symbols"]] == [
        "URL_NUMERIC_HOST"]
    assert verdict["headers"] == []
    assert verdict["auth"]["spf"]["result"] == "none"
    run = gatepost(*options, input=message + GTUBE.encode())
    assert run.returncode == EXIT_JUNK
    assert json.loads(run.stdout)["action"] == "reject"


def test_many_urls_are_shown_in_part():
    message = "From: a@b.test\n\n" + "".join(
        "http://a%d.test/\n" % i for i in range(60))
    text = gatepost("check", "--offline", input=message.encode()).stdout
    assert text.count(b".test/ [text]") == 50
    assert b"\n  and 10 more\n" in text


def test_offline_asks_nothing(zone):
    run = gatepost("check", "--json", "--offline", "--client-ip", CLIENT,
                   "--mail-from", "a@genuine.test",
                   input=compose("a@genuine.test"))
    verdict = json.loads(run.stdout)
    assert run.returncode == EXIT_HAM
    assert verdict["auth"]["spf"]["result"] == "temperror"
    assert verdict["auth"]["dmarc"]["result"] == "temperror"


def test_temporary_failure_status(zone, tmp_path):
    config = tmp_path / "gatepost.conf"
    config.write_text("dmarc { on_temperror = tempfail }\n")
    run = gatepost("check", "--json", "--offline", "--config", config,
                   input=compose("a@genuine.test"))
    assert run.returncode == EXIT_TEMPORARY
    assert json.loads(run.stdout)["action"] == "tempfail"


@pytest.mark.parametrize("arguments, told", [
    (["check", "--client-ip", "1.2.3"], b"--client-ip"),
    (["check", "--no-such-option"], b"no-such-option"),
    (["check", "/nonexistent/message"], b"/nonexistent/message"),
    (["check", "--zone", "/nonexistent.zone", "-"], b"/nonexistent.zone"),
    (["check", "--zone", "x", "--offline"], b"usage"),
    (["check", "--config", "/nonexistent.conf"], b"/nonexistent.conf"),
    (["no-such-command"], b"no-such-command"),
    (["config", "check", "--config", "/nonexistent.conf"],
     b"/nonexistent.conf"),
    ([], b"usage"),
])
def test_bad_usage_is_told(arguments, told):
    run = gatepost(*arguments, input=b"")
    assert run.returncode != 0
    assert told in run.stderr


def test_zone_with_an_error_names_the_line(tmp_path):
    path = tmp_path / "bad.zone"
    path.write_text("$TTL 60\n$ORIGIN test.\na A 1.2.3.4.5\n")
    run = gatepost("check", "--zone", path, input=b"")
    assert run.returncode == EXIT_USAGE
    assert b"bad.zone:3:" in run.stderr


@pytest.mark.parametrize("arguments", [
    ["/nonexistent"], ["--zone", "/nonexistent", "-"]])
def test_a_missing_file_is_told_in_one_line(arguments):
    run = gatepost("check", *arguments, input=b"")
    assert run.returncode == EXIT_USAGE
    assert run.stderr.count(b"\n") == 1
    assert b"/nonexistent: No such file or directory" in run.stderr


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version(argument):
    assert gatepost(argument).returncode == 0
    for command in ("check", "config"):
        assert gatepost(command, argument).returncode == 0


def test_lost_output_is_no_success():
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [str(build_directory() / "gatepost"), "check", "--offline"],
            input=compose("a@genuine.test"), stdout=full,
            stderr=subprocess.PIPE, timeout=60, check=False)
    assert run.returncode == EXIT_TEMPORARY


def test_every_error_of_a_configuration_in_one_run(tmp_path):
    path = tmp_path / "bad.conf"
    path.write_text("general {\n\tno_such_key = 1\n\tlog_level = loud\n}\n"
                    "milter {\n\tsocket = \"nowhere\"\n"
                    "\tmessages_max = 0\n}\n")
    run = gatepost("config", "check", "--config", path)
    assert run.returncode != 0
    for line, word in ((2, b"no_such_key"), (3, b"log_level"),
                       (6, b"socket"), (7, b"messages_max")):
        assert b"bad.conf:%d: " % line in run.stderr
        assert word in run.stderr


ABSENT = """general { user = no-such-user }
milter {
\tsocket_group = no-such-group
}
dns { trust_anchor_file = "/nonexistent/root.key" }
store {
\tpath = "/nonexistent/store"

\ttls_ca_file = "/nonexistent/ca.pem"
}
"""
ABSENT_TOLD = (
    '1: general.user: this host has no user "no-such-user"',
    '3: milter.socket_group: this host has no group "no-such-group"',
    "5: dns.trust_anchor_file: /nonexistent/root.key: No such file or "
    "directory",
    "7: store.path: there is no directory /nonexistent/store; make it: "
    "install -d -o no-such-user -m 770 /nonexistent/store",
    "9: store.tls_ca_file: /nonexistent/ca.pem: No such file or directory",
)


WARNING = "gatepost: warning: general.authserv_id is "


def config_check(path, text):
    """What `gatepost config check` says of a file with this text, but not
    of the name of the host that runs the tests."""
    path.write_text(text)
    run = gatepost("config", "check", "--config", path)
    lines = [line for line in run.stderr.decode().splitlines(True)
             if not line.startswith(WARNING)]
    return run.returncode, "".join(lines).replace("%s:" % path, "")


def test_what_this_host_does_not_have(tmp_path):
    status, told = config_check(tmp_path / "a.conf", ABSENT)
    assert status == 1
    assert tuple(told.splitlines()) == ABSENT_TOLD


def test_the_daemon_checks_the_same_host(tmp_path):
    path = tmp_path / "a.conf"
    path.write_text(ABSENT)
    run = subprocess.run([str(build_directory() / "gatepost-milter"),
                          "--check", "--config", str(path)],
                         capture_output=True, timeout=60, check=False)
    assert run.returncode == 1
    for line in ABSENT_TOLD:
        assert "%s:%s" % (path, line) in run.stderr.decode()


DELIVERY = """general { user = no-such-user }
deliver {
\tsocket = {"unix:/nonexistent/lmtp", "inet:24@127.0.0.1"}
\tsocket_group = no-such-group
\tpid_file = "/nonexistent/pid"
\tuser = root
\tspool_directory = "/nonexistent/spool"
\tusers = %s
\tdovecot_socket = "unix:/nonexistent/userdb"
\tpasswd_file = "/nonexistent/users"
\tsieve_socket = "unix:/nonexistent/sieve"
\tquota_socket = "unix:/nonexistent/quota"
}
"""
NO_DOVECOT = ("there is no socket /nonexistent/%s: Dovecot does not run, or "
              "listens elsewhere")
DELIVERY_TOLD = (
    '6: deliver.user: "root" is root',
    "3: deliver.socket: there is no directory /nonexistent",
    '4: deliver.socket_group: this host has no group "no-such-group"',
    "5: deliver.pid_file: there is no directory /nonexistent",
    "7: deliver.spool_directory: /nonexistent/spool: No such file or "
    "directory",
    "%s",
    "11: deliver.sieve_socket: " + NO_DOVECOT % "sieve",
    "12: deliver.quota_socket: " + NO_DOVECOT % "quota",
)


@pytest.mark.parametrize("users, told", [
    ("dovecot", "9: deliver.dovecot_socket: " + NO_DOVECOT % "userdb"),
    ("file", "10: deliver.passwd_file: /nonexistent/users: No such file or "
             "directory"),
])
def test_host_of_deliveries(tmp_path, users, told):
    """gatepost-lmtpd looks at what it reads itself, and config check at that
    of both daemons."""
    path = tmp_path / "a.conf"
    expected = "\n".join(DELIVERY_TOLD) % told
    status, text = config_check(path, DELIVERY % users)
    assert status == 1
    assert text.endswith("\n%s\n" % expected), text
    assert '1: general.user: this host has no user "no-such-user"' in text
    run = subprocess.run([str(build_directory() / "gatepost-lmtpd"),
                          "--check", "--config", str(path)],
                         capture_output=True, timeout=60, check=False)
    assert run.returncode == 1
    lines = [line.partition("%s:" % path)[2]
             for line in run.stderr.decode().splitlines()]
    assert "\n".join(lines) == expected


@pytest.mark.parametrize("text, told", [
    ("general { user = root }", '1: general.user: "root" is root\n'),
    ('general { user = "" }\nstore { path = "%s" }',
     "2: store.path: %s is no directory\n"),
    ('general { user = "" }\nstore { path = "%s/x" }',
     "2: store.path: %s/x: Not a directory\n"),
    ('general { user = "" }\nclamav { socket = "unix:/nonexistent/clamd" }',
     "2: clamav.socket: there is no socket /nonexistent/clamd: clamd does not "
     "run, or LocalSocket in its clamd.conf is another\n"),
    ('general { user = "" }\nclamav { socket = "unix:%s" }',
     "2: clamav.socket: %s is no socket\n"),
    ('general { user = "" }\nclamav { socket = "inet:1@127.0.0.1" }', ""),
    ('general { user = "" }\nguard { smtp = "unix:/nonexistent/smtp" }',
     "2: guard.smtp: there is no socket /nonexistent/smtp: no mail server "
     "listens there\n"),
    ('general { user = "" }\n'
     'guard { notify = off smtp = "unix:/nonexistent/smtp" }', ""),
    ('general { user = "" }\nsign { key_dir = "%s" }',
     "2: sign.key_dir: %s: is no directory\n"),
    ('general { user = nobody }\nstore { path = "/nonexistent/none" }',
     "2: store.path: there is no directory /nonexistent/none; make it: "
     "install -d -o nobody -g nogroup -m 770 /nonexistent/none\n"),
    ('general { user = nobody }\nstore { path = "%s/.." }',
     "2: store.path: %s/..: Not a directory\n"),
    ('general { user = "" }\ndns { trust_anchor_file = "/tmp" }',
     "2: dns.trust_anchor_file: /tmp: is no regular file\n"),
    ('general { user = "" }\nmilter {\nsocket = "unix:/nonexistent/s"\n'
     'pid_file = "/run/nonexistent/pid"\n}',
     "3: milter.socket: there is no directory /nonexistent\n"
     "4: milter.pid_file: there is no directory /run/nonexistent (the service "
     "manager may make it at start: RuntimeDirectory)\n"),
    ('general { user = "" }\nmilter {\nsocket = "unix:/tmp/s"\n'
     'pid_file = "/tmp/pid"\n}', ""),
    ('general { user = "" }\nstore { backend = none path = "/nonexistent" }\n'
     "dns { validate = no trust_anchor_file = /nonexistent }", ""),
])
def test_host_in_detail(tmp_path, text, told):
    path = str(tmp_path / "plain")
    (tmp_path / "plain").write_text("")
    if "store" not in text:
        text += " store { backend = none }"
    status, stderr = config_check(
        tmp_path / "a.conf", text.replace("%s", path))
    assert stderr == told.replace("%s", path)
    assert status == (1 if told else 0)


@pytest.mark.parametrize("owner, group, mode, good", [
    ("nobody", "root", 0o700, True),
    ("root", "nogroup", 0o770, True),
    ("root", "root", 0o777, True),
    ("nobody", "nogroup", 0o577, False),
    ("root", "nogroup", 0o757, False),
    ("root", "root", 0o770, False),
])
def test_whether_the_user_may_write_the_store(tmp_path, owner, group, mode,
                                              good):
    store = tmp_path / "store"
    store.mkdir()
    shutil.chown(store, owner, group)
    store.chmod(mode)
    status, stderr = config_check(
        tmp_path / "a.conf",
        'general { user = nobody }\nstore { path = "%s" }' % store)
    assert stderr == ("" if good else "2: store.path: nobody may not write in "
                      "%s; let it: install -d -o nobody -g nogroup -m 770 "
                      "%s\n" % (store, store))
    assert status == (0 if good else 1)


@pytest.mark.parametrize("name, warned", [
    ("mx", True), ("mx.example.org", False)])
def test_a_name_without_a_domain_is_warned_of(tmp_path, name, warned):
    path = tmp_path / "a.conf"
    path.write_text('general { user = "" authserv_id = "%s" }\n'
                    "store { backend = none }\n" % name)
    run = gatepost("config", "check", "--config", path)
    assert run.returncode == 0
    assert run.stderr.decode().startswith(WARNING + '"mx"') == warned
    assert bool(run.stderr) == warned


@pytest.mark.parametrize("text, told", [
    ("score {\n\tjunk = 20\n}", "2: score.reject: is below score.junk"),
    ("score {\n\n\treject = 4\n}", "3: score.reject: is below score.junk"),
    ("score { junk = 0 }", "1: score.junk: must be above 0"),
    ("clamav {\n\tsocket = \"clamd:3310\"\n}",
     "2: clamav.socket: must be unix:/PATH, inet:PORT@HOST or "
     "inet6:PORT@HOST"),
    ("guard {\n\tmessages = 100\n}",
     "2: guard.messages: must be a number in a time, such as 100/1m or "
     '1000/1h, or off, not "100"'),
    ("guard {\n\tnotify = \"a b@c\"\n}",
     "2: guard.notify: must be a mail address, a name of this host, or off"),
    ("guard {\n\tsmtp = \"mail.example.com:25\"\n}",
     "2: guard.smtp: must be unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST"),
    ("reputation {\n\tlearn_spam = 0.5\n}",
     "2: reputation.learn_ham: is not below reputation.learn_spam"),
    ("symbols {\n\tSPF_FIAL = 2.0\n}",
     "2: symbols.SPF_FIAL: unknown key; did you mean SPF_FAIL?"),
    ("symbols {\n\tSPF_FAIL = 2,0\n}",
     "2: symbols.SPF_FAIL: use a point, 2.0"),
    ('symbols {\n\tSPF_FAIL = "2,0 Words"\n}',
     "2: symbols.SPF_FAIL: use a point in a number, such as 2.0"),
])
def test_mistakes_have_their_line_and_what_helps(tmp_path, text, told):
    status, stderr = config_check(tmp_path / "a.conf", text)
    assert status == 1
    assert stderr.splitlines()[0] == told


def test_a_file_that_cannot_be_opened_has_no_line():
    run = gatepost("config", "check", "--config", "/nonexistent.conf")
    assert run.stderr.decode().splitlines()[0] == \
        "/nonexistent.conf: cannot be opened: No such file or directory"


def test_shown_configuration_reads_back(tmp_path):
    shown = gatepost("config", "show")
    path = tmp_path / "gatepost.conf"
    path.write_bytes(shown.stdout)
    again = gatepost("config", "show", "--config", path)
    assert (shown.returncode, again.returncode) == (0, 0)
    assert shown.stdout == again.stdout
    example = gatepost("config", "show", "--example")
    path.write_bytes(example.stdout)
    assert gatepost("config", "show",
                    "--config", path).stdout == shown.stdout


NAMED = b"""From: a@b.test\r
To: c@d.test\r
Subject: x\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
\r
text to read\r
--b\r
Content-Type: application/octet-stream\r
Content-Disposition: attachment; filename*=%s\r
\r
MZ\r
--b--\r
"""


@pytest.mark.parametrize("name, shown", [
    (b"utf-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.exe", "請求書.exe"),
    (b"utf-8''R%C3%A4tsel%E2%80%AEfdp.exe", r"Rätsel\xe2\x80\xaefdp.exe"),
    (b"utf-8''a%1B[2J.exe", "a␛[2J.exe"),
])
def test_names_are_told_as_they_are(name, shown):
    """Letters stay letters for a person; what is not seen, and what would turn
    the text, is told; header fields stay ASCII."""
    message = NAMED % name
    text = gatepost("check", "--offline", input=message).stdout.decode()
    told = "it brings a program, %s" % shown
    assert told in text
    assert all(line.replace("\t", "").isprintable()
               for line in text.split("\n"))
    run = gatepost("check", "--json", "--offline", input=message)
    verdict = json.loads(run.stdout)
    symbol, = [s for s in verdict["symbols"]
               if s["name"] == "ATTACHMENT_EXECUTABLE"]
    assert symbol["reason"] == told
    assert told in verdict["reasons"]
    assert all(header["value"].isascii() for header in verdict["headers"])


@pytest.mark.parametrize("folder", ["dkim", "arc"])
def test_no_message_of_the_corpora_fails(folder):
    """What others wrote of mail itself: tests/conformance/test_content.py."""
    files = [path for path in sorted((CORPORA / folder).rglob("*"))
             if path.is_file()][::EVERY]
    if not files:
        pytest.skip("corpora absent: no messages of %s" % folder)
    for path in files:
        run = gatepost("check", "--json", "--offline", path)
        assert run.returncode in (EXIT_HAM, EXIT_JUNK), (path, run.stderr)
        json.loads(run.stdout)


@pytest.mark.parametrize("message", [
    b"", b"\n", b"\r\n\r\n", b"\0" * 1000, b"From:", b"From: a@b",
    b"x" * 100000, b"From: <a@b.test>\n" * 40000,
    b"DKIM-Signature: " + b"a" * 200000 + b"\n\nx",
    b"From: " + b"(" * 100000 + b"\n\nx",
    b"From: a@" + b"b." * 50000 + b"\n\nx",
    bytes(range(256)) * 100,
], ids=range(12))
def test_broken_messages_are_judged(message):
    run = gatepost("check", "--json", "--offline", "--client-ip", CLIENT,
                   "--mail-from", "a@b.test", input=message)
    assert run.returncode in (EXIT_HAM, EXIT_JUNK), run.stderr
    json.loads(run.stdout)
