# Suites that others wrote; tests/conformance/test_*.py feed them to the
# drivers (GATEPOST_CORPORA tells where the suites are, GATEPOST_BUILD where
# the drivers were built).

# SPF
check_PROGRAMS += %D%/spf-driver
%C%_spf_driver_SOURCES = %D%/spf-driver.c
%C%_spf_driver_LDADD = $(LIBGATEPOST)
EXTRA_DIST += %D%/test_spf.py %D%/spf-own.yml
