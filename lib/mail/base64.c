/* base64 - base64 as mail has it (see base64.h). */
#include "config.h"

#include "lib/mail/base64.h"

#include <string.h>

#include <gmime/gmime-encodings.h>

/* GMime's state behind a '='; any other is the characters of a quantum. */
#define STATE_ENDED (-1)

void
base64_init(struct base64 *base64)
{
	memset(base64, 0, sizeof(*base64));
}

static bool
is_alphabet(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '+' || c == '/';
}

/* Something that is neither alphabet nor white space. */
static bool
has_other(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (!is_alphabet(text.data[i]) &&
		    !ascii_is_space((unsigned char)text.data[i]))
			return true;
	return false;
}

static bool
has_alphabet(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (is_alphabet(text.data[i]))
			return true;
	return false;
}

/* A piece without '='. */
static size_t
step(struct base64 *base64, struct span piece, char *to)
{
	if (base64->padded && has_alphabet(piece)) {
		base64->broken = true;
		base64->padded = false;
	}
	base64->broken |= has_other(piece);
	return g_mime_encoding_base64_decode_step(
	    (const unsigned char *)piece.data, piece.length,
	    (unsigned char *)to, &base64->state, &base64->save);
}

/* What a '=' does: the quantum is over. */
static size_t
pad(struct base64 *base64, char *to)
{
	static const unsigned char padding[] = { '=' };
	size_t length;

	base64->broken |=
	    base64->state == 1 || (base64->state == 0 && !base64->padded);
	length = g_mime_encoding_base64_decode_step(padding, sizeof(padding),
	    (unsigned char *)to, &base64->state, &base64->save);
	base64->state = 0;
	base64->save = 0;
	return length;
}

size_t
base64_step(struct base64 *base64, struct span from, char *to)
{
	struct span rest = from, piece;
	size_t length = 0;

	while (span_split(&rest, '=', &piece)) {
		length += step(base64, piece, to + length);
		if (rest.data == NULL)
			break;
		length += pad(base64, to + length);
		base64->padded = true;
	}
	return length;
}

size_t
base64_end(struct base64 *base64, char *to)
{
	bool alone = base64->state == 1;
	size_t length = base64->state > 1 ? pad(base64, to) : 0;

	base64->broken |= alone;
	return length;
}
