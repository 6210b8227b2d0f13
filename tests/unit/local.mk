# One cmocka program a module: tests/unit/test-NAME.c tests lib/*/NAME.c.
UNIT_TESTS = \
	%D%/test-region \
	%D%/test-str \
	%D%/test-strbuf \
	%D%/test-ip \
	%D%/test-task-pool \
	%D%/test-dns-zone \
	%D%/test-dns-wire \
	%D%/test-dns-resolver \
	%D%/test-iprev

# SPF
UNIT_TESTS += \
	%D%/test-spf-record \
	%D%/test-spf-macro \
	%D%/test-spf \
	%D%/test-spf-rounds

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
UNIT_LDADD = $(LIBGATEPOST) $(CMOCKA_LIBS)

%C%_test_region_LDADD = $(UNIT_LDADD)
%C%_test_str_LDADD = $(UNIT_LDADD)
%C%_test_strbuf_LDADD = $(UNIT_LDADD)
%C%_test_ip_LDADD = $(UNIT_LDADD)
%C%_test_task_pool_LDADD = $(UNIT_LDADD)
%C%_test_dns_zone_LDADD = $(UNIT_LDADD)
%C%_test_dns_wire_LDADD = $(UNIT_LDADD)
%C%_test_dns_resolver_LDADD = $(UNIT_LDADD)
%C%_test_iprev_LDADD = $(UNIT_LDADD)
%C%_test_spf_record_LDADD = $(UNIT_LDADD)
%C%_test_spf_macro_LDADD = $(UNIT_LDADD)
%C%_test_spf_LDADD = $(UNIT_LDADD)
%C%_test_spf_rounds_LDADD = $(UNIT_LDADD)
noinst_HEADERS += %D%/unit.h
