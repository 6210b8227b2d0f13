/* senders-conf - the `senders` section of gatepost.conf. */
#ifndef GATEPOST_SENDERS_SENDERS_CONF_H
#define GATEPOST_SENDERS_SENDERS_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

enum senders_action {
	SENDERS_ACTION_REJECT,
	SENDERS_ACTION_MARK,
	SENDERS_ACTION_OFF
};

enum senders_match {
	SENDERS_MATCH_OFF,
	SENDERS_MATCH_ADDRESS,
	SENDERS_MATCH_DOMAIN
};

enum senders_on_error {
	SENDERS_ON_ERROR_ACCEPT,
	SENDERS_ON_ERROR_TEMPFAIL
};

struct senders_conf {
	int action;                    /* enum senders_action */
	struct conf_list map;          /* "/FILE" or "TYPE:NAME" */
	const char *docker_mailserver; /* directory; "": none */
	int match;                     /* enum senders_match */
	const char *recipient_delimiter;
	int on_error; /* enum senders_on_error */
	bool own_networks_too;
	const char *postmap; /* the program */
	int64_t timeout;     /* ms; of a Postfix table */
};

extern const struct conf_section senders_conf_section;

/* In the directory docker_mailserver; the second need not be there. */
#define SENDERS_ACCOUNTS_FILE "postfix-accounts.cf"
#define SENDERS_ALIASES_FILE  "postfix-virtual.cf"

/* senders_conf_is_table - an item of map names a Postfix table, not a file */
bool senders_conf_is_table(const char *map);

/* senders_conf_has_source - anything says what a login may write as */
bool senders_conf_has_source(const struct senders_conf *conf);

#endif
