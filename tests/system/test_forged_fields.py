"""Authentication-Results that pretend to be ours are removed."""
import pytest

from fixture import message, zones
from samples import genuine

CLAIM = "; dmarc=pass header.from=bank.test; spf=pass"

OURS = [
    "mx.gatepost.test",
    "MX.GatePost.TEST",
    "mx.gatepost.test.",
    '"mx.gatepost.test"',
    '"mx.gatepost\\.test"',
    "mx.gatepost.test 1",
    "(hello) mx.gatepost.test",
    "(a (nested) one)mx.gatepost.test (after)",
    "\r\n\tmx.gatepost.test",
    "\r\n (x)\r\n mx.gatepost.test\r\n 1\r\n ",
    "   mx.gatepost.test   ",
    "\tmx.gatepost.test/1",
]

OTHERS = [
    "mx.other.test",
    "gatepost.test",
    "evil.mx.gatepost.test",
    "mx.gatepost.test.evil.test",
    "mx-gatepost.test",
    "(mx.gatepost.test) mx.other.test",
    '"mx.gatepost.test.other"',
]

NAMES = ["Authentication-Results", "authentication-results",
         "AUTHENTICATION-RESULTS", "Authentication-Results "]


def deliver_with(site, lines, at_end=False):
    """Sends a message with these lines at the top, or below all others."""
    text = genuine(site.keys, "none.test")
    block = "".join(line + "\r\n" for line in lines).encode()
    if at_end:
        head, gap, body = text.partition(b"\r\n\r\n")
        text = head + b"\r\n" + block.rstrip(b"\r\n") + gap + body
    else:
        text = block + text
    return site.deliver(text, "ann@none.test", ip=zones.ATTACKER_IP4)


def bank_claims(delivered):
    """The Authentication-Results that vouch for bank.test."""
    return [value for value in message.values(delivered,
                                              "Authentication-Results")
            if "bank.test" in value]


@pytest.mark.parametrize("at_end", [False, True], ids=["top", "bottom"])
@pytest.mark.parametrize("spelling", OURS)
def test_claim_is_removed(site, milter, spelling, at_end):
    delivered = deliver_with(
        site, ["Authentication-Results: " + spelling + CLAIM], at_end)
    assert bank_claims(delivered) == []
    assert len(message.own_results(delivered)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_field_name_spellings(site, milter, name):
    delivered = deliver_with(site, [name + ": mx.gatepost.test" + CLAIM])
    assert b"bank.test" not in delivered.partition(b"\n\n")[0]


def test_many_claims_between_others(site, milter):
    """All of ours go, wherever they stand; the others stay, in order."""
    lines = []
    for i in range(20):
        lines.append("Authentication-Results: mx.gatepost.test" + CLAIM)
        lines.append("Authentication-Results: mx%d.other.test; spf=none" % i)
    delivered = deliver_with(site, lines)
    assert bank_claims(delivered) == []
    others = [value.split(";")[0]
              for value in message.values(delivered,
                                          "Authentication-Results")[1:]]
    assert others == ["mx%d.other.test" % i for i in range(20)]


@pytest.mark.parametrize("other", OTHERS)
def test_other_hosts_are_left(site, milter, other):
    delivered = deliver_with(site,
                             ["Authentication-Results: " + other + CLAIM])
    assert len(bank_claims(delivered)) == 1


def test_claims_are_removed_for_own_clients_too(site, milter):
    """A copy in mail from our own network would be believed just so."""
    text = ("Authentication-Results: mx.gatepost.test%s\r\n"
            % CLAIM).encode() + genuine(site.keys, "none.test")
    delivered = site.deliver(text, "ann@none.test", ip=zones.OWN_IP4)
    assert bank_claims(delivered) == []


@pytest.mark.parametrize("name", [
    "X-Gatepost-Verdict", "x-gatepost-verdict", "X-Gatepost-Reason",
    "X-Spam-Flag", "X-SPAM-STATUS", "X-Spam-Score"])
def test_forged_verdict_is_removed(site, milter, name):
    delivered = deliver_with(site, [name + ": YES action=junk; forged-one",
                                    name + ": NO action=none; forged-two"])
    assert b"forged-" not in delivered.partition(b"\n\n")[0]
