"""`gatepost lists`: no server, DNS from a zone file."""
import json
import socket
import time

import pytest

from test_check import EXIT_USAGE, gatepost

ALL_ON, ONE_OFF = 0, 1
SAMPLE = b"From: a@b.example\n\ntext\n"
TEST_ENTRIES = [
    "2.0.0.127.zen.spamhaus.org. A 127.0.0.2",
    "2.0.0.127.bl.spamcop.net. A 127.0.0.2",
    "2.0.0.127.psbl.surriel.com. A 127.0.0.2",
    "2.0.0.127.bl.spameatingmonkey.net. A 127.0.0.2",
    "2.0.0.127.list.dnswl.org. A 127.0.10.0",
    "test.dbl.spamhaus.org. A 127.0.1.2",
    "surbl-org-permanent-test-point.com.multi.surbl.org. A 127.0.0.254",
    "test.uribl.com.multi.uribl.com. A 127.0.0.14",
    "_dnsbl_.test.uribl.spameatingmonkey.net. A 127.0.0.2",
    "_dnsbl_.test.fresh.spameatingmonkey.net. A 127.0.0.2",
]
HITS = [
    "9.2.0.192.zen.spamhaus.org. A 127.0.0.4",
    "9.2.0.192.list.dnswl.org. A 127.0.5.1",
    "xn--bse-sna.example.dbl.spamhaus.org. A 127.0.1.4",
]


def write(path, lines):
    path.write_text("\n".join(["$TTL 60", *lines, ""]))
    return path


@pytest.fixture(name="zone")
def _zone(tmp_path):
    """All lists work, and hold a few subjects."""
    return write(tmp_path / "good.zone", TEST_ENTRIES + HITS)


@pytest.fixture(name="bad_zone")
def _bad_zone(tmp_path):
    """SpamCop refuses us, URIBL lists everything, PSBL nothing."""
    return write(tmp_path / "bad.zone", [
        line for line in TEST_ENTRIES + HITS
        if "spamcop" not in line and "psbl" not in line
    ] + ["*.bl.spamcop.net. A 127.255.255.254",
         "*.multi.uribl.com. A 127.0.0.2"])


def lines_of(run):
    return run.stdout.decode().splitlines()


def test_all_lists_are_on(zone):
    run = gatepost("lists", "--zone", zone)
    assert run.returncode == ALL_ON
    assert run.stderr == b""
    lines = lines_of(run)
    assert len(lines) == 12
    assert lines[0].split() == ["Spamhaus", "ZEN", "zen.spamhaus.org",
                                "client,", "relay,", "URL", "address",
                                "on"]
    assert [line.split()[-1] for line in lines] == ["on"] * 11 + ["disabled"]


def test_lists_that_are_off_say_why(bad_zone):
    run = gatepost("lists", "--zone", bad_zone)
    assert run.returncode == ONE_OFF
    assert run.stderr == b""
    off = {line.split()[0]: line.split("off: ", 1)[1]
           for line in lines_of(run) if " off: " in line}
    assert sorted(off) == ["PSBL", "SpamCop", "URIBL"]
    assert "a public resolver asks" in off["SpamCop"]
    assert "leave forward in section dns empty" in off["SpamCop"]
    assert "for everything" in off["URIBL"]
    assert "127.0.0.2 is missing" in off["PSBL"]


def test_hits_in_words(zone):
    run = gatepost("lists", "--zone", zone, "192.0.2.9", "b\u00f6se.example",
                   "good.example", "10.0.0.1", "bob@example.com")
    assert run.returncode == ALL_ON
    text = run.stdout.decode()
    assert "192.0.2.9 is a hijacked machine (Spamhaus ZEN XBL)" in text
    assert "zen.spamhaus.org says 127.0.0.4" in text
    assert "-0.5  RWL_DNSWL_LOW" in text
    assert "xn--bse-sna.example is a phishing domain" in text
    assert "good.example\n  no list holds it" in text
    assert "10.0.0.1\n  not asked, so nothing is known: lists hold no " \
        "private or reserved addresses\n" in text
    assert "bob@example.com\n  not asked, so nothing is known: lists of mail " \
        "addresses are off (hash_lists in section lists)\n" in text


def test_what_was_not_asked_is_told(bad_zone):
    run = gatepost("lists", "--zone", bad_zone, "192.0.2.9")
    assert run.returncode == ONE_OFF
    told = [line for line in lines_of(run) if line.startswith("Not asked")]
    assert len(told) == 3
    assert "RBL_ZEN_XBL" in run.stdout.decode()
    assert "RBL_SPAMCOP" not in run.stdout.decode()


ADVICE = "no list answers: does this host reach DNS? See dns.forward in " \
    "gatepost.conf(5)."


@pytest.fixture(name="mute")
def _mute(tmp_path):
    """A configuration whose resolver takes questions and never answers."""
    config = tmp_path / "mute.conf"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        config.write_text(
            'dns {\n\tforward = {"127.0.0.1@%d"}\n\tvalidate = no\n'
            "\ttimeout = 200ms\n}\nstore { backend = none }\n"
            % taker.getsockname()[1])
        yield config


def test_no_list_answers(mute):
    run = gatepost("lists", "--config", mute)
    assert run.returncode == ONE_OFF
    assert sum("off: no answer about" in line for line in lines_of(run)) == 11
    assert run.stderr.decode() == "gatepost: %s\n" % ADVICE


def test_no_list_answers_about_something(mute):
    run = gatepost("lists", "--config", mute, "192.0.2.9", "a.example")
    assert run.returncode == ONE_OFF
    assert lines_of(run) == [
        "192.0.2.9",
        "  not asked, so nothing is known: no list of addresses is on",
        "a.example",
        "  not asked, so nothing is known: no list of domains is on"]
    assert run.stderr.decode() == "gatepost: %s\n" % ADVICE


def test_no_list_answers_in_json(mute):
    run = gatepost("lists", "--json", "--config", mute)
    assert run.returncode == ONE_OFF
    assert {row["state"] for row in json.loads(run.stdout)["lists"]} == {
        "off", "disabled"}
    assert run.stderr.decode() == "gatepost: %s\n" % ADVICE


def test_one_answer_is_no_silence(bad_zone):
    assert ADVICE not in gatepost("lists", "--zone", bad_zone).stderr.decode()


def test_why_a_subject_is_not_asked_about(zone, tmp_path):
    config = tmp_path / "gatepost.conf"
    config.write_text("lists { enabled = no }\n")
    run = gatepost("lists", "--config", config, "--zone", zone, "192.0.2.9")
    assert run.stdout.decode() == (
        "192.0.2.9\n  not asked, so nothing is known: lists are not enabled "
        "(enabled in section lists)\n")
    run = gatepost("lists", "--zone", zone, "localhost")
    assert "lists hold no names without a dot" in run.stdout.decode()


def not_asked(run):
    """What `gatepost check` tells of lists that it did not ask."""
    assert run.returncode in (0, 1), run.stderr
    return [line[len("Not asked: "):] for line in lines_of(run)
            if line.startswith("Not asked: ")]


def check(*arguments, message=SAMPLE):
    """What the text tells; the JSON tells the same."""
    told = not_asked(gatepost("check", *arguments, input=message))
    run = gatepost("check", "--json", *arguments, input=message)
    assert told == ["%(subject)s: %(reason)s" % row
                    for row in json.loads(run.stdout)["not_asked"]]
    return told


def test_check_tells_what_was_not_asked(zone, bad_zone, mute, tmp_path):
    client = ("--client-ip", "192.0.2.9")
    assert check("--offline") == ["all lists: --offline"]
    assert check("--zone", zone, *client) == []
    assert check("--zone", zone) == ["lists about the client: no --client-ip"]
    assert check("--zone", zone, "--client-ip", "10.0.0.1") == [
        "lists about the client: its address is private or reserved"]
    told = check("--zone", bad_zone, *client)
    assert [line.split(": ")[:2] for line in told] == [
        ["SpamCop", "off"], ["PSBL", "off"], ["URIBL", "off"]]
    assert "it refuses our resolver" in told[0]
    assert check("--config", mute, *client) == ["all lists: " + ADVICE]
    config = tmp_path / "gatepost.conf"
    config.write_text("lists { enabled = no }\nstore { backend = none }\n")
    assert check("--config", config, "--zone", zone, *client) == [
        "all lists: enabled = no in section lists"]


def test_check_tells_that_hosts_were_left_out(zone, tmp_path):
    config = tmp_path / "gatepost.conf"
    arguments = ("--config", config, "--zone", zone, "--client-ip",
                 "192.0.2.9")
    message = SAMPLE + b"https://one.example/ https://two.example/\n"
    config.write_text("lists { url_max = 2 }\nstore { backend = none }\n")
    assert check(*arguments, message=message) == []
    config.write_text("lists { url_max = 1 }\nstore { backend = none }\n")
    assert check(*arguments, message=message) == [
        "some hosts of URLs: they are over lists.url_max, or many of one "
        "domain"]


def test_json(bad_zone):
    run = gatepost("lists", "--json", "--zone", bad_zone, "192.0.2.9")
    assert run.returncode == ONE_OFF
    result = json.loads(run.stdout)
    rows = {row["zone"]: row for row in result["lists"]}
    assert rows["zen.spamhaus.org"]["state"] == "on"
    assert rows["zen.spamhaus.org"]["reason"] == ""
    assert abs(rows["zen.spamhaus.org"]["tested_at"] - time.time()) < 3600
    assert rows["bl.spamcop.net"]["state"] == "off"
    assert rows["ebl.msbl.org"] == {
        "name": "MSBL EBL", "zone": "ebl.msbl.org",
        "subjects": "mail address", "state": "disabled", "reason": "",
        "tested_at": 0}
    assert result["hits"][0] == {
        "subject": "192.0.2.9", "symbol": "RBL_ZEN_XBL", "points": 4.5,
        "sentence": "192.0.2.9 is a hijacked machine (Spamhaus ZEN XBL)",
        "list": "Spamhaus ZEN", "zone": "zen.spamhaus.org",
        "answer": "127.0.0.4"}
    assert result["hits"][1]["points"] == -0.5
    assert result["not_asked"] == []


def test_json_tells_not_asked_from_clean(zone):
    run = gatepost("lists", "--json", "--zone", zone, "10.0.0.1",
                   "good.example", "bob@example.com", b"b\xff@example.com")
    assert run.returncode == ALL_ON
    result = json.loads(run.stdout)
    assert result["hits"] == []
    off = "lists of mail addresses are off (hash_lists in section lists)"
    assert result["not_asked"] == [
        {"subject": "10.0.0.1",
         "reason": "lists hold no private or reserved addresses"},
        {"subject": "bob@example.com", "reason": off},
        {"subject": "b?@example.com", "reason": off}]


def test_the_configuration_counts(zone, tmp_path):
    config = tmp_path / "gatepost.conf"
    config.write_text("lists {\n\toff = {\"SpamCop\"}\n\thash_lists = yes\n"
                      "\tdqs_key = \"secret\"\n}\n"
                      "symbols {\n\tRWL_DNSWL_LOW = \"off\"\n}\n")
    run = gatepost("lists", "--config", config, "--json", "--zone", zone,
                   "192.0.2.9")
    assert run.returncode == ONE_OFF
    assert b"secret" not in run.stdout + run.stderr
    result = json.loads(run.stdout)
    states = {row["zone"]: row["state"] for row in result["lists"]}
    assert states["bl.spamcop.net"] == "disabled"
    assert states["ebl.msbl.org"] == "on"
    assert states["zen.dq.spamhaus.net"] == "off"
    assert "zen.spamhaus.org" not in states
    assert [hit["points"] for hit in result["hits"]] == [None]


@pytest.mark.parametrize("arguments, status, told", [
    (["a b"], EXIT_USAGE, b"neither an address nor a domain: a b"),
    (["--no-such-option"], EXIT_USAGE, b"usage: gatepost lists"),
    (["--config", "/nonexistent/file"], EXIT_USAGE, b"/nonexistent/file"),
    (["--zone", "/nonexistent/zone"], EXIT_USAGE, b"/nonexistent/zone"),
])
def test_bad_arguments(zone, arguments, status, told):
    run = gatepost("lists", "--zone", zone, *arguments)
    assert run.returncode == status
    assert told in run.stderr


def test_help():
    run = gatepost("lists", "--help")
    assert run.returncode == 0
    assert b"usage: gatepost lists" in run.stdout


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7", "10.0.0.1",
                                     "2001:db8::1"])
def test_special_addresses_have_no_name_and_nobody_is_asked(mute, address):
    """As the manual says: the resolver answers for them by itself."""
    run = gatepost("check", "--json", "--config", mute, "--client-ip",
                   address, input=b"From: a@b.example\n\ntext\n")
    verdict = json.loads(run.stdout)
    assert verdict["auth"]["iprev"]["result"] == "permerror"
    assert "PTR_NONE" in [symbol["name"] for symbol in verdict["symbols"]]
