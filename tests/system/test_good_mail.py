"""Good mail as people, offices and programs send it stays below junk."""
import json
import subprocess

import pytest

from fixture.milter import build_directory
from good_mail import MAILS

JUNK = 5.0


def verdict_of(mail):
    run = subprocess.run(
        [str(build_directory() / "gatepost"), "check", "--offline", "--json",
         "--client-ip", mail.client, "--helo", mail.helo,
         "--mail-from", mail.sender, "--rcpt-to", mail.recipient],
        input=mail.raw, capture_output=True, timeout=60)
    assert run.returncode in (0, 1), run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_good_mail_is_no_junk(mail):
    verdict = verdict_of(mail)
    symbols = " ".join("%s=%.1f" % (symbol["name"], symbol["score"])
                       for symbol in verdict["symbols"])
    assert verdict["score"] < JUNK, "%s: %.1f: %s" % (
        mail.name, verdict["score"], symbols)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_good_mail_is_whole(mail):
    """What is judged is the message that was meant."""
    verdict = verdict_of(mail)
    assert verdict["limits"] == []
    assert [part["damage"] for part in verdict["parts"]
            if part["damage"]] == []
