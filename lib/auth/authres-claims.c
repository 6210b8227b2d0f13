/*
 * authres-claims - whose field is this? (see authres.h)
 *
 * Readers differ in how they treat what the grammar forbids, so the beginning
 * of the field is read in several ways; one that finds our authserv-id is
 * enough.  To remove a field too many costs a reader little; to leave a forged
 * one costs the trust in all of them (RFC 8601 section 5).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/auth/authres-private.h"
#include "lib/auth/authres.h"
#include "lib/mail/domain.h"

/*
 * Bytes in front of the first ';' that are looked at.  A field with more there
 * is hostile: it is taken for a claim.
 */
#define CLAIM_MAX_BYTES 4096

/* One way of reading. */
struct reading {
	bool nested;  /* comments nest */
	bool escapes; /* a backslash hides the next byte in them */
	bool joins;   /* a comment is nothing, else it is a blank */
};

static const struct reading readings[] = {
	{ true, true, false },
	{ true, true, true },
	{ false, true, false },
	{ false, true, true },
	{ true, false, false },
	{ false, false, false },
};

/* The beginning of a field, its comments gone. */
struct head {
	size_t length;
	char text[CLAIM_MAX_BYTES + 4]; /* a character may reach over */
};

/* Bytes of the comment at the front of text; it may end with the text. */
static size_t
comment_length(struct span text, const struct reading *reading)
{
	size_t at = 0, depth = 0;

	do {
		if (text.data[at] == '\\' && reading->escapes)
			at++;
		else if (text.data[at] == '(' && (reading->nested || at == 0))
			depth++;
		else if (text.data[at] == ')')
			depth--;
		at++;
	} while (depth > 0 && at < text.length);
	return at < text.length ? at : text.length;
}

/* What counts of one byte outside of comments: 0 is nothing at all. */
static char
plain_byte(char c)
{
	if (c == '"' || c == '\\' || (unsigned char)c == 0x7f)
		return '\0';
	if (ascii_is_space(c))
		return ' ';
	if ((unsigned char)c < 0x20)
		return '\0';
	return ascii_lower(c);
}

/* Takes the byte or the character at the front of text; returns its bytes. */
static size_t
head_add(struct head *head, struct span text)
{
	size_t bytes = 1;
	char c;

	if ((unsigned char)text.data[0] >= 0x80) {
		if ((bytes = authres_match_utf8(text)) == 0)
			return 1; /* as a control byte: nothing */
		memcpy(head->text + head->length, text.data, bytes);
		head->length += bytes;
	} else if ((c = plain_byte(text.data[0])) != '\0') {
		head->text[head->length++] = c;
	}
	return bytes;
}

/* False: the head is longer than CLAIM_MAX_BYTES. */
static bool
head_read(struct head *head, struct span value, const struct reading *reading)
{
	struct span rest = value;
	size_t bytes;

	head->length = 0;
	while (rest.length > 0 && rest.data[0] != ';') {
		if (value.length - rest.length >= CLAIM_MAX_BYTES)
			return false;
		if (rest.data[0] == '(') {
			bytes = comment_length(rest, reading);
			if (!reading->joins)
				head->text[head->length++] = ' ';
		} else {
			bytes = head_add(head, rest);
		}
		rest.data += bytes;
		rest.length -= bytes;
	}
	head->text[head->length] = '\0';
	return true;
}

static void
remove_blanks(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

/*
 * A domain as it is compared: A-labels, lower case, no dot at the end, no
 * blanks (an authserv-id may be any quoted string).
 */
static void
fold_domain(char *to, size_t size, const char *text)
{
	size_t length;

	if (domain_to_ascii(text, to, size) != STATUS_OK &&
	    str_copy(to, size, text) != STATUS_OK)
		to[0] = '\0';
	length = strlen(to);
	while (length > 0 && to[length - 1] == '.')
		to[--length] = '\0';
	ascii_lower_all(to, length);
	remove_blanks(to);
}

static bool
domain_equals(const char *text, const char *folded_id)
{
	char folded[CLAIM_MAX_BYTES + 4];

	fold_domain(folded, sizeof(folded), text);
	return strcmp(folded, folded_id) == 0;
}

static bool
is_separator(char c)
{
	return strchr(" ()<>@,:/[]?=", c) != NULL;
}

/* The first word alone: whatever stands behind it. */
static bool
first_word_equals(const struct head *head, const char *folded_id)
{
	char word[CLAIM_MAX_BYTES + 4];
	size_t at = 0, length = 0;

	while (at < head->length && is_separator(head->text[at]))
		at++;
	while (at < head->length && !is_separator(head->text[at]))
		word[length++] = head->text[at++];
	word[length] = '\0';
	return length > 0 && domain_equals(word, folded_id);
}

/* All words in one, blanks left out, without a version at the end. */
static bool
joined_words_equal(const struct head *head, const char *folded_id)
{
	char joined[CLAIM_MAX_BYTES + 4];
	size_t end = head->length, digits, at, length = 0;

	while (end > 0 && head->text[end - 1] == ' ')
		end--;
	digits = end;
	while (digits > 0 && ascii_is_digit(head->text[digits - 1]))
		digits--;
	if (digits > 0 && head->text[digits - 1] == ' ')
		end = digits;
	for (at = 0; at < end; at++)
		if (head->text[at] != ' ')
			joined[length++] = head->text[at];
	joined[length] = '\0';
	return length > 0 && domain_equals(joined, folded_id);
}

bool
authres_claims(struct span value, const char *authserv_id)
{
	char folded_id[CLAIM_MAX_BYTES + 4];
	struct head head;
	size_t i;

	fold_domain(folded_id, sizeof(folded_id), authserv_id);
	for (i = 0; i < GP_NELEMS(readings); i++) {
		if (!head_read(&head, value, &readings[i]))
			return true;
		if (strstr(head.text, "=?") != NULL)
			return true; /* an encoded word may say anything */
		if (first_word_equals(&head, folded_id) ||
		    joined_words_equal(&head, folded_id))
			return true;
	}
	return false;
}
