/* received - one Received field (see received.h). */
#include "config.h"

#include "lib/mail/received.h"

#include <string.h>

#include "lib/mail/domain.h"

#define ADDRESS_TAG "IPv6:" /* RFC 5321 section 4.1.3 */

enum token {
	TOKEN_END, /* of the clauses: the date follows, or nothing */
	TOKEN_WORD,
	TOKEN_COMMENT,
	TOKEN_BROKEN
};

/* The length of a comment with its parentheses; 0: it does not end. */
static size_t
comment_length(struct span text)
{
	size_t i, depth = 0;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (text.data[i] == '(')
			depth++;
		else if (text.data[i] == ')')
			depth--;
		if (depth == 0)
			return i + 1;
		if (depth > RECEIVED_COMMENT_DEPTH_MAX)
			return 0;
	}
	return 0;
}

static size_t
word_length(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (ascii_is_space((unsigned char)text.data[i]) ||
		    strchr("();", text.data[i]) != NULL)
			break;
	return i;
}

/* Cuts the next token off the front; a comment comes without parentheses. */
static enum token
next_token(struct span *rest, struct span *token_r)
{
	enum token token = TOKEN_WORD;
	size_t length;

	*rest = span_trim(*rest);
	if (rest->length == 0 || rest->data[0] == ';')
		return TOKEN_END;
	token_r->data = rest->data;
	if (rest->data[0] == '(') {
		token = TOKEN_COMMENT;
		length = comment_length(*rest);
		token_r->data++;
		token_r->length = length - 2;
	} else {
		token_r->length = length = word_length(*rest);
	}
	if (length == 0)
		return TOKEN_BROKEN;
	rest->data += length;
	rest->length -= length;
	return token;
}

static enum status
copy_lower(struct region *region, struct span text, const char **copy_r)
{
	char *copy = region_memdup(region, text.data, text.length);

	if (copy == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, text.length);
	*copy_r = copy;
	return STATUS_OK;
}

/* "192.0.2.1" or "IPv6:2001:db8::1", between brackets. */
static bool
read_address(struct span text, struct ip *ip_r)
{
	char address[IP_TEXT_BYTES];

	if (span_starts_nocase(text, ADDRESS_TAG)) {
		text.data += strlen(ADDRESS_TAG);
		text.length -= strlen(ADDRESS_TAG);
	}
	if (text.length >= sizeof(address))
		return false;
	memcpy(address, text.data, text.length);
	address[text.length] = '\0';
	return ip_parse(address, ip_r) == STATUS_OK;
}

/* "NAME [ADDRESS]"; Sendmail adds "(may be forged)" to a name that it doubts. */
static enum status
read_client(
    struct region *region, struct span comment, struct received *received)
{
	struct span rest = comment, name, address;
	const char *copy;
	enum status status;

	if (!span_split(&rest, '[', &name) ||
	    !span_split(&rest, ']', &address) || rest.data == NULL ||
	    !read_address(address, &received->client_ip))
		return STATUS_INVALID;
	status = copy_lower(region, span_trim(name), &copy);
	if (status == STATUS_OK && span_trim(rest).length == 0 &&
	    domain_is_valid(copy) && strcmp(copy, "unknown") != 0)
		received->client_name = copy;
	return status;
}

/* The "from" clause: a word and, directly behind it, the client. */
static enum status
read_from(struct region *region, struct span *rest, struct received *received)
{
	struct span token;
	enum status status;

	if (next_token(rest, &token) != TOKEN_WORD ||
	    !span_equals_nocase(token, "from") ||
	    next_token(rest, &token) != TOKEN_WORD)
		return STATUS_INVALID;
	status = copy_lower(region, token, &received->helo);
	if (status != STATUS_OK)
		return status;
	if (next_token(rest, &token) != TOKEN_COMMENT)
		return STATUS_INVALID;
	return read_client(region, token, received);
}

/* The "by" clause; only comments may stand before it. */
static enum status
read_by(struct region *region, struct span *rest, struct received *received)
{
	struct span word;
	enum token token;

	do
		token = next_token(rest, &word);
	while (token == TOKEN_COMMENT);
	if (token != TOKEN_WORD || !span_equals_nocase(word, "by") ||
	    next_token(rest, &word) != TOKEN_WORD)
		return STATUS_INVALID;
	return copy_lower(region, word, &received->by);
}

/* The "with" clause, if there is one; broken ends do not matter. */
static enum status
read_with(struct region *region, struct span *rest, struct received *received)
{
	bool is_with = false;
	struct span token;

	for (;;) {
		switch (next_token(rest, &token)) {
		case TOKEN_END:
		case TOKEN_BROKEN:
			return STATUS_OK;
		case TOKEN_COMMENT:
			break;
		case TOKEN_WORD:
			if (is_with)
				return copy_lower(
				    region, token, &received->protocol);
			is_with = span_equals_nocase(token, "with");
			break;
		}
	}
}

static void
clear(struct received *received)
{
	memset(received, 0, sizeof(*received));
	received->client_ip.family = AF_UNSPEC;
	received->helo = received->client_name = "";
	received->by = received->protocol = "";
}

/* No field is that long, and no text holds NUL. */
static bool
is_readable(struct span value)
{
	return value.length <= RECEIVED_BYTES_MAX &&
	    (value.length == 0 || !memchr(value.data, '\0', value.length));
}

enum status
received_parse(
    struct region *region, struct span value, struct received *received_r)
{
	struct span rest = value;
	enum status status;

	clear(received_r);
	if (!is_readable(value))
		return STATUS_INVALID;
	status = read_from(region, &rest, received_r);
	if (status == STATUS_OK)
		status = read_by(region, &rest, received_r);
	if (status == STATUS_OK)
		status = read_with(region, &rest, received_r);
	if (status != STATUS_OK)
		clear(received_r);
	return status;
}

/* LMTP, LMTPS, UTF8LMTP and so on (RFC 3848, RFC 6531). */
static bool
is_lmtp(struct span protocol)
{
	return span_starts_nocase(protocol, "lmtp") ||
	    span_starts_nocase(protocol, "utf8lmtp");
}

/* A client may say "x by y with lmtp" for its HELO name: then there are two
 * "by", for the host writes its own. */
bool
received_is_local(struct span value)
{
	size_t from = 0, by = 0, with = 0;
	bool was_with = false, over_lmtp = false;
	struct span rest = value, word;
	enum token token;

	if (!is_readable(value))
		return false;
	while ((token = next_token(&rest, &word)) != TOKEN_END) {
		if (token == TOKEN_BROKEN)
			return false;
		if (token == TOKEN_COMMENT)
			continue;
		over_lmtp = over_lmtp || (was_with && is_lmtp(word));
		was_with = span_equals_nocase(word, "with");
		from += span_equals_nocase(word, "from");
		by += span_equals_nocase(word, "by");
		with += was_with;
	}
	return from == 0 || (over_lmtp && by == 1 && with == 1);
}
