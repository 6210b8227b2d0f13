# `make bench` measures gatepost-milter next to opendkim + opendmarc.  Its
# knobs are environment variables (BENCH_MESSAGES=... and others): see the top
# of tests/bench/bench.
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

EXTRA_DIST += \
	%D%/bench \
	%D%/messages.py \
	%D%/servers.py

.PHONY: bench
bench: $(sbin_PROGRAMS) %D%/milter-load %D%/sign-load
	BUILDDIR=$(abs_builddir) $(srcdir)/%D%/bench
