/* dkim-length - the canonical length of a body (see dkim-length.h). */
#include "config.h"

#include "lib/auth/dkim-length.h"

void
auth_dkim_length_init(struct auth_dkim_length *length, bool relaxed)
{
	*length = (struct auth_dkim_length){ .relaxed = relaxed };
}

/* A byte that is no part of a line end. */
static void
add_byte(struct auth_dkim_length *length, char c)
{
	if (length->relaxed && (c == ' ' || c == '\t')) {
		length->pending_blank = true;
		return;
	}
	length->bytes += 2 * length->pending_lines;
	length->pending_lines = 0;
	length->bytes += length->pending_blank ? 2 : 1;
	length->pending_blank = false;
}

static void
end_line(struct auth_dkim_length *length)
{
	length->pending_cr = false;
	length->pending_blank = false;
	length->pending_lines++;
}

void
auth_dkim_length_add(
    struct auth_dkim_length *length, const void *data, size_t size)
{
	const char *text = data;
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '\n' && length->pending_cr) {
			end_line(length);
			continue;
		}
		if (length->pending_cr)
			add_byte(length, '\r');
		length->pending_cr = text[i] == '\r';
		if (!length->pending_cr)
			add_byte(length, text[i]);
	}
}

uint64_t
auth_dkim_length_total(const struct auth_dkim_length *length)
{
	uint64_t bytes = length->bytes;

	/* A body that is empty is one line end to "simple", none to "relaxed". */
	if (bytes == 0 && !length->pending_cr)
		return length->relaxed ? 0 : 2;
	if (length->pending_cr)
		bytes += 2 * length->pending_lines + 1;
	return bytes + 2;
}
