/*
 * publish-certificate - the certificate that Postfix shows, and the TLSA
 * records that fit it (RFC 6698, RFC 7672).
 */
#ifndef GATEPOST_CLI_PUBLISH_CERTIFICATE_H
#define GATEPOST_CLI_PUBLISH_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define PUBLISH_CHAIN_MAX 8

struct publish_certificate {
	const char *problem; /* "PATH: the certificate ...", or NULL */
	const char *tlsa;    /* "3 1 1 HEX" */
	size_t count;        /* the server's, and those of its issuers */
	struct span whole[PUBLISH_CHAIN_MAX];      /* DER */
	struct span public_key[PUBLISH_CHAIN_MAX]; /* DER */
};

/*
 * publish_certificate_read - a file of PEM certificates, the server's first.
 *
 * region     owns all that is set
 * mail_host  the name that clients ask for
 * reason_r   for STATUS_INVALID: "PATH: ..."
 *
 * Keys in the file are passed over.  Returns STATUS_OK, STATUS_INVALID or
 * STATUS_NOMEM.
 */
enum status publish_certificate_read(struct region *region, const char *path,
    const char *mail_host, struct publish_certificate *certificate_r,
    const char **reason_r) GP_MUST_CHECK;

/* publish_certificate_fits - does this TLSA record (rdata) fit? */
bool publish_certificate_fits(
    const struct publish_certificate *certificate, struct span rdata);

#endif
