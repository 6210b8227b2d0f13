# libFuzzer targets (configure with CC=clang and --enable-fuzzers): a program
# fuzz-NAME.c each, its seeds in seeds/NAME/.  `make fuzz FUZZ_SECONDS=60` runs
# them all.
FUZZ_TARGETS =
FUZZ_LDADD = $(LIBGATEPOST)
FUZZ_LINK_FLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

# SPF
FUZZ_TARGETS += %D%/fuzz-spf-record
%C%_fuzz_spf_record_LDADD = $(FUZZ_LDADD)
%C%_fuzz_spf_record_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/spf-record

# DNS
FUZZ_TARGETS += %D%/fuzz-dns-answer
%C%_fuzz_dns_answer_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dns_answer_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dns-answer

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
