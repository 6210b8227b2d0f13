"""Whatever is killed in a stream of messages: none is lost, none passes."""
from stream import Stream

MESSAGES = 500


def test_stream_without_failure(site):
    """The measure: everything is accepted, every genuine message passes."""
    with site.milter():
        with Stream(site, 100) as stream:
            pass
        stream.assert_none_lost()
    assert len(stream.accepted) == 100
    assert stream.counts() == (50, 0)


def test_milter_is_killed(site):
    """Without the milter Postfix defers; nothing goes past the checks."""
    with site.milter() as milter:
        with Stream(site, MESSAGES) as stream:
            for attempts in (100, 250):
                stream.wait_attempts(attempts)
                milter.kill()
                milter.start()
                stream.wait_accepted(20)
        stream.assert_none_lost()
        passed, unchecked = stream.counts()
    assert unchecked == 0
    assert 50 < len(stream.accepted) < MESSAGES
    assert passed > 20


def test_milter_is_killed_and_mail_goes_on(site):
    """milter_default_action=accept: mail passes by, with no result at all."""
    with site.milter() as milter:
        with Stream(site, MESSAGES, "accept") as stream:
            stream.wait_attempts(100)
            milter.kill()
            stream.wait_accepted(50)
            milter.start()
        stream.assert_none_lost()
        passed, unchecked = stream.counts()
    assert unchecked > 0
    assert passed > 20


def test_name_server_is_killed(site):
    """What cannot be asked is temperror; the mail goes on, or is deferred
    where its domain is known to refuse forgeries."""
    with site.milter(dns_timeout="1s", scan_timeout="2s"):
        with Stream(site, MESSAGES) as stream:
            stream.wait_attempts(20)
            site.nsd.kill()
            try:
                stream.wait_accepted(60)
            finally:
                site.nsd.start()
        stream.assert_none_lost()
        passed, unchecked = stream.counts()
    assert unchecked == 0
    assert len(stream.accepted) + stream.deferred == MESSAGES
    assert 0 < passed < MESSAGES // 2


def test_resolver_hangs(site):
    """Questions that get no answer end by their deadline."""
    slow_dns = site.slow_dns
    with site.milter(slow=True, dns_timeout="1s", scan_timeout="2s"):
        with Stream(site, MESSAGES) as stream:
            stream.wait_attempts(20)
            slow_dns.hang = True
            try:
                stream.wait_accepted(30)
            finally:
                slow_dns.hang = False
        stream.assert_none_lost()
        passed, unchecked = stream.counts()
    assert unchecked == 0
    assert len(stream.accepted) + stream.deferred == MESSAGES
    assert 0 < passed < MESSAGES // 2


def test_slow_answers_still_pass(site):
    """100 ms for every answer: slower, with the same results."""
    site.slow_dns.delay_ms = 100
    try:
        with site.milter(slow=True):
            with Stream(site, 100) as stream:
                pass
            stream.assert_none_lost()
            assert stream.counts() == (50, 0)
    finally:
        site.slow_dns.delay_ms = 0
