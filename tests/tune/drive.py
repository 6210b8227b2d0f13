"""symbols-driver: many messages scanned in one process, without DNS."""
import collections
import hashlib
import os
import subprocess
import tempfile

Symbol = collections.namedtuple("Symbol", "group points")
# cpu_ms and kilobytes: None with sanitizers.
Scanned = collections.namedtuple(
    "Scanned", "path cpu_ms kilobytes limits score symbols")


def half_of(path):
    """0 or 1, by the bytes of a message; weights are fitted on half 0."""
    with open(path, "rb") as message:
        return hashlib.sha256(message.read()).digest()[0] & 1


def read_line(line):
    path, _, cpu_ms, kilobytes, limits, score, *symbols = line.split("\t")
    named = {name: Symbol(group, float(points)) for group, name, points in (
        symbol.split(" ") for symbol in symbols)}
    return Scanned(path, None if cpu_ms == "-" else float(cpu_ms),
                   None if kilobytes == "-" else int(kilobytes),
                   set(limits.split(",")) - {""}, float(score), named)


def drive(build, paths):
    """What the scan of each file tells, at default settings."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        run = subprocess.run(
            [os.path.join(build, "tests/tune/symbols-driver"), conf.name],
            input="".join("%s\n" % path for path in paths), text=True,
            errors="surrogateescape", stdout=subprocess.PIPE, check=True)
    scanned = [read_line(line) for line in run.stdout.split("\n")[:-1]]
    assert [one.path for one in scanned] == [str(path) for path in paths]
    return scanned
