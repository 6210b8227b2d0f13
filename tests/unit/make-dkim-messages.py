#!/usr/bin/python3
"""Writes tests/unit/dkim-messages.h: signed messages for test-dkim.c.

    make-dkim-messages.py tests/unit/dkim-messages.h \\
        tests/fuzz/seeds/dkim-verify

writes both the header and the seeds of the fuzz target.  Run by hand when a
case is added (needs python3-dkim and openssl); every run makes new keys.  The signer takes any signature template, also ones that no
sane signer writes, so that libopendkim alone would accept them.
"""
import base64
import hashlib
import pathlib
import re
import subprocess
import sys

import dkim.canonicalization
import dkim.crypto
import nacl.signing

HEADER = [("From", " Alice <alice@example.com>"),
          ("To", " Bob <bob@example.net>"),
          ("Subject", " Signed\r\n\tand folded"),
          ("Date", " Mon, 06 Jul 2026 10:00:00 +0000")]
BODY = b"Hello,\r\n\r\nthis  is a test. \r\n\r\n\r\n"
BASE = ("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=rsa;"
        "\r\n\tt=1783000000; h=from:to:subject:date; bh={bh};\r\n\tb=")


def openssl(*args, data=None):
    """Output of an openssl command."""
    return subprocess.run(("openssl",) + args, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class RsaKey:
    """An RSA key made on the spot."""

    def __init__(self, bits):
        self.pem = openssl("genrsa", "-traditional", str(bits))

    def public(self, outform="-pubout"):
        der = openssl("rsa", outform, "-outform", "DER", data=self.pem)
        return base64.b64encode(der).decode()

    def sign(self, data, algorithm):
        digest = hashlib.sha1 if algorithm == "rsa-sha1" else hashlib.sha256
        hasher = digest(data)
        return dkim.crypto.RSASSA_PKCS1_v1_5_sign(
            hasher, dkim.crypto.parse_pem_private_key(self.pem))


class EdKey:
    """An Ed25519 key made on the spot (RFC 8463: signs the SHA-256)."""

    def __init__(self):
        self.key = nacl.signing.SigningKey.generate()

    def public(self):
        return base64.b64encode(bytes(self.key.verify_key)).decode()

    def sign(self, data, _algorithm):
        return self.key.sign(hashlib.sha256(data).digest()).signature


def tag(template, name, default=""):
    """The last value of a tag, as libopendkim takes it."""
    found = re.findall(r"(?:^|;)\s*%s\s*=\s*([^;]*)" % name, template)
    return re.sub(r"\s", "", found[-1]) if found else default


def canonical_header(names, fields, policy):
    """The signed fields, each picked from the bottom up."""
    rest = list(fields)
    picked = []
    for name in names:
        for index in range(len(rest) - 1, -1, -1):
            if rest[index][0].lower() == name.lower():
                picked.append(rest.pop(index))
                break
    pairs = [(n.encode("latin-1"), v.encode("latin-1") + b"\r\n")
             for n, v in picked]
    return b"".join(n + b":" + v for n, v in
                    policy.canonicalize_headers(pairs))


def sign(template, key, header=None, body=BODY):
    """The value of a DKIM-Signature field."""
    header = HEADER if header is None else header
    canons = (tag(template, "c", "simple") + "/simple").split("/")[:2]
    canons = [c if c == "relaxed" else "simple" for c in canons]
    policy = dkim.canonicalization.CanonicalizationPolicy.from_c_value(
        "/".join(canons).encode())
    algorithm = tag(template, "a")
    digest = hashlib.sha1 if algorithm == "rsa-sha1" else hashlib.sha256
    hashed = policy.canonicalize_body(body)
    if tag(template, "l").isdigit():
        hashed = hashed[:int(tag(template, "l"))]
    value = template.replace(
        "{bh}", base64.b64encode(digest(hashed).digest()).decode())
    data = canonical_header(tag(template, "h").split(":"), header, policy)
    own = policy.canonicalize_headers(
        [(b"DKIM-Signature", b" " + value.encode("latin-1") + b"\r\n")])[0]
    data += own[0] + b":" + own[1].rstrip(b"\r\n")
    return value + base64.b64encode(key.sign(data, algorithm)).decode()


def message(*signatures, header=None, body=BODY):
    """A whole message with signatures on top."""
    header = HEADER if header is None else header
    text = "".join("DKIM-Signature: %s\r\n" % s for s in signatures)
    text += "".join("%s:%s\r\n" % field for field in header)
    return text.encode("latin-1") + b"\r\n" + body


def with_tag(name, value):
    """BASE with one tag's value changed."""
    return re.sub(r"(\b%s)=[^;]*" % name, lambda m: m[1] + "=" + value, BASE)


def without_tag(name):
    return re.sub(r"\b%s=[^;]*;\s*" % name, "", BASE)


def plus(text):
    """BASE with tags put before b=."""
    return BASE.replace("\r\n\tb=", " " + text + ";\r\n\tb=")


def messages(rsa, ed25519):
    """(name, message) of every case under the plain keys."""
    def signed(name, template, **options):
        return name, message(sign(template, rsa, **options), **options)

    ed_base = with_tag("a", "ed25519-sha256").replace("s=rsa", "s=ed")
    ok = sign(BASE, rsa)
    yield "relaxed", message(ok)
    yield signed("simple", with_tag("c", "simple/simple"))
    yield signed("simple_relaxed", with_tag("c", "simple/relaxed"))
    yield signed("relaxed_only", with_tag("c", "relaxed"))
    yield "ed25519", message(sign(ed_base, ed25519))
    yield "two_keys", message(sign(ed_base, ed25519), ok)
    yield signed("rsa_sha1", with_tag("a", "rsa-sha1"))
    yield "body_changed", message(ok, body=BODY.replace(b"test", b"fest"))
    yield "header_changed", message(
        ok, header=[("From", " Eve <eve@example.com>")] + HEADER[1:])
    yield signed("empty_body", BASE, body=b"")
    yield signed("empty_body_simple", with_tag("c", "simple/simple"), body=b"")
    yield "no_final_crlf", message(
        sign(BASE, rsa, body=b"one\r\ntwo\r\n"), body=b"one\r\ntwo")
    yield "no_final_crlf_simple", message(
        sign(with_tag("c", "simple/simple"), rsa, body=b"one\r\ntwo\r\n"),
        body=b"one\r\ntwo")
    length = len("Hello,\r\n\r\nthis is a test.\r\n")
    yield signed("l_exact", plus("l=%d" % length))
    yield "l_longer", message(
        sign(plus("l=%d" % length), rsa), body=BODY.rstrip() +
        b"\r\n\r\n12345\r\n")
    yield signed("l_larger", plus("l=%d" % (length + 1)))
    yield signed("l_zero", plus("l=0"))
    yield signed("l_bad", plus("l=1x"))
    yield signed("eight_bit", BASE, header=HEADER[:2] + [
        ("Subject", " Gr\xfc\xdfe")] + HEADER[3:])
    yield signed("expired", plus("x=1783000100"))
    yield signed("x_before_t", plus("x=1782999999"))
    yield signed("future", with_tag("t", "1793000000"))
    yield signed("t_bad", with_tag("t", "17e8"))
    yield signed("t_old", with_tag("t", "5"))
    yield signed("no_t", without_tag("t"))
    yield signed("v2", with_tag("v", "2"))
    yield signed("v_last", without_tag("v").replace(
        "\r\n\tb=", " v=1;\r\n\tb="))
    yield signed("no_v", without_tag("v"))
    yield signed("no_bh", without_tag("bh"))
    yield signed("i_subdomain", plus("i=carol@mail.example.com"))
    yield signed("i_outside", plus("i=carol@example.org"))
    yield signed("i_suffix", plus("i=carol@badexample.com"))
    yield signed("i_encoded", plus("i=c=3Bl@example.com"))
    yield signed("i_no_at", plus("i=example.com"))
    yield signed("duplicate_d", BASE.replace(
        "d=example.com;", "d=other.example; d=example.com;"))
    yield signed("duplicate_s", BASE.replace("s=rsa;", "s=none; s=rsa;"))
    yield signed("from_not_signed", with_tag("h", "to:subject:date"))
    yield signed("no_from", BASE, header=HEADER[1:])
    yield "second_from", message(
        ok, header=[("From", " Eve <eve@example.org>")] + HEADER)
    yield signed("both_from_signed", with_tag(
        "h", "from:from:to:subject:date"),
        header=[("From", " Eve <eve@example.org>")] + HEADER)
    yield "oversigned_added", message(
        sign(with_tag("h", "from:to:to:subject:date"), rsa),
        header=HEADER + [("To", " eve@example.org")])
    every = "from:to:subject:date:dkim-signature:x"
    yield signed("h_names_all", with_tag("h", every))
    yield signed("q_other", plus("q=dns/nap:http"))
    yield signed("q_two", plus("q=http:dns/txt"))
    yield signed("c_unknown", BASE.replace("relaxed/relaxed", "relaxed/none"))
    yield signed("a_unknown", BASE.replace("rsa-sha256", "rsa-sha512"))
    yield signed("d_blank", BASE.replace("d=example.com", "d=example .com"))
    yield "selector_case", message(sign(BASE.replace("s=rsa", "s=RSA").replace(
        "d=example.com", "d=Example.COM"), rsa))
    yield "eleven", message(*[sign(with_tag("t", str(1783000000 + n)), rsa)
                              for n in range(11)])
    yield "six_lengths", message(*[sign(plus("l=%d" % n), rsa)
                                   for n in range(6)])
    yield "junk_above", message(*(["v=1; d; %d" % n for n in range(6)] + [ok]))
    yield "equal_twice", message(ok, ok)
    yield "long_field", message("v=1; n=" + "x" * 20000 + "; b=", ok)
    yield "unsigned", message()


def keyed_messages(keys):
    """(name, message) signed by keys of other sizes, selector = name."""
    for name, key in keys.items():
        yield name, message(sign(BASE.replace("s=rsa", "s=" + name), key))


def c_string(data):
    """A C string literal, a line a source line."""
    out = []
    for line in data.splitlines(keepends=True):
        text = ""
        for byte in line:
            char = chr(byte)
            if char in "\"\\":
                text += "\\" + char
            elif 32 <= byte < 127:
                text += char
            else:
                text += "\\%03o" % byte
        out.append("\t\"%s\"" % text)
    return "\n".join(out) or "\t\"\""


SEEDS = ("relaxed", "simple", "ed25519", "two_keys", "l_longer", "eight_bit",
         "i_encoded", "duplicate_d", "h_names_all", "both_from_signed",
         "six_lengths", "junk_above", "no_final_crlf", "empty_body",
         "rsa1024", "rsa_sha1")


def write_seeds(folder, publics, made):
    """A seed is the key record, an LF, and the message."""
    records = {"ed25519": "k=ed25519; p=" + publics["ED25519"],
               "rsa1024": "p=" + publics["RSA1024"],
               "simple": "v=DKIM1; h=sha256; s=email; t=s:y; p=" +
                         publics["RSA_BARE"]}
    for name, data in made:
        if name in SEEDS:
            record = records.get(name, "v=DKIM1; k=rsa; p=" + publics["RSA"])
            (folder / name).write_bytes(record.encode() + b"\n" + data)


def write_header(path, publics, made):
    """The C header of test-dkim.c."""
    lines = ["/* dkim-messages - written by make-dkim-messages.py. */",
             "/* clang-format off */", ""]
    for name, text in publics.items():
        lines.append("#define KEY_%s \\\n\t\"%s\"" % (name, text))
    for name, data in made:
        lines.append("static const char message_%s[] =\n%s;" % (
            name, c_string(data)))
    path.write_text("\n".join(lines) + "\n")


def main():
    """Makes keys, signs, writes."""
    rsa, ed25519 = RsaKey(2048), EdKey()
    keys = {"rsa512": RsaKey(512), "rsa1020": RsaKey(1020),
            "rsa1024": RsaKey(1024), "rsa4096": RsaKey(4096)}
    publics = {"RSA": rsa.public(), "RSA_BARE":
               rsa.public("-RSAPublicKey_out"), "ED25519": ed25519.public()}
    publics.update({n.upper(): k.public() for n, k in keys.items()})
    made = list(messages(rsa, ed25519)) + list(keyed_messages(keys))
    write_header(pathlib.Path(sys.argv[1]), publics, made)
    write_seeds(pathlib.Path(sys.argv[2]), publics, made)


if __name__ == "__main__":
    main()
