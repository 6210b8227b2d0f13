/*
 * settings - the whole of gatepost.conf (see settings.h).
 *
 * The sections of the programs and of scan/ are declared here; those of the
 * modules below stand beside their code.
 */
#include "config.h"

#include "lib/scan/settings.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/region.h"
#include "lib/base/str.h"
#include "lib/conf/conf-check.h"
#include "lib/net/socket.h"
#include "lib/scan/verdict-seal.h"

/* What the caller sees, and behind it what it does not. */
struct snapshot {
	struct settings settings; /* first: the public pointer is to it */
	_Atomic unsigned int references;
	struct conf_memory *memory;
	struct region *region;
};

static const char *
check_network(const char *text)
{
	struct ip_network network;

	if (ip_network_parse(text, &network) != STATUS_OK)
		return "no address or network (192.0.2.0/24, 2001:db8::/32)";
	return NULL;
}

static const char *
check_authserv_id(const char *text)
{
	size_t i, length = strlen(text);

	if (length > 253)
		return "longer than 253 bytes";
	for (i = 0; i < length; i++)
		if (!ascii_is_alnum(text[i]) && strchr(".-_", text[i]) == NULL)
			return "must be a host name";
	return NULL;
}

static const char *
check_secret(const char *text)
{
	if (text[0] != '\0' && strlen(text) < VERDICT_SECRET_MIN)
		return "must have 16 characters or more";
	return NULL;
}

static const char *const level_choices[] = { "fatal", "error", "warning",
	"info", "debug", NULL };

static const struct conf_key general_keys[] = {
	{ "authserv_id", CONF_STRING,
	    offsetof(struct general_conf, authserv_id), "", 0, 0, NULL,
	    "Name under which results stand in Authentication-Results; empty: "
	    "this host's name.",
	    check_authserv_id },
	{ "user", CONF_STRING, offsetof(struct general_conf, user),
	    GATEPOST_USER, 0, 0, NULL,
	    "User that the daemons become when they are started as root; empty: "
	    "stay.",
	    NULL },
	{ "own_networks", CONF_LIST,
	    offsetof(struct general_conf, own_networks), "127.0.0.0/8, ::1", 0,
	    0, NULL, "Networks of your own: their mail gets no inbound checks.",
	    check_network },
	{ "log_level", CONF_CHOICE, offsetof(struct general_conf, log_level),
	    "info", 0, 0, level_choices,
	    "The most detailed lines that are logged (to syslog; with "
	    "--foreground to stderr).",
	    NULL },
	{ "secret", CONF_STRING, offsetof(struct general_conf, secret), "", 0,
	    0, NULL,
	    "What gatepost-milter seals X-Gatepost-Verdict with and delivery "
	    "checks it by, 16 characters or more, the same on all hosts; "
	    "empty: delivery believes no verdict. With one in it, the "
	    "configuration file should be readable by the services alone.",
	    check_secret },
};

static const struct conf_section general_section = { "general",
	"What all programs share.", general_keys, GP_NELEMS(general_keys) };

static const struct conf_key milter_keys[] = {
	{ "socket", CONF_STRING, offsetof(struct milter_conf, socket),
	    "inet:8891@127.0.0.1", 0, 0, NULL,
	    "Where Postfix finds the milter: unix:/PATH, inet:PORT@HOST or "
	    "inet6:PORT@HOST.",
	    socket_spec_check },
	{ "socket_group", CONF_STRING,
	    offsetof(struct milter_conf, socket_group), "", 0, 0, NULL,
	    "Group of a unix socket (often postfix); empty: that of the user.",
	    NULL },
	{ "socket_mode", CONF_STRING, offsetof(struct milter_conf, socket_mode),
	    "660", 0, 0, NULL, "Access bits of a unix socket, octal.",
	    conf_check_mode },
	{ "pid_file", CONF_STRING, offsetof(struct milter_conf, pid_file), "",
	    0, 0, NULL, "File that holds the process id; empty: none.",
	    conf_check_path },
	{ "messages_max", CONF_INT, offsetof(struct milter_conf, messages_max),
	    "200", 1, 10000, NULL,
	    "Messages at their end of message at once; what is above is "
	    "deferred.",
	    NULL },
};

static const struct conf_section milter_section = { "milter",
	"The daemon gatepost-milter(8).", milter_keys, GP_NELEMS(milter_keys) };

static const struct conf_key scan_keys[] = {
	{ "timeout", CONF_DURATION, offsetof(struct scan_conf, timeout), "8s",
	    100, 120000, NULL,
	    "The longest that one check of a message may take; then it is "
	    "temperror.",
	    NULL },
	{ "threads", CONF_INT, offsetof(struct scan_conf, threads), "32", 1,
	    1024, NULL,
	    "Threads at the most for checks that ask DNS in steps (SPF).",
	    NULL },
	{ "body_max", CONF_SIZE, offsetof(struct scan_conf, body_max), "4M",
	    65536, 1073741824, NULL,
	    "How much of a message's body is kept in memory, and read for its "
	    "parts, text and URLs; DKIM sees all of it.",
	    NULL },
};

static const struct conf_section scan_section = { "scan",
	"How messages are checked.", scan_keys, GP_NELEMS(scan_keys) };

static const char *const reject_choices[] = { "reject", "junk", "mark", NULL };
static const char *const quarantine_choices[] = { "junk", "mark", NULL };
static const char *const temperror_choices[] = { "policy", "accept", "tempfail",
	NULL };

static const struct conf_key dmarc_keys[] = {
	{ "on_reject", CONF_CHOICE, offsetof(struct dmarc_conf, on_reject),
	    "reject", 0, 0, reject_choices,
	    "What to do when a domain asks to reject mail that fails DMARC.",
	    NULL },
	{ "on_quarantine", CONF_CHOICE,
	    offsetof(struct dmarc_conf, on_quarantine), "junk", 0, 0,
	    quarantine_choices,
	    "What to do when a domain asks to quarantine mail that fails DMARC.",
	    NULL },
	{ "on_bad_from", CONF_CHOICE, offsetof(struct dmarc_conf, on_bad_from),
	    "junk", 0, 0, reject_choices,
	    "What to do with mail whose From field names no domain that can be "
	    "checked, or too many.",
	    NULL },
	{ "on_temperror", CONF_CHOICE,
	    offsetof(struct dmarc_conf, on_temperror), "policy", 0, 0,
	    temperror_choices,
	    "What to do when DNS does not tell whether mail passes; policy: "
	    "defer it if its domain asks to reject or quarantine forgeries.",
	    NULL },
	{ "trust_partly_signed_body", CONF_BOOL,
	    offsetof(struct dmarc_conf, trust_partly_signed_body), "no", 0, 0,
	    NULL,
	    "Whether a DKIM signature that leaves a part of the body unsigned "
	    "(l=) can make mail pass DMARC.",
	    NULL },
};

static const struct conf_section dmarc_section = { "dmarc",
	"What follows from the policies of domains (RFC 9989).", dmarc_keys,
	GP_NELEMS(dmarc_keys) };

static const struct conf_entry entries[] = {
	{ &general_section, offsetof(struct settings, general) },
	{ &milter_section, offsetof(struct settings, milter) },
	{ &scan_section, offsetof(struct settings, scan) },
	{ &dns_conf_section, offsetof(struct settings, dns) },
	{ &store_conf_section, offsetof(struct settings, store) },
	{ &dmarc_section, offsetof(struct settings, dmarc) },
	{ &clamav_conf_section, offsetof(struct settings, clamav) },
	{ &lists_conf_section, offsetof(struct settings, lists) },
	{ &sign_conf_section, offsetof(struct settings, sign) },
	{ &senders_conf_section, offsetof(struct settings, senders) },
	{ &publish_conf_section, offsetof(struct settings, publish) },
	{ &guard_conf_section, offsetof(struct settings, guard) },
	{ &reputation_conf_section, offsetof(struct settings, reputation) },
	{ &score_conf_section, offsetof(struct settings, score) },
	{ &symbols_conf_section, offsetof(struct settings, symbols) },
	{ &deliver_conf_section, offsetof(struct settings, deliver) },
};

/*
 * What a reload does not change, one line a key: these are read when a daemon
 * starts, by what all its sessions share.
 */
static const char *const milter_start_only[] = {
	"general.user",
	"milter.socket",
	"milter.socket_group",
	"milter.socket_mode",
	"milter.pid_file",
	"scan.threads",
	"dns.*",
	"store.*",
	NULL,
};
static const char *const lmtpd_start_only[] = {
	"deliver.socket",
	"deliver.socket_group",
	"deliver.socket_mode",
	"deliver.pid_file",
	"deliver.user",
	"deliver.connections_max",
	NULL,
};

/* The public pointer is to the first member; only this file knows. */
static struct snapshot *
snapshot_of(const struct settings *settings)
{
	return (struct snapshot *)(uintptr_t)settings;
}

/* The host's name, for an authserv_id that is not set. */
static const char *
host_name(struct region *region)
{
	char name[256];

	if (gethostname(name, sizeof(name)) != 0 || name[0] == '\0')
		return "localhost";
	name[sizeof(name) - 1] = '\0';
	return region_strdup(region, name);
}

static enum status
derive_networks(struct snapshot *snapshot)
{
	const struct conf_list *list = &snapshot->settings.general.own_networks;
	struct ip_network *networks;
	size_t i;

	networks = region_alloc_array(
	    snapshot->region, list->count, sizeof(*networks));
	if (networks == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < list->count; i++)
		if (ip_network_parse(list->items[i], &networks[i]) != STATUS_OK)
			return STATUS_INVALID;
	snapshot->settings.own_networks = networks;
	snapshot->settings.own_network_count = list->count;
	return STATUS_OK;
}

/* Keys that do not fit each other; all are told. */
static enum status
check_together(const struct settings *settings, struct conf_errors *errors)
{
	const char *const found[] = {
		score_conf_error(&settings->score),
		reputation_conf_error(&settings->reputation),
	};

	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < GP_NELEMS(found); i++) {
		if (found[i] == NULL)
			continue;
		settings_error_about(settings, errors, found[i]);
		status = STATUS_INVALID;
	}
	return status;
}

/* The weights of all symbols as numbers, and where actions begin. */
static enum status
derive_score(struct settings *settings)
{
	enum status status = STATUS_OK;
	size_t i;

	settings->limits = score_limits_of(&settings->score);
	for (i = 0; i < SYMBOLS_WEIGHED && status == STATUS_OK; i++)
		status = symbol_read_setting((enum symbol_id)i,
		    settings->symbols.settings[i],
		    &settings->symbol_settings[i]);
	return status;
}

static enum status
derive(struct snapshot *snapshot, struct conf_errors *errors)
{
	struct settings *settings = &snapshot->settings;
	enum status status;

	if ((status = check_together(settings, errors)) != STATUS_OK)
		return status;
	if ((status = derive_score(settings)) != STATUS_OK)
		return status;
	settings->authserv_id = settings->general.authserv_id;
	if (settings->authserv_id[0] == '\0')
		settings->authserv_id = host_name(snapshot->region);
	if (settings->authserv_id == NULL)
		return STATUS_NOMEM;
	return derive_networks(snapshot);
}

static void
snapshot_free(struct snapshot *snapshot)
{
	conf_memory_free(&snapshot->memory);
	region_free(&snapshot->region);
	free(snapshot);
}

enum status
settings_load(const char *path, const struct settings **settings_r,
    struct conf_errors *errors)
{
	struct snapshot *snapshot;
	enum status status = STATUS_NOMEM;

	*settings_r = NULL;
	if ((snapshot = calloc(1, sizeof(*snapshot))) == NULL)
		return STATUS_NOMEM;
	atomic_init(&snapshot->references, 1);
	if ((snapshot->region = region_new()) == NULL)
		goto fail;
	status = conf_load(path, entries, GP_NELEMS(entries),
	    &snapshot->settings, &snapshot->memory, errors);
	if (status != STATUS_OK)
		goto fail;
	if ((status = derive(snapshot, errors)) != STATUS_OK)
		goto fail;
	*settings_r = &snapshot->settings;
	return STATUS_OK;

fail:
	snapshot_free(snapshot);
	return status;
}

const struct settings *
settings_hold(const struct settings *settings)
{
	atomic_fetch_add(&snapshot_of(settings)->references, 1);
	return settings;
}

void
settings_release(const struct settings **settings)
{
	struct snapshot *snapshot;

	if (*settings == NULL)
		return;
	snapshot = snapshot_of(*settings);
	*settings = NULL;
	if (atomic_fetch_sub(&snapshot->references, 1) == 1)
		snapshot_free(snapshot);
}

void
settings_print(
    FILE *out, const struct settings *settings, bool commented_example)
{
	conf_print(
	    out, entries, GP_NELEMS(entries), settings, commented_example);
}

void
settings_print_mdoc(FILE *out)
{
	const char
	    *names[GP_NELEMS(milter_start_only) + GP_NELEMS(lmtpd_start_only)];
	const size_t first = GP_NELEMS(milter_start_only) - 1; /* its NULL */

	memcpy(names, milter_start_only, first * sizeof(*names));
	memcpy(names + first, lmtpd_start_only, sizeof(lmtpd_start_only));
	conf_print_mdoc(out, entries, GP_NELEMS(entries), names);
}

bool
settings_ip_is_own(const struct settings *settings, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < settings->own_network_count; i++)
		if (ip_in_network(ip, &settings->own_networks[i]))
			return true;
	return false;
}

void
settings_log_errors(const struct conf_errors *errors)
{
	size_t i;

	for (i = 0; i < conf_errors_count(errors); i++)
		log_error("%s", conf_errors_get(errors, i));
}

void
settings_error_about(const struct settings *settings,
    struct conf_errors *errors, const char *text)
{
	conf_errors_add_about(errors, snapshot_of(settings)->memory, text);
}

/* The keys of one section that a restart would change. */
static void
warn_section(const struct conf_entry *entry, const struct settings *started,
    const struct settings *now, enum settings_daemon daemon)
{
	bool is_milter = daemon == SETTINGS_MILTER;
	const char *const *names =
	    is_milter ? milter_start_only : lmtpd_start_only;
	const struct conf_section *section = entry->section;
	const char *before = (const char *)started + entry->offset;
	const char *after = (const char *)now + entry->offset;
	const struct conf_key *key;
	size_t i;

	for (i = 0; i < section->key_count; i++) {
		key = &section->keys[i];
		if (conf_names_have(names, section->name, key->name) &&
		    !conf_value_equals(
			key, before + key->offset, after + key->offset))
			log_warning("reload: %s.%s has changed: restart %s",
			    section->name, key->name,
			    is_milter ? "gatepost-milter" : "gatepost-lmtpd");
	}
}

void
settings_warn_start_only(const struct settings *started,
    const struct settings *now, enum settings_daemon daemon)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(entries); i++)
		warn_section(&entries[i], started, now, daemon);
}

unsigned int
settings_daemons(const struct settings *settings)
{
	unsigned int daemons = SETTINGS_MILTER;

	if (conf_has_section(snapshot_of(settings)->memory, "deliver"))
		daemons |= SETTINGS_LMTPD;
	return daemons;
}
