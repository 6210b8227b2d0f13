/* senders-conf - the `senders` section (see senders-conf.h). */
#include "config.h"

#include "lib/senders/senders-conf.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/conf/conf-check.h"

static const char *const action_choices[] = { "reject", "mark", "off", NULL };
static const char *const match_choices[] = { "off", "address", "domain", NULL };
static const char *const error_choices[] = { "accept", "tempfail", NULL };

bool
senders_conf_is_table(const char *map)
{
	return map[0] != '/';
}

bool
senders_conf_has_source(const struct senders_conf *conf)
{
	return conf->map.count > 0 || conf->docker_mailserver[0] != '\0' ||
	    conf->match != SENDERS_MATCH_OFF;
}

/* A type begins with a letter: no item can be an option of postmap. */
static const char *
check_map(const char *text)
{
	size_t i;

	if (!senders_conf_is_table(text))
		return NULL;
	for (i = 0; ascii_is_alnum(text[i]) || text[i] == '_'; i++)
		;
	if (!ascii_is_alpha(text[0]) || text[i] != ':' || text[i + 1] == '\0')
		return "must be the absolute path of a file, or a Postfix "
		       "table (TYPE:NAME)";
	return NULL;
}

static const struct conf_key senders_keys[] = {
	{ "action", CONF_CHOICE, offsetof(struct senders_conf, action),
	    "reject", 0, 0, action_choices,
	    "What to do with mail of a login whose envelope sender, From or "
	    "Sender does not belong to it; nothing is checked before map, "
	    "docker_mailserver or match is set.",
	    NULL },
	{ "map", CONF_LIST, offsetof(struct senders_conf, map), "", 0, 0, NULL,
	    "Files in the form of Postfix's smtpd_sender_login_maps (an "
	    "address or @domain, and its logins), and Postfix tables "
	    "(TYPE:NAME) that postmap asks.",
	    check_map },
	{ "docker_mailserver", CONF_STRING,
	    offsetof(struct senders_conf, docker_mailserver), "", 0, 0, NULL,
	    "Directory of docker-mailserver's postfix-accounts.cf and "
	    "postfix-virtual.cf: an account may write as itself and as every "
	    "alias that leads to it; empty: none.",
	    conf_check_path },
	{ "match", CONF_CHOICE, offsetof(struct senders_conf, match), "off", 0,
	    0, match_choices,
	    "Whether a login that is an address may write as itself (address), "
	    "or as everybody in its domain (domain), without being in a map; "
	    "recommended without a map: address.",
	    NULL },
	{ "recipient_delimiter", CONF_STRING,
	    offsetof(struct senders_conf, recipient_delimiter), "+", 0, 0, NULL,
	    "Characters that begin the detail of an address: who may write as "
	    "anna@example.org may write as anna+list@example.org; empty: none.",
	    conf_check_delimiters },
	{ "on_error", CONF_CHOICE, offsetof(struct senders_conf, on_error),
	    "tempfail", 0, 0, error_choices,
	    "What to do with mail that is not known to be allowed while a file "
	    "cannot be read or a table does not answer.",
	    NULL },
	{ "own_networks_too", CONF_BOOL,
	    offsetof(struct senders_conf, own_networks_too), "no", 0, 0, NULL,
	    "Whether clients in general.own_networks that have not logged in "
	    "are refused addresses that belong to a login.",
	    NULL },
	{ "postmap", CONF_STRING, offsetof(struct senders_conf, postmap),
	    "/usr/sbin/postmap", 0, 0, NULL,
	    "The program that asks Postfix tables.", conf_check_needed_path },
	{ "timeout", CONF_DURATION, offsetof(struct senders_conf, timeout),
	    "3s", 100, 20000, NULL,
	    "The longest that Postfix tables, all together, may take to answer "
	    "for one address; an answer is kept for a minute.",
	    NULL },
};

const struct conf_section senders_conf_section = { "senders",
	"Which addresses a login may write as.", senders_keys,
	GP_NELEMS(senders_keys) };
