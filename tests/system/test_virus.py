"""Viruses by real SMTP and a real clamd, and mail without clamd."""
import base64
import io
import json
import re
import signal
import zipfile

import pytest

from fixture import message
from fixture.clamd import EICAR, FOUND, STREAM_MAX, Clamd
from fixture.message import symbols
from fixture.process import wait_until
from samples import genuine
from test_check import EXIT_HAM, EXIT_JUNK, gatepost

BOUNDARY = "gatepost-virus"
ANN = "ann@genuine.test"


@pytest.fixture(scope="module", name="clamd")
def _clamd(site):
    with Clamd(site.base) as clamd:
        yield clamd


def zipped(data):
    """A zip archive with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoice.com", data)
    return out.getvalue()


def mail(keys, attached, padding=""):
    """A signed message with a zip attachment; padding: a text behind it."""
    lines = base64.encodebytes(zipped(attached)).decode().splitlines()
    body = "\r\n".join(
        ["--" + BOUNDARY, "Content-Type: text/plain", "", "See attachment.",
         "--" + BOUNDARY, "Content-Type: application/zip",
         "Content-Transfer-Encoding: base64",
         'Content-Disposition: attachment; filename="invoice.zip"', ""]
        + lines + ["--" + BOUNDARY, "Content-Type: text/plain", "", padding,
                   "--%s--" % BOUNDARY, ""])
    return genuine(keys, body=body, extra=(
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="%s"' % BOUNDARY))


def section(clamd, more="", socket=None):
    """The configuration that names this clamd."""
    return 'clamav {\n\tsocket = "%s"\n\t%s\n}\n' % (
        socket or clamd.unix, more)


def log_line(milter, pattern):
    """The line of the milter's log that matches."""
    found = wait_until(lambda: re.search(".*(?:%s).*" % pattern,
                                         milter.log_text()), 10, pattern)
    return found.group()


@pytest.mark.parametrize("family", ["unix", "inet"])
def test_virus_in_a_zip_is_refused(site, clamd, family):
    """With its name and the id, and clean mail beside it passes."""
    socket = getattr(clamd, family)
    with site.milter(more=section(clamd, socket=socket)) as milter:
        reply, recipient = site.send(mail(site.keys, EICAR), ANN)
        assert reply.code == 550
        assert reply.text.startswith("5.7.1 ")
        assert "holds the virus %s and is refused" % FOUND in reply.text
        found = re.search(r"\[([0-9a-f]{16})\]", reply.text)
        line = log_line(milter, "id=" + found.group(1))
        assert "virus=found virus_name=%s " % FOUND in line
        assert "action=reject" in line
        delivered = site.deliver(mail(site.keys, b"Hello"), ANN)
        assert message.verdict(delivered)["action"] == "accept"
        assert "VIRUS" not in symbols(delivered)
        assert "virus=clean" in log_line(
            milter, "id=" + message.verdict(delivered)["id"])
        assert site.postfix.find(recipient) is None


@pytest.mark.parametrize("choice, action", [
    ("junk", "junk"), ("mark", "accept"), ("quarantine", "quarantine")])
def test_what_is_done_with_a_virus(site, clamd, choice, action):
    with site.milter(more=section(clamd, "on_virus = " + choice)):
        reply, recipient = site.send(mail(site.keys, EICAR), ANN)
        assert reply.accepted
        if choice == "quarantine":
            queue_id = reply.text.split()[-1]
            assert queue_id in site.postfix.queued_ids()
            assert site.postfix.find(recipient) is None
            site.postfix.release(queue_id)
        delivered = site.postfix.wait_delivered(recipient)
    assert message.verdict(delivered)["action"] == action
    assert "VIRUS" in symbols(delivered)
    assert message.values(delivered, "X-Gatepost-Reason")[0].startswith(
        "it holds the virus " + FOUND)


def test_without_clamd(site, clamd):
    """Mail goes on, or is deferred; a new clamd is used at once."""
    virus = mail(site.keys, EICAR)
    with site.milter(more=section(clamd)) as milter:
        clamd.kill()
        try:
            for _ in range(3):
                site.deliver(virus, ANN)
            log = milter.log_text()
            assert log.count("cannot check mail: ") == 1
            assert "Connection refused; mail goes on unchecked" in log
            assert "virus=failed" in log
            milter.reload(more=section(clamd, "on_failure = tempfail"))
            reply, _ = site.send(virus, ANN)
            assert reply.code == 451
            assert reply.text.startswith("4.7.1 ")
            assert "cannot be checked for viruses now" in reply.text
        finally:
            clamd.start()
        assert site.send(virus, ANN)[0].code == 550
        assert site.deliver(mail(site.keys, b"Hello"), ANN)
        assert milter.log_text().count("checks mail again") == 1


def test_clamd_hangs(site, clamd):
    """Its timeout passes, then the mail goes on."""
    with site.milter(more=section(clamd, "timeout = 300ms")) as milter:
        clamd.daemon.signal(signal.SIGSTOP)
        try:
            site.deliver(mail(site.keys, EICAR), ANN)
            assert "no answer in time" in log_line(milter, "virus=failed")
        finally:
            clamd.daemon.signal(signal.SIGCONT)
        assert site.send(mail(site.keys, EICAR), ANN)[0].code == 550


def test_large_mail(site, clamd):
    """The first size_max bytes are looked at; a clamd that takes less is told
    of in the log."""
    lines = "x" * 76 + "\r\n"
    virus = mail(site.keys, EICAR, lines * (2 * STREAM_MAX // len(lines)))
    clean = mail(site.keys, b"Hello", lines * (2 * STREAM_MAX // len(lines)))
    with site.milter(more=section(clamd, "size_max = 1M")) as milter:
        assert site.send(virus, ANN)[0].code == 550
        site.deliver(clean, ANN)
        log_line(milter, "virus=partly")
        milter.reload(more=section(clamd, "on_failure = tempfail"))
        site.deliver(virus, ANN)
        log_line(milter, "virus=limit")
        assert milter.log_text().count("raise StreamMaxLength") == 1
        milter.reload(more=section(clamd, "on_too_large = reject"))
        assert site.send(clean, ANN)[0].code == 550
        milter.reload(more=section(
            clamd, "size_max = 1M\n\ton_too_large = tempfail"))
        assert site.send(virus, ANN)[0].code == 550
        reply, _ = site.send(clean, ANN)
        assert reply.code == 451
        assert "too large to be checked for viruses" in reply.text


def test_outbound_mail(site, clamd):
    """What our own users send is refused, too, or only marked."""
    def send(milter):
        with site.client(ip="192.0.2.9") as client:
            reply = client.send(mail(site.keys, EICAR), "alice@gatepost.test",
                                ANN)
        assert "virus=found" in log_line(milter, "message client=192.0.2.9")
        return reply

    with site.milter(more=section(clamd)) as milter:
        reply = send(milter)
        assert reply.code == 550 and FOUND in reply.text
    with site.milter(more=section(clamd),
                     guard="on_virus = mark") as milter:
        assert send(milter).accepted
        assert "action=accept" in milter.log_text()


def test_command_line(site, clamd, tmp_path):
    """`gatepost check` asks clamd too, but not offline."""
    config, path = tmp_path / "a.conf", tmp_path / "a.eml"
    config.write_text(section(clamd) + "store { backend = none }\n"
                      "lists { enabled = no }\n")
    zone = tmp_path / "zone"
    zone.write_text("genuine.test. 60 IN TXT \"v=spf1 -all\"\n")
    path.write_bytes(mail(site.keys, EICAR))
    run = gatepost("check", "--json", "--config", config, "--zone", zone, path)
    assert run.returncode == EXIT_JUNK
    told = json.loads(run.stdout)
    assert told["action"] == "reject"
    assert told["virus"] == {"result": "found", "name": FOUND,
                             "reason": None}
    run = gatepost("check", "--config", config, "--zone", zone, path)
    assert re.search("virus +found +" + FOUND, run.stdout.decode())
    run = gatepost("check", "--json", "--config", config, "--offline", path)
    assert run.returncode == EXIT_HAM
    assert json.loads(run.stdout)["virus"] is None
