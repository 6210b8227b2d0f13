"""Messages made to break the checks, the daemon or Postfix."""
import time

from fixture import message, zones
from fixture.process import wait_until
from samples import forged, genuine

ROUNDS = 6
FLOOD = 16000  # so many removals abort Postfix's cleanup


def test_flood_of_forged_fields_is_refused(site, milter):
    text = b"X-Spam: a\r\n" * FLOOD + genuine(site.keys)
    reply, _ = site.send(text, "ann@genuine.test")
    assert reply.code == 550
    assert "header fields" in reply.text
    site.deliver(genuine(site.keys), "ann@genuine.test")


def test_hundred_forged_fields_are_removed(site, milter):
    text = b"X-Spam-Flag: NO\r\n" * 100 + genuine(site.keys)
    delivered = site.deliver(text, "ann@genuine.test")
    assert message.values(delivered, "X-Spam-Flag") == ["NO"]


def test_an_author_behind_many_others_is_no_pass(site, milter):
    authors = ", ".join("a%d@attacker.test" % i for i in range(64))
    text = forged().replace(
        b"From: The Boss <boss@genuine.test>",
        ("From: %s,\r\n boss@genuine.test" % authors.replace(", ", ",\r\n "))
        .encode())
    assert b"a63@attacker.test" in text
    delivered = site.deliver(text, "x@attacker.test", ip=zones.ATTACKER_IP4,
                             helo="bulk.attacker.test")
    results = message.own_results(delivered)[0]
    assert results.results("dmarc") == ["permerror"]
    assert message.verdict(delivered)["action"] == "junk"


def test_signature_of_a_part_of_the_body_proves_nothing(site, milter):
    text = site.keys.sign_rsa(forged(), "genuine.test", length=True)
    text += b"<b>what a stranger wrote</b>\r\n"
    reply, _ = site.send(text, "x@attacker.test", ip=zones.ATTACKER_IP4,
                         helo="bulk.attacker.test")
    assert reply.code == 550


def test_leaving_never_waits_for_dns(site):
    """RSET and a lost connection, while SPF hangs, cost no time."""
    with site.milter(site.inet_socket, slow=True, dns_timeout="5s",
                     scan_timeout="8s"):
        site.slow_dns.hang = True
        try:
            began = time.monotonic()
            with site.client("inet", ip=zones.GENUINE_IP4) as client:
                for _ in range(ROUNDS):
                    client.command("MAIL FROM:<ann@genuine.test>")
                    client.command("RSET")
                client.quit()
            took = time.monotonic() - began
        finally:
            site.slow_dns.hang = False
    assert took < ROUNDS * 5 / 2  # each wait for DNS would be 5 s


def test_questions_start_before_the_data(site):
    """Postfix tells of the client and the sender at once, not with DATA."""
    slow_dns = site.slow_dns
    with site.milter(site.inet_socket, slow=True):
        begin = len(slow_dns.asked)
        with site.client("inet", ip=zones.GENUINE_IP4) as client:
            wait_until(lambda: any(name.endswith("in-addr.arpa")
                                   for name in slow_dns.asked[begin:]),
                       20, "the question for the client's name")
            client.command("MAIL FROM:<ann@genuine.test>")
            wait_until(lambda: "genuine.test" in slow_dns.asked[begin:],
                       20, "the question for the sender's SPF record")
            client.quit()


def test_long_values_of_many_signatures_are_told(site, milter):
    """Ten signatures with the longest names still give one field."""
    name = ".".join(["a" * 60] * 4)
    fields = b"".join(
        ("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s;\r\n"
         " s=%s;\r\n i=u%d@%s;\r\n h=from; bh=AAAA; b=%dAAA\r\n"
         % (name, name, number, name, number)).encode()
        for number in range(10))
    delivered = site.deliver(fields + genuine(site.keys, "none.test"),
                             "ann@none.test", ip=zones.ATTACKER_IP4)
    results = message.own_results(delivered)[0]
    assert "pass" not in results.results("dkim")
    assert len(results.results("dkim")) >= 10
