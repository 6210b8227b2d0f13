/* verdict-seal - the keyed check of a verdict (see verdict-seal.h). */
#include "config.h"

#include "lib/scan/verdict-seal.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "lib/base/strbuf.h"
#include "lib/scan/score.h"

#define SEAL_WORD       "seal="
#define FIELD_BYTES_MAX 2000 /* of a field that is sealed; the rest is not */
#define TEXT_BYTES      (4 * FIELD_BYTES_MAX + VERDICT_READ_BYTES_MAX + 100)
#define POINTS_MAX      100000 /* far over every sum of weights */

/* Without white space, and with an end that a value cannot hold. */
static void
add_piece(struct strbuf *text, struct span piece)
{
	size_t i, added = 0;

	for (i = 0; i < piece.length && added < FIELD_BYTES_MAX; i++) {
		if (ascii_is_space(piece.data[i]))
			continue;
		strbuf_add(text, piece.data + i, 1);
		added++;
	}
	strbuf_add(text, "\n", 1);
}

static void
add_field(struct strbuf *text, const struct message *message, const char *name)
{
	const struct message_field *field = message_find(message, name, 0);

	add_piece(text, field == NULL ? span_of("") : field->value);
}

enum status
verdict_seal(const char *secret, struct span value,
    const struct message *message, char seal[VERDICT_SEAL_BYTES])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct strbuf *text = strbuf_new(TEXT_BYTES);
	enum status status;
	size_t i;

	if (text == NULL)
		return STATUS_NOMEM;
	add_piece(text, value);
	add_field(text, message, "Message-ID");
	add_field(text, message, "Date");
	add_field(text, message, "From");
	status = strbuf_status(text);
	if (status == STATUS_OK &&
	    HMAC(EVP_sha256(), secret, (int)strlen(secret),
		(const unsigned char *)strbuf_text(text), strbuf_length(text),
		digest, NULL) == NULL)
		status = STATUS_NOMEM;
	for (i = 0; status == STATUS_OK && i < VERDICT_SEAL_BYTES / 2; i++)
		(void)snprintf(seal + 2 * i, 3, "%02x", digest[i]);
	strbuf_free(&text);
	return status;
}

/* Where "seal=" begins; false: nowhere. */
static bool
find_seal(struct span value, struct span *before_r, struct span *seal_r)
{
	size_t i, length = strlen(SEAL_WORD);

	for (i = value.length; i-- > 0;) {
		if (value.length - i < length ||
		    memcmp(value.data + i, SEAL_WORD, length) != 0)
			continue;
		*before_r = (struct span){ value.data, i };
		*seal_r = span_trim((struct span){
		    value.data + i + length, value.length - i - length });
		return true;
	}
	return false;
}

/* Whether the seal is that of what stands in front of it. */
static enum status
check_seal(const char *secret, const struct message *message,
    struct span before, struct span seal, bool *good_r)
{
	char wanted[VERDICT_SEAL_BYTES];
	enum status status;

	*good_r = false;
	if (seal.length != VERDICT_SEAL_BYTES - 1)
		return STATUS_OK;
	status = verdict_seal(secret, before, message, wanted);
	if (status == STATUS_OK)
		*good_r = CRYPTO_memcmp(wanted, seal.data, seal.length) == 0;
	return status;
}

static void
read_word(struct span name, struct span value, struct sealed_verdict *verdict)
{
	if (span_equals(name, "action"))
		verdict->is_junk = span_equals(value, "junk") ||
		    span_equals(value, "quarantine");
	else if (span_equals(name, "judged"))
		verdict->is_observed = true;
	else if (span_equals(name, "dmarc"))
		verdict->dmarc_failed = span_equals(value, "fail");
	else if (span_equals(name, "score") &&
	    score_parse(value, POINTS_MAX, &verdict->score) != STATUS_OK)
		verdict->is_sealed = false;
	else if (span_equals(name, "required") &&
	    score_parse(value, POINTS_MAX, &verdict->required) != STATUS_OK)
		verdict->is_sealed = false;
}

/* "action=junk; score=6.3; ..."; must name who wrote it. */
static void
read_words(
    struct span text, const char *authserv_id, struct sealed_verdict *verdict)
{
	struct span word, name;
	bool named = false;

	memset(verdict, 0, sizeof(*verdict));
	verdict->is_sealed = true;
	while (span_split(&text, ';', &word)) {
		word = span_trim(word);
		if (!span_split(&word, '=', &name))
			continue;
		if (span_equals(name, "by"))
			named = span_equals_nocase(word, authserv_id);
		else
			read_word(name, word, verdict);
	}
	verdict->is_sealed = verdict->is_sealed && named;
}

static enum status
read_field(const char *secret, const char *authserv_id,
    const struct message *message, const struct message_field *field,
    struct sealed_verdict *verdict_r)
{
	struct span before, seal;
	enum status status;
	bool good;

	if (field->value.length > VERDICT_READ_BYTES_MAX ||
	    !find_seal(field->value, &before, &seal))
		return STATUS_OK;
	status = check_seal(secret, message, before, seal, &good);
	if (status == STATUS_OK && good)
		read_words(before, authserv_id, verdict_r);
	return status;
}

enum status
verdict_read_sealed(const char *secret, const char *authserv_id,
    const struct message *message, struct sealed_verdict *verdict_r)
{
	const struct message_field *field;
	enum status status = STATUS_OK;
	size_t i;

	memset(verdict_r, 0, sizeof(*verdict_r));
	for (i = 0; status == STATUS_OK && i < VERDICT_READ_FIELDS &&
	     secret[0] != '\0' && !verdict_r->is_sealed;
	     i++) {
		if ((field = message_find(message, VERDICT_FIELD, i)) == NULL)
			break;
		status =
		    read_field(secret, authserv_id, message, field, verdict_r);
	}
	return status;
}
