/*
 * cmd-lists - `gatepost lists`: tests all DNS lists now, and asks them.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/command.h"
#include "cli/lists-told.h"
#include "cli/load.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/lists/lists.h"
#include "lib/mail/domain.h"

#define SUBJECT_BYTES 400 /* shown of one that is no UTF-8 */

struct options {
	const char *config_path, *zone_path;
	bool json;
	char **subjects;
	size_t subject_count;
};

/* What the command works with. */
struct run {
	const struct settings *settings;
	struct dns *dns;
	struct lists *lists;
	struct region *region;
	struct lists_status *rows;
	size_t row_count;
	json_t *hits, *not_asked; /* with --json, else NULL */
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost lists [--json] [--config FILE] [--zone FILE]\n"
	    "           [ADDRESS | DOMAIN | MAIL-ADDRESS]...\n"
	    "Tests every DNS list now and shows which are on and why one is "
	    "off.\n"
	    "With an address or a domain: asks the lists and shows what they\n"
	    "hold about it.\n\n"
	    "  --json             one JSON object instead of text\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n"
	    "  --zone FILE        DNS answers from this zone file alone\n\n"
	    "exit status: 0 all lists that are not disabled are on, 1 one is "
	    "off,\n"
	    "2 usage, 75 temporary failure\n");
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ "zone", required_argument, NULL, 'z' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", table, NULL)) != -1) {
		switch (option) {
		case 'j':
			options->json = true;
			break;
		case 'c':
			options->config_path = optarg;
			break;
		case 'z':
			options->zone_path = optarg;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		case 'V':
			print_version();
			return 0;
		default:
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	options->subjects = argv + optind;
	options->subject_count = (size_t)(argc - optind);
	return -1;
}

/* How wide the widest of a column is. */
struct widths {
	int name, zone, subjects;
};

static void
widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

static void
print_table(const struct run *run)
{
	struct widths widths = { 0 };
	const struct lists_status *row;
	size_t i;

	for (i = 0; i < run->row_count; i++) {
		widen(&widths.name, run->rows[i].name);
		widen(&widths.zone, run->rows[i].zone);
		widen(&widths.subjects, run->rows[i].subjects);
	}
	for (i = 0; i < run->row_count; i++) {
		row = &run->rows[i];
		printf("%-*s  %-*s  %-*s  %s%s%s\n", widths.name, row->name,
		    widths.zone, row->zone, widths.subjects, row->subjects,
		    lists_state_text(row->state),
		    row->reason[0] == '\0' ? "" : ": ", row->reason);
	}
}

static json_t *
rows_json(const struct run *run)
{
	json_t *array = json_array();
	const struct lists_status *row;
	size_t i;

	for (i = 0; i < run->row_count; i++) {
		row = &run->rows[i];
		json_array_append_new(array,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "name",
			row->name, "zone", row->zone, "subjects", row->subjects,
			"state", lists_state_text(row->state), "reason",
			row->reason, "tested_at", (json_int_t)row->tested_at));
	}
	return array;
}

static enum status
print_json(const struct run *run)
{
	json_t *object = json_pack("{s:o, s:O, s:O}", "lists", rows_json(run),
	    "hits", run->hits, "not_asked", run->not_asked);
	int rc = -1;

	if (object != NULL)
		rc = json_dumpf(
		    object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(object);
	if (rc != 0)
		return STATUS_NOMEM;
	putchar('\n');
	return STATUS_OK;
}

/* Points are a number, or null when the symbol is off. */
static enum status
add_hit_json(const struct run *run, const struct lists_hit *hit,
    const struct score *score)
{
	char answer[IP_TEXT_BYTES];
	json_t *points = json_null();
	const char *sentence = "";

	if (score->count == 1) {
		points = json_real(score->symbols[0].points / 100.0);
		sentence = score->symbols[0].reason;
	}
	if (json_array_append_new(run->hits,
		json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s}", "subject",
		    hit->subject, "symbol", hit->symbol, "points", points,
		    "sentence", sentence, "list", hit->list_name, "zone",
		    hit->zone, "answer", ip_text(&hit->answer, answer))) != 0)
		return STATUS_NOMEM;
	return STATUS_OK;
}

static void
print_hit(const struct lists_hit *hit, const struct score *score)
{
	char points[SCORE_TEXT_BYTES] = "off", answer[IP_TEXT_BYTES];
	const char *sentence = "";

	if (score->count == 1) {
		score_text(score->symbols[0].points, points);
		sentence = score->symbols[0].reason;
	}
	printf("  %6s  %-24s %s (%s says %s)\n", points, hit->symbol, sentence,
	    hit->zone, ip_text(&hit->answer, answer));
}

/* One hit: its points as the configuration weighs it, and its sentence. */
static enum status
show_hit(const struct run *run, const struct lists_hit *hit)
{
	struct score score = { 0 };
	enum status status;
	enum symbol_id id;

	if (!symbol_find(hit->symbol, &id))
		return STATUS_NOTFOUND;
	status = score_add(&score, run->region, run->settings->symbol_settings,
	    id, 1.0, hit->subject);
	if (status != STATUS_OK)
		return status;
	if (run->hits != NULL)
		return add_hit_json(run, hit, &score);
	print_hit(hit, &score);
	return STATUS_OK;
}

/* Starts the query for an argument; STATUS_INVALID: it is none. */
static enum status
ask(const struct run *run, const char *subject, struct lists_query **query_r)
{
	int64_t deadline_ms = clock_now_ms() + run->settings->scan.timeout;
	enum status status;
	const char *domain;
	struct ip ip;

	*query_r = NULL;
	if (ip_parse(subject, &ip) == STATUS_OK)
		return lists_ask_ip(
		    run->lists, LISTS_CLIENT, &ip, deadline_ms, query_r);
	if (strchr(subject, '@') != NULL)
		return lists_ask_address(
		    run->lists, subject, deadline_ms, query_r);
	status = domain_normalize(run->region, span_of(subject), &domain);
	if (status != STATUS_OK)
		return status;
	return lists_ask_domain(run->lists, domain, deadline_ms, query_r);
}

/* Why nothing was asked about a subject: it is not one for lists, or none for
 * it is on. */
static const char *
not_asked_reason(const struct run *run, const char *subject)
{
	struct ip ip;

	if (!run->settings->lists.enabled)
		return "lists are not enabled (enabled in section lists)";
	if (ip_parse(subject, &ip) == STATUS_OK)
		return ip_is_public(&ip) ?
		    "no list of addresses is on" :
		    "lists hold no private or reserved addresses";
	if (strchr(subject, '@') == NULL)
		return strchr(subject, '.') == NULL ?
		    "lists hold no names without a dot" :
		    "no list of domains is on";
	return run->settings->lists.hash_lists ?
	    "no list of mail addresses is on" :
	    "lists of mail addresses are off (hash_lists in section lists)";
}

/* What was given may be no UTF-8; the subject of a hit always is. */
static enum status
add_not_asked_json(const struct run *run, const char *subject)
{
	char clean[SUBJECT_BYTES];
	json_t *text = json_string(subject);

	if (text == NULL)
		text = json_string(
		    str_sanitize(clean, sizeof(clean), span_of(subject)));
	if (json_array_append_new(run->not_asked,
		json_pack("{s:o, s:s}", "subject", text, "reason",
		    not_asked_reason(run, subject))) != 0)
		return STATUS_NOMEM;
	return STATUS_OK;
}

static void
print_subject(
    const struct run *run, const char *subject, bool was_asked, size_t count)
{
	printf("%s\n", subject);
	if (!was_asked)
		printf("  not asked, so nothing is known: %s\n",
		    not_asked_reason(run, subject));
	else if (count == 0)
		printf("  no list holds it\n");
}

static enum status
show_subject(const struct run *run, const char *subject)
{
	struct lists_query *query;
	struct lists_hit *hits = NULL;
	enum status status;
	size_t i, count = 0;
	bool was_asked;

	if ((status = ask(run, subject, &query)) == STATUS_INVALID)
		fprintf(stderr,
		    "gatepost: neither an address nor a domain: %s\n", subject);
	if (status == STATUS_OK)
		status = lists_wait(query, run->region, &hits, &count);
	was_asked = lists_asked_count(query) != 0;
	if (status == STATUS_OK && run->hits == NULL)
		print_subject(run, subject, was_asked, count);
	else if (status == STATUS_OK && !was_asked)
		status = add_not_asked_json(run, subject);
	for (i = 0; i < count && status == STATUS_OK; i++)
		status = show_hit(run, &hits[i]);
	lists_end(&query);
	return status;
}

static enum status
show(struct run *run, const struct options *options)
{
	enum status status;
	size_t i;

	lists_wait_tests(run->lists);
	status = lists_status_all(
	    run->lists, run->region, &run->rows, &run->row_count);
	if (status == STATUS_OK && !options->json) {
		if (options->subject_count == 0)
			print_table(run);
		else
			lists_told_off(run->rows, run->row_count);
	}
	for (i = 0; i < options->subject_count && status == STATUS_OK; i++)
		status = show_subject(run, options->subjects[i]);
	if (status == STATUS_OK && options->json)
		status = print_json(run);
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	if (status == STATUS_OK && lists_are_silent(run->rows, run->row_count))
		fprintf(stderr, "gatepost: " LISTS_TOLD_SILENT "\n");
	return status;
}

static enum status
open_run(struct run *run, const struct options *options)
{
	enum status status;

	if ((run->region = region_new()) == NULL)
		return STATUS_NOMEM;
	if (options->json &&
	    ((run->hits = json_array()) == NULL ||
		(run->not_asked = json_array()) == NULL))
		return STATUS_NOMEM;
	if (options->zone_path != NULL)
		status = load_zone(options->zone_path, &run->dns);
	else
		status = dns_open_resolver(&run->settings->dns, &run->dns);
	if (status == STATUS_OK)
		status =
		    lists_new(&run->settings->lists, run->dns, &run->lists);
	return status;
}

static void
close_run(struct run *run)
{
	lists_free(&run->lists);
	dns_close(&run->dns);
	json_decref(run->hits);
	json_decref(run->not_asked);
	region_free(&run->region);
	settings_release(&run->settings);
}

static int
exit_status_of(const struct run *run, enum status status)
{
	size_t i;

	if (status == STATUS_INVALID)
		return EXIT_USAGE;
	if (status != STATUS_OK)
		return EXIT_TEMPORARY;
	for (i = 0; i < run->row_count; i++)
		if (run->rows[i].state == LISTS_STATE_OFF)
			return EXIT_FAILED;
	return 0;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	struct run run = { 0 };
	enum status status;
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if ((run.settings = load_settings(options.config_path)) == NULL)
		return EXIT_USAGE;
	log_set_level(LOG_LEVEL_ERROR); /* the table says what is off */
	status = open_run(&run, &options);
	if (status == STATUS_OK)
		status = show(&run, &options);
	if (status != STATUS_OK && status != STATUS_INVALID && run.dns != NULL)
		fprintf(stderr, "gatepost: lists: %s\n", status_text(status));
	result = exit_status_of(&run, status);
	if (options.zone_path != NULL && run.dns == NULL)
		result = EXIT_USAGE; /* what is wrong with it was told */
	close_run(&run);
	return result;
}

const struct command command_lists = { "lists",
	"test the DNS lists, or ask them about an address or domain",
	run_command };
