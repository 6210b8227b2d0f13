/* reputation-pair - known correspondents (see reputation-pair.h). */
#include "config.h"

#include "cli/reputation-pair.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/reputation/reputation.h"

bool
reputation_pair_is_named(char *const *names, size_t count)
{
	return count == 2 && strchr(names[0], '@') != NULL &&
	    strchr(names[1], '@') != NULL;
}

static enum status
parse(struct region *region, const char *name, struct address *address_r)
{
	enum status status = address_parse_path(region, name, address_r);

	if (status == STATUS_OK && address_r->domain[0] == '\0')
		status = STATUS_INVALID;
	if (status == STATUS_INVALID)
		fprintf(stderr, "gatepost: %s: no mail address\n", name);
	return status;
}

/* One operation on the mark of the pair. */
static enum status
run(struct store *store, struct region *region, char *const names[2],
    struct store_operation *operation)
{
	struct address own, other;
	enum status status;

	status = parse(region, names[0], &own);
	if (status == STATUS_OK)
		status = parse(region, names[1], &other);
	if (status == STATUS_OK)
		status =
		    reputation_pair_key(region, &own, &other, &operation->key);
	return status == STATUS_OK ? store_run(store, operation, 1) : status;
}

static enum status
print_json(char *const names[2], const struct store_operation *peek)
{
	json_t *rows = json_array();
	enum status status = STATUS_OK;

	if (rows == NULL)
		return STATUS_NOMEM;
	if (peek->found &&
	    json_array_append_new(rows,
		json_pack("{s:s, s:s, s:s, s:I}", "kind", "correspondent",
		    "own", names[0], "other", names[1], "since",
		    (json_int_t)peek->marked_at)) != 0)
		status = STATUS_NOMEM;
	else if (json_dumpf(rows, stdout, JSON_INDENT(2)) != 0 ||
	    putchar('\n') == EOF)
		status = STATUS_IO;
	json_decref(rows);
	return status;
}

enum status
reputation_pair_show(
    struct store *store, struct region *region, char *const names[2], bool json)
{
	struct store_operation peek = { .verb = STORE_PEEK };
	char day[sizeof("9999999999-12-31")];
	enum status status = run(store, region, names, &peek);
	time_t since = (time_t)peek.marked_at;
	struct tm date;

	if (status != STATUS_OK || peek.failed)
		return status == STATUS_OK ? STATUS_IO : status;
	if (json)
		return print_json(names, &peek);
	if (!peek.found || gmtime_r(&since, &date) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%d", &date) == 0)
		printf("%s has not written to %s\n", names[0], names[1]);
	else
		printf("%s is a known correspondent of %s since %s\n", names[1],
		    names[0], day);
	return STATUS_OK;
}

enum status
reputation_pair_forget(
    struct store *store, struct region *region, char *const names[2])
{
	struct store_operation peek = { .verb = STORE_PEEK };
	struct store_operation forget = { .verb = STORE_FORGET };
	enum status status = run(store, region, names, &peek);

	if (status == STATUS_OK)
		status = run(store, region, names, &forget);
	if (status != STATUS_OK || forget.failed)
		return status == STATUS_OK ? STATUS_IO : status;
	if (peek.found || peek.failed)
		printf("%s %s: forgotten\n", names[0], names[1]);
	else
		printf("nothing was known of %s %s\n", names[0], names[1]);
	return STATUS_OK;
}
