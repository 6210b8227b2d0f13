"""Reputation with a real store: learning, losing it, getting it back."""
import itertools
import json
import shutil
import signal
import statistics
import subprocess
import time

import pytest

from fixture import message, zones
from fixture.message import compose, symbols
from fixture.milter import build_directory
from fixture.process import wait_until
from fixture.redis import Redis
from samples import genuine
from stream import Stream

REDIS = "backend = redis\n\tredis = {\"127.0.0.1:%d\"}"
LMDB = "backend = lmdb\n\tpath = \"%s\"\n\tsize = %s"
MESSAGES = 50


@pytest.fixture(name="redis")
def _redis(site):
    with Redis(site.base) as redis:
        yield redis


@pytest.fixture(name="store", params=["redis", "lmdb"])
def _store(request, site, tmp_path):
    """The keys of the section store, for each backend."""
    if request.param == "redis":
        redis = request.getfixturevalue("redis")
        return REDIS % redis.port
    return LMDB % (tmp_path / "store", "16M")


def score(delivered):
    return float(message.verdict(delivered)["score"])


def from_domain(site, domain, ip=zones.GENUINE_IP4):
    return site.deliver(genuine(site.keys, domain), "ann@" + domain, ip=ip)


def history(delivered):
    """The symbols that only a store can tell."""
    return [name for name in symbols(delivered)
            if name.startswith(("REPUTATION_", "FIRST_"))]


def test_good_domain_earns_a_better_score(site, store):
    """50 good messages of one domain; then it is better than a new one."""
    known, new = "none.test", "genuine.test"
    with site.milter(store=store) as milter:
        first = from_domain(site, known)
        assert {"FIRST_FROM_NETWORK", "FIRST_FROM_DOMAIN"} \
            <= set(symbols(first))
        for _ in range(MESSAGES):
            last = from_domain(site, known)
        # What was learned may still be on its way into the store.
        wait_until(lambda: "REPUTATION_DOMAIN_GOOD"
                   in symbols(from_domain(site, known)), 10, "learned")
        last = from_domain(site, known)
        stranger = from_domain(site, new, ip=zones.GENUINE_IP6)
        assert score(last) < score(stranger)
        assert symbols(last)["REPUTATION_DOMAIN_GOOD"] < -0.5
        assert "REPUTATION_DOMAIN_GOOD" not in symbols(stranger)
        milter.kill()
        milter.start()
        assert "REPUTATION_DOMAIN_GOOD" in symbols(from_domain(site, known))


def test_forger_earns_nothing_for_the_forged(site, store):
    """Unauthenticated mail in its name changes nothing for a domain: its own
    first message finds it unknown."""
    with site.milter(store=store):
        for _ in range(10):
            text = compose("Ann <ann@open.test>")
            site.deliver(text, "ann@open.test", ip=zones.NAMELESS_IP4)
        time.sleep(0.2)
        delivered = from_domain(site, "open.test")
    assert message.own_results(delivered)[0].results("dkim") \
        == ["pass", "pass"]
    assert "FIRST_FROM_DOMAIN" in symbols(delivered)
    assert not [name for name in symbols(delivered)
                if name.startswith("REPUTATION_DOMAIN")]


def reputation(milter, verb, *names):
    """What the command says of the names."""
    run = subprocess.run(
        (build_directory() / "gatepost", "reputation", verb,
         "--config", milter.config, *names),
        check=True, capture_output=True, text=True)
    return run.stdout


def test_correspondent_is_known(site, store):
    """Who was written to may answer, until that is forgotten; a forger of that
    name may not."""
    writer, subjects = site.recipient(), itertools.count(1)
    pair = (writer.upper(), "ann@GENUINE.test")

    def sign(text):
        return site.keys.sign_both(text, "genuine.test")

    with site.milter(store=store, on_reject="mark") as milter:
        with site.client(ip=zones.OWN_IP4) as client:
            assert client.send(compose(writer), writer,
                               "ann@genuine.test").accepted

        def known(sign, **options):
            subject = "Answer %d." % next(subjects)
            text = sign(compose("Ann <ann@genuine.test>", subject=subject))
            reply, _ = site.send(text, "ann@genuine.test", recipient=writer,
                                 **options)
            assert reply.accepted
            return "KNOWN_CORRESPONDENT" in symbols(
                site.postfix.wait_delivered(writer,
                                            holding=subject.encode()))
        wait_until(lambda: known(sign), 10, "the correspondent is known")
        assert not known(lambda text: text, ip=zones.ATTACKER_IP4)
        assert known(sign)
        assert "ann@GENUINE.test is a known correspondent of " in reputation(
            milter, "show", *pair)
        assert "has not written" in reputation(milter, "show", *pair[::-1])
        assert "nothing was known" in reputation(
            milter, "forget", *pair[::-1])
        assert json.loads(reputation(milter, "show", "--json", *pair))[0][
            "kind"] == "correspondent"
        assert reputation(milter, "forget", *pair) == (
            "%s %s: forgotten\n" % pair)
        assert json.loads(
            reputation(milter, "show", "--json", *pair)) == []


def test_reply_to_own_mail(site, store):
    """Those who got a message answer it, to those who took part in it; who has
    its Message-ID from elsewhere does not, whatever he claims."""
    writer, other = site.recipient(), site.recipient()
    author = "ann@genuine.test"

    def sign(text):
        return site.keys.sign_both(text, "genuine.test")

    def is_reply(subject, recipients, name=author, sign=sign,
                 ip=zones.GENUINE_IP4):
        text = sign(compose(
            "Somebody <%s>" % name, subject=subject,
            extra=["References: <0@elsewhere.test> " + message_id]))
        with site.client(ip=ip) as client:
            assert client.envelope(name, recipients).accepted
            assert client.data(text).accepted
        delivered = site.postfix.wait_delivered(
            recipients[0], holding=subject.encode())
        return "REPLY_TO_OWN" in symbols(delivered)

    with site.milter(store=store, on_reject="mark"):
        text = compose(writer)
        message_id, = message.values(text, "Message-ID")
        with site.client(ip=zones.OWN_IP4) as client:
            assert client.send(text, writer, author).accepted
        numbers = itertools.count(1)
        wait_until(lambda: is_reply("Answer %d." % next(numbers), [writer]),
                   10, "the message is remembered")
        assert not is_reply("To another.", [other])
        assert not is_reply("To another besides.", [writer, other])
        assert not is_reply("A colleague of hers.", [writer],
                            name="eve@genuine.test")
        assert not is_reply("In her name.", [writer], sign=lambda text: text,
                            ip=zones.ATTACKER_IP4)
        assert is_reply("At last.", [writer])


class Clock:
    """How long each message of a connection takes."""

    def __init__(self, site):
        self.site, self.seconds = site, []

    def send(self, text, sender):
        """Sends one message, keeps its time; (reply, recipient)."""
        recipient = self.site.recipient()
        with self.site.client(ip=zones.GENUINE_IP4) as client:
            client.envelope(sender, [recipient])
            began = time.monotonic()
            reply = client.data(text)
            self.seconds.append(time.monotonic() - began)
        return reply, recipient


def test_redis_is_killed_in_a_stream(site, redis):
    """No mail lost, at most 0.5 s more a message, scores back afterwards."""
    domain = zones.STREAM_DOMAINS[0]
    with site.milter(store=REDIS % redis.port) as milter:
        for _ in range(MESSAGES):
            from_domain(site, domain)
        wait_until(lambda: "REPUTATION_DOMAIN_GOOD"
                   in symbols(from_domain(site, domain)), 10, "learned")
        usual, without = Clock(site), Clock(site)
        for _ in range(20):
            assert usual.send(genuine(site.keys, domain),
                              "ann@" + domain)[0].accepted
        with Stream(site, 200) as stream:
            stream.wait_attempts(50)
            redis.kill()
            for _ in range(20):
                reply, recipient = without.send(
                    genuine(site.keys, domain), "ann@" + domain)
                assert reply.accepted
                delivered = site.postfix.wait_delivered(recipient)
                assert not history(delivered)
        stream.assert_none_lost()
        assert len(stream.accepted) == 200
        print("worst message: %.3f s with the store, %.3f s without it" % (
            max(usual.seconds), max(without.seconds)))
        assert statistics.median(without.seconds) \
            <= statistics.median(usual.seconds) + 0.5
        assert milter.log_text().count("store: ") >= 1
        redis.start()
        wait_until(lambda: {"FIRST_FROM_NETWORK", "REPUTATION_DOMAIN_GOOD"}
                   & set(symbols(from_domain(site, domain))), 60,
                   "scores are back")


def test_redis_hangs(site, redis):
    """A stopped server costs its timeout once, then nothing."""

    domain = zones.STREAM_DOMAINS[0]
    with site.milter(store=REDIS % redis.port):
        from_domain(site, domain)
        redis.daemon.signal(signal.SIGSTOP)
        try:
            for _ in range(5):
                assert from_domain(site, domain)
        finally:
            redis.daemon.signal(signal.SIGCONT)


def test_foreign_values_under_our_keys(site, redis):
    """Wrong types cost points of the store, never mail; and are logged."""
    domain = zones.STREAM_DOMAINS[0]
    with site.milter(store=REDIS % redis.port) as milter:
        from_domain(site, domain)
        keys = wait_until(lambda: redis.command("KEYS", "*").split(), 10,
                          "something was learned")
        for key in keys:
            redis.command("DEL", key)
            redis.command("LPUSH", key, "garbage")
        delivered = from_domain(site, domain)
        assert not [name for name in symbols(delivered)
                    if name.startswith("REPUTATION_")]
        wait_until(lambda: "another type" in milter.log_text()
                   or "WRONGTYPE" in milter.log_text(), 10, "a log line")


def test_lmdb_goes_away_in_a_stream(site, tmp_path):
    """The directory is removed under the running milter: mail flows."""

    path = tmp_path / "store"
    with site.milter(store=LMDB % (path, "1M")):
        with Stream(site, 100) as stream:
            stream.wait_attempts(20)
            shutil.rmtree(path)
        stream.assert_none_lost()
        assert len(stream.accepted) == 100


def test_lmdb_that_cannot_be_opened(site, tmp_path):
    """A file in its place: a clear line, and mail without history."""
    path = tmp_path / "store"
    path.write_text("no directory")
    with site.milter(store=LMDB % (path, "1M")) as milter:
        delivered = from_domain(site, zones.STREAM_DOMAINS[0])
        assert str(path) in milter.log_text()
    assert not history(delivered)


def test_lmdb_is_made_later(site, tmp_path):
    """The milter tells what to do, goes on, and has the store afterwards."""
    path = tmp_path / "none" / "store"
    domain = zones.STREAM_DOMAINS[0]
    with site.milter(store=LMDB % (path, "1M")) as milter:
        assert not history(from_domain(site, domain))
        assert "run as root: mkdir -p -m 770 %s && chown " % path \
            in milter.log_text()
        path.mkdir(parents=True, mode=0o777)
        path.chmod(0o777)
        wait_until(lambda: "store.mdb is open now" in milter.log_text(),
                   40, "the store is open")
        assert history(from_domain(site, domain))
        assert milter.log_text().count("store: ") == 2


def test_redis_is_started_later(site, redis):
    """A line at the start, before any mail, and one when it is there."""
    domain = zones.STREAM_DOMAINS[0]
    redis.kill()
    with site.milter(store=REDIS % redis.port) as milter:
        wait_until(lambda: "does not answer yet" in milter.log_text(), 10,
                   "the milter told")
        assert not history(from_domain(site, domain))
        redis.start()
        wait_until(lambda: history(from_domain(site, domain)), 60,
                   "scores are there")
        assert milter.log_text().count("redis is back") == 1
        assert milter.log_text().count("store: ") == 2
