"""Messages that are large, empty, 8-bit or badly formed."""
import pytest

from fixture import message, zones
from samples import forged, genuine

MEGABYTE = 1 << 20
RESIDENT_LIMIT = 40 * MEGABYTE      # added by one message of 50 MB


def one_result(delivered):
    """Our one Authentication-Results."""
    found = message.own_results(delivered)
    assert len(found) == 1
    return found[0]


def test_long_header_lines(site, milter):
    """A field of 60 kB in folded lines, one of 900 bytes in one line."""
    references = "\r\n ".join("<%s@list.invalid>" % ("r" * 900)
                              for _ in range(64))
    text = message.compose("Ann <ann@genuine.test>",
                           extra=("References: " + references,
                                  "X-Long: " + "x" * 900))
    signed = site.keys.sign_both(text, "genuine.test")
    results = one_result(site.deliver(signed, "ann@genuine.test"))
    assert results.results("dkim") == ["pass", "pass"]


def test_many_header_fields(site, milter):
    extra = ["X-Number-%d: %d" % (i, i) for i in range(1000)]
    signed = genuine(site.keys, extra=extra)
    results = one_result(site.deliver(signed, "ann@genuine.test"))
    assert results.results("dmarc") == ["pass"]


def test_folded_and_spaced_fields_keep_simple_signatures(site, milter):
    """simple canonicalization needs the very bytes of the header."""
    text = message.compose("Ann <ann@genuine.test>").replace(
        b"Subject: Hello", b"Subject:  Hello\r\n\t  folded \r\n  twice")
    signed = site.keys.sign_rsa(text, "genuine.test",
                                canonicalize=(b"simple", b"simple"))
    results = one_result(site.deliver(signed, "ann@genuine.test"))
    assert results.results("dkim") == ["pass"]


def test_raw_8_bit_header_and_body(site, milter):
    text = message.compose("Ann <ann@genuine.test>").replace(
        b"Subject: Hello", b"Subject: caf\xe9 \xff\xfe").replace(
        b"Dear reader", b"Ch\xe8re lectrice \x80\xff")
    signed = site.keys.sign_both(text, "genuine.test")
    delivered = site.deliver(signed, "ann@genuine.test")
    assert one_result(delivered).results("dkim") == ["pass", "pass"]
    assert b"caf\xe9 \xff\xfe" in delivered


def test_smtputf8_message(site, milter):
    """A UTF-8 author at an internationalized domain."""
    text = message.compose("Ännchen <ännchen@bücher.test>",
                           subject="Grüße")
    signed = site.keys.sign_both(text, zones.IDN_DOMAIN)
    recipient = site.recipient()
    with site.client() as client:
        reply = client.send(signed, "ännchen@bücher.test", recipient,
                            " SMTPUTF8 BODY=8BITMIME")
    assert reply.accepted, reply
    results = one_result(site.postfix.wait_delivered(recipient))
    assert results.results("spf")[0] == "pass"
    assert results.results("dkim") == ["pass", "pass"]
    assert results.results("dmarc") == ["pass"]


def test_forged_idn_author_is_rejected(site, milter):
    text = message.compose("Boss <boss@bücher.test>")
    reply, _ = site.send(text, "x@attacker.test", ip=zones.ATTACKER_IP4)
    assert reply.code == 550


@pytest.mark.parametrize("text", [
    b"", b"\r\n", b"\r\n\r\n", b"no header at all\r\n",
    b"From: a@none.test\r\n", b"From: a@none.test\r\n\r\n",
    b": no name\r\n\r\nbody\r\n", b"From:\r\n\r\nbody\r\n",
    b"From: \x00@\x00\r\n\r\n\x00\r\n", b"From: <<<>>>@@@\r\n\r\n",
    b"From: a@none.test\r\nFrom: b@genuine.test\r\n\r\n",
    b"From: " + b"(" * 5000 + b" a@none.test\r\n\r\nbody\r\n",
    b"From: " + b", ".join(b"a%d@none.test" % i for i in range(500))
    + b"\r\n\r\nbody\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256\r\nFrom: a@none.test\r\n\r\n",
    b"DKIM-Signature: " + b";" * 5000 + b"\r\n\r\n",
], ids=lambda text: repr(text[:30]))
def test_empty_and_malformed_messages(site, milter, text):
    """Answered somehow, with at most one field of ours, and no pass."""
    reply, recipient = site.send(text, "x@attacker.test",
                                 ip=zones.NAMELESS_IP4)
    assert reply.code in (250, 550), reply
    if reply.accepted:
        results = one_result(site.postfix.wait_delivered(recipient))
        assert results.passes() == []
    assert milter.daemon.is_running()


def test_many_signatures(site, milter):
    """Fifty signatures cost bounded work and one field."""
    sent = message.compose("Ann <ann@genuine.test>")
    signature, _, rest = site.keys.sign_rsa(sent, "genuine.test").partition(
        b"\r\nFrom: ")
    sent = (signature + b"\r\n") * 50 + b"From: " + rest
    results = one_result(site.deliver(sent, "ann@genuine.test"))
    assert results.results("dkim").count("pass") == 10


def test_50_megabytes_are_streamed(site, milter, sanitizers):
    """Verified as ever, and never held in memory as a whole."""
    line = "The quick brown fox jumps over the lazy dog, again.\r\n"
    large = message.compose("Ann <ann@genuine.test>",
                            body=line * (50 * MEGABYTE // len(line)))
    for sign in (site.keys.sign_ed25519, site.keys.sign_rsa):
        large = sign(large, "genuine.test",
                     canonicalize=(b"relaxed", b"simple"))
    site.deliver(genuine(site.keys), "ann@genuine.test")
    before = milter.resident_bytes()
    delivered = site.deliver(large, "ann@genuine.test")
    grown = milter.resident_bytes() - before
    assert one_result(delivered).results("dkim") == ["pass", "pass"]
    assert len(delivered) > 49 * MEGABYTE
    if not sanitizers:
        assert peak_bytes(milter) - before < RESIDENT_LIMIT
        assert grown < RESIDENT_LIMIT


def peak_bytes(milter):
    """The milter's highest resident memory so far."""
    with open("/proc/%d/status" % milter.daemon.pid,
              encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def test_forged_message_of_50_megabytes_is_rejected(site, milter):
    reply, _ = site.send(forged(body="x" * 70 + "\r\n" * 25 * MEGABYTE),
                         "boss@genuine.test", ip=zones.ATTACKER_IP4)
    assert reply.code == 550
