/*
 * fuzz-senders - the input as a map, as accounts, and as the answer of a table.
 *
 * Whatever it is, every entry has a key with a normalized domain and a login,
 * its line is in the text, the entries are in order, and each is found by its
 * key.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/senders/senders-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum status read_function(
    struct senders_source *source, const char *path, struct span text);

static void
check_entry(struct region *region, const struct senders_index *index,
    const struct senders_entry *entry, size_t lines)
{
	const char *at = strrchr(entry->key, '@'), *domain;
	struct senders_range range = senders_index_find(index, entry->key);

	if (at == NULL || entry->login[0] == '\0' || entry->line == 0 ||
	    entry->line > lines)
		abort();
	if (at[1] != '[' &&
	    (domain_normalize(region, span_of(at + 1), &domain) != STATUS_OK ||
		strcmp(domain, at + 1) != 0))
		abort();
	if (range.count == 0 || strcmp(range.first->key, entry->key) != 0)
		abort();
}

static size_t
count_lines(struct span text)
{
	size_t i, count = 1;

	for (i = 0; i < text.length; i++)
		count += text.data[i] == '\n';
	return count;
}

static void
check_text(read_function *function, struct span text)
{
	struct senders_source source = { .region = region_new() };
	size_t i, lines = count_lines(text);

	if (source.region == NULL ||
	    function(&source, "map", text) != STATUS_OK)
		exit(1);
	senders_index_sort(&source.index);
	for (i = 0; i < source.index.count; i++) {
		check_entry(source.region, &source.index,
		    &source.index.entries[i], lines);
		if (i > 0 &&
		    strcmp(source.index.entries[i - 1].key,
			source.index.entries[i].key) > 0)
			abort();
	}
	if (source.problem_count > lines)
		abort();
	senders_index_free(&source.index);
	region_free(&source.region);
}

static void
check_logins(struct span text)
{
	struct span login, rest = text;
	size_t left = text.length + 1;

	while (senders_read_login(&rest, &login))
		if (left-- == 0 || login.data < text.data ||
		    login.data + login.length > text.data + text.length)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = { (const char *)data, size };

	check_text(senders_read_map, text);
	check_text(senders_read_accounts, text);
	check_logins(text);
	return 0;
}
