/*
 * fuzz-content-symbols - the input as a whole message, looked at by all
 * symbols of the content.
 *
 * What must hold: each symbol is there once and of the groups of the content,
 * and its reason is one line of valid UTF-8.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "lib/scan/scan-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_score(const struct score *score)
{
	bool seen[SYMBOLS_COUNT] = { false };
	const struct symbol *symbol;
	size_t i;

	for (i = 0; i < score->count; i++) {
		symbol = &score->symbols[i];
		if (seen[symbol->id] ||
		    symbol_group(symbol->id) != SYMBOL_GROUP_CONTENT ||
		    !g_utf8_validate(symbol->reason, -1, NULL) ||
		    strpbrk(symbol->reason, "\r\n") != NULL)
			abort();
		seen[symbol->id] = true;
	}
}

static void
look_at(struct scan *scan, struct span raw)
{
	struct content_source source = { .message = &scan->message };
	void *state;

	if (message_parse_header(&scan->message, raw, &source.body) !=
		STATUS_OK ||
	    content_read(scan->region, &source, &content_default_limits,
		&scan->content) != STATUS_OK ||
	    check_content.start(scan, &state) != STATUS_OK ||
	    check_content.join(scan, state) != STATUS_OK)
		abort();
	check_content.stop(state);
	check_score(&scan->verdict.score);
}

static const struct settings *
defaults(void)
{
	struct conf_errors *errors = conf_errors_new();
	const struct settings *settings;

	if (settings_load(NULL, &settings, errors) != STATUS_OK)
		abort();
	conf_errors_free(&errors);
	return settings;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct settings *settings;
	static struct scan_services services;
	struct scan *scan;

	if (settings == NULL)
		settings = defaults();
	if (services.words == NULL && words_new(&services.words) != STATUS_OK)
		abort();
	if (scan_new(&services, settings, &scan) != STATUS_OK)
		abort();
	look_at(scan, (struct span){ (const char *)data, size });
	scan_free(&scan);
	return 0;
}
