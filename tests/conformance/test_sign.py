"""DKIM signatures of ours, verified by dkimpy, on messages of all kinds.

The driver (tests/conformance/sign-driver.c) signs by both kinds of keys; dkimpy
verifies each signature on what an MTA would send.
"""
import base64
import os
import pathlib
import random
import re
import subprocess

import dkim
import nacl.signing
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT.parent / "shared" / "corpora"))
DRIVER = BUILD / "tests" / "conformance" / "sign-driver"
DOMAIN = "signer.test"
LINE_LIMIT = 998
SAMPLES_MAX = 600  # of the corpora, which are large


def openssl(*arguments, data=None):
    """Output of an openssl command."""
    return subprocess.run(("openssl",) + arguments, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory):
    """A key directory of openssl's and nacl's keys, and their records."""
    base = tmp_path_factory.mktemp("keys")
    folder = base / DOMAIN
    folder.mkdir()
    pem = openssl("genrsa", "2048")
    public = openssl("rsa", "-pubout", "-outform", "DER", data=pem)
    seed = nacl.signing.SigningKey.generate()
    files = {"r": pem, "e": base64.b64encode(bytes(seed))}
    for selector, text in files.items():
        path = folder / (selector + ".private")
        path.touch(mode=0o600)
        path.write_bytes(text)
    verify_key = base64.b64encode(bytes(seed.verify_key))
    records = {"r": b"v=DKIM1; k=rsa; p=" + base64.b64encode(public),
               "e": b"v=DKIM1; k=ed25519; p=" + verify_key}
    zone = {("%s._domainkey.%s." % (selector, DOMAIN)).encode(): text
            for selector, text in records.items()}
    return base, zone


def sign(keys, messages, out, chunk=4096):
    """The messages (paths), signed, as bytes."""
    base, _ = keys
    names = "".join("%s\n" % path for path in messages).encode()
    subprocess.run([str(DRIVER), str(base), DOMAIN, str(LINE_LIMIT),
                    str(chunk), str(out)], input=names, check=True,
                   timeout=300)
    return [(out / str(i)).read_bytes() for i in range(len(messages))]


def as_sent(message):
    """The message with its long lines broken as Postfix does, and its end."""
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    lines = []
    for line in message.split(b"\r\n"):
        while len(line) > LINE_LIMIT:
            lines.append(line[:LINE_LIMIT])
            line = b" " + line[LINE_LIMIT:]
        lines.append(line)
    return b"\r\n".join(lines)


def failures(keys, signed):
    """Which of the two signatures dkimpy does not verify, and why."""
    _, zone = keys
    found = []
    for index in range(2):
        try:
            verifier = dkim.DKIM(signed)
            good = verifier.verify(
                idx=index, dnsfunc=lambda name, timeout=5: zone[name])
        except dkim.DKIMException as error:
            good = error
        if good is not True:
            found.append("signature %d: %s" % (index, good))
    return found


BODIES = [
    b"", b"\r\n", b"\r\n\r\n\r\n", b" \r\n\t\r\n", b"a", b"a\r\n",
    b"a \t \r\n\r\n \r\n", b" a  b\tc\r\n\r\n\r\nd\r\n\r\n", b".\r\n..\r\n",
    b"\xc3\xa4\xff\x80\r\n", b"x" * 998 + b"\r\n", b"x" * 999 + b"\r\n",
    b"x" * 5000 + b"\r\ny\r\n", (b"x" * 996 + b"  ") * 4 + b"\r\n",
    b"x " * 3000, b"\t" * 2000 + b"x\r\n", b"a\x00b\r\n",
]

HEADERS = [
    b"From: a@signer.test\r\n",
    b"From: a@signer.test\r\nSubject:\r\nTo: \r\nCc:\t\r\n",
    b"FROM:a@signer.test\r\nsubject :  folded \r\n\t here  \r\n  there \r\n",
    b"From: a@signer.test\r\nTo: b@x.test\r\nTo: c@x.test\r\nTo: d@x.test\r\n"
    b"Received: x\r\nReceived: y\r\nSubject: s\r\nSubject: t\r\n",
    b"From: =?utf-8?q?=C3=A4?= <a@signer.test>\r\nSubject: \xc3\xa4\xff\r\n",
    b"From: a@signer.test\r\nReferences: " + b"<id@x.test>" * 300 + b"\r\n",
    b"From: a@signer.test\r\nReferences:" + b"\r\n <id@x.test>" * 300
    + b"\r\n",
    b"From: a@signer.test\r\nSubject: " + b"w " * 2000 + b"\r\n",
    b"From: a@signer.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    b"Content-Transfer-Encoding: 8bit\r\nList-Id: <x.test>\r\n"
    b"List-Unsubscribe: <https://x.test/>\r\nReply-To: r@x.test\r\n"
    b"In-Reply-To: <a@b>\r\nDate: now\r\nMessage-ID: <x@y>\r\n",
]


@pytest.mark.parametrize("chunk", [1, 2, 7, 1000, 65536])
def test_made_messages(keys, tmp_path, chunk):
    """Every header with every body, cut in every way."""
    paths, out = [], tmp_path / "out"
    out.mkdir()
    for header in HEADERS:
        for body in BODIES:
            path = tmp_path / ("m%d" % len(paths))
            path.write_bytes(header + b"\r\n" + body)
            paths.append(path)
    wrong = {}
    for path, signed in zip(paths, sign(keys, paths, out, chunk)):
        found = failures(keys, as_sent(signed))
        if found:
            wrong[path.read_bytes()[:30] + path.read_bytes()[-30:]] = found
    assert not wrong


def has_readable_header(path):
    """What dkimpy itself can read: fields up to an empty line, no NUL."""
    data = path.read_bytes().replace(b"\r\n", b"\n")
    head, gap, _ = data.partition(b"\n\n")
    return (gap and len(data) < 300000 and b"\r" not in data
            and re.search(rb"(?im)^from:", head) and b"\0" not in head
            and not re.search(rb"[\x0b\x0c]", head)
            and re.fullmatch(rb"(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)+",
                             head + b"\n"))


def sample_messages():
    """Mail that nobody made for this test."""
    found = [path for folder in ("mail", "mime", "bounce", "dkim", "arc")
             for path in sorted((CORPORA / folder).rglob("*"))
             if path.is_file() and has_readable_header(path)]
    random.Random(5).shuffle(found)
    return found[:SAMPLES_MAX]


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora")
def test_corpora(keys, tmp_path):
    """Real and torture messages keep both signatures."""
    samples = sample_messages()
    assert len(samples) > 300
    wrong = {}
    for path, signed in zip(samples, sign(keys, samples, tmp_path)):
        found = failures(keys, as_sent(signed))
        if found:
            wrong[str(path.relative_to(CORPORA))] = found
    assert not wrong
