"""What the Authentication-Results of each kind of message say."""
import pytest

from fixture import message, zones
from fixture.message import compose
from samples import assert_unverified, forged, genuine


def own(delivered):
    """The one Authentication-Results of ours; it must be the top field."""
    name, _ = message.fields(delivered)[top_index(delivered)]
    assert name == "Authentication-Results"
    found = message.own_results(delivered)
    assert len(found) == 1
    return found[0]


def top_index(delivered):
    """The first field that the delivery agent did not add itself."""
    for index, (name, _) in enumerate(message.fields(delivered)):
        if name not in ("Return-Path", "X-Original-To", "Delivered-To"):
            return index
    raise AssertionError("no header")


def assert_all_pass(results, domain="genuine.test"):
    """Both signatures, SPF, DMARC and the reverse name pass."""
    assert results.results("spf")[0] == "pass"
    assert results.results("dkim") == ["pass", "pass"]
    assert results.results("dmarc") == ["pass"]
    assert results.results("iprev") == ["pass"]
    assert {found["header.d"] for found in results.properties("dkim")} \
        == {domain}


def test_genuine_message_passes_everything(site, milter):
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    results = own(delivered)
    assert_all_pass(results)
    assert {found["header.s"] for found in results.properties("dkim")} \
        == {"rsa", "ed"}
    assert results.properties("dmarc")[0]["header.from"] == "genuine.test"
    assert any(found.get("smtp.mailfrom", "").endswith("genuine.test")
               for found in results.properties("spf"))
    assert results.properties("iprev")[0]["policy.iprev"] \
        == zones.GENUINE_IP4


def test_genuine_message_is_not_marked(site, milter):
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    assert message.verdict(delivered).get("action") != "junk"
    assert message.values(delivered, "Authentication-Results") != []


def test_genuine_message_over_ipv6(site, milter):
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test",
                             ip=zones.GENUINE_IP6)
    results = own(delivered)
    assert_all_pass(results)
    assert results.properties("iprev")[0]["policy.iprev"] \
        == zones.GENUINE_IP6


def test_genuine_message_over_inet_socket(site):
    with site.milter(site.inet_socket):
        delivered = site.deliver(genuine(site.keys), "ann@genuine.test",
                                 service="inet")
    assert_all_pass(own(delivered))


def test_body_arrives_unchanged(site, milter):
    sent = genuine(site.keys)
    delivered = site.deliver(sent, "ann@genuine.test")
    assert delivered.partition(b"\n\n")[2] \
        == sent.replace(b"\r\n", b"\n").partition(b"\n\n")[2]


def test_forged_message_is_rejected_by_policy(site, milter):
    reply, _ = site.send(forged(), "boss@genuine.test",
                         ip=zones.ATTACKER_IP4, helo="bulk.attacker.test")
    assert reply.code == 550
    assert reply.text.startswith("5.7.1 ")
    assert "genuine.test" in reply.text


def test_forged_message_with_foreign_signature_is_rejected(site, milter):
    """A valid signature and SPF of the attacker do not help."""
    signed = site.keys.sign_both(forged(), "attacker.test")
    reply, _ = site.send(signed, "boss@attacker.test",
                         ip=zones.ATTACKER_IP4, helo="bulk.attacker.test")
    assert reply.code == 550
    assert "genuine.test" in reply.text


def test_foreign_signature_does_not_align(site, milter):
    signed = site.keys.sign_both(forged("none.test"), "attacker.test")
    results = own(site.deliver(signed, "boss@attacker.test",
                               ip=zones.ATTACKER_IP4,
                               helo="bulk.attacker.test"))
    assert results.results("dkim") == ["pass", "pass"]
    assert "pass" in results.results("spf")
    assert results.results("dmarc") == ["fail"]


def test_quarantine_is_delivered_and_marked(site, milter):
    delivered = site.deliver(forged("quarantine.test"),
                             "boss@quarantine.test", ip=zones.ATTACKER_IP4)
    assert own(delivered).results("dmarc") == ["fail"]
    assert message.verdict(delivered)["action"] == "junk"


def test_policy_none_is_delivered_unmarked(site, milter):
    delivered = site.deliver(forged("none.test"), "boss@none.test",
                             ip=zones.ATTACKER_IP4)
    assert own(delivered).results("dmarc") == ["fail"]
    assert message.verdict(delivered).get("action") != "junk"


def test_only_mark_instead_of_reject(site):
    with site.milter(site.inet_socket, on_reject="mark"):
        delivered = site.deliver(forged(), "boss@genuine.test",
                                 service="inet", ip=zones.ATTACKER_IP4)
    assert own(delivered).results("dmarc") == ["fail"]
    assert message.verdict(delivered)["action"] != "junk"


def test_only_mark_instead_of_quarantine(site):
    with site.milter(site.inet_socket, on_quarantine="mark"):
        delivered = site.deliver(forged("quarantine.test"),
                                 "boss@quarantine.test", service="inet",
                                 ip=zones.ATTACKER_IP4)
    assert own(delivered).results("dmarc") == ["fail"]
    assert message.verdict(delivered)["action"] != "junk"


def test_changed_body_breaks_the_signatures(site, milter):
    sent = genuine(site.keys, "none.test") + b"One more line.\r\n"
    results = own(site.deliver(sent, "ann@none.test",
                               ip=zones.ATTACKER_IP4))
    assert results.results("dkim") == ["fail", "fail"]
    assert_unverified(results, "none.test")


def test_changed_field_breaks_the_signatures(site, milter):
    sent = genuine(site.keys, "none.test").replace(
        b"Subject: Hello", b"Subject: Hell no", 1)
    results = own(site.deliver(sent, "ann@none.test",
                               ip=zones.ATTACKER_IP4))
    assert results.results("dkim") == ["fail", "fail"]


def test_one_good_signature_is_enough(site, milter):
    """The Ed25519 signature is broken, the RSA one signs the result."""
    broken = genuine(site.keys).replace(b"Subject: Hello",
                                        b"Subject: Changed", 1)
    sent = site.keys.sign_rsa(broken, "genuine.test")
    results = own(site.deliver(sent, "ann@genuine.test",
                               ip=zones.ATTACKER_IP4))
    assert sorted(results.results("dkim")) == ["fail", "fail", "pass"]
    assert results.results("dmarc") == ["pass"]


def test_spf_alone_passes_dmarc(site, milter):
    results = own(site.deliver(forged(), "boss@genuine.test"))
    assert results.results("dkim") in ([], ["none"])
    assert results.results("dmarc") == ["pass"]


def test_null_sender_is_judged_by_helo(site, milter):
    results = own(site.deliver(genuine(site.keys), ""))
    assert "pass" in results.results("spf")
    assert any(found.get("smtp.helo") == "mail.genuine.test"
               for found in results.properties("spf"))


def test_domain_without_records(site, milter):
    results = own(site.deliver(forged("open.test"), "boss@open.test",
                               ip=zones.ATTACKER_IP4))
    assert "none" in results.results("spf")
    assert results.results("dmarc") == ["none"]


@pytest.mark.parametrize("address, allowed", [
    (zones.NAMELESS_IP4, ("permerror", "fail")),
    (zones.LIAR_IP4, ("fail",)),
])
def test_reverse_name_that_is_not_confirmed(site, milter, address, allowed):
    results = own(site.deliver(forged("none.test"), "boss@none.test",
                               ip=address))
    assert results.results("iprev")[0] in allowed


def test_dnssec_signed_zone_passes(site, milter):
    delivered = site.deliver(genuine(site.keys, "signed.test"),
                             "ann@signed.test")
    assert_all_pass(own(delivered), "signed.test")


def test_dnssec_bogus_zone_is_temperror(site, milter):
    """Its spoiled records would pass everything; no validator takes them."""
    delivered = site.deliver(genuine(site.keys, "bogus.test"),
                             "ann@bogus.test", ip=zones.ATTACKER_IP4,
                             helo="bulk.attacker.test")
    results = own(delivered)
    assert "temperror" in results.results("spf")
    assert results.results("dkim") == ["temperror", "temperror"]
    assert results.results("dmarc") == ["temperror"]
    assert_unverified(results, "bogus.test")


def test_own_network_gets_no_inbound_checks(site, milter):
    delivered = site.deliver(forged(), "boss@genuine.test",
                             ip=zones.OWN_IP4)
    assert_no_inbound_results(delivered)


def test_authenticated_client_gets_no_inbound_checks(site, milter):
    delivered = site.deliver(forged(), "boss@genuine.test",
                             ip=zones.ATTACKER_IP4, login="boss")
    assert_no_inbound_results(delivered)


def assert_no_inbound_results(delivered):
    """No method of the inbound checks was run (auth= may be told)."""
    for results in message.own_results(delivered):
        for method in ("spf", "dkim", "dmarc", "iprev"):
            assert results.results(method) in ([], ["none"]), method


@pytest.mark.parametrize("trust, expected", [("no", "fail"),
                                             ("yes", "pass")])
def test_partly_signed_body(site, trust, expected):
    """dmarc.trust_partly_signed_body: a signature with l= may not prove it."""
    text = site.keys.sign_rsa(compose("Ann <ann@none.test>"), "none.test",
                              length=True)
    text += b"Buy pills, says who added this line.\r\n"
    more = "dmarc { trust_partly_signed_body = %s }" % trust
    with site.milter(site.inet_socket, more=more):
        results = own(site.deliver(text, "x@attacker.test", service="inet",
                                   ip=zones.ATTACKER_IP4))
    assert results.results("dkim") == ["pass"]
    assert results.results("dmarc") == [expected]
