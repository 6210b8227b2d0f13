/* clamav-conf - the keys of the `clamav` section (see clamav-conf.h). */
#include "config.h"

#include "lib/clamav/clamav-conf.h"

#include <stddef.h>

#include "lib/net/socket.h"

static const char *const virus_choices[] = { "reject", "quarantine", "junk",
	"mark", NULL };
static const char *const failure_choices[] = { "accept", "tempfail", NULL };

static const char *const too_large_choices[] = { "accept", "tempfail", "reject",
	NULL };

static const struct conf_key keys[] = {
	{ .name = "socket",
	    .type = CONF_STRING,
	    .offset = offsetof(struct clamav_conf, socket),
	    .default_text = "",
	    .help = "Where clamd(8) listens: unix:/PATH (its LocalSocket), "
		    "inet:PORT@HOST or inet6:PORT@HOST, HOST being an address "
		    "or localhost; empty: mail is not checked for viruses.",
	    .check = socket_spec_check_optional },
	{ .name = "size_max",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct clamav_conf, size_max),
	    .default_text = "25M",
	    .min = 65536,
	    .max = 1073741824,
	    .help = "How much of a message, from its beginning, clamd gets; "
		    "not more than its StreamMaxLength; what is behind is not "
		    "checked (on_too_large)." },
	{ .name = "timeout",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct clamav_conf, timeout),
	    .default_text = "8s",
	    .min = 100,
	    .max = 120000,
	    .help = "How long the end of a message waits for clamd; never "
		    "longer than scan.timeout." },
	{ .name = "on_virus",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct clamav_conf, on_virus),
	    .default_text = "reject",
	    .choices = virus_choices,
	    .help = "What to do with a message in which clamd finds a virus; "
		    "mark: only the points of VIRUS count; what clamd is told "
		    "to alert on (Heuristics.Encrypted, AlertOLE2Macros) is a "
		    "virus here too." },
	{ .name = "on_failure",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct clamav_conf, on_failure),
	    .default_text = "accept",
	    .choices = failure_choices,
	    .help = "What to do with a message that clamd does not check "
		    "because it is not there, fails or takes too long." },
	{ .name = "on_too_large",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct clamav_conf, on_too_large),
	    .default_text = "accept",
	    .choices = too_large_choices,
	    .help =
		"What to do with a message larger than size_max, of which "
		"clamd checks only the beginning, and finds nothing there, "
		"or larger than its StreamMaxLength, of which it checks "
		"nothing, or over another limit of it that it tells of "
		"(AlertExceedsMax); tempfail: until you raise these, or the sender "
		"gives up." },
};

const struct conf_section clamav_conf_section = {
	.name = "clamav",
	.help = "Whether ClamAV looks for viruses in mail.",
	.keys = keys,
	.key_count = GP_NELEMS(keys),
};
