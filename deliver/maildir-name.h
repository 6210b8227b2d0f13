/*
 * maildir-name - names in a Maildir that no other file ever has (maildir(5)):
 * "1700000000.M123456P99Q1.mx,S=2048,W=2090".
 */
#ifndef GATEPOST_DELIVER_MAILDIR_NAME_H
#define GATEPOST_DELIVER_MAILDIR_NAME_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/status.h"

#define MAILDIR_NAME_BYTES 200 /* a NUL included; the host's name is cut */

struct maildir_namer {
	char host[64];
	_Atomic uint64_t count;
};

/*
 * maildir_namer_init - host is this host's name, in any form.
 */
void maildir_namer_init(struct maildir_namer *namer, const char *host);

/*
 * maildir_name_make - a new name.  Any thread.
 *
 * size, crlf_size  bytes of the file, and with each line end as CRLF
 */
void maildir_name_make(struct maildir_namer *namer, uint64_t size,
    uint64_t crlf_size, char name[MAILDIR_NAME_BYTES]);

#endif
