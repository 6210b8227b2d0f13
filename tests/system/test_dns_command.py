"""`gatepost dns`: what it prints is a zone that nsd loads, and against a zone
with faults it tells each, with the line to publish."""
import json
import re
import subprocess

import pytest

from fixture import zones
from fixture.milter import config_text
from fixture.nsd import Nsd
from test_check import EXIT_TEMPORARY, EXIT_USAGE, gatepost

ALL_RIGHT, NOT_RIGHT = 0, 1
DOMAIN, HOST = "example.org", "mail.example.org"
IP4, IP6 = "192.0.2.25", "2001:db8::25"
REVERSE4, REVERSE6 = "in-addr.arpa", "ip6.arpa"
SOA = "%s. 300 IN SOA ns.test. hostmaster.test. 1 3600 600 86400 300\n" \
      "%s. 300 IN NS ns.test.\n"


def openssl(*arguments):
    """The command, without its words."""
    subprocess.run(("openssl",) + tuple(map(str, arguments)), check=True,
                   stderr=subprocess.DEVNULL)


def certificate(path, host=HOST, days=30):
    """A self-signed certificate; days may be in the past, which openssl
    allows only for one that is signed again."""
    key = path.with_suffix(".key")
    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key,
            "-out", path, "-subj", "/CN=mail",
            "-addext", "subjectAltName=DNS:" + host)
    openssl("x509", "-in", path, "-signkey", key, "-days", days, "-out", path)
    return path


class Host:
    """A mail host with keys, a certificate and a configuration."""

    def __init__(self, base):
        self.base, self.port, self.anchors = base, 53, ()
        self.config = base / "gatepost.conf"
        self.certificate = certificate(base / "certificate.pem")
        self.write()
        self.command("dkim", "generate", DOMAIN, "--selector", "s")

    def write(self, publish=""):
        """The configuration, with more keys of the section publish."""
        self.config.write_text(config_text(
            "unix:/none", self.port, self.anchors, more="""
sign { key_dir = "%s" }
publish {
  mail_host = "%s"
  addresses = {"%s", "%s"}
  certificate = "%s"
  %s
}""" % (self.base / "dkim", HOST, IP4, IP6, self.certificate, publish)))

    def command(self, *arguments):
        """A command of gatepost with this configuration."""
        return gatepost(*arguments, "--config", self.config)

    def dns(self, *arguments):
        """gatepost dns, with its text."""
        done = self.command("dns", DOMAIN, *arguments)
        done.text, done.errors = done.stdout.decode(), done.stderr.decode()
        return done

    def lines(self):
        """The records that should be there."""
        return {(row["name"], row["type"]): row["line"]
                for row in json.loads(self.dns("--json").stdout)["records"]}


@pytest.fixture(name="host")
def _host(tmp_path):
    return Host(tmp_path)


def write_zones(base, host, changes=(), more=()):
    """The zones of the domain and of the reverse names, all lines right but
    for changes: {(name, type): lines instead}."""
    lines = host.lines()
    for key, instead in dict(changes).items():
        assert key in lines, key
        lines[key] = instead
    texts = {zone: SOA % (zone, zone)
             for zone in (DOMAIN, REVERSE4, REVERSE6, "test")}
    for (name, _), line in lines.items():
        zone = next(zone for zone in texts if name.endswith(zone))
        texts[zone] += line + "\n"
    texts[DOMAIN] += "".join(line + "\n" for line in more)
    for zone, text in texts.items():
        (base / (zone + ".zone")).write_text("$TTL 300\n" + text)
    return list(texts)


class Serving:
    """nsd with these zones, and the configuration that asks it."""

    def __init__(self, host, changes=(), more=(), sign=False, spoil=None):
        self.host = host
        base = host.base / "nsd"
        base.mkdir()
        names = write_zones(base, host, changes, more)
        host.anchors = [zones.sign_zone(base, DOMAIN)] if sign else ()
        if spoil is not None:
            path = base / (DOMAIN + ".zone")
            text, count = re.subn(*spoil, path.read_text())
            assert count > 0
            path.write_text(text)
        self.nsd = Nsd(base, names)

    def __enter__(self):
        self.nsd.start()
        self.host.port = self.nsd.port
        self.host.write()
        return self

    def __exit__(self, *_):
        self.nsd.stop()


def bad_states(text):
    """{name and kind: state} of all that is not right in the text."""
    return {tuple(line.split(":")[0].split()[1:]): line.split()[0]
            for line in text.splitlines()
            if re.match(r"(missing|wrong|unknown|unneeded) ", line)}


def test_printed_zone_is_a_zone(host, tmp_path):
    """As it is printed; only the reverse names are set by others."""
    path = tmp_path / "zone"
    path.write_text(host.dns().text)
    done = host.dns("--check", "--zone", path)
    assert done.returncode == NOT_RIGHT
    assert set(bad_states(done.text).values()) == {"missing"}
    assert {kind for kind, _ in bad_states(done.text)} == {"PTR"}


def test_right_zone(host):
    with Serving(host):
        done = host.dns("--check")
        assert done.errors == ""
        assert done.returncode == ALL_RIGHT, done.text
        assert bad_states(done.text) == {}
        assert "DNSSEC: the zone is not signed\n" in done.text
        assert "0 of 16 records are missing or wrong.\n" in done.text


def test_signed_zone(host):
    with Serving(host, sign=True):
        done = host.dns("--check")
        assert done.returncode == ALL_RIGHT, done.text
        assert "DNSSEC: the zone is signed\n" in done.text


def test_broken_signature(host):
    """The SPF record was changed after the zone was signed."""
    with Serving(host, sign=True, spoil=("v=spf1 mx", "v=spf1 ip4:%s" % IP4)):
        done = host.dns("--check")
        assert done.returncode == NOT_RIGHT
        assert bad_states(done.text)[("SPF", DOMAIN)] == "wrong"
        assert "DNSSEC is broken here" in done.text


def without_last_string(line):
    """A DKIM record of which the second string was lost."""
    return re.sub(r'"\n\t"[^"]*"', '"', line)


# What is planted: the record, what stands there instead, how it is called,
# and a part of what is told.
FAULTS = (
    ((DOMAIN, "MX"), "example.org. IN MX 10 old.example.org.", "MX", "wrong",
     "mail goes to other hosts alone"),
    ((HOST, "A"), "mail.example.org. IN A 192.0.2.99", "A", "wrong",
     "there:   192.0.2.99"),
    ((DOMAIN, "TXT"), 'example.org. IN TXT "v=spf1 +all"', "SPF", "wrong",
     "it lets every host send"),
    (("s._domainkey." + DOMAIN, "TXT"), without_last_string, "DKIM", "wrong",
     "there:   \"v=DKIM1; k=rsa; p="),
    (("s-ed25519._domainkey." + DOMAIN, "TXT"), "", "DKIM", "missing",
     "the name does not exist"),
    (("_dmarc." + DOMAIN, "TXT"),
     '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:a@example.org"',
     "DMARC", "wrong", "its policy (p=) is weaker"),
    (("_mta-sts." + DOMAIN, "TXT"),
     '_mta-sts.example.org. IN TXT "v=STSv1; id=1"\n'
     '_mta-sts.example.org. IN TXT "v=STSv1; id=2"', "MTA-STS", "wrong",
     "several such records"),
    (("mta-sts." + DOMAIN, "CNAME"), "", "CNAME", "missing",
     "the name does not exist"),
    (("_smtp._tls." + DOMAIN, "TXT"),
     '_smtp._tls.example.org. IN TXT "v=TLSRPTv1; rua=postmaster"', "TLSRPT",
     "wrong", "must be a mailto: or https: address"),
    (("_imaps._tcp." + DOMAIN, "SRV"),
     "_imaps._tcp.example.org. IN SRV 0 1 143 mail.example.org.", "SRV",
     "wrong", "there:   0 1 143 mail.example.org"),
    (("_25._tcp." + HOST, "TLSA"),
     "_25._tcp.mail.example.org. IN TLSA 3 1 1 " + "00" * 32, "TLSA", "wrong",
     "none fits the certificate in use"),
    (("25.2.0.192." + REVERSE4, "PTR"),
     "25.2.0.192.in-addr.arpa. IN PTR host25.example.net.", "PTR", "wrong",
     "there:   host25.example.net"),
)


def planted(host):
    """The faults as write_zones() wants them."""
    lines = host.lines()
    return {key: instead(lines[key]) if callable(instead) else instead
            for key, instead, *_ in FAULTS}


def test_faults(host):
    """Twelve at once: each is found, with the exact line to publish, and
    nothing else is blamed."""
    lines = host.lines()
    old = "old.example.org. IN A 192.0.2.77"
    with Serving(host, planted(host), [old]):
        done = host.dns("--check")
    assert done.returncode == NOT_RIGHT
    assert bad_states(done.text) == {
        (kind, key[0]): state for key, _, kind, state, _ in FAULTS}
    assert "12 of 16 records are missing or wrong.\n" in done.text
    for key, _, kind, state, told in FAULTS:
        begin = done.text.index("%-8s  %-13s  %s" % (state, kind, key[0]))
        part = re.split(r"\n(?=\w)", done.text[begin:])[0]
        assert told in part
        action = "ask for:" if kind == "PTR" else "publish:"
        assert "  %s %s\n" % (action, lines[key]) in part + "\n"


def test_faults_as_json(host):
    with Serving(host, planted(host)):
        done = host.dns("--check", "--json")
    assert done.returncode == NOT_RIGHT
    found = json.loads(done.text)
    assert found["dnssec"] == "unsigned" and found["problems"] == []
    assert {(row["name"], row["type"]): row["state"]
            for row in found["records"] if row["state"] != "right"} == {
                key: state for key, _, _, state, _ in FAULTS}
    spf, = (row for row in found["records"] if row["kind"] == "SPF")
    assert spf["found"] == ['"v=spf1 +all"']
    assert spf["line"] == 'example.org. 3600 IN TXT "v=spf1 mx -all"'


def test_no_tlsa_in_an_unsigned_zone(host):
    """Nobody would look at it."""
    with Serving(host, {("_25._tcp." + HOST, "TLSA"): ""}):
        done = host.dns("--check")
    assert done.returncode == ALL_RIGHT
    assert bad_states(done.text) == {("TLSA", "_25._tcp." + HOST): "unneeded"}


def test_no_tlsa_in_a_signed_zone(host):
    with Serving(host, {("_25._tcp." + HOST, "TLSA"): ""}, sign=True):
        done = host.dns("--check")
    assert done.returncode == NOT_RIGHT
    assert bad_states(done.text) == {("TLSA", "_25._tcp." + HOST): "missing"}


def test_address_of_nobody(host):
    """AAAA is published, and the host has no IPv6."""
    with Serving(host):
        done = host.dns("--check", "--address", IP4)
    assert done.returncode == NOT_RIGHT
    assert bad_states(done.text) == {("AAAA", HOST): "wrong"}
    assert "  remove:  mail.example.org. AAAA\n" in done.text


def test_no_server(host):
    """The name server is away: unknown, not wrong."""
    host.write("")
    host.config.write_text(
        host.config.read_text().replace("timeout = 5s", "timeout = 500ms"))
    done = host.dns("--check")
    assert done.returncode == EXIT_TEMPORARY
    assert set(bad_states(done.text).values()) == {"unknown"}
    assert "publish:" not in done.text and "remove:" not in done.text
    assert re.search(r"^(\d+) of \1 are not known: the DNS did not answer",
                     done.text, re.MULTILINE), done.text


def test_spf_asks_too_much(host):
    """More than ten look-ups (RFC 7208 section 4.6.4) are named as that."""
    record = "v=spf1 mx %s -all" % " ".join(
        "a:h%d.example.org" % i for i in range(11))
    with Serving(host, {(DOMAIN, "TXT"): 'example.org. IN TXT "%s"' % record}):
        done = host.dns("--check")
    assert done.returncode == NOT_RIGHT
    assert "spf=permerror" in done.text, done.text
    assert "-all is missing" not in done.text


def test_table(host):
    table = host.dns("--format", "table").text.splitlines()
    assert re.fullmatch(r"; @ +MX +10 +mail\.example\.org", table[2])
    rsa, = (line for line in table if line.startswith("; s._domainkey "))
    assert re.search(r"TXT +v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{392}$", rsa)
    assert all(line.startswith("; ") for line in table)
    assert "\n\n; To type in" in host.dns().text


def test_policy_file(host):
    """Its id follows its text."""
    def policy():
        found = json.loads(host.dns("--json").stdout)
        sts, = (row["value"] for row in found["records"]
                if row["kind"] == "MTA-STS")
        return found["mta_sts_policy"], sts

    testing, first = policy()
    assert testing == ("version: STSv1\nmode: testing\n"
                       "mx: mail.example.org\nmax_age: 604800\n")
    host.write("mta_sts = enforce")
    enforce, second = policy()
    assert "mode: enforce\n" in enforce and first != second
    assert policy() == (enforce, second)


def test_domain_of_another_zone(host):
    """What is not in the zone of the domain stands there as a comment."""
    host.command("dkim", "generate", "bücher.example", "--selector", "s")
    done = host.command("dns", "bücher.example", "--format", "zone")
    assert done.returncode == ALL_RIGHT
    text = done.stdout.decode()
    assert "\nxn--bcher-kva.example. 3600 IN MX 10 mail.example.org.\n" in text
    assert "\n; mail.example.org. 3600 IN A 192.0.2.25\n" in text
    assert "\ns._domainkey.xn--bcher-kva.example. 3600 IN TXT (" in text


# ---- what is wrong here ----

def test_no_key(host):
    done = host.command("dns", "other.test")
    assert done.returncode == NOT_RIGHT
    assert done.stderr == (b"gatepost: other.test has no DKIM key: "
                           b"gatepost dkim generate other.test\n")
    assert b"other.test. 3600 IN MX 10 mail.example.org.\n" in done.stdout


def test_key_of_the_domain_above(host):
    done = host.command("dns", "sub." + DOMAIN)
    assert done.returncode == ALL_RIGHT, done.stderr
    assert b"; s._domainkey.example.org. 3600 IN TXT" in done.stdout


@pytest.mark.parametrize("days, name, told", [
    (-1, HOST, r": the certificate expired on \d{4}-\d\d-\d\d"),
    (30, "www.example.org", r": the certificate is not for mail\.example\.org"),
], ids=["expired", "of another host"])
def test_bad_certificate(host, days, name, told):
    """Told in one line; its record is printed all the same."""
    certificate(host.certificate, name, days)
    done = host.dns()
    assert done.returncode == NOT_RIGHT
    assert re.fullmatch("gatepost: %s%s\n" % (
        re.escape(str(host.certificate)), told), done.errors)
    assert "_25._tcp.mail.example.org. 3600 IN TLSA 3 1 1 " in done.text
    assert json.loads(host.dns("--json").text)["problems"] == [
        done.errors[len("gatepost: "):-1]]


def test_no_certificate(host):
    host.certificate.write_text("nothing")
    done = host.dns()
    assert done.returncode == NOT_RIGHT
    assert done.errors == ("gatepost: %s: the file holds no certificate\n"
                           % host.certificate)
    assert "TLSA 3" not in done.text
    done = host.dns("--certificate", "none")
    assert done.returncode == ALL_RIGHT and done.errors == ""


@pytest.mark.parametrize("arguments", [
    (), ("a.test", "b.test"), ("no domain",), ("localhost",), ("a..test",),
    ("a.test", "--address", "192.0.2"), ("a.test", "--mail-host", "mail"),
    ("a.test", "--format", "xml"), ("a.test", "--zone", "/dev/null"),
    ("a.test", "--no-such-option"),
    ("x" * 60 + "." + ".".join(["y" * 60] * 3) + ".test",),
], ids=repr)
def test_usage(host, arguments):
    done = host.command("dns", *arguments)
    assert done.returncode == EXIT_USAGE
    assert done.stdout == b"" and done.stderr != b""


def test_wrong_settings(host):
    """Each key tells what it wants."""
    for line, told in (
            ('mail_host = "mail"', "must be a full host name"),
            ('addresses = {"localhost"}', "no address"),
            ('certificate = "x.pem"', "must be an absolute path, or none"),
            ('report_address = "a b@x.test"', "only letters, digits"),
            ('report_address = "postmaster"', "must be a mail address"),
            ('spf_terms = {"a b"}', "no SPF term"),
            ('services = {"smtp"}', "must be submissions, submission"),
            ('mta_sts = "on"', "testing")):
        host.config.write_text("publish { %s }\n" % line)
        done = host.dns()
        assert done.returncode == EXIT_USAGE
        assert told in done.errors, done.errors


def test_config_check_looks_for_the_files(host):
    """What is named and not there is told before anybody needs it."""
    host.certificate.unlink()
    done = host.command("config", "check")
    assert done.returncode != ALL_RIGHT
    assert "publish.certificate: %s: No such file" % host.certificate in \
        done.stdout.decode() + done.stderr.decode()
    host.certificate = "none"
    host.write()
    done = host.command("config", "check")
    assert done.returncode == ALL_RIGHT, done.stderr
