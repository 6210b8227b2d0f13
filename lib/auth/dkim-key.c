/* dkim-key - checks of key records (see dkim-key.h). */
#include "config.h"

#include "lib/auth/dkim-key.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/auth/dkim-tags.h"
#include "lib/auth/dkim.h"

#define ED25519_KEY_BYTES 32 /* RFC 8463 section 4.2 */

#define DER_SEQUENCE   0x30
#define DER_INTEGER    0x02
#define DER_BIT_STRING 0x03

/* A key as the octets behind p=. */
struct key_bytes {
	size_t length;
	unsigned char data[AUTH_DKIM_KEY_BYTES_MAX];
};

/* AlgorithmIdentifier {rsaEncryption, NULL} (RFC 3279 section 2.3.1). */
static const unsigned char rsa_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a,
	0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/*
 * Base64 with white space in it; the padding may be missing.  Returns what is
 * wrong, or NULL.
 */
static const char *
decode_base64(struct span text, struct key_bytes *bytes_r)
{
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t i, padding = 0;
	int digit;

	bytes_r->length = 0;
	for (i = 0; i < text.length; i++) {
		if (ascii_is_space(text.data[i]))
			continue;
		if (text.data[i] == '=' && ++padding <= 2)
			continue;
		if ((digit = base64_digit(text.data[i])) < 0 || padding > 0)
			return "the key is not base64";
		bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
		if ((held += 6) < 8)
			continue;
		held -= 8;
		if (bytes_r->length == sizeof(bytes_r->data))
			return "the key is too large";
		bytes_r->data[bytes_r->length++] =
		    (unsigned char)(bits >> held);
	}
	return bytes_r->length > 0 ? NULL : "the key is not base64";
}

/*
 * Takes one DER value with that tag off the front of *rest.  RSA keys are read
 * by hand because an OpenSSL decoder costs more than the verification itself.
 */
static bool
der_take(struct span *rest, unsigned char tag, struct span *value_r)
{
	const unsigned char *data = (const unsigned char *)rest->data;
	size_t length, header = 2, i;

	if (rest->length < 2 || data[0] != tag)
		return false;
	length = data[1];
	if (length >= 0x80) {
		header += length & 0x7f; /* one or two bytes of length follow */
		if (header > 4 || header < 3 || rest->length < header)
			return false;
		for (length = 0, i = 2; i < header; i++)
			length = length << 8 | data[i];
	}
	if (length > rest->length - header)
		return false;
	value_r->data = rest->data + header;
	value_r->length = length;
	rest->data += header + length;
	rest->length -= header + length;
	return true;
}

/* RSAPublicKey ::= SEQUENCE { INTEGER n, INTEGER e }; 0: it is none. */
static unsigned int
rsa_bits(struct span key)
{
	struct span body, modulus, exponent;
	unsigned int bits;
	unsigned char top;

	if (!der_take(&key, DER_SEQUENCE, &body) || key.length > 0 ||
	    !der_take(&body, DER_INTEGER, &modulus) ||
	    !der_take(&body, DER_INTEGER, &exponent) || body.length > 0 ||
	    exponent.length == 0)
		return 0;
	while (modulus.length > 0 && modulus.data[0] == '\0') {
		modulus.data++;
		modulus.length--;
	}
	if (modulus.length == 0)
		return 0;
	bits = (unsigned int)(modulus.length - 1) * 8;
	for (top = (unsigned char)modulus.data[0]; top != 0; top >>= 1)
		bits++;
	return bits;
}

/* SubjectPublicKeyInfo of RSA: the RSAPublicKey in it. */
static bool
unwrap_rsa(struct span info, struct span *key_r)
{
	struct span body, algorithm, bits;

	if (!der_take(&info, DER_SEQUENCE, &body) || info.length > 0)
		return false;
	algorithm.data = body.data;
	algorithm.length = sizeof(rsa_algorithm);
	if (body.length < sizeof(rsa_algorithm) ||
	    memcmp(algorithm.data, rsa_algorithm, sizeof(rsa_algorithm)) != 0)
		return false;
	body.data += sizeof(rsa_algorithm);
	body.length -= sizeof(rsa_algorithm);
	if (!der_take(&body, DER_BIT_STRING, &bits) || body.length > 0 ||
	    bits.length < 1 || bits.data[0] != '\0')
		return false;
	key_r->data = bits.data + 1;
	key_r->length = bits.length - 1;
	return true;
}

/* Writes a DER tag and a length of two bytes; returns what it took. */
static size_t
der_put_header(unsigned char *to, unsigned char tag, size_t length)
{
	to[0] = tag;
	to[1] = 0x82;
	to[2] = (unsigned char)(length >> 8);
	to[3] = (unsigned char)length;
	return 4;
}

/*
 * A bare RSAPublicKey, as RFC 6376 words it, made the SubjectPublicKeyInfo
 * that everybody publishes and libopendkim reads.
 */
static bool
wrap_rsa(struct key_bytes *bytes)
{
	unsigned char wrapped[AUTH_DKIM_KEY_BYTES_MAX];
	size_t bits_length = bytes->length + 1;
	size_t body_length = sizeof(rsa_algorithm) + 4 + bits_length, at;

	if (4 + body_length > sizeof(wrapped) || bytes->length < 128)
		return false;
	at = der_put_header(wrapped, DER_SEQUENCE, body_length);
	memcpy(wrapped + at, rsa_algorithm, sizeof(rsa_algorithm));
	at += sizeof(rsa_algorithm);
	at += der_put_header(wrapped + at, DER_BIT_STRING, bits_length);
	wrapped[at++] = 0; /* no unused bits */
	memcpy(wrapped + at, bytes->data, bytes->length);
	bytes->length += at;
	memcpy(bytes->data, wrapped, at + bits_length - 1);
	return true;
}

static const char *
check_rsa(struct key_bytes *bytes, struct auth_dkim_key *key)
{
	struct span all = { (const char *)bytes->data, bytes->length };
	struct span inner = all;
	bool wrapped = unwrap_rsa(all, &inner);

	if ((key->bits = rsa_bits(inner)) == 0)
		return "the key is not an RSA key";
	if (key->bits < DKIM_RSA_BITS_MIN)
		return "the RSA key is under 1024 bits (RFC 8301)";
	if (!wrapped && !wrap_rsa(bytes))
		return "the key is too large";
	return NULL;
}

/* Writes the record that the library gets. */
static const char *
write_record(
    const struct key_bytes *bytes, const char *type, struct auth_dkim_key *key)
{
	unsigned char base64[AUTH_DKIM_RECORD_BYTES];
	int length;

	/* EVP_EncodeBlock writes 4 bytes for 3, and a NUL. */
	if ((bytes->length + 2) / 3 * 4 + 1 > sizeof(base64))
		return "the key is too large";
	EVP_EncodeBlock(base64, bytes->data, (int)bytes->length);
	length = snprintf(key->record, sizeof(key->record),
	    "v=DKIM1; k=%s; p=%s", type, base64);
	if (length < 0 || (size_t)length >= sizeof(key->record))
		return "the key is too large";
	return NULL;
}

static const char *
check_key_bytes(const struct auth_dkim_tags *tags, const char *type,
    struct auth_dkim_key *key)
{
	struct key_bytes bytes;
	struct span value;
	const char *fault;

	if (!auth_dkim_tags_find(tags, "p", &value))
		return "p= is missing in the key record";
	if (value.length == 0)
		return "the key is revoked";
	if ((fault = decode_base64(value, &bytes)) != NULL)
		return fault;
	if (strcmp(type, "rsa") == 0)
		fault = check_rsa(&bytes, key);
	else if (bytes.length != ED25519_KEY_BYTES)
		fault = "the key is not an Ed25519 key";
	return fault != NULL ? fault : write_record(&bytes, type, key);
}

/* RFC 6376 section 3.6.1: h=, s= and t= against the signature. */
static const char *
check_permissions(const struct auth_dkim_tags *tags,
    const struct auth_dkim_header *header, struct auth_dkim_key *key)
{
	struct span value;

	if (auth_dkim_tags_find(tags, "h", &value) &&
	    !auth_dkim_list_has(value, "sha256"))
		return "the key does not allow this hash";
	if (auth_dkim_tags_find(tags, "s", &value) &&
	    !auth_dkim_list_has(value, "*") &&
	    !auth_dkim_list_has(value, "email"))
		return "the key is not for e-mail";
	if (!auth_dkim_tags_find(tags, "t", &value))
		return NULL;
	key->testing = auth_dkim_list_has(value, "y");
	if (auth_dkim_list_has(value, "s") && !header->identity_is_domain)
		return "the key forbids a subdomain in i= (t=s)";
	return NULL;
}

/* v= is "DKIM1" and first, or absent. */
static bool
version_is_valid(const struct auth_dkim_tags *tags)
{
	struct span value;

	if (!auth_dkim_tags_find(tags, "v", &value))
		return true;
	return span_equals(value, "DKIM1") &&
	    span_equals(tags->tags[0].name, "v");
}

static const char *
check_record(struct span text, const struct auth_dkim_header *header,
    struct auth_dkim_key *key)
{
	struct auth_dkim_tags tags;
	struct span value;
	const char *fault, *type;

	type = strcmp(header->algorithm, "ed25519-sha256") == 0 ? "ed25519" :
								  "rsa";
	if (auth_dkim_tags_read(text, &tags, &fault) != STATUS_OK)
		return strcmp(fault, "a duplicate tag") == 0 ?
		    "the key record has a duplicate tag" :
		    "the key record is malformed";
	if (!version_is_valid(&tags))
		return "the key record has another version";
	if (!auth_dkim_tags_find(&tags, "k", &value))
		value = span_of("rsa");
	if (!span_equals(value, type))
		return "the key type does not fit a=";
	if ((fault = check_permissions(&tags, header, key)) != NULL)
		return fault;
	return check_key_bytes(&tags, type, key);
}

/* Could this TXT record be meant as a key? */
static bool
record_is_key(struct span text)
{
	struct auth_dkim_tags tags;
	struct span value;
	const char *fault;

	return auth_dkim_tags_read(text, &tags, &fault) == STATUS_OK &&
	    version_is_valid(&tags) && auth_dkim_tags_find(&tags, "p", &value);
}

/*
 * The one record to use.  Two keys under one selector are undefined (RFC 6376
 * section 3.6.2.2), but other TXT records may stand beside a key.
 */
static const char *
choose_record(const struct dns_answer *answer, struct span *text_r)
{
	size_t i, count = 0;

	*text_r = answer->records[0].text;
	if (answer->record_count == 1)
		return NULL;
	for (i = 0; i < answer->record_count; i++) {
		if (!record_is_key(answer->records[i].text))
			continue;
		*text_r = answer->records[i].text;
		count++;
	}
	if (count > 1)
		return "several key records under one selector";
	return count == 1 ? NULL : "no key record among the TXT records";
}

void
auth_dkim_key_read(const struct dns_answer *answer,
    const struct auth_dkim_header *header, struct auth_dkim_key *key_r)
{
	struct span text;

	memset(key_r, 0, sizeof(*key_r));
	key_r->secure = answer->secure;
	if (dns_result_is_temporary(answer->result)) {
		key_r->result = AUTH_TEMPERROR;
		key_r->reason = answer->result == DNS_BOGUS ?
		    "the key record fails DNSSEC validation" :
		    "the key record could not be looked up";
		return;
	}
	if (answer->result != DNS_FOUND || answer->record_count == 0)
		key_r->reason = "no key for signature";
	else if ((key_r->reason = choose_record(answer, &text)) == NULL)
		key_r->reason = check_record(text, header, key_r);
	key_r->result = key_r->reason == NULL ? AUTH_NONE : AUTH_PERMERROR;
}
