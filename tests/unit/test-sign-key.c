/*
 * Private keys: the forms in which they come, each fault in its own words, and
 * the signatures of RFC 8463 to the byte.
 */
#include "config.h"

#include "lib/auth/sign-key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "lib/auth/sign-canon.h"
#include "tests/unit/sign-fixture.h"
#include "tests/unit/unit.h"

#define TEXT_BYTES 8192

struct key_case {
	const char *name, *text;
	const char *reason; /* NULL: a good key */
	enum auth_sign_type type;
	unsigned int bits;
	const char *record;
};

static const struct key_case key_cases[] = {
	{ "RSA, PKCS#1", RFC8463_RSA, NULL, AUTH_SIGN_RSA, 1024,
	    RFC8463_RSA_RECORD },
	{ "text around the PEM", "a comment\n" RFC8463_RSA "more\n", NULL,
	    AUTH_SIGN_RSA, 1024, RFC8463_RSA_RECORD },
	{ "Ed25519 seed", RFC8463_ED25519, NULL, AUTH_SIGN_ED25519, 256,
	    RFC8463_ED25519_RECORD },
	{ "seed with line ends", "\n " RFC8463_ED25519 "\r\n", NULL,
	    AUTH_SIGN_ED25519, 256, RFC8463_ED25519_RECORD },
	{ "seed and public half",
	    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6"
	    "DuFy89qmIyWvAhpo9wdRGg==",
	    NULL, AUTH_SIGN_ED25519, 256, RFC8463_ED25519_RECORD },
	{ "seed and another public half",
	    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6"
	    "DuFy89qmIyWvAhpo9wdRGw==",
	    "its private and its public half do not match", 0, 0, NULL },
	{ "empty", "", "the file is empty", 0, 0, NULL },
	{ "no key", "hello", "the file holds no private key", 0, 0, NULL },
	{ "a record", "v=DKIM1; k=rsa; p=aGFsbG8=",
	    "the file holds no private key", 0, 0, NULL },
	{ "base64 of no key",
	    "aGFsbG8gaGFsbG8=", "the file holds no private key", 0, 0, NULL },
	{ "only padding", "====", "the file holds no private key", 0, 0, NULL },
	{ "broken PEM",
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "the PEM data is broken", 0, 0, NULL },
	{ "PEM without end", "-----BEGIN RSA PRIVATE KEY-----\nMIIC",
	    "the PEM data is broken", 0, 0, NULL },
};

static void
check_case(const struct key_case *c)
{
	struct auth_sign_key *key;
	const char *reason;
	enum status status;

	status = auth_sign_key_parse(span_of(c->text), &key, &reason);
	if (c->reason != NULL) {
		if (status != STATUS_INVALID || strcmp(reason, c->reason) != 0)
			fail_msg("%s: %s (%s)", c->name, status_text(status),
			    reason == NULL ? "-" : reason);
		assert_null(key);
		return;
	}
	if (status != STATUS_OK)
		fail_msg("%s: %s (%s)", c->name, status_text(status), reason);
	assert_int_equal(auth_sign_key_type(key), c->type);
	assert_int_equal(auth_sign_key_bits(key), c->bits);
	assert_string_equal(auth_sign_key_record(key), c->record);
	auth_sign_key_free(&key);
	assert_null(key);
}

static void
test_forms(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(key_cases); i++)
		check_case(&key_cases[i]);
}

static void
expect_reason(struct span text, const char *expected)
{
	struct auth_sign_key *key;
	const char *reason;

	assert_int_equal(
	    auth_sign_key_parse(text, &key, &reason), STATUS_INVALID);
	assert_string_equal(reason, expected);
	assert_null(key);
}

/* The PEM of a key that OpenSSL made; cipher NULL: not encrypted. */
static void
expect_of_pkey(EVP_PKEY *pkey, const EVP_CIPHER *cipher, const char *expected)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct span text;
	char *data;

	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, pkey, cipher,
			     (const unsigned char *)"secret", 6, NULL, NULL),
	    1);
	text.length = (size_t)BIO_get_mem_data(bio, &data);
	text.data = data;
	expect_reason(text, expected);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

static void
test_wrong_keys(void **state GP_UNUSED)
{
	expect_of_pkey(EVP_RSA_gen(768), NULL,
	    "the RSA key is under 1024 bits (RFC 8301)");
	expect_of_pkey(EVP_EC_gen("P-256"), NULL,
	    "it is neither an RSA nor an Ed25519 key");
	expect_of_pkey(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL,
	    "it is neither an RSA nor an Ed25519 key");
	expect_of_pkey(EVP_RSA_gen(1024), EVP_aes_128_cbc(),
	    "the key is encrypted by a passphrase");
}

static void
test_large_keys(void **state GP_UNUSED)
{
	static char text[AUTH_SIGN_PEM_BYTES_MAX + 1];
	struct span span = { text, sizeof(text) };

	memset(text, 'A', sizeof(text));
	expect_reason(span, "the file is too large for a key");
}

static void
test_public_key(void **state GP_UNUSED)
{
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	struct span text;
	char *data;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	text.length = (size_t)BIO_get_mem_data(bio, &data);
	text.data = data;
	expect_reason(
	    text, "the file holds the public key, not the private one");
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

/* DER as base64, one bit of the modulus turned: a key that never verifies. */
static void
test_halves_that_differ(void **state GP_UNUSED)
{
	unsigned char der[TEXT_BYTES], *p = der;
	char base64[TEXT_BYTES * 2];
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	struct auth_sign_key *key;
	const char *reason;
	int length;

	length = i2d_PrivateKey(pkey, &p);
	assert_true(length > 64 && length < TEXT_BYTES);
	EVP_EncodeBlock((unsigned char *)base64, der, length);
	assert_int_equal(
	    auth_sign_key_parse(span_of(base64), &key, &reason), STATUS_OK);
	auth_sign_key_free(&key);
	der[60] ^= 1;
	EVP_EncodeBlock((unsigned char *)base64, der, length);
	expect_reason(
	    span_of(base64), "its private and its public half do not match");
	EVP_PKEY_free(pkey);
}

/* What is generated can be written, read again, and is the same. */
static void
round_trip(enum auth_sign_type type, unsigned int bits, unsigned int expected)
{
	struct strbuf *pem = strbuf_new(TEXT_BYTES);
	struct auth_sign_key *key, *again;
	const char *reason;
	struct span text;

	assert_int_equal(auth_sign_key_generate(type, bits, &key), STATUS_OK);
	assert_int_equal(auth_sign_key_type(key), type);
	assert_int_equal(auth_sign_key_bits(key), expected);
	assert_int_equal(auth_sign_key_write(key, pem), STATUS_OK);
	text.data = strbuf_text(pem);
	text.length = strbuf_length(pem);
	assert_int_equal(auth_sign_key_parse(text, &again, &reason), STATUS_OK);
	assert_string_equal(
	    auth_sign_key_record(key), auth_sign_key_record(again));
	auth_sign_key_free(&key);
	auth_sign_key_free(&again);
	strbuf_free(&pem);
}

static void
test_generated_keys(void **state GP_UNUSED)
{
	round_trip(AUTH_SIGN_ED25519, 0, 256);
	round_trip(AUTH_SIGN_RSA, 1024, 1024);
	round_trip(AUTH_SIGN_RSA, 2048, 2048);
	round_trip(AUTH_SIGN_RSA, 4096, 4096);
}

/* The header of RFC 8463 section A.3 as its h= orders it. */
static const struct {
	const char *name, *value;
} vector_fields[] = {
	{ "From", " Joe SixPack <joe@football.example.com>" },
	{ "To", " Suzie Q <suzie@shopping.example.net>" },
	{ "Subject", " Is dinner ready?" },
	{ "Date", " Fri, 11 Jul 2003 21:00:37 -0700 (PDT)" },
	{ "Message-ID", " <20030712040037.46341.5F8J@football.example.com>" },
};

struct vector {
	const char *key, *signature_field, *b;
};

static const struct vector vectors[] = {
	{ RFC8463_ED25519,
	    " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
	    " subject : date : message-id : from : subject : date;\r\n"
	    " bh=" RFC8463_BODY_HASH ";\r\n b=",
	    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY"
	    "5OsU7ZbnKELq+eXdp1Q1Dw==" },
	{ RFC8463_RSA,
	    " v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
	    " date : message-id : from : subject : date;\r\n"
	    " bh=" RFC8463_BODY_HASH ";\r\n b=",
	    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrS"
	    "jV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgD"
	    "fQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=" },
};

static void
check_vector(const struct vector *vector)
{
	unsigned char hash[AUTH_SIGN_HASH_BYTES];
	unsigned char signature[AUTH_SIGN_BYTES_MAX];
	char base64[AUTH_SIGN_BYTES_MAX * 2];
	struct auth_sign_canon *canon;
	struct auth_sign_key *key;
	const char *reason;
	size_t i, length;

	assert_int_equal(auth_sign_canon_new(0, &canon), STATUS_OK);
	for (i = 0; i < GP_NELEMS(vector_fields); i++)
		auth_sign_canon_field(canon, span_of(vector_fields[i].name),
		    span_of(vector_fields[i].value), false);
	auth_sign_canon_field(canon, span_of("DKIM-Signature"),
	    span_of(vector->signature_field), true);
	assert_int_equal(auth_sign_canon_finish(canon, hash), STATUS_OK);
	auth_sign_canon_free(&canon);
	assert_int_equal(
	    auth_sign_key_parse(span_of(vector->key), &key, &reason),
	    STATUS_OK);
	assert_int_equal(
	    auth_sign_key_sign(key, hash, signature, &length), STATUS_OK);
	EVP_EncodeBlock((unsigned char *)base64, signature, (int)length);
	assert_string_equal(base64, vector->b);
	auth_sign_key_free(&key);
}

static void
test_rfc8463_signatures(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(vectors); i++)
		check_vector(&vectors[i]);
}

static void
test_rfc8463_body(void **state GP_UNUSED)
{
	static const char body[] = RFC8463_BODY;
	unsigned char hash[AUTH_SIGN_HASH_BYTES];
	char base64[AUTH_SIGN_HASH_BYTES * 2];
	struct auth_sign_canon *canon;

	assert_int_equal(auth_sign_canon_new(0, &canon), STATUS_OK);
	auth_sign_canon_body(canon, body, sizeof(body) - 1);
	auth_sign_canon_body_end(canon);
	assert_int_equal(auth_sign_canon_finish(canon, hash), STATUS_OK);
	EVP_EncodeBlock((unsigned char *)base64, hash, AUTH_SIGN_HASH_BYTES);
	assert_string_equal(base64, RFC8463_BODY_HASH);
	auth_sign_canon_free(&canon);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_wrong_keys),
		cmocka_unit_test(test_large_keys),
		cmocka_unit_test(test_public_key),
		cmocka_unit_test(test_halves_that_differ),
		cmocka_unit_test(test_generated_keys),
		cmocka_unit_test(test_rfc8463_signatures),
		cmocka_unit_test(test_rfc8463_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
