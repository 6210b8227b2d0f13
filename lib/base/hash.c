/* hash - SHA-256 as text, by OpenSSL (see hash.h). */
#include "config.h"

#include "lib/base/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define DIGEST_BYTES 32

struct hash {
	EVP_MD_CTX *context;
	bool failed;
};

static void
hash_free(struct hash *hash)
{
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

struct hash *
hash_new(void)
{
	struct hash *hash;

	if ((hash = calloc(1, sizeof(*hash))) == NULL)
		return NULL;
	hash->context = EVP_MD_CTX_new();
	if (hash->context == NULL ||
	    EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
		hash_free(hash);
		return NULL;
	}
	return hash;
}

void
hash_add(struct hash *hash, const void *data, size_t length)
{
	if (length > 0 && EVP_DigestUpdate(hash->context, data, length) != 1)
		hash->failed = true;
}

void
hash_add_text(struct hash *hash, const char *text)
{
	hash_add(hash, text, strlen(text) + 1);
}

enum status
hash_finish(struct hash **hash_ref, char text[HASH_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[DIGEST_BYTES];
	struct hash *hash = *hash_ref;
	bool failed;
	size_t i;

	text[0] = '\0';
	if (hash == NULL)
		return STATUS_NOMEM;
	failed = hash->failed ||
	    EVP_DigestFinal_ex(hash->context, digest, NULL) != 1;
	hash_free(hash);
	*hash_ref = NULL;
	if (failed)
		return STATUS_NOMEM;
	for (i = 0; i < DIGEST_BYTES; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * DIGEST_BYTES] = '\0';
	return STATUS_OK;
}

enum status
hash_of(const char *name, char text[HASH_TEXT_BYTES])
{
	struct hash *hash = hash_new();

	if (hash != NULL)
		hash_add(hash, name, strlen(name));
	return hash_finish(&hash, text);
}
