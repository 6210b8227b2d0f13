/* base64 - base64 as mail has it (see base64.h). */
#include "config.h"

#include "lib/mail/base64.h"

#include <string.h>

/* Six bits a character; -1: not of the alphabet (RFC 4648 section 4). */
static const signed char values[128] = {
	/* clang-format off */
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
	-1,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
	/* clang-format on */
};

void
base64_init(struct base64 *base64)
{
	memset(base64, 0, sizeof(*base64));
}

/* The bytes of a quantum that has no fourth character; begins a new one. */
static size_t
end_quantum(struct base64 *base64, char *to)
{
	size_t length = 0;

	if (base64->count >= 2)
		to[length++] =
		    (char)(base64->bits >> (base64->count == 2 ? 4 : 10));
	if (base64->count == 3)
		to[length++] = (char)(base64->bits >> 2);
	base64->count = 0;
	base64->bits = 0;
	return length;
}

/* What a '=' does: the quantum is over. */
static size_t
pad(struct base64 *base64, char *to)
{
	base64->broken |=
	    base64->count == 1 || (base64->count == 0 && !base64->padded);
	base64->padded = true;
	return end_quantum(base64, to);
}

/* One more character of the alphabet. */
static size_t
add(struct base64 *base64, unsigned int value, char *to)
{
	base64->broken |= base64->padded;
	base64->padded = false;
	base64->bits = base64->bits << 6 | value;
	if (++base64->count < 4)
		return 0;
	to[0] = (char)(base64->bits >> 16);
	to[1] = (char)(base64->bits >> 8);
	to[2] = (char)base64->bits;
	base64->count = 0;
	base64->bits = 0;
	return 3;
}

size_t
base64_step(struct base64 *base64, struct span from, char *to)
{
	size_t length = 0, i;
	unsigned char c;

	for (i = 0; i < from.length; i++) {
		c = (unsigned char)from.data[i];
		if (c < sizeof(values) && values[c] >= 0)
			length +=
			    add(base64, (unsigned int)values[c], to + length);
		else if (c == '=')
			length += pad(base64, to + length);
		else
			base64->broken |= !ascii_is_space(c);
	}
	return length;
}

size_t
base64_end(struct base64 *base64, char *to)
{
	base64->broken |= base64->count == 1;
	return end_quantum(base64, to);
}
