/*
 * conf-similar - what a misspelt name may have been meant to be.
 *
 * Names are similar when few bytes have to be put in, left out, replaced or
 * swapped with their neighbour to make one of the other; case does not count.
 */
#include "config.h"

#include <string.h>

#include "lib/conf/conf-private.h"

#define NAME_BYTES_MAX 63 /* longer names are no mistyped ones */
#define SHORT_BYTES    6  /* of a name below this one byte may be wrong */

static size_t
smallest(size_t a, size_t b, size_t c)
{
	if (a > b)
		a = b;
	return a < c ? a : c;
}

static bool
is_same(char a, char b)
{
	return ascii_lower(a) == ascii_lower(b);
}

/*
 * The number of changes that make b of a (optimal string alignment): rows[0]
 * is the row of the table that is filled, rows[1] and rows[2] those above.
 */
static size_t
count_changes(const char *a, const char *b)
{
	size_t table[3][NAME_BYTES_MAX + 1], *rows[3], *spare;
	size_t length = strlen(b), i, k;

	for (i = 0; i < GP_NELEMS(rows); i++)
		rows[i] = table[i];
	for (k = 0; k <= length; k++)
		rows[0][k] = k;
	for (i = 1; a[i - 1] != '\0'; i++) {
		spare = rows[2];
		rows[2] = rows[1];
		rows[1] = rows[0];
		rows[0] = spare;
		rows[0][0] = i;
		for (k = 1; k <= length; k++) {
			rows[0][k] =
			    smallest(rows[1][k] + 1, rows[0][k - 1] + 1,
				rows[1][k - 1] + !is_same(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && is_same(a[i - 1], b[k - 2]) &&
			    is_same(a[i - 2], b[k - 1]) &&
			    rows[0][k] > rows[2][k - 2] + 1)
				rows[0][k] = rows[2][k - 2] + 1;
		}
	}
	return rows[0][length];
}

/* Takes candidate into *best if it is the more similar one. */
static void
take_better(
    const char *name, const char *candidate, const char **best, size_t *least)
{
	size_t changes;

	if (strlen(candidate) > NAME_BYTES_MAX)
		return;
	changes = count_changes(name, candidate);
	if (changes >= *least)
		return;
	*least = changes;
	*best = candidate;
}

/* One more than the changes that may be; 0: the name is too long. */
static size_t
changes_limit(const char *name)
{
	size_t length = strlen(name);

	if (length > NAME_BYTES_MAX)
		return 0;
	return length < SHORT_BYTES ? 2 : 3;
}

const char *
conf_similar_key(const struct conf_section *section, const char *name)
{
	size_t least = changes_limit(name), i;
	const char *best = NULL;

	for (i = 0; least > 0 && i < section->key_count; i++)
		take_better(name, section->keys[i].name, &best, &least);
	return best;
}

const char *
conf_similar_section(
    const struct conf_entry *entries, size_t entry_count, const char *name)
{
	size_t least = changes_limit(name), i;
	const char *best = NULL;

	for (i = 0; least > 0 && i < entry_count; i++)
		take_better(name, entries[i].section->name, &best, &least);
	return best;
}
