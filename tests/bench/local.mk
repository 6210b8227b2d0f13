# `make bench` measures gatepost-milter next to opendkim + opendmarc and next
# to rspamd.  Its knobs are environment variables (BENCH_MESSAGES=... and
# others): see the top of tests/bench/bench.
check_PROGRAMS += %D%/milter-load
%C%_milter_load_SOURCES = \
	%D%/milter-load.c \
	%D%/message-set.c \
	%D%/message-set.h \
	%D%/milter-session.c \
	%D%/milter-session.h
%C%_milter_load_LDADD = $(LIBGATEPOST)

check_PROGRAMS += %D%/sign-load
%C%_sign_load_SOURCES = \
	%D%/sign-load.c \
	%D%/message-set.c \
	%D%/message-set.h
%C%_sign_load_LDADD = $(LIBGATEPOST)
# What a run of the store costs on a Redis server: see the top of store-load.c.
check_PROGRAMS += %D%/store-load
%C%_store_load_SOURCES = %D%/store-load.c
%C%_store_load_LDADD = $(LIBGATEPOST)

EXTRA_DIST += \
	%D%/bench \
	%D%/corpus.py \
	%D%/list_zones.py \
	%D%/messages.py \
	%D%/rspamd.py \
	%D%/servers.py

.PHONY: bench
bench: $(bin_PROGRAMS) $(sbin_PROGRAMS) %D%/milter-load %D%/sign-load
	BUILDDIR=$(abs_builddir) $(srcdir)/%D%/bench

# `make bench-deliver` measures gatepost-lmtpd next to Dovecot's LMTP and the
# bare floor; its knobs are at the top of tests/bench/deliver-bench.
check_PROGRAMS += %D%/deliver-load
%C%_deliver_load_LDADD = $(LIBGATEPOST)
EXTRA_DIST += %D%/deliver-bench

.PHONY: bench-deliver
bench-deliver: $(sbin_PROGRAMS) %D%/deliver-load
	BUILDDIR=$(abs_builddir) $(srcdir)/%D%/deliver-bench
