/*
 * identity - by what a message is known again, however it is stored.
 *
 * Author, date, Message-ID and body count; what is added on the way (trace
 * fields, our own, those of mailbox programs), line ends and blank lines at the
 * end do not.  Where it came from is no part of it: see delivered_identity().
 */
#ifndef GATEPOST_MAIL_IDENTITY_H
#define GATEPOST_MAIL_IDENTITY_H

#include "lib/base/hash.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"

/* message_identity - a hash; STATUS_OK, or STATUS_NOMEM with text "" */
enum status message_identity(const struct message *message, struct span body,
    char text[HASH_TEXT_BYTES]) GP_MUST_CHECK;

#endif
