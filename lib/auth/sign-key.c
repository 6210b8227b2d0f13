/* sign-key - private keys (see sign-key.h). */
#include "config.h"

#include "lib/auth/sign-key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define ED25519_BYTES 32 /* of a seed and of a public key (RFC 8032) */
#define ED25519_BITS  256

struct auth_sign_key {
	enum auth_sign_type type;
	unsigned int bits;
	EVP_PKEY *pkey;
	char record[AUTH_SIGN_RECORD_BYTES];
};

const char *
auth_sign_type_text(enum auth_sign_type type)
{
	return type == AUTH_SIGN_RSA ? "rsa" : "ed25519";
}

const char *
auth_sign_algorithm_text(enum auth_sign_type type)
{
	return type == AUTH_SIGN_RSA ? "rsa-sha256" : "ed25519-sha256";
}

/* Nobody is asked for a passphrase. */
static int
refuse_passphrase(char *buffer GP_UNUSED, int size GP_UNUSED,
    int writing GP_UNUSED, void *asked)
{
	*(bool *)asked = true;
	return -1;
}

static bool
contains(struct span text, const char *words)
{
	return memmem(text.data, text.length, words, strlen(words)) != NULL;
}

static const char *
parse_pem(struct span text, EVP_PKEY **pkey_r)
{
	bool asked = false;
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.length);

	if (bio != NULL)
		*pkey_r = PEM_read_bio_PrivateKey(
		    bio, NULL, refuse_passphrase, &asked);
	BIO_free(bio);
	ERR_clear_error();
	if (*pkey_r != NULL)
		return NULL;
	if (asked)
		return "the key is encrypted by a passphrase";
	if (contains(text, "PUBLIC KEY-----"))
		return "the file holds the public key, not the private one";
	return "the PEM data is broken";
}

/* A seed, and behind it the public half or nothing. */
static const char *
parse_ed25519(const unsigned char *bytes, size_t length, EVP_PKEY **pkey_r)
{
	unsigned char public[ED25519_BYTES];
	size_t public_length = sizeof(public);

	*pkey_r = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, bytes, ED25519_BYTES);
	if (*pkey_r == NULL ||
	    EVP_PKEY_get_raw_public_key(*pkey_r, public, &public_length) != 1)
		return "the Ed25519 key is broken";
	if (length > ED25519_BYTES &&
	    memcmp(bytes + ED25519_BYTES, public, ED25519_BYTES) != 0)
		return "its private and its public half do not match";
	return NULL;
}

static const char *
parse_bytes(const unsigned char *bytes, size_t length, EVP_PKEY **pkey_r)
{
	if (length == ED25519_BYTES || length == 2 * (size_t)ED25519_BYTES)
		return parse_ed25519(bytes, length, pkey_r);
	*pkey_r = d2i_AutoPrivateKey(NULL, &bytes, (long)length);
	ERR_clear_error();
	return *pkey_r != NULL ? NULL : "the file holds no private key";
}

/* Base64 without a PEM frame; room has 2 * text.length bytes. */
static const char *
parse_base64(struct span text, unsigned char *room, EVP_PKEY **pkey_r)
{
	unsigned char *bytes = room + text.length;
	size_t i, length = 0, padding = 0;
	int decoded;

	for (i = 0; i < text.length; i++)
		if (!ascii_is_space(text.data[i]))
			room[length++] = (unsigned char)text.data[i];
	while (padding < 2 && padding < length &&
	    room[length - 1 - padding] == '=')
		padding++;
	decoded = EVP_DecodeBlock(bytes, room, (int)length);
	ERR_clear_error();
	if (decoded <= (int)padding)
		return "the file holds no private key";
	return parse_bytes(bytes, (size_t)decoded - padding, pkey_r);
}

static const char *
parse_text(struct span text, EVP_PKEY **pkey_r)
{
	unsigned char *room;
	const char *reason;

	*pkey_r = NULL;
	if (text.length == 0)
		return "the file is empty";
	if (text.length > AUTH_SIGN_PEM_BYTES_MAX)
		return "the file is too large for a key";
	if (contains(text, "-----BEGIN "))
		return parse_pem(text, pkey_r);
	if ((room = malloc(2 * text.length)) == NULL)
		return "out of memory";
	reason = parse_base64(text, room, pkey_r);
	OPENSSL_cleanse(room, 2 * text.length);
	free(room);
	return reason;
}

static const char *
judge_type(struct auth_sign_key *key)
{
	key->bits = (unsigned int)EVP_PKEY_get_bits(key->pkey);
	switch (EVP_PKEY_get_base_id(key->pkey)) {
	case EVP_PKEY_ED25519:
		key->type = AUTH_SIGN_ED25519;
		key->bits = ED25519_BITS;
		return NULL;
	case EVP_PKEY_RSA:
		key->type = AUTH_SIGN_RSA;
		if (key->bits < AUTH_SIGN_RSA_BITS_MIN)
			return "the RSA key is under 1024 bits (RFC 8301)";
		if (key->bits > AUTH_SIGN_RSA_BITS_MAX)
			return "the RSA key is over 4096 bits";
		return NULL;
	default:
		return "it is neither an RSA nor an Ed25519 key";
	}
}

/* The octets of p=; the caller frees *bytes_r by OPENSSL_free(). */
static bool
public_bytes(
    const struct auth_sign_key *key, unsigned char **bytes_r, size_t *length_r)
{
	int length;

	*bytes_r = NULL;
	if (key->type == AUTH_SIGN_RSA) {
		length = i2d_PUBKEY(key->pkey, bytes_r);
		*length_r = length > 0 ? (size_t)length : 0;
		return length > 0;
	}
	*length_r = ED25519_BYTES;
	*bytes_r = OPENSSL_malloc(ED25519_BYTES);
	return *bytes_r != NULL &&
	    EVP_PKEY_get_raw_public_key(key->pkey, *bytes_r, length_r) == 1;
}

static bool
write_record(struct auth_sign_key *key)
{
	unsigned char base64[AUTH_SIGN_RECORD_BYTES], *bytes;
	size_t length;
	bool done;
	int written = -1;

	done = public_bytes(key, &bytes, &length) &&
	    (length + 2) / 3 * 4 + 1 <= sizeof(base64);
	if (done) {
		EVP_EncodeBlock(base64, bytes, (int)length);
		written = snprintf(key->record, sizeof(key->record),
		    "v=DKIM1; k=%s; p=%s", auth_sign_type_text(key->type),
		    base64);
	}
	OPENSSL_free(bytes);
	return written > 0 && (size_t)written < sizeof(key->record);
}

static bool
verify(const struct auth_sign_key *key,
    const unsigned char hash[AUTH_SIGN_HASH_BYTES],
    const unsigned char *signature, size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
	bool good;

	good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
	    EVP_PKEY_verify(
		context, signature, length, hash, AUTH_SIGN_HASH_BYTES) == 1;
	EVP_PKEY_CTX_free(context);
	return good;
}

/* Whether the public half of an RSA key verifies what the private one signs. */
static const char *
try_key(const struct auth_sign_key *key)
{
	static const unsigned char hash[AUTH_SIGN_HASH_BYTES] = { 1, 2, 3 };
	unsigned char signature[AUTH_SIGN_BYTES_MAX];
	bool good;
	size_t length;

	good = auth_sign_key_sign(key, hash, signature, &length) == STATUS_OK &&
	    (key->type == AUTH_SIGN_ED25519 ||
		verify(key, hash, signature, length));
	ERR_clear_error();
	return good ? NULL : "its private and its public half do not match";
}

/* Takes over pkey, also on failure. */
static enum status
wrap(EVP_PKEY *pkey, struct auth_sign_key **key_r, const char **reason_r)
{
	struct auth_sign_key *key;

	if ((key = calloc(1, sizeof(*key))) == NULL) {
		EVP_PKEY_free(pkey);
		return STATUS_NOMEM;
	}
	key->pkey = pkey;
	if ((*reason_r = judge_type(key)) == NULL)
		*reason_r = try_key(key);
	if (*reason_r != NULL) {
		auth_sign_key_free(&key);
		return STATUS_INVALID;
	}
	if (!write_record(key)) {
		auth_sign_key_free(&key);
		return STATUS_NOMEM;
	}
	*key_r = key;
	return STATUS_OK;
}

enum status
auth_sign_key_parse(
    struct span text, struct auth_sign_key **key_r, const char **reason_r)
{
	EVP_PKEY *pkey;

	*key_r = NULL;
	if ((*reason_r = parse_text(text, &pkey)) != NULL) {
		EVP_PKEY_free(pkey);
		return STATUS_INVALID;
	}
	return wrap(pkey, key_r, reason_r);
}

enum status
auth_sign_key_generate(
    enum auth_sign_type type, unsigned int bits, struct auth_sign_key **key_r)
{
	EVP_PKEY *pkey;
	const char *reason;

	*key_r = NULL;
	if (type == AUTH_SIGN_RSA)
		pkey = EVP_RSA_gen(bits);
	else
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey == NULL)
		return STATUS_NOMEM;
	return wrap(pkey, key_r, &reason);
}

void
auth_sign_key_free(struct auth_sign_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

enum auth_sign_type
auth_sign_key_type(const struct auth_sign_key *key)
{
	return key->type;
}

unsigned int
auth_sign_key_bits(const struct auth_sign_key *key)
{
	return key->bits;
}

const char *
auth_sign_key_record(const struct auth_sign_key *key)
{
	return key->record;
}

enum status
auth_sign_key_write(const struct auth_sign_key *key, struct strbuf *pem)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	long length;

	if (bio == NULL ||
	    PEM_write_bio_PrivateKey(
		bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		BIO_free(bio);
		return STATUS_NOMEM;
	}
	length = BIO_get_mem_data(bio, &data);
	strbuf_add(pem, data, (size_t)length);
	OPENSSL_cleanse(data, (size_t)length);
	BIO_free(bio);
	return strbuf_status(pem);
}

static bool
sign_rsa(EVP_PKEY *pkey, const unsigned char *hash, unsigned char *signature,
    size_t *length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	bool done;

	done = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
	    EVP_PKEY_sign(
		context, signature, length, hash, AUTH_SIGN_HASH_BYTES) == 1;
	EVP_PKEY_CTX_free(context);
	return done;
}

/* PureEdDSA over the hash (RFC 8463 section 3). */
static bool
sign_ed25519(EVP_PKEY *pkey, const unsigned char *hash,
    unsigned char *signature, size_t *length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done;

	done = context != NULL &&
	    EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestSign(
		context, signature, length, hash, AUTH_SIGN_HASH_BYTES) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

enum status
auth_sign_key_sign(const struct auth_sign_key *key,
    const unsigned char hash[AUTH_SIGN_HASH_BYTES], unsigned char *signature,
    size_t *length_r)
{
	bool done;

	*length_r = AUTH_SIGN_BYTES_MAX;
	if (key->type == AUTH_SIGN_RSA)
		done = sign_rsa(key->pkey, hash, signature, length_r);
	else
		done = sign_ed25519(key->pkey, hash, signature, length_r);
	return done ? STATUS_OK : STATUS_NOMEM;
}
