#!/usr/bin/python3
"""Authentication-Results fields that others wrote, run through authres-driver.

The fields are read from the files themselves, in the folder that the
environment variable GATEPOST_CORPORA names (default: ../shared/corpora beside
the repository).  Each field is parsed, compared with what the suite says (or
with the plain reading of plain_reading()), written, parsed again and compared.
tests/unit/test-authres.c holds cases of our own on the same ground, for where
the suites are absent.

Where a suite takes a field that RFC 8601 section 2.2 does not allow, or the
other way round, the RFC decides: those fields are in the table NOT_RFC8601 with
the reason, and run like the others.
"""
import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT / "../shared/corpora")) / "authres"
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
DRIVER = BUILD / "tests/conformance/authres-driver"

# suite file or folder -> fields in the release that the folder's ORIGIN names
SUITES = {
    "python-authres/headers.txt": 34,
    "go-msgauth/parse.json": 13,
    "dkim_verifier/arh": 33,
}

NO_PTYPE = "a property has no ptype; propspec is ptype \".\" property"
NO_ID = "there is no authserv-id"
SLASH = "\"/\" is a tspecial: a token cannot hold it, it has to be quoted"

# (suite, a piece of the field that only these fields hold) -> why it is
# refused.  Each suite's own reader takes these fields unless told otherwise.
NOT_RFC8601 = {
    ("python-authres/headers.txt", "header.b=Qgi/FoC0"): SLASH,
    ("python-authres/headers.txt", "policy.iprev=2001:748:"):
        "\":\" is a tspecial: an IPv6 address has to be quoted",
    ("python-authres/headers.txt", "x-tls=pass version=TLSv1.2 cipher"):
        NO_PTYPE,
    ("go-msgauth/parse.json", ""): NO_ID,
    ("go-msgauth/parse.json", "sender@example.com;$"):
        "a resinfo has to stand behind each \";\"",
    # "newest_no_authserv": Outlook.com writes these, the suite takes them
    # when told to be relaxed.
    ("dkim_verifier/arh", "^dkim=pass header.d="): NO_ID,
    # "newest_parsing_error_*": refused by the suite too
    ("dkim_verifier/arh", "header.b=/d5r"): SLASH,
    ("dkim_verifier/arh", "example/net;"): SLASH,
    # "valid_relaxed": the suite takes it only when told to be relaxed
    ("dkim_verifier/arh", "header.d=example.com;$"):
        "a resinfo has to stand behind each \";\"",
}


def suite_path(name):
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"{name}: {SUITES[name]} fields skipped, "
                    f"the suite is not in {CORPORA}")
    return path


def fields_of_message(data):
    """The values of the Authentication-Results fields, folds kept."""
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    pattern = rb"(?im)^Authentication-Results:((?:[^\n]|\n[ \t])*)"
    return [match.decode() for match in re.findall(pattern, head)]


def python_authres():
    text = suite_path("python-authres/headers.txt").read_text()
    fields = [field.strip() for field in text.split("\n--\n")]
    return [field.split(":", 1)[1] for field in fields]


def go_msgauth():
    return json.loads(suite_path("go-msgauth/parse.json").read_text())


def dkim_verifier():
    folder = suite_path("dkim_verifier/arh")
    return [field for path in sorted(folder.glob("*.eml"))
            for field in fields_of_message(path.read_bytes())]


READERS = {
    "python-authres/headers.txt": python_authres,
    "go-msgauth/parse.json": lambda: [case["value"] for case in go_msgauth()],
    "dkim_verifier/arh": dkim_verifier,
}


def drive(values, authserv_id="example.com"):
    lines = "".join(json.dumps({"value": value, "id": authserv_id}) + "\n"
                    for value in values)
    run = subprocess.run([str(DRIVER)], input=lines, text=True,
                         capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(values)
    return answers


def refusals(suite, value):
    """The reasons why RFC 8601 refuses a field of a suite."""
    flat = re.sub(r"\s+", " ", value).strip()
    return [reason for (name, piece), reason in NOT_RFC8601.items()
            if name == suite and holds(flat, piece)]


def holds(flat, piece):
    if piece == "":
        return flat == ""
    if piece.startswith("^"):
        return flat.startswith(piece[1:])
    if piece.endswith("$"):
        return flat.endswith(piece[:-1])
    return piece in flat


def plain_reading(value):
    """What a field says, read the plain way: enough for these suites, in
    which no string holds a ';', a parenthesis or a quote."""
    value = re.sub(r"\([^()]*\)", " ", value)
    head, *parts = [part.strip() for part in value.split(";")]
    results = []
    for part in parts:
        if part in ("none", ""):
            continue
        words = re.findall(r'([\w.-]+)=("[^"]*"|\S+)', part)
        words = [(name.lower(), word.strip('"')) for name, word in words]
        (method, result), details = words[0], words[1:]
        reason = [word for name, word in details if name == "reason"]
        results.append({
            "method": method, "version": 1, "result": result.lower(),
            "reason": reason[0] if reason else None,
            "properties": [name.split(".") + [word] for name, word in details
                           if name != "reason"]})
    authserv_id, _, version = head.partition(" ")
    return {"authserv_id": authserv_id, "version": int(version or 1),
            "results": results}


def authserv_id_of(value):
    """None: the field begins with a result, or is empty."""
    words = value.split(";")[0].split()
    return words[0] if words and "=" not in words[0] else None


@pytest.mark.parametrize("suite", SUITES)
def test_fields(suite):
    values = READERS[suite]()
    assert len(values) == SUITES[suite]
    for value, answer in zip(values, drive(values)):
        reasons = refusals(suite, value)
        if reasons:
            assert answer["parsed"] is None, (value, reasons)
            continue
        assert answer["parsed"] == plain_reading(value), value
        assert answer["again"] == answer["parsed"], answer["written"]
        assert all(len(line) <= 78 or " " not in line.strip()
                   for line in answer["written"].split("\n")), answer
        assert "(" not in answer["written"], answer


@pytest.mark.parametrize("suite", SUITES)
def test_refused_fields_exist(suite):
    """Each row of NOT_RFC8601 is about fields that the suite really holds."""
    values = READERS[suite]()
    for name, piece in NOT_RFC8601:
        flat = [re.sub(r"\s+", " ", value).strip() for value in values]
        if name == suite:
            assert any(holds(value, piece) for value in flat), piece


@pytest.mark.parametrize("suite", SUITES)
def test_claims(suite):
    """A field claims the authserv-id that stands in it, and no other."""
    values = READERS[suite]()
    owners = [authserv_id_of(value) for value in values]
    for authserv_id in sorted(set(owners) - {None}):
        for value, owner, answer in zip(values, owners,
                                        drive(values, authserv_id)):
            assert answer["claims"] == (owner == authserv_id), value


# go-msgauth's names of the property that each of its structs holds
GO_PROPERTIES = {
    ("Auth", "Auth"): ["smtp", "auth"],
    ("DKIM", "Domain"): ["header", "d"],
    ("DKIM", "Identifier"): ["header", "i"],
    ("SPF", "From"): ["smtp", "mailfrom"],
    ("SPF", "Helo"): ["smtp", "helo"],
}


def go_result(result):
    kind = result["type"]
    properties = [names + [result[field]]
                  for (owner, field), names in GO_PROPERTIES.items()
                  if owner == kind and field in result]
    if kind == "SenderID":
        properties = [["header", result["HeaderKey"], result["HeaderValue"]]]
    method = "sender-id" if kind == "SenderID" else kind.lower()
    return {"method": method, "version": 1, "reason": result.get("Reason"),
            "result": result["Value"].removeprefix("Result").lower(),
            "properties": properties}


def test_go_msgauth_expectations():
    cases = go_msgauth()
    answers = drive([case["value"] for case in cases])
    compared = 0
    for case, answer in zip(cases, answers):
        if refusals("go-msgauth/parse.json", case["value"]):
            continue
        assert answer["parsed"]["authserv_id"] == case["identifier"]
        assert answer["parsed"]["results"] == [
            go_result(result) for result in case["results"]], case
        compared += 1
    assert compared == len(cases) - 2


def test_own_fields():
    """The driver itself, where no suite is there: a field and a broken one."""
    good, bad = drive(["example.com; spf=pass (x) reason=\"a b\" a.b=c@d",
                       "example.com; spf"])
    assert good["parsed"] == good["again"] == {
        "authserv_id": "example.com", "version": 1, "results": [{
            "method": "spf", "version": 1, "result": "pass", "reason": "a b",
            "properties": [["a", "b", "c@d"]]}]}
    assert good["claims"] and bad["claims"]
    assert bad["parsed"] is None and bad["written"] is None
