/*
 * cmd-senders - `gatepost senders LOGIN [ADDRESS]`: what a login may write as.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/command.h"
#include "cli/load.h"
#include "lib/base/log.h"
#include "lib/senders/senders.h"

#define SHOWN_BYTES 400

struct options {
	const char *config_path;
	bool json;
	const char *login;
	const char *address; /* NULL: list */
};

/* What the command works with, and what it found. */
struct run {
	const struct options *options;
	const struct settings *settings;
	struct senders *senders;
	struct region *region;
	struct conf_list problems;
	size_t unreadable;
	struct senders_found found; /* of an address */
	struct conf_list tables;    /* of a list */
	struct senders_grant *grants;
	size_t grant_count;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost senders [--json] [--config FILE] LOGIN [ADDRESS]\n"
	    "Shows as which addresses and domains a login may write, or whether "
	    "it may\n"
	    "write as ADDRESS, and by which source and line.\n\n"
	    "  --json             one JSON object instead of text\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0 it may (without ADDRESS: as something), 1 it may "
	    "not,\n"
	    "2 usage, 75 a source cannot be read\n");
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
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
	if (argc - optind < 1 || argc - optind > 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	options->login = argv[optind];
	options->address = argv[optind + 1];
	return -1;
}

/* A text of the command line or of a file, which may be no UTF-8. */
static json_t *
text_json(const char *text)
{
	char clean[SHOWN_BYTES];
	json_t *json;

	if (text == NULL)
		return json_null();
	if ((json = json_string(text)) != NULL)
		return json;
	return json_string(str_sanitize(clean, sizeof(clean), span_of(text)));
}

static json_t *
texts_json(const struct conf_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->count; i++)
		json_array_append_new(array, text_json(list->items[i]));
	return array;
}

static json_t *
grants_json(const struct run *run)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < run->grant_count; i++)
		json_array_append_new(array,
		    json_pack("{s:o, s:o}", "entry",
			text_json(run->grants[i].entry), "source",
			text_json(run->grants[i].source)));
	return array;
}

static enum status
print_json(const struct run *run)
{
	bool checked = senders_conf_has_source(&run->settings->senders);
	json_t *object;
	int failed = -1;

	object = json_pack("{s:o, s:b, s:o}", "login",
	    text_json(run->options->login), "checked", (int)checked, "problems",
	    texts_json(&run->problems));
	if (object != NULL && run->options->address != NULL)
		failed = json_object_update_new(object,
		    json_pack("{s:o, s:s, s:o, s:o, s:o}", "address",
			text_json(run->options->address), "answer",
			senders_answer_text(run->found.answer), "source",
			text_json(run->found.source), "entry",
			text_json(run->found.entry), "reason",
			text_json(run->found.reason)));
	else if (object != NULL)
		failed = json_object_update_new(object,
		    json_pack("{s:o, s:o}", "grants", grants_json(run),
			"tables", texts_json(&run->tables)));
	if (failed == 0)
		failed = json_dumpf(
		    object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(object);
	if (failed != 0)
		return STATUS_NOMEM;
	putchar('\n');
	return STATUS_OK;
}

/* A text for the terminal. */
static const char *
shown(const struct run *run, const char *text)
{
	char clean[SHOWN_BYTES];
	const char *copy = region_strdup(
	    run->region, str_show(clean, sizeof(clean), span_of(text)));

	return copy == NULL ? "?" : copy;
}

static void
print_answer(const struct run *run)
{
	const struct senders_found *found = &run->found;
	const char *login = shown(run, run->options->login);
	const char *address = shown(run, run->options->address);

	switch (found->answer) {
	case SENDERS_ALLOWED:
		printf("%s may write as %s", login, address);
		break;
	case SENDERS_FOREIGN:
		printf("%s may not write as %s", login, address);
		break;
	case SENDERS_UNKNOWN:
		printf("%s: not known whether it may write as %s: %s\n", login,
		    address, shown(run, found->reason));
		return;
	}
	if (found->source == NULL)
		putchar('\n');
	else if (found->answer == SENDERS_ALLOWED)
		printf(": %s (%s)\n", shown(run, found->entry),
		    shown(run, found->source));
	else
		printf(": %s belongs to others (%s)\n",
		    shown(run, found->entry), shown(run, found->source));
}

static void
print_list(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->grant_count; i++)
		printf("%s  (%s)\n", shown(run, run->grants[i].entry),
		    shown(run, run->grants[i].source));
	for (i = 0; i < run->tables.count; i++)
		printf("perhaps more in %s: it cannot be listed, ask with an "
		       "ADDRESS\n",
		    shown(run, run->tables.items[i]));
	if (run->grant_count == 0 && run->tables.count == 0)
		printf("%s may write as nobody\n",
		    shown(run, run->options->login));
}

static void
print_text(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->problems.count; i++)
		fprintf(stderr, "gatepost: %s%s\n",
		    shown(run, run->problems.items[i]),
		    i < run->unreadable ? "" : "; the line is left out");
	if (!senders_conf_has_source(&run->settings->senders))
		printf("any login may write as anybody: section senders names "
		       "no map and no match\n");
	else if (run->options->address != NULL)
		print_answer(run);
	else
		print_list(run);
	if (run->settings->senders.action == SENDERS_ACTION_OFF)
		printf("senders.action = off: nothing is checked\n");
}

static enum status
ask_address(struct run *run)
{
	struct address address;
	enum status status;

	status =
	    address_parse_path(run->region, run->options->address, &address);
	if (status == STATUS_INVALID ||
	    (status == STATUS_OK && address.domain[0] == '\0')) {
		fprintf(stderr, "gatepost: no address: %s\n",
		    shown(run, run->options->address));
		return STATUS_INVALID;
	}
	if (status != STATUS_OK)
		return status;
	return senders_ask(run->senders, run->region, run->options->login,
	    &address, &run->found);
}

static enum status
ask(struct run *run)
{
	enum status status;

	if ((run->region = region_new()) == NULL)
		return STATUS_NOMEM;
	status = senders_new(&run->settings->senders, &run->senders);
	if (status == STATUS_OK)
		status = senders_problems(run->senders, run->region,
		    &run->problems, &run->unreadable);
	if (status != STATUS_OK)
		return status;
	if (run->options->address != NULL)
		return ask_address(run);
	return senders_list(run->senders, run->region, run->options->login,
	    &run->tables, &run->grants, &run->grant_count);
}

static int
exit_status_of(const struct run *run)
{
	if (!senders_conf_has_source(&run->settings->senders))
		return 0;
	if (run->options->address == NULL) {
		if (run->unreadable > 0)
			return EXIT_TEMPORARY;
		return run->grant_count + run->tables.count > 0 ? 0 :
								  EXIT_FAILED;
	}
	switch (run->found.answer) {
	case SENDERS_ALLOWED:
		return 0;
	case SENDERS_FOREIGN:
		return EXIT_FAILED;
	case SENDERS_UNKNOWN:
		return EXIT_TEMPORARY;
	}
	return EXIT_TEMPORARY;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	struct run run = { .options = &options };
	enum status status;
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if ((run.settings = load_settings(options.config_path)) == NULL)
		return EXIT_USAGE;
	log_set_level(LOG_LEVEL_FATAL); /* the command tells it itself */
	if ((status = ask(&run)) == STATUS_OK) {
		if (options.json)
			status = print_json(&run);
		else
			print_text(&run);
	}
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	if (status == STATUS_OK)
		result = exit_status_of(&run);
	else
		result = status == STATUS_INVALID ? EXIT_USAGE : EXIT_TEMPORARY;
	if (status != STATUS_OK && status != STATUS_INVALID)
		fprintf(stderr, "gatepost: senders: %s\n", status_text(status));
	senders_free(&run.senders);
	region_free(&run.region);
	settings_release(&run.settings);
	return result;
}

const struct command command_senders = { "senders",
	"show what a login may write as", run_command };
