/*
 * content-fields - symbols of the header fields: those that every message has,
 * and has once (RFC 5322 section 3.6), and what programs add of their own.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

/* Those that may stand there once. */
static const char *const single_fields[] = {
	"Date",
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Message-ID",
	"In-Reply-To",
	"References",
	"Subject",
};

static enum status
add_missing(struct scan *scan, const char *field, enum symbol_id id)
{
	if (message_find(&scan->message, field, 0) != NULL)
		return STATUS_OK;
	return scan_add(scan, id, 1, NULL);
}

static enum status
add_repeated(struct scan *scan)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(single_fields); i++)
		if (message_find(&scan->message, single_fields[i], 1) != NULL)
			return scan_add(
			    scan, SYMBOL_FIELD_REPEATED, 1, single_fields[i]);
	return STATUS_OK;
}

/* What was cut off at a limit may hold what seems to be missing. */
static enum status
add_all_missing(struct scan *scan)
{
	enum status status;

	if (scan->message.truncated)
		return STATUS_OK;
	status = add_missing(scan, "Date", SYMBOL_DATE_MISSING);
	if (status == STATUS_OK)
		status =
		    add_missing(scan, "Message-ID", SYMBOL_MESSAGE_ID_MISSING);
	return status;
}

enum status
content_header_symbols(
    struct scan *scan, const struct content_view *view GP_UNUSED)
{
	enum status status = add_all_missing(scan);

	return status == STATUS_OK ? add_repeated(scan) : status;
}
