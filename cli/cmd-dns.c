/*
 * cmd-dns - `gatepost dns`: the DNS records that a mail domain needs, and what
 * the DNS holds of them.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"
#include "cli/publish.h"
#include "lib/auth/sign-keys.h"
#include "lib/mail/domain.h"

#define PROBLEMS_MAX 8

struct options {
	const char *config_path, *zone_path, *mail_host, *certificate;
	const char *addresses[PUBLISH_ADDRESSES_MAX];
	size_t address_count;
	bool check, json, zone, table;
	const char *domain;
};

struct run {
	const struct options *options;
	const struct settings *settings;
	struct region *region;
	const struct auth_sign_keys *keys;
	struct publish_certificate certificate;
	struct publish_facts facts;
	struct publish publish;
	size_t problem_count;
	const char *problems[PROBLEMS_MAX];
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost dns DOMAIN [--format zone|table] [--json]\n"
	    "           [--mail-host NAME] [--address IP]... [--certificate "
	    "FILE]\n"
	    "       gatepost dns DOMAIN --check [--json] [--zone FILE]\n"
	    "Prints every DNS record that a mail domain needs, as a zone file "
	    "and as a\n"
	    "table; with --check: what the DNS holds of them.\n\n"
	    "  --check             ask the DNS for each record\n"
	    "  --format FORMAT     zone or table alone\n"
	    "  --json              one JSON object instead of text\n"
	    "  --mail-host NAME    instead of publish.mail_host\n"
	    "  --address IP        instead of publish.addresses; may be "
	    "repeated\n"
	    "  --certificate FILE  instead of publish.certificate\n"
	    "  --zone FILE         DNS answers from this zone file alone\n"
	    "  -c, --config FILE   instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0 all is right, 1 something is missing or wrong,\n"
	    "2 usage, 75 temporary failure\n");
}

static const struct option option_table[] = {
	{ "check", no_argument, NULL, 'C' },
	{ "json", no_argument, NULL, 'j' },
	{ "format", required_argument, NULL, 'f' },
	{ "mail-host", required_argument, NULL, 'm' },
	{ "address", required_argument, NULL, 'a' },
	{ "certificate", required_argument, NULL, 'e' },
	{ "zone", required_argument, NULL, 'z' },
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static bool
take_format(struct options *options, const char *text)
{
	options->zone = strcmp(text, "zone") == 0;
	options->table = strcmp(text, "table") == 0;
	return options->zone || options->table;
}

static bool
take_address(struct options *options, const char *text)
{
	struct ip ip;

	if (options->address_count == PUBLISH_ADDRESSES_MAX ||
	    ip_parse(text, &ip) != STATUS_OK)
		return false;
	options->addresses[options->address_count++] = text;
	return true;
}

/* Takes one option; false: its value is wrong. */
static bool
take_option(struct options *options, int option)
{
	switch (option) {
	case 'C':
		return options->check = true;
	case 'j':
		return options->json = true;
	case 'f':
		return take_format(options, optarg);
	case 'm':
		options->mail_host = optarg;
		return true;
	case 'a':
		return take_address(options, optarg);
	case 'e':
		options->certificate = optarg;
		return true;
	case 'z':
		options->zone_path = optarg;
		return true;
	default:
		options->config_path = optarg;
		return true;
	}
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", option_table, NULL)) !=
	    -1) {
		if (option == 'h') {
			print_usage(stdout);
			return 0;
		}
		if (option == 'V') {
			print_version();
			return 0;
		}
		if (option == '?') {
			print_usage(stderr);
			return EXIT_USAGE;
		}
		if (!take_option(options, option)) {
			fprintf(
			    stderr, "gatepost: dns: wrong value: %s\n", optarg);
			return EXIT_USAGE;
		}
	}
	if (argc - optind == 1 && (options->check || !options->zone_path)) {
		options->domain = argv[optind];
		return -1;
	}
	print_usage(stderr);
	return EXIT_USAGE;
}

/* ---- what is known ---- */

/* Something is wrong on this host; told now, and in the exit status. */
static enum status
add_problem(struct run *run, const char *problem)
{
	if (problem == NULL)
		return STATUS_NOMEM;
	fprintf(stderr, "gatepost: %s\n", problem);
	if (run->problem_count < PROBLEMS_MAX)
		run->problems[run->problem_count++] = problem;
	return STATUS_OK;
}

static enum status
find_names(struct run *run)
{
	const struct publish_conf *conf = &run->settings->publish;
	struct publish_facts *facts = &run->facts;
	const char *host = run->options->mail_host;
	enum status status;

	status = load_domain(run->region, run->options->domain, &facts->domain);
	if (status != STATUS_OK)
		return status;
	if (host == NULL)
		host = conf->mail_host;
	if (host[0] == '\0')
		host = run->settings->authserv_id;
	status = load_domain(run->region, host, &facts->mail_host);
	if (status == STATUS_INVALID)
		fprintf(stderr,
		    "gatepost: set publish.mail_host to the full name of this "
		    "host\n");
	if (status != STATUS_OK)
		return status;
	facts->report_address = conf->report_address;
	if (facts->report_address[0] == '\0')
		facts->report_address =
		    region_printf(run->region, "postmaster@%s", facts->domain);
	return facts->report_address == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
take_addresses(struct run *run, const char *const *addresses, size_t count)
{
	struct publish_facts *facts = &run->facts;
	enum status status;
	size_t i;

	if (count > PUBLISH_ADDRESSES_MAX) {
		fprintf(stderr, "gatepost: publish.addresses: more than %d\n",
		    PUBLISH_ADDRESSES_MAX);
		return STATUS_INVALID;
	}
	for (i = 0; i < count; i++) {
		status = ip_parse(addresses[i], &facts->addresses[i]);
		if (status != STATUS_OK)
			return status;
	}
	facts->address_count = count;
	return STATUS_OK;
}

static enum status
find_addresses(struct run *run)
{
	const struct conf_list *list = &run->settings->publish.addresses;
	enum status status;

	if (run->options->address_count > 0)
		return take_addresses(
		    run, run->options->addresses, run->options->address_count);
	if (list->count > 0)
		return take_addresses(run, list->items, list->count);
	status = publish_host_addresses(&run->facts);
	if (status != STATUS_OK || run->facts.address_count > 0)
		return status;
	fprintf(stderr,
	    "gatepost: no interface of this host has a public address: use "
	    "--address, or set publish.addresses\n");
	return STATUS_INVALID;
}

/* The keys of the domain, or of one above it that sign for it, too. */
static enum status
find_keys(struct run *run)
{
	const struct sign_conf *conf = &run->settings->sign;
	const struct auth_sign_folder *folder;
	enum status status;

	status = auth_sign_keys_load(
	    conf->key_dir[0] == '\0' ? SIGN_KEY_DIR : conf->key_dir,
	    keys_owner(run->settings), &run->keys);
	if (status != STATUS_OK)
		return status;
	if (auth_sign_keys_problem(run->keys) != NULL)
		return add_problem(run, auth_sign_keys_problem(run->keys));
	folder = auth_sign_keys_find_for(
	    run->keys, run->facts.domain, conf->subdomains);
	run->facts.keys = folder;
	if (folder == NULL)
		return add_problem(run,
		    region_printf(run->region,
			"%s has no DKIM key: gatepost dkim generate %s",
			run->facts.domain, run->facts.domain));
	if (folder->problem != NULL)
		return add_problem(run, folder->problem);
	return STATUS_OK;
}

static enum status
find_certificate(struct run *run)
{
	const char *path = run->options->certificate, *reason;
	enum status status;

	if (path == NULL)
		path = run->settings->publish.certificate;
	if (strcmp(path, "none") == 0)
		return STATUS_OK;
	if (path[0] == '\0')
		path = publish_host_certificate(run->region);
	if (path == NULL) {
		fprintf(stderr,
		    "gatepost: Postfix has no certificate, so there is no TLSA "
		    "record: see publish.certificate\n");
		return STATUS_OK;
	}
	status = publish_certificate_read(run->region, path,
	    run->facts.mail_host, &run->certificate, &reason);
	if (status == STATUS_INVALID)
		return add_problem(run, reason);
	if (status != STATUS_OK)
		return status;
	run->facts.certificate = &run->certificate;
	if (run->certificate.problem != NULL)
		return add_problem(run, run->certificate.problem);
	return STATUS_OK;
}

static enum status
find_facts(struct run *run)
{
	enum status status;

	run->facts.conf = &run->settings->publish;
	status = find_names(run);
	if (status == STATUS_OK)
		status = find_addresses(run);
	if (status == STATUS_OK)
		status = find_keys(run);
	if (status == STATUS_OK)
		status = find_certificate(run);
	return status;
}

/* ---- what is done with it ---- */

static enum status
check(struct run *run)
{
	const char *zone_path = run->options->zone_path;
	struct dns *dns = NULL;
	enum status status;

	if (zone_path != NULL)
		status = load_zone(zone_path, &dns);
	else
		status = dns_open_resolver(&run->settings->dns, &dns);
	if (status == STATUS_OK)
		status = publish_check(&run->publish, dns,
		    zone_path == NULL && run->settings->dns.validate,
		    run->settings->scan.timeout);
	dns_close(&dns);
	return status;
}

static enum status
print(struct run *run)
{
	const struct options *options = run->options;

	if (options->json)
		return publish_print_json(
		    &run->publish, run->problems, run->problem_count);
	if (options->check) {
		publish_print_check(&run->publish);
		return STATUS_OK;
	}
	if (!options->table)
		publish_print_zone(&run->publish);
	if (!options->table && !options->zone)
		printf("\n");
	if (!options->zone)
		publish_print_table(&run->publish);
	return STATUS_OK;
}

/* What could not be asked comes first: then the rest is not the whole. */
static int
exit_status_of(const struct run *run)
{
	int result = run->problem_count > 0 ? EXIT_FAILED : 0;
	const struct publish_record *record;
	size_t i;

	for (i = 0; i < run->publish.count; i++) {
		record = &run->publish.records[i];
		if (record->state == PUBLISH_UNKNOWN)
			return EXIT_TEMPORARY;
		if (record->state == PUBLISH_MISSING ||
		    record->state == PUBLISH_WRONG)
			result = EXIT_FAILED;
	}
	return result;
}

static enum status
work(struct run *run)
{
	enum status status;

	if ((run->region = region_new()) == NULL)
		return STATUS_NOMEM;
	if ((status = find_facts(run)) != STATUS_OK)
		return status;
	run->publish.region = run->region;
	run->publish.facts = &run->facts;
	status = publish_add_records(&run->publish);
	if (status == STATUS_LIMIT)
		fprintf(stderr,
		    "gatepost: dns: a name or a record would be too long\n");
	if (status == STATUS_OK && run->options->check)
		status = check(run);
	if (status == STATUS_OK)
		status = print(run);
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	return status;
}

static int
run(int argc, char **argv)
{
	struct options options = { 0 };
	struct run run = { .options = &options };
	int result = parse_options(argc, argv, &options);
	enum status status;

	if (result >= 0)
		return result;
	if ((run.settings = load_settings(options.config_path)) == NULL)
		return EXIT_USAGE;
	status = work(&run);
	result = exit_status_of(&run);
	if (status == STATUS_INVALID || status == STATUS_LIMIT)
		result = EXIT_USAGE; /* was told */
	else if (status == STATUS_IO)
		result = EXIT_FAILED;
	else if (status != STATUS_OK)
		result = EXIT_TEMPORARY;
	auth_sign_keys_release(&run.keys);
	region_free(&run.region);
	settings_release(&run.settings);
	return result;
}

const struct command command_dns = { "dns",
	"print and check the DNS records of a domain", run };
