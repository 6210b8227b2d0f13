# Suites that others wrote; tests/conformance/test_*.py feed them to the
# drivers (GATEPOST_CORPORA tells where the suites are, GATEPOST_BUILD where
# the drivers were built).
EXTRA_DIST += %D%/spf-own.yml

check_PROGRAMS += %D%/spf-driver
EXTRA_DIST += %D%/test_spf.py

check_PROGRAMS += %D%/dkim-driver
EXTRA_DIST += %D%/test_dkim.py

check_PROGRAMS += %D%/dmarc-driver
EXTRA_DIST += %D%/test_dmarc.py

check_PROGRAMS += %D%/authres-driver
EXTRA_DIST += %D%/test_authres.py

check_PROGRAMS += %D%/sign-driver
EXTRA_DIST += %D%/test_sign.py
check_PROGRAMS += %D%/mime-driver
EXTRA_DIST += %D%/bombs.py
EXTRA_DIST += %D%/corpora.py
EXTRA_DIST += %D%/test_mime.py

EXTRA_DIST += %D%/test_content.py
