/* dmarc-library - libopendmarc's policy table (see dmarc-library.h). */
#include "config.h"

#include "lib/auth/dmarc-library.h"

#include <string.h>
#include <sys/types.h>

#include <opendmarc/dmarc.h>

#include "lib/base/str.h"

#define AUTHOR_BYTES 256         /* 253 of a domain, a NUL */
#define RECORD_BYTES 128         /* the longest canonical record has 71 */
#define CLIENT_IP    "127.0.0.1" /* for reports that we never ask for */
#define SELECTOR     "aligned"   /* likewise */

/* The library takes no constant text.  Its copy is made from ours. */
struct texts {
	char client_ip[sizeof(CLIENT_IP)];
	char selector[sizeof(SELECTOR)];
	char author_domain[AUTHOR_BYTES];
	char organizational_domain[AUTHOR_BYTES];
	char record[RECORD_BYTES];
};

static enum status
copy_texts(struct texts *texts, const struct dmarc_library_input *input)
{
	const char *organizational_domain = input->organizational_domain;

	memset(texts, 0, sizeof(*texts));
	memcpy(texts->client_ip, CLIENT_IP, sizeof(CLIENT_IP));
	memcpy(texts->selector, SELECTOR, sizeof(SELECTOR));
	if (organizational_domain == NULL)
		organizational_domain = "";
	if (str_copy(texts->author_domain, sizeof(texts->author_domain),
		input->author_domain) != STATUS_OK ||
	    str_copy(texts->organizational_domain,
		sizeof(texts->organizational_domain),
		organizational_domain) != STATUS_OK ||
	    str_copy(texts->record, sizeof(texts->record), input->record) !=
		STATUS_OK)
		return STATUS_INVALID;
	return STATUS_OK;
}

static u_char *
library_text(char *text)
{
	return (u_char *)text;
}

/* Gives the library the record and the passes. */
static OPENDMARC_STATUS_T
store_all(DMARC_POLICY_T *context, struct texts *texts,
    const struct dmarc_library_input *input)
{
	u_char *author_domain = library_text(texts->author_domain);
	u_char *organizational_domain =
	    library_text(texts->organizational_domain);
	OPENDMARC_STATUS_T rc;

	rc = opendmarc_policy_store_from_domain(context, author_domain);
	if (rc != DMARC_PARSE_OKAY)
		return rc;
	rc = opendmarc_policy_store_dmarc(context, library_text(texts->record),
	    author_domain,
	    input->organizational_domain != NULL ? organizational_domain :
						   NULL);
	if (rc == DMARC_PARSE_OKAY && input->spf_aligned)
		rc = opendmarc_policy_store_spf(context, author_domain,
		    DMARC_POLICY_SPF_OUTCOME_PASS,
		    DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL);
	if (rc == DMARC_PARSE_OKAY && input->dkim_aligned)
		rc = opendmarc_policy_store_dkim(context, author_domain,
		    library_text(texts->selector),
		    DMARC_POLICY_DKIM_OUTCOME_PASS, NULL);
	return rc;
}

static enum status
read_decision(OPENDMARC_STATUS_T rc, enum dmarc_decision *decision_r)
{
	switch (rc) {
	case DMARC_POLICY_PASS:
		*decision_r = DMARC_DECISION_PASS;
		return STATUS_OK;
	case DMARC_POLICY_NONE:
		*decision_r = DMARC_DECISION_NONE;
		return STATUS_OK;
	case DMARC_POLICY_QUARANTINE:
		*decision_r = DMARC_DECISION_QUARANTINE;
		return STATUS_OK;
	case DMARC_POLICY_REJECT:
		*decision_r = DMARC_DECISION_REJECT;
		return STATUS_OK;
	case DMARC_PARSE_ERROR_NO_ALLOC:
		return STATUS_NOMEM;
	default:
		return STATUS_INVALID;
	}
}

enum status
dmarc_library_decide(
    const struct dmarc_library_input *input, enum dmarc_decision *decision_r)
{
	DMARC_POLICY_T *context;
	OPENDMARC_STATUS_T rc;
	struct texts texts;

	*decision_r = DMARC_DECISION_NONE;
	if (copy_texts(&texts, input) != STATUS_OK)
		return STATUS_INVALID;
	context = opendmarc_policy_connect_init(
	    library_text(texts.client_ip), DMARC_POLICY_IP_TYPE_IPV4);
	if (context == NULL)
		return STATUS_NOMEM;
	rc = store_all(context, &texts, input);
	if (rc == DMARC_PARSE_OKAY)
		rc = opendmarc_get_policy_to_enforce(context);
	(void)opendmarc_policy_connect_shutdown(context);
	return read_decision(rc, decision_r);
}
