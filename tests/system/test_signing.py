"""Outbound mail through a real Postfix: what arrives elsewhere verifies."""
import contextlib
import json
import re
import shutil
import signal
import subprocess
import threading

import dkim
import pytest

from fixture import zones
from fixture.dovecot import PASSWORD, login_server
from fixture.message import compose, fields, own_results, values
from fixture.postfix import SMTPD, Postfix, milter_services
from fixture.process import free_port, wait_until
from fixture.sink import Sink
from fixture.smtp import Client
from test_check import gatepost
from test_dkim_command import records

DOMAIN = "signer.test"
IDN_DOMAIN = "xn--bcher-kva.test"
RECEIVED_DOMAIN = "genuine.test"  # that the name server holds
FLOW_MESSAGES = 500  # while keys are rotated
OUTSIDE = zones.GENUINE_IP4

# What the manual page asks for, and ways to other servers.
MAIN_CF = """\
default_transport = smtp:[127.0.0.1]:{full}
transport_maps = inline:{{
 {{plain.test=smtp:[127.0.0.1]:{plain}}}
 {{convert.test=convert:[127.0.0.1]:{plain}}}
 {{alice+plain@gatepost.test=smtp:[127.0.0.1]:{second_plain}}}
 {{gatepost.test=smtp:[127.0.0.1]:{second}}} }}
smtpd_relay_restrictions = check_client_access static:OK, reject
non_smtpd_milters = unix:{socket}
internal_mail_filter_classes = bounce
disable_mime_output_conversion = yes
local_header_rewrite_clients = static:all
masquerade_domains = signer.test
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
"""
MASTER_CF = """\
convert unix - - n - - smtp
  -o disable_mime_output_conversion=no
"""
# A second Postfix as servers without the extension 8BITMIME are.
PLAIN_OPTION = "  -o smtpd_discard_ehlo_keywords=8bitmime,smtputf8\n"


class Outbound:
    """A Postfix and a milter that sign, and what receives: two sinks, and a
    second Postfix with a milter of its own (site.milter())."""

    def __init__(self, site, base, logins=("ann",)):
        self.site, self.base = site, base
        self.key_dir = base / "dkim"
        self.config = base / "command.conf"
        self.full, self.plain = Sink(), Sink(features=())
        self.socket = base / "sign.sock"
        self.dovecot = login_server(base, logins)
        second_plain = free_port()
        self.second = Postfix(
            self._directory("second"),
            milter_services(site.base / "milter.sock", free_port()),
            more_master=SMTPD.format(
                name="plain", port=second_plain, action="tempfail",
                milters=site.unix_socket) + PLAIN_OPTION)
        self.postfix = Postfix(
            self._directory("first"),
            milter_services(self.socket, free_port()),
            MAIN_CF.format(
                full=self.full.port, plain=self.plain.port,
                socket=self.socket, sasl=self.dovecot.sasl,
                second=self.second.ports["unix"],
                second_plain=second_plain), MASTER_CF)
        self.zone = {}
        self._count = 0
        self._usual = contextlib.ExitStack()
        self._usual_milter = None

    def _directory(self, name):
        path = self.base / name
        path.mkdir(mode=0o755)
        return path

    def usual_milter(self):
        """The milter with the default settings; it stays."""
        if self._usual_milter is None:
            self._usual_milter = self._usual.enter_context(self._milter())
        return self._usual_milter

    def stop_usual_milter(self):
        """Makes room for another one."""
        self._usual_milter = None
        self._usual.close()

    def milter(self, keys="", **settings):
        """A milter with more keys of the section sign."""
        self.stop_usual_milter()
        return self._milter(keys, **settings)

    def _milter(self, keys="", more="", **settings):
        section = 'sign {\n\tkey_dir = "%s"\n\t%s\n}' % (self.key_dir, keys)
        own = 'general {\n\town_networks += {"127.0.0.0/8"}\n}'
        return self.site.milter("unix:%s" % self.socket,
                                more="\n".join((section, own, more)),
                                **settings)

    def command(self, *arguments):
        """gatepost dkim; its records are published from now on."""
        self.config.write_text(
            'general { user = "" }\nsign { key_dir = "%s" }\n' % self.key_dir)
        done = gatepost("dkim", *arguments, "--config", self.config)
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode()
        for line in records(text).split("\n\n"):
            for record in re.findall(r"(?:.|\n\t)+", line):
                name = record.split()[0].rstrip(".")
                self.zone[name] = "".join(re.findall(r'"([^"]*)"', record))
        return text

    def recipient(self, domain="elsewhere.test"):
        """An address never used before."""
        self._count += 1
        return "bob%d@%s" % (self._count, domain)

    def client(self, ip=zones.OWN_IP4, **options):
        """An SMTP connection to the Postfix that signs."""
        return Client(self.postfix.ports["unix"], ip, **options)

    def send(self, message, recipient, sender="ann@" + DOMAIN, options="",
             **client):
        """The Reply to one message."""
        with self.client(**client) as connection:
            reply = connection.send(message, sender, recipient, options)
            connection.quit()
        return reply

    def arrives(self, message, domain="elsewhere.test", **options):
        """The message as the other server has it."""
        recipient = self.recipient(domain)
        reply = self.send(message, recipient, **options)
        assert reply.accepted, reply
        sink = self.full if domain == "elsewhere.test" else self.plain
        return sink.wait(recipient).message

    def signatures(self, message, zone=None):
        """[(d=, whether dkimpy verifies it)], topmost first."""
        zone = self.zone if zone is None else zone

        def lookup(name, timeout=5):
            return zone.get(name.decode().rstrip("."), "").encode() or None

        found = []
        for index, value in enumerate(values(message, "DKIM-Signature")):
            try:
                good = dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)
            except dkim.DKIMException as error:
                good = str(error)
            found.append((re.search(r"d=([^;]*);", value).group(1), good))
        return found


@pytest.fixture(scope="module", name="outbound")
def _outbound(site):
    base = site.base / "outbound"
    base.mkdir(mode=0o755)
    outbound = Outbound(site, base)
    outbound.command("generate", DOMAIN, "--selector", "first")
    outbound.command("generate", IDN_DOMAIN, "--selector", "idn")
    outbound.command("generate", "gatepost.test", "--selector", "host")
    import_keys(site.keys, outbound.key_dir / RECEIVED_DOMAIN)
    with contextlib.ExitStack() as stack:
        for part in (outbound.full, outbound.plain, outbound.dovecot,
                     outbound.second, outbound.postfix):
            stack.enter_context(part)
        stack.callback(outbound.stop_usual_milter)
        yield outbound


def import_keys(keys, folder):
    """The private keys of a domain of the name server."""
    folder.mkdir(mode=0o700)
    for selector, text in (("rsa", keys.rsa_private),
                           ("ed", keys.ed25519_private)):
        path = folder / (selector + ".private")
        path.write_bytes(text)
        path.chmod(0o600)


@pytest.fixture(name="signer")
def _signer(outbound):
    return outbound.usual_milter()


BOTH = [(DOMAIN, True), (DOMAIN, True)]


def test_authenticated_client(outbound, signer):
    """Signed twice, RSA first, above all else; both verify."""
    message = outbound.arrives(compose("Ann <ann@%s>" % DOMAIN), ip=OUTSIDE,
                               login="ann")
    assert outbound.signatures(message) == BOTH
    assert [name for name, _ in fields(message)][:3] == [
        "DKIM-Signature", "DKIM-Signature", "Received"]
    algorithms = [re.search(r"a=([\w-]+)", value).group(1)
                  for value in values(message, "DKIM-Signature")]
    assert algorithms == ["rsa-sha256", "ed25519-sha256"]
    assert ('login=ann' in signer.log_text()
            and 'signed=signer.test selectors="first,first-ed25519"'
            in signer.log_text())


def test_gatepost_verifies_it_too(outbound, signer, tmp_path):
    message = outbound.arrives(compose("ann@" + DOMAIN), login="ann",
                               ip=OUTSIDE)
    zone, path = tmp_path / "zone", tmp_path / "message"
    path.write_bytes(message)
    zone.write_text("$TTL 60\n_dmarc.%s. TXT \"v=DMARC1; p=reject\"\n%s\n" % (
        DOMAIN, records(outbound.command("list", DOMAIN))))
    result = json.loads(gatepost("check", "--json", "--zone", zone,
                                 path).stdout)
    assert [s["result"] for s in result["auth"]["dkim"]] == ["pass", "pass"]
    assert result["auth"]["dmarc"]["result"] == "pass"


RECEIVED = {
    "usual": ("alice+second@gatepost.test", compose(
        "Ann <ann@%s>" % RECEIVED_DOMAIN, body="Hi  there. \r\n.\r\n")),
    "8 bit": ("alice+eight@gatepost.test", compose(
        "Ann <ann@%s>" % RECEIVED_DOMAIN, subject="=?utf-8?q?gr=C3=B6=C3=9F?=",
        body="größer, 日本 " * 30 + "\r\n",
        extra=["MIME-Version: 1.0", "Content-Type: text/plain;"
               " charset=utf-8", "Content-Transfer-Encoding: 8bit"])),
    "8 bit to a server without 8BITMIME": (
        "alice+plain@gatepost.test", compose(
            "Ann <ann@%s>" % RECEIVED_DOMAIN, body="größer\r\n" * 3,
            extra=["MIME-Version: 1.0", "Content-Type: text/plain;"
                   " charset=utf-8", "Content-Transfer-Encoding: 8bit"])),
    "addresses that Postfix completes": (
        "alice+complete@gatepost.test", compose(
            "Ann <ann@%s>" % RECEIVED_DOMAIN, recipient="alice+complete",
            extra=["Cc: bob, carol", "Reply-To: ann"])),
}


@pytest.mark.parametrize("recipient, message", RECEIVED.values(),
                         ids=RECEIVED)
def test_second_postfix(outbound, signer, site, recipient, message):
    """Submitted with a password (Dovecot's SASL); another Postfix with a
    Gatepost of its own receives it: dkim=pass twice, dmarc=pass."""
    with site.milter(), outbound.client(ip=OUTSIDE) as client:
        assert client.login("ann", PASSWORD).code == 235
        reply = client.send(message, "ann@" + RECEIVED_DOMAIN, recipient)
        assert reply.accepted, reply
        client.quit()
        arrived = outbound.second.wait_delivered(recipient)
    results, = own_results(arrived)
    assert results.results("dkim") == ["pass", "pass"]
    assert results.results("dmarc") == ["pass"]
    zone = {"%s._domainkey.%s" % (selector, RECEIVED_DOMAIN): text
            for selector, text in site.keys.records().items()}
    crlf = re.sub(rb"\r?\n", b"\r\n", arrived)
    assert outbound.signatures(crlf, zone) == [(RECEIVED_DOMAIN, True)] * 2


def test_any_login_signs_as_any_domain(outbound, signer):
    """Told at the start, where nothing says who may write as what."""
    warning = "any login is signed as any of these domains"
    assert warning in signer.log_text()
    with outbound.milter(more="senders { match = domain }") as milter:
        assert warning not in milter.log_text()


def test_wrong_password(outbound, signer):
    with outbound.client(ip=OUTSIDE) as client:
        assert client.login("ann", "guess").code == 535


def test_own_network(outbound, signer):
    message = outbound.arrives(compose("ann@" + DOMAIN))
    assert outbound.signatures(message) == BOTH


def test_inbound_is_not_signed(outbound, signer):
    message = outbound.arrives(compose("ann@" + DOMAIN), ip=OUTSIDE)
    assert outbound.signatures(message) == []
    assert values(message, "Authentication-Results")


BODIES = {
    "empty": "",
    "no line end": "the end",
    "blank lines": "\r\n\r\na\r\n\r\n\r\n",
    "white space": "a  b \t c \t\r\n \td\r\n \r\n",
    "dots": ".\r\n..\r\n.a\r\na.\r\n.\r\n",
    "8 bit": "größer, 日本\r\n" * 3,
    "lines as long as may be": "x" * 998 + "\r\n",
    "longer lines": "x" * 999 + "\r\n" + "y" * 5000 + "\r\n" + "z " * 1500,
    "lines over Postfix's records": ("0123456789" * 410 + "\r\n") * 3,
    "large": "All work and no play. \r\n" * 50000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("domain", ["elsewhere.test", "plain.test"])
def test_bodies(outbound, signer, body, domain):
    """To a server with 8BITMIME and to one without any extension."""
    message = outbound.arrives(compose("ann@" + DOMAIN, body=body), domain)
    assert outbound.signatures(message) == BOTH


def test_conversion_breaks_signatures(outbound, signer):
    """Why the manual page asks for disable_mime_output_conversion."""
    message = outbound.arrives(
        compose("ann@" + DOMAIN, body=BODIES["8 bit"],
                extra=["MIME-Version: 1.0",
                       "Content-Type: text/plain; charset=utf-8",
                       "Content-Transfer-Encoding: 8bit"]), "convert.test")
    assert values(message, "Content-Transfer-Encoding") == [
        "quoted-printable"]
    assert [good is True for _, good in outbound.signatures(message)] == [
        False, False]


HEADERS = {
    "folded": ["Cc: a@x.test,\r\n\tb@x.test ,\r\n  c@x.test",
               "X-Long:" + "\r\n word" * 50],
    "folded in front": ["References:\r\n <a@x.test>\r\n\t<b@x.test>"],
    "long": ["References: " + "<0123456789@x.test>" * 100],
    "very long": ["In-Reply-To: " + "word " * 1000],
    "8 bit": ["Comments: größer"],
    "several of one name": ["Cc: a@x.test", "Cc: b@x.test"],
    "no blank": ["Cc:a@x.test", "Sender:ann@signer.test"],
    "blanks": ["Cc:   \t a@x.test  \t "],
    "empty": ["Cc:", "Comments: "],
    "to be completed": ["Cc: bob", "Reply-To: ann"],
    "Bcc, which Postfix removes": ["Bcc: a@x.test"],
    "Return-Path, likewise": ["Return-Path: <x@x.test>"],
    "forged fields, which we remove": ["X-Spam-Flag: NO",
                                       "X-Gatepost-Verdict: x"],
    "MIME": ["MIME-Version: 1.0", "Content-Type: multipart/mixed;\r\n"
             " boundary=\"x\"", "List-Id: <x.test>",
             "List-Unsubscribe: <mailto:u@x.test>"],
    "a signature of others": ["DKIM-Signature: v=1; a=rsa-sha256; d=x.test;"
                              " s=x;\r\n\th=from; bh=AAAA; b=AAAA"],
}


@pytest.mark.parametrize("extra", HEADERS.values(), ids=HEADERS)
def test_headers(outbound, signer, extra):
    message = outbound.arrives(compose("ann@" + DOMAIN, extra=extra))
    assert outbound.signatures(message)[:2] == BOTH


def test_rewritten_author(outbound, signer):
    """Postfix masquerades host names before it asks the milter."""
    message = outbound.arrives(compose("Ann <ann@host.%s>" % DOMAIN))
    assert values(message, "From") == ["Ann <ann@%s>" % DOMAIN]
    assert outbound.signatures(message) == BOTH


def test_international_author(outbound, signer):
    """From with a U-label; keys and d= have the A-label."""
    message = outbound.arrives(
        compose("ann@bücher.test", body="größer\r\n"), options=" SMTPUTF8",
        sender="ann@bücher.test")
    assert outbound.signatures(message) == [(IDN_DOMAIN, True)] * 2


def test_author_of_a_host(outbound, signer):
    """The key of the domain above; a subdomain of its own it is not."""
    message = outbound.arrives(compose("cron@web.gatepost.test"))
    assert outbound.signatures(message) == [("gatepost.test", True)] * 2


def sendmail(outbound, recipient, message):
    """A program of this host sends by the sendmail command."""
    subprocess.run(("sendmail", "-C", str(outbound.postfix.config), "-i",
                    "-f", "root@signer.test", recipient), input=message,
                   check=True, timeout=60)


def test_local_mail(outbound, signer):
    """cron has no Date, no Message-ID, perhaps no From: Postfix adds them."""
    recipient = outbound.recipient()
    sendmail(outbound, recipient,
             "Subject: Cron <root>\n\ndone: größer\n.\n".encode())
    message = outbound.full.wait(recipient).message
    assert "root@signer.test" in values(message, "From")[0]
    assert values(message, "Date") and values(message, "Message-Id")
    assert outbound.signatures(message) == BOTH


def test_bounce(outbound, signer):
    """The null sender; From: MAILER-DAEMON@ this host."""
    sender = outbound.recipient()
    assert outbound.send(compose(sender), "nobody@elsewhere.test",
                         sender=sender).accepted
    bounce = outbound.full.wait(sender)
    assert bounce.sender == ""
    assert "MAILER-DAEMON@" in values(bounce.message, "From")[0]
    assert outbound.signatures(bounce.message) == [
        ("gatepost.test", True)] * 2


def test_several_messages_of_a_connection(outbound, signer):
    """Nothing of one message is in the next, also after RSET."""
    authors = ["ann@" + DOMAIN, "ann@bücher.test", "x@nokey.test",
               "ann@gatepost.test", "ann@" + DOMAIN]
    recipients = [outbound.recipient() for _ in authors]
    with outbound.client() as client:
        for author, recipient in zip(authors, recipients):
            client.envelope("a@" + DOMAIN, [recipient])
            client.command("RSET")
            reply = client.send(
                compose(author, body=author + "\r\n"), "a@" + DOMAIN,
                recipient, " SMTPUTF8")
            assert reply.accepted
        client.quit()
    found = [outbound.signatures(outbound.full.wait(recipient).message)
             for recipient in recipients]
    assert found == [BOTH, [(IDN_DOMAIN, True)] * 2, [],
                     [("gatepost.test", True)] * 2, BOTH]


def test_no_key_and_no_author(outbound, signer):
    """Unsigned by default; the log says why."""
    for author, why in (
            ("x@nokey.test", "no DKIM key for nokey.test: there is no folder"),
            ("a@signer.test, b@gatepost.test",
             "the authors in the From field have several domains")):
        message = outbound.arrives(compose(author))
        assert outbound.signatures(message) == []
        assert 'unsigned="' + why in signer.log_text()
    message = outbound.arrives(
        compose("a@signer.test", extra=["From: b@signer.test"]))
    assert outbound.signatures(message) == []


def test_tempfail(outbound, site):
    """By configuration nothing leaves unsigned."""
    path = outbound.key_dir / "badkey.test" / "s.private"
    path.parent.mkdir()
    path.write_text("no key")
    path.chmod(0o600)
    with outbound.milter("on_missing_key = tempfail"):
        reply = outbound.send(compose("x@badkey.test"), outbound.recipient())
        assert reply.code == 451
        assert "4.3.5 The message cannot be signed now" in reply.text
        # a domain without keys is somebody else's: of a list, a redirect
        message = outbound.arrives(compose("x@nokey.test"))
        assert outbound.signatures(message) == []
        message = outbound.arrives(compose("ann@" + DOMAIN))
        assert outbound.signatures(message) == BOTH
        # what is not ours to sign is not deferred either
        reply = outbound.send(compose("x@nokey.test"), outbound.recipient(),
                              ip=OUTSIDE)
        assert reply.accepted


def test_settings(outbound):
    with outbound.milter("expire = 2d\n\tsubdomains = no\n"
                         "\tsign_headers = {X-Ours}"):
        message = outbound.arrives(
            compose("ann@" + DOMAIN, extra=["X-Ours: 1"]))
        assert outbound.signatures(message) == BOTH
        for value in values(message, "DKIM-Signature"):
            t, x = (int(re.search(r"\b%s=(\d+)" % tag, value).group(1))
                    for tag in "tx")
            assert x - t == 2 * 86400
            assert re.sub(r"\s", "", value).count(":X-Ours") == 2
        message = outbound.arrives(compose("cron@web.gatepost.test"))
        assert outbound.signatures(message) == []
    with outbound.milter("enabled = no"):
        message = outbound.arrives(compose("ann@" + DOMAIN))
        assert outbound.signatures(message) == []


def test_key_is_lost_and_comes_back(outbound, site):
    """Told in one line, nothing lost, and taken up without a restart."""
    folder = outbound.key_dir / "lost.test"
    outbound.command("generate", "lost.test", "--selector", "k", "--type",
                     "ed25519")
    path = folder / "k.private"
    with outbound.milter() as milter:
        def signs():
            message = outbound.arrives(compose("ann@lost.test"))
            return [good for _, good in outbound.signatures(message)]

        assert signs() == [True]
        path.chmod(0o604)
        wait_until(lambda: signs() == [], 20, "the key is not used")
        assert milter.log_text().count(
            "k.private: other users may read or change it") == 1
        path.chmod(0o600)
        wait_until(lambda: signs() == [True], 20, "the key is used again")
        path.write_bytes(b"garbage")
        wait_until(lambda: signs() == [], 20, "the key is not used")
        assert "k.private: the file holds no private key" in \
            milter.log_text()
    shutil.rmtree(folder)


def test_reload(outbound, site, tmp_path):
    """SIGHUP: another directory, without keys; and back."""
    with outbound.milter() as milter:
        section = 'sign {\n\tkey_dir = "%s"\n}\n'
        own = 'general {\n\town_networks += {"127.0.0.0/8"}\n}'
        milter.reload(more=section % tmp_path + own)
        message = outbound.arrives(compose("ann@" + DOMAIN))
        assert outbound.signatures(message) == []
        milter.reload(more=section % outbound.key_dir + own)
        message = outbound.arrives(compose("ann@" + DOMAIN))
        assert outbound.signatures(message) == BOTH


class Flow(threading.Thread):
    """Sends messages one after the other; what arrived, and how it verified
    against the zone of that moment."""

    def __init__(self, outbound, count, domain):
        super().__init__()
        self.outbound, self.count, self.domain = outbound, count, domain
        self.found, self.error = [], None

    def _send_all(self):
        with self.outbound.client() as client:
            for number in range(self.count):
                recipient = "%s-%d@elsewhere.test" % (self.name, number)
                zone = dict(self.outbound.zone)
                reply = client.send(compose("ann@" + self.domain),
                                    "ann@" + self.domain, recipient)
                assert reply.accepted, reply
                message = self.outbound.full.wait(recipient).message
                selectors = re.findall(rb"\bs=([\w-]+);", message)
                zone.update(self.outbound.zone)
                self.found.append((
                    tuple(sorted(name.decode() for name in selectors)),
                    self.outbound.signatures(message, zone)))
            client.quit()

    def run(self):
        try:
            self._send_all()
        except (AssertionError, OSError, TimeoutError) as error:
            self.error = error


def test_rotation_in_the_flow(outbound, site):
    """500 messages while keys are rotated twice and the milter is reloaded:
    each is signed, by keys that are published."""
    domain = "flow.test"
    outbound.command("generate", domain, "--selector", "one")
    zone = outbound.base / "zone"

    def published():
        zone.write_text("$TTL 60\n" + "".join(
            zones.txt(name + ".", text)
            for name, text in outbound.zone.items()))
        return zone

    with outbound.milter() as milter:
        flows = [Flow(outbound, FLOW_MESSAGES // 4, domain)
                 for _ in range(4)]
        for flow in flows:
            flow.start()

        def progress(part):
            wait_until(lambda: sum(len(flow.found) for flow in flows)
                       >= FLOW_MESSAGES * part
                       or any(flow.error for flow in flows), 300, "progress")

        for part, selector in ((0.2, "two"), (0.6, "three")):
            progress(part)
            known = dict(outbound.zone)
            outbound.command("rotate", domain, "--selector", selector)
            outbound.zone, new = known, outbound.zone
            progress(part + 0.2)  # not published: they may not sign
            outbound.zone = new
            outbound.command("rotate", domain, "--zone", published())
            milter.daemon.signal(signal.SIGHUP)
        for flow in flows:
            flow.join()
        milter.check_reports()
    assert [flow.error for flow in flows] == [None] * 4
    found = [entry for flow in flows for entry in flow.found]
    assert len(found) == FLOW_MESSAGES
    assert {tuple(signatures) for _, signatures in found} == {
        ((domain, True), (domain, True))}
    assert {selectors for selectors, _ in found} == {
        (name, name + "-ed25519") for name in ("one", "two", "three")}
