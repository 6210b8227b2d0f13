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
UNIT_TESTS += %D%/test-delivered
UNIT_TESTS += %D%/test-dkim-tags
UNIT_TESTS += %D%/test-dkim
UNIT_TESTS += %D%/test-dmarc-record
UNIT_TESTS += %D%/test-dmarc
UNIT_TESTS += %D%/test-dns-resolver
UNIT_TESTS += %D%/test-dns-wire
UNIT_TESTS += %D%/test-dns-zone
UNIT_TESTS += %D%/test-domain
UNIT_TESTS += %D%/test-hash
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
UNIT_TESTS += %D%/test-redis-address
UNIT_TESTS += %D%/test-redis-cluster
UNIT_TESTS += %D%/test-redis-pool
UNIT_TESTS += %D%/test-redis-reply
UNIT_TESTS += %D%/test-redis-sentinel
UNIT_TESTS += %D%/test-redis-tls
UNIT_TESTS += %D%/test-region
UNIT_TESTS += %D%/test-reputation
UNIT_TESTS += %D%/test-scan
UNIT_TESTS += %D%/test-scan-history
UNIT_TESTS += %D%/test-score
UNIT_TESTS += %D%/test-publish
UNIT_TESTS += %D%/test-publish-certificate
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
UNIT_TESTS += %D%/test-store
UNIT_TESTS += %D%/test-store-conf
UNIT_TESTS += %D%/test-store-lmdb
UNIT_TESTS += %D%/test-store-redis
UNIT_TESTS += %D%/test-strbuf
UNIT_TESTS += %D%/test-task-pool
UNIT_TESTS += %D%/test-teach
UNIT_TESTS += %D%/test-verdict

%C%_test_store_lmdb_SOURCES = %D%/test-store-lmdb.c
%C%_test_store_lmdb_SOURCES += %D%/store-fixture.c
%C%_test_store_lmdb_SOURCES += %D%/store-fixture.h
%C%_test_store_lmdb_SOURCES += %D%/log-capture.c
%C%_test_store_lmdb_SOURCES += %D%/log-capture.h

# Settings out of a text.
SETTINGS_TEST_SOURCES =
SETTINGS_TEST_SOURCES += %D%/settings-text.c
SETTINGS_TEST_SOURCES += %D%/settings-text.h

%C%_test_scan_SOURCES = %D%/test-scan.c $(SETTINGS_TEST_SOURCES)
%C%_test_scan_history_SOURCES = %D%/test-scan-history.c
%C%_test_scan_history_SOURCES += $(SETTINGS_TEST_SOURCES)
%C%_test_score_SOURCES = %D%/test-score.c $(SETTINGS_TEST_SOURCES)
%C%_test_verdict_SOURCES = %D%/test-verdict.c $(SETTINGS_TEST_SOURCES)

# What the commands of gatepost(1) are made of.
CLI_TEST_LIBS = cli/libcli.a $(LIBGATEPOST) $(CMOCKA_LIBS)
%C%_test_publish_LDADD = $(CLI_TEST_LIBS)
%C%_test_publish_certificate_LDADD = $(CLI_TEST_LIBS)

# What the tests against real Redis servers share.
REDIS_TEST_SOURCES =
REDIS_TEST_SOURCES += %D%/fake-server.c
REDIS_TEST_SOURCES += %D%/fake-server.h
REDIS_TEST_SOURCES += %D%/log-capture.c
REDIS_TEST_SOURCES += %D%/log-capture.h
REDIS_TEST_SOURCES += %D%/redis-server.c
REDIS_TEST_SOURCES += %D%/redis-server.h
REDIS_TEST_SOURCES += %D%/redis-store.c
REDIS_TEST_SOURCES += %D%/redis-store.h
REDIS_TEST_SOURCES += %D%/store-fixture.c
REDIS_TEST_SOURCES += %D%/store-fixture.h

%C%_test_redis_cluster_SOURCES = %D%/test-redis-cluster.c
%C%_test_redis_cluster_SOURCES += $(REDIS_TEST_SOURCES)
%C%_test_redis_pool_SOURCES = %D%/test-redis-pool.c $(REDIS_TEST_SOURCES)
%C%_test_redis_sentinel_SOURCES = %D%/test-redis-sentinel.c
%C%_test_redis_sentinel_SOURCES += $(REDIS_TEST_SOURCES)
%C%_test_redis_tls_SOURCES = %D%/test-redis-tls.c $(REDIS_TEST_SOURCES)
%C%_test_store_SOURCES = %D%/test-store.c $(REDIS_TEST_SOURCES)
%C%_test_store_redis_SOURCES = %D%/test-store-redis.c $(REDIS_TEST_SOURCES)

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
