"""A stream of messages in parallel sessions, while something breaks."""
import itertools
import threading

from fixture import message, zones
from fixture.process import wait_until
from samples import forged, genuine

SESSIONS = 8
PER_CONNECTION = 5


class Stream:
    """Sends count messages; every second one is forged.

    accepted   {recipient: (domain, whether it is genuine)} of all with 250
    attempts   how many were tried so far; failures are not tried again
    deferred   how many were answered 4xx at their end: the sender keeps them
    """

    def __init__(self, site, count, service="unix", sessions=SESSIONS):
        self.site, self.count, self.service = site, count, service
        self.accepted, self.errors = {}, []
        self.attempts = self.deferred = 0
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._genuine = [genuine(site.keys, domain)
                         for domain in zones.STREAM_DOMAINS]
        self._forged = [forged(domain) for domain in zones.STREAM_DOMAINS]
        self._threads = [threading.Thread(target=self._work, daemon=True)
                         for _ in range(sessions)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join(300)
        assert not any(thread.is_alive() for thread in self._threads)
        assert self.errors == []

    def wait_attempts(self, count, timeout=120):
        """Waits until so many messages were tried."""
        wait_until(lambda: self.attempts >= count, timeout,
                   "%d messages" % count)

    def wait_accepted(self, count, timeout=120):
        """Waits until so many more messages were accepted."""
        wanted = len(self.accepted) + count
        wait_until(lambda: len(self.accepted) >= wanted
                   or self.attempts >= self.count, timeout,
                   "%d more accepted" % count)

    def _work(self):
        try:
            while True:
                with self._lock:
                    numbers = list(itertools.islice(self._numbers,
                                                    PER_CONNECTION))
                numbers = [n for n in numbers if n < self.count]
                if not numbers:
                    return
                self._connection(numbers)
        except Exception as error:  # told by __exit__
            self.errors.append(error)

    def _connection(self, numbers):
        is_genuine = numbers[0] // PER_CONNECTION % 2 == 0
        address = zones.GENUINE_IP4 if is_genuine else zones.ATTACKER_IP4
        try:
            client = self.site.client(self.service, ip=address)
        except (OSError, RuntimeError):
            with self._lock:
                self.attempts += len(numbers)
            return
        with client:
            for number in numbers:
                self._send(client, number, is_genuine)
            client.quit()

    def _send(self, client, number, is_genuine):
        index = number % len(zones.STREAM_DOMAINS)
        domain = zones.STREAM_DOMAINS[index]
        text = (self._genuine if is_genuine else self._forged)[index]
        with self._lock:
            recipient = self.site.recipient()
        reply = client.send(text, "ann@" + domain, recipient)
        with self._lock:
            self.attempts += 1
            self.deferred += 400 <= reply.code < 500
            if reply.accepted:
                self.accepted[recipient] = (domain, is_genuine)

    def assert_none_lost(self):
        """Every accepted message is delivered, once, or still queued."""
        postfix = self.site.postfix

        def settled():
            return not postfix.queued_ids() \
                and set(self.accepted) <= set(postfix.delivered())
        wait_until(settled, 60, "all accepted messages are delivered")
        delivered = postfix.delivered()
        for recipient in self.accepted:
            assert delivered.count(recipient) == 1

    def counts(self):
        """(genuine that fully passed, delivered without results); fails on
        any false pass."""
        passed = unchecked = 0
        for recipient, (domain, is_genuine) in self.accepted.items():
            found = message.own_results(self.site.postfix.find(recipient))
            assert len(found) <= 1
            unchecked += not found
            for results in found:
                if is_genuine:
                    passed += results.results("dmarc") == ["pass"]
                else:
                    assert_no_false_pass(results, domain)
        return passed, unchecked


def assert_no_false_pass(results, domain):
    """A forged message: nothing but the attacker's own iprev may pass."""
    assert set(results.passes()) <= {"iprev"}, (domain, results.methods)
