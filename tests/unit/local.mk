# One cmocka program a module: tests/unit/test-NAME.c tests lib/*/NAME.c.
LDADD = $(LIBGATEPOST) $(CMOCKA_LIBS)
noinst_HEADERS += %D%/unit.h %D%/dkim-messages.h
noinst_HEADERS += %D%/lists-fixture.h
noinst_HEADERS += %D%/sign-fixture.h
EXTRA_DIST += %D%/make-dkim-messages.py

UNIT_TESTS =
UNIT_TESTS += %D%/test-address
UNIT_TESTS += %D%/test-auth-symbols
UNIT_TESTS += %D%/test-authres
UNIT_TESTS += %D%/test-conf
UNIT_TESTS += %D%/test-dkim-tags
UNIT_TESTS += %D%/test-dkim
UNIT_TESTS += %D%/test-dmarc-record
UNIT_TESTS += %D%/test-dmarc
UNIT_TESTS += %D%/test-dns-resolver
UNIT_TESTS += %D%/test-dns-wire
UNIT_TESTS += %D%/test-dns-zone
UNIT_TESTS += %D%/test-domain
UNIT_TESTS += %D%/test-headers
UNIT_TESTS += %D%/test-ip
UNIT_TESTS += %D%/test-iprev
UNIT_TESTS += %D%/test-lists-conf
UNIT_TESTS += %D%/test-lists-health
UNIT_TESTS += %D%/test-lists-query
UNIT_TESTS += %D%/test-lists-table
UNIT_TESTS += %D%/test-log
UNIT_TESTS += %D%/test-message
UNIT_TESTS += %D%/test-received
UNIT_TESTS += %D%/test-region
UNIT_TESTS += %D%/test-scan
UNIT_TESTS += %D%/test-score
UNIT_TESTS += %D%/test-sign
UNIT_TESTS += %D%/test-sign-canon
UNIT_TESTS += %D%/test-sign-key
UNIT_TESTS += %D%/test-sign-store
UNIT_TESTS += %D%/test-signing
UNIT_TESTS += %D%/test-socket
UNIT_TESTS += %D%/test-spf-macro
UNIT_TESTS += %D%/test-spf-record
UNIT_TESTS += %D%/test-spf-rounds
UNIT_TESTS += %D%/test-spf
UNIT_TESTS += %D%/test-str
UNIT_TESTS += %D%/test-strbuf
UNIT_TESTS += %D%/test-task-pool
UNIT_TESTS += %D%/test-verdict

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
