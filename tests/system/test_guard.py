"""The outbound guard: limits of logins, through a real Postfix with SASL."""
import contextlib
import json
import re
import subprocess
import time

import pytest

from fixture.message import compose, values
from fixture.postfix import Postfix
from fixture.process import free_port, wait_until
from fixture.redis import Redis
from fixture.sasl import PASSWORD, Sasl
from fixture.smtp import Client
from samples import GTUBE
from test_check import gatepost
from test_history import LMDB, REDIS

DOMAIN = "gatepost.test"
POSTMASTER = "alice+postmaster@" + DOMAIN
HOMES = ("203.0.113.7", "198.51.100.9")  # of who knows ann's password
MESSAGES = 200
LIMIT = 100  # of messages in a minute: the default
RECIPIENTS = 60

MAIN_CF = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject
"""


class Outbound:
    """A Postfix for users, at which two milters may look."""

    def __init__(self, site, base):
        self.site, self.base = site, base
        self.sockets = ("unix:%s" % (base / "guard.sock"),
                        "inet:%d@127.0.0.1" % free_port())
        self.sasl = Sasl(base, ["ann", "bob"])
        path = base / "postfix"
        path.mkdir(mode=0o755)
        self.postfix = Postfix(
            path, base / "guard.sock",
            int(re.search(r"\d+", self.sockets[1]).group()),
            MAIN_CF.format(sasl=self.sasl.socket))

    def milter(self, keys="", store="backend = memory", number=0,
               notify=POSTMASTER, smtp_port=None):
        """A milter with more keys of the section guard."""
        guard = 'notify = "%s"\n\tsmtp = "inet:%d@127.0.0.1"\n\t%s' % (
            notify, smtp_port or self.postfix.ports["unix"], keys)
        return self.site.milter(
            self.sockets[number], store=store, guard=guard,
            more='general {\n\town_networks += {"127.0.0.0/8"}\n}')

    @contextlib.contextmanager
    def login(self, login, service="unix", ip=HOMES[0]):
        """An SMTP connection of a user who logged in."""
        with Client(self.postfix.ports[service], ip) as client:
            assert client.login(login, PASSWORD).accepted
            yield client
            client.quit()

    def send(self, login, count=1, service="unix", ip=HOMES[0], **options):
        """The Replies to messages of a user in one connection."""
        recipient = self.site.recipient()
        replies = []
        with self.login(login, service, ip) as client:
            for _ in range(count):
                replies.append(client.send(
                    compose("%s@%s" % (login, DOMAIN), recipient, **options),
                    "%s@%s" % (login, DOMAIN), recipient))
        return replies, recipient

    def held(self):
        """The queue ids of the hold queue."""
        found = subprocess.run(
            ("postqueue", "-c", str(self.postfix.config), "-j"), check=True,
            stdout=subprocess.PIPE, text=True).stdout
        return [entry["queue_id"] for entry in map(
            json.loads, found.splitlines()) if entry["queue_name"] == "hold"]

    def drop_queue(self):
        """Deletes what is held."""
        subprocess.run(("postsuper", "-c", str(self.postfix.config), "-d",
                        "ALL"), check=True, stderr=subprocess.DEVNULL)

    def settle(self):
        """Waits until nothing but held mail is in the queue."""
        wait_until(lambda: sorted(self.postfix.queued_ids())
                   == sorted(self.held()), 60, "an empty queue")

    def delivered(self, recipient):
        """How many messages an address got."""
        return self.postfix.delivered().count(recipient)


@pytest.fixture(scope="module", name="outbound")
def _outbound(site):
    base = site.base / "guard"
    base.mkdir(mode=0o755)
    outbound = Outbound(site, base)
    with outbound.sasl:
        outbound.postfix.start()
        yield outbound
        outbound.postfix.stop()


@pytest.fixture(name="clean", autouse=True)
def _clean(outbound):
    yield
    outbound.drop_queue()


@pytest.fixture(name="redis")
def _redis(site):
    with Redis(site.base) as redis:
        yield redis


def command(milter, *words):
    """gatepost guard, as text."""
    done = gatepost("guard", *words, "--config", milter.config)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def shown(milter, name):
    """What gatepost guard show tells of a sender."""
    return json.loads(command(milter, "show", "--json", name))[0]


def notices(outbound):
    """The notices to the postmaster so far."""
    outbound.settle()
    return outbound.delivered(POSTMASTER)


def overrun(outbound):
    """MESSAGES of ann in a minute, from two places; how many came through."""
    began = time.monotonic()
    passed = 0
    for ip, service in zip(HOMES, outbound.services):
        replies, recipient = outbound.send("ann", MESSAGES // 2, service, ip)
        assert all(reply.accepted for reply in replies)
        outbound.settle()
        passed += outbound.delivered(recipient)
    assert time.monotonic() - began < 60
    return passed


@pytest.fixture(name="milters", params=["redis", "lmdb"])
def _milters(request, outbound, tmp_path):
    """Two milters that share a store."""
    if request.param == "redis":
        store = REDIS % request.getfixturevalue("redis").port
    else:
        store = LMDB % (tmp_path / "store", "16M")
    outbound.services = ("unix", "inet")
    with outbound.milter(store=store) as first, \
            outbound.milter(store=store, number=1) as second:
        yield first, second


def check_notice(outbound, before, passed):
    """It was sent once, and says what happened."""
    wait_until(lambda: notices(outbound) == before + 1, 30, "a notice")
    text = outbound.postfix.find(POSTMASTER, b"mail of ann is held")
    assert values(text, "Auto-Submitted") == ["auto-generated"]
    assert values(text, "Return-Path") == ["<>"]
    assert values(text, "From") == ["Gatepost <%s>" % POSTMASTER]
    for part in (b"The login ann has sent too much mail:\n"
                 b"more than 100 messages in 1m",
                 b"gatepost guard reset 'ann'", b"postsuper -H QUEUE_ID",
                 HOMES[1].encode()):
        assert part in text, text
    assert passed >= LIMIT


def test_stolen_login(outbound, milters):
    """200 messages in a minute: the rest is held, the postmaster told once,
    others are not affected, and reset lifts it."""
    before = notices(outbound)
    passed = overrun(outbound)
    assert LIMIT <= passed < MESSAGES
    assert len(outbound.held()) == MESSAGES - passed
    check_notice(outbound, before, passed)
    logs = "".join(milter.log_text() for milter in milters)
    assert logs.count("guard: limit reached sender=ann") == 1
    assert logs.count("was told about ann") == 1
    assert logs.count("action=quarantine") == MESSAGES - passed + 1
    assert "ann is over its limit of 100 messages in 1m" in logs

    replies, recipient = outbound.send("bob")
    assert replies[0].accepted
    outbound.postfix.wait_delivered(recipient)
    assert shown(milters[0], "bob")["messages"]["used"] <= 1
    assert shown(milters[0], "bob")["over"] is False
    assert shown(milters[1], "ANN")["over_limit"] == "messages"
    # The notice came from this host and does not count.
    assert shown(milters[0], "127.0.0.1")["messages"]["used"] == 0

    assert command(milters[1], "reset", "ann") == "ann: may send again\n"
    assert shown(milters[0], "ann")["over"] is False
    _, recipient = outbound.send("ann")
    outbound.postfix.wait_delivered(recipient)
    held = outbound.held()
    outbound.postfix.release(held[0])
    wait_until(lambda: held[0] not in outbound.postfix.queued_ids(), 30,
               "a released message is delivered")
    assert notices(outbound) == before + 1


def test_store_is_lost(outbound, redis):
    """Mail flows without limits; that is logged once."""
    outbound.services = ("unix",)
    keys = "messages = 3/1h"
    with outbound.milter(keys, REDIS % redis.port) as milter:
        outbound.send("ann", 5)
        outbound.settle()
        assert len(outbound.held()) == 2
        redis.kill()
        replies, recipient = outbound.send("ann", 20)
        assert all(reply.accepted for reply in replies)
        wait_until(lambda: outbound.delivered(recipient) == 20, 30,
                   "all mail is delivered")
        assert milter.log_text().count("store: redis is lost") == 1


@pytest.mark.parametrize("action, code", [("defer", 451), ("reject", 550)])
def test_other_actions(outbound, action, code):
    """A message too much is told to who sends it."""
    keys = "messages = 2/1h\n\taction = %s" % action
    with outbound.milter(keys, notify="off"):
        replies, _ = outbound.send("ann", 4)
        assert [reply.code for reply in replies] == [250, 250, code, code]
        assert "You have sent more mail than is allowed" in replies[-1].text
        assert not outbound.held()


def test_recipients_and_clients(outbound):
    """Recipients are counted; without a login the address is; exceptions."""
    keys = 'recipients = 10/1h\n\texcept = {"BOB"}'
    recipients = ["r%d@genuine.test" % i for i in range(6)]
    with outbound.milter(keys, notify="off") as milter:
        for login, are_held in (("ann", [False, True]),
                                ("bob", [False, False])):
            for is_held in are_held:
                with outbound.login(login) as client:
                    client.envelope("%s@%s" % (login, DOMAIN), recipients)
                    assert client.data(compose("x@" + DOMAIN)).accepted
                outbound.settle()
                assert len(outbound.held()) == is_held, login
            outbound.drop_queue()
        with Client(outbound.postfix.ports["unix"]) as client:
            for _ in range(2):
                client.envelope("web@" + DOMAIN, recipients)
                assert client.data(compose("x@" + DOMAIN)).accepted
        outbound.settle()
        assert len(outbound.held()) == 1
        assert "sender=[127.0.0.1]" in milter.log_text()


def test_junk_points(outbound):
    """Messages that are junk by their content stop a login."""
    body = "hello http://203.0.113.9/x\r\n"
    keys = "junk = 5/1h"
    spam = ("X-PHP-Originating-Script: 33:mailer.php",
            "MIME-Version: 1.0", "Content-Type: text/html")
    with outbound.milter(keys, notify="off") as milter:
        replies, _ = outbound.send("ann", 2, subject="WIN BITCOIN NOW",
                                   body=body, extra=spam)
        outbound.settle()
        text = milter.log_text()
        scores = re.findall(r" login=ann .* score=([\d.]+) ", text)
        assert replies[0].accepted and float(scores[0]) >= 5, text
        assert len(outbound.held()) >= 1
        assert "its limit of 5 junk points in 1h" in text


def test_gtube_is_refused(outbound):
    """By default; a milter that holds it puts it into the hold queue."""
    with outbound.milter():
        replies, _ = outbound.send("ann", body=GTUBE + "\r\n")
        assert replies[0].code == 550 and "GTUBE" in replies[0].text
    with outbound.milter("on_virus = hold"):
        replies, _ = outbound.send("ann", body=GTUBE + "\r\n")
        assert replies[0].accepted
        assert len(outbound.held()) == 1


def test_no_fields_are_written(outbound):
    """The score is logged and does not travel."""
    with outbound.milter() as milter:
        _, recipient = outbound.send("ann")
        text = outbound.postfix.wait_delivered(recipient)
        assert not values(text, "X-Gatepost-Verdict")
        assert not values(text, "X-Spam-Status")
        assert not values(text, "Authentication-Results")
        assert re.search(r" login=ann .* action=accept score=",
                         milter.log_text())


def test_correspondents_of_a_login(outbound, redis):
    """All of many recipients are learned, and none of a message that is
    held."""
    keys = "recipients = %d/1h" % RECIPIENTS
    with outbound.milter(keys, REDIS % redis.port,
                         notify="off") as milter:
        for start in (0, RECIPIENTS):
            with outbound.login("ann") as client:
                client.envelope(
                    "ann@" + DOMAIN, ["c%d@genuine.test" % (start + i)
                                      for i in range(RECIPIENTS)])
                assert client.data(compose("ann@" + DOMAIN)).accepted
        outbound.settle()
        assert len(outbound.held()) == 1

        def known(number):
            done = gatepost("reputation", "show", "--json", "ann@" + DOMAIN,
                            "c%d@genuine.test" % number, "--config",
                            milter.config)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        wait_until(lambda: known(RECIPIENTS - 1), 10,
                   "the last recipient is known")
        assert all(known(i) for i in range(RECIPIENTS))
        assert not known(RECIPIENTS)


def test_postmaster_cannot_be_told(outbound):
    """The server is away: that is logged, mail is held, and no client
    waits."""
    with outbound.milter("messages = 1/1h", smtp_port=free_port()) as milter:
        replies, _ = outbound.send("ann", 3)
        assert all(reply.accepted for reply in replies)
        outbound.settle()
        assert len(outbound.held()) == 2
        wait_until(lambda: "could not be told about ann" in milter.log_text(),
                   10, "a line in the log")
        assert "connect: Connection refused" in milter.log_text()
