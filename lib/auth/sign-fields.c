/* sign-fields - which header fields are signed (see sign-fields.h). */
#include "config.h"

#include "lib/auth/sign-fields.h"

#include <string.h>

#define NAME_BYTES_MAX 64

/* RFC 6376 section 5.4.1; the List- fields by RFC 2369, 2919 and 8058. */
static const char *const signed_names[] = {
	"from",
	"sender",
	"reply-to",
	"to",
	"cc",
	"subject",
	"date",
	"message-id",
	"in-reply-to",
	"references",
	"mime-version",
	"content-type",
	"content-transfer-encoding",
	"list-id",
	"list-post",
	"list-owner",
	"list-help",
	"list-archive",
	"list-subscribe",
	"list-unsubscribe",
	"list-unsubscribe-post",
};

/* What others add or change on the way, and what we remove. */
static const char *const unsigned_names[] = {
	"return-path",
	"received",
	"received-spf",
	"delivered-to",
	"x-original-to",
	"bcc",
	"resent-bcc",
	"dkim-signature",
	"authentication-results",
	"arc-seal",
	"arc-message-signature",
	"arc-authentication-results",
};

static const char *const unsigned_prefixes[] = { "x-spam", "x-gatepost-" };

const char *
auth_sign_fields_check_name(const char *name)
{
	struct span span = span_of(name);
	size_t i;

	if (span.length == 0 || span.length > NAME_BYTES_MAX)
		return "must be the name of a header field";
	for (i = 0; i < span.length; i++)
		if (!ascii_is_alnum(name[i]) && name[i] != '-' &&
		    name[i] != '_')
			return "must be the name of a header field";
	for (i = 0; i < GP_NELEMS(unsigned_names); i++)
		if (span_equals_nocase(span, unsigned_names[i]))
			return "is added or changed on the way";
	for (i = 0; i < GP_NELEMS(unsigned_prefixes); i++)
		if (span_starts_nocase(span, unsigned_prefixes[i]))
			return "is added or changed on the way";
	return NULL;
}

/* Fields of one name from the bottom up (RFC 6376 section 5.4.2). */
static enum status
add_name(struct auth_sign_fields *fields, const char **names,
    const struct message *message, const char *name)
{
	size_t i;

	for (i = message->field_count; i > 0; i--) {
		if (!span_equals_nocase(message->fields[i - 1].name, name))
			continue;
		if (fields->name_count == AUTH_SIGN_FIELDS_MAX)
			return STATUS_LIMIT;
		names[fields->name_count++] = name;
		fields->fields[fields->count++] = &message->fields[i - 1];
	}
	if (fields->name_count == AUTH_SIGN_FIELDS_MAX)
		return STATUS_LIMIT;
	names[fields->name_count++] = name;
	return STATUS_OK;
}

static bool
is_among(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (str_equals_nocase(names[i], name))
			return true;
	return false;
}

enum status
auth_sign_fields_choose(struct region *region, const struct message *message,
    const char *const *more, size_t more_count,
    struct auth_sign_fields *fields_r)
{
	const char **names;
	enum status status = STATUS_OK;
	size_t i;

	memset(fields_r, 0, sizeof(*fields_r));
	names =
	    region_alloc_array(region, AUTH_SIGN_FIELDS_MAX, sizeof(*names));
	fields_r->fields = region_alloc_array(
	    region, AUTH_SIGN_FIELDS_MAX, sizeof(*fields_r->fields));
	if (names == NULL || fields_r->fields == NULL)
		return STATUS_NOMEM;
	fields_r->names = names;
	for (i = 0; i < GP_NELEMS(signed_names) && status == STATUS_OK; i++)
		status = add_name(fields_r, names, message, signed_names[i]);
	for (i = 0; i < more_count && status == STATUS_OK; i++)
		if (!is_among(signed_names, GP_NELEMS(signed_names), more[i]) &&
		    !is_among(more, i, more[i]))
			status = add_name(fields_r, names, message, more[i]);
	return status;
}
