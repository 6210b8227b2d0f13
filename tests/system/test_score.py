"""Thresholds, modes and weights by real SMTP; header, log and action agree."""
import re

import pytest

from fixture import message, zones
from fixture.message import compose, symbols
from fixture.process import wait_until
from samples import GTUBE, genuine

NO_STORE = "backend = none"
# A message that weighs 5.0 and nothing else (DKIM, SPF and others are off).
ONLY = "symbols {\n%s\n\tDMARC_NONE = \"%s\"\n}\n"
OTHERS = ("SPF_PASS", "SPF_FAIL", "SPF_SOFTFAIL", "SPF_NEUTRAL", "SPF_NONE",
          "SPF_PERMERROR", "SPF_HELO_FAIL", "DKIM_PASS", "DKIM_FAIL",
          "DKIM_NONE", "DMARC_PASS", "PTR_NONE", "PTR_FAIL", "HELO_NONE",
          "HELO_OTHER", "FIRST_FROM_NETWORK", "FIRST_FROM_DOMAIN")


def weighing(points, score=""):
    """A configuration in which mail of open.test weighs these points."""
    lines = "\n".join("\t%s = off" % name for name in OTHERS)
    return ONLY % (lines, points) + "score { %s }\n" % score


def send(site, body="This is a sample message.\r\n", subject="Hello",
         **options):
    text = compose("Ann <ann@open.test>", subject=subject, body=body)
    return site.send(text, "ann@open.test", ip=zones.GENUINE_IP4, **options)


def agreed(site, milter, recipient):
    """The delivered message, after header fields and log were compared."""
    delivered = site.postfix.wait_delivered(recipient)
    told = message.verdict(delivered)
    status = message.values(delivered, "X-Spam-Status")[0]
    junk = told.get("judged", told["action"]) != "accept"
    assert status.startswith("Yes, " if junk else "No, ")
    assert "score=%s required=%s" % (told["score"], told["required"]) \
        in status
    assert message.values(delivered, "X-Spam-Flag") == \
        ["YES" if junk else "NO"]
    assert message.values(delivered, "X-Spam-Score") == [told["score"]]
    assert bool(message.values(delivered, "X-Spam")) == junk
    stars = max(0, int(float(told["score"])))
    assert "".join(message.values(delivered, "X-Spam-Level")) == "*" * stars
    assert abs(sum(symbols(delivered).values())
               - float(told["score"])) < 0.001
    line = wait_until(lambda: re.search(r".*id=%s.*" % told["id"],
                                        milter.log_text()), 5, "log line")
    assert " action=%s " % told["action"] in line.group()
    assert " score=%s " % told["score"] in line.group()
    for name, points in symbols(delivered).items():
        assert re.search(r'[",]%s=' % name, line.group()), (name, points)
    return delivered


@pytest.mark.parametrize("points, score, action", [
    ("4.99", "", "accept"),
    ("5.0", "", "junk"),
    ("5.0", "junk = 5.01", "accept"),
    ("3", "junk = 3.0", "junk"),
    ("-2.5", "", "accept"),
    ("4.2", "junk = 4.2 quarantine = 4.3 reject = 6", "junk"),
])
def test_threshold(site, points, score, action):
    with site.milter(store=NO_STORE, more=weighing(points, score)) as milter:
        reply, recipient = send(site)
        assert reply.accepted
        delivered = agreed(site, milter, recipient)
    assert message.verdict(delivered)["action"] == action
    assert symbols(delivered) == {"DMARC_NONE": float(points)}


def test_reject_tells_the_reason_and_the_id(site):
    with site.milter(store=NO_STORE, more=weighing("6", "reject = 6")) as milter:
        reply, _ = send(site)
        assert reply.code == 550
        assert reply.text.startswith("5.7.1 ")
        assert "score 6.0: open.test publishes no DMARC policy" in reply.text
        found = re.search(r"\[([0-9a-f]{16})\]", reply.text)
        assert "id=%s" % found.group(1) in milter.log_text()


def test_reject_can_be_off(site):
    with site.milter(store=NO_STORE, more=weighing(
            "50", "reject = 0 cap_authentication = 50")) as milter:
        reply, recipient = send(site)
        assert reply.accepted
        assert message.verdict(agreed(site, milter, recipient))["action"] \
            == "junk"


def test_quarantine_is_held(site):
    """The message waits in Postfix's hold queue, marked."""
    more = weighing("6", "quarantine = 6")
    with site.milter(store=NO_STORE, more=more):
        reply, recipient = send(site)
        assert reply.accepted
        queue_id = re.search(r"queued as (\w+)", reply.text).group(1)
        assert queue_id in site.postfix.queued_ids()
        assert site.postfix.find(recipient) is None
        site.postfix.release(queue_id)
        delivered = site.postfix.wait_delivered(recipient)
    assert message.verdict(delivered)["action"] == "quarantine"
    assert message.values(delivered, "X-Spam-Flag") == ["YES"]


@pytest.mark.parametrize("points, judged", [("6", "junk"), ("20", "reject")])
def test_observe_marks_and_does_nothing(site, points, judged):
    more = weighing(points, "mode = observe cap_authentication = 20 "
                            "subject_tag = \"[JUNK]\"")
    with site.milter(store=NO_STORE, more=more) as milter:
        reply, recipient = send(site)
        assert reply.accepted
        delivered = agreed(site, milter, recipient)
    told = message.verdict(delivered)
    assert (told["action"], told["judged"]) == ("accept", judged)
    assert message.values(delivered, "X-Spam-Flag") == ["YES"]
    assert message.values(delivered, "Subject") == ["Hello"]


@pytest.mark.parametrize("subject, expected", [
    ("Hello", "[JUNK] Hello"),
    ("[JUNK] Hello", "[JUNK] Hello"),
    ("=?utf-8?q?H=C3=A9?=", "[JUNK] =?utf-8?q?H=C3=A9?="),
])
def test_subject_tag(site, subject, expected):
    more = weighing("6", 'subject_tag = "[JUNK]"')
    with site.milter(store=NO_STORE, more=more) as milter:
        _, recipient = send(site, subject=subject)
        delivered = agreed(site, milter, recipient)
    assert message.values(delivered, "Subject") == [expected]


def test_caps(site):
    """Each group gives at most its cap, and the difference is told."""
    more = weighing("6", "cap_authentication = 2")
    with site.milter(store=NO_STORE, more=more) as milter:
        _, recipient = send(site)
        delivered = agreed(site, milter, recipient)
    assert symbols(delivered) == {"DMARC_NONE": 6.0,
                                   "CAP_AUTHENTICATION": -4.0}
    assert message.verdict(delivered)["score"] == "2.0"


def test_cap_of_the_content(site):
    """A header that lacks a field, and holds another twice."""
    raw = compose("Ann <ann@open.test>", extra=["Subject: one"]).replace(
        b"\r\nTo: ", b"\r\nX-To: ")
    more = weighing("off", "cap_content = 2")
    with site.milter(store=NO_STORE, more=more) as milter:
        _, recipient = site.send(raw, "ann@open.test", ip=zones.GENUINE_IP4)
        delivered = agreed(site, milter, recipient)
    assert symbols(delivered) == {
        "FIELD_REPEATED": 1.5, "TO_MISSING": 0.8, "CAP_CONTENT": -0.3}
    assert message.verdict(delivered)["score"] == "2.0"
    assert "the field Subject stands there more than once" \
        in message.values(delivered, "X-Gatepost-Reason")[0]


@pytest.mark.parametrize("name, symbol", [
    ("Date", "DATE_MISSING"), ("Message-ID", "MESSAGE_ID_MISSING")])
def test_a_field_that_is_missing(site, name, symbol):
    """Postfix adds none for the clients of others."""
    raw = compose("Ann <ann@open.test>").replace(
        b"\r\n%s: " % name.encode(), b"\r\nX-Other: ")
    with site.milter(store=NO_STORE, more=weighing("off")) as milter:
        _, recipient = site.send(raw, "ann@open.test", ip=zones.GENUINE_IP4)
        delivered = agreed(site, milter, recipient)
    assert list(symbols(delivered)) == [symbol]
    assert not message.values(delivered, name)


def test_the_author_that_stands_there_twice_is_told_first(site):
    raw = compose("Ann <ann@open.test>", extra=[
        "Date: Thu, 1 Jan 2026 00:00:00 +0000", "From: Ann <ann@open.test>"])
    more = weighing("off") + "dmarc { on_bad_from = mark }\n"
    with site.milter(store=NO_STORE, more=more) as milter:
        _, recipient = site.send(raw, "ann@open.test", ip=zones.GENUINE_IP4)
        delivered = agreed(site, milter, recipient)
    assert "the field From stands there more than once" \
        in message.values(delivered, "X-Gatepost-Reason")[0]


def test_own_sentence(site):
    more = weighing("6 {} is nobody we know")
    with site.milter(store=NO_STORE, more=more) as milter:
        _, recipient = send(site)
        delivered = agreed(site, milter, recipient)
    assert message.values(delivered, "X-Gatepost-Reason") \
        == ["open.test is nobody we know"]


def test_nothing_to_say_is_said(site):
    with site.milter(store=NO_STORE, more=weighing("off")) as milter:
        _, recipient = send(site)
        delivered = agreed(site, milter, recipient)
    assert message.values(delivered, "X-Gatepost-Reason") \
        == ["nothing speaks for or against it"]
    assert message.verdict(delivered)["score"] == "0.0"


@pytest.mark.parametrize("body", [
    GTUBE + "\r\n",
    "before " + GTUBE + " after\r\n",
    "x" * 65500 + "\r\n" + GTUBE + "\r\n" + "y" * 70000 + "\r\n",
    ("z" * 998 + "\r\n") * 65 + "q" * 480 + GTUBE + "\r\n",
])
def test_gtube_is_refused(site, milter, body):
    text = compose("Ann <ann@genuine.test>", body=body)
    reply, _ = site.send(text, "ann@genuine.test", ip=zones.GENUINE_IP4)
    assert reply.code == 550
    assert "GTUBE" in reply.text


def test_gtube_nearly(site, milter):
    """One letter less is no GTUBE."""
    reply, _ = site.send(
        genuine(site.keys, body=GTUBE[:-1] + "\r\n"), "ann@genuine.test")
    assert reply.accepted


def test_every_field_that_clients_read(site, milter):
    """In this order at the top; forged copies are gone."""
    text = compose("Ann <ann@quarantine.test>", extra=[
        "X-Spam-Flag: NO", "X-Spam: No", "X-Spam-Level: ",
        "X-Gatepost-Verdict: action=accept", "X-Gatepost-Reason: fine",
        "X-Spam-Status: No, score=-9"])
    delivered = site.deliver(text, "boss@quarantine.test",
                             ip=zones.ATTACKER_IP4)
    names = [name for name, _ in message.fields(delivered)
             if name.startswith("X-") and not name.startswith("X-Orig")]
    assert names == ["X-Gatepost-Verdict", "X-Spam-Flag", "X-Spam-Status",
                     "X-Spam-Score", "X-Spam-Level", "X-Spam",
                     "X-Gatepost-Reason"]
    assert message.values(delivered, "X-Spam-Flag") == ["YES"]
    assert message.values(delivered, "X-Spam-Status")[0].endswith(
        "version=Gatepost-0.1.0")


def test_reload_changes_the_weights(site):
    """SIGHUP: new sessions are judged by the new file."""
    with site.milter(site.inet_socket, store=NO_STORE, more=weighing("1")) as milter:
        _, recipient = send(site, service="inet")
        assert message.verdict(agreed(site, milter, recipient))["score"] \
            == "1.0"
        milter.reload(more=weighing("2"))
        _, recipient = send(site, service="inet")
        assert message.verdict(agreed(site, milter, recipient))["score"] \
            == "2.0"
