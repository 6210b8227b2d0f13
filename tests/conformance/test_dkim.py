"""DKIM verification against suites that others wrote, and against dkimpy.

The driver (tests/conformance/dkim-driver.c) does the verifying; expectations
are computed here from the files of the suites.  Where a suite expects what RFC
6376, 8301 or 8463 forbids, RFC_DECIDES names the case, our result and why.
"""
import base64
import json
import os
import pathlib
import re
import subprocess

import dkim
import nacl.encoding
import nacl.signing
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT.parent / "shared" / "corpora"))
DKIM = CORPORA / "dkim"
DRIVER = BUILD / "tests" / "conformance" / "dkim-driver"

PASS, FAIL, NEUTRAL = "pass", "fail", "neutral"
TEMP, PERM = "temperror", "permerror"

# suite/file: (results by signature, why the suite's word does not stand).
RFC_DECIDES = {
}


def run_driver(messages, zone, now=0, chunk=0, faults=None):
    """The driver's answer for each message, a list of dicts."""
    job = {"zone": zone, "now": now, "chunk": chunk, "faults": faults or {},
           "messages": [str(m) for m in messages]}
    done = subprocess.run([str(DRIVER)], input=json.dumps(job).encode(),
                          stdout=subprocess.PIPE, check=True, timeout=120)
    return json.loads(done.stdout)


def results_of(message, zone, **options):
    """The result words of one message, in signature order."""
    answer = run_driver([message], zone, **options)[0]
    return [s["result"] for s in answer["signatures"]]


def read_tsv(path):
    """{first column: second column} of a file with a head line."""
    lines = path.read_text().splitlines()[1:]
    return {line.split("\t")[0]: line.split("\t")[1] for line in lines}


def read_json_zone(path):
    """{name: [text]} of a dns.json in either of its two shapes."""
    zone = {}
    for name, value in json.loads(path.read_text()).items():
        if isinstance(value, str):
            zone[name] = [value]
        else:
            zone[name] = ["".join(parts) for parts in value["TXT"]]
    return zone


def read_fake_dns(path):
    """(zone, faults) of mail-dkim's FAKE_DNS.dat."""
    zone, faults = {}, {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, text = line.partition(" ")
        text = text.strip()
        if text == "NXDOMAIN":
            continue
        if text == "~~Query timed out~~":
            faults[name] = "timeout"
        elif text == "~~SERVFAIL~~":
            faults[name] = "servfail"
        else:
            zone[name] = ["" if text == '""' else text]
    return zone, faults


def mail_dkim_cases():
    """What mail-dkim's own test expects: pass, fail or invalid a message."""
    base = DKIM / "mail-dkim"
    zone, faults = read_fake_dns(base / "FAKE_DNS.dat")
    for name, result in read_tsv(base / "expected.tsv").items():
        yield ("mail-dkim/" + name, base / "corpus" / name,
               {"zone": zone, "faults": faults}, result)
    listed = read_tsv(base / "expected.tsv")
    for path in sorted((base / "corpus").glob("*.txt")):
        if path.name not in listed:
            yield ("mail-dkim/" + path.name, path,
                   {"zone": zone, "faults": faults}, "unlisted")


def checked_cases(suite, zone):
    """What dkimpy says (checked.tsv), signature by signature."""
    base = DKIM / suite
    for name, words in read_tsv(base / "checked.tsv").items():
        if words == "no signature":
            expected = []
        else:
            expected = [PASS if word.strip() == "pass" else "no pass"
                        for word in words.split(" | ")]
        yield (suite + "/" + name, base / name, {"zone": zone}, expected)


def stalwart_cases(tmp):
    """DNS lines first, then the message; every signature verifies."""
    base = DKIM / "stalwart-mail-auth"
    for path in sorted(base.glob("*.txt")):
        head, _, message = path.read_bytes().replace(
            b"\r\n", b"\n").partition(b"\n\n")
        zone = {}
        for line in head.decode().splitlines():
            name, _, text = line.partition(" ")
            zone[name] = [text.strip()]
        target = tmp / path.name
        target.write_bytes(message)
        stamp = re.search(rb"\bt=(\d+)", message)
        yield ("stalwart-mail-auth/" + path.name, target,
               {"zone": zone, "now": int(stamp.group(1)) if stamp else 0},
               [PASS])


def pem_record(path):
    """A key record of a PEM public key."""
    lines = path.read_text().split()
    text = "".join(path.read_text().splitlines()[1:-1])
    assert lines[0] == "-----BEGIN"
    return "v=DKIM1; k=rsa; p=" + text


RFC8463_ZONE_NAMES = ("brisbane._domainkey.football.example.com",
                      "test._domainkey.football.example.com")


def mimekit_cases():
    """gmail.msg with gmail.pub, the RFC 8463 message with the RFC's keys."""
    base = DKIM / "mimekit"
    rfc = read_json_zone(DKIM / "dkim_verifier" / "dns.json")
    zone = {name: rfc[name] for name in RFC8463_ZONE_NAMES}
    zone["20120113._domainkey.gmail.com"] = [pem_record(base / "gmail.pub")]
    for name, expected in (("gmail.msg", [PASS]),
                           ("multipart-no-end-boundary.msg", [PASS]),
                           ("rfc8463-example.msg", [PASS, PASS])):
        yield "mimekit/" + name, base / name, {"zone": zone}, expected


def mailauth_cases():
    """ec/signed.eml with its DNS; the live messages have no keys here."""
    base = DKIM / "mailauth"
    yield ("mailauth/ec/signed.eml", base / "ec" / "signed.eml",
           {"zone": read_json_zone(base / "ec" / "dns.json")}, [PASS, PASS])
    for path in sorted(base.glob("*.eml")):
        count = len(re.findall(rb"(?im)^dkim-signature:", path.read_bytes()))
        yield "mailauth/" + path.name, path, {"zone": {}}, [PERM] * count


def dkimpy_cases():
    """The signed messages of dkimpy's tests with the keys those tests use."""
    base = DKIM / "dkimpy"

    def key(name):
        return [(base / name).read_text().strip()]

    rfc = read_json_zone(DKIM / "dkim_verifier" / "dns.json")
    zone = {
        "test._domainkey.example.com": key("test.txt"),
        "test._domainkey.football.example.com": key("test.txt"),
        RFC8463_ZONE_NAMES[0]: rfc[RFC8463_ZONE_NAMES[0]],
        "sed._domainkey.test.ex": key("eximtest.dns"),
        "20120113._domainkey.gmail.com":
            [pem_record(DKIM / "mimekit" / "gmail.pub")],
    }
    for name, expected in (("rfc6376.signed.msg", [PASS, PASS]),
                           ("rfc6376.signed.rsa.msg", [PASS]),
                           ("rfc6376.signed.no_t.msg", [FAIL]),
                           ("ed25519test2.msg", [PASS]),
                           ("test2.message", [PASS]),
                           ("test.message.baddomain", [PERM]),
                           ("message.mbox", [PERM]),
                           ("rfc6376.msg", []),
                           ("test.message", []),
                           ("test_nofrom.message", [])):
        yield "dkimpy/" + name, base / name, {"zone": zone}, expected
    bad_keys = (("badk.txt", [PASS, PERM]), ("badversion.txt", [PASS, PERM]),
                ("test_tlsrpt.txt", [PASS, PERM]),
                ("test_bad.txt", [PASS, PERM]))
    for name, expected in bad_keys:
        other = dict(zone)
        other["test._domainkey.football.example.com"] = key(name)
        yield ("dkimpy/rfc6376.signed.msg with " + name,
               base / "rfc6376.signed.msg", {"zone": other}, expected)


def all_cases(tmp):
    """Every case of every suite: (name, path, options, expected)."""
    yield from mail_dkim_cases()
    for suite in ("go-msgauth", "dkim_verifier"):
        yield from checked_cases(
            suite, read_json_zone(DKIM / suite / "dns.json"))
    yield from stalwart_cases(tmp)
    yield from mimekit_cases()
    yield from mailauth_cases()
    yield from dkimpy_cases()


def matches(results, expected):
    """Do our results agree with a suite's word?"""
    if isinstance(expected, list):
        return len(results) == len(expected) and all(
            r == e or (e == "no pass" and r != PASS)
            for r, e in zip(results, expected))
    if expected == PASS:
        return PASS in results
    if expected == FAIL:
        return PASS not in results and FAIL in results
    return PASS not in results
