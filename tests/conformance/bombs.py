"""Bombs: messages that are made to cost much, and broken encodings."""
import base64
import binascii
import random
import struct
import zlib

# Bombs: name -> (header and body, limits that are told, parts at most)

HEAD = b"From: a@b.test\nSubject: x\nMIME-Version: 1.0\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
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


BROKEN_ENCODINGS = [
    (b"base64", b"aB/=-\n \xe9"),
    (b"quoted-printable", b"=4fG \n\r\xe9"),
    (b"x-uuencode", b"#`M \n!\xe9e"),
]


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


# Bombs for what the scan looks at behind the parts: name -> (header and body,
# limits that are told)


def zip_file(names, size_told=0, data=b"", flags=0):
    """A zip archive, written by hand: sizes may lie, names may be any bytes."""
    files, directory = bytearray(), bytearray()
    for name in names:
        common = struct.pack(
            "<HHHHHIIIHH", 20, flags, 8, 0, 0, 0, len(data), size_told,
            len(name), 0)
        directory += (b"PK\1\2" + struct.pack("<H", 20) + common +
                      struct.pack("<HHHII", 0, 0, 0, 0, len(files)) + name)
        files += b"PK\3\4" + common + name + data
    # What does not fit into 16 bits is told modulo: a lie more.
    end = b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, len(names) & 0xffff, len(names) & 0xffff,
        len(directory), len(files), 0)
    return bytes(files + directory + end)


def attachment(name, data):
    return (b"--b\nContent-Type: application/octet-stream\n"
            b"Content-Disposition: attachment; filename=" + name +
            b"\nContent-Transfer-Encoding: base64\n\n" +
            base64.encodebytes(data))


def mixed(*parts):
    return HEAD + MIXED + b"".join(parts) + b"--b--\n"


def zip_of_zeros(size):
    """Zeros that are packed a thousandfold."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(size)) + packer.flush()
    return zip_file([b"zeros.txt"], size & 0xffffffff, data)


def zip_in_zip(depth):
    data = zip_file([b"invoice.exe"])
    for _ in range(depth):
        data = zip_file([b"inner.zip"], len(data), data)
    return data


def overlapping_zip(count):
    """Each of many names tells the same packed bytes."""
    data = zlib.compress(bytes(100_000))[2:-4]
    one = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(data),
                                  100_000, 1, 0) + b"a" + data
    entry = b"PK\1\2" + struct.pack(
        "<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 0, 0, len(data), 100_000, 1, 0,
        0, 0, 0, 0, 0) + b"a"
    return one + entry * count + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, count, count, len(entry) * count, len(one), 0)


def equal_boundaries(levels, parts):
    """Multiparts in multiparts of the same boundary."""
    inner = b"--b\nContent-Type: multipart/mixed; boundary=b\n\n"
    return HEAD + MIXED + (inner * levels + b"--b\n\nx\n--b--\n" * levels) * parts


def regular_words(count):
    """Words that rules look for, begun and not ended."""
    return (b"verify your account within 2 days the sum of 3 million wrote: " *
            count)


# What the patterns of words begin with, and what they repeat: each makes a run
# without end in every part that is looked at.
RUNS = (b"9", b"9.", b"$1,", b"a", b"a ", b" ", b"-", b":", b"\n", b"> ", b"wrote ",
        b"wrote:\n", b"From: a\n", b"--", b"pin-", b"pin\"", b"pin 1", b"dear ",
        b"dear-", b"dear a.", b"prezada-", b"email ", b"mailbox is ", b"is full ",
        b"files ", b"my late ", b"ihr konto wurde ", b"sum of $", b"1 million",
        b"(555) ", b"555-", b"within 24", b"remove your ", b"interest rate ",
        "アカウント".encode(), "ра".encode(), "aрa".encode(), "邮箱".encode())


def run_of(words):
    """In as many parts of either kind as are looked at, and a locked archive, in
    front of which passwords are looked for."""
    text = words * (39_900 // len(words)) + b"\n"
    html = b"--b\nContent-Type: text/html; charset=utf-8\n\n<pre>"
    return mixed(*([b"--b\n" + PLAIN + text] * 4 + [html + text] * 4),
                 attachment(b"a.zip", zip_file([b"a.txt"], flags=1)))


SCAN_BOMBS = {
    "equal boundaries": (lambda: equal_boundaries(1000, 1), {"depth"}),
    "equal boundaries in turn": (lambda: equal_boundaries(20, 2000), {"parts"}),
    "zip of a gigabyte of zeros": (
        lambda: mixed(attachment(b"zeros.zip", zip_of_zeros(10 ** 9))), set()),
    "zip in zip in zip": (
        lambda: mixed(attachment(b"a.zip", zip_in_zip(200))), set()),
    "zip of overlapping files": (
        lambda: mixed(attachment(b"a.zip", overlapping_zip(60_000))), set()),
    "zip of 30000 names": (
        lambda: mixed(attachment(b"a.zip", zip_file([b"a"] * 30_000))), set()),
    "zip of long names": (
        lambda: mixed(attachment(b"a.zip", zip_file([b"a" * 65_000] * 40))),
        set()),
    "zip of marks": (
        lambda: mixed(attachment(b"a.zip", b"PK\3\4" * 700_000)), set()),
    "zip of ends": (
        lambda: mixed(attachment(b"a.zip", b"PK\5\6" * 700_000)), set()),
    "zip that claims 4 GB": (
        lambda: mixed(attachment(b"a.zip", zip_file(
            [b"a.exe"], 0xffffffff, flags=1))), set()),
    "900 zips": (
        lambda: mixed(*(attachment(b"%d.zip" % i, zip_file([b"a.txt"] * 20))
                        for i in range(900))), set()),
    "extensions": (
        lambda: mixed(attachment(b"a" + b".pdf" * 200 + b".exe", b"MZ")),
        set()),
    "names of display": (
        lambda: b"From: " + b"PayPal via " * 20_000 + b"<a@b.test>\n\nx\n",
        set()),
    "90000 addresses": (
        lambda: b"From: a@b.test\nTo: " + b"a@b.test, " * 90_000 + b"\n\nx\n",
        set()),
    "list fields": (
        lambda: HEAD + b"List-Unsubscribe: <http://a.test/>\n" * 25_000 +
        b"\n" + b"http://a.test/\n" * 1000, set()),
    "identifiers": (
        lambda: HEAD + b"Message-ID: <" + b"a@" * 400_000 + b">\nReferences: " +
        b"<a@b> " * 20_000 + b"\n\nx\n", set()),
    "words": (lambda: HEAD + b"\n" + regular_words(30_000), {"text"}),
    "words in the subject": (
        lambda: HEAD + b"Subject: " + regular_words(10_000) + b"\n\nx\n", set()),
    "one word": (lambda: HEAD + b"\n" + b"a" * 400_000 + b"\n", set()),
    "combining marks": (
        lambda: HEAD + PLAIN + (b"a" + b"\xcc\x81" * 1000) * 200, set()),
    "ligatures that grow": (
        lambda: HEAD + PLAIN + b"\xef\xb7\xba" * 150_000, set()),
    "quotes": (lambda: HEAD + b"\n" + b">\n" * 100_000, set()),
    "hidden links": (
        lambda: pages(1, 400_000, lambda size: b"".join(
            b"<a style='display:none' href=http://a%d.test/>x</a>" % i
            for i in range(size // 50))), {"html"}),
    "hidden levels": (
        lambda: pages(1, 400_000, lambda size:
                      b"<div style='display:none'>x" * (size // 30)), {"html"}),
    **{"run of %r" % words.decode(): (lambda words=words: run_of(words), None)
       for words in RUNS},
}
