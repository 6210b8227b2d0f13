/*
 * sign-key - a private key that signs: RSA (RFC 6376, RFC 8301) or Ed25519
 * (RFC 8463).
 *
 * Parsed once; then any number of threads may sign by it.
 */
#ifndef GATEPOST_AUTH_SIGN_KEY_H
#define GATEPOST_AUTH_SIGN_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/sign-canon.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/base/strbuf.h"

#define AUTH_SIGN_RSA_BITS_MIN     1024 /* RFC 8301 section 3.2 */
#define AUTH_SIGN_RSA_BITS_MAX     4096 /* what every verifier can read */
#define AUTH_SIGN_RSA_BITS_DEFAULT 2048
#define AUTH_SIGN_BYTES_MAX        512  /* of a signature; RSA-4096 */
#define AUTH_SIGN_RECORD_BYTES     1024 /* of the text of a key record */
#define AUTH_SIGN_PEM_BYTES_MAX    16384

enum auth_sign_type {
	AUTH_SIGN_RSA,
	AUTH_SIGN_ED25519
};

struct auth_sign_key;

/* auth_sign_type_text - "rsa", "ed25519", as in k= */
const char *auth_sign_type_text(enum auth_sign_type type);

/* auth_sign_algorithm_text - "rsa-sha256", "ed25519-sha256", as in a= */
const char *auth_sign_algorithm_text(enum auth_sign_type type);

/*
 * auth_sign_key_parse - a key out of the text of a file.
 *
 * text      PEM (PKCS#8, PKCS#1), or base64 of DER or of an Ed25519 seed with
 *	     or without its public half (OpenDKIM, dkimpy and rspamd)
 * reason_r  constant words for STATUS_INVALID, else NULL
 *
 * Returns STATUS_OK; STATUS_INVALID (no private key, encrypted, wrong type, too
 * weak or too large, halves that do not match) or STATUS_NOMEM.
 */
enum status auth_sign_key_parse(struct span text, struct auth_sign_key **key_r,
    const char **reason_r) GP_MUST_CHECK;

/*
 * auth_sign_key_generate - a new one.
 *
 * bits  of RSA, AUTH_SIGN_RSA_BITS_MIN to _MAX; not looked at for Ed25519
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_sign_key_generate(enum auth_sign_type type, unsigned int bits,
    struct auth_sign_key **key_r) GP_MUST_CHECK;

/* auth_sign_key_free - accepts NULL */
void auth_sign_key_free(struct auth_sign_key **key);

enum auth_sign_type auth_sign_key_type(const struct auth_sign_key *key);

/* auth_sign_key_bits - of RSA; 256 for Ed25519 */
unsigned int auth_sign_key_bits(const struct auth_sign_key *key);

/* auth_sign_key_record - the TXT record: "v=DKIM1; k=rsa; p=..." */
const char *auth_sign_key_record(const struct auth_sign_key *key);

/* auth_sign_key_write - PEM (PKCS#8, not encrypted), behind what pem holds */
enum status auth_sign_key_write(
    const struct auth_sign_key *key, struct strbuf *pem) GP_MUST_CHECK;

/*
 * auth_sign_key_sign - signs a SHA-256 hash.
 *
 * signature  AUTH_SIGN_BYTES_MAX bytes
 * Returns STATUS_OK or STATUS_NOMEM.  Any thread.
 */
enum status auth_sign_key_sign(const struct auth_sign_key *key,
    const unsigned char hash[AUTH_SIGN_HASH_BYTES], unsigned char *signature,
    size_t *length_r) GP_MUST_CHECK;

#endif
