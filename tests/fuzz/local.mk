# libFuzzer targets (configure with CC=clang and --enable-fuzzers): a program
# fuzz-NAME.c each, its seeds in seeds/NAME/.  `make fuzz FUZZ_SECONDS=60` runs
# them all.
FUZZ_TARGETS =
FUZZ_LDADD = $(LIBGATEPOST) -fsanitize=fuzzer

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
