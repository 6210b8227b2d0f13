/* sign-record - the TXT record of a key (see sign-record.h). */
#include "config.h"

#include "lib/auth/sign-record.h"

#include <stdio.h>
#include <string.h>

#include "lib/auth/dkim-key.h"
#include "lib/base/strbuf.h"

#define STRING_BYTES_MAX 255 /* RFC 1035 section 3.3 */
#define LINE_BYTES       8192
#define TTL_SECONDS      3600

enum status
auth_sign_record_name(
    const char *selector, const char *domain, char name[DNS_NAME_BYTES])
{
	int length = snprintf(
	    name, DNS_NAME_BYTES, "%s._domainkey.%s", selector, domain);

	if (length > 0 && length < DNS_NAME_BYTES)
		return STATUS_OK;
	name[0] = '\0';
	return STATUS_LIMIT;
}

/* One quoted string of the record. */
static void
add_string(struct strbuf *line, const char *text, size_t length)
{
	size_t i;

	strbuf_add_char(line, '"');
	for (i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			strbuf_add_char(line, '\\');
		strbuf_add_char(line, text[i]);
	}
	strbuf_add_char(line, '"');
}

static void
add_strings(struct strbuf *line, const char *text)
{
	size_t left = strlen(text), length;

	if (left <= STRING_BYTES_MAX) {
		add_string(line, text, left);
		return;
	}
	strbuf_add_char(line, '(');
	for (; left > 0; text += length, left -= length) {
		length = left < STRING_BYTES_MAX ? left : STRING_BYTES_MAX;
		strbuf_add_text(line, "\n\t");
		add_string(line, text, length);
	}
	strbuf_add_text(line, " )");
}

const char *
auth_sign_record_line(struct region *region, const char *name, const char *text)
{
	struct strbuf *line = strbuf_new(LINE_BYTES);
	const char *copy = NULL;

	if (line == NULL)
		return NULL;
	strbuf_printf(line, "%s. %d IN TXT ", name, TTL_SECONDS);
	add_strings(line, text);
	if (strbuf_status(line) == STATUS_OK)
		copy = region_strdup(region, strbuf_text(line));
	strbuf_free(&line);
	return copy;
}

/* Read as our own verifier reads it, which gives it one form. */
enum auth_sign_published
auth_sign_record_judge(const struct dns_answer *answer,
    const struct auth_sign_key *key, const char **reason_r)
{
	struct auth_dkim_header header = { 0 };
	struct auth_dkim_key published;

	*reason_r = dns_result_text(answer->result);
	if (dns_result_is_temporary(answer->result))
		return AUTH_SIGN_PUBLISHED_UNKNOWN;
	*reason_r = "there is no TXT record";
	if (answer->result != DNS_FOUND)
		return AUTH_SIGN_PUBLISHED_MISSING;
	header.algorithm = auth_sign_algorithm_text(auth_sign_key_type(key));
	header.identity_is_domain = true;
	auth_dkim_key_read(answer, &header, &published);
	*reason_r = published.reason;
	if (published.result != AUTH_NONE)
		return AUTH_SIGN_PUBLISHED_WRONG;
	*reason_r = "it holds another key";
	if (strcmp(published.record, auth_sign_key_record(key)) != 0)
		return AUTH_SIGN_PUBLISHED_WRONG;
	*reason_r = NULL;
	if (!published.testing)
		return AUTH_SIGN_PUBLISHED_RIGHT;
	/* RFC 6376 section 3.6.1 */
	*reason_r = "t=y: others treat the mail as if it were not signed";
	return AUTH_SIGN_PUBLISHED_WRONG;
}
