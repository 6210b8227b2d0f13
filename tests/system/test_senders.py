"""A login writes as itself: submission through a real Postfix with SASL."""
import contextlib
import json
import subprocess
import threading

import pytest

from fixture import zones
from fixture.dovecot import PASSWORD
from fixture.message import compose, values
from fixture.process import wait_until
from test_check import EXIT_TEMPORARY, EXIT_USAGE, gatepost
from test_signing import Outbound

DOMAIN = "signer.test"
ANNA, BOB, BOSS = ("%s@%s" % (name, DOMAIN) for name in ("anna", "bob", "boss"))
FOREIGN = "anna@gatepost.test"
OUTSIDE = zones.GENUINE_IP4
SIGNED = [(DOMAIN, True), (DOMAIN, True)]
MATCH = "match = address"


class Submission(Outbound):
    """Clients log in by SASL; senders() is a milter with these keys of the
    section senders."""

    def senders(self, keys, **settings):
        return self.milter(more="senders {\n\t%s\n}" % keys, **settings)

    def submit(self, login, sender, message, recipient=None, **options):
        """(the Reply to MAIL, the Reply to the message or None)."""
        with self.client(ip=OUTSIDE, **options) as client:
            assert client.login(login, PASSWORD).code == 235
            mail = client.command("MAIL FROM:<%s>" % sender)
            if not mail.accepted:
                return mail, None
            client.command("RSET")
            reply = client.send(message, sender,
                                recipient or self.recipient())
            client.quit()
        return mail, reply

    def passes(self, login, sender, message):
        """The message as the other server has it."""
        recipient = self.recipient()
        mail, reply = self.submit(login, sender, message, recipient)
        assert reply is not None and reply.accepted, (mail, reply)
        return self.full.wait(recipient).message


@pytest.fixture(scope="module", name="submission")
def _submission(site):
    base = site.base / "submission"
    base.mkdir(mode=0o755)
    submission = Submission(site, base, [ANNA, BOB, "carl"])
    submission.command("generate", DOMAIN, "--selector", "first")
    submission.command("generate", "gatepost.test", "--selector", "host")
    with contextlib.ExitStack() as stack:
        for part in (submission.full, submission.plain, submission.dovecot,
                     submission.second, submission.postfix):
            stack.enter_context(part)
        stack.callback(submission.stop_usual_milter)
        yield submission


def is_refused(reply, address, where):
    """553 with the sentence."""
    return (reply.code == 553 and reply.text.startswith(
        "5.7.1 %s may not send as %s (%s)" % (ANNA, address, where)))


def test_match(submission):
    with submission.senders(MATCH) as milter:
        message = submission.passes(ANNA, ANNA, compose(ANNA))
        assert submission.signatures(message) == SIGNED
        message = submission.passes(
            ANNA, "anna+x@" + DOMAIN, compose("Anna <Anna+y@SIGNER.test>"))
        assert submission.signatures(message) == SIGNED
        assert values(message, "X-Gatepost-Sender") == []
        for address in (FOREIGN, BOSS, BOB):
            mail, _ = submission.submit(ANNA, address, compose(ANNA))
            assert is_refused(mail, address, "MAIL FROM"), mail
            _, reply = submission.submit(ANNA, ANNA, compose(address))
            assert is_refused(reply, address, "From"), reply
        _, reply = submission.submit(
            ANNA, ANNA, compose("%s, Boss <%s>" % (ANNA, BOSS)))
        assert is_refused(reply, BOSS, "From"), reply
        _, reply = submission.submit(
            ANNA, ANNA, compose(ANNA, extra=["Sender: " + BOSS]))
        assert is_refused(reply, BOSS, "Sender"), reply
        _, reply = submission.submit(ANNA, "", compose(ANNA))
        assert reply.accepted
        _, reply = submission.submit(ANNA, "", compose(BOSS))
        assert is_refused(reply, BOSS, "From"), reply
        mail, _ = submission.submit("carl", ANNA, compose(ANNA))
        assert mail.code == 553
        # own networks, and what comes from outside
        for ip in (zones.OWN_IP4, OUTSIDE):
            assert submission.send(compose(BOSS), submission.recipient(),
                                   ip=ip).accepted
        assert 'sender=foreign sender_in="MAIL FROM"' in milter.log_text()


def test_a_connection_goes_on(submission):
    """After a refusal at MAIL and at the end; nothing of it sticks."""
    with submission.senders(MATCH), submission.client(ip=OUTSIDE) as client:
        assert client.login(ANNA, PASSWORD).code == 235
        for _ in range(3):
            assert client.command("MAIL FROM:<%s>" % BOSS).code == 553
            recipient = submission.recipient()
            assert client.send(compose(ANNA), ANNA, recipient).accepted
            assert client.send(compose(BOSS), ANNA,
                               submission.recipient()).code == 553
            assert submission.signatures(
                submission.full.wait(recipient).message) == SIGNED
        client.quit()


def test_match_domain(submission):
    with submission.senders("match = domain"):
        message = submission.passes(ANNA, BOSS, compose(BOB))
        assert submission.signatures(message) == SIGNED
        mail, _ = submission.submit(ANNA, FOREIGN, compose(ANNA))
        assert is_refused(mail, FOREIGN, "MAIL FROM"), mail
        _, reply = submission.submit(ANNA, ANNA, compose(FOREIGN))
        assert is_refused(reply, FOREIGN, "From"), reply


@pytest.mark.parametrize("keys", [
    "match = address\n\taction = mark", "match = address"],
    ids=["mark", "observe"])
def test_mark(submission, keys):
    """Marked and logged, not signed as a foreign author, not refused."""
    mode = "enforce" if "mark" in keys else "observe"
    with submission.senders(keys + "\n}\nscore {\n\tmode = " + mode) as milter:
        message = submission.passes(ANNA, ANNA, compose(
            FOREIGN, extra=["X-Gatepost-Sender: forged"]))
        assert values(message, "X-Gatepost-Sender") == [
            FOREIGN + " in From does not belong to the login"]
        assert submission.signatures(message) == []
        message = submission.passes(ANNA, BOSS, compose(ANNA))
        assert [value.split()[0] for value in values(
            message, "X-Gatepost-Sender")] == [BOSS]
        assert submission.signatures(message) == SIGNED
        assert "may not send as" in milter.log_text()


def test_map(submission):
    """An alias passes and is signed; the file is read again when it
    changes; a broken line is told once; a lost file defers."""
    path = submission.base / "logins"
    path.write_text("%s %s, carl\nbroken\n@gatepost.test carl\n" % (BOSS, ANNA))
    with submission.senders('map = {"%s"}' % path) as milter:
        message = submission.passes(ANNA, BOSS, compose(BOSS))
        assert submission.signatures(message) == SIGNED
        message = submission.passes("carl", FOREIGN, compose(FOREIGN))
        assert submission.signatures(message) == [("gatepost.test", True)] * 2
        mail, _ = submission.submit(ANNA, ANNA, compose(ANNA))
        assert mail.code == 553
        path.write_text("broken\n%s %s\n" % (ANNA, ANNA))

        def answers(code, sender):
            reply, _ = submission.submit(ANNA, sender, compose(ANNA))
            return reply.code == code

        wait_until(lambda: answers(250, ANNA), 20, "the new file")
        assert answers(553, BOSS)
        path.unlink()
        wait_until(lambda: answers(451, ANNA), 20, "the lost file")
        assert answers(250, "")
        path.write_text("broken\n%s %s\n" % (ANNA, ANNA))
        wait_until(lambda: answers(250, ANNA), 20, "the file is back")
        log = milter.log_text()
        assert log.count("logins:2: begins neither") == 1
        assert log.count("error: senders: %s: No such file" % path) == 1


def test_on_error(submission):
    with submission.senders(
            'map = {"/nowhere/logins"}\n\ton_error = accept') as milter:
        message = submission.passes(ANNA, BOSS, compose(BOSS))
        assert submission.signatures(message) == []
        assert milter.log_text().count(
            "error: senders: /nowhere/logins: No such file") == 1
    with submission.senders('map = {"/nowhere/logins"}'):
        mail, _ = submission.submit(ANNA, ANNA, compose(ANNA))
        assert mail.code == 451
        assert "cannot be read now" in mail.text


def test_own_networks_too(submission):
    path = submission.base / "owned"
    path.write_text("%s %s\n" % (BOSS, ANNA))
    with submission.senders(
            'map = {"%s"}\n\town_networks_too = yes' % path):
        reply = submission.send(compose("cron@" + DOMAIN),
                                submission.recipient())
        assert reply.accepted
        reply = submission.send(compose(BOSS), submission.recipient())
        assert (reply.code, reply.text.split(" [")[0]) == (
            553, "5.7.1 a client without a login may not send as %s (From)"
            % BOSS)


def make_table(submission, name, text):
    """A Postfix table that postmap makes."""
    path = submission.base / name
    path.write_text(text)
    subprocess.run(("postmap", "-c", str(submission.postfix.config),
                    "hash:%s" % path), check=True)
    return "hash:%s" % path


def test_table(submission):
    """hash:, asked by postmap; several messages at once; a lost table."""
    table = make_table(
        submission, "table", "%s %s, %s\n@gatepost.test carl\n" % (
            BOSS, ANNA, BOB))
    with submission.senders('map = {"%s"}\n\tmatch = address' % table):
        message = submission.passes(ANNA, BOSS, compose(BOSS))
        assert submission.signatures(message) == SIGNED
        mail, _ = submission.submit(ANNA, FOREIGN, compose(ANNA))
        assert is_refused(mail, FOREIGN, "MAIL FROM"), mail
        message = submission.passes("carl", FOREIGN, compose(FOREIGN))
        assert submission.signatures(message) == [("gatepost.test", True)] * 2
        replies = []

        def ask(number):
            address = "x%d@%s" % (number, DOMAIN)
            replies.append(submission.submit(ANNA, address, compose(ANNA))[0])

        threads = [threading.Thread(target=ask, args=(number,))
                   for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [reply.code for reply in replies] == [553] * 20
    with submission.senders(
            'map = {"hash:/nowhere/table"}\n\tmatch = address') as milter:
        for _ in range(2):
            mail, _ = submission.submit(ANNA, BOSS, compose(BOSS))
            assert mail.code == 451
        message = submission.passes(ANNA, ANNA, compose(ANNA))
        assert submission.signatures(message) == SIGNED
        assert milter.log_text().count(
            "hash:/nowhere/table cannot be asked") == 1


def write_docker(submission):
    """docker-mailserver's configuration directory."""
    folder = submission.base / "docker-mailserver"
    folder.mkdir(exist_ok=True)
    (folder / "postfix-accounts.cf").write_text(
        "".join("%s|{SHA512-CRYPT}$6$x\n" % login for login in (ANNA, BOB)))
    (folder / "postfix-virtual.cf").write_text(
        "%s team@%s\nteam@%s %s,x@elsewhere.test\n" % (
            BOSS, DOMAIN, DOMAIN, ANNA))
    return folder


def test_docker_mailserver(submission):
    folder = write_docker(submission)
    with submission.senders('docker_mailserver = "%s"' % folder):
        for address in (ANNA, BOSS, "team@" + DOMAIN):
            message = submission.passes(ANNA, address, compose(address))
            assert submission.signatures(message) == SIGNED
        mail, _ = submission.submit(ANNA, BOB, compose(ANNA))
        assert is_refused(mail, BOB, "MAIL FROM"), mail
        mail, _ = submission.submit(BOB, BOSS, compose(BOSS))
        assert mail.code == 553


def test_reload(submission):
    """SIGHUP: other sources, and off."""
    with submission.senders(MATCH) as milter:
        mail, _ = submission.submit(ANNA, BOSS, compose(ANNA))
        assert mail.code == 553
        for keys, code in (("match = domain", 250), (MATCH, 553),
                           (MATCH + "\n\taction = off", 250)):
            own = 'general {\n\town_networks += {"127.0.0.0/8"}\n}'
            milter.reload(more="senders {\n\t%s\n}\n%s" % (keys, own))
            mail, _ = submission.submit(ANNA, BOSS, compose(ANNA))
            assert mail.code == code


@pytest.fixture(name="senders")
def _senders(tmp_path):
    """Runs `gatepost senders` with these keys of the section."""
    def run(keys, *arguments):
        path = tmp_path / "command.conf"
        path.write_text('general { user = "" }\nsenders {\n\t%s\n}\n' % keys)
        done = gatepost("senders", "--config", path, *arguments)
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    return run


def test_command(submission, senders):
    table = make_table(submission, "asked", "%s %s\n" % (BOSS, BOB))
    path = submission.base / "listed"
    path.write_text("# x\nsales@%s %s\nbroken\n@%s carl\n" % (
        DOMAIN, ANNA, DOMAIN))
    keys = 'map = {"%s", "%s"}\n\tmatch = address' % (path, table)
    broken = ("gatepost: %s:3: begins neither with an address nor with @ and "
              "a domain; the line is left out\n" % path)
    assert senders(keys, ANNA) == (
        0, "%s  (match = address)\nsales@%s  (%s:2)\nperhaps more in %s: it "
        "cannot be listed, ask with an ADDRESS\n" % (
            ANNA, DOMAIN, path, table), broken)
    assert senders(keys, ANNA, "sales+x@" + DOMAIN) == (
        0, "%s may write as sales+x@%s: sales@%s (%s:2)\n" % (
            ANNA, DOMAIN, DOMAIN, path), broken)
    assert senders(keys, BOB, "<%s>" % BOSS)[:2] == (
        0, "%s may write as <%s>: %s (%s)\n" % (BOB, BOSS, BOSS, table))
    assert senders(keys, ANNA, BOSS)[:2] == (
        1, "%s may not write as %s: %s belongs to others (%s)\n" % (
            ANNA, BOSS, BOSS, table))
    assert senders(keys, ANNA, "x@elsewhere.test")[:2] == (
        1, "%s may not write as x@elsewhere.test\n" % ANNA)
    assert senders(MATCH, "dora") == (1, "dora may write as nobody\n", "")
    assert senders("", ANNA, BOSS) == (
        0, "any login may write as anybody: section senders names no map and "
        "no match\n", "")


def test_command_json(submission, senders):
    folder = write_docker(submission)
    keys = 'docker_mailserver = "%s"' % folder
    code, text, _ = senders(keys, "--json", ANNA)
    assert code == 0
    assert json.loads(text) == {
        "login": ANNA, "checked": True, "problems": [], "tables": [],
        "grants": [{"entry": address, "source": "%s/postfix-%s" % (
            folder, source)} for address, source in (
                (ANNA, "accounts.cf:1"), (BOSS, "virtual.cf:1"),
                ("team@" + DOMAIN, "virtual.cf:2"))]}
    code, text, _ = senders(keys, "--json", ANNA, BOB)
    assert code == 1
    found = json.loads(text)
    assert (found["answer"], found["entry"]) == ("foreign", BOB)
    code, text, _ = senders('map = {"/nowhere/x"}', "--json", ANNA, BOB)
    assert code == EXIT_TEMPORARY
    found = json.loads(text)
    assert found["answer"] == "unknown"
    assert found["problems"] == ["/nowhere/x: No such file or directory"]


def test_command_bad_input(senders):
    for arguments in ((), (ANNA, BOB, BOSS), ("--bad",), (ANNA, "boss"),
                      (ANNA, "<>")):
        assert senders(MATCH, *arguments)[0] == EXIT_USAGE
    for keys, reason in (
            ("map = {logins}", "senders.map: "),
            ("map = {\"-q:x\"}", "senders.map: "),
            ("map = {\"hash:\"}", "senders.map: "),
            ("match = yes", "senders.match: "),
            ("recipient_delimiter = \"a\"", "senders.recipient_delimiter: "),
            ("postmap = postmap", "senders.postmap: "),
            ("docker_mailserver = x", "senders.docker_mailserver: ")):
        code, _, errors = senders(keys, ANNA)
        assert code == EXIT_USAGE and reason in errors, (keys, errors)


def test_config_check(tmp_path):
    path = tmp_path / "gatepost.conf"
    path.write_text(
        'general { user = "" }\nstore { backend = memory }\nsenders {\n'
        'map = {"/nowhere/map", "hash:/x"}\npostmap = "/nowhere/postmap"\n'
        'docker_mailserver = "/nowhere"\n}\n')
    done = gatepost("config", "check", "--config", path)
    text = done.stderr.decode()
    assert done.returncode != 0
    for line in ("senders.map: /nowhere/map: No such file",
                 "senders.postmap: /nowhere/postmap: No such file",
                 "senders.docker_mailserver: /nowhere/postfix-accounts.cf: "):
        assert line in text
