/*
 * deliver-conf - the `deliver` section of gatepost.conf: gatepost-lmtpd(8) and
 * gatepost-deliver(8).  It stands here because settings.h holds the sections
 * of all programs.
 */
#ifndef GATEPOST_SCAN_DELIVER_CONF_H
#define GATEPOST_SCAN_DELIVER_CONF_H

#include <stdint.h>

#include "lib/conf/conf.h"

enum deliver_users {
	DELIVER_USERS_DOVECOT,
	DELIVER_USERS_FILE,
	DELIVER_USERS_TEMPLATE
};

enum deliver_detail {
	DELIVER_DETAIL_EXISTING, /* into the folder of that name, if it is there */
	DELIVER_DETAIL_CREATE, /* it is created */
	DELIVER_DETAIL_IGNORE  /* always into the inbox */
};

enum deliver_quota {
	DELIVER_QUOTA_DEFER,
	DELIVER_QUOTA_BOUNCE
};

struct deliver_conf {
	struct conf_list sockets;
	const char *socket_group;
	const char *socket_mode; /* three octal digits */
	const char *pid_file;
	const char *user;
	int64_t connections_max, recipients_max;
	int64_t message_size_max; /* bytes; 0: no limit */
	int64_t timeout;          /* ms */
	int64_t spool_memory;     /* bytes */
	const char *spool_directory;
	int users; /* enum deliver_users */
	const char *dovecot_socket;
	int64_t lookup_timeout; /* ms */
	const char *passwd_file;
	const char *home, *maildir; /* templates, see lib/users/template.h */
	const char *file_mode;      /* three octal digits */
	const char *detail_delimiters;
	int detail; /* enum deliver_detail */
	const char *junk_folder;
	const char *junk_keyword; /* "": none */
	bool junk_seen;
	int64_t junk_expire;      /* ms; 0: never */
	bool preferences;         /* ~/.gatepost is read */
	int64_t duplicate_window; /* ms; 0: all copies are delivered */
	const char *sieve_socket; /* "": scripts are not run */
	const char *sieve_script, *sieve_directory; /* templates */
	const char *quota_socket; /* "": quotas are not asked for */
	int quota_full;           /* enum deliver_quota */
	bool quota_at_rcpt;
	int64_t quota_limit;             /* bytes; 0: not known */
	struct conf_list quota_warnings; /* percent */
};

extern const struct conf_section deliver_conf_section;

#endif
