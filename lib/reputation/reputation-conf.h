/* reputation-conf - the `reputation` section of gatepost.conf. */
#ifndef GATEPOST_REPUTATION_REPUTATION_CONF_H
#define GATEPOST_REPUTATION_REPUTATION_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

struct reputation_conf {
	bool enabled;
	int64_t half_life;            /* ms */
	double learn_ham, learn_spam; /* points */
	int64_t known_lifetime;       /* ms */
	int64_t reply_lifetime;       /* ms */
};

extern const struct conf_section reputation_conf_section;

/* reputation_conf_error - why keys do not fit each other, or NULL */
const char *reputation_conf_error(const struct reputation_conf *conf);

#endif
