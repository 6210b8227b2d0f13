"""Real mail for the bench: the labelled messages of $GATEPOST_CORPORA/mail.

The sample is fixed: the messages of a class whose SHA-256 comes first, of those
that are not too large.  They are made what Postfix hands to a filter: CRLF line
ends, and an empty line where the header ends.
"""
import hashlib
import os
import re
import tarfile

CLASSES = ("ham", "spam")
MAX_BYTES = 120 * 1024
MAX_FIELDS = 200                # as the load generator reads them
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def folder():
    """Where the mail is; None: there is none."""
    corpora = os.environ.get("GATEPOST_CORPORA", os.path.join(
        ROOT, "..", "shared", "corpora"))
    mail = os.path.join(corpora, "mail")
    return mail if os.path.isdir(mail) else None


def _messages_of(directory):
    """{digest: bytes} of every message of the tarballs."""
    found = {}
    for archive in sorted(os.listdir(directory)):
        with tarfile.open(os.path.join(directory, archive)) as tar:
            for member in tar:
                if member.isfile() and member.size <= MAX_BYTES:
                    text = tar.extractfile(member).read()
                    found[hashlib.sha256(text).digest()] = text
    return found


def normalised(text):
    """CRLF; the header ends at the first line that belongs to no field."""
    lines = re.split(rb"\r*\n", text.rstrip(b"\r\n"))
    fields, at = 0, 0
    while at < len(lines):
        if FIELD.match(lines[at]):
            fields += 1
        elif not (fields and lines[at][:1] in (b" ", b"\t")):
            break
        if fields > MAX_FIELDS - 2:         # leave room for signatures
            break
        at += 1
    head = [line.replace(b"\0", b"") for line in lines[:at]]
    body = lines[at:]
    if body and body[0] == b"":
        body.pop(0)
    return b"\r\n".join([*head, b"", *body]) + b"\r\n"


def sample(mail, per_class):
    """[bytes], the classes by turns."""
    chosen = []
    for name in CLASSES:
        messages = _messages_of(os.path.join(mail, name))
        chosen.append([normalised(messages[digest])
                       for digest in sorted(messages)[:per_class]])
    return [text for pair in zip(*chosen) for text in pair]
