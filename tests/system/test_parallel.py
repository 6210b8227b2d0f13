"""32 parallel sessions; the ThreadSanitizer build runs this file alone."""
import os
import signal

import pytest

from fixture import message, zones
from samples import forged, genuine
from stream import Stream

SESSIONS = 32
MESSAGES = int(os.environ.get("GATEPOST_PARALLEL_MESSAGES", "800"))


def check(stream):
    """Everything was accepted, delivered and judged right."""
    stream.assert_none_lost()
    assert len(stream.accepted) == stream.count
    passed, unchecked = stream.counts()
    assert unchecked == 0
    assert passed == sum(is_genuine
                         for _, is_genuine in stream.accepted.values())


def test_32_sessions_over_unix(site):
    with site.milter() as milter:
        with Stream(site, MESSAGES, sessions=SESSIONS) as stream:
            pass
        check(stream)
        milter.check_reports()


def test_32_sessions_over_inet(site):
    with site.milter(site.inet_socket) as milter:
        with Stream(site, MESSAGES // 2, "inet", SESSIONS) as stream:
            pass
        check(stream)
        milter.check_reports()


def test_reload_in_the_stream(site):
    """SIGHUP again and again: each session has one whole configuration."""
    with site.milter() as milter:
        with Stream(site, MESSAGES // 2, sessions=SESSIONS) as stream:
            for number in range(1, 11):
                stream.wait_attempts(number * stream.count // 12)
                milter.write_config(
                    on_reject=("mark", "reject")[number % 2])
                milter.daemon.signal(signal.SIGHUP)
        check(stream)
        milter.check_reports()


def test_slow_and_hanging_names_in_the_stream(site):
    """Deadlines and cancellation, raced by answers."""
    slow_dns = site.slow_dns
    with site.milter(slow=True, dns_timeout="500ms",
                     scan_timeout="1s") as milter:
        slow_dns.delay_ms = 495
        try:
            with Stream(site, MESSAGES // 4, sessions=SESSIONS) as stream:
                pass
        finally:
            slow_dns.delay_ms = 0
        stream.assert_none_lost()
        stream.counts()
        milter.check_reports()


@pytest.mark.parametrize("end", ["quit", "drop"])
def test_sessions_that_end_in_the_middle(site, end):
    """Questions under way are cancelled with their session."""
    with site.milter() as milter:
        for number in range(40):
            with site.client() as client:
                client.envelope("ann@d%02d.stream.test" % number,
                                [site.recipient()])
                getattr(client, end)()
        # Postfix did tell the milter of each of them.
        assert milter.log_text().count("connected -> mail") >= 40
        delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
        assert len(message.own_results(delivered)) == 1
        reply, _ = site.send(forged(), "boss@genuine.test",
                             ip=zones.ATTACKER_IP4)
        assert reply.code == 550
        milter.check_reports()
