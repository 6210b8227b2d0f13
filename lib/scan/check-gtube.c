/*
 * check-gtube - the Generic Test for Unsolicited Bulk Email: a text by which an
 * operator sees that mail is really checked.  A message that holds it is
 * refused.  Looked for in the body as it streams by.
 */
#include "config.h"

#include <string.h>

#include "lib/scan/scan-private.h"

/* In two pieces, so that this file is not refused when it is mailed. */
#define GTUBE_TEXT                            \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*"        \
	"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*" \
	"C.34X"
#define GTUBE_LENGTH (sizeof(GTUBE_TEXT) - 1)

struct gtube {
	bool found;
	size_t kept;                     /* bytes of tail in use */
	char tail[2 * GTUBE_LENGTH - 2]; /* the end of the last chunk, and room
					  * for the beginning of the next */
};

static enum status
gtube_start(struct scan *scan, void **state_r)
{
	*state_r = region_alloc(scan->region, sizeof(struct gtube));
	return *state_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* A text that lies across two chunks: the old tail and the new beginning. */
static void
look_across(struct gtube *gtube, const char *data, size_t length)
{
	size_t begin = length < GTUBE_LENGTH - 1 ? length : GTUBE_LENGTH - 1;

	memcpy(gtube->tail + gtube->kept, data, begin);
	gtube->found = memmem(gtube->tail, gtube->kept + begin, GTUBE_TEXT,
			   GTUBE_LENGTH) != NULL;
	gtube->kept += begin;
	if (gtube->kept > GTUBE_LENGTH - 1) {
		memmove(gtube->tail,
		    gtube->tail + gtube->kept - (GTUBE_LENGTH - 1),
		    GTUBE_LENGTH - 1);
		gtube->kept = GTUBE_LENGTH - 1;
	}
}

static enum status
gtube_body(void *state, const void *data, size_t length)
{
	struct gtube *gtube = state;

	if (gtube->found || length == 0)
		return STATUS_OK;
	look_across(gtube, data, length);
	if (gtube->found || length < GTUBE_LENGTH)
		return STATUS_OK;
	gtube->found = memmem(data, length, GTUBE_TEXT, GTUBE_LENGTH) != NULL;
	gtube->kept = GTUBE_LENGTH - 1;
	memcpy(gtube->tail, (const char *)data + length - gtube->kept,
	    gtube->kept);
	return STATUS_OK;
}

static enum status
gtube_join(struct scan *scan, void *state)
{
	const struct gtube *gtube = state;

	if (!gtube->found)
		return STATUS_OK;
	scan->verdict.facts.has_gtube =
	    !scan->settings->symbol_settings[SYMBOL_GTUBE].off;
	return scan_add(scan, SYMBOL_GTUBE, 1, NULL);
}

static void
gtube_stop(void *state GP_UNUSED)
{
}

const struct check check_gtube = { "gtube", SCAN_PHASE_HEADER, gtube_start,
	gtube_join, gtube_stop, gtube_body, true };
