/* vacation-script - writes the script (see vacation-script.h). */
#include "config.h"

#include "cli/vacation-script.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/strbuf.h"

#define SCRIPT_BYTES (4 * VACATION_TEXT_MAX)
#define BEFORE_MARK  "# before: "

const char *
vacation_date_error(const char *text)
{
	static const char shape[] = "dddd-dd-dd";
	uint64_t month, day;
	size_t i;

	if (strlen(text) != strlen(shape))
		return "must be a date such as 2026-12-24";
	for (i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '-' ? text[i] != '-' : !ascii_is_digit(text[i]))
			return "must be a date such as 2026-12-24";
	if (str_to_uint64((struct span){ text + 5, 2 }, 12, &month) !=
		STATUS_OK ||
	    str_to_uint64((struct span){ text + 8, 2 }, 31, &day) !=
		STATUS_OK ||
	    month == 0 || day == 0)
		return "is no day of the calendar";
	return NULL;
}

/* A quoted string (RFC 5228 section 2.4.2); lines end in CRLF or LF alike. */
static void
add_string(struct strbuf *script, const char *text)
{
	strbuf_add(script, "\"", 1);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_add(script, "\\", 1);
		strbuf_add(script, text, 1);
	}
	strbuf_add(script, "\"", 1);
}

static void
add_reply(struct strbuf *script, const struct vacation *vacation)
{
	size_t i;

	strbuf_printf(script, "vacation :days %u", vacation->days);
	if (vacation->subject != NULL) {
		strbuf_add_text(script, " :subject ");
		add_string(script, vacation->subject);
	}
	for (i = 0; i < vacation->address_count; i++) {
		strbuf_add_text(script, i == 0 ? " :addresses [" : ", ");
		add_string(script, vacation->addresses[i]);
	}
	strbuf_add_text(script, vacation->address_count > 0 ? "]\n" : "\n");
	add_string(script, vacation->text);
	strbuf_add_text(script, ";\n");
}

static void
add_day(struct strbuf *script, const char *relation, const char *day,
    bool *is_first)
{
	if (day == NULL)
		return;
	strbuf_printf(script, "%scurrentdate :value \"%s\" \"date\" \"%s\"",
	    *is_first ? "if allof (true, " : ",\n    ", relation, day);
	*is_first = false;
}

static void
add_script(struct strbuf *script, const struct vacation *vacation)
{
	bool always = true;

	strbuf_add_text(
	    script, "# Written by `gatepost vacation`, and removed by it.\n");
	if (vacation->before != NULL)
		strbuf_printf(script, BEFORE_MARK "%s\n", vacation->before);
	strbuf_add_text(script,
	    "require [\"date\", \"include\", \"relational\", "
	    "\"vacation\"];\n");
	add_day(script, "ge", vacation->from, &always);
	add_day(script, "le", vacation->until, &always);
	if (!always)
		strbuf_add_text(script, ") {\n");
	add_reply(script, vacation);
	if (!always)
		strbuf_add_text(script, "}\n");
	if (vacation->before == NULL)
		return;
	strbuf_add_text(script, "include :personal ");
	add_string(script, vacation->before);
	strbuf_add_text(script, ";\n");
}

enum status
vacation_script(
    struct region *region, const struct vacation *vacation, const char **text_r)
{
	struct strbuf *script = strbuf_new(SCRIPT_BYTES);
	enum status status = STATUS_NOMEM;

	*text_r = NULL;
	if (script == NULL)
		return STATUS_NOMEM;
	add_script(script, vacation);
	if (strbuf_status(script) == STATUS_OK)
		*text_r = region_strdup(region, strbuf_text(script));
	if (*text_r != NULL)
		status = STATUS_OK;
	strbuf_free(&script);
	return status;
}

enum status
vacation_script_before(
    struct region *region, struct span script, const char **name_r)
{
	size_t length = strlen(BEFORE_MARK);
	struct span line;
	int i;

	*name_r = NULL;
	/* It is the second line; the text of the reply comes later. */
	for (i = 0; i < 2; i++)
		if (!span_split(&script, '\n', &line))
			return STATUS_OK;
	if (line.length <= length ||
	    memcmp(line.data, BEFORE_MARK, length) != 0)
		return STATUS_OK;
	*name_r =
	    region_memdup(region, line.data + length, line.length - length);
	return *name_r == NULL ? STATUS_NOMEM : STATUS_OK;
}
