/*
 * dkim - the adapter around libopendkim (see dkim.h).
 *
 * Division of labour: dkim-signature.c reads each signature and dkim-key.c
 * each key record by the RFCs and refuse what they must; libopendkim only
 * canonicalizes, hashes and verifies what is left.  A signature passes when
 * both agree.
 *
 * Invariants: the library is given at most DKIM_SIGNATURES_MAX signatures,
 * BODY_HASHES_MAX ways to hash a body and SELECTION_STEPS_MAX steps to select
 * header fields, one record as we wrote it for each key, and never a DNS
 * question.
 */
#include "config.h"

#include "lib/auth/dkim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <opendkim/dkim.h>

#include "lib/auth/dkim-key.h"
#include "lib/auth/dkim-length.h"
#include "lib/auth/dkim-signature.h"
#include "lib/base/clock.h"

#define BODY_HASHES_MAX 4  /* each costs 4 ms a MB; honest mail has 1 or 2 */
#define B_PREFIX_MIN    8  /* RFC 6008 section 4 */
#define B_PREFIX_MAX    64 /* equal signatures are not unique at any length */
#define SIGNATURE_FIELD "DKIM-Signature"

/*
 * To select the signed fields the library compares each name in h= with each
 * field of the message: 600 million steps, 1.3 s, for what one message can
 * hold.  This many take 2 ms; ten signatures of 100 names each under 200
 * fields need 200,000.
 */
#define SELECTION_STEPS_MAX 1000000

/*
 * libopendkim writes one pointer behind its array of header fields when h=
 * names all of them and one more.  A field that h= cannot name (the library
 * drops white space in it) keeps the array larger than what can be named.
 */
#define UNNAMED_FIELD "not signed: -"

struct auth_dkim_library {
	DKIM_LIB *handle;
};

struct signature {
	const struct message_field *field;
	struct auth_dkim_header header;
	struct dns_question *question; /* owned; NULL: key_of asks, or nobody */
	size_t key_of;                 /* index whose question is ours too */
	DKIM_SIGINFO *info; /* in the library; NULL: not given to it */
	bool offered;       /* its field goes to the library */
	struct auth_dkim_key key;
};

struct auth_dkim {
	struct auth_dkim_library *library;
	struct region *region;
	struct dns *dns;
	int64_t now;
	int64_t deadline_ms;
	size_t signature_count;
	size_t ignored_count;
	struct signature *signatures; /* region; in message order */
	DKIM *handle;                 /* NULL: nothing to verify */
	const char *fault;            /* the whole message cannot be verified */
	bool count_length;            /* some signature has l= */
	struct auth_dkim_length simple, relaxed;
	size_t body_tail_length; /* 0..2 */
	char body_tail[2];       /* the last bytes of the body so far */
};

/* The library asks for a key: hand out the record that dkim-key.c wrote. */
static DKIM_CBSTAT
give_key(DKIM *handle, DKIM_SIGINFO *info, u_char *buffer, size_t size)
{
	const struct auth_dkim *dkim = dkim_get_user_context(handle);
	const struct signature *signature;
	size_t i;

	for (i = 0; i < dkim->signature_count; i++) {
		signature = &dkim->signatures[i];
		if (signature->info != info)
			continue;
		if (str_copy((char *)buffer, size, signature->key.record) !=
		    STATUS_OK)
			return DKIM_CBSTAT_NOTFOUND;
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_NOTFOUND;
}

static bool
set_option(DKIM_LIB *handle, dkim_opts_t option, void *value, size_t size)
{
	return dkim_options(handle, DKIM_OP_SETOPT, option, value, size) ==
	    DKIM_STAT_OK;
}

/*
 * Options are of the whole library.  Its clock checks are spread out of the
 * way (AUTH_DKIM_TIME_MIN): dkim-signature.c does them with a clock that can
 * be set.
 */
static bool
set_options(DKIM_LIB *handle)
{
	unsigned int flags =
	    DKIM_LIBFLAGS_BADSIGHANDLES | DKIM_LIBFLAGS_DELAYSIGPROC;
	unsigned int key_bits = DKIM_RSA_BITS_MIN;
	uint64_t drift = AUTH_DKIM_TIME_MIN;

	return set_option(handle, DKIM_OPTS_FLAGS, &flags, sizeof(flags)) &&
	    set_option(
		handle, DKIM_OPTS_MINKEYBITS, &key_bits, sizeof(key_bits)) &&
	    set_option(handle, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof(drift)) &&
	    dkim_set_key_lookup(handle, give_key) == DKIM_STAT_OK &&
	    dkim_libfeature(handle, DKIM_FEATURE_SHA256) &&
	    dkim_libfeature(handle, DKIM_FEATURE_ED25519);
}

enum status
auth_dkim_library_new(struct auth_dkim_library **library_r)
{
	struct auth_dkim_library *library;

	*library_r = NULL;
	if ((library = calloc(1, sizeof(*library))) == NULL)
		return STATUS_NOMEM;
	if ((library->handle = dkim_init(NULL, NULL)) == NULL) {
		auth_dkim_library_free(&library);
		return STATUS_NOMEM;
	}
	if (!set_options(library->handle)) {
		auth_dkim_library_free(&library);
		return STATUS_INVALID;
	}
	*library_r = library;
	return STATUS_OK;
}

void
auth_dkim_library_free(struct auth_dkim_library **library)
{
	if (*library == NULL)
		return;
	if ((*library)->handle != NULL)
		dkim_close((*library)->handle);
	free(*library);
	*library = NULL;
}

enum status
auth_dkim_new(struct auth_dkim_library *library, struct region *region,
    struct dns *dns, int64_t now, struct auth_dkim **dkim_r)
{
	struct auth_dkim *dkim;

	if ((dkim = *dkim_r = calloc(1, sizeof(*dkim))) == NULL)
		return STATUS_NOMEM;
	dkim->library = library;
	dkim->region = region;
	dkim->dns = dns;
	dkim->now = now != 0 ? now : clock_wall_seconds();
	return STATUS_OK;
}

void
auth_dkim_free(struct auth_dkim **dkim)
{
	size_t i;

	if (*dkim == NULL)
		return;
	for (i = 0; i < (*dkim)->signature_count; i++)
		dns_release(&(*dkim)->signatures[i].question);
	if ((*dkim)->handle != NULL)
		dkim_free((*dkim)->handle);
	free(*dkim);
	*dkim = NULL;
}

static bool
field_is_signature(const struct message_field *field)
{
	return span_equals_nocase(field->name, SIGNATURE_FIELD);
}

/* Finds the signatures, reads each. */
static enum status
collect_signatures(struct auth_dkim *dkim, const struct message *message)
{
	const struct message_field *field;
	struct signature *signature;
	enum status status;
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		field = &message->fields[i];
		if (!field_is_signature(field))
			continue;
		if (dkim->signature_count == DKIM_SIGNATURES_MAX) {
			dkim->ignored_count++;
			continue;
		}
		signature = &dkim->signatures[dkim->signature_count];
		signature->field = field;
		signature->key_of = dkim->signature_count;
		signature->offered =
		    field->value.length <= AUTH_DKIM_SIGNATURE_BYTES_MAX;
		status = auth_dkim_header_read(
		    dkim->region, field->value, dkim->now, &signature->header);
		if (status != STATUS_OK)
			return status;
		dkim->signature_count++;
	}
	return STATUS_OK;
}

/* Would both bodies be hashed the same way?  Refused ones are not known. */
static bool
body_hash_is_same(
    const struct auth_dkim_header *a, const struct auth_dkim_header *b)
{
	return a->result == AUTH_NONE && b->result == AUTH_NONE &&
	    a->body_relaxed == b->body_relaxed &&
	    a->has_length == b->has_length && a->length == b->length;
}

static void
refuse(struct auth_dkim_header *header, enum auth_result result,
    const char *reason)
{
	if (header->result != AUTH_NONE)
		return;
	header->result = result;
	header->reason = reason;
}

/* Is the body hashed for an earlier offered signature in the same way? */
static bool
body_hash_is_shared(const struct auth_dkim *dkim, size_t index)
{
	const struct auth_dkim_header *header = &dkim->signatures[index].header;
	size_t i;

	for (i = 0; i < index; i++)
		if (dkim->signatures[i].offered &&
		    body_hash_is_same(&dkim->signatures[i].header, header))
			return true;
	return false;
}

/* What all signatures given to the library cost it. */
struct costs {
	size_t field_count; /* of the message */
	size_t selection_steps;
	size_t body_hashes;
};

/* Keeps a signature from the library. */
static void
withhold(struct signature *signature, const char *reason)
{
	signature->offered = false;
	refuse(&signature->header, AUTH_POLICY, reason);
}

/*
 * No fewer than the names in h=, wherever the library finds it in a signature
 * that is refused (it takes the last of two): colons of the whole field.
 */
static size_t
count_names(const struct message_field *field)
{
	size_t i, count = 1;

	for (i = 0; i < field->value.length; i++)
		count += field->value.data[i] == ':';
	return count;
}

/* Withholds what costs too much of one kind, and adds the rest up. */
static void
limit_costs(struct auth_dkim *dkim, size_t index, struct costs *costs)
{
	struct signature *signature = &dkim->signatures[index];
	size_t steps = count_names(signature->field) * costs->field_count;

	if (steps > SELECTION_STEPS_MAX - costs->selection_steps) {
		withhold(signature,
		    "too many signed names for a header of that many fields");
		return;
	}
	if (!body_hash_is_shared(dkim, index)) {
		if (costs->body_hashes == BODY_HASHES_MAX) {
			withhold(signature,
			    "too many different body hashes in one message");
			return;
		}
		costs->body_hashes++;
	}
	costs->selection_steps += steps;
}

/*
 * Keeps signatures from the library that would be too much work.  A refused
 * signature goes there only for others that sign its field, and after those
 * that are still open.
 */
static void
limit_signatures(struct auth_dkim *dkim, const struct message *message)
{
	struct costs costs = { .field_count = message->field_count };
	bool was_open[DKIM_SIGNATURES_MAX];
	size_t i;

	for (i = 0; i < dkim->signature_count; i++) {
		was_open[i] = dkim->signatures[i].header.result == AUTH_NONE;
		if (was_open[i] && dkim->signatures[i].offered)
			limit_costs(dkim, i, &costs);
	}
	for (i = 0; i < dkim->signature_count; i++)
		if (!was_open[i] && dkim->signatures[i].offered)
			limit_costs(dkim, i, &costs);
}

/* A header that no signature can vouch for. */
static const char *
message_fault(const struct message *message)
{
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		const struct span *value = &message->fields[i].value;

		if (memchr(value->data, '\0', value->length) != NULL)
			return "the message header holds a NUL byte";
	}
	if (message->truncated)
		return "the message header is too long";
	if (message_find(message, "From", 0) == NULL)
		return "the message has no From field";
	return NULL;
}

static void
refuse_all(struct auth_dkim *dkim, const char *reason)
{
	size_t i;

	for (i = 0; i < dkim->signature_count; i++)
		refuse(&dkim->signatures[i].header, AUTH_PERMERROR, reason);
}

/*
 * A second From field, put on top of a signed one, is what a reader sees (RFC
 * 6376 section 8.15).
 */
static void
refuse_unsigned_from(struct auth_dkim *dkim, const struct message *message)
{
	size_t i, from_count = message_count(message, "From");

	for (i = 0; i < dkim->signature_count; i++)
		if (dkim->signatures[i].header.from_count < from_count)
			refuse(&dkim->signatures[i].header, AUTH_POLICY,
			    "a From field of the message is not signed");
}

/* Is there anything left to verify? */
static bool
anything_open(const struct auth_dkim *dkim)
{
	size_t i;

	for (i = 0; i < dkim->signature_count; i++)
		if (dkim->signatures[i].header.result == AUTH_NONE)
			return true;
	return false;
}

/* Starts the key question of a signature, or shares one that is open. */
static enum status
ask_key(struct auth_dkim *dkim, size_t index)
{
	struct signature *signature = &dkim->signatures[index];
	const struct auth_dkim_header *other;
	size_t i;

	if (signature->header.result != AUTH_NONE)
		return STATUS_OK;
	for (i = 0; i < index; i++) {
		other = &dkim->signatures[i].header;
		if (other->result != AUTH_NONE ||
		    strcmp(other->key_name, signature->header.key_name) != 0)
			continue;
		signature->key_of = dkim->signatures[i].key_of;
		return STATUS_OK;
	}
	return dns_ask(dkim->dns, signature->header.key_name, DNS_TYPE_TXT,
	    dkim->deadline_ms, &signature->question);
}

static enum status
ask_keys(struct auth_dkim *dkim)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < dkim->signature_count && status == STATUS_OK; i++)
		status = ask_key(dkim, i);
	return status;
}

/* The first field of that kind decides which signature a field is. */
static struct signature *
signature_of(struct auth_dkim *dkim, const struct message_field *field)
{
	size_t i;

	for (i = 0; i < dkim->signature_count; i++)
		if (dkim->signatures[i].field == field)
			return &dkim->signatures[i];
	return NULL;
}

static bool
field_is_offered(struct auth_dkim *dkim, const struct message_field *field)
{
	const struct signature *signature;

	if (!field_is_signature(field))
		return true;
	signature = signature_of(dkim, field);
	return signature != NULL && signature->offered;
}

/* "Name:value" as it stood in the message, written to line. */
static size_t
write_field(const struct message_field *field, unsigned char *line)
{
	memcpy(line, field->name.data, field->name.length);
	line[field->name.length] = ':';
	memcpy(line + field->name.length + 1, field->value.data,
	    field->value.length);
	return field->name.length + 1 + field->value.length;
}

static size_t
longest_field(const struct message *message)
{
	size_t i, longest = 0;

	for (i = 0; i < message->field_count; i++) {
		const struct message_field *field = &message->fields[i];

		if (field->name.length + field->value.length > longest)
			longest = field->name.length + field->value.length;
	}
	return longest + 1;
}

/*
 * Gives the header to the library.  It answers SYNTAX to a malformed
 * signature (kept for the order of the list) or field name (left out, so that
 * a signature over it fails); both are no reason to stop.
 */
static enum status
feed_header(struct auth_dkim *dkim, const struct message *message)
{
	unsigned char unnamed[] = UNNAMED_FIELD;
	unsigned char *line;
	DKIM_STAT result = DKIM_STAT_OK;
	size_t i;

	if ((line = malloc(longest_field(message))) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < message->field_count; i++) {
		const struct message_field *field = &message->fields[i];

		if (!field_is_offered(dkim, field))
			continue;
		result =
		    dkim_header(dkim->handle, line, write_field(field, line));
		if (result != DKIM_STAT_OK && result != DKIM_STAT_SYNTAX)
			break;
	}
	free(line);
	if (i < message->field_count)
		return STATUS_NOMEM;
	if (dkim_header(dkim->handle, unnamed, sizeof(unnamed) - 1) !=
	    DKIM_STAT_OK)
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* The library's signatures are those we offered, in that order. */
static bool
match_signatures(struct auth_dkim *dkim)
{
	DKIM_SIGINFO **list;
	const unsigned char *domain;
	size_t i, at = 0;
	int count;

	if (dkim_getsiglist(dkim->handle, &list, &count) != DKIM_STAT_OK)
		return false;
	for (i = 0; i < dkim->signature_count; i++) {
		struct signature *signature = &dkim->signatures[i];

		if (!signature->offered)
			continue;
		if (at == (size_t)count)
			return false;
		signature->info = list[at++];
		if (signature->header.result != AUTH_NONE) {
			dkim_sig_ignore(signature->info);
			continue;
		}
		domain = dkim_sig_getdomain(signature->info);
		if (domain == NULL ||
		    strcasecmp(
			(const char *)domain, signature->header.domain) != 0)
			return false;
	}
	return at == (size_t)count;
}

/* Opens the library's handle and brings it to the end of the header. */
static enum status
open_handle(struct auth_dkim *dkim, const struct message *message)
{
	DKIM_STAT result;
	enum status status;

	dkim->handle = dkim_verify(dkim->library->handle,
	    (const unsigned char *)"gatepost", NULL, &result);
	if (dkim->handle == NULL)
		return STATUS_NOMEM;
	(void)dkim_set_user_context(dkim->handle, dkim);
	if ((status = feed_header(dkim, message)) != STATUS_OK)
		return status;
	if (dkim_eoh(dkim->handle) != DKIM_STAT_OK || !match_signatures(dkim))
		dkim->fault = "the message header cannot be processed";
	return STATUS_OK;
}

static void
start_length(struct auth_dkim *dkim)
{
	size_t i;

	for (i = 0; i < dkim->signature_count; i++)
		dkim->count_length |= dkim->signatures[i].header.has_length;
	auth_dkim_length_init(&dkim->simple, false);
	auth_dkim_length_init(&dkim->relaxed, true);
}

enum status
auth_dkim_headers(
    struct auth_dkim *dkim, const struct message *message, int64_t deadline_ms)
{
	const char *fault;
	enum status status;

	if (message_find(message, SIGNATURE_FIELD, 0) == NULL)
		return STATUS_OK;
	dkim->deadline_ms = deadline_ms;
	dkim->signatures = region_alloc_array(
	    dkim->region, DKIM_SIGNATURES_MAX, sizeof(*dkim->signatures));
	if (dkim->signatures == NULL)
		return STATUS_NOMEM;
	if ((status = collect_signatures(dkim, message)) != STATUS_OK)
		return status;
	if ((fault = message_fault(message)) != NULL)
		refuse_all(dkim, fault);
	refuse_unsigned_from(dkim, message);
	limit_signatures(dkim, message);
	if (!anything_open(dkim))
		return STATUS_OK;
	start_length(dkim);
	if ((status = ask_keys(dkim)) != STATUS_OK)
		return status;
	return open_handle(dkim, message);
}

/* Keeps the last two bytes: is there a line end behind the body? */
static void
keep_tail(struct auth_dkim *dkim, const char *data, size_t length)
{
	if (length >= 2) {
		memcpy(dkim->body_tail, data + length - 2, 2);
		dkim->body_tail_length = 2;
	} else if (dkim->body_tail_length == 2) {
		dkim->body_tail[0] = dkim->body_tail[1];
		dkim->body_tail[1] = data[0];
	} else {
		dkim->body_tail[dkim->body_tail_length++] = data[0];
	}
}

size_t
auth_dkim_domains(
    const struct auth_dkim *dkim, const char **domains, size_t max)
{
	const struct signature *signature;
	size_t i, count = 0;

	for (i = 0; i < dkim->signature_count && count < max; i++) {
		signature = &dkim->signatures[i];
		if (signature->header.result == AUTH_NONE)
			domains[count++] = signature->header.domain;
	}
	return count;
}

enum status
auth_dkim_body(struct auth_dkim *dkim, const void *data, size_t length)
{
	if (dkim->handle == NULL || dkim->fault != NULL || length == 0)
		return STATUS_OK;
	if (dkim->count_length) {
		auth_dkim_length_add(&dkim->simple, data, length);
		auth_dkim_length_add(&dkim->relaxed, data, length);
	}
	keep_tail(dkim, data, length);
	/* The library does not write to the body; it only lacks the const. */
	if (dkim_body(dkim->handle, (u_char *)(uintptr_t)data, length) !=
	    DKIM_STAT_OK)
		dkim->fault = "the message body cannot be processed";
	return STATUS_OK;
}

/* RFC 6376 section 3.4: a body without CRLF at its end gets one. */
static enum status
close_body(struct auth_dkim *dkim)
{
	const char *tail = dkim->body_tail;
	size_t length = dkim->body_tail_length;

	if (length == 0 || (length == 2 && memcmp(tail, "\r\n", 2) == 0))
		return STATUS_OK;
	return auth_dkim_body(dkim, "\r\n", 2);
}

/* Waits for each key; what has none that fits is refused. */
static void
read_keys(struct auth_dkim *dkim)
{
	struct signature *signature;
	struct dns_question *question;
	size_t i;

	for (i = 0; i < dkim->signature_count; i++) {
		signature = &dkim->signatures[i];
		if (signature->header.result != AUTH_NONE)
			continue;
		question = dkim->signatures[signature->key_of].question;
		auth_dkim_key_read(
		    dns_wait(question), &signature->header, &signature->key);
		if (signature->key.result == AUTH_NONE)
			continue;
		refuse(&signature->header, signature->key.result,
		    signature->key.reason);
		if (signature->info != NULL)
			dkim_sig_ignore(signature->info);
	}
}

/* What the library refused for a reason of its own. */
static void
judge_error(DKIM_SIGINFO *info, struct auth_dkim_header *header)
{
	const char *text;

	header->result = AUTH_PERMERROR;
	if (dkim_sig_geterror(info) == DKIM_SIGERROR_TOOLARGE_L) {
		header->reason = "l= is larger than the body";
		return;
	}
	text = dkim_sig_geterrorstr(dkim_sig_geterror(info));
	header->reason =
	    text != NULL ? text : "the signature cannot be processed";
}

/*
 * The library's verdict.  Its accessors lie for signatures that it refused
 * early (the body hash "matches"), so that three of them must agree.
 */
static void
judge_signature(struct signature *signature)
{
	struct auth_dkim_header *header = &signature->header;
	unsigned int flags = dkim_sig_getflags(signature->info);
	int body_hash = dkim_sig_getbh(signature->info);
	int error = dkim_sig_geterror(signature->info);
	bool passed = (flags & DKIM_SIGFLAG_PASSED) != 0;

	if (passed && body_hash == DKIM_SIGBH_MATCH &&
	    error == DKIM_SIGERROR_OK) {
		header->result = AUTH_PASS;
	} else if (passed && body_hash == DKIM_SIGBH_MISMATCH) {
		header->result = AUTH_FAIL;
		header->reason = "body hash did not verify";
	} else if (error == DKIM_SIGERROR_BADSIG) {
		header->result = AUTH_FAIL;
		header->reason = "signature did not verify";
	} else {
		judge_error(signature->info, header);
	}
}

static void
judge_signatures(struct auth_dkim *dkim)
{
	struct signature *signature;
	size_t i;

	for (i = 0; i < dkim->signature_count; i++) {
		signature = &dkim->signatures[i];
		if (signature->header.result == AUTH_NONE)
			judge_signature(signature);
	}
}

/* The length of what two texts have in common at their front. */
static size_t
common_length(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' && a[i] == b[i])
		i++;
	return i;
}

/* RFC 6008: as many characters of b= as tell it from all others. */
static const char *
unique_prefix(struct auth_dkim *dkim, size_t index)
{
	const char *own = dkim->signatures[index].header.signature;
	size_t i, common, length = B_PREFIX_MIN, whole = strlen(own);

	for (i = 0; i < dkim->signature_count; i++) {
		if (i == index)
			continue;
		common =
		    common_length(own, dkim->signatures[i].header.signature);
		if (common + 1 > length)
			length = common + 1;
	}
	if (length > B_PREFIX_MAX)
		length = B_PREFIX_MAX;
	if (length > whole)
		length = whole;
	return region_memdup(dkim->region, own, length);
}

/* Bytes of the canonical body that l= leaves unsigned. */
static int64_t
unsigned_bytes(
    const struct auth_dkim *dkim, const struct auth_dkim_header *header)
{
	uint64_t total;

	if (!header->has_length || dkim->handle == NULL)
		return 0;
	total = auth_dkim_length_total(
	    header->body_relaxed ? &dkim->relaxed : &dkim->simple);
	return total > header->length ? (int64_t)(total - header->length) : 0;
}

/*
 * RFC 6376 section 3.6.1: a failure under a testing key (t=y) is to be treated
 * as no signature; a pass gets remarks on what it does not cover.
 */
static const char *
final_reason(struct auth_dkim *dkim, struct auth_dkim_signature *result)
{
	const char *remark;

	if (result->testing && result->result == AUTH_FAIL) {
		result->result = AUTH_NEUTRAL;
		return region_printf(dkim->region,
		    "%s (the key is for testing, t=y)", result->reason);
	}
	if (result->result != AUTH_PASS)
		return result->reason;
	remark = result->testing ? "the key is for testing (t=y)" : NULL;
	if (result->unsigned_body_bytes == 0)
		return remark;
	return region_printf(dkim->region,
	    DKIM_REASON_PARTLY_SIGNED ", %lld bytes are not signed%s%s",
	    (long long)result->unsigned_body_bytes, remark != NULL ? "; " : "",
	    remark != NULL ? remark : "");
}

static enum status
fill_result(
    struct auth_dkim *dkim, size_t index, struct auth_dkim_signature *result)
{
	const struct signature *signature = &dkim->signatures[index];
	const struct auth_dkim_header *header = &signature->header;
	bool wants_reason;

	result->result = header->result;
	result->reason = header->reason;
	result->domain = header->domain;
	result->selector = header->selector;
	result->algorithm = header->algorithm;
	result->identity = header->identity;
	result->key_bits = signature->key.bits;
	result->testing = signature->key.testing;
	result->secure = signature->key.secure;
	result->unsigned_body_bytes = unsigned_bytes(dkim, header);
	wants_reason = result->reason != NULL || result->testing ||
	    result->unsigned_body_bytes > 0;
	result->reason = final_reason(dkim, result);
	result->b_prefix = unique_prefix(dkim, index);
	if (result->b_prefix == NULL ||
	    (wants_reason && result->reason == NULL))
		return STATUS_NOMEM;
	return STATUS_OK;
}

static enum status
fill_results(struct auth_dkim *dkim, struct auth_dkim_results *results_r)
{
	struct auth_dkim_signature *list;
	enum status status = STATUS_OK;
	size_t i;

	list = region_alloc_array(
	    dkim->region, dkim->signature_count, sizeof(*list));
	if (list == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < dkim->signature_count && status == STATUS_OK; i++)
		status = fill_result(dkim, i, &list[i]);
	if (status != STATUS_OK)
		return status;
	results_r->signature_count = dkim->signature_count;
	results_r->signatures = list;
	results_r->ignored_count = dkim->ignored_count;
	return STATUS_OK;
}

enum status
auth_dkim_finish(struct auth_dkim *dkim, struct auth_dkim_results *results_r)
{
	enum status status;

	memset(results_r, 0, sizeof(*results_r));
	if (dkim->signature_count == 0)
		return STATUS_OK;
	if (dkim->handle != NULL && (status = close_body(dkim)) != STATUS_OK)
		return status;
	if (dkim->fault != NULL)
		refuse_all(dkim, dkim->fault);
	read_keys(dkim);
	if (anything_open(dkim)) {
		(void)dkim_eom(dkim->handle, NULL);
		judge_signatures(dkim);
	}
	return fill_results(dkim, results_r);
}
