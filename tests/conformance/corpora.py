"""The messages that others wrote, in $GATEPOST_CORPORA (default:
../shared/corpora beside the repository)."""
import os
import pathlib
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(
    os.environ.get("GATEPOST_CORPORA", ROOT / "../shared/corpora"))
BUILD = pathlib.Path(os.environ.get("GATEPOST_BUILD", ROOT))

# folder -> messages in the release that its ORIGIN names
FOLDERS = {
    "mime": 1102,
    "bounce": 492,
    "rspamd-messages": 94,
    "spamassassin-t": 115,
}

# tarball -> messages (mail/INDEX.tsv)
TARBALLS = {
    "ham/csdmc2010-ham": 576,
    "ham/foff-ham": 102,
    "ham/lists-ham": 2366,
    "ham/spamassassin-ham": 991,
    "spam/csdmc2010-spam": 284,
    "spam/foff-spam": 127,
    "spam/osst-spam": 476,
    "spam/phishing_pot-spam": 1989,
    "spam/spamassassin-spam": 579,
}


def messages_of(corpus, tmp_path):
    """The files of a folder, or those of a tarball of mail/."""
    if corpus in FOLDERS:
        count, path = FOLDERS[corpus], CORPORA / corpus
    else:
        count, path = TARBALLS[corpus], CORPORA / f"mail/{corpus}.tar.xz"
    if not path.exists():
        pytest.skip(f"{corpus}: {count} messages skipped, "
                    f"they are not in {CORPORA}")
    if corpus in TARBALLS:
        with tarfile.open(path) as tarball:
            tarball.extractall(tmp_path)
        path = tmp_path
    paths = sorted(file for file in path.rglob("*") if file.is_file()
                   and file.name not in ("ORIGIN", "COPYING"))
    assert len(paths) == count
    return paths
