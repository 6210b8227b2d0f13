# libFuzzer targets (configure with CC=clang and --enable-fuzzers): a program
# fuzz-NAME.c each, its seeds in seeds/NAME/.  `make fuzz FUZZ_SECONDS=60` runs
# them all.
FUZZ_TARGETS =
FUZZ_LDADD = $(LIBGATEPOST)
FUZZ_LINK_FLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

# DKIM
FUZZ_TARGETS += %D%/fuzz-dkim-verify
%C%_fuzz_dkim_verify_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dkim_verify_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dkim-verify

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
