/*
 * settings - the whole of gatepost.conf: every section of every program.
 *
 * A snapshot is immutable and counted by reference: a session keeps the one
 * that was in force when it began; a reload makes a new one.
 */
#ifndef GATEPOST_SCAN_SETTINGS_H
#define GATEPOST_SCAN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/ip.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/clamav/clamav-conf.h"
#include "lib/conf/conf.h"
#include "lib/dns/dns-conf.h"
#include "lib/guard/guard-conf.h"
#include "lib/lists/lists-conf.h"
#include "lib/reputation/reputation-conf.h"
#include "lib/scan/deliver-conf.h"
#include "lib/scan/publish-conf.h"
#include "lib/scan/score.h"
#include "lib/scan/sign-conf.h"
#include "lib/scan/symbols.h"
#include "lib/senders/senders-conf.h"
#include "lib/store/store-conf.h"

struct general_conf {
	const char *authserv_id; /* "" in the file: the host's name */
	const char *user;
	struct conf_list own_networks;
	int log_level;      /* enum log_level */
	const char *secret; /* of verdict-seal.h; "": no seals */
};

enum settings_log {
	SETTINGS_LOG_SYSLOG,
	SETTINGS_LOG_STDERR
};

struct milter_conf {
	const char *socket;
	const char *socket_group;
	const char *socket_mode; /* three octal digits */
	const char *pid_file;
	int64_t messages_max;
};

struct scan_conf {
	int64_t timeout; /* ms from the start of a check to its end */
	int64_t threads;
	int64_t body_max; /* bytes */
};

struct dmarc_conf {
	int on_reject;     /* enum settings_on_reject */
	int on_quarantine; /* enum settings_on_quarantine */
	int on_bad_from;   /* enum settings_on_reject */
	int on_temperror;  /* enum settings_on_temperror */
	bool trust_partly_signed_body;
};

enum settings_on_temperror {
	SETTINGS_TEMPERROR_BY_POLICY,
	SETTINGS_TEMPERROR_ACCEPT,
	SETTINGS_TEMPERROR_TEMPFAIL
};

enum settings_on_reject {
	SETTINGS_ON_REJECT_REJECT,
	SETTINGS_ON_REJECT_JUNK,
	SETTINGS_ON_REJECT_MARK
};

enum settings_on_quarantine {
	SETTINGS_ON_QUARANTINE_JUNK,
	SETTINGS_ON_QUARANTINE_MARK
};

struct settings {
	struct general_conf general;
	struct milter_conf milter;
	struct scan_conf scan;
	struct dns_conf dns;
	struct store_conf store;
	struct dmarc_conf dmarc;
	struct clamav_conf clamav;
	struct lists_conf lists;
	struct sign_conf sign;
	struct senders_conf senders;
	struct publish_conf publish;
	struct guard_conf guard;
	struct reputation_conf reputation;
	struct score_conf score;
	struct symbols_conf symbols;
	struct deliver_conf deliver;

	/* Derived from the above when it was loaded. */
	const char *authserv_id;
	size_t own_network_count;
	const struct ip_network *own_networks;
	struct score_limits limits;
	struct symbol_setting symbol_settings[SYMBOLS_WEIGHED];
};

#define SETTINGS_FILE SYSCONFDIR "/gatepost.conf"

/*
 * settings_load - reads a configuration file, or the defaults alone.
 *
 * path        NULL: the defaults
 * settings_r  one reference, given back by settings_release()
 * errors      every reason, "file:line: key: reason"
 *
 * Returns STATUS_OK, STATUS_INVALID, STATUS_IO or STATUS_NOMEM.
 */
enum status settings_load(const char *path, const struct settings **settings_r,
    struct conf_errors *errors) GP_MUST_CHECK;

/* settings_hold - one more reference */
const struct settings *settings_hold(const struct settings *settings);

/* settings_release - one reference less, the last one frees; accepts NULL */
void settings_release(const struct settings **settings);

/* settings_print - the values in force, or the commented example */
void settings_print(
    FILE *out, const struct settings *settings, bool commented_example);

/* settings_print_mdoc - all keys as mdoc, for gatepost.conf(5) */
void settings_print_mdoc(FILE *out);

/* settings_ip_is_own - the address lies in general.own_networks */
bool settings_ip_is_own(const struct settings *settings, const struct ip *ip);

/*
 * settings_error_about - one more reason, "section.key: reason"; told with the
 * file and the line of the first key in it that the file sets.
 */
void settings_error_about(const struct settings *settings,
    struct conf_errors *errors, const char *text);

/* Who reads settings for as long as it runs; bits, so that several can be named. */
enum settings_daemon {
	SETTINGS_MILTER = 1,
	SETTINGS_LMTPD = 2
};

/*
 * settings_warn_start_only - a warning in the log for each key that differs
 * and that a reload of this daemon does not change.
 *
 * started  what the daemon was started with, not what a reload has left
 */
void settings_warn_start_only(const struct settings *started,
    const struct settings *now, enum settings_daemon daemon);

/* settings_daemons - whom the file is for: the milter, and who has a section */
unsigned int settings_daemons(const struct settings *settings);

/* settings_log_errors - one line at level error for each reason */
void settings_log_errors(const struct conf_errors *errors);

#endif
