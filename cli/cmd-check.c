/*
 * cmd-check - `gatepost check`: one message through all checks, no server.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/lists-told.h"
#include "cli/load.h"
#include "cli/store.h"
#include "lib/base/log.h"
#include "lib/base/region.h"
#include "lib/mail/charset.h"
#include "lib/scan/report.h"
#include "lib/scan/scan.h"

#define MESSAGE_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define READ_BYTES        65536

struct options {
	const char *config_path, *zone_path, *message_path;
	const char *client_ip, *helo, *sender;
	const char *recipients[ENVELOPE_RECIPIENTS_MAX];
	size_t recipient_count;
	bool json, offline, outbound;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost check [--json] [--config FILE] [--client-ip IP]\n"
	    "           [--helo NAME] [--mail-from ADDRESS] [--rcpt-to "
	    "ADDRESS]\n"
	    "           [--outbound] [--zone FILE | --offline] [FILE | -]\n"
	    "Checks one message (standard input without FILE) and tells what\n"
	    "the milter would do with it and why.\n\n"
	    "  --json              one JSON object instead of text\n"
	    "  -c, --config FILE   instead of " SETTINGS_FILE "\n"
	    "  --client-ip IP      who delivered it (SPF and iprev need it)\n"
	    "  --helo NAME         the client's HELO name\n"
	    "  --mail-from ADDRESS the envelope sender; <> or empty: null\n"
	    "  --rcpt-to ADDRESS   an envelope recipient (may be repeated)\n"
	    "  --outbound          as mail of a user who logged in: its content\n"
	    "                      alone is weighed, and nothing is signed\n"
	    "  --zone FILE         DNS answers from this zone file alone\n"
	    "  --offline           ask neither DNS nor clamd\n\n"
	    "exit status: 0 ham, 1 junk or worse, 2 usage, 75 temporary "
	    "failure\n");
}

enum {
	OPTION_JSON = 256,
	OPTION_CLIENT_IP,
	OPTION_HELO,
	OPTION_MAIL_FROM,
	OPTION_RCPT_TO,
	OPTION_OUTBOUND,
	OPTION_ZONE,
	OPTION_OFFLINE
};

static const struct option option_table[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "config", required_argument, NULL, 'c' },
	{ "client-ip", required_argument, NULL, OPTION_CLIENT_IP },
	{ "helo", required_argument, NULL, OPTION_HELO },
	{ "mail-from", required_argument, NULL, OPTION_MAIL_FROM },
	{ "rcpt-to", required_argument, NULL, OPTION_RCPT_TO },
	{ "outbound", no_argument, NULL, OPTION_OUTBOUND },
	{ "zone", required_argument, NULL, OPTION_ZONE },
	{ "offline", no_argument, NULL, OPTION_OFFLINE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* Takes one option; false: not known. */
static bool
take_option(struct options *options, int option)
{
	switch (option) {
	case OPTION_JSON:
		options->json = true;
		return true;
	case 'c':
		options->config_path = optarg;
		return true;
	case OPTION_CLIENT_IP:
		options->client_ip = optarg;
		return true;
	case OPTION_HELO:
		options->helo = optarg;
		return true;
	case OPTION_MAIL_FROM:
		options->sender = optarg;
		return true;
	case OPTION_RCPT_TO:
		if (options->recipient_count == ENVELOPE_RECIPIENTS_MAX)
			return false;
		options->recipients[options->recipient_count++] = optarg;
		return true;
	case OPTION_OUTBOUND:
		options->outbound = true;
		return true;
	case OPTION_ZONE:
		options->zone_path = optarg;
		return true;
	case OPTION_OFFLINE:
		options->offline = true;
		return true;
	default:
		return false;
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
		if (!take_option(options, option)) {
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1 ||
	    (options->offline && options->zone_path != NULL)) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	options->message_path = argc > optind ? argv[optind] : "-";
	return -1;
}

/* Reads fd to its end; the caller frees *data_r. */
static enum status
read_all(int fd, char **data_r, size_t *length_r)
{
	char *data = NULL, *more;
	size_t length = 0, room = 0;
	ssize_t got;

	for (;;) {
		if (room - length < READ_BYTES) {
			room = room == 0 ? READ_BYTES * 2 : room * 2;
			if ((more = realloc(data, room)) == NULL)
				goto fail;
			data = more;
		}
		got = read(fd, data + length, READ_BYTES);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			goto fail;
		if (got == 0)
			break;
		length += (size_t)got;
		if (length > MESSAGE_BYTES_MAX) {
			errno = EFBIG;
			goto fail;
		}
	}
	*data_r = data;
	*length_r = length;
	return STATUS_OK;

fail:
	free(data);
	*data_r = NULL;
	return STATUS_IO;
}

static enum status
read_message(const char *path, char **data_r, size_t *length_r)
{
	enum status status;
	int fd = STDIN_FILENO;

	*data_r = NULL;
	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	status = fd == -1 ? STATUS_IO : read_all(fd, data_r, length_r);
	if (status != STATUS_OK)
		fprintf(stderr, "gatepost: %s: %s\n", path, strerror(errno));
	if (fd > STDIN_FILENO)
		close(fd);
	return status;
}

static enum status
open_dns(const struct options *options, const struct settings *settings,
    struct dns **dns_r)
{
	struct dns_zone *none = NULL;

	if (options->zone_path != NULL)
		return load_zone(options->zone_path, dns_r);
	if (options->offline)
		return dns_open_zone(&none, dns_r);
	return dns_open_resolver(&settings->dns, dns_r);
}

static enum status
fill_envelope(struct scan *scan, const struct options *options)
{
	struct envelope *envelope = scan_envelope(scan);
	enum status status;
	size_t i;

	if (options->client_ip != NULL &&
	    ip_parse(options->client_ip, &envelope->client_ip) != STATUS_OK)
		return STATUS_INVALID;
	envelope->is_inbound = !options->outbound;
	if (options->helo != NULL)
		envelope->helo = options->helo;
	for (i = 0; i < options->recipient_count; i++) {
		status = scan_add_recipient(scan, options->recipients[i]);
		if (status != STATUS_OK)
			return status;
	}
	if (options->sender == NULL)
		return STATUS_OK;
	return scan_set_sender(scan, options->sender);
}

/* Lines on their way into a scan, gathered: a call each would cost much. */
struct gathered {
	struct scan *scan;
	size_t length;
	char bytes[READ_BYTES];
};

static enum status
flush_lines(struct gathered *gathered)
{
	size_t length = gathered->length;

	gathered->length = 0;
	return scan_body(gathered->scan, gathered->bytes, length);
}

static enum status
add_line(struct gathered *gathered, struct span line)
{
	enum status status;

	if (line.length + 2 > sizeof(gathered->bytes) - gathered->length) {
		status = flush_lines(gathered);
		if (status == STATUS_OK &&
		    line.length + 2 > sizeof(gathered->bytes)) {
			status =
			    scan_body(gathered->scan, line.data, line.length);
			line.length = 0;
		}
		if (status != STATUS_OK)
			return status;
	}
	memcpy(gathered->bytes + gathered->length, line.data, line.length);
	memcpy(gathered->bytes + gathered->length + line.length, "\r\n", 2);
	gathered->length += line.length + 2;
	return STATUS_OK;
}

/* The body with CRLF line ends, as SMTP would have carried it. */
static enum status
scan_lines(struct scan *scan, struct span body)
{
	struct gathered gathered = { .scan = scan };
	struct span line;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && body.length > 0 &&
	    span_split(&body, '\n', &line)) {
		if (line.length > 0 && line.data[line.length - 1] == '\r')
			line.length--;
		status = add_line(&gathered, line);
	}
	if (status == STATUS_OK && gathered.length > 0)
		status = flush_lines(&gathered);
	return status;
}

static enum status
scan_message_bytes(struct scan *scan, const struct options *options,
    struct span raw, const struct verdict **verdict_r)
{
	struct span body;
	enum status status;

	if ((status = fill_envelope(scan, options)) != STATUS_OK)
		return status;
	status = message_parse_header(scan_message(scan), raw, &body);
	if (status == STATUS_OK)
		status = scan_reach(scan, SCAN_PHASE_HEADER);
	if (status == STATUS_OK && scan_wants_body(scan))
		status = scan_lines(scan, body);
	if (status == STATUS_OK)
		status = scan_finish(scan, verdict_r);
	return status;
}

static int
exit_status_of(const struct verdict *verdict)
{
	switch (verdict->judged) {
	case ACTION_ACCEPT:
		return EXIT_HAM;
	case ACTION_JUNK:
	case ACTION_QUARANTINE:
	case ACTION_REJECT:
		return EXIT_JUNK;
	case ACTION_TEMPFAIL:
		return EXIT_TEMPORARY;
	}
	return EXIT_TEMPORARY;
}

static enum status
open_services(const struct options *options, const struct settings *settings,
    struct scan_services *services)
{
	enum status status;

	if ((status = open_dns(options, settings, &services->dns)) != STATUS_OK)
		return status;
	if (!options->offline) {
		status = lists_new(
		    &settings->lists, services->dns, &services->lists);
		if (status != STATUS_OK)
			return status;
		if ((services->clamav = clamav_health_new()) == NULL)
			return STATUS_NOMEM;
	}
	status = auth_dkim_library_new(&services->dkim_library);
	if (status == STATUS_OK)
		status = words_new(&services->words);
	if (status == STATUS_OK)
		status = task_pool_new(
		    (size_t)settings->scan.threads, &services->pool);
	/* Without it the history is missing, no more; the log tells why. */
	if (status == STATUS_OK && store_is_there(settings) &&
	    store_open(&settings->store, NULL, &services->store) != STATUS_OK)
		services->store = NULL;
	return status;
}

static void
close_services(struct scan_services *services)
{
	task_pool_free(&services->pool);
	lists_free(&services->lists);
	clamav_health_free(&services->clamav);
	store_close(&services->store);
	auth_dkim_library_free(&services->dkim_library);
	words_free(&services->words);
	dns_close(&services->dns);
}

/* Prints the verdict, and what was not asked. */
static enum status
report(const struct options *options, const struct settings *settings,
    struct lists *lists, struct scan *scan, const struct verdict *verdict)
{
	struct region *region = region_new();
	struct lists_told told = { 0 };
	enum status status = STATUS_NOMEM;

	log_set_level(LOG_LEVEL_ERROR); /* what is off is told here */
	if (region != NULL)
		status = lists_told_check(lists, settings,
		    &scan_envelope(scan)->client_ip, region, &told);
	if (status == STATUS_OK && settings->lists.enabled)
		lists_told_hosts(&told, &verdict->facts);
	if (status == STATUS_OK && options->json) {
		status = report_json(stdout, verdict, told.items, told.count);
	} else if (status == STATUS_OK) {
		report_text(stdout, verdict);
		lists_told_print(&told);
	}
	region_free(&region);
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	return status;
}

static int
check(const struct options *options, const struct settings *settings,
    struct span raw)
{
	struct scan_services services = { 0 };
	struct charset_modules *charsets;
	const struct verdict *verdict;
	struct scan *scan = NULL;
	enum status status;
	int result = EXIT_TEMPORARY;

	status = charset_load(&charsets);
	if (status == STATUS_OK)
		status = open_services(options, settings, &services);
	if (status == STATUS_OK)
		status = scan_new(&services, settings, &scan);
	if (status == STATUS_OK)
		status = scan_message_bytes(scan, options, raw, &verdict);
	if (status == STATUS_OK)
		status =
		    report(options, settings, services.lists, scan, verdict);
	if (status == STATUS_OK)
		result = exit_status_of(verdict);
	else if (status == STATUS_INVALID)
		result = EXIT_USAGE;
	if (options->zone_path != NULL && services.dns == NULL)
		result = EXIT_USAGE; /* what is wrong with it was told */
	else if (status != STATUS_OK)
		fprintf(stderr, "gatepost: the check failed: %s\n",
		    status_text(status));
	scan_free(&scan);
	close_services(&services);
	charset_unload(&charsets);
	return result;
}

static int
run(int argc, char **argv)
{
	struct options options = { 0 };
	const struct settings *settings;
	struct span raw;
	struct ip ip;
	char *data;
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if (options.client_ip != NULL &&
	    ip_parse(options.client_ip, &ip) != STATUS_OK) {
		fprintf(stderr, "gatepost: --client-ip: no address: %s\n",
		    options.client_ip);
		return EXIT_USAGE;
	}
	if ((settings = load_settings(options.config_path)) == NULL)
		return EXIT_USAGE;
	result = EXIT_USAGE;
	if (read_message(options.message_path, &data, &raw.length) ==
	    STATUS_OK) {
		raw.data = data;
		result = check(&options, settings, raw);
		free(data);
	}
	settings_release(&settings);
	return result;
}

const struct command command_check = { "check",
	"check one message and tell why", run };
