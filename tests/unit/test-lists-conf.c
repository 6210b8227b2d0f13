/* The section "lists": defaults, good and bad values. */
#include "config.h"

#include "lib/lists/lists-conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const struct conf_entry entry = { &lists_conf_section, 0 };

/* Loads a section with that content; its errors, or "". */
static void
load(const char *content, struct lists_conf *conf, struct conf_memory **memory,
    char error[256])
{
	char path[] = "/tmp/gatepost-lists-conf-XXXXXX";
	struct conf_errors *errors = conf_errors_new();
	int fd = mkstemp(path);
	FILE *file;

	assert_non_null(errors);
	assert_int_not_equal(fd, -1);
	file = fdopen(fd, "w");
	assert_non_null(file);
	fprintf(file, "lists {\n%s\n}\n", content);
	assert_int_equal(fclose(file), 0);
	error[0] = '\0';
	if (conf_load(path, &entry, 1, conf, memory, errors) != STATUS_OK) {
		assert_int_not_equal(conf_errors_count(errors), 0);
		snprintf(error, 256, "%s", conf_errors_get(errors, 0));
	}
	unlink(path);
	conf_errors_free(&errors);
}

static void
test_defaults(void **state GP_UNUSED)
{
	struct conf_memory *memory;
	struct lists_conf conf;
	char error[256];

	load("", &conf, &memory, error);
	assert_string_equal(error, "");
	assert_true(conf.enabled);
	assert_false(conf.hash_lists);
	assert_int_equal(conf.off.count, 0);
	assert_string_equal(conf.dqs_key, "");
	assert_int_equal(conf.test_interval, 3600000);
	assert_int_equal(conf.retry_interval, 300000);
	assert_int_equal(conf.own_block.count, 0);
	assert_int_equal(conf.own_allow.count, 0);
	assert_int_equal(conf.own_domains.count, 0);
	assert_int_equal(conf.url_max, 20);
	assert_string_equal(conf.url_skip.items[0], "adobe.com");
	conf_memory_free(&memory);
}

static void
test_values(void **state GP_UNUSED)
{
	struct conf_memory *memory;
	struct lists_conf conf;
	char error[256];

	load("enabled = no\n"
	     "off = {\"zen.spamhaus.org\", \"DNSWL.org\"}\n"
	     "dqs_key = \"abc123\"\n"
	     "hash_lists = yes\n"
	     "test_interval = 1s\n"
	     "retry_interval = 2s\n"
	     "own_block = {\"bl.example.com\", \"BL2.example.com.\"}\n"
	     "own_allow = {\"wl.example.com\"}\n"
	     "own_domains = {\"dom.example.com\"}\n"
	     "url_max = 0\n"
	     "url_skip = {\"a.example\", \"192.0.2.1\"}",
	    &conf, &memory, error);
	assert_string_equal(error, "");
	assert_false(conf.enabled);
	assert_true(conf.hash_lists);
	assert_int_equal(conf.off.count, 2);
	assert_string_equal(conf.dqs_key, "abc123");
	assert_int_equal(conf.test_interval, 1000);
	assert_int_equal(conf.retry_interval, 2000);
	assert_string_equal(conf.own_block.items[1], "BL2.example.com.");
	assert_string_equal(conf.own_allow.items[0], "wl.example.com");
	assert_string_equal(conf.own_domains.items[0], "dom.example.com");
	assert_int_equal(conf.url_max, 0);
	assert_int_equal(conf.url_skip.count, 2);
	assert_string_equal(conf.url_skip.items[0], "a.example");
	conf_memory_free(&memory);
}

#define LABEL "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"

static void
test_errors(void **state GP_UNUSED)
{
	static const struct {
		const char *content, *key, *reason;
	} cases[] = {
		{ "off = {\"zen.spamhaus.com\"}", "off", "no shipped list" },
		{ "off = {\"\"}", "off", "no shipped list" },
		{ "dqs_key = \"abc.def\"", "dqs_key", "letters and digits" },
		{ "dqs_key = \"abc def\"", "dqs_key", "letters and digits" },
		{ "dqs_key = \"" LABEL LABEL "\"", "dqs_key", "63 bytes" },
		{ "test_interval = 999ms", "test_interval", "" },
		{ "test_interval = 0s", "test_interval", "" },
		{ "test_interval = 8d", "test_interval", "" },
		{ "retry_interval = 100ms", "retry_interval", "" },
		{ "own_block = {\"bl example.com\"}", "own_block",
		    "not a domain name" },
		{ "own_block = {\"\"}", "own_block", "not a domain name" },
		{ "own_allow = {\"a..b\"}", "own_allow", "not a domain name" },
		{ "own_domains = {\"" LABEL "." LABEL "." LABEL "\"}",
		    "own_domains", "longer than 180 bytes" },
		{ "url_max = 101", "url_max", "" },
		{ "url_skip = {\"example.com.\"}", "url_skip",
		    "not a domain name" },
		{ "url_skip = {\"http://example.com\"}", "url_skip",
		    "not a domain name" },
		{ "enabled = maybe", "enabled", "" },
		{ "hash_lists = 2", "hash_lists", "" },
	};
	struct conf_memory *memory = NULL;
	struct lists_conf conf;
	char error[256];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		load(cases[i].content, &conf, &memory, error);
		if (strstr(error, cases[i].key) == NULL ||
		    strstr(error, cases[i].reason) == NULL)
			fail_msg("case %s: \"%s\"", cases[i].content, error);
		assert_null(memory);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
