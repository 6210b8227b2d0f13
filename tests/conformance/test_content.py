#!/usr/bin/python3
"""Whole scans of messages that others wrote, and of bombs of our own.

Every message of the corpora is scanned by symbols-driver, offline and at
default settings, and a sample of each by `gatepost check` itself: no failure,
none over a second of CPU or 100 MB.  Bombs are bounded, and what was left out
is told.  With sanitizers only what they report counts.  On the labelled mail
the weights must hold what was promised of them.
"""
import collections
import json
import os
import subprocess
import sys

import pytest

from bombs import (BOMBS, BROKEN_ENCODINGS, HEAD, SCAN_BOMBS, broken_parts)
from corpora import BUILD, FOLDERS, ROOT, TARBALLS, messages_of

sys.path.insert(0, str(ROOT / "tests/tune"))
from drive import drive, half_of  # noqa: E402

CPU_MS_MAX = 1000
KILOBYTES_MAX = 100_000
READ_MS_A_MB = 10  # what the command takes to read its file
SAMPLE = 40  # a process each

JUNK = 5.0
HAM_PERCENT_MAX = 0.5
SPAM_PERCENT_MIN = 40.0

Checked = collections.namedtuple("Checked", "verdict cpu_ms kilobytes")

# Tells of one child what getrusage() would mix up with all other tests.
MEASURE = """
import resource, subprocess, sys
run = subprocess.run(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.1f %d" % ((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss),
      file=sys.stderr)
sys.exit(run.returncode)
"""


def check(path):
    """`gatepost check` of a file: its JSON, and its cost."""
    run = subprocess.run(
        [sys.executable, "-S", "-E", "-c", MEASURE, BUILD / "gatepost", "check",
         "--json", "--offline", path], capture_output=True, timeout=300)
    assert run.returncode in (0, 1), (path, run.stderr)
    *complaints, cost = run.stderr.decode().splitlines()
    assert not complaints, (path, complaints)
    cpu_ms, kilobytes = cost.split()
    return Checked(json.loads(run.stdout), float(cpu_ms), int(kilobytes))


@pytest.fixture(scope="module", name="is_sanitized")
def _is_sanitized(tmp_path_factory):
    path = tmp_path_factory.mktemp("sanitized") / "message"
    path.write_bytes(HEAD + b"\nHello\n")
    scanned, = drive(BUILD, [path])
    return scanned.cpu_ms is None


def check_cost(path, told, is_sanitized, size=0):
    """size: bytes of the file that the command holds, too."""
    if is_sanitized:
        return
    assert told.cpu_ms < CPU_MS_MAX + READ_MS_A_MB * size / 1e6, path
    assert told.kilobytes < KILOBYTES_MAX + size / 1024, path


def tell_most(name, scanned):
    """For `pytest -s`: what the dearest messages cost."""
    if scanned[0].cpu_ms is not None:
        print("\n%s: %d messages, at most %.1f ms and %d KB" % (
            name, len(scanned), max(one.cpu_ms for one in scanned),
            max(one.kilobytes for one in scanned)))


# ---- The messages of others

# Each worker would scan them all again.
one_worker = pytest.mark.xdist_group("corpora")


@pytest.fixture(scope="module", name="corpora")
def _corpora(tmp_path_factory):
    """corpus -> paths and what was told of them; each is scanned once."""
    known = {}

    def scan(corpus):
        if corpus not in known:
            paths = messages_of(corpus, tmp_path_factory.mktemp("corpus"))
            known[corpus] = paths, drive(BUILD, paths)
        return known[corpus]
    return scan


@one_worker
@pytest.mark.parametrize("corpus", [*FOLDERS, *TARBALLS])
def test_no_message_fails_or_costs_much(corpus, corpora, is_sanitized):
    paths, scanned = corpora(corpus)
    for path, one in zip(paths, scanned):
        check_cost(path, one, is_sanitized)
    tell_most(corpus, scanned)


@one_worker
@pytest.mark.parametrize("corpus", [*FOLDERS, *TARBALLS])
def test_the_command_tells_the_same(corpus, corpora, is_sanitized):
    paths, scanned = corpora(corpus)
    pairs = list(zip(paths, scanned))
    for path, one in pairs[::len(pairs) // SAMPLE]:
        checked = check(path)
        check_cost(path, checked, is_sanitized, os.path.getsize(path))
        assert set(checked.verdict["limits"]) == one.limits, path
        assert {symbol["name"] for symbol in checked.verdict["symbols"]
                if symbol["group"] == "content"} == {
                    name for name, symbol in one.symbols.items()
                    if symbol.group == "content"}, path


def share_of_junk(corpora, kind):
    """Percent of the half that no weight was fitted on."""
    other = [one for corpus in TARBALLS if corpus.startswith(kind)
             for one in corpora(corpus)[1] if half_of(one.path) == 1]
    share = 100.0 * sum(one.score >= JUNK for one in other) / len(other)
    print("\n%s: %.2f %% of %d messages have %.1f points" % (
        kind, share, len(other), JUNK))
    return share


@one_worker
def test_little_good_mail_is_junk(corpora):
    assert share_of_junk(corpora, "ham/") <= HAM_PERCENT_MAX


@one_worker
def test_much_spam_is_junk(corpora):
    assert share_of_junk(corpora, "spam/") >= SPAM_PERCENT_MIN


# ---- Bombs


def check_limits(name, told, limits, size):
    """What is behind scan.body_max (4 MB) is told, and hides other limits."""
    body = {"body"} & told
    assert told >= limits or body, name
    assert bool(told) == bool(limits) or told == body, name
    assert size < 4_000_000 or told, name


@pytest.mark.parametrize("name", [*BOMBS, *SCAN_BOMBS])
def test_bomb(name, tmp_path, is_sanitized):
    make, limits = (BOMBS[name] if name in BOMBS else SCAN_BOMBS[name])[:2]
    path = tmp_path / "bomb"
    path.write_bytes(make())
    size = os.path.getsize(path)
    scanned, = drive(BUILD, [path])
    check_cost(name, scanned, is_sanitized)
    if limits is not None:
        check_limits(name, scanned.limits, limits, size)
    checked = check(path)
    path.unlink()
    check_cost(name, checked, is_sanitized, size)
    assert set(checked.verdict["limits"]) == scanned.limits
    print("\n%s: %s" % (name, " ".join(map(str, (
        scanned.cpu_ms, scanned.kilobytes, checked.cpu_ms, checked.kilobytes,
        sorted(scanned.limits), scanned.score)))))


@pytest.mark.parametrize("encoding, alphabet", BROKEN_ENCODINGS)
def test_broken_encoding(encoding, alphabet, tmp_path, is_sanitized):
    paths = []
    for i, raw in enumerate(broken_parts(encoding, alphabet)):
        paths.append(tmp_path / str(i))
        paths[-1].write_bytes(raw)
    told = "broken " + encoding.decode().removeprefix("x-")
    for path, scanned in zip(paths, drive(BUILD, paths)):
        check_cost(path, scanned, is_sanitized)
        checked = check(path)
        check_cost(path, checked, is_sanitized)
        parts = checked.verdict["parts"]
        assert len(parts) > 100
        assert any(told in part["damage"] for part in parts)
