#!/usr/bin/python3
"""DMARC suites that others wrote, run case by case through dmarc-driver.

The suites are read from the files themselves, in the folder that the
environment variable GATEPOST_CORPORA names (default: ../shared/corpora beside
the repository).  What SPF and DKIM say is given here as each suite tells it:
the same messages through SPF and DKIM as well are a matter of `gatepost check`.
tests/unit/test-dmarc.c and test-dmarc-record.c hold cases of our own on the
same ground, for where the suites are absent.

Where a suite holds RFC 7489's answer (public suffix list, pct=, a discovery
that stops early) RFC 9989 decides: those cases are in the tables NOT_RFC9989,
with the reason and with the answer that is right now, and run like the others.
"""
import csv
import email
import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT / "../shared/corpora")) / "dmarc"
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
DRIVER = BUILD / "tests/conformance/dmarc-driver"

# suite file -> all cases of the release that the folder's ORIGIN names, and
# those that say something of DMARC (the others test SPF, DKIM, ARC, or local
# clients that get no check)
SUITES = {
    "mailauth/rfc9989-treewalk.json": (29, 29),
    "mailauth/verify.json": (24, 24),
    "mailauth/record-lookup.json": (13, 13),
    "authheaders/cases.json": (16, 12),
    "opendmarc/test_alignment.tsv": (10, 10),
    "opendmarc/test_dmarc_parse.tsv": (19, 19),
    "opendmarc/test_finddomain.tsv": (13, 13),
    "opendmarc/test_tld.tsv": (4, 4),
    "authentication_milter/runs.json": (33, 27),
    "rspamd/cases.json": (74, 19),
}


def drive(*inputs):
    """The driver's answers, one for each input."""
    lines = "".join(json.dumps(item) + "\n" for item in inputs)
    run = subprocess.run([str(DRIVER)], input=lines, text=True,
                         capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(inputs)
    return answers


def evaluate(zone, from_value, spf=(), dkim=(), temporary=()):
    """One message: the domains that SPF and DKIM passed, or may have."""
    if isinstance(from_value, str):
        from_value = from_value.encode("utf-8", "surrogateescape")
    identifiers = [
        {"method": method, "domain": domain.lower(), "temporary": False}
        for method, domains in (("spf", spf), ("dkim", dkim))
        for domain in domains]
    identifiers += [
        {"method": "spf", "domain": domain.lower(), "temporary": True}
        for domain in temporary]
    return drive({"zone": zone, "from": from_value.hex(),
                  "identifiers": identifiers})[0]


def verdict(answer):
    """(result, policy) as the tables below write it."""
    return answer["result"], answer["policy"]


def suite_cases(name, read, label, concerns=lambda case: True):
    """Parameters of the suite's cases that concern DMARC; or, where the suite
    is absent, one that is skipped and says how many cases are missing."""
    path = CORPORA / name
    if not path.is_file():
        reason = f"no {path}: {SUITES[name][1]} cases not run"
        return [pytest.param(None, id=name,
                             marks=pytest.mark.skip(reason=reason))]
    cases = list(enumerate(read(path)))
    concerned = [pytest.param(case, id=f"{index}-{label(case)}")
                 for index, case in cases if concerns(case)]
    assert (len(cases), len(concerned)) == SUITES[name], name
    return concerned


def read_json(path):
    return json.loads(path.read_text())


def read_tsv(path):
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


# mailauth --------------------------------------------------------------------

MAILAUTH_NOT_RFC9989 = {
    "does not inherit the org policy when the author domain publishes multiple"
    " records (§4.10 step 2)":
        (("fail", "none"),
         "RFC 9989 section 4.10 step 2 discards the records of that name and"
         " the walk goes on at step 3; it was RFC 7489 section 6.6.3 that"
         " ended discovery there"),
    "Should return false for headerFrom array with multiple elements":
        (("pass", "reject"),
         "RFC 9989 section 5.3.1 lets a receiver go on with several author"
         " domains or several addresses; here both have the same domain,"
         " and the suite's zone publishes a policy that DKIM satisfies"),
    'Should not query "_dmarc.null" when no org domain can be derived':
        (("none", "none"),
         "the walk of RFC 9989 section 4.10 asks the parents of any name;"
         " no public suffix list stops it"),
}

# Fields of that library's result with no counterpart in ours.
MAILAUTH_OWN_FIELDS = {
    "result.error": "its own text",
    "result.info": "its own text",
    "result.status.comment": "its own text (ARC is not part of DMARC)",
    "result.alignment.dkim.underSized": "told by DKIM here",
    "result.pct": "removed by RFC 9989",
    "record.pct": "removed by RFC 9989",
    "record.ri": "removed by RFC 9989",
    "record.v": "a record of another version is no record",
}


def mailauth_zone(dns):
    zone = {"txt": [], "names": [], "faults": []}
    for name, types in dns.items():
        if "error" in types:
            zone["faults"].append([name, "timeout"])
            continue
        for strings in types.get("TXT", []):
            zone["txt"].append([name, "".join(strings)])
        if not types.get("TXT"):
            zone["names"].append(name)
    return zone


def mailauth_call(call):
    args = call["args"]
    zone = mailauth_zone(call["dns"])
    sender = args.get("headerFrom", args.get("domain"))
    senders = [sender] if isinstance(sender, str) else sender
    value = ", ".join(s if "@" in s else "user@" + s for s in senders)
    domains = [[d if isinstance(d, str) else d["domain"]
                for d in args.get(key, [])]
               for key in ("spfDomains", "dkimDomains")]
    answer = evaluate(zone, value, *domains)
    texts = [text for name, text in zone["txt"]
             if name == "_dmarc." + answer["policy_domain"]
             and re.match(r"v\s*=\s*DMARC1\s*(;|$)", text, re.I)]
    record = drive({"record": texts[0]})[0] if len(texts) == 1 else None
    return answer, record, texts


def mailauth_value(path, answer, record, texts):
    """The value of one of mailauth's result fields."""
    aligned = answer["organizational_domain"]
    values = {
        "result.status.result": answer["result"],
        "result.policy": (answer["disposition"] if answer["testing"]
                          else answer["policy"]),
        "result.domain": answer["organizational_domain"],
        "result.status.header.from": answer["author_domain"],
        "result.status.header.d": answer["policy_domain"],
        "result.alignment.spf.result":
            aligned if answer["spf_aligned"] else None,
        "result.alignment.dkim.result":
            aligned if answer["dkim_aligned"] else None,
        "record.isOrgRecord":
            answer["policy_domain"] != answer["author_domain"],
        "record": record,
        "result": answer,
    }
    if record is not None:
        values.update({
            "result.p": record["p"], "result.sp": record["sp"],
            "result.rr": record["rua"],
            "result.alignment.dkim.strict": record["dkim_strict"],
            "result.alignment.spf.strict": record["spf_strict"],
            "record.p": record["p"],
            "record.adkim": "s" if record["dkim_strict"] else "r",
            "record.rr": texts[0],
        })
    return values[path]


def holds(expectation, value):
    operation, wanted = expectation["op"], expectation.get("value")
    return {
        "equal": lambda: value == wanted,
        "contain": lambda: wanted in value,
        "ok": lambda: bool(value),
        "true": lambda: value is True,
        "false": lambda: not value,
        "undefined": lambda: value is None,
        "property": lambda: wanted in value,
    }[operation]() != expectation.get("not", False)


def check_mailauth(case):
    calls = [mailauth_call(call) for call in case["calls"]]
    changed = MAILAUTH_NOT_RFC9989.get(case["test"])
    if changed is not None:
        assert verdict(calls[0][0]) == changed[0]
        return
    for expectation in case["expect"]:
        path = expectation["path"]
        if expectation["call"] == -1:
            walk = ["_dmarc." + name for name in calls[0][0]["walk"]]
            assert walk == expectation["value"]
        elif path not in MAILAUTH_OWN_FIELDS:
            value = mailauth_value(path, *calls[expectation["call"]])
            assert holds(expectation, value), (expectation, value)


def mailauth_label(case):
    return case["test"]


@pytest.mark.parametrize("case", suite_cases(
    "mailauth/rfc9989-treewalk.json", read_json, mailauth_label))
def test_mailauth_rfc9989(case):
    check_mailauth(case)


@pytest.mark.parametrize("case", suite_cases(
    "mailauth/verify.json", read_json, mailauth_label))
def test_mailauth_verify(case):
    check_mailauth(case)


@pytest.mark.parametrize("case", suite_cases(
    "mailauth/record-lookup.json", read_json, mailauth_label))
def test_mailauth_record_lookup(case):
    check_mailauth(case)


# authentication-headers ------------------------------------------------------

AUTHHEADERS_NOT_RFC9989 = {
    "test_authenticate_dmarc_bad":
        (("fail", "none"),
         'RFC 9989 section 4.8: a syntax error behind the version ("reject"'
         " without a tag) is discarded, the rest of the record counts"),
}


def read_authheaders(path):
    return read_json(path)["cases"]


def authheaders_zone():
    zone = {"txt": [], "names": [], "faults": []}
    for name, text in read_json(CORPORA / "authheaders/cases.json")[
            "dns"].items():
        if name.startswith("_dmarc.") and text:
            zone["txt"].append([name, text])
        elif text and "_domainkey" not in name:
            zone["names"].append(name)
    return zone


def from_value(path):
    """All From fields of a message file, as one value of bytes."""
    message = email.message_from_bytes(path.read_bytes())
    values = []
    for name, value in message.raw_items():
        if name.strip().lower() == "from":
            values.append(str(value).encode("ascii", "surrogateescape"))
    return b", ".join(values)


def authheaders_concerns(case):
    return any(step["function"] == "get_domain_part" or
               "; dmarc=" in step["expected"] for step in case["steps"])


@pytest.mark.parametrize("case", suite_cases(
    "authheaders/cases.json", read_authheaders, lambda case: case["test"],
    authheaders_concerns))
def test_authheaders(case):
    for step in case["steps"]:
        if step["function"] == "get_domain_part":
            answer = evaluate({}, step["args"][0])
            assert answer["author_domains"] == [step["expected"]]
            continue
        found = re.search(r"; dmarc=(\w+)(?:.*policy\.dmarc=(\w+))?",
                          step["expected"])
        passed = re.findall(r"dkim=pass header\.d=(\S+)", step["expected"])
        answer = evaluate(authheaders_zone(),
                          from_value(CORPORA / "authheaders" /
                                     step["args"][0]), dkim=passed)
        expected = found.group(1), found.group(2) or "none"
        if case["test"] in AUTHHEADERS_NOT_RFC9989:
            expected = AUTHHEADERS_NOT_RFC9989[case["test"]][0]
        assert verdict(answer) == expected


# libopendmarc ----------------------------------------------------------------

ALIGNMENT_NOT_RFC9989 = {
    ("....mac.com....", "mac.com"):
        "a name with empty labels is no domain: permerror, nothing aligns",
    ("mac...com", "..com"): "likewise",
    (".mac.com.", "mac.com"): "likewise",
}

PARSE_NOT_RFC9989 = {
    "v=DMARC1; p=n;":
        (False, "words are not abbreviated (RFC 9989 section 4.8)"),
    "v=DMARC1; p=none; adkim=bob;":
        (True, "a syntax error in an optional tag is discarded in favor of"
               " its default (RFC 9989 section 4.8)"),
    "v=DMARC1; p=none; aspf=bob;": (True, "likewise"),
    "v=DMARC1; p=none; rf=bob;": (True, "rf= is an unknown tag now"),
    "v=DMARC1; p=none; ri=bob;": (True, "ri= is an unknown tag now"),
    "v=DMARC1; p=none; pct=500;": (True, "pct= is an unknown tag now"),
    "v=DMARC1; p=none; rf=000000000000000000000000000000000":
        (True, "rf= is an unknown tag now"),
}


@pytest.mark.parametrize("case", suite_cases(
    "opendmarc/test_alignment.tsv", read_tsv,
    lambda case: f"{case['domain']} {case['tld']} {case['mode']}"))
def test_opendmarc_alignment(case):
    strict = case["mode"].endswith("STRICT")
    labels = [label for label in case["domain"].split(".") if label]
    record = "v=DMARC1; p=reject" + ("; adkim=s" if strict else "")
    zone = {"txt": [["_dmarc." + ".".join(labels[-2:]), record]]}
    answer = evaluate(zone, "a@" + case["domain"], dkim=[case["tld"]])
    if (case["domain"], case["tld"]) in ALIGNMENT_NOT_RFC9989:
        assert verdict(answer) == ("permerror", "none")
        return
    assert answer["result"] == ("pass" if case["outcome"] == "0" else "fail")


@pytest.mark.parametrize("case", suite_cases(
    "opendmarc/test_dmarc_parse.tsv", read_tsv,
    lambda case: case["record"]))
def test_opendmarc_parse(case):
    record = drive({"record": case["record"]})[0]
    applies = record is not None and record["applies"]
    expected = case["outcome"] == "DMARC_PARSE_OKAY"
    if case["record"] in PARSE_NOT_RFC9989:
        expected = PARSE_NOT_RFC9989[case["record"]][0]
    assert applies == expected


@pytest.mark.parametrize("case", suite_cases(
    "opendmarc/test_finddomain.tsv", read_tsv, lambda case: case["from"]))
def test_opendmarc_finddomain(case):
    domains = evaluate({}, case["from"])["author_domains"]
    assert domains[0] == case["domain"]
    # Where the suite takes the first of two mailboxes we take both.
    if case["from"].endswith(", ace@ace.com"):
        assert domains[1:] == ["ace.com"]
    else:
        assert len(domains) == 1


@pytest.mark.parametrize("case", suite_cases(
    "opendmarc/test_tld.tsv", read_tsv, lambda case: case["domain"]))
def test_opendmarc_tld(case):
    """These are answers of the public suffix list.  RFC 9989 has none: the
    organizational domain is where a record stands, and without any record
    the name itself."""
    domain, organizational = (
        re.sub(rb"\\0x(..)", lambda m: bytes.fromhex(m.group(1).decode()),
               case[key].encode()) for key in ("domain", "organizational"))
    alone = evaluate({}, b"a@" + domain)
    name = alone["author_domains"][0]
    assert alone["organizational_domain"] == name != ""
    top = evaluate({}, b"a@" + organizational)["author_domains"][0]
    zone = {"txt": [["_dmarc." + top, "v=DMARC1; p=reject"]]}
    answer = evaluate(zone, b"a@" + domain)
    assert answer["organizational_domain"] == top
    assert verdict(answer) == ("fail", "reject")


# authentication_milter -------------------------------------------------------

MILTER_NOT_RFC9989 = {
    **dict.fromkeys(
        ["spam_headers_spf_hide_none.eml", "spam_headers_hide_none.eml"],
        (("none", "none"),
         "behind a quoted string of many lines From holds the mailbox"
         " <noreply@example.com>; RFC 5322 reads it, and example.com publishes"
         " no policy in the suite's zone")),
}

WORST = ["pass", "none", "permerror", "temperror", "fail"]


def milter_zone():
    """What DMARC can ask of the zone file: records and addresses."""
    zone = {"txt": [], "names": [], "faults": []}
    text = (CORPORA / "authentication_milter/zonefile").read_text()
    for line in text.splitlines():
        record = re.match(r"(_dmarc\.\S+?)\.?\s.*\bTXT\b.*?\"(v=DMARC1.*?)\"",
                          line)
        address = re.match(r"([a-z]\S*?)\.?\s.*\bA\b\s+[0-9.]+$", line)
        if record:
            zone["txt"].append([record.group(1), record.group(2)])
        elif address:
            zone["names"].append(address.group(1))
    return zone


def milter_results(path):
    """The clauses of the topmost Authentication-Results of a message."""
    message = email.message_from_bytes(path.read_bytes())
    value = str(message.get("Authentication-Results", ""))
    return [" ".join(part.split()) for part in value.split(";")[1:]]


def milter_domains(clauses, case):
    spf, dkim = [], []
    for clause in clauses:
        sender = re.match(r'spf=pass smtp\.mailfrom=(\S+) smtp\.helo=(\S+)',
                          clause)
        signer = re.match(r"dkim=pass .*header\.d=(\S+)", clause)
        if sender:
            domain = sender.group(1).rpartition("@")[2].strip('"')
            spf.append(domain or sender.group(2))
        if signer and "rsa-sha1" not in clause:
            dkim.append(signer.group(1))
    if not any(c.startswith("spf=") for c in clauses) and \
            case["ip"].startswith("74.125.82.17"):
        spf.append(case["from"].strip("<>").rpartition("@")[2])
    return spf, dkim


def milter_concerns(case):
    """Not: local and trusted clients, dry runs, a rejection in SMTP."""
    return any(clause.startswith("dmarc=") for clause in milter_results(
        CORPORA / "authentication_milter/expected" / case["dest"]))


@pytest.mark.parametrize("case", suite_cases(
    "authentication_milter/runs.json", read_json, lambda case: case["dest"],
    milter_concerns))
def test_authentication_milter(case):
    folder = CORPORA / "authentication_milter"
    clauses = milter_results(folder / "expected" / case["dest"])
    wanted = [re.match(
        r"dmarc=(\w+)(?: policy\.published-domain-policy=(\w+))?", clause)
              for clause in clauses if clause.startswith("dmarc=")]
    spf, dkim = milter_domains(clauses, case)
    answer = evaluate(milter_zone(), from_value(folder / "source" /
                                                case["source"]), spf, dkim)
    # One result an author domain there; here the worst of them.
    worst = max(wanted, key=lambda m: WORST.index(m.group(1)))
    expected = worst.group(1), worst.group(2) or "none"
    if case["dest"] in MILTER_NOT_RFC9989:
        expected = MILTER_NOT_RFC9989[case["dest"]][0]
    assert verdict(answer) == expected


# rspamd ----------------------------------------------------------------------

# The suite's DNS data is not in the corpus.  These zones are ours, written from
# the cases' names and messages; so is what passed: (records, spf, dkim).
P_NONE = [["_dmarc.cacophony.za.org", "v=DMARC1; p=none; sp=reject"]]
P_MOM = [["_dmarc.mom.za.org", "v=DMARC1; p=reject; adkim=s; aspf=s"],
         ["_dmarc.yo.mom.za.org", "v=DMARC1; p=reject; adkim=s; aspf=s"],
         ["_dmarc.my.mom.za.org", "v=DMARC1; p=reject; adkim=r; aspf=r"]]
P_ZERO = [["_dmarc.zero_pct.com", "v=DMARC1; p=reject; sp=quarantine; pct=0"]]
RSPAMD = {
    "DMARC NONE PASS DKIM": (P_NONE, [], ["cacophony.za.org"]),
    "DMARC NONE PASS SPF": (P_NONE, ["spf.cacophony.za.org"], []),
    "DMARC NONE FAIL": (P_NONE, [], []),
    "DMARC REJECT FAIL": (
        [["_dmarc.reject.cacophony.za.org", "v=DMARC1; p=reject"]], [], []),
    "DMARC QUARANTINE FAIL": (
        [["_dmarc.quarantine.cacophony.za.org", "v=DMARC1; p=quarantine"]],
        [], []),
    "DMARC SP NONE FAIL": (
        [["_dmarc.yoni.za.org", "v=DMARC1; p=reject; sp=none"]], [], []),
    "DMARC SP REJECT FAIL": (P_NONE, [], []),
    "DMARC SP QUARANTINE FAIL": (
        [["_dmarc.yoni.za.net", "v=DMARC1; p=none; sp=quarantine"]], [], []),
    "DMARC SUBDOMAIN FAIL DKIM STRICT ALIGNMENT": (
        P_MOM, [], ["mom.za.org"]),
    "DMARC SUBDOMAIN PASS DKIM RELAXED ALIGNMENT": (
        P_MOM, [], ["mom.za.org"]),
    "DMARC SUBDOMAIN PASS SPF STRICT ALIGNMENT": (
        P_MOM, ["yo.mom.za.org"], ["mom.za.org"]),
    "DMARC SUBDOMAIN FAIL SPF STRICT ALIGNMENT": (
        P_MOM, ["mom.za.org"], ["mom.za.org"]),
    "DMARC SUBDOMAIN PASS SPF RELAXED ALIGNMENT": (
        P_MOM, ["mom.za.org"], []),
    "DMARC DNSFAIL": ("fault", ["mom.za.org"], []),
    "DMARC NA NXDOMAIN": (P_MOM, ["mom.za.org"], []),
    "DMARC PCT ZERO REJECT": (P_ZERO, ["mom.za.org"], []),
    "DMARC PCT ZERO SP QUARANTINE": (P_ZERO, ["mom.za.org"], []),
    "DMARC EVALUATES WIRE FROM AFTER REWRITE": (
        P_NONE, [], ["cacophony.za.org"]),
    "SPF DNSFAIL FAILED INCLUDE UNALIGNED": (
        P_NONE, ["?fail2.org.org.za"], ["yoni.za.org"]),
}
RSPAMD_SYMBOLS = {
    "DMARC_POLICY_ALLOW": ("pass", None),
    "DMARC_POLICY_SOFTFAIL": ("fail", "none"),
    "DMARC_POLICY_QUARANTINE": ("fail", "quarantine"),
    "DMARC_POLICY_REJECT": ("fail", "reject"),
    "DMARC_DNSFAIL": ("temperror", "none"),
    "DMARC_NA": ("none", "none"),
}
RSPAMD_NOT_RFC9989 = {
    "DMARC PCT ZERO REJECT":
        (("fail", "reject"),
         "pct= is removed by RFC 9989; it softens nothing"),
    "DMARC PCT ZERO SP QUARANTINE":
        (("fail", "quarantine"), "likewise"),
}


def rspamd_symbols(case):
    return [word for line in case["expect"] for word in line.split()
            if not line.startswith("Do Not") and word in RSPAMD_SYMBOLS]


@pytest.mark.parametrize("case", suite_cases(
    "rspamd/cases.json", read_json, lambda case: case["name"],
    rspamd_symbols))
def test_rspamd(case):
    symbols = rspamd_symbols(case)
    records, spf, dkim = RSPAMD[case["name"]]
    zone = {"txt": records}
    if records == "fault":
        zone = {"faults": [["_dmarc.dnssec-failed.org", "bogus"]]}
    unsure = [domain[1:] for domain in spf if domain.startswith("?")]
    answer = evaluate(zone, from_value(CORPORA / "rspamd" / case["file"]),
                      [d for d in spf if not d.startswith("?")], dkim, unsure)
    result, policy = RSPAMD_SYMBOLS[symbols[0]]
    if case["name"] in RSPAMD_NOT_RFC9989:
        result, policy = RSPAMD_NOT_RFC9989[case["name"]][0]
    assert answer["result"] == result
    assert policy in (None, answer["policy"])
