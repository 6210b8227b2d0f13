/* deliver-conf - the keys of the `deliver` section (see deliver-conf.h). */
#include "config.h"

#include "lib/scan/deliver-conf.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/conf/conf-check.h"
#include "lib/net/socket.h"

#define SECOND_MS 1000
#define MINUTE_MS (60 * SECOND_MS)
#define DAY_MS    (INT64_C(24) * 60 * MINUTE_MS)
#define KB        INT64_C(1024)
#define GB        (KB * KB * KB)

static const char *const users_choices[] = { "dovecot", "file", "template",
	NULL };
static const char *const quota_choices[] = { "defer", "bounce", NULL };
static const char *const detail_choices[] = { "existing", "create", "ignore",
	NULL };

/* Every % is one of these: %u, %n, %d, %%. */
static const char *
check_variables(const char *text)
{
	const char *at;

	for (at = strchr(text, '%'); at != NULL; at = strchr(at + 2, '%'))
		if (at[1] == '\0' || strchr("und%", at[1]) == NULL)
			return "only %u, %n, %d and %% are known";
	return NULL;
}

static const char *
check_home(const char *text)
{
	const char *error = conf_check_needed_path(text);

	return error != NULL ? error : check_variables(text);
}

static const char *
check_maildir(const char *text)
{
	if (text[0] != '/' && strncmp(text, "~/", 2) != 0)
		return "must begin with / or ~/";
	return check_variables(text);
}

static const char *
check_file_mode(const char *text)
{
	const char *error = conf_check_mode(text);

	if (error == NULL && (text[0] != '6' || text[2] != '0'))
		return "must let the owner read and write, and others nothing";
	return error;
}

static const char *
check_folder(const char *text)
{
	return text[0] == '\0' ? "must name a folder" : NULL;
}

/* An atom (RFC 9051 section 9, flag-keyword). */
static const char *
check_keyword(const char *text)
{
	for (; *text != '\0'; text++)
		if (!ascii_is_print(*text) ||
		    strchr(" (){%*\"\\]", *text) != NULL)
			return "must be an IMAP keyword, such as $Junk";
	return NULL;
}

static const char *
check_percent(const char *text)
{
	uint64_t percent;

	if (str_to_uint64(span_of(text), 99, &percent) != STATUS_OK ||
	    percent == 0)
		return "must be a number from 1 to 99";
	return NULL;
}

static const struct conf_key keys[] = {
	{ .name = "socket",
	    .type = CONF_LIST,
	    .offset = offsetof(struct deliver_conf, sockets),
	    .default_text = "unix:/var/spool/postfix/private/gatepost-lmtp",
	    .help =
		"Where Postfix finds gatepost-lmtpd: unix:/PATH, inet:PORT@HOST "
		"or inet6:PORT@HOST, several if you like.",
	    .check = socket_spec_check },
	{ .name = "socket_group",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, socket_group),
	    .default_text = "postfix",
	    .help = "Group of a unix socket; empty: that of the user." },
	{ .name = "socket_mode",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, socket_mode),
	    .default_text = "660",
	    .help = "Access bits of a unix socket, octal.",
	    .check = conf_check_mode },
	{ .name = "pid_file",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, pid_file),
	    .default_text = "",
	    .help = "File that holds the process id; empty: none.",
	    .check = conf_check_path },
	{ .name = "user",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, user),
	    .default_text = "vmail",
	    .help = "User that gatepost-lmtpd becomes when it is started as "
		    "root; empty: it stays root and writes as each recipient's "
		    "own user." },
	{ .name = "connections_max",
	    .type = CONF_INT,
	    .offset = offsetof(struct deliver_conf, connections_max),
	    .default_text = "100",
	    .min = 1,
	    .max = 10000,
	    .help = "Connections that are served at once; others wait." },
	{ .name = "recipients_max",
	    .type = CONF_INT,
	    .offset = offsetof(struct deliver_conf, recipients_max),
	    .default_text = "1000",
	    .min = 1,
	    .max = 10000,
	    .help = "Recipients of one message; more are deferred." },
	{ .name = "message_size_max",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct deliver_conf, message_size_max),
	    .default_text = "0",
	    .min = 0,
	    .max = 1024 * GB,
	    .help = "Largest message, in bytes; larger ones bounce; 0: what "
		    "Postfix takes." },
	{ .name = "timeout",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct deliver_conf, timeout),
	    .default_text = "5m",
	    .min = SECOND_MS,
	    .max = 60 * MINUTE_MS,
	    .help = "How long the client may be silent." },
	{ .name = "spool_memory",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct deliver_conf, spool_memory),
	    .default_text = "1M",
	    .min = 64 * KB,
	    .max = GB,
	    .help = "How much of a message is held in memory while it comes "
		    "in; the rest goes into a temporary file." },
	{ .name = "spool_directory",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, spool_directory),
	    .default_text = "/var/tmp",
	    .help = "Where these temporary files are; they have no name and "
		    "vanish with the process.",
	    .check = conf_check_needed_path },
	{ .name = "users",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct deliver_conf, users),
	    .default_text = "dovecot",
	    .choices = users_choices,
	    .help = "Who knows the users: Dovecot, a passwd_file, or nobody "
		    "(template: every address is a user whose home follows "
		    "from its name)." },
	{ .name = "dovecot_socket",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, dovecot_socket),
	    .default_text = "unix:/run/dovecot/auth-userdb",
	    .help = "Dovecot's auth-userdb listener.",
	    .check = socket_spec_check },
	{ .name = "lookup_timeout",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct deliver_conf, lookup_timeout),
	    .default_text = "10s",
	    .min = 10,
	    .max = 5 * MINUTE_MS,
	    .help = "How long Dovecot may take to find a user; then the "
		    "message is deferred." },
	{ .name = "passwd_file",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, passwd_file),
	    .default_text = SYSCONFDIR "/users",
	    .help = "Users, one a line, as Dovecot's passwd-file: "
		    "name:password:uid:gid:comment:home; only name, uid, gid "
		    "and home are read.",
	    .check = conf_check_needed_path },
	{ .name = "home",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, home),
	    .default_text = "/var/vmail/%d/%n",
	    .help = "Home of a user for whom users = file or template tells "
		    "none; %u is the address, %n what is before its @, %d what "
		    "is behind.",
	    .check = check_home },
	{ .name = "maildir",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, maildir),
	    .default_text = "~/Maildir",
	    .help = "The Maildir of a user, as Dovecot's mail_location names "
		    "it; ~ is the home, and %u, %n and %d are known.",
	    .check = check_maildir },
	{ .name = "file_mode",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, file_mode),
	    .default_text = "600",
	    .help = "Access bits of messages, octal; directories can be "
		    "entered by who may read.",
	    .check = check_file_mode },
	{ .name = "detail_delimiter",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, detail_delimiters),
	    .default_text = "+",
	    .help = "Characters that end the user's name in an address, as "
		    "Postfix's recipient_delimiter; empty: none.",
	    .check = conf_check_delimiters },
	{ .name = "detail",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct deliver_conf, detail),
	    .default_text = "existing",
	    .choices = detail_choices,
	    .help = "Where mail to user+folder@ goes: into that folder if it "
		    "exists, or it is created, or it is ignored." },
	{ .name = "junk_folder",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, junk_folder),
	    .default_text = "Junk",
	    .help = "The folder of mail that the milter's verdict calls junk; "
		    "it is made. The verdict counts only if it is sealed, see "
		    "general.secret.",
	    .check = check_folder },
	{ .name = "junk_keyword",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, junk_keyword),
	    .default_text = "$Junk",
	    .help = "IMAP keyword of such mail; empty: none.",
	    .check = check_keyword },
	{ .name = "junk_seen",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct deliver_conf, junk_seen),
	    .default_text = "no",
	    .help = "Whether such mail is shown as read." },
	{ .name = "junk_expire",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct deliver_conf, junk_expire),
	    .default_text = "30d",
	    .min = 0,
	    .max = 3660 * DAY_MS,
	    .help = "How long mail stays in the junk folder before `gatepost "
		    "junk expire` removes it; 0: for ever." },
	{ .name = "preferences",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct deliver_conf, preferences),
	    .default_text = "yes",
	    .help = "Whether users say in ~/.gatepost what is junk to them." },
	{ .name = "duplicate_window",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct deliver_conf, duplicate_window),
	    .default_text = "0",
	    .min = 0,
	    .max = 30 * DAY_MS,
	    .help = "How long a message with the same Message-ID to the same "
		    "address is dropped as a copy; 0: never." },
	{ .name = "sieve_socket",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, sieve_socket),
	    .default_text = "",
	    .help = "Dovecot's LMTP listener, that gets the mail of users with "
		    "an active Sieve script (unix:/run/dovecot/lmtp); empty: "
		    "scripts are not run.",
	    .check = socket_spec_check_optional },
	{ .name = "sieve_script",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, sieve_script),
	    .default_text = "~/.dovecot.sieve",
	    .help = "Where the active script of a user is, as Dovecot's "
		    "setting sieve (active_path) has it.",
	    .check = check_maildir },
	{ .name = "sieve_directory",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, sieve_directory),
	    .default_text = "~/sieve",
	    .help = "Where all scripts of a user are, for `gatepost vacation`.",
	    .check = check_maildir },
	{ .name = "quota_socket",
	    .type = CONF_STRING,
	    .offset = offsetof(struct deliver_conf, quota_socket),
	    .default_text = "",
	    .help = "Dovecot's quota-status listener, that is asked whether "
		    "there is room in a mailbox; empty: no quotas. Dovecot "
		    "must use the driver count.",
	    .check = socket_spec_check_optional },
	{ .name = "quota_full",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct deliver_conf, quota_full),
	    .default_text = "defer",
	    .choices = quota_choices,
	    .help = "What becomes of mail to a full mailbox: it waits (452), "
		    "or bounces (552)." },
	{ .name = "quota_at_rcpt",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct deliver_conf, quota_at_rcpt),
	    .default_text = "no",
	    .help = "Whether room is looked for at RCPT, too, by the size that "
		    "the client declares." },
	{ .name = "quota_limit",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct deliver_conf, quota_limit),
	    .default_text = "0",
	    .min = 0,
	    .max = 1024 * GB,
	    .help = "Dovecot's limit of users for whom its userdb tells none "
		    "(quota_rule, quota_storage_size); only for warnings; 0: "
		    "they get none." },
	{ .name = "quota_warnings",
	    .type = CONF_LIST,
	    .offset = offsetof(struct deliver_conf, quota_warnings),
	    .default_text = "80, 95",
	    .help = "How full, in percent of the limit, a mailbox is when its "
		    "user is told, once each time that it is reached.",
	    .check = check_percent },
};

const struct conf_section deliver_conf_section = {
	.name = "deliver",
	.help = "Delivery into Maildirs, gatepost-lmtpd(8) and "
		"gatepost-deliver(8).",
	.keys = keys,
	.key_count = GP_NELEMS(keys),
};
