/* smtp-reply - replies of an SMTP or LMTP server (see smtp-reply.h). */
#include "config.h"

#include "lib/net/smtp-reply.h"

#define LINES_MAX 100
#define CODE_MIN  200
#define CODE_MAX  599

/* "250-text", "250 text", "250"; 0: no line of a reply. */
static int
code_of(struct span line, bool *is_last_r)
{
	struct span digits = { line.data, SMTP_REPLY_CODE_DIGITS };
	uint64_t code;

	if (line.length < digits.length ||
	    str_to_uint64(digits, CODE_MAX, &code) != STATUS_OK ||
	    code < CODE_MIN)
		return 0;
	*is_last_r =
	    line.length == digits.length || line.data[digits.length] == ' ';
	return *is_last_r || line.data[digits.length] == '-' ? (int)code : 0;
}

enum status
smtp_reply_read(struct stream *stream, int *code_r, struct span *line_r)
{
	bool is_last = false;
	enum status status;
	int code, i;

	*code_r = 0;
	for (i = 0; i < LINES_MAX; i++) {
		status = stream_read_line(stream, line_r);
		if (status != STATUS_OK)
			return status;
		if ((code = code_of(*line_r, &is_last)) == 0)
			return STATUS_INVALID;
		if (is_last) {
			*code_r = code;
			return STATUS_OK;
		}
	}
	*line_r = (struct span){ NULL, 0 };
	return STATUS_INVALID;
}
