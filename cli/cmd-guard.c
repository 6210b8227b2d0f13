/*
 * cmd-guard - `gatepost guard show|reset`: the limits of who sends, and how far
 * he is from them.
 */
#include "config.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/store.h"
#include "lib/guard/guard.h"

#define DATE_BYTES    32
#define TEXT_BYTES    200
#define MS_PER_SECOND 1000

struct options {
	const char *config_path;
	bool json;
};

struct guard_run {
	const struct settings *settings;
	struct store *store;
	struct region *region;
	json_t *json; /* an array, or NULL: text is printed */
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost guard show [--json] [--config FILE] LOGIN...\n"
	    "       gatepost guard reset [--config FILE] LOGIN...\n\n"
	    "show prints how much of its limits (section guard) a login has\n"
	    "used up, and whether its mail is stopped; reset lets it send\n"
	    "again.  Mail without a login is counted by the address of the\n"
	    "client, which is named instead.\n\n"
	    "  --json             one JSON array instead of text\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0, 2 usage, 75 the store cannot be reached\n");
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", table, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'j':
			options->json = true;
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
	return -1;
}

static int64_t
over_until(const struct guard_run *run, const struct guard_state *state)
{
	return state->over_at + run->settings->guard.duration / MS_PER_SECOND;
}

static const char *
date_text(int64_t seconds, char text[DATE_BYTES])
{
	time_t time = (time_t)seconds;
	struct tm tm;

	if (localtime_r(&time, &tm) == NULL ||
	    strftime(text, DATE_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		text[0] = '\0';
	return text;
}

static enum status
print_limit(const struct guard_run *run, enum guard_limit limit, double used)
{
	struct strbuf *text = strbuf_new(TEXT_BYTES);
	enum status status;

	if (text == NULL)
		return STATUS_NOMEM;
	guard_limit_write(&run->settings->guard, limit, text);
	status = strbuf_status(text);
	printf("  %.0f of %s\n", round(used), strbuf_text(text));
	strbuf_free(&text);
	return status;
}

static enum status
print_sender(const struct guard_run *run, const struct guard_sender *sender,
    const struct guard_state *state, const struct guard_amounts *used)
{
	const struct guard_conf *conf = &run->settings->guard;
	char name[TEXT_BYTES], since[DATE_BYTES], until[DATE_BYTES];
	enum status status = STATUS_OK;
	size_t i;

	printf("%s: ", str_show(name, sizeof(name), span_of(sender->name)));
	if (state->is_over)
		printf("over its limit of %s, stopped from %s until %s\n",
		    guard_limit_text(state->limit),
		    date_text(state->over_at, since),
		    date_text(over_until(run, state), until));
	else
		printf("may send\n");
	for (i = 0; i < GUARD_LIMITS && status == STATUS_OK; i++)
		if (guard_rate(conf, (enum guard_limit)i)->count > 0)
			status =
			    print_limit(run, (enum guard_limit)i, used->of[i]);
	if (state->is_told)
		printf("  %s was told at %s\n", conf->notify,
		    date_text(state->told_at, since));
	return status;
}

/* null where there is no limit */
static json_t *
limit_json(const struct guard_conf *conf, enum guard_limit limit, double used)
{
	const struct conf_rate *rate = guard_rate(conf, limit);

	if (rate->count == 0)
		return json_null();
	return json_pack("{s:f, s:I, s:f}", "used", round(used * 100) / 100,
	    "limit", (json_int_t)rate->count, "seconds",
	    (double)rate->period / MS_PER_SECOND);
}

static enum status
add_json(const struct guard_run *run, const struct guard_sender *sender,
    const struct guard_state *state, const struct guard_amounts *used)
{
	const struct guard_conf *conf = &run->settings->guard;
	json_t *row;

	row = json_pack("{s:s, s:b, s:o, s:o, s:o}", "sender", sender->name,
	    "over", (int)state->is_over, "messages",
	    limit_json(conf, GUARD_MESSAGES, used->of[GUARD_MESSAGES]),
	    "recipients",
	    limit_json(conf, GUARD_RECIPIENTS, used->of[GUARD_RECIPIENTS]),
	    "junk", limit_json(conf, GUARD_JUNK, used->of[GUARD_JUNK]));
	if (row == NULL)
		return STATUS_NOMEM;
	if (state->is_over &&
	    json_object_update_new(row,
		json_pack("{s:s, s:I, s:I}", "over_limit",
		    guard_limit_text(state->limit), "since",
		    (json_int_t)state->over_at, "until",
		    (json_int_t)over_until(run, state))) != 0) {
		json_decref(row);
		return STATUS_NOMEM;
	}
	return json_array_append_new(run->json, row) == 0 ? STATUS_OK :
							    STATUS_NOMEM;
}

static enum status
show(const struct guard_run *run, const struct guard_sender *sender)
{
	struct guard_amounts used;
	struct guard_state state;
	enum status status = guard_look(
	    run->store, &run->settings->guard, sender, &state, &used);

	if (status != STATUS_OK)
		return status;
	return run->json == NULL ? print_sender(run, sender, &state, &used) :
				   add_json(run, sender, &state, &used);
}

static enum status
reset(const struct guard_run *run, const struct guard_sender *sender)
{
	struct guard_amounts used;
	struct guard_state state;
	char name[TEXT_BYTES];
	enum status status = guard_look(
	    run->store, &run->settings->guard, sender, &state, &used);

	if (status == STATUS_OK)
		status = guard_reset(run->store, sender);
	if (status == STATUS_OK)
		printf("%s: %s\n",
		    str_show(name, sizeof(name), span_of(sender->name)),
		    state.is_over ? "may send again" : "was not stopped");
	return status;
}

static enum status
each(const struct guard_run *run, char **names, size_t count,
    enum status (*serve)(const struct guard_run *, const struct guard_sender *))
{
	enum status status = STATUS_OK;
	struct guard_sender sender;
	size_t i;

	for (i = 0; i < count && status == STATUS_OK; i++) {
		status = guard_sender_named(run->region, names[i], &sender);
		if (status == STATUS_OK)
			status = serve(run, &sender);
	}
	return status;
}

static enum status
finish(const struct guard_run *run, enum status status)
{
	if (status == STATUS_OK && run->json != NULL &&
	    (json_dumpf(run->json, stdout,
		 JSON_INDENT(2) | JSON_REAL_PRECISION(8)) != 0 ||
		putchar('\n') == EOF))
		status = STATUS_IO;
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	if (status != STATUS_OK)
		fprintf(stderr, "gatepost: the store failed: %s\n",
		    status_text(status));
	return status;
}

static int
serve(const struct options *options, bool is_reset, char **names, size_t count)
{
	struct guard_run run = { .region = region_new() };
	enum status status = STATUS_NOMEM;

	if ((run.settings = load_settings(options->config_path)) == NULL) {
		region_free(&run.region);
		return EXIT_USAGE;
	}
	if (options->json)
		run.json = json_array();
	if (run.region != NULL && (run.json != NULL || !options->json))
		status = open_old_store(run.settings, &run.store);
	if (status == STATUS_OK) /* else it was told why */
		status = finish(
		    &run, each(&run, names, count, is_reset ? reset : show));
	json_decref(run.json);
	store_close(&run.store);
	region_free(&run.region);
	settings_release(&run.settings);
	return status == STATUS_OK ? 0 : EXIT_TEMPORARY;
}

static bool
are_names(char **names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (names[i][0] == '\0')
			return false;
	return count > 0;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	char **names = argv + argc;
	size_t count = 0;
	bool is_reset;
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if (argc - optind > 1) {
		names = argv + optind + 1;
		count = (size_t)(argc - optind - 1);
	}
	is_reset = count > 0 && strcmp(argv[optind], "reset") == 0;
	if (are_names(names, count) &&
	    (is_reset ? !options.json : strcmp(argv[optind], "show") == 0))
		return serve(&options, is_reset, names, count);
	print_usage(stderr);
	return EXIT_USAGE;
}

const struct command command_guard = { "guard",
	"show or lift the limits of who sends", run_command };
