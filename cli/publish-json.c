/* publish-json - the records as one object (see publish.h). */
#include "config.h"

#include <stdio.h>

#include <jansson.h>

#include "cli/publish.h"

static json_t *
optional(const char *text)
{
	return text == NULL ? json_null() : json_string(text);
}

static json_t *
strings(const char *const *texts, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

static json_t *
record_json(const struct publish *publish, const struct publish_record *record)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:o, s:o}",
	    "kind", publish_kind_text(record->kind), "name", record->name,
	    "type", publish_type_text(record->type), "value", record->value,
	    "line", optional(record->line), "in_zone",
	    !publish_is_outside(publish, record), "state",
	    optional(record->state == PUBLISH_NOT_ASKED ?
		    NULL :
		    publish_state_text(record->state)),
	    "reason", optional(record->reason), "found",
	    strings(record->found, record->found_count));
}

enum status
publish_print_json(const struct publish *publish, const char *const *problems,
    size_t problem_count)
{
	json_t *rows = json_array(), *all;
	enum status status = STATUS_NOMEM;
	size_t i;

	for (i = 0; i < publish->count; i++)
		json_array_append_new(
		    rows, record_json(publish, &publish->records[i]));
	all = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "domain",
	    publish->facts->domain, "mail_host", publish->facts->mail_host,
	    "dnssec", publish_dnssec_text(publish->dnssec), "records", rows,
	    "mta_sts_policy", optional(publish->policy), "problems",
	    strings(problems, problem_count));
	if (all != NULL && json_array_size(rows) == publish->count &&
	    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0)
		status = STATUS_OK;
	putchar('\n');
	json_decref(all);
	return status;
}
