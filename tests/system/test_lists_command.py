"""`gatepost lists`: no server, DNS from a zone file."""
import json
import time

import pytest

from test_check import EXIT_TEMPORARY, EXIT_USAGE, gatepost

ALL_ON, ONE_OFF = 0, 1
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
                                "client,", "relay", "on"]
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
    assert "10.0.0.1\n  no list is asked about it" in text
    assert "bob@example.com\n  no list is asked about it" in text


def test_what_was_not_asked_is_told(bad_zone):
    run = gatepost("lists", "--zone", bad_zone, "192.0.2.9")
    assert run.returncode == ONE_OFF
    told = [line for line in lines_of(run) if line.startswith("not asked")]
    assert len(told) == 3
    assert "RBL_ZEN_XBL" in run.stdout.decode()
    assert "RBL_SPAMCOP" not in run.stdout.decode()


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
    (["--zone", "/nonexistent/zone"], EXIT_TEMPORARY, b"/nonexistent/zone"),
])
def test_bad_arguments(zone, arguments, status, told):
    run = gatepost("lists", "--zone", zone, *arguments)
    assert run.returncode == status
    assert told in run.stderr


def test_help():
    run = gatepost("lists", "--help")
    assert run.returncode == 0
    assert b"usage: gatepost lists" in run.stdout
