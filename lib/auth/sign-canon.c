/*
 * sign-canon - relaxed canonicalization (see sign-canon.h).
 *
 * Three layers: split() finds the line ends, add_text() breaks long lines, and
 * below them stand what a field or the body makes of text and of a line end.
 */
#include "config.h"

#include "lib/auth/sign-canon.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define BUFFER_BYTES 4096 /* so that a digest call has something to do */

struct auth_sign_canon {
	EVP_MD_CTX *digest;
	bool failed;
	size_t line_limit;
	size_t column;      /* bytes of the line so far */
	bool in_body;       /* or in a header field */
	bool held_return;   /* a CR that may be the first half of a CRLF */
	bool held_blank;    /* white space that may be at the end of a line */
	bool has_text;      /* of the body, or of the value of the field */
	size_t held_lines;  /* line ends that may be at the end of the body */
	size_t buffer_used; /* of buffer, last so that copies are short */
	unsigned char buffer[BUFFER_BYTES];
};

enum status
auth_sign_canon_new(size_t line_limit, struct auth_sign_canon **canon_r)
{
	struct auth_sign_canon *canon;

	*canon_r = NULL;
	if ((canon = malloc(sizeof(*canon))) == NULL)
		return STATUS_NOMEM;
	memset(canon, 0, offsetof(struct auth_sign_canon, buffer));
	canon->line_limit = line_limit;
	canon->digest = EVP_MD_CTX_new();
	if (canon->digest == NULL ||
	    EVP_DigestInit_ex(canon->digest, EVP_sha256(), NULL) != 1) {
		auth_sign_canon_free(&canon);
		return STATUS_NOMEM;
	}
	*canon_r = canon;
	return STATUS_OK;
}

enum status
auth_sign_canon_copy(
    const struct auth_sign_canon *canon, struct auth_sign_canon **copy_r)
{
	struct auth_sign_canon *copy;

	*copy_r = NULL;
	if ((copy = malloc(sizeof(*copy))) == NULL)
		return STATUS_NOMEM;
	memcpy(copy, canon,
	    offsetof(struct auth_sign_canon, buffer) + canon->buffer_used);
	copy->digest = EVP_MD_CTX_new();
	if (copy->digest == NULL ||
	    EVP_MD_CTX_copy_ex(copy->digest, canon->digest) != 1) {
		auth_sign_canon_free(&copy);
		return STATUS_NOMEM;
	}
	*copy_r = copy;
	return STATUS_OK;
}

void
auth_sign_canon_free(struct auth_sign_canon **canon)
{
	if (*canon == NULL)
		return;
	EVP_MD_CTX_free((*canon)->digest);
	free(*canon);
	*canon = NULL;
}

static void
digest(struct auth_sign_canon *canon, const void *data, size_t length)
{
	if (EVP_DigestUpdate(canon->digest, data, length) != 1)
		canon->failed = true;
}

/* Canonical bytes. */
static void
put(struct auth_sign_canon *canon, const void *data, size_t length)
{
	if (length > BUFFER_BYTES - canon->buffer_used) {
		digest(canon, canon->buffer, canon->buffer_used);
		canon->buffer_used = 0;
		if (length > BUFFER_BYTES) {
			digest(canon, data, length);
			return;
		}
	}
	memcpy(canon->buffer + canon->buffer_used, data, length);
	canon->buffer_used += length;
}

/* What was held back stands in front of more text: it counts. */
static void
put_held(struct auth_sign_canon *canon)
{
	for (; canon->held_lines > 0; canon->held_lines--)
		put(canon, "\r\n", 2);
	if (canon->held_blank && (canon->in_body || canon->has_text))
		put(canon, " ", 1);
	canon->held_blank = false;
	canon->has_text = true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * How long text goes on that stays as it is: to the next white space that is
 * not one space between two words.
 */
static size_t
plain_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length) {
		if (!is_blank(text[i]))
			i++;
		else if (text[i] == ' ' && i + 1 < length &&
		    !is_blank(text[i + 1]))
			i += 2;
		else
			break;
	}
	return i;
}

/* Text without line ends. */
static void
put_text(struct auth_sign_canon *canon, const char *text, size_t length)
{
	size_t plain;

	canon->column += length;
	while (length > 0) {
		plain = 1;
		if (is_blank(text[0])) {
			canon->held_blank = true;
		} else {
			put_held(canon);
			plain = plain_length(text, length);
			put(canon, text, plain);
		}
		text += plain;
		length -= plain;
	}
}

/* A fold of a field counts for nothing, the blank behind it for one. */
static void
end_line(struct auth_sign_canon *canon)
{
	canon->column = 0;
	if (!canon->in_body)
		return;
	canon->held_blank = false;
	canon->held_lines++;
}

/* Text without line ends, with those that the MTA will put into it. */
static void
add_text(struct auth_sign_canon *canon, const char *text, size_t length)
{
	size_t limit = canon->line_limit, room;

	while (limit > 1 && canon->column + length > limit) {
		room = canon->column < limit ? limit - canon->column : 0;
		put_text(canon, text, room);
		end_line(canon);
		put_text(canon, " ", 1);
		text += room;
		length -= room;
	}
	put_text(canon, text, length);
}

/* Text with line ends; a CR at its end is held until what follows is known. */
static void
split(struct auth_sign_canon *canon, const char *data, size_t length)
{
	const char *newline, *from = data, *end = data + length;

	if (canon->held_return && length > 0) {
		canon->held_return = false;
		if (*data == '\n') {
			end_line(canon);
			from++;
		} else {
			add_text(canon, "\r", 1);
		}
	}
	data = from;
	while (data < end &&
	    (newline = memchr(data, '\n', (size_t)(end - data))) != NULL) {
		data = newline + 1;
		if (newline == from || newline[-1] != '\r')
			continue;
		add_text(canon, from, (size_t)(newline - 1 - from));
		end_line(canon);
		from = data;
	}
	if (from < end && end[-1] == '\r') {
		canon->held_return = true;
		end--;
	}
	add_text(canon, from, (size_t)(end - from));
}

static void
release_return(struct auth_sign_canon *canon)
{
	if (canon->held_return)
		add_text(canon, "\r", 1);
	canon->held_return = false;
}

void
auth_sign_canon_field(struct auth_sign_canon *canon, struct span name,
    struct span value, bool is_last)
{
	size_t i;
	char c;

	canon->in_body = false;
	canon->has_text = false;
	canon->held_blank = false;
	for (i = 0; i < name.length; i++) {
		c = ascii_lower(name.data[i]);
		put(canon, &c, 1);
	}
	put(canon, ":", 1);
	canon->column = name.length + 1;
	split(canon, value.data, value.length);
	release_return(canon);
	if (!is_last)
		put(canon, "\r\n", 2);
	canon->column = 0;
	canon->has_text = false;
	canon->held_blank = false;
}

void
auth_sign_canon_body(
    struct auth_sign_canon *canon, const void *data, size_t length)
{
	canon->in_body = true;
	split(canon, data, length);
}

/* A body that is not empty ends in one line end. */
void
auth_sign_canon_body_end(struct auth_sign_canon *canon)
{
	canon->in_body = true;
	release_return(canon);
	if (canon->has_text)
		put(canon, "\r\n", 2);
}

enum status
auth_sign_canon_finish(
    struct auth_sign_canon *canon, unsigned char hash[AUTH_SIGN_HASH_BYTES])
{
	unsigned int length;

	digest(canon, canon->buffer, canon->buffer_used);
	canon->buffer_used = 0;
	if (EVP_DigestFinal_ex(canon->digest, hash, &length) != 1)
		canon->failed = true;
	return canon->failed ? STATUS_NOMEM : STATUS_OK;
}
