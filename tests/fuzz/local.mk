# libFuzzer targets: fuzz-NAME.c, its seeds in seeds/NAME/.  Needs
# `CC=clang ./configure --enable-fuzzers`.  `make fuzz FUZZ_SECONDS=60` runs
# each that long; what it finds is left in fuzz-findings/.
FUZZ_LDADD = $(LIBGATEPOST)
FUZZ_LINK_FLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_SECONDS = 60

FUZZ_TARGETS =
EXTRA_DIST += %D%/run-fuzzers

FUZZ_TARGETS += %D%/fuzz-address
%C%_fuzz_address_LDADD = $(FUZZ_LDADD)
%C%_fuzz_address_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/address

FUZZ_TARGETS += %D%/fuzz-authres
%C%_fuzz_authres_LDADD = $(FUZZ_LDADD)
%C%_fuzz_authres_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/authres

FUZZ_TARGETS += %D%/fuzz-content
%C%_fuzz_content_LDADD = $(FUZZ_LDADD)
%C%_fuzz_content_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/content

FUZZ_TARGETS += %D%/fuzz-content-symbols
%C%_fuzz_content_symbols_LDADD = $(FUZZ_LDADD)
%C%_fuzz_content_symbols_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/content-symbols

FUZZ_TARGETS += %D%/fuzz-dkim-verify
%C%_fuzz_dkim_verify_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dkim_verify_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dkim-verify

FUZZ_TARGETS += %D%/fuzz-dmarc-record
%C%_fuzz_dmarc_record_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dmarc_record_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dmarc-record

FUZZ_TARGETS += %D%/fuzz-dns-answer
%C%_fuzz_dns_answer_LDADD = $(FUZZ_LDADD)
%C%_fuzz_dns_answer_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/dns-answer

FUZZ_TARGETS += %D%/fuzz-lmtp
%C%_fuzz_lmtp_LDADD = deliver/libdeliver.a $(FUZZ_LDADD)
%C%_fuzz_lmtp_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/lmtp

FUZZ_TARGETS += %D%/fuzz-publish-judge
%C%_fuzz_publish_judge_LDADD = cli/libcli.a $(FUZZ_LDADD)
%C%_fuzz_publish_judge_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/publish-judge

FUZZ_TARGETS += %D%/fuzz-html
%C%_fuzz_html_LDADD = $(FUZZ_LDADD)
%C%_fuzz_html_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/html

FUZZ_TARGETS += %D%/fuzz-received
%C%_fuzz_received_LDADD = $(FUZZ_LDADD)
%C%_fuzz_received_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/received

FUZZ_TARGETS += %D%/fuzz-header-text
%C%_fuzz_header_text_LDADD = $(FUZZ_LDADD)
%C%_fuzz_header_text_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/header-text

FUZZ_TARGETS += %D%/fuzz-senders
%C%_fuzz_senders_LDADD = $(FUZZ_LDADD)
%C%_fuzz_senders_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/senders

FUZZ_TARGETS += %D%/fuzz-sign
%C%_fuzz_sign_LDADD = $(FUZZ_LDADD)
%C%_fuzz_sign_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/sign

FUZZ_TARGETS += %D%/fuzz-spf-record
%C%_fuzz_spf_record_LDADD = $(FUZZ_LDADD)
%C%_fuzz_spf_record_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/spf-record

FUZZ_TARGETS += %D%/fuzz-url
%C%_fuzz_url_LDADD = $(FUZZ_LDADD)
%C%_fuzz_url_LDFLAGS = $(FUZZ_LINK_FLAGS)
EXTRA_DIST += %D%/seeds/url

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif

.PHONY: fuzz
if FUZZERS
fuzz: $(FUZZ_TARGETS)
	$(srcdir)/tests/fuzz/run-fuzzers $(FUZZ_SECONDS) \
	    $(srcdir)/tests/fuzz/seeds $(FUZZ_TARGETS)
else
fuzz:
	@echo "make fuzz needs: CC=clang ./configure --enable-fuzzers" >&2
	@exit 1
endif
