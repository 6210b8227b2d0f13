#!/usr/bin/python3
"""Messages that others wrote, and bombs of our own, read by mime-driver.

The messages are read from the folder that the environment variable
GATEPOST_CORPORA names (default: ../shared/corpora beside the repository).  Of
every message all header fields are decoded, all parts found, all texts read:
no failure, none over a second or 100 MB.  Messages in which neither we nor
Python's own reader find anything wrong are read alike by both: the same types,
and the same decoded bytes.
"""
import binascii
import email
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT / "../shared/corpora"))
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))
DRIVER = BUILD / "tests/conformance/mime-driver"

CPU_US_MAX = 1_000_000
MEMORY_MAX = 100_000_000

# folder -> messages in the release that its ORIGIN names
FOLDERS = {
    "mime": 1102,
    "bounce": 492,
    "rspamd-messages": 94,
    "spamassassin-t": 115,
}

# tarball -> messages (mail/INDEX.tsv)
TARBALLS = {
    "ham/csdmc2010-ham": 576,
    "ham/foff-ham": 102,
    "ham/lists-ham": 2366,
    "ham/spamassassin-ham": 991,
    "spam/csdmc2010-spam": 284,
    "spam/foff-spam": 127,
    "spam/osst-spam": 476,
    "spam/phishing_pot-spam": 1989,
    "spam/spamassassin-spam": 579,
}

# Damage that leaves no doubt of the parts and their bytes.
HARMLESS = {"8-bit in 7bit", "long line", "bare LF", "bare CR",
            "names differ", "invalid text"}


def drive(paths):
    run = subprocess.run([str(DRIVER)], capture_output=True, timeout=500,
                         input="".join(f"{path}\n" for path in paths).encode())
    assert run.returncode == 0, run.stderr.decode()
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(paths)
    return answers


def messages_of(corpus, tmp_path):
    """The files of a folder, or those of a tarball of mail/."""
    if corpus in FOLDERS:
        count, path = FOLDERS[corpus], CORPORA / corpus
    else:
        count, path = TARBALLS[corpus], CORPORA / f"mail/{corpus}.tar.xz"
    if not path.exists():
        pytest.skip(f"{corpus}: {count} messages skipped, "
                    f"they are not in {CORPORA}")
    if corpus in TARBALLS:
        with tarfile.open(path) as tarball:
            tarball.extractall(tmp_path)
        path = tmp_path
    paths = sorted(file for file in path.rglob("*") if file.is_file()
                   and file.name not in ("ORIGIN", "COPYING"))
    assert len(paths) == count
    return paths


def check_cost(path, answer):
    if answer["sanitized"]:
        return
    assert answer["cpu_us"] < CPU_US_MAX, path
    assert answer["rss"] - os.path.getsize(path) < MEMORY_MAX, path


def flatten(message):
    """As content.h does it: other types of message/ are leaves."""
    parts = [message]
    kind = message.get_content_type()
    if message.is_multipart() and (
            kind.startswith("multipart/") or
            kind in ("message/rfc822", "message/global", "message/news")):
        for part in message.get_payload():
            parts += flatten(part)
    return parts


def python_bytes(part):
    """Python keeps blanks at the ends of quoted-printable lines, and does not
    know an encoding that a blank stands behind."""
    encoding = (part["content-transfer-encoding"] or "").strip().lower()
    if encoding == "base64" and part["content-transfer-encoding"] != encoding:
        part.replace_header("content-transfer-encoding", encoding)
    if encoding != "quoted-printable":
        return part.get_payload(decode=True)
    raw = part._payload.encode("ascii", "surrogateescape")
    return binascii.a2b_qp(re.sub(rb"[ \t]+(\r?\n|$)", rb"\1", raw))


def python_reading(path):
    """Type and digest of each part; None: Python finds something wrong."""
    raw = path.read_bytes()
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    parts = flatten(email.message_from_bytes(raw))
    if any(part.defects for part in parts):
        return None
    return [(part.get_content_type(), None if part.is_multipart() else
             hashlib.sha256(python_bytes(part)).hexdigest())
            for part in parts]


def own_reading(answer, python):
    return [(part["type"], part.get("sha256") if other[1] else None)
            for part, other in zip(answer["parts"], python)]


@pytest.mark.parametrize("corpus", [*FOLDERS, *TARBALLS])
def test_corpus(corpus, tmp_path):
    paths = messages_of(corpus, tmp_path)
    compared = 0
    for path, answer in zip(paths, drive(paths)):
        check_cost(path, answer)
        assert answer["parts"], path
        if answer["limits"] or set(answer["damage"]) - HARMLESS:
            continue
        python = python_reading(path)
        if python is None:
            continue
        assert len(answer["parts"]) == len(python), path
        assert own_reading(answer, python) == python, path
        compared += 1
    assert compared > len(paths) * 0.5


# Bombs: name -> (header and body, limits that are told, parts at most)

HEAD = b"From: a@b.test\nSubject: x\nMIME-Version: 1.0\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
LEVEL = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"


def levels(count):
    return b"".join(LEVEL % (i, i) for i in range(count)) + b"\nx\n"


def encoded_messages(count):
    """Each holds the next one in base64: a third more bytes a level."""
    raw = b"Subject: x\n\nx"
    for _ in range(count):
        raw = (b"Content-Type: message/rfc822\nContent-Transfer-Encoding: "
               b"base64\n\n" + binascii.b2a_base64(raw))
    return raw


def broken_parts(encoding, alphabet, seed=1):
    """Every text of up to three characters of an alphabet that breaks it, and
    a thousand longer ones."""
    texts = [b""]
    for _ in range(3):
        texts += [text + bytes([c]) for text in texts for c in alphabet]
    dice = random.Random(seed)
    texts += [bytes(dice.choices(alphabet, k=200)) for _ in range(1000)]
    part = b"--b\nContent-Transfer-Encoding: " + encoding + b"\n\n"
    return [HEAD + MIXED + b"".join(part + text + b"\n" for text in some) +
            b"--b--\n"
            for some in (texts[i:i + 900] for i in range(0, len(texts), 900))]


CHARSETS = (b"big5", b"gb2312", b"euc-kr", b"shift_jis", b"euc-jp", b"johab",
            b"iso-2022-jp", b"iso-2022-kr", b"euc-tw", b"utf-7", b"koi8-r",
            b"koi8-u", b"viscii", b"macintosh", *(b"windows-125%d" % i
                                                  for i in range(10)))


def pages(count, size, make):
    """HTML parts of about that many bytes."""
    part = b"--b\nContent-Type: text/html\n\n"
    return HEAD + MIXED + b"".join(
        part + make(size) + b"\n" for _ in range(count)) + b"--b--\n"


def wrong_ends(size):
    return b"<b>" * (size // 6) + b"</i>" * (size // 8)


def styled(size):
    """Rules by classes that no element has, and elements with many classes."""
    rules = b"".join(b".a%d.b%d{color:red}" % (i, i) for i in range(1000))
    element = b"<p class='" + b" ".join(b"a%d" % i for i in range(16)) + b"'>"
    return (b"<style>" + rules[:size // 2] + b"</style>" +
            element * (size // 2 // len(element)))


def links_of_one_host(size):
    return b"".join(b"<a href=//a.test/%d>x" % i for i in range(size // 20))


def words_of_many_charsets(count=2500):
    return b" ".join(b"=?%s?q?=E9?=" % CHARSETS[i % len(CHARSETS)]
                     for i in range(count))


def parameters_of_many_charsets():
    return b"".join(b"; x%d*=%s''%%E9" % (i, CHARSETS[i % len(CHARSETS)])
                    for i in range(60))


# Bombs are made when their test runs: some are large.
BOMBS = {
    "1000 levels": (lambda: HEAD + levels(1000), {"depth"}, 31),
    "100000 levels": (lambda: HEAD + levels(100_000), {"depth"}, 31),
    "1000 messages": (
        lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 1000 + b"\nx",
        {"depth"}, 31),
    "100000 messages": (
        lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 100_000, {"depth"}, 31),
    "10000 parts": (
        lambda: HEAD + MIXED + b"--b\n\nx\n" * 10_000 + b"--b--\n", {"parts"}, 1000),
    "a million parts": (
        lambda: HEAD + MIXED + b"--b\n\nx\n" * 1_000_000, {"parts"}, 1000),
    "a million ends": (
        lambda: HEAD + MIXED + b"--b\n\nx\n--b--\n" * 1_000_000, {"parts"}, 1000),
    "100 MB header, one field": (
        lambda: HEAD + b"X: " + b"a" * 100_000_000 + b"\n\nx", {"header"}, 1),
    "100 MB header, folds": (
        lambda: HEAD + b"X: " + b"aaaa\r\n " * 14_000_000 + b"\n\nx", {"header"}, 1),
    "100 MB header, fields": (
        lambda: HEAD + b"X: a\n" * 20_000_000 + b"\nx", {"header"}, 1),
    "100 MB header of a part": (
        lambda: HEAD + MIXED + b"--b\n" + b"X: a\n" * 20_000_000 +
        b"\nx\n--b--\n", {"header"}, 2),
    "100 MB header of a message": (
        lambda: HEAD + b"Content-Type: message/rfc822\n\n" + b"X:\n" * 33_000_000,
        {"header"}, 2),
    "headers of many parts": (
        lambda: HEAD + MIXED + (b"--b\n" + b"a:\n" * 3000 + b"\n") * 900 + b"--b--\n",
        {"header"}, 901),
    "no fields": (
        lambda: HEAD + MIXED + b"--b\nX: y\n" + b"\x01\n" * 5_000_000 + b"\n--b--\n",
        {"header"}, 2),
    "dashes": (lambda: HEAD + levels(1000) + b"--\n" * 3_000_000, {"depth"}, 31),
    "almost boundaries": (
        lambda: HEAD + levels(29) + b"--b\n--b1x\n" * 1_000_000, {"text"}, 30),
    "encoded words begun": (
        lambda: HEAD + b"Subject: " + b"=?a?q?" * 160_000 + b"\n\nx", set(), 1),
    "encoded words": (
        lambda: HEAD + b"To: " + b"=?gb2312?b?/w?= =?big5?q?=ff?= " * 25_000 + b"\n\n",
        set(), 1),
    "words of many charsets": (
        lambda: HEAD + b"".join(b"To: " + words_of_many_charsets() + b"\n"
                                for _ in range(18)) + b"\nx", set(), 1),
    "parameters of many charsets": (
        lambda: HEAD + MIXED + b"".join(
            b"--b\nContent-Type: text/plain" + parameters_of_many_charsets() +
            b"\nContent-Disposition: inline; filename=\"" +
            words_of_many_charsets(100) + b"\"\n\nx\n" for _ in range(250)) +
        b"--b--\n", set(), 251),
    "charset's name": (
        lambda: HEAD + b"Content-Type: text/plain; name*=" + b"a" * 900_000 +
        b"''x\n\nx", {"header"}, 1),
    "many parameters": (
        lambda: HEAD + b"Content-Type: text/plain" + b"; a*0=b" * 100_000 + b"\n\nx",
        {"header"}, 1),
    "comments": (
        lambda: HEAD + b"Content-Type: " + b"(" * 900_000 + b"\n\nx", {"header"}, 1),
    "claims of a gigabyte": (
        lambda: HEAD + b"Content-Length: 1000000000\nContent-Type: "
        b"application/octet-stream; size=1000000000; name*1000000000=x\n"
        b"Content-Transfer-Encoding: uuencode\n\nbegin 644 x\n" +
        b"M" * 1_000_000 + b"\n", set(), 1),
    "charsets that do not exist": (
        lambda: HEAD + MIXED + b"".join(
            b"--b\nContent-Type: text/plain; charset=x-%d//IGNORE\n\n\xe9\n" %
            i for i in range(900)) + b"--b--\n", set(), 901),
    "charsets": (
        lambda: HEAD + MIXED + b"".join(
            b"--b\nContent-Type: text/plain; charset=cp125%d\n\n%s\n" %
            (i % 9, bytes(range(128, 256)) * 8) for i in range(900)) +
        b"--b--\n", set(), 901),
    "text": (lambda: HEAD + b"\n" + b"\xff" * 10_000_000, {"text"}, 1),
    "text in many parts": (
        lambda: HEAD + MIXED + (b"--b\nContent-Type: text/html; charset=utf-16\n\n" +
                        b"\xdc" * 10_000 + b"\n") * 900 + b"--b--\n",
        {"text"}, 901),
    "10 MB of base64": (
        lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" +
        binascii.b2a_base64(bytes(57)) * 130_000, {"text"}, 1),
    "10 MB of equal signs": (
        lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=ab" * 3_300_000,
        {"text"}, 1),
    "10 MB of quoted-printable": (
        lambda: HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" +
        b"=" * 10_000_000, {"text"}, 1),
    "blanks": (
        lambda: HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" +
        b" \t" * 5_000_000, set(), 1),
    "wrong end tags": (
        lambda: pages(1, 500_000, wrong_ends), {"html"}, 2),
    "wrong end tags in many parts": (
        lambda: pages(90, 30_000, wrong_ends), {"html", "text"}, 91),
    "many parts of HTML": (
        lambda: pages(900, 100, wrong_ends), {"html"}, 901),
    "styles in many parts": (
        lambda: pages(50, 20_000, styled), set(), 51),
    "links of many hosts": (
        lambda: HEAD + b"\n" + b"".join(
            b"http://a%d.test\n" % i for i in range(30_000)),
        {"urls"}, 1),
    "links of one host": (
        lambda: pages(50, 10_000, links_of_one_host), set(), 51),
    "redirectors": (
        lambda: HEAD + b"\n" + b"".join(
            b"http://a%d.test/?" % i + b"u=http%%253A//b%d.test/&" % i * 100
            for i in range(200)), set(), 1),
    "messages in base64": (lambda: encoded_messages(31), {"nested"}, 31),
    "messages in base64, 10 MB": (
        lambda: HEAD + MIXED + (b"--b\n" + encoded_messages(20)) * 1000,
        {"parts"}, 1000),
}



@pytest.mark.parametrize("name", BOMBS)
def test_bomb(name, tmp_path):
    make, limits, parts_max = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(make())
    answer, = drive([path])
    check_cost(path, answer)
    assert set(answer["limits"]) >= limits
    assert limits or not answer["limits"]
    assert 0 < len(answer["parts"]) <= parts_max
    path.unlink()


@pytest.mark.parametrize("encoding, alphabet", [
    (b"base64", b"aB/=-\n \xe9"),
    (b"quoted-printable", b"=4fG \n\r\xe9"),
    (b"x-uuencode", b"#`M \n!\xe9e"),
])
def test_broken_encoding(encoding, alphabet, tmp_path):
    paths = []
    for i, raw in enumerate(broken_parts(encoding, alphabet)):
        paths.append(tmp_path / str(i))
        paths[-1].write_bytes(raw)
    name = encoding.decode().removeprefix("x-")
    for path, answer in zip(paths, drive(paths)):
        check_cost(path, answer)
        assert f"broken {name}" in answer["damage"]
        assert len(answer["parts"]) > 100


def test_own_message(tmp_path):
    """The driver itself, where no messages of others are there."""
    path = tmp_path / "message"
    path.write_bytes(b"Subject: =?utf-8?q?=C3=A9?=\n" + MIXED +
                     b"--b\n\none\n--b\nContent-Type: text/html\n\n"
                     b"<a href='http://a.test/'>two</a>\n")
    answer, = drive([path])
    assert answer["hosts"] == ["a.test"]
    assert answer["subject"] == "\xe9"
    assert [part["type"] for part in answer["parts"]] == [
        "multipart/mixed", "text/plain", "text/html"]
    assert answer["damage"] == ["no end"]
    assert answer["limits"] == []
    check_cost(path, answer)
