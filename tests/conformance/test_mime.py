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
import re
import subprocess

import pytest

from bombs import BOMBS, BROKEN_ENCODINGS, MIXED, broken_parts
from corpora import BUILD, FOLDERS, TARBALLS, messages_of

DRIVER = BUILD / "tests/conformance/mime-driver"

CPU_US_MAX = 1_000_000
MEMORY_MAX = 100_000_000

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


@pytest.mark.parametrize("encoding, alphabet", BROKEN_ENCODINGS)
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
