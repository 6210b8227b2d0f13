/* redis-reply - reading replies (see redis-reply.h). */
#include "config.h"

#include "lib/store/redis-reply.h"

#include <float.h>
#include <stdio.h>

#define NUMBER_BYTES_MAX 400 /* DBL_MAX has 309 digits before the point */

/* The first word of an error reply; any other is of the operation alone. */
static const struct {
	const char *word;
	enum redis_error error;
} error_words[] = {
	{ "MOVED", REDIS_ERROR_MOVED }, { "ASK", REDIS_ERROR_ASK },
	{ "TRYAGAIN", REDIS_ERROR_CLUSTER },
	{ "CLUSTERDOWN", REDIS_ERROR_CLUSTER },
	{ "READONLY", REDIS_ERROR_SERVER },   /* no longer the primary */
	{ "LOADING", REDIS_ERROR_SERVER },    /* it has just started */
	{ "MASTERDOWN", REDIS_ERROR_SERVER }, /* a replica that lost it */
	{ "NOAUTH", REDIS_ERROR_SERVER },     /* the password was changed */
};

enum redis_error
redis_reply_error(const redisReply *reply)
{
	struct span rest, word;
	size_t i;

	if (reply->type != REDIS_REPLY_ERROR)
		return REDIS_ERROR_NONE;
	rest = redis_reply_span(reply);
	if (!span_split(&rest, ' ', &word))
		return REDIS_ERROR_OPERATION;
	for (i = 0; i < GP_NELEMS(error_words); i++)
		if (span_equals(word, error_words[i].word))
			return error_words[i].error;
	return REDIS_ERROR_OPERATION;
}

bool
redis_reply_is_status(const redisReply *reply, const char *text)
{
	return reply->type == REDIS_REPLY_STATUS &&
	    span_equals(redis_reply_span(reply), text);
}

struct span
redis_reply_span(const redisReply *reply)
{
	struct span span = { NULL, 0 };

	if (reply->type == REDIS_REPLY_STRING ||
	    reply->type == REDIS_REPLY_STATUS ||
	    reply->type == REDIS_REPLY_ERROR) {
		span.data = reply->str;
		span.length = reply->len;
	}
	return span;
}

static bool
take_minus(struct span *text)
{
	if (text->length == 0 || text->data[0] != '-')
		return false;
	text->data++;
	text->length--;
	return true;
}

/* Takes digits off the front, at the most all; false when there are none. */
static bool
take_digits(struct span *text, double *value_r, double *scale_r)
{
	size_t count = 0;

	*value_r = 0;
	*scale_r = 1;
	while (text->length > 0 && ascii_is_digit(text->data[0])) {
		*value_r = *value_r * 10 + (text->data[0] - '0');
		*scale_r *= 10;
		text->data++;
		text->length--;
		count++;
	}
	return count > 0;
}

/* Not strtod(): that one reads more, and by the locale. */
enum status
redis_number_parse(struct span text, double *number_r)
{
	double whole, fraction = 0, scale = 1;
	bool is_negative = take_minus(&text);

	*number_r = 0;
	if (text.length > NUMBER_BYTES_MAX ||
	    !take_digits(&text, &whole, &scale))
		return STATUS_INVALID;
	scale = 1;
	if (text.length > 0 && text.data[0] == '.') {
		text.data++;
		text.length--;
		if (!take_digits(&text, &fraction, &scale))
			return STATUS_INVALID;
	}
	if (text.length != 0)
		return STATUS_INVALID;
	whole += fraction / scale;
	if (!(whole <= DBL_MAX))
		return STATUS_INVALID;
	*number_r = is_negative ? -whole : whole;
	return STATUS_OK;
}

const char *
redis_number_text(double number, char text[REDIS_NUMBER_BYTES])
{
	snprintf(text, REDIS_NUMBER_BYTES, "%.17g", number);
	return text;
}

enum status
redis_integer_parse(struct span text, int64_t *number_r)
{
	bool is_negative = take_minus(&text);
	uint64_t number;

	*number_r = 0;
	if (str_to_uint64(text, (uint64_t)INT64_MAX + is_negative, &number) !=
	    STATUS_OK)
		return STATUS_INVALID;
	*number_r = (int64_t)(is_negative ? 0 - number : number);
	return STATUS_OK;
}

enum status
redis_reply_time_ms(const redisReply *reply, int64_t *time_ms_r)
{
	uint64_t seconds, microseconds;

	*time_ms_r = 0;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    str_to_uint64(redis_reply_span(reply->element[0]), INT64_MAX / 2000,
		&seconds) != STATUS_OK ||
	    str_to_uint64(redis_reply_span(reply->element[1]), 999999,
		&microseconds) != STATUS_OK)
		return STATUS_INVALID;
	*time_ms_r = (int64_t)seconds * 1000 + (int64_t)microseconds / 1000;
	return STATUS_OK;
}
