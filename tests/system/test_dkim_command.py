"""`gatepost dkim`: keys on disk, no server, DNS from a zone file."""
import base64
import json
import os
import pwd
import re
import stat
import subprocess

import nacl.signing
import pytest

from fixture.milter import build_directory
from test_check import EXIT_TEMPORARY, EXIT_USAGE, gatepost

DONE, NOT_DONE = 0, 1
DOMAIN = "example.org"


@pytest.fixture(name="dkim")
def _dkim(tmp_path):
    return Dkim(tmp_path)


class Dkim:
    """Runs the command on a key directory of its own."""

    def __init__(self, base, user=""):
        self.base, self.key_dir = base, base / "dkim"
        self.config = base / "gatepost.conf"
        self.config.write_text(
            'general { user = "%s" }\nsign { key_dir = "%s" }\n'
            % (user, self.key_dir))

    def run(self, action, *arguments, status=DONE):
        """Its standard output; the exit status must be the one."""
        done = gatepost("dkim", action, "--config", self.config, *arguments)
        text = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == status, text
        return text

    def rows(self, *arguments, status=DONE):
        """{selector: row} of list --json."""
        done = gatepost("dkim", "list", "--json", "--config", self.config,
                        *arguments)
        assert done.returncode == status, done.stderr
        rows = json.loads(done.stdout)
        assert len({row["selector"] for row in rows}) == len(rows)
        return {row["selector"]: row for row in rows}

    def states(self):
        """{selector: state}"""
        return {name: row["state"] for name, row in self.rows().items()}

    def zone(self, text):
        """A zone file of the records in a text of the command."""
        path = self.base / "zone"
        path.write_text("$TTL 60\n" + records(text) + "\n")
        return path

    def selectors(self, domain=DOMAIN):
        """The file that says which keys sign."""
        return self.key_dir / domain / "selectors"


def records(text):
    """The zone lines in what the command printed."""
    return "\n".join(re.findall(
        r"^\S+\. \d+ IN TXT (?:\((?:\n\t.*)+|\".*\")", text, re.M))


def make_rsa(path, bits=1024):
    """A private RSA key of openssl, which everybody may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = subprocess.run(("openssl", "genrsa", str(bits)), check=True,
                         stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    path.write_bytes(pem)
    path.chmod(0o644)
    return pem


def make_ed25519(path):
    """A private Ed25519 key as rspamd keeps it: seed and public half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = nacl.signing.SigningKey.generate()
    path.write_bytes(base64.b64encode(bytes(key) + bytes(key.verify_key)))
    return base64.b64encode(bytes(key.verify_key)).decode()


# ---- generate ----

def test_generate_makes_both(dkim):
    text = dkim.run("generate", "Example.ORG", "--selector", "s1")
    assert dkim.states() == {"s1": "active", "s1-ed25519": "active"}
    rows = dkim.rows()
    assert (rows["s1"]["type"], rows["s1"]["bits"]) == ("rsa", 2048)
    assert rows["s1-ed25519"]["type"] == "ed25519"
    assert {row["domain"] for row in rows.values()} == {DOMAIN}
    for path in (dkim.key_dir / DOMAIN).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(dkim.key_dir.stat().st_mode) == 0o700
    # each string of a record has at most 255 bytes, and nothing is lost
    for selector, row in rows.items():
        assert row["record_name"] == "%s._domainkey.%s" % (selector, DOMAIN)
        found = re.search(re.escape(row["record_name"])
                          + r"\. 3600 IN TXT (.*(?:\n\t.*)*)", text)
        strings = re.findall(r'"([^"]*)"', found.group(1))
        assert max(map(len, strings)) <= 255
        assert "".join(strings) == row["record"]


def test_key_of_openssl_is_the_same(dkim):
    dkim.run("generate", DOMAIN, "--type", "rsa", "--bits", "1024",
             "--selector", "s1")
    der = subprocess.run(
        ("openssl", "rsa", "-pubout", "-outform", "DER", "-in",
         str(dkim.key_dir / DOMAIN / "s1.private")), check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    assert dkim.rows()["s1"]["record"] == (
        "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode())


def test_generate_names_by_day(dkim):
    dkim.run("generate", DOMAIN, "--type", "ed25519")
    dkim.run("generate", DOMAIN, "--type", "ed25519")
    dkim.run("generate", DOMAIN, "--type", "ed25519")
    names = sorted(dkim.states())
    assert re.fullmatch(r"20\d{6}", names[0])
    assert names[1:] == [names[0] + "b", names[0] + "c"]
    assert sorted(dkim.states().values()) == ["active", "waiting", "waiting"]


def test_generate_keeps_what_is_there(dkim):
    dkim.run("generate", DOMAIN, "--type", "ed25519", "--selector", "s1")
    before = (dkim.key_dir / DOMAIN / "s1.private").read_bytes()
    text = dkim.run("generate", DOMAIN, "--selector", "s1",
                    status=EXIT_USAGE)
    assert "has a key of that selector already: s1" in text
    assert (dkim.key_dir / DOMAIN / "s1.private").read_bytes() == before
    assert list(dkim.states()) == ["s1"]


def test_selectors_fold_as_the_dns_does(dkim, tmp_path):
    """Both would have one name there, and void each other."""
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "Mail")
    text = dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "mail",
                    status=EXIT_USAGE)
    assert "has a key of that selector already: mail" in text
    make_rsa(tmp_path / "keys" / DOMAIN / "MAIL.private")
    text = dkim.run("import", tmp_path / "keys", status=NOT_DONE)
    assert "has another key of the selector MAIL already" in text
    assert dkim.states() == {"Mail": "active"}
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "New")
    dkim.run("rotate", DOMAIN, "--selector", "new", "--force")
    assert dkim.states() == {"Mail": "retired", "New": "active"}


def test_generate_beside_keys_without_file(dkim):
    """A key that was put there by hand goes on signing, and it alone."""
    make_rsa(dkim.key_dir / DOMAIN / "hand.private")
    (dkim.key_dir / DOMAIN / "hand.private").chmod(0o600)
    assert dkim.states() == {"hand": "active"}
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "s2")
    assert dkim.states() == {"hand": "active", "s2": "waiting"}


def test_international_domain(dkim):
    dkim.run("generate", "bücher.example", "--type", "ed25519",
             "--selector", "s")
    assert dkim.rows()["s"]["domain"] == "xn--bcher-kva.example"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_keys_belong_to_the_user(tmp_path):
    user = pwd.getpwnam("nobody")
    dkim = Dkim(tmp_path, user="nobody")
    text = dkim.run("generate", DOMAIN)
    assert "warning" not in text
    for path in [dkim.key_dir, *dkim.key_dir.rglob("*")]:
        assert path.stat().st_uid == user.pw_uid, path
    # a directory of somebody else: its owner gets the keys, and we are told
    os.chown(dkim.key_dir, 0, 0)
    text = dkim.run("generate", "example.net")
    assert "is not of the user nobody" in text
    assert (dkim.key_dir / "example.net").stat().st_uid == 0


@pytest.mark.parametrize("arguments", [
    (), ("generate",), ("generate", "a", "b"), ("generate", "."),
    ("generate", "example"), ("generate", "exa mple.org"),
    ("generate", "../x.example"), ("generate", DOMAIN, "--type", "dsa"),
    ("generate", DOMAIN, "--bits", "512"),
    ("generate", DOMAIN, "--bits", "8192"),
    ("generate", DOMAIN, "--bits", "2049"),
    ("generate", DOMAIN, "--bits", "x"),
    ("generate", DOMAIN, "--selector", "a/b"),
    ("generate", DOMAIN, "--selector", ""),
    ("generate", DOMAIN, "--selector", "a" * 64),
    ("generate", DOMAIN, "--selector", ".."),
    ("generate", DOMAIN, "--force"), ("list", "--bits", "2048"),
    ("list", "not a domain"), ("rotate",), ("rotate", DOMAIN, "--keep", "-1"),
    ("import",), ("unknown",),
])
def test_wrong_usage(dkim, arguments):
    if not arguments:
        done = gatepost("dkim")
    else:
        done = gatepost("dkim", arguments[0], "--config", dkim.config,
                        *arguments[1:])
    assert done.returncode == EXIT_USAGE
    assert done.stderr
    assert not dkim.key_dir.exists()


def test_help():
    for arguments in (("--help",), ("list", "--help")):
        done = gatepost("dkim", *arguments)
        assert done.returncode == 0
        assert done.stdout.startswith(b"usage: gatepost dkim generate")


def test_directory_that_cannot_be_made(tmp_path):
    dkim = Dkim(tmp_path)
    dkim.key_dir.write_text("a file")
    text = dkim.run("generate", DOMAIN, status=NOT_DONE)
    assert "/dkim/example.org: Not a directory" in text


def test_config_check_warns_of_any_login(dkim):
    (dkim.base / "store").mkdir()
    warning = b"any login is signed as any of these domains"
    dkim.config.write_text(dkim.config.read_text()
                           + 'store { path = "%s/store" }\n' % dkim.base)
    dkim.run("generate", DOMAIN, "--type", "ed25519")
    done = gatepost("config", "check", "--config", dkim.config)
    assert (done.returncode, warning in done.stderr) == (0, False)
    dkim.run("generate", "example.net", "--type", "ed25519")
    done = gatepost("config", "check", "--config", dkim.config)
    assert (done.returncode, warning in done.stderr) == (0, True)
    dkim.config.write_text(dkim.config.read_text()
                           + "senders { match = address }\n")
    done = gatepost("config", "check", "--config", dkim.config)
    assert (done.returncode, warning in done.stderr) == (0, False)


# ---- list ----

def test_list_tells_problems(dkim):
    dkim.run("generate", DOMAIN, "--selector", "s1")
    (dkim.key_dir / DOMAIN / "s1.private").chmod(0o644)
    (dkim.key_dir / DOMAIN / "s1-ed25519.private").unlink()
    text = dkim.run("list", status=NOT_DONE)
    assert "s1.private: other users may read or change it" in text
    assert "s1-ed25519.private: does not exist, but" in text
    rows = dkim.rows(status=NOT_DONE)
    assert rows["s1"]["problem"].endswith("(chmod 600)")
    assert rows["s1"]["record"] is None


def test_list_of_a_domain_has_its_records(dkim):
    made = dkim.run("generate", DOMAIN, "--selector", "s1")
    dkim.run("generate", "example.net", "--selector", "s2")
    text = dkim.run("list", DOMAIN)
    assert records(text) == records(made)
    assert "example.net" not in text
    assert "has no keys" in dkim.run("list", "example.com", status=NOT_DONE)


def test_list_of_nothing(dkim):
    assert "No such file or directory" in dkim.run("list", status=NOT_DONE)
    dkim.key_dir.mkdir()
    assert dkim.run("list") == ""
    assert dkim.rows() == {}


def test_list_check(dkim):
    made = dkim.run("generate", DOMAIN, "--selector", "s1")
    other = dkim.run("generate", "example.net", "--selector", "s1")
    zone = dkim.zone(made)
    dkim.run("list", "--check", "--zone", zone, DOMAIN)
    assert {row["dns"] for row in json.loads(gatepost(
        "dkim", "list", "--json", "--check", "--zone", zone, "--config",
        dkim.config, DOMAIN).stdout)} == {"published"}
    text = dkim.run("list", "--check", "--zone", zone, status=NOT_DONE)
    assert text.count("DNS: there is no TXT record") == 2
    # the key of another domain under our name
    zone.write_text("$TTL 60\n" + records(other).replace(
        "example.net", DOMAIN) + "\n")
    text = dkim.run("list", "--check", "--zone", zone, DOMAIN,
                    status=NOT_DONE)
    assert text.count("DNS: it holds another key") == 2


# ---- rotate ----

def test_rotation(dkim):
    dkim.run("generate", DOMAIN, "--selector", "old")
    made = dkim.run("rotate", DOMAIN, "--selector", "new")
    assert dkim.states() == {"old": "active", "old-ed25519": "active",
                             "new": "waiting", "new-ed25519": "waiting"}
    # not in the DNS, half in the DNS, the old ones in the DNS
    empty = dkim.zone("")
    text = dkim.run("rotate", DOMAIN, "--zone", empty, status=NOT_DONE)
    assert "new._domainkey.example.org: there is no TXT record" in text
    assert records(text) == records(made)
    half = dkim.zone(made[:made.index("new-ed25519")])
    text = dkim.run("rotate", DOMAIN, "--zone", half, status=NOT_DONE)
    assert "new._domainkey.example.org: published" in text
    assert "new-ed25519._domainkey.example.org: there is no TXT" in text
    assert dkim.states()["old"] == "active"
    # all there
    text = dkim.run("rotate", DOMAIN, "--zone", dkim.zone(made),
                    "--keep", "20")
    assert dkim.states() == {"old": "retired", "old-ed25519": "retired",
                             "new": "active", "new-ed25519": "active"}
    until = dkim.rows()["old"]["until"]
    assert ("leave old._domainkey.example.org in the DNS until " + until
            in text)
    # nothing waits, and the day has not come: new ones are made
    dkim.run("rotate", DOMAIN, "--selector", "third")
    assert dkim.states()["old"] == "retired"
    assert dkim.states()["third"] == "waiting"


def test_retired_keys_go_on_their_day(dkim):
    dkim.run("generate", DOMAIN, "--selector", "old")
    dkim.run("rotate", DOMAIN, "--selector", "new", "--force")
    assert dkim.states()["old"] == "retired"
    path = dkim.selectors()
    path.write_text(re.sub(r"(retired old) .*", r"\1 2026-01-01",
                           path.read_text()))
    text = dkim.run("rotate", DOMAIN)
    assert "old._domainkey.example.org may be removed" in text
    assert "old-ed25519._domainkey.example.org may be removed" not in text
    assert not (dkim.key_dir / DOMAIN / "old.private").exists()
    assert (dkim.key_dir / DOMAIN / "old-ed25519.private").exists()
    assert "retired old " not in path.read_text()
    # such a run ends the rotation, and begins no other one
    assert dkim.states() == {"new": "active", "new-ed25519": "active",
                             "old-ed25519": "retired"}
    # with one that is left until its day, nothing is due
    text = dkim.run("rotate", DOMAIN)
    assert "leave old-ed25519._domainkey.example.org in the DNS" in text
    assert "Nothing is due" in text
    assert len(dkim.states()) == 3
    path.write_text(re.sub(r"(retired old-ed25519) .*", r"\1 2026-01-01",
                           path.read_text()))
    dkim.run("rotate", DOMAIN)
    assert dkim.states() == {"new": "active", "new-ed25519": "active"}
    # and the next run begins anew
    dkim.run("rotate", DOMAIN, "--selector", "third")
    assert sorted(dkim.states().values()) == ["active"] * 2 + ["waiting"] * 2


def test_rotate_tells_what_is_done(dkim):
    """What could not be written is not told as done."""
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "old")
    dkim.run("rotate", DOMAIN, "--selector", "new")
    blocker = dkim.key_dir / DOMAIN / ".gatepost.new"
    blocker.mkdir()
    text = dkim.run("rotate", DOMAIN, "--force", status=NOT_DONE)
    assert ".gatepost.new: it is in the way: remove it" in text
    assert "signs" not in text
    assert dkim.states() == {"old": "active", "new": "waiting"}
    blocker.rmdir()
    assert "new signs from now on" in dkim.run("rotate", DOMAIN, "--force")
    path = dkim.selectors()
    path.write_text(re.sub(r"(retired old) .*", r"\1 2026-01-01",
                           path.read_text()))
    blocker.mkdir()
    text = dkim.run("rotate", DOMAIN, status=NOT_DONE)
    assert "may be removed" not in text
    blocker.rmdir()
    assert "may be removed" in dkim.run("rotate", DOMAIN)


def test_rotate_deletes_in_its_folder_alone(dkim):
    dkim.run("generate", DOMAIN, "--type", "ed25519", "--selector", "b")
    victim = dkim.base / "victim.private"
    victim.write_text("a key of somebody else")
    dkim.selectors().write_text("active b\nretired ../../victim 2026-01-01\n")
    text = dkim.run("rotate", DOMAIN, "--selector", "c", "--force",
                    status=NOT_DONE)
    assert "selectors: a line names no selector" in text
    assert victim.exists()


def test_rotate_back(dkim):
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "old")
    dkim.run("rotate", DOMAIN, "--selector", "new", "--force")
    dkim.run("rotate", DOMAIN, "--selector", "old", "--force")
    assert dkim.states() == {"old": "active", "new": "retired"}
    text = dkim.run("rotate", DOMAIN, "--selector", "old", status=NOT_DONE)
    assert "that key signs already" in text


def test_rotate_when_the_dns_is_silent(dkim, tmp_path):
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "old")
    dkim.run("rotate", DOMAIN, "--selector", "new")
    dkim.config.write_text(dkim.config.read_text() + (
        'dns { forward = {"127.0.0.1@9"} timeout = 300ms\n'
        ' trust_anchor_file = "" }\nscan { timeout = 1s }\n'))
    dkim.run("rotate", DOMAIN, status=EXIT_TEMPORARY)
    assert dkim.states() == {"old": "active", "new": "waiting"}
    assert not list(tmp_path.rglob("*.new"))


def test_rotate_refuses(dkim):
    assert "has no keys" in dkim.run("rotate", DOMAIN, status=NOT_DONE)
    assert not dkim.key_dir.exists()
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "a")
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "b")
    dkim.run("generate", DOMAIN, "--type", "rsa", "--selector", "c")
    text = dkim.run("rotate", DOMAIN, status=EXIT_USAGE)
    assert "several rsa keys wait, b and c" in text
    dkim.selectors().write_text("activ a\n")
    text = dkim.run("rotate", DOMAIN, status=NOT_DONE)
    assert "selectors: a line begins neither" in text


def test_rotate_decides_between_keys_of_one_type(dkim):
    for name in ("a", "b"):
        path = dkim.key_dir / DOMAIN / (name + ".private")
        make_rsa(path)
        path.chmod(0o600)
    assert "several keys of one type" in dkim.run("list", status=NOT_DONE)
    dkim.run("rotate", DOMAIN, status=NOT_DONE)
    dkim.run("rotate", DOMAIN, "--selector", "b", "--force")
    assert dkim.states() == {"a": "waiting", "b": "active"}


def test_many_at_once(dkim):
    """Runs that change one domain at a time wait for each other."""
    dkim.run("generate", DOMAIN, "--type", "ed25519", "--selector", "s")
    runs = [subprocess.Popen(
        (str(build_directory() / "gatepost"), "dkim", "generate", DOMAIN, "--type",
         "ed25519", "--config", str(dkim.config)), stdout=subprocess.DEVNULL)
        for _ in range(8)]
    assert [run.wait(60) for run in runs] == [0] * 8
    assert len(dkim.states()) == 9
    assert list(dkim.states().values()).count("active") == 1


# ---- import ----

def opendkim_keys(base, domains, selector="mail"):
    """docker-mailserver's opendkim/keys; {domain: pem}"""
    return {domain: make_rsa(base / "keys" / domain
                             / (selector + ".private"))
            for domain in domains}


def test_import_key_and_signing_table(dkim, tmp_path):
    base = tmp_path / "opendkim"
    opendkim_keys(base, ["a.example", "b.example"])
    make_rsa(base / "keys" / "any.private")
    (base / "KeyTable").write_text(
        "# keys\n"
        "mail._domainkey.a.example "
        "a.example:mail:/etc/opendkim/keys/a.example/mail.private\n\n"
        "b  b.example:mail:%s/keys/b.example/mail.private\n"
        "any %%:multi:/somewhere/keys/any.private\n"
        "gone c.example:mail:/etc/opendkim/keys/c.example/mail.private\n"
        "broken c.example\n" % base)
    (base / "SigningTable").write_text(
        "*@a.example mail._domainkey.a.example\n"
        "*@sub.a.example mail._domainkey.a.example\n"
        "*@d.example any\n"
        "e.example any\n"
        "joe@b.example b\n"
        "*@other.example b\n"
        "*@x.example nothing\n")
    text = dkim.run("import", base, status=NOT_DONE)
    assert {row["domain"] for row in json.loads(gatepost(
        "dkim", "list", "--json", "--config", dkim.config).stdout)} == {
            "a.example", "b.example", "d.example", "e.example"}
    assert "keys/c.example/mail.private: No such file" in text
    assert "broken: not DOMAIN:SELECTOR:PATH" in text
    assert "not taken over: *@other.example b" in text
    assert "*@x.example: the KeyTable has no nothing" in text
    assert "joe@b.example: here its key signs for all" in text
    assert "4 keys imported, 0 were there already, 4 problems." in text
    for domain in ("a", "b", "d", "e"):
        assert "active" in dkim.selectors(domain + ".example").read_text()
    assert not (dkim.key_dir / "c.example").exists()


def test_import_again(dkim, tmp_path):
    base = tmp_path / "config"
    opendkim_keys(base / "opendkim", ["a.example", "b.example"])
    text = dkim.run("import", base)
    assert "2 keys imported, 0 were there already" in text
    text = dkim.run("import", base)
    assert "0 keys imported, 2 were there already, 0 problems" in text
    make_rsa(base / "opendkim/keys/a.example/mail.private")
    text = dkim.run("import", base, status=NOT_DONE)
    assert "a.example has another key of the selector mail already" in text


def test_import_is_used_as_it_is(dkim, tmp_path):
    """Imported keys are ours alone, and the same keys."""
    pems = opendkim_keys(tmp_path / "opendkim", ["a.example"])
    dkim.run("import", tmp_path / "opendkim")
    path = dkim.key_dir / "a.example" / "mail.private"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    public = [subprocess.run(("openssl", "rsa", "-pubout"), input=pem,
                             check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
              for pem in (pems["a.example"], path.read_bytes())]
    assert public[0] == public[1]


def rspamd_key(base, name, public_text):
    """One key of rspamd/dkim with its public half."""
    path = base / "rspamd" / "dkim" / (name + ".private.txt")
    if name.startswith("rsa"):
        make_rsa(path)
    else:
        make_ed25519(path)
    if public_text is not None:
        path.with_name(name + ".public.txt").write_text(public_text)


def test_import_rspamd(dkim, tmp_path):
    base = tmp_path / "config"
    for name, selector in (("rsa-2048-mail-a.example", "mail"),
                           ("ed25519-mail-b.example", "mail"),
                           ("rsa-1024-2023-dkim-c-d.example", "2023-dkim"),
                           ("rsa-2048-mail-e.example", None),
                           ("rsa-2048-x-y-f.example", None)):
        rspamd_key(base, name, selector and
                   '%s._domainkey IN TXT ( "v=DKIM1; k=rsa; "\n' % selector)
    text = dkim.run("import", base, status=NOT_DONE)
    rows = json.loads(gatepost("dkim", "list", "--json", "--config",
                               dkim.config).stdout)
    assert {(row["domain"], row["selector"], row["type"]) for row in rows} \
        == {("a.example", "mail", "rsa"), ("b.example", "mail", "ed25519"),
            ("c-d.example", "2023-dkim", "rsa"),
            ("e.example", "mail", "rsa")}
    assert {row["state"] for row in rows} == {"active"}
    assert "rsa-2048-x-y-f.example.private.txt: its name and" in text


def test_import_takes_the_key_in_use(dkim, tmp_path):
    """Of two keys of a type, the one that rspamd is told to use signs."""
    base = tmp_path / "config"
    for name in ("rsa-2048-old-a.example", "rsa-2048-new-a.example"):
        rspamd_key(base, name, None)
    conf = base / "rspamd" / "override.d" / "dkim_signing.conf"
    conf.parent.mkdir()
    conf.write_text('domain { a.example { path = "/x/rsa-2048-new-a.example'
                    '.private.txt"; selector = "new"; } }\n')
    text = dkim.run("import", base)
    assert dkim.states() == {"new": "active", "old": "waiting"}
    assert "gatepost dkim rotate a.example --selector old" in text


def test_import_of_two_keys_is_undecided(dkim, tmp_path):
    keys = tmp_path / "keys"
    make_rsa(keys / "a.example" / "one.private")
    make_rsa(keys / "a.example" / "two.private")
    text = dkim.run("import", tmp_path / "keys")
    assert dkim.states() == {"one": "waiting", "two": "waiting"}
    assert text.count("does not sign; if it shall:") == 2


def test_import_does_not_replace_what_signs(dkim, tmp_path):
    dkim.run("generate", "a.example", "--type", "rsa", "--selector", "ours")
    opendkim_keys(tmp_path / "opendkim", ["a.example"])
    dkim.run("import", tmp_path / "opendkim")
    assert dkim.states() == {"ours": "active", "mail": "waiting"}


def test_import_of_bad_keys(dkim, tmp_path):
    keys = tmp_path / "keys"
    make_rsa(keys / "weak.example" / "s.private", 512)
    (keys / "text.example").mkdir()
    (keys / "text.example" / "s.private").write_text("hello\n")
    make_rsa(keys / "no_domain" / "s.private")
    make_rsa(keys / "selector.example" / "a b.private")
    text = dkim.run("import", keys, status=NOT_DONE)
    assert "weak.example/s.private: the RSA key is under 1024 bits" in text
    assert "text.example/s.private: the file holds no private key" in text
    assert "no domain: no_domain" in text
    assert "no selector: a b" in text
    assert "0 keys imported, 0 were there already, 4 problems." in text
    assert not dkim.key_dir.exists()


def test_import_of_nothing(dkim, tmp_path):
    text = dkim.run("import", tmp_path / "absent", status=NOT_DONE)
    assert "No such file or directory" in text
    (tmp_path / "empty").mkdir()
    text = dkim.run("import", tmp_path / "empty", status=NOT_DONE)
    assert "neither a KeyTable, nor" in text
    make_rsa(tmp_path / "one.private")
    text = dkim.run("import", tmp_path / "one.private", status=NOT_DONE)
    assert "a key alone does not tell its domain" in text


def test_import_tells_what_it_cannot_read(dkim, tmp_path):
    """A folder in the place of the SigningTable, and no terminal codes."""
    base = tmp_path / "opendkim"
    opendkim_keys(base, ["a.example"])
    (base / "KeyTable").write_text(
        "a a.example:mail:%s/keys/a.example/mail.private\n"
        "e \033]0;x\007vil.example:mail:x.private\n" % base)
    (base / "SigningTable").mkdir()
    text = dkim.run("import", base, status=NOT_DONE)
    assert "SigningTable: Invalid argument\n" in text
    assert "no domain: " in text and "\033" not in text
    assert "1 keys imported, 0 were there already, 2 problems." in text
