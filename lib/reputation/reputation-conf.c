/* reputation-conf - the keys of the `reputation` section. */
#include "config.h"

#include "lib/reputation/reputation-conf.h"

#include <stddef.h>

#define HOUR_MS    (INT64_C(3600) * 1000)
#define DAY_MS     (24 * HOUR_MS)
#define POINTS_MAX 1000

static const struct conf_key keys[] = {
	{ .name = "enabled",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct reputation_conf, enabled),
	    .default_text = "yes",
	    .help = "Whether addresses, networks, names and domains are known "
		    "by the mail that came from them before." },
	{ .name = "half_life",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct reputation_conf, half_life),
	    .default_text = "30d",
	    .min = HOUR_MS,
	    .max = 3650 * DAY_MS,
	    .help = "The time after which a message counts half; with another "
		    "time everything is learned anew." },
	{ .name = "learn_ham",
	    .type = CONF_DOUBLE,
	    .offset = offsetof(struct reputation_conf, learn_ham),
	    .default_text = "1.0",
	    .min = -POINTS_MAX,
	    .max = POINTS_MAX,
	    .help = "Mail with these points or fewer, history left out, is "
		    "learned as good if SPF or DKIM proved a domain of it and "
		    "nothing is unknown: no temperror, and no block list that "
		    "was asked and did not answer." },
	{ .name = "learn_spam",
	    .type = CONF_DOUBLE,
	    .offset = offsetof(struct reputation_conf, learn_spam),
	    .default_text = "8.0",
	    .min = -POINTS_MAX,
	    .max = POINTS_MAX,
	    .help = "Mail with these points or more, history left out, is "
		    "learned as spam." },
	{ .name = "known_lifetime",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct reputation_conf, known_lifetime),
	    .default_text = "180d",
	    .min = HOUR_MS,
	    .max = 3650 * DAY_MS,
	    .help = "How long somebody to whom a message was sent stays a "
		    "known correspondent." },
	{ .name = "reply_lifetime",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct reputation_conf, reply_lifetime),
	    .default_text = "30d",
	    .min = HOUR_MS,
	    .max = 3650 * DAY_MS,
	    .help = "How long a message that was sent is remembered by its "
		    "Message-ID, so that answers of those who got it are "
		    "known." },
};

const struct conf_section reputation_conf_section = {
	.name = "reputation",
	.help = "What is remembered of those who sent mail, and of those to "
		"whom it was sent.",
	.keys = keys,
	.key_count = GP_NELEMS(keys),
};

const char *
reputation_conf_error(const struct reputation_conf *conf)
{
	if (conf->learn_ham >= conf->learn_spam)
		return "reputation.learn_ham: is not below "
		       "reputation.learn_spam";
	return NULL;
}
