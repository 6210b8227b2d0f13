/* guard-conf - the `guard` section of gatepost.conf: outbound mail. */
#ifndef GATEPOST_GUARD_GUARD_CONF_H
#define GATEPOST_GUARD_GUARD_CONF_H

#include <stdint.h>

#include "lib/conf/conf.h"

enum guard_on_virus {
	GUARD_ON_VIRUS_REJECT,
	GUARD_ON_VIRUS_HOLD,
	GUARD_ON_VIRUS_MARK
};

enum guard_action {
	GUARD_ACTION_HOLD,
	GUARD_ACTION_DEFER,
	GUARD_ACTION_REJECT
};

struct guard_conf {
	int on_virus; /* enum guard_on_virus */
	struct conf_rate messages, recipients, junk;
	struct conf_list except; /* logins, addresses and networks */
	int action;              /* enum guard_action */
	int64_t duration;        /* ms */
	const char *notify;      /* GUARD_NOTIFY_OFF: nobody is told */
	const char *smtp;        /* as socket_spec_parse() reads it */
};

#define GUARD_NOTIFY_OFF "off"

extern const struct conf_section guard_conf_section;

#endif
