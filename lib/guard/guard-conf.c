/* guard-conf - the keys of the `guard` section (see guard-conf.h). */
#include "config.h"

#include "lib/guard/guard-conf.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/net/socket.h"

#define COUNT_MAX     1000000000
#define MINUTE_MS     (INT64_C(60) * 1000)
#define DAY_MS        (24 * 60 * MINUTE_MS)
#define ADDRESS_BYTES 254 /* RFC 5321 section 4.5.3.1.3 */

/* It goes into RCPT TO:<> and a header field as it is. */
static const char *
check_notify(const char *text)
{
	size_t i, at_count = 0;

	for (i = 0; text[i] != '\0'; i++) {
		if (!ascii_is_print(text[i]) ||
		    strchr(" \"(),:;<>[\\]", text[i]) != NULL)
			break;
		at_count += text[i] == '@';
	}
	if (i == 0 || text[i] != '\0' || i > ADDRESS_BYTES || at_count > 1 ||
	    text[0] == '@' || text[i - 1] == '@')
		return "must be a mail address, a name of this host, or off";
	return NULL;
}

static const char *
check_name(const char *text)
{
	return text[0] == '\0' ? "a login is not empty" : NULL;
}

static const char *const virus_choices[] = { "reject", "hold", "mark", NULL };
static const char *const action_choices[] = { "hold", "defer", "reject", NULL };

static const struct conf_key keys[] = {
	{ .name = "on_virus",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct guard_conf, on_virus),
	    .default_text = "reject",
	    .choices = virus_choices,
	    .help = "What to do with outbound mail in which clamd finds a "
		    "virus or that holds the GTUBE test text; hold: put it "
		    "into Postfix's hold queue." },
	{ .name = "messages",
	    .type = CONF_RATE,
	    .offset = offsetof(struct guard_conf, messages),
	    .default_text = "100/1m",
	    .min = 1,
	    .max = COUNT_MAX,
	    .help = "How many messages one login may send." },
	{ .name = "recipients",
	    .type = CONF_RATE,
	    .offset = offsetof(struct guard_conf, recipients),
	    .default_text = "1000/1h",
	    .min = 1,
	    .max = COUNT_MAX,
	    .help = "To how many recipients one login may send." },
	{ .name = "junk",
	    .type = CONF_RATE,
	    .offset = offsetof(struct guard_conf, junk),
	    .default_text = "100/1h",
	    .min = 1,
	    .max = COUNT_MAX,
	    .help = "How many points the messages of one login may have "
		    "together, those with less than score.junk left out." },
	{ .name = "except",
	    .type = CONF_LIST,
	    .offset = offsetof(struct guard_conf, except),
	    .default_text = "",
	    .help = "Logins without limits, and addresses and networks of "
		    "your own from which mail without a login has none.",
	    .check = check_name },
	{ .name = "action",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct guard_conf, action),
	    .default_text = "hold",
	    .choices = action_choices,
	    .help = "What to do with the mail of a login that went over a "
		    "limit: put it into Postfix's hold queue, defer or refuse "
		    "it." },
	{ .name = "duration",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct guard_conf, duration),
	    .default_text = "1h",
	    .min = MINUTE_MS,
	    .max = 31 * DAY_MS,
	    .help = "How long that lasts; gatepost guard reset ends it." },
	{ .name = "notify",
	    .type = CONF_STRING,
	    .offset = offsetof(struct guard_conf, notify),
	    .default_text = "postmaster",
	    .help = "Who gets a mail, once a day and login, when a login goes "
		    "over a limit; off: nobody.",
	    .check = check_notify },
	{ .name = "smtp",
	    .type = CONF_STRING,
	    .offset = offsetof(struct guard_conf, smtp),
	    .default_text = "inet:25@127.0.0.1",
	    .help = "Where that mail is handed over by SMTP: inet:PORT@HOST, "
		    "inet6:PORT@HOST or unix:/PATH, HOST being an address or "
		    "localhost.",
	    .check = socket_spec_check },
};

const struct conf_section guard_conf_section = {
	.name = "guard",
	.help = "Outbound mail: viruses, and how much one login may send in a "
		"time; for mail from general.own_networks without a login, one "
		"client address.",
	.keys = keys,
	.key_count = GP_NELEMS(keys),
};
