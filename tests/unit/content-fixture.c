/* content-fixture - scans messages for their symbols (see its header). */
#include "config.h"

#include "tests/unit/content-fixture.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/strbuf.h"
#include "lib/dns/zone.h"
#include "lib/scan/scan.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

#define TEXT_BYTES_MAX (4 * 1024 * 1024)

struct content_fixture {
	struct scan_services services;
	const struct settings *settings;
	struct strbuf *message, *symbols;
	int points[SYMBOLS_COUNT]; /* of what was scanned last */
};

static struct dns_zone *
make_zone(void)
{
	static const char *const lines[] = {
		"own.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
		"_dmarc.own.test. 60 IN TXT \"v=DMARC1; p=none\"",
		"spf.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	};
	struct dns_zone *zone = dns_zone_new();
	size_t i;

	assert_non_null(zone);
	for (i = 0; i < GP_NELEMS(lines); i++)
		assert_int_equal(dns_zone_add_line(zone, lines[i]), STATUS_OK);
	return zone;
}

int
content_fixture_setup(void **state)
{
	struct content_fixture *fixture = calloc(1, sizeof(*fixture));
	struct dns_zone *zone = make_zone();

	assert_non_null(fixture);
	assert_int_equal(
	    dns_open_zone(&zone, &fixture->services.dns), STATUS_OK);
	assert_int_equal(task_pool_new(1, &fixture->services.pool), STATUS_OK);
	assert_int_equal(
	    auth_dkim_library_new(&fixture->services.dkim_library), STATUS_OK);
	assert_int_equal(words_new(&fixture->services.words), STATUS_OK);
	fixture->settings = settings_of("");
	fixture->message = strbuf_new(TEXT_BYTES_MAX);
	fixture->symbols = strbuf_new(TEXT_BYTES_MAX);
	assert_non_null(fixture->message);
	assert_non_null(fixture->symbols);
	*state = fixture;
	return 0;
}

int
content_fixture_teardown(void **state)
{
	struct content_fixture *fixture = *state;

	task_pool_free(&fixture->services.pool);
	auth_dkim_library_free(&fixture->services.dkim_library);
	words_free(&fixture->services.words);
	dns_close(&fixture->services.dns);
	settings_release(&fixture->settings);
	strbuf_free(&fixture->message);
	strbuf_free(&fixture->symbols);
	free(fixture);
	return 0;
}

/* Line ends become CRLF, as they come through the milter protocol. */
static struct span
as_it_comes(struct strbuf *message, const char *raw)
{
	struct span all;
	char before = '\0';

	strbuf_truncate(message, 0);
	for (; *raw != '\0'; before = *raw++) {
		if (*raw == '\n' && before != '\r')
			strbuf_add_char(message, '\r');
		strbuf_add_char(message, *raw);
	}
	assert_int_equal(strbuf_status(message), STATUS_OK);
	all.data = strbuf_text(message);
	all.length = strbuf_length(message);
	return all;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
join_names(struct strbuf *symbols, const struct score *score)
{
	const char *names[SYMBOLS_COUNT];
	size_t count = 0, i;

	for (i = 0; i < score->count; i++)
		if (symbol_group(score->symbols[i].id) == SYMBOL_GROUP_CONTENT)
			names[count++] = symbol_name(score->symbols[i].id);
	qsort(names, count, sizeof(*names), compare_names);
	strbuf_truncate(symbols, 0);
	for (i = 0; i < count; i++)
		strbuf_printf(symbols, "%s%s", i > 0 ? " " : "", names[i]);
	assert_int_equal(strbuf_status(symbols), STATUS_OK);
}

static void
keep_points(struct content_fixture *fixture, const struct score *score)
{
	size_t i;

	memset(fixture->points, 0, sizeof(fixture->points));
	for (i = 0; i < score->count; i++)
		fixture->points[score->symbols[i].id] =
		    score->symbols[i].points;
}

static void
set_envelope(struct scan *scan, const struct content_envelope *envelope)
{
	assert_int_equal(
	    ip_parse(envelope->client, &scan_envelope(scan)->client_ip),
	    STATUS_OK);
	assert_int_equal(scan_set_sender(scan, envelope->sender), STATUS_OK);
	assert_int_equal(
	    scan_add_recipient(scan, envelope->recipient), STATUS_OK);
}

const char *
content_symbols_from(struct content_fixture *fixture, const char *raw,
    const struct content_envelope *envelope)
{
	struct span body, all = as_it_comes(fixture->message, raw);
	const struct verdict *verdict;
	struct scan *scan;

	assert_int_equal(
	    scan_new(&fixture->services, fixture->settings, &scan), STATUS_OK);
	if (envelope != NULL)
		set_envelope(scan, envelope);
	assert_int_equal(
	    message_parse_header(scan_message(scan), all, &body), STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	join_names(fixture->symbols, &verdict->score);
	keep_points(fixture, &verdict->score);
	scan_free(&scan);
	return strbuf_text(fixture->symbols);
}

const char *
content_symbols_of(struct content_fixture *fixture, const char *raw)
{
	return content_symbols_from(fixture, raw, NULL);
}

int
content_symbol_points(const struct content_fixture *fixture, const char *name)
{
	enum symbol_id id;

	assert_true(symbol_find(name, &id));
	return fixture->points[id];
}

bool
content_has_symbol(const char *symbols, const char *name)
{
	struct span rest = span_of(symbols), piece;

	while (span_split(&rest, ' ', &piece))
		if (span_equals(piece, name))
			return true;
	return false;
}
