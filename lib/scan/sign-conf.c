/* sign-conf - the `sign` section (see sign-conf.h). */
#include "config.h"

#include "lib/scan/sign-conf.h"

#include "lib/auth/sign-fields.h"
#include "lib/conf/conf-check.h"

#define LINE_LENGTH_MAX 1000000

static const char *const missing_key_choices[] = { "unsigned", "tempfail",
	NULL };

static const struct conf_key sign_keys[] = {
	{ "enabled", CONF_BOOL, offsetof(struct sign_conf, enabled), "yes", 0,
	    0, NULL,
	    "Whether mail of authenticated users and from general.own_networks "
	    "is signed (DKIM).",
	    NULL },
	{ "key_dir", CONF_STRING, offsetof(struct sign_conf, key_dir), "", 0, 0,
	    NULL,
	    "Directory of the private keys, which gatepost dkim writes; empty: "
	    "the directory dkim beside the installed gatepost.conf.",
	    conf_check_path },
	{ "on_missing_key", CONF_CHOICE,
	    offsetof(struct sign_conf, on_missing_key), "unsigned", 0, 0,
	    missing_key_choices,
	    "What to do with mail whose author domain has a folder of keys, "
	    "but none that can be used, or while key_dir cannot be read: let "
	    "it go unsigned, or defer it. Mail of a domain without a folder "
	    "always goes unsigned.",
	    NULL },
	{ "subdomains", CONF_BOOL, offsetof(struct sign_conf, subdomains),
	    "yes", 0, 0, NULL,
	    "Whether the key of a domain also signs for its subdomains that "
	    "have none.",
	    NULL },
	{ "expire", CONF_DURATION, offsetof(struct sign_conf, expire), "0s", 0,
	    INT64_C(366) * 24 * 3600 * 1000, NULL,
	    "When a signature expires (x=); 0s: never.", NULL },
	{ "sign_headers", CONF_LIST, offsetof(struct sign_conf, sign_headers),
	    "", 0, 0, NULL,
	    "Names of header fields that are signed beside the usual ones.",
	    auth_sign_fields_check_name },
	{ "line_length_limit", CONF_INT,
	    offsetof(struct sign_conf, line_length_limit), "998", 0,
	    LINE_LENGTH_MAX, NULL,
	    "Postfix's smtp_line_length_limit: it breaks longer lines when it "
	    "sends them, so they are signed that way; 0: it breaks none.",
	    NULL },
};

const struct conf_section sign_conf_section = { "sign",
	"DKIM signatures on outbound mail.", sign_keys, GP_NELEMS(sign_keys) };

const char *
sign_conf_key_dir(const struct sign_conf *conf)
{
	if (!conf->enabled)
		return NULL;
	return conf->key_dir[0] == '\0' ? SIGN_KEY_DIR : conf->key_dir;
}
