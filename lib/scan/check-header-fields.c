/*
 * check-header-fields - fields that every message has, and has once (RFC 5322
 * section 3.6).  Starts when the header is known.
 */
#include "config.h"

#include "lib/scan/scan-private.h"

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
header_fields_start(struct scan *scan, void **state_r)
{
	*state_r = scan; /* nothing of its own, but to be joined */
	return STATUS_OK;
}

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
header_fields_join(struct scan *scan, void *state GP_UNUSED)
{
	enum status status;

	if (scan->message.truncated)
		return add_repeated(scan);
	status = add_missing(scan, "Date", SYMBOL_DATE_MISSING);
	if (status == STATUS_OK)
		status =
		    add_missing(scan, "Message-ID", SYMBOL_MESSAGE_ID_MISSING);
	if (status == STATUS_OK &&
	    message_find(&scan->message, "Cc", 0) == NULL)
		status = add_missing(scan, "To", SYMBOL_TO_MISSING);
	return status == STATUS_OK ? add_repeated(scan) : status;
}

static void
header_fields_stop(void *state GP_UNUSED)
{
}

const struct check check_header_fields = { "header-fields", SCAN_PHASE_HEADER,
	header_fields_start, header_fields_join, header_fields_stop, NULL };
