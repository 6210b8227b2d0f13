"""DKIM verification against suites that others wrote, and against dkimpy.

The driver (tests/conformance/dkim-driver.c) does the verifying; expectations
are computed here from the files of the suites.  Where a suite expects what RFC
6376, 8301 or 8463 forbids, RFC_DECIDES names the case, our result and why.
"""
import atexit
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import dkim
import nacl.signing
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT.parent / "shared" / "corpora"))
DKIM = CORPORA / "dkim"
DRIVER = BUILD / "tests" / "conformance" / "dkim-driver"

PASS, FAIL, TEMP, PERM = "pass", "fail", "temperror", "permerror"

# suite/file: (results by signature, why the suite's word does not stand).
DOMAINKEYS = ([], "DomainKeys (RFC 4870) is another protocol")
NO_VERSION = ([PERM], "v= is missing; RFC 6376 section 3.5 requires it")
OLD_VERSION = ([PERM], "v=0.5 of a draft; RFC 6376 section 3.5 asks for 1")
SHA1 = ([PERM], "rsa-sha1; RFC 8301 section 3.1 refuses it")
RFC_DECIDES = {
    # Altered, but refused before the alteration counts.
    "mail-dkim/bad_1.txt": NO_VERSION,
    "mail-dkim/bad_ietf01_1.txt": NO_VERSION,
    "mail-dkim/bad_ietf01_3.txt": NO_VERSION,
    # Passed in their time.
    "mail-dkim/dk_headers_1.txt": DOMAINKEYS,
    "mail-dkim/dk_multiple_1.txt": DOMAINKEYS,
    "mail-dkim/good_dk_2.txt": DOMAINKEYS,
    "mail-dkim/good_dk_3.txt": DOMAINKEYS,
    "mail-dkim/good_dk_4.txt": DOMAINKEYS,
    "mail-dkim/good_dk_6.txt": DOMAINKEYS,
    "mail-dkim/good_dk_7.txt": DOMAINKEYS,
    "mail-dkim/good_dk_gmail.txt": DOMAINKEYS,
    "mail-dkim/good_ietf00_2.txt": NO_VERSION,
    "mail-dkim/good_ietf00_3.txt": NO_VERSION,
    "mail-dkim/good_ietf01_1.txt": NO_VERSION,
    "mail-dkim/good_ietf01_2.txt": NO_VERSION,
    "mail-dkim/mine_ietf01_2.txt": NO_VERSION,
    "mail-dkim/mine_ietf01_3.txt": NO_VERSION,
    "mail-dkim/mine_ietf01_4.txt": NO_VERSION,
    "mail-dkim/multiple_1.txt": ([PERM] * 4, NO_VERSION[1]),
    "mail-dkim/no_body_1.txt": OLD_VERSION,
    "mail-dkim/no_body_2.txt": OLD_VERSION,
    "mail-dkim/no_body_3.txt": OLD_VERSION,
    "mail-dkim/good_83176.txt": SHA1,
    "mail-dkim/good_qp_1.txt": SHA1,
    "mail-dkim/good_qp_2.txt": SHA1,
    "mail-dkim/good_rfc4871_3.txt": SHA1,
    "mail-dkim/goodkey_2.txt": SHA1,
    "mail-dkim/goodkey_3.txt": SHA1,
    "mail-dkim/goodkey_4.txt": SHA1,
    "mail-dkim/multiple_2.txt": (
        [PERM] * 4, "three rsa-sha1 (RFC 8301) and one malformed signature"),
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


def fastmail_cases():
    """Two real messages at their own time, before their x=."""
    base = DKIM / "dkim_verifier" / "original"
    zone = read_json_zone(DKIM / "dkim_verifier" / "dns.json")
    for path in sorted(base.glob("Fastmail from Fastmail*.eml")):
        stamp = re.search(rb"\bt=(\d+)", path.read_bytes())
        yield ("dkim_verifier/original/%s in time" % path.name, path,
               {"zone": zone, "now": int(stamp.group(1))}, [PASS, PERM])


def go_msgauth_rfc_key_case():
    """The RSA signature passes with the key that RFC 8463 gives."""
    rfc = read_json_zone(DKIM / "dkim_verifier" / "dns.json")
    yield ("go-msgauth/rfc8463-ed25519-and-rsa.eml with the RFC's key",
           DKIM / "go-msgauth" / "rfc8463-ed25519-and-rsa.eml",
           {"zone": {n: rfc[n] for n in RFC8463_ZONE_NAMES}}, [PASS, PASS])


def all_cases(tmp):
    """Every case of every suite: (name, path, options, expected)."""
    yield from mail_dkim_cases()
    for suite in ("go-msgauth", "dkim_verifier"):
        yield from checked_cases(
            suite, read_json_zone(DKIM / suite / "dns.json"))
    yield from fastmail_cases()
    yield from go_msgauth_rfc_key_case()
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


def corpus_cases():
    """The cases as pytest parameters; none where the suites are absent."""
    if not DKIM.is_dir():
        return []
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-dkim-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return [pytest.param(*case, id=case[0]) for case in all_cases(scratch)]


CASES = corpus_cases()


@pytest.mark.skipif(not DKIM.is_dir(), reason="no DKIM suites in %s" % DKIM)
def test_suites_are_complete():
    """All suites were found, and every exception names a case."""
    names = {case.id for case in CASES}
    suites = {name.split("/")[0] for name in names}
    assert suites == {"mail-dkim", "go-msgauth", "dkim_verifier", "mimekit",
                      "stalwart-mail-auth", "mailauth", "dkimpy"}
    assert len(CASES) >= 100
    assert set(RFC_DECIDES) <= names


@pytest.mark.parametrize("name,path,options,expected", CASES)
def test_suite_case(name, path, options, expected):
    """A case of a suite: its word holds, or the RFC's where it decides."""
    results = results_of(path, **options)
    if name not in RFC_DECIDES:
        assert matches(results, expected), results
        return
    decided, reason = RFC_DECIDES[name]
    assert reason and not matches(results, expected)
    assert results == decided


@pytest.mark.skipif(not DKIM.is_dir(), reason="no DKIM suites in %s" % DKIM)
def test_suite_cases_in_chunks():
    """The body byte by byte gives the same as in one piece."""
    for case in CASES:
        _, path, options, _ = case.values
        assert results_of(path, **options) == results_of(
            path, chunk=1, **options), path


# ---- against dkimpy: signed by it, verified by ours ----

MESSAGE = (b"From: Alice <alice@example.com>\r\n"
           b"To: Bob <bob@example.net>\r\n"
           b"Subject: A  subject\r\n\tthat is folded\r\n"
           b"Date: Mon, 06 Jul 2026 10:00:00 +0000\r\n"
           b"Message-ID: <1@example.com>\r\n"
           b"\r\n"
           b"One line  with blanks \r\n\r\n and another\t\r\n\r\n\r\n")
CANONS = [(h, b) for h in (b"simple", b"relaxed")
          for b in (b"simple", b"relaxed")]
SIGNED = [b"from", b"to", b"subject", b"date", b"message-id"]


@pytest.fixture(scope="session", name="keys")
def fixture_keys():
    """Fresh keys: {selector: (private, record)}."""
    made = {}
    for bits in (512, 1024, 2048, 4096):
        pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)],
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True).stdout
        der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"],
                             input=pem, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True).stdout
        made["rsa%d" % bits] = (
            pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode())
    key = nacl.signing.SigningKey.generate()
    made["ed25519"] = (
        base64.b64encode(bytes(key)),
        "v=DKIM1; k=ed25519; p=" +
        base64.b64encode(bytes(key.verify_key)).decode())
    return made


def sign(keys, selector, canon, message=MESSAGE, **options):
    """The message with a signature of dkimpy on top."""
    algorithm = b"ed25519-sha256" if selector == "ed25519" else b"rsa-sha256"
    options.setdefault("signature_algorithm", algorithm)
    return dkim.sign(message, selector.encode(), b"example.com",
                     keys[selector][0], canonicalize=canon,
                     include_headers=SIGNED, **options) + message


def verify(tmp_path, keys, message):
    """Our signatures of a message in bytes."""
    path = tmp_path / "message.eml"
    path.write_bytes(message)
    zone = {"%s._domainkey.example.com" % s: [r] for s, (_, r) in keys.items()}
    return run_driver([path], zone)[0]["signatures"]


def words(signatures):
    """Their result words."""
    return [s["result"] for s in signatures]


@pytest.mark.parametrize("canon", CANONS)
@pytest.mark.parametrize("selector",
                         ["rsa1024", "rsa2048", "rsa4096", "ed25519"])
def test_dkimpy_signs(tmp_path, keys, selector, canon):
    """What dkimpy signs passes, with all its properties told."""
    signature, = verify(tmp_path, keys, sign(keys, selector, canon))
    assert signature["result"] == PASS and signature["reason"] is None
    assert (signature["d"], signature["s"]) == ("example.com", selector)
    assert signature["i"] == "@example.com"
    assert signature["bits"] == int(selector[3:] if "rsa" in selector else 0)


def tampered(message):
    """(what was done, altered message, may a relaxed signature still hold)"""
    head, _, body = message.partition(b"\r\n\r\n")
    yield "body", head + b"\r\n\r\n" + body.replace(b"One", b"Two"), False
    yield "body end", message + b"more\r\n", False
    yield "blank lines", message + b"\r\n\r\n", True
    yield "subject", message.replace(b"A  subject", b"B subject"), False
    yield "to", message.replace(b"bob@", b"eve@"), False
    yield "b=", re.sub(rb"(\bb=\s*)(.)", lambda m: m[1] + (
        b"A" if m[2] != b"A" else b"B"), message, count=1), False
    yield "d=", message.replace(b"d=example.com", b"d=example.org"), False
    yield "no body", head + b"\r\n\r\n", False


@pytest.mark.parametrize("canon", CANONS)
@pytest.mark.parametrize("selector", ["rsa2048", "ed25519"])
def test_tampered(tmp_path, keys, selector, canon):
    """No altered message passes; trailing empty lines are no alteration."""
    for what, message, holds in tampered(sign(keys, selector, canon)):
        result, = words(verify(tmp_path, keys, message))
        assert (result == PASS) == holds, (what, result)
        assert dkim_agrees(keys, message) == holds, what


def dkim_agrees(keys, message):
    """dkimpy's own verdict."""
    def txt(name, timeout=5):
        del timeout
        selector = name.decode().split(".")[0]
        if not name.endswith(b"example.com."):
            return None
        return keys[selector][1].encode()
    try:
        return dkim.verify(message, dnsfunc=txt)
    except dkim.DKIMException:
        return False


@pytest.mark.parametrize("canon", CANONS)
def test_weak(tmp_path, keys, canon):
    """Keys under 1024 bits and SHA-1 never pass (RFC 8301)."""
    signature, = verify(tmp_path, keys, sign(keys, "rsa512", canon))
    assert signature["result"] == PERM and "1024" in signature["reason"]
    signature, = verify(tmp_path, keys, sign(
        keys, "rsa2048", canon, signature_algorithm=b"rsa-sha1"))
    assert signature["result"] == PERM and "rsa-sha1" in signature["reason"]


@pytest.mark.parametrize("canon", CANONS)
def test_body_length(tmp_path, keys, canon):
    """l= passes and tells what stands behind it."""
    message = sign(keys, "rsa2048", canon, length=True)
    signature, = verify(tmp_path, keys, message)
    assert (signature["result"], signature["unsigned"]) == (PASS, 0)
    signature, = verify(tmp_path, keys, message + b"12345\r\n")
    assert signature["result"] == PASS
    # The empty lines before the addition count now, too.
    assert signature["unsigned"] >= 7
    assert "bytes are not signed" in signature["reason"]


def test_eight_bit(tmp_path, keys):
    """Header fields with 8-bit bytes."""
    message = MESSAGE.replace(b"A  subject", "Gr\u00fc\u00dfe".encode())
    for canon in CANONS:
        assert words(verify(tmp_path, keys, sign(
            keys, "rsa2048", canon, message))) == [PASS]


def test_many_signatures(tmp_path, keys):
    """Ten are verified, the rest is told; b= prefixes are unique."""
    message = MESSAGE
    for _ in range(12):
        message = sign(keys, "rsa1024", CANONS[3], message)
    path = tmp_path / "message.eml"
    path.write_bytes(message)
    zone = {"rsa1024._domainkey.example.com": [keys["rsa1024"][1]]}
    answer = run_driver([path], zone)[0]
    assert words(answer["signatures"]) == [PASS] * 10
    assert answer["ignored"] == 2


@pytest.mark.parametrize("fault", ["timeout", "servfail", "bogus"])
def test_dns_faults(tmp_path, keys, fault):
    """DNS trouble is a temperror, whatever the signature."""
    path = tmp_path / "message.eml"
    path.write_bytes(sign(keys, "rsa2048", CANONS[0]))
    answer = run_driver([path], {}, faults={
        "rsa2048._domainkey.example.com": fault})[0]
    assert words(answer["signatures"]) == [TEMP]
    answer = run_driver([path], {})[0]
    assert words(answer["signatures"]) == [PERM]
    assert answer["signatures"][0]["reason"] == "no key for signature"
