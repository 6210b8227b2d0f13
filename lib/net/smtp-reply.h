/* smtp-reply - replies of an SMTP or LMTP server (RFC 5321 section 4.2.1). */
#ifndef GATEPOST_NET_SMTP_REPLY_H
#define GATEPOST_NET_SMTP_REPLY_H

#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/net/stream.h"

#define SMTP_REPLY_CODE_DIGITS 3

/*
 * smtp_reply_read - reads a reply to its last line.
 *
 * code_r  200 to 599; 0 on failure
 * line_r  the last line, the code in front; borrowed until the next call for
 *	   this stream
 *
 * Returns as stream_read_line(), and STATUS_INVALID when a line is of no reply
 * (line_r is that one), or when the reply does not end (line_r is empty).
 */
enum status smtp_reply_read(
    struct stream *stream, int *code_r, struct span *line_r) GP_MUST_CHECK;

#endif
