include tests/unit/local.mk
include tests/conformance/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/tune/local.mk

# Not run by `make check`: they need root and other servers (see tests/run).
EXTRA_DIST += \
	tests/functions.sh \
	tests/packages \
	tests/run \
	tests/system/conftest.py \
	tests/system/fixture/__init__.py \
	tests/system/fixture/clamd.py \
	tests/system/fixture/demo.py \
	tests/system/fixture/listzones.py \
	tests/system/fixture/message.py \
	tests/system/fixture/milter.py \
	tests/system/fixture/nsd.py \
	tests/system/fixture/postfix.py \
	tests/system/fixture/process.py \
	tests/system/fixture/redis.py \
	tests/system/fixture/sign.py \
	tests/system/fixture/sink.py \
	tests/system/fixture/site.py \
	tests/system/fixture/slowdns.py \
	tests/system/fixture/smtp.py \
	tests/system/fixture/zones.py \
	tests/system/good_mail.py \
	tests/system/samples.py \
	tests/system/stream.py \
	tests/system/test_check.py \
	tests/system/test_daemon.py \
	tests/system/test_dkim_command.py \
	tests/system/test_dns_command.py \
	tests/system/test_failures.py \
	tests/system/test_forged_fields.py \
	tests/system/test_guard.py \
	tests/system/test_history.py \
	tests/system/test_good_mail.py \
	tests/system/test_hostile.py \
	tests/system/test_lists.py \
	tests/system/test_lists_command.py \
	tests/system/test_learn.py \
	tests/system/test_messages.py \
	tests/system/test_parallel.py \
	tests/system/test_results.py \
	tests/system/test_score.py \
	tests/system/test_senders.py \
	tests/system/test_sessions.py \
	tests/system/test_signing.py \
	tests/system/test_virus.py \
	tests/system/tsan.supp
EXTRA_DIST += tests/system/fixture/dovecot.py
EXTRA_DIST += tests/system/fixture/lmtp.py
EXTRA_DIST += tests/system/fixture/lmtpd.py
EXTRA_DIST += tests/system/test_crash.py
EXTRA_DIST += tests/system/test_deliver.py
EXTRA_DIST += tests/system/test_lmtp.py
EXTRA_DIST += tests/system/fixture/deliverysite.py
EXTRA_DIST += tests/system/test_junk.py
EXTRA_DIST += tests/system/test_quota.py
EXTRA_DIST += tests/system/test_sieve.py
