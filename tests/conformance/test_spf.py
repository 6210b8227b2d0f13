#!/usr/bin/python3
"""SPF suites, run case by case through spf-driver.

The suites are read from the files themselves, in the folder that the
environment variable GATEPOST_CORPORA names (default: ../shared/corpora beside
the repository).  spf-own.yml holds cases of our own in the same form; it runs
everywhere.
"""
import collections
import ipaddress
import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT / "../shared/corpora"))
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
DRIVER = BUILD / "tests/conformance/spf-driver"
TYPES = ("A", "AAAA", "MX", "PTR", "TXT")

# test_count() tells what all of them gave.
pytestmark = pytest.mark.xdist_group("spf")

# file -> cases, as they are in the release that the folder's ORIGIN names
SUITES = {
    "spf/pyspf/rfc7208-tests.yml": 203,
    "spf/pyspf/rfc4408-tests.yml": 191,
    "spf/mailauth/rfc7208-tests-2014-05.yml": 193,
    "spf/pyspf/test.yml": 16,
    "spf/mail-spf-perl/rfc4406-tests.yml": 2,
    "spf/stalwart-mail-auth/basic.yml": 19,
    "spf/stalwart-mail-auth/exists.yml": 4,
    "spf/stalwart-mail-auth/exp.yml": 4,
    "spf/stalwart-mail-auth/macro.yml": 6,
    "spf/stalwart-mail-auth/ptr.yml": 8,
}

# Where the suite's answer is not RFC 7208's: (file, case) -> (result, reason).
# rfc4408-tests.yml has no line here: wherever RFC 7208 chose between answers,
# that suite allows both, and the one chosen is what we give.
NOT_RFC7208 = {
    ("test.yml", "default-modifier"): (
        "neutral", "default= of the old drafts is an unknown modifier "
        "(section 6); the suite runs pyspf in its lax mode here"),
    ("test.yml", "default-modifier-harsh"): (
        "neutral", "'ambiguous' is a word of pyspf's own"),
    ("rfc4406-tests.yml", "v2-preferred-over-v1"): (
        "pass", "Sender ID: spf2.0 records are no SPF records (section 4.5)"),
    ("rfc4406-tests.yml", "redundant-v2"): (
        "fail", "Sender ID: spf2.0 records are no SPF records (section 4.5)"),
    ("basic.yml", "DNS Lookup Limits 1"): (
        "permerror", "ten names that are not there: more than two void "
        "lookups (section 4.6.4), which the suite's owner does not count"),
    ("exists.yml", "Exists 2"): (
        "fail", "exists: asks for A records only (section 5.7)"),
    ("macro.yml", "Macro expansion 2 2"): (
        "fail", "exists: asks for A records only (section 5.7)"),
}


class Scenario:
    """One zone and the cases that are asked of it."""

    def __init__(self, suite, title):
        self.suite = suite
        self.title = title
        self.zone = {"lines": [], "txt": [], "faults": []}
        self.cases = []     # what the driver gets
        self.names = []
        self.expected = []  # (results, explanation or None)
        self.results = None

    def add_case(self, name, case, results, explanation):
        self.names.append(name)
        self.cases.append(case)
        self.expected.append((results, explanation))

    def result(self, index):
        """All cases of a scenario go through one run of the driver."""
        if self.results is None:
            line = json.dumps({"zone": self.zone, "cases": self.cases})
            run = subprocess.run([str(DRIVER)], input=line + "\n", text=True,
                                 capture_output=True, timeout=120)
            assert run.returncode == 0, run.stderr
            self.results = json.loads(run.stdout)
            assert len(self.results) == len(self.cases)
        return self.results[index]


def presentation(name):
    """A name as a master file has it: odd bytes as decimal escapes."""
    text = name.rstrip(".")
    return "".join(c if re.match(r"[A-Za-z0-9._*-]", c) else
                   "\\%03d" % ord(c) for c in text) + "."


def as_list(value):
    return value if isinstance(value, list) else [value]


def text_hex(value):
    strings = "".join(str(part) for part in as_list(value))
    return strings.encode("latin-1").hex()


def add_records(zone, name, entries):
    """The records of one name, by the rules of the suites' own driver."""
    pairs = [next(iter(e.items())) for e in entries if isinstance(e, dict)]
    has_txt = any(kind == "TXT" for kind, _ in pairs)
    seen = set()
    for kind, value in pairs:
        if kind == "SPF":
            if has_txt:     # type SPF is not asked for (RFC 7208 section 3.1)
                continue
            kind = "TXT"    # the suites mean both types by it
        elif kind == "TXT" and value == "NONE":
            continue
        if value == "TIMEOUT":
            zone["faults"].append([name, kind, "timeout"])
            continue
        seen.add(kind)
        if kind == "TXT":
            zone["txt"].append([name, text_hex(value)])
        elif kind == "MX":
            zone["lines"].append("%s 60 IN MX %d %s" % (
                presentation(name), value[0], presentation(value[1])))
        elif kind == "CNAME" and value == "":
            # to the root, where no resolver finds an address
            zone["lines"].append("%s 60 IN CNAME nothing." %
                                 presentation(name))
        elif kind in ("PTR", "CNAME"):
            zone["lines"].append("%s 60 IN %s %s" % (
                presentation(name), kind, presentation(value)))
        else:
            zone["lines"].append("%s 60 IN %s %s" % (
                presentation(name), kind, value))
    if "TIMEOUT" in entries:    # whatever is asked that is not given
        for kind in TYPES:
            if kind not in seen:
                zone["faults"].append([name, kind, "timeout"])


def load_openspf(suite, path):
    """The form of the openspf.org suites: tests and zonedata."""
    for number, document in enumerate(
            yaml.safe_load_all(path.read_text(encoding="utf-8"))):
        title = document.get("description", "part %d" % (number + 1))
        scenario = Scenario(suite, title)
        for name, entries in document.get("zonedata", {}).items():
            add_records(scenario.zone, name, entries)
        for name, test in document["tests"].items():
            case = {"helo": test["helo"], "ip": test["host"],
                    "sender": test["mailfrom"],
                    "receiver": test.get("receiver", "unknown")}
            scenario.add_case(name, case, as_list(test["result"]),
                              test.get("explanation"))
        yield scenario


def split_words(text):
    return [w.strip() for w in text.replace(",", " ").split()]


def add_stalwart_record(zone, kind, value):
    owner, _, rest = value.partition(" ")
    if len(owner) > 253 or max(len(part) for part in owner.split(".")) > 63:
        return              # no DNS can hold it
    if kind in ("spf", "exp"):
        zone["txt"].append([owner, text_hex(rest)])
    elif kind in ("a", "aaaa"):
        for address in split_words(rest):
            zone["lines"].append("%s 60 IN %s %s" % (
                presentation(owner), kind.upper(), address))
    elif kind == "mx":      # the addresses of its hosts are given
        for number, address in enumerate(split_words(rest)):
            host = presentation("mx%d.%s" % (number, owner))
            zone["lines"].append("%s 60 IN MX %d %s" % (
                presentation(owner), number, host))
            zone["lines"].append("%s 60 IN %s %s" % (
                host, "AAAA" if ":" in address else "A", address))
    elif kind == "ptr":
        for host in split_words(rest):
            zone["lines"].append("%s 60 IN PTR %s" % (
                reverse_name(owner), presentation(host)))
    else:
        raise ValueError("record kind " + kind)


def reverse_name(address):
    return ipaddress.ip_address(address).reverse_pointer + "."


def load_stalwart(suite, path):
    """records (a key may stand there many times) and tests; both identities
    are checked, HELO first, and its fail stands."""
    for node in yaml.compose_all(path.read_text(encoding="utf-8")):
        parts = {key.value: value for key, value in node.value}
        scenario = Scenario(suite, parts["name"].value)
        scenario.zone["faults"].append(["_dns_error.org", "TXT", "servfail"])
        if isinstance(parts["records"], yaml.MappingNode):
            for key, value in parts["records"].value:
                add_stalwart_record(scenario.zone, key.value, value.value)
        for index, test in enumerate(parts["tests"].value):
            test = {key.value: value.value for key, value in test.value}
            result, _, explanation = test["expect"].strip().partition(" ")
            case = {"helo": test["domain"], "ip": test["ip"],
                    "sender": test["sender"], "receiver": "unknown"}
            scenario.add_case("%s %d" % (scenario.title, index + 1), case,
                              [result], explanation or None)
        # the HELO identity of every case follows the cases themselves
        scenario.cases += [dict(case, sender="") for case in scenario.cases]
        yield scenario


def outcome(scenario, index):
    result = scenario.result(index)
    count = len(scenario.names)
    if len(scenario.cases) == 2 * count:
        helo = scenario.result(index + count)
        if helo["result"] == "fail":
            return helo
    return result


def load(suite):
    path = CORPORA / suite
    if "stalwart" in suite:
        return list(load_stalwart(suite, path))
    return list(load_openspf(suite, path))


def collect():
    """Every case as (scenario, index), and the suites that are not here."""
    found, missing = [], []
    own = pathlib.Path(__file__).with_name("spf-own.yml")
    scenarios = list(load_openspf("spf-own.yml", own))
    for suite in SUITES:
        if (CORPORA / suite).is_file():
            scenarios += load(suite)
        else:
            missing.append(suite)
    for scenario in scenarios:
        found += [(scenario, i) for i in range(len(scenario.names))]
    return found, missing


CASES, MISSING = collect()
RUN = collections.Counter()
PASSED = collections.Counter()


def case_id(case):
    scenario, index = case
    return "%s::%s::%s" % (pathlib.PurePath(scenario.suite).name,
                           scenario.title, scenario.names[index])


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case(case):
    scenario, index = case
    RUN[scenario.suite] += 1
    got = outcome(scenario, index)
    results, explanation = scenario.expected[index]
    key = (pathlib.PurePath(scenario.suite).name, scenario.names[index])
    if key in NOT_RFC7208:
        rfc_result, reason = NOT_RFC7208[key]
        assert rfc_result not in results, "not needed any more: " + reason
        results, explanation = [rfc_result], None
    assert got["result"] in results, got
    assert got["lookups"] <= 10 and got["voids"] <= 3
    if explanation == "DEFAULT":
        assert got["explanation"] is None
    elif explanation is not None:
        assert got["explanation"] == explanation
    PASSED[scenario.suite] += 1


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_suite_is_whole(suite):
    """None is skipped: the loader finds as many cases as the file is known
    to hold."""
    if suite in MISSING:
        pytest.skip("%s: %d cases not run, the file is not here" % (
            suite, SUITES[suite]))
    assert sum(1 for s, _ in CASES if s.suite == suite) == SUITES[suite]


def test_count():
    """Last: what was run, for the reader of the log."""
    total = collections.Counter(scenario.suite for scenario, _ in CASES)
    path = os.environ.get("GATEPOST_SUITES", os.devnull)
    with open(path, "a", encoding="utf-8") as told:
        for suite, count in total.items():
            name = pathlib.PurePath(suite)
            print("%s: %d of %d cases run and passed" % (
                name.name, PASSED[suite], count), file=told)
        for suite in MISSING:
            print("%s: %d cases not run, the file is not here" % (
                suite, SUITES[suite]), file=told)
    assert RUN == PASSED
