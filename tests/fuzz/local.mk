# libFuzzer targets (configure with CC=clang and --enable-fuzzers): a program
# fuzz-NAME.c each, its seeds in seeds/NAME/.  `make fuzz FUZZ_SECONDS=60` runs
# them all.
FUZZ_TARGETS =
FUZZ_LDADD = $(LIBGATEPOST)
FUZZ_LINK_FLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

# From values and headers
FUZZ_TARGETS += %D%/fuzz-address
%C%_fuzz_address_LDADD = $(FUZZ_LDADD)
%C%_fuzz_address_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/address

# DMARC records
FUZZ_TARGETS += %D%/fuzz-dmarc-record
%C%_fuzz_dmarc_record_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dmarc_record_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dmarc-record

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
