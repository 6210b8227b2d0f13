/* clamav-conf - the `clamav` section of gatepost.conf. */
#ifndef GATEPOST_CLAMAV_CLAMAV_CONF_H
#define GATEPOST_CLAMAV_CLAMAV_CONF_H

#include <stdint.h>

#include "lib/conf/conf.h"

enum clamav_on_virus {
	CLAMAV_ON_VIRUS_REJECT,
	CLAMAV_ON_VIRUS_QUARANTINE,
	CLAMAV_ON_VIRUS_JUNK,
	CLAMAV_ON_VIRUS_MARK
};

enum clamav_on_failure {
	CLAMAV_ON_FAILURE_ACCEPT,
	CLAMAV_ON_FAILURE_TEMPFAIL
};

enum clamav_on_too_large {
	CLAMAV_ON_TOO_LARGE_ACCEPT,
	CLAMAV_ON_TOO_LARGE_TEMPFAIL,
	CLAMAV_ON_TOO_LARGE_REJECT
};

struct clamav_conf {
	const char *socket; /* as socket_spec_parse() reads it; "": no clamd */
	int64_t size_max;   /* bytes of a message that clamd gets */
	int64_t timeout;    /* ms that the end of a message waits */
	int on_virus;       /* enum clamav_on_virus */
	int on_failure;     /* enum clamav_on_failure */
	int on_too_large;   /* enum clamav_on_too_large */
};

extern const struct conf_section clamav_conf_section;

#endif
