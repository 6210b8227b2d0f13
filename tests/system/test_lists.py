"""DNS lists by real SMTP: hits in words, refusals, lists that heal."""
import time

import pytest

from fixture import message, zones
from fixture.listzones import reverse
from fixture.message import compose, symbols
from fixture.process import wait_until
from samples import genuine

LISTS_KEYS = "enabled = yes\n\ttest_interval = 1s\n\tretry_interval = 1s"
CLIENT = zones.ATTACKER_IP4
ZEN = "the list Spamhaus ZEN (zen.spamhaus.org)"


@pytest.fixture(scope="module", name="milter")
def _milter(site):
    with site.milter(lists=LISTS_KEYS) as milter:
        yield milter


@pytest.fixture(name="plain_lists", autouse=True)
def _plain_lists(site):
    yield
    site.lists.reset()


def send(site, ip=CLIENT, sender="news@attacker.test", **options):
    """A message of a domain without any policy; what the reader gets."""
    options.setdefault("helo", "bulk.attacker.test")
    text = compose("News <%s>" % sender)
    return site.deliver(text, sender, ip=ip, **options)


def reason(delivered):
    return message.values(delivered, "X-Gatepost-Reason")[0]


def wait_logged(milter, text, count=1):
    wait_until(lambda: milter.log_text().count(text) >= count, 30,
               "%s in the log:\n%s" % (text, milter.log_text()[-3000:]))


def test_listed_client_is_junk_with_the_reason(site, milter):
    site.lists.set("zen.spamhaus.org",
                   {reverse(CLIENT): "127.0.0.2 127.0.0.4"})
    delivered = send(site)
    assert symbols(delivered)["RBL_ZEN_SBL"] == 4.5
    assert symbols(delivered)["RBL_ZEN_XBL"] == 4.5
    assert message.verdict(delivered)["action"] == "junk"
    assert message.values(delivered, "X-Spam-Flag") == ["YES"]
    assert message.values(delivered, "X-Spam") == ["Yes"]
    assert "%s is a known spam source (Spamhaus ZEN SBL)" % CLIENT \
        in reason(delivered)


def test_unlisted_client_is_not(site, milter):
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    assert message.verdict(delivered)["action"] == "accept"
    assert not [name for name in symbols(delivered)
                if name.startswith(("RBL_", "RWL_", "DBL_"))]


def test_listed_ipv6_client(site, milter):
    nibbles = "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.1.1.0.8.b.d.0." \
              "1.0.0.2"
    site.lists.set("zen.spamhaus.org", {nibbles: "127.0.0.3"})
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test",
                             ip=zones.GENUINE_IP6)
    assert "RBL_ZEN_CSS" in symbols(delivered)


def test_allow_list_is_told(site, milter):
    site.lists.set("list.dnswl.org", {reverse(CLIENT): "127.0.5.2"})
    delivered = send(site)
    results = message.own_results(delivered)[0]
    assert results.results("dnswl") == ["pass"]
    assert results.properties("dnswl")[0]["dns.zone"] == "list.dnswl.org"
    assert results.properties("dnswl")[0]["policy.ip"] == "127.0.5.2"
    assert symbols(delivered)["RWL_DNSWL_MED"] == -2.0


def test_domains_are_asked(site, milter):
    """HELO, sender, author and reverse name lead to the same domain, which
    counts once; a listed author's domain is told."""
    site.lists.set("dbl.spamhaus.org", {"attacker.test": "127.0.1.4"})
    delivered = send(site)

    assert symbols(delivered)["DBL_PHISH"] == 6.0
    assert "attacker.test is a phishing domain" in reason(delivered)
    assert message.verdict(delivered)["action"] == "junk"


@pytest.mark.parametrize("place", ["helo", "sender", "signer", "ptr"])
def test_each_domain_is_asked(site, milter, place):
    site.lists.set("multi.surbl.org", {"attacker.test": "127.0.0.64"})
    text = compose("Ann <ann@none.test>")
    ip, helo, sender = zones.NAMELESS_IP4, "mail.none.test", "ann@none.test"
    if place == "helo":
        helo = "bulk.attacker.test"
    elif place == "sender":
        sender = "x@attacker.test"
    elif place == "signer":
        text = site.keys.sign_both(text, "attacker.test")
    else:
        ip = zones.ATTACKER_IP4
    delivered = site.deliver(text, sender, ip=ip, helo=helo)
    assert "SURBL_ABUSE" in symbols(delivered)


def test_signatures_do_not_hide_the_reverse_name(site, milter):
    """Ten signatures of other names: the limit keeps a place for it."""
    site.lists.set("multi.surbl.org", {"attacker.test": "127.0.0.64"})
    text = compose("Ann <ann@none.test>", extra=[
        "DKIM-Signature: v=1; a=rsa-sha256; d=junk%d.example; s=x; h=from;"
        " bh=AAAA; b=AAAA" % i for i in range(10)])
    delivered = site.deliver(text, "ann@none.test", ip=zones.ATTACKER_IP4,
                             helo="mail.none.test")
    assert "SURBL_ABUSE" in symbols(delivered)


def test_private_hops_do_not_hide_relays(site, milter):
    relay = "198.51.100.200"
    site.lists.set("zen.spamhaus.org", {reverse(relay): "127.0.0.2"})
    hops = ["10.0.0.%d" % i for i in range(1, 9)] + [relay]
    text = compose("Ann <ann@none.test>", extra=[
        "Received: from pc (pc.example.net [%s])\r\n"
        "\tby mail.none.test with ESMTPA; Tue, 24 Nov 2026 10:00:00 +0000"
        % hop for hop in hops])
    delivered = site.deliver(text, "ann@none.test", ip=zones.GENUINE_IP4)
    assert "RELAY_ZEN_SBL" in symbols(delivered)


def test_relays_are_asked(site, milter):
    relay = "198.51.100.200"
    site.lists.set("zen.spamhaus.org", {reverse(relay): "127.0.0.2"})
    text = compose("Ann <ann@none.test>", extra=[
        "Received: from pc (pc.example.net [%s])\r\n"
        "\tby mail.none.test with ESMTPA; Tue, 24 Nov 2026 10:00:00 +0000"
        % relay])
    delivered = site.deliver(text, "ann@none.test", ip=zones.GENUINE_IP4)
    found = symbols(delivered)
    assert found["RELAY_ZEN_SBL"] == 1.5
    assert "RBL_ZEN_SBL" not in found


def test_refused_resolver_costs_nothing_and_the_list_heals(site, milter):
    """127.255.255.254 is no hit; the list goes off, and on again."""
    off = milter.log_text().count(ZEN + " is off")
    site.lists.set("zen.spamhaus.org",
                   {"2.0.0.127": "127.255.255.254",
                    reverse(CLIENT): "127.255.255.254"})
    wait_logged(milter, ZEN + " is off", off + 1)
    delivered = send(site)
    assert "RBL_ZEN" not in str(symbols(delivered))
    assert message.verdict(delivered)["action"] == "accept"
    site.lists.set("zen.spamhaus.org", {reverse(CLIENT): "127.0.0.2"})
    wait_logged(milter, ZEN + " is on again")
    assert milter.log_text().count(ZEN + " is off") == off + 1
    assert "RBL_ZEN_SBL" in symbols(send(site))


def test_list_that_lists_everything_is_off(site, milter):
    """A dead domain whose new owner answers all questions."""
    site.lists.set("psbl.surriel.com",
                   {"1.0.0.127": "127.0.0.2", "*": "127.0.0.2"})
    wait_logged(milter, "the list PSBL (psbl.surriel.com) is off")
    assert "RBL_PSBL" not in symbols(send(site))
    site.lists.set("psbl.surriel.com", {})
    wait_logged(milter, "the list PSBL (psbl.surriel.com) is on again")


def test_garbage_answers_are_no_hits(site, milter):
    site.lists.set("bl.spamcop.net",
                   {reverse(CLIENT): "10.0.0.1 8.8.8.8 127.0.0.77 "
                                     "255.255.255.255"})
    site.lists.set("list.dnswl.org", {reverse(CLIENT): "127.0.0.99"})
    delivered = send(site)
    assert not [name for name in symbols(delivered)
                if name.startswith(("RBL_", "RWL_"))]


def test_slow_list_costs_no_latency(site):
    """Lists that never answer: mail goes on within the deadline."""
    with site.milter(site.inet_socket, lists=LISTS_KEYS, slow=True,
                     dns_timeout="1s", scan_timeout="2s"):
        site.slow_dns.hang = True
        began = time.monotonic()
        try:
            delivered = send(site, sender="news@open.test",
                             service="inet")
        finally:
            site.slow_dns.hang = False
        assert time.monotonic() - began < 15
        assert not [name for name in symbols(delivered)
                    if name.startswith(("RBL_", "DBL_"))]


URL_REASON = "www.listed.example is a phishing domain (Spamhaus DBL)"
HTML = ("MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8")


def send_link(site, body, extra=()):
    """A message of attacker.test, whose own names are on no list."""
    text = compose("News <news@attacker.test>", body=body + "\r\n",
                   extra=extra)
    return site.deliver(text, "news@attacker.test", ip=CLIENT,
                        helo="bulk.attacker.test")


@pytest.mark.parametrize("body, extra", [
    ("See https://www.listed.example/offer now.", ()),
    ('<p>Dear reader, <a href="https://www.listed.example/offer">look'
     "</a>.</p>", HTML),
    ("See https://www.google.com/url?q=https%3A%2F%2Fwww.listed.example"
     "%2Foffer&sa=D now.", ()),
    ('<a href="https://a.example/r?to=http:%2f%2fwww.listed.example">x</a>',
     HTML),
], ids=["text", "link", "redirector", "query"])
def test_link_to_a_listed_domain_is_junk(site, milter, body, extra):
    site.lists.set("dbl.spamhaus.org", {"www.listed.example": "127.0.1.4"})
    delivered = send_link(site, body, extra)
    assert symbols(delivered)["DBL_PHISH"] == 6.0
    assert message.verdict(delivered)["action"] == "junk"
    assert URL_REASON in reason(delivered)


def test_link_by_organizational_domain(site, milter):
    site.lists.set("multi.surbl.org", {"listed.example": "127.0.0.64"})
    delivered = send_link(site, "https://a.b.listed.example/")
    assert "SURBL_ABUSE" in symbols(delivered)


@pytest.mark.parametrize("host", ["198.51.100.9", "0xc6336409"])
def test_link_to_a_listed_address(site, milter, host):
    label = reverse("198.51.100.9")
    site.lists.set("zen.spamhaus.org", {label: "127.0.0.2"})
    site.lists.set("multi.surbl.org", {label: "127.0.0.64"})
    delivered = send_link(site, "http://%s/pay" % host)
    found = symbols(delivered)
    assert found["URL_ZEN_SBL"] == 3.0
    assert found["SURBL_ABUSE"] == 4.0
    assert "RBL_ZEN_SBL" not in found
    assert message.verdict(delivered)["action"] == "junk"
    assert "its link leads to 198.51.100.9, a known spam source " \
        "(Spamhaus ZEN SBL)" in reason(delivered)


def test_link_of_a_listed_neighbour_is_not(site, milter):
    site.lists.set("dbl.spamhaus.org", {"listed.example": "127.0.1.2"})
    delivered = send_link(site, "https://unlisted.example/ "
                                "http://192.168.7.7/ ann@listed.example")
    assert not [name for name in symbols(delivered)
                if name.startswith(("DBL_", "SURBL_", "URL_ZEN_"))]


def test_links_have_a_limit_and_skipped_domains(site):
    """The most telling host takes the only place; well-known ones none."""
    keys = LISTS_KEYS + '\n\turl_max = 1\n\turl_skip = { "known.example" }'
    site.lists.set("dbl.spamhaus.org", {"listed.example": "127.0.1.2",
                                        "listed.top": "127.0.1.2"})
    with site.milter(site.inet_socket, lists=keys):
        def found(body):
            text = compose("Ann <ann@none.test>", body=body + "\r\n")
            return symbols(site.deliver(
                text, "ann@none.test", ip=zones.GENUINE_IP4,
                helo="mail.none.test", service="inet"))
        assert "DBL_SPAM" in found("https://known.example/ "
                                   "https://listed.example/")
        assert "DBL_SPAM" not in found("https://a.example/ "
                                       "https://listed.example/")
        assert "DBL_SPAM" in found("https://a.example/ https://listed.top/")
