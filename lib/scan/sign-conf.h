/* sign-conf - the `sign` section of gatepost.conf: DKIM signing. */
#ifndef GATEPOST_SCAN_SIGN_CONF_H
#define GATEPOST_SCAN_SIGN_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

enum sign_on_missing_key {
	SIGN_MISSING_KEY_UNSIGNED,
	SIGN_MISSING_KEY_TEMPFAIL
};

struct sign_conf {
	bool enabled;
	const char *key_dir; /* "": SIGN_KEY_DIR */
	int on_missing_key;  /* enum sign_on_missing_key */
	bool subdomains;
	int64_t expire; /* ms; 0: never */
	struct conf_list sign_headers;
	int64_t line_length_limit;
};

extern const struct conf_section sign_conf_section;

#define SIGN_KEY_DIR SYSCONFDIR "/dkim"

/* sign_conf_key_dir - the directory in force, or NULL: nothing is signed */
const char *sign_conf_key_dir(const struct sign_conf *conf);

#endif
