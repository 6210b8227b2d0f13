# Suites that others wrote, run from ../shared/corpora (GATEPOST_CORPORA): a
# driver in C for each module and a pytest file that computes the expectations.
check_PROGRAMS += %D%/dkim-driver
EXTRA_DIST += %D%/test_dkim.py
