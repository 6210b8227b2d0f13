/* The configuration file: values, every error with its line, round trips. */
#include "config.h"

#include "lib/conf/conf-check.h"
#include "lib/conf/conf.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

struct alpha {
	bool flag;
	int64_t count;
	double ratio;
	int64_t size;
	int64_t wait;
	int mode;
	const char *name;
	struct conf_list items;
};

struct beta {
	const char *path;
	int64_t free_number;
	struct conf_list domains;
};

struct settings {
	struct alpha alpha;
	struct beta beta;
};

static const char *const modes[] = { "mark", "reject", "off", NULL };

static const char *
check_path(const char *text)
{
	return *text == '/' || *text == '\0' ? NULL : "must begin with /";
}

static const char *
check_domain(const char *text)
{
	return strchr(text, ' ') == NULL ? NULL : "no blank in a domain";
}

#define ALPHA(field) offsetof(struct alpha, field)
#define BETA(field)  offsetof(struct beta, field)

static const struct conf_key alpha_keys[] = {
	{ "flag", CONF_BOOL, ALPHA(flag), "yes", 0, 0, NULL,
	    "Whether it is on.", NULL },
	{ "count", CONF_INT, ALPHA(count), "5", -10, 100, NULL,
	    "How many. It is a number.", NULL },
	{ "ratio", CONF_DOUBLE, ALPHA(ratio), "2.5", 0, 10, NULL,
	    "A share of \"all\".", NULL },
	{ "size", CONF_SIZE, ALPHA(size), "64K", 1, INT64_C(1) << 40, NULL,
	    "Bytes.", NULL },
	{ "wait", CONF_DURATION, ALPHA(wait), "5s", 1, 86400000, NULL,
	    ".Time of \\waiting.", NULL },
	{ "mode", CONF_CHOICE, ALPHA(mode), "reject", 0, 0, modes,
	    "What is done.", NULL },
	{ "name", CONF_STRING, ALPHA(name), "", 0, 0, NULL,
	    "A name, and a help text that is so long that it has to be folded "
	    "in the example file, at a blank.",
	    NULL },
	{ "items", CONF_LIST, ALPHA(items), "one, two", 0, 0, NULL,
	    "Some items.", NULL },
};

static const struct conf_key beta_keys[] = {
	{ "path", CONF_STRING, BETA(path), "/a \"b\" $c", 0, 0, NULL, "Where.",
	    check_path },
	{ "free_number", CONF_INT, BETA(free_number), "-3", 0, 0, NULL,
	    "Any number.", NULL },
	{ "domains", CONF_LIST, BETA(domains), NULL, 0, 0, NULL, "Domains.",
	    check_domain },
};

static const struct conf_section alpha_section = { "alpha",
	"The first section.", alpha_keys, GP_NELEMS(alpha_keys) };
static const struct conf_section beta_section = { "beta",
	"The second section. It has three keys.", beta_keys,
	GP_NELEMS(beta_keys) };

static const char *const start_only[] = { "alpha.wait", "beta.*", NULL };

static const struct conf_entry entries[] = {
	{ &alpha_section, offsetof(struct settings, alpha) },
	{ &beta_section, offsetof(struct settings, beta) },
};

#define ERRORS_MAX 8

struct bad_case {
	const char *name;
	const char *text;
	const char *errors[ERRORS_MAX]; /* behind "FILE:" */
};

static const struct bad_case bad_cases[] = {
	{ "every type wrong, in one run",
	    "alpha {\n"
	    "flag = maybe\n"
	    "count = 5x\n"
	    "ratio = 1,5\n"
	    "}\n",
	    { "2: alpha.flag: must be yes or no, not \"maybe\"",
		"3: alpha.count: must be a whole number, not \"5x\"",
		"4: alpha.ratio: use a point, 1.5" } },
	{ "wrong types",
	    "alpha {\n"
	    "ratio = 0x10\n"
	    "size = 5T\n"
	    "wait = 5\n"
	    "mode = maybe\n"
	    "count = \"\"\n"
	    "}\n",
	    { "2: alpha.ratio: must be a number such as 2.5, not \"0x10\"",
		"3: alpha.size: must be a size such as 64K, 10M or 1G, "
		"not \"5T\"",
		"4: alpha.wait: must be a time such as 200ms, 5s, 10m, 2h or "
		"30d, not \"5\"",
		"5: alpha.mode: must be one of mark, reject, off, not "
		"\"maybe\"",
		"6: alpha.count: must be a whole number, not \"\"" } },
	{ "out of range",
	    "alpha {\n"
	    "count = -11\n"
	    "ratio = 10.5\n"
	    "size = 0\n"
	    "wait = 2d\n"
	    "}\n"
	    "beta { free_number = 9223372036854775808 }\n",
	    { "2: alpha.count: must be from -10 to 100",
		"3: alpha.ratio: must be from 0 to 10",
		"4: alpha.size: must be from 1 to 1024G",
		"5: alpha.wait: must be from 1ms to 1d",
		"7: beta.free_number: must be a whole number, not "
		"\"9223372036854775808\"" } },
	{ "overflow of a unit", "alpha { size = 9223372036854775807G }",
	    { "1: alpha.size: must be a size such as 64K, 10M or 1G, not "
	      "\"9223372036854775807G\"" } },
	{ "unknown key, unknown section, and what follows them",
	    "alpha {\n"
	    "colour = red\n"
	    "colours = {red, \"green\"}\n"
	    "colour += {blue}\n"
	    "flag = 7\n"
	    "}\n"
	    "gamma {\n"
	    "anything = 1\n"
	    "flag = 7\n"
	    "}\n"
	    "beta { flag = yes path = x }\n",
	    { "2: alpha.colour: unknown key", "3: alpha.colours: unknown key",
		"4: alpha.colour: unknown key",
		"5: alpha.flag: must be yes or no, not \"7\"",
		"7: gamma: unknown section", "11: beta.flag: unknown key",
		"11: beta.path: must begin with /" } },
	{ "outside of a section",
	    "flag = yes\nalpha { flag = no }\npath = /x\n",
	    { "1: flag: stands outside of a section",
		"3: path: stands outside of a section" } },
	{ "duplicates",
	    "alpha {\nflag = yes\nitems = {a}\nflag = no\nitems = {}\n}\n"
	    "alpha { count = 1\n items += {b} }\nalpha { count = 1 }\n",
	    { "4: alpha.flag: is set twice, first in line 2",
		"5: alpha.items: is set twice, first in line 3",
		"9: alpha.count: is set twice, first in line 7" } },
	{ "a list where one value belongs",
	    "alpha {\ncount = {5}\nflag = {}\nname += x\n}\n",
	    { "2: alpha.count: takes one value, not a list",
		"3: alpha.flag: takes one value, not a list",
		"4: alpha.name: is not a list, so += does not fit" } },
	{ "an item on its own line",
	    "beta { domains = {\n a.example,\n 'b example',\n \"c\",\n} }\n",
	    { "3: beta.domains: no blank in a domain" } },
	{ "lines behind comments and long strings",
	    "/* one\n two */ /* three */\n# four\n// five\n"
	    "alpha { name = \"a\nb\\\nc\"\n flag = x }\n",
	    { "8: alpha.flag: must be yes or no, not \"x\"" } },
	{ "syntax: two strings in a row",
	    "alpha {\nflag = x items = {'a''s'}\nmode = z }\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"2: syntax: unexpected token 's'" } },
	{ "syntax: no equal sign", "alpha {\nflag = x\ncount 5\nmode = y\n}\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"3: syntax: missing equal sign after option 'count'" } },
	{ "syntax: the end is missing", "alpha {\nflag = x\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"3: syntax: the section that begins in line 1 does not end" } },
	{ "syntax: the end of a list is missing", "alpha {\nitems = {a, b\n",
	    { "3: syntax: premature end of file" } },
	{ "syntax: one brace too many",
	    "alpha {\nflag = x }\n}\nbeta {\npath = x }\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"3: syntax: unexpected closing brace" } },
	{ "syntax: a string without end",
	    "alpha {\nflag = x\nname = \"y\nmode = z }\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"3: syntax: the string does not end" } },
	{ "syntax: a string that ends in a backslash", "alpha { name = \"y\\",
	    { "1: syntax: the string does not end" } },
	{ "syntax: a single-quoted string without end",
	    "alpha {\nflag = x\nname = 'y\nmode = z }\n",
	    { "2: alpha.flag: must be yes or no, not \"x\"",
		"3: syntax: the string does not end" } },
	{ "syntax: a comment without end", "alpha { flag = x }\n/* beta {\n",
	    { "1: alpha.flag: must be yes or no, not \"x\"",
		"2: syntax: the comment does not end" } },
	{ "syntax: sections do not nest", "alpha {\nbeta {\npath = x } }\n",
	    { "2: syntax: no such option 'beta'" } },
	{ "no variables", "alpha {\nname = ${HOME}\n}\n",
	    { "2: syntax: ${NAME} is not replaced here; write the value, or "
	      "quote it" } },
	{ "no include", "include(\"/etc/passwd\")\n",
	    { "1: syntax: no such option 'include'" } },
	{ "no NUL in a string",
	    "alpha {\nname = \"a\\x00b\"\n}\nbeta {\npath = \"/\\0\"\n}\n",
	    { "2: syntax: a string cannot hold a NUL byte",
		"5: syntax: a string cannot hold a NUL byte" } },
	{ "hostile names", "al\x1bpha {\n}\nalpha|flag = x\n\"\" = 5\n",
	    { "1: al?pha: unknown section; did you mean alpha?",
		"3: alpha|flag: stands outside of a section",
		"4: syntax: a key without a name" } },
	{ "what a misspelt name may stand for",
	    "alpah {\n}\nbeta {\npaht = /x\nfree_nubmers = 1\nDOMIANS = {}\n"
	    "domain = {}\npathology = x\nx = 1\n}\nbet {\n}\n",
	    { "1: alpah: unknown section; did you mean alpha?",
		"4: beta.paht: unknown key; did you mean path?",
		"5: beta.free_nubmers: unknown key; did you mean free_number?",
		"6: beta.DOMIANS: unknown key; did you mean domains?",
		"7: beta.domain: unknown key; did you mean domains?",
		"8: beta.pathology: unknown key", "9: beta.x: unknown key",
		"11: bet: unknown section; did you mean beta?" } },
	{ "a comma for a point, and what follows it",
	    "alpha {\nratio = -1,25 count = x\nname = 1,5\nitems = {1,5}\n}\n"
	    "beta {\npath = 1,x }\n",
	    { "2: alpha.count: must be a whole number, not \"x\"",
		"2: alpha.ratio: must be from 0 to 10",
		"2: alpha.ratio: use a point, -1.25",
		"3: alpha.name: use a point, 1.5",
		"7: beta.path: must begin with /",
		"7: syntax: unexpected token ','" } },
	{ "a section without a name", "\"\" { a = 1 }\n",
	    { "1: syntax: a section without a name" } },
};

struct fixture {
	char path[64];
	struct conf_errors *errors;
	struct conf_memory *memory;
	struct settings settings;
};

static void
fixture_init(struct fixture *fixture)
{
	static const char template[] = "/tmp/gatepost-test-conf-XXXXXX";
	int fd;

	memset(fixture, 0, sizeof(*fixture));
	memcpy(fixture->path, template, sizeof(template));
	fd = mkstemp(fixture->path);
	assert_int_not_equal(fd, -1);
	close(fd);
	fixture->errors = conf_errors_new();
	assert_non_null(fixture->errors);
}

static void
fixture_free(struct fixture *fixture)
{
	unlink(fixture->path);
	conf_errors_free(&fixture->errors);
	conf_memory_free(&fixture->memory);
}

static void
write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static enum status
load(struct fixture *fixture)
{
	return conf_load(fixture->path, entries, GP_NELEMS(entries),
	    &fixture->settings, &fixture->memory, fixture->errors);
}

static enum status
load_text(struct fixture *fixture, const char *text)
{
	write_file(fixture->path, text, strlen(text));
	return load(fixture);
}

static void
run_bad_case(const struct bad_case *bad)
{
	char expected[400];
	struct fixture fixture;
	const char *found;
	size_t i;

	fixture_init(&fixture);
	if (load_text(&fixture, bad->text) != STATUS_INVALID)
		fail_msg("%s: not refused", bad->name);
	assert_null(fixture.memory);
	for (i = 0; i < ERRORS_MAX && bad->errors[i] != NULL; i++) {
		assert_true(
		    snprintf(expected, sizeof(expected), "%s:%s", fixture.path,
			bad->errors[i]) < (int)sizeof(expected));
		found = conf_errors_get(fixture.errors, i);
		if (strcmp(found, expected) != 0)
			fail_msg("%s: error %zu\n  want %s\n  got  %s",
			    bad->name, i, expected, found);
	}
	if (conf_errors_count(fixture.errors) != i)
		fail_msg("%s: one error too many: %s", bad->name,
		    conf_errors_get(fixture.errors, i));
	fixture_free(&fixture);
}

static void
test_bad_files(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(bad_cases); i++)
		run_bad_case(&bad_cases[i]);
}

static void
assert_list(const struct conf_list *list, const char *expected)
{
	char joined[200] = "";
	size_t i, length = 0;

	for (i = 0; i < list->count; i++)
		length +=
		    (size_t)snprintf(joined + length, sizeof(joined) - length,
			"%s%s", i == 0 ? "" : "|", list->items[i]);
	assert_string_equal(joined, expected);
}

static void
assert_defaults(const struct settings *settings)
{
	assert_true(settings->alpha.flag);
	assert_int_equal(settings->alpha.count, 5);
	assert_true(fabs(settings->alpha.ratio - 2.5) < 1e-12);
	assert_int_equal(settings->alpha.size, 65536);
	assert_int_equal(settings->alpha.wait, 5000);
	assert_int_equal(settings->alpha.mode, 1);
	assert_string_equal(settings->alpha.name, "");
	assert_list(&settings->alpha.items, "one|two");
	assert_string_equal(settings->beta.path, "/a \"b\" $c");
	assert_int_equal(settings->beta.free_number, -3);
	assert_int_equal(settings->beta.domains.count, 0);
}

static void
test_defaults(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_init(&fixture);
	assert_int_equal(
	    conf_load(NULL, entries, GP_NELEMS(entries), &fixture.settings,
		&fixture.memory, fixture.errors),
	    STATUS_OK);
	assert_defaults(&fixture.settings);
	conf_memory_free(&fixture.memory);
	assert_null(fixture.memory);
	assert_int_equal(load_text(&fixture, ""), STATUS_OK);
	assert_defaults(&fixture.settings);
	conf_memory_free(&fixture.memory);
	assert_int_equal(
	    load_text(&fixture, "# nothing\nalpha {}\n"), STATUS_OK);
	assert_defaults(&fixture.settings);
	fixture_free(&fixture);
}

static void
test_values(void **state GP_UNUSED)
{
	static const char text[] =
	    "alpha {\r\n"
	    "  flag = OFF  count = -7 // comment\n"
	    "  ratio = 1.25e-1 size = 1g\n"
	    "  wait = 2h mode = Mark\n"
	    "  name = \"a\\x41\\102\\n\\\"${HOME}\\$\\\\ # no comment\"\n"
	    "  items += {'it\\'s' \t, \"\xc3\xbc\xff\",}\n"
	    "}\n"
	    "beta { path = /var/lib/$x\\y/ domains = {*.example.com,"
	    "http://a.b/c+d,a@[::1]}}"
	    "beta { free_number = -9223372036854775807 }";
	struct fixture fixture;

	fixture_init(&fixture);
	if (load_text(&fixture, text) != STATUS_OK)
		fail_msg("%s", conf_errors_get(fixture.errors, 0));
	assert_false(fixture.settings.alpha.flag);
	assert_int_equal(fixture.settings.alpha.count, -7);
	assert_true(fabs(fixture.settings.alpha.ratio - 0.125) < 1e-12);
	assert_true(fixture.settings.alpha.size == INT64_C(1) << 30);
	assert_int_equal(fixture.settings.alpha.wait, 7200000);
	assert_int_equal(fixture.settings.alpha.mode, 0);
	assert_string_equal(
	    fixture.settings.alpha.name, "aAB\n\"${HOME}$\\ # no comment");
	assert_list(&fixture.settings.alpha.items, "one|two|it's|\xc3\xbc\xff");
	assert_string_equal(fixture.settings.beta.path, "/var/lib/$x\\y/");
	assert_list(&fixture.settings.beta.domains,
	    "*.example.com|http://a.b/c+d|a@[::1]");
	assert_true(fixture.settings.beta.free_number == -INT64_MAX);
	fixture_free(&fixture);
}

static void
assert_lists_equal(const struct conf_list *a, const struct conf_list *b)
{
	size_t i;

	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++)
		assert_string_equal(a->items[i], b->items[i]);
}

static void
assert_settings_equal(const struct settings *a, const struct settings *b)
{
	assert_int_equal(a->alpha.flag, b->alpha.flag);
	assert_true(a->alpha.count == b->alpha.count);
	assert_memory_equal(&a->alpha.ratio, &b->alpha.ratio, sizeof(double));
	assert_true(a->alpha.size == b->alpha.size);
	assert_true(a->alpha.wait == b->alpha.wait);
	assert_int_equal(a->alpha.mode, b->alpha.mode);
	assert_string_equal(a->alpha.name, b->alpha.name);
	assert_lists_equal(&a->alpha.items, &b->alpha.items);
	assert_string_equal(a->beta.path, b->beta.path);
	assert_true(a->beta.free_number == b->beta.free_number);
	assert_lists_equal(&a->beta.domains, &b->beta.domains);
}

/* Prints settings, loads what was printed, and compares. */
static void
check_round_trip(const struct settings *settings, bool example)
{
	struct fixture fixture;
	FILE *file;

	fixture_init(&fixture);
	assert_non_null(file = fopen(fixture.path, "w"));
	conf_print(file, entries, GP_NELEMS(entries), settings, example);
	assert_int_equal(fclose(file), 0);
	if (load(&fixture) != STATUS_OK)
		fail_msg("%s", conf_errors_get(fixture.errors, 0));
	if (example)
		assert_defaults(&fixture.settings);
	else
		assert_settings_equal(&fixture.settings, settings);
	fixture_free(&fixture);
}

static void
test_print_values(void **state GP_UNUSED)
{
	static const double ratios[] = { 0, -0.0, 0.1, 1.0 / 3,
		9.999999999999998, 5e-324, 2.2250738585072014e-308, 10 };
	static const int64_t numbers[] = { 1, 999, 1000, 1001, 1024, 60000,
		65536, 86400000, 61000 };
	const char *items[] = { "", "a, b", "}", "${x}", "\x01\x7f\xff'\"\\" };
	struct settings settings = { 0 };
	char bytes[256];
	size_t i;

	for (i = 1; i < sizeof(bytes); i++)
		bytes[i - 1] = (char)i;
	bytes[255] = '\0';
	settings.alpha.name = bytes;
	settings.alpha.items.items = items;
	settings.beta.path = "/\\x41\\${a:-b}\n";
	settings.beta.free_number = -INT64_MAX;
	for (i = 0; i < GP_NELEMS(numbers); i++) {
		settings.alpha.items.count = i % (GP_NELEMS(items) + 1);
		settings.alpha.ratio = ratios[i % GP_NELEMS(ratios)];
		settings.alpha.size = settings.alpha.wait = numbers[i];
		settings.alpha.mode = (int)i % 3;
		check_round_trip(&settings, false);
	}
}

static void
uncomment(char *text)
{
	char *from = text, *to = text;

	for (; *from != '\0'; from++)
		if (!(*from == '#' && from[1] != ' '))
			*to++ = *from;
	*to = '\0';
}

/* The example as shipped, and with every key put in force: the defaults. */
static void
test_print_example(void **state GP_UNUSED)
{
	struct fixture fixture;
	char *text = NULL;
	size_t length;
	FILE *file;

	fixture_init(&fixture);
	check_round_trip(&fixture.settings, true);
	assert_non_null(file = open_memstream(&text, &length));
	conf_print(file, entries, GP_NELEMS(entries), NULL, true);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text,
	    "# The first section.\nalpha {\n\t# Whether it is on.\n"
	    "\t#flag = yes\n\n"));
	assert_non_null(strstr(text, "\t#items = {\"one\", \"two\"}\n"));
	assert_non_null(strstr(text, "\t#path = \"/a \\\"b\\\" \\$c\"\n"));
	uncomment(text);
	if (load_text(&fixture, text) != STATUS_OK)
		fail_msg("%s", conf_errors_get(fixture.errors, 0));
	assert_defaults(&fixture.settings);
	free(text);
	fixture_free(&fixture);
}

static void
test_print_mdoc(void **state GP_UNUSED)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	conf_print_mdoc(file, entries, GP_NELEMS(entries), start_only);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text,
	    ".Ss Section beta\nThe second section.\nIt has three keys.\n"
	    ".Bl -tag -width Ds\n.It Cm path No = Ar string\n"));
	assert_non_null(strstr(text,
	    "\\&.Time of \\ewaiting.\n"
	    "Range: 1ms to 1d.\n"
	    "Read at the start only.\n"
	    "Default:\n.Li 5s .\n"));
	assert_non_null(strstr(text,
	    "One of\n.Cm mark ,\n"
	    ".Cm reject ,\n.Cm off .\nDefault:"));
	free(text);
}

static void
test_names(void **state GP_UNUSED)
{
	assert_true(conf_names_have(start_only, "alpha", "wait"));
	assert_true(conf_names_have(start_only, "beta", "path"));
	assert_false(conf_names_have(start_only, "alpha", "waits"));
	assert_false(conf_names_have(start_only, "alpha", "size"));
	assert_false(conf_names_have(start_only, "bet", "path"));
	assert_false(conf_names_have(start_only, "", "path"));
}

/* Each key's values are told apart by the key alone. */
static void
test_equal_values(void **state GP_UNUSED)
{
	static const char other[] =
	    "alpha { flag = no count = 6 ratio = 2.25 size = 1 wait = 1s "
	    "mode = off name = x items += {three} }\n"
	    "beta { path = /b free_number = 3 domains = {a} }\n";
	struct fixture fixture, again, changed;
	const struct conf_key *key;
	const char *a, *b, *c;
	size_t i, k;

	fixture_init(&fixture);
	fixture_init(&again);
	fixture_init(&changed);
	assert_int_equal(load_text(&fixture, ""), STATUS_OK);
	assert_int_equal(load_text(&again, ""), STATUS_OK);
	assert_int_equal(load_text(&changed, other), STATUS_OK);
	for (i = 0; i < GP_NELEMS(entries); i++) {
		a = (const char *)&fixture.settings + entries[i].offset;
		b = (const char *)&again.settings + entries[i].offset;
		c = (const char *)&changed.settings + entries[i].offset;
		for (k = 0; k < entries[i].section->key_count; k++) {
			key = &entries[i].section->keys[k];
			if (!conf_value_equals(
				key, a + key->offset, b + key->offset) ||
			    conf_value_equals(
				key, a + key->offset, c + key->offset))
				fail_msg("%s", key->name);
		}
	}
	fixture_free(&fixture);
	fixture_free(&again);
	fixture_free(&changed);
}

/* Texts about keys get the line of the first key that the file sets. */
static void
test_errors_about_keys(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{ "alpha.count: is bad", ":3: " },
		{ "alpha.size: is above alpha.count and beta.path", ":3: " },
		{ "alpha.size: is below beta.path", ":5: " },
		{ "alpha.size: is bad", ": " },
		{ "alpha.counts: alpha. .count alpha beta.path.x", ": " },
		{ "", ": " },
	};

	char expected[200];
	struct fixture fixture;
	size_t i;

	fixture_init(&fixture);
	assert_int_equal(load_text(&fixture,
			     "alpha {\n\n count = 7\n}\nbeta { path = /x }\n"
			     "alpha { items += {y} }\n"),
	    STATUS_OK);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		conf_errors_add_about(
		    fixture.errors, fixture.memory, cases[i].text);
		assert_true(
		    snprintf(expected, sizeof(expected), "%s%s%s", fixture.path,
			cases[i].place, cases[i].text) < (int)sizeof(expected));
		assert_string_equal(
		    conf_errors_get(fixture.errors, i), expected);
	}
	fixture_free(&fixture);
}

static void
expect_file_error(
    struct fixture *fixture, enum status expected, const char *text)
{
	assert_int_equal(load(fixture), expected);
	assert_int_equal(conf_errors_count(fixture->errors), 1);
	if (strstr(conf_errors_get(fixture->errors, 0), text) == NULL)
		fail_msg("want %s, got %s", text,
		    conf_errors_get(fixture->errors, 0));
	conf_errors_free(&fixture->errors);
	fixture->errors = conf_errors_new();
}

static void
test_unreadable(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_init(&fixture);
	unlink(fixture.path);
	expect_file_error(&fixture, STATUS_IO, ": cannot be opened: ");
	assert_int_equal(mkdir(fixture.path, 0700), 0);
	expect_file_error(&fixture, STATUS_IO, ": is not a regular file");
	rmdir(fixture.path);
	assert_int_equal(mkfifo(fixture.path, 0600), 0);
	expect_file_error(&fixture, STATUS_IO, ": is not a regular file");
	unlink(fixture.path);
	write_file(fixture.path, "", 0);
	assert_int_equal(chmod(fixture.path, 0), 0);
	if (geteuid() != 0)
		expect_file_error(&fixture, STATUS_IO, ": cannot be opened: ");
	fixture_free(&fixture);
}

/* Repeats piece up to length bytes; free it. */
static char *
repeat(const char *piece, size_t length)
{
	size_t piece_length = strlen(piece), i;
	char *text = malloc(length + 1);

	assert_non_null(text);
	for (i = 0; i < length; i++)
		text[i] = piece[i % piece_length];
	text[length] = '\0';
	return text;
}

static void
check_large(const char *piece, size_t length, const char *error)
{
	struct fixture fixture;
	char *text = repeat(piece, length);

	fixture_init(&fixture);
	write_file(fixture.path, text, length);
	assert_int_equal(load(&fixture), STATUS_INVALID);
	assert_true(conf_errors_count(fixture.errors) >= 1);
	assert_true(conf_errors_count(fixture.errors) <= 100);
	if (strstr(conf_errors_get(fixture.errors, 0), error) == NULL)
		fail_msg("want %s, got %s", error,
		    conf_errors_get(fixture.errors, 0));
	free(text);
	fixture_free(&fixture);
}

static void
test_garbage(void **state GP_UNUSED)
{
	const size_t most = 1024 * 1024;
	struct fixture fixture;

	check_large("x", most + 1, ": is larger than 1048576 bytes");
	check_large("x", most, ":1: syntax: a string of more than 64K");
	check_large("x", 65537, ":1: syntax: a string of more than 64K");
	check_large("x", 65536, ":1: syntax: no such option 'xxx");
	check_large("\"'", most, ":1: syntax: ");
	check_large("a = b\n", most - 4, ":1: a: stands outside of a section");
	check_large("a {} b {}\n", most - 6, ":1: a: unknown section");
	check_large("{", most, ":1: syntax: unexpected token '{'");
	check_large("a { ", most, ":1: a: unknown section");
	check_large("\\\"", most, ":1: syntax: ");
	check_large("alpha{items={x,", most, ":1: syntax: unexpected token");
	check_large("\xff\xfe=\x80 ", most, ":1: ");
	fixture_init(&fixture);
	write_file(fixture.path, "alpha {\n\0}", 10);
	expect_file_error(&fixture, STATUS_INVALID, ":2: syntax: a NUL byte");
	fixture_free(&fixture);
}

/* More errors than are told: a hundred, the last says that there are more. */
static void
test_many_errors(void **state GP_UNUSED)
{
	struct fixture fixture;
	char *text = NULL;
	size_t length, i;
	FILE *file;

	fixture_init(&fixture);
	assert_non_null(file = open_memstream(&text, &length));
	fputs("alpha {\n", file);
	for (i = 0; i < 1000; i++)
		fprintf(file, "key%zu = 1\n", i);
	fputs("}\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(load_text(&fixture, text), STATUS_INVALID);
	assert_int_equal(conf_errors_count(fixture.errors), 100);
	assert_non_null(strstr(conf_errors_get(fixture.errors, 98),
	    ":100: alpha.key98: unknown key"));
	assert_non_null(
	    strstr(conf_errors_get(fixture.errors, 99), "only the first"));
	free(text);
	fixture_free(&fixture);
}

/* A list as long as a file can hold is read whole. */
static void
test_long_list(void **state GP_UNUSED)
{
	static const char head[] = "beta { domains = {\n";
	struct fixture fixture;
	char *text = repeat("ab,\n", 4 * 20000);
	char *whole = NULL;
	size_t length;
	FILE *file;

	fixture_init(&fixture);
	assert_non_null(file = open_memstream(&whole, &length));
	fprintf(file, "%s%s} }\n", head, text);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(load_text(&fixture, whole), STATUS_OK);
	assert_int_equal(fixture.settings.beta.domains.count, 20000);
	free(text);
	free(whole);
	fixture_free(&fixture);
}

/* Decimal commas elsewhere do not change how a file is read or written. */
static void
test_locale(void **state)
{
	static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8",
		"fr_FR.UTF-8", "tr_TR.UTF-8", "ru_RU.UTF-8" };
	bool found = false;
	size_t i;

	for (i = 0; i < GP_NELEMS(locales) && !found; i++)
		found = setlocale(LC_ALL, locales[i]) != NULL;
	if (!found) {
		print_message("skip: no locale with a decimal comma here\n");
		return;
	}
	test_values(state);
	test_print_values(state);
	test_print_example(state);
	setlocale(LC_ALL, "C");
}

/* A value, and what is printed of it; NULL: it is refused. */
static const struct rate_case {
	const char *text, *printed;
	int64_t count, period_ms;
} rate_cases[] = {
	{ "100/1m", "100/1m", 100, 60000 },
	{ "1000/1h", "1000/1h", 1000, 3600000 },
	{ "5/90s", "5/90s", 5, 90000 },
	{ "5/60s", "5/1m", 5, 60000 },
	{ "1/250ms", "1/250ms", 1, 250 },
	{ "off", "off", 0, 0 },
	{ "OFF", "off", 0, 0 },
	{ "1001/1h", NULL, 0, 0 },
	{ "0/1m", NULL, 0, 0 },
	{ "5/0s", NULL, 0, 0 },
	{ "5/0", NULL, 0, 0 },
	{ "5", NULL, 0, 0 },
	{ "5/", NULL, 0, 0 },
	{ "/1m", NULL, 0, 0 },
	{ "5/1", NULL, 0, 0 },
	{ "5/1m/1m", NULL, 0, 0 },
	{ "-5/1m", NULL, 0, 0 },
	{ "5 / 1m", NULL, 0, 0 },
	{ "5/9223372036854775807d", NULL, 0, 0 },
	{ "no", NULL, 0, 0 },
	{ "", NULL, 0, 0 },
};

static const struct conf_key rate_keys[] = {
	{ "rate", CONF_RATE, 0, "7/1h", 1, 1000, NULL, "So many.", NULL },
};
static const struct conf_section rate_section = { "gamma", "A rate.", rate_keys,
	GP_NELEMS(rate_keys) };
static const struct conf_entry rate_entries[] = { { &rate_section, 0 } };

static void
check_rate(struct fixture *fixture, const struct rate_case *c)
{
	struct strbuf *printed = strbuf_new(100);
	struct conf_memory *memory;
	struct conf_rate rate;
	char text[200];
	enum status status;

	snprintf(text, sizeof(text), "gamma { rate = \"%s\" }\n", c->text);
	write_file(fixture->path, text, strlen(text));
	status = conf_load(
	    fixture->path, rate_entries, 1, &rate, &memory, fixture->errors);
	if (status != (c->printed == NULL ? STATUS_INVALID : STATUS_OK))
		fail_msg("\"%s\": %s", c->text, status_text(status));
	if (c->printed != NULL) {
		conf_rate_text(printed, &rate);
		assert_string_equal(strbuf_text(printed), c->printed);
		assert_int_equal(rate.count, c->count);
		assert_int_equal(rate.period, c->period_ms);
		assert_true(conf_value_equals(rate_keys, &rate, &rate));
	}
	conf_memory_free(&memory);
	strbuf_free(&printed);
}

static void
test_rates(void **state GP_UNUSED)
{
	struct fixture fixture;
	size_t i;

	fixture_init(&fixture);
	for (i = 0; i < GP_NELEMS(rate_cases); i++)
		check_rate(&fixture, &rate_cases[i]);
	assert_non_null(strstr(conf_errors_get(fixture.errors, 0),
	    "gamma.rate: must be from 1 to 1000"));
	assert_non_null(strstr(conf_errors_get(fixture.errors, 3),
	    "gamma.rate: must be a number in a time, such as 100/1m or "
	    "1000/1h, or off, not \"5/0\""));
	fixture_free(&fixture);
}

static void
test_checks(void **state GP_UNUSED)
{
	static const struct {
		const char *(*check)(const char *);
		const char *text;
		bool is_good;
	} cases[] = {
		{ conf_check_path, "", true },
		{ conf_check_path, "/a", true },
		{ conf_check_path, "a", false },
		{ conf_check_needed_path, "", false },
		{ conf_check_needed_path, "/", true },
		{ conf_check_mode, "660", true },
		{ conf_check_mode, "0660", false },
		{ conf_check_mode, "668", false },
		{ conf_check_delimiters, "", true },
		{ conf_check_delimiters, "+-=_#!.", true },
		{ conf_check_delimiters, "+-=_#!.,;", false },
		{ conf_check_delimiters, "+a", false },
		{ conf_check_delimiters, "@", false },
		{ conf_check_delimiters, "+ ", false },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if ((cases[i].check(cases[i].text) == NULL) != cases[i].is_good)
			fail_msg("case %zu: %s", i, cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_print_values),
		cmocka_unit_test(test_print_example),
		cmocka_unit_test(test_print_mdoc),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_equal_values),
		cmocka_unit_test(test_errors_about_keys),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
