/*
 * cmd-reputation - `gatepost reputation show|forget`: what the store knows of
 * an address, a network or a domain.
 */
#include "config.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/reputation-pair.h"
#include "cli/store.h"
#include "lib/reputation/greylist-hint.h"
#include "lib/reputation/reputation.h"
#include "lib/scan/history.h"

#define ROWS_MAX 5 /* subjects that one name may stand for */
#define KEYS_MAX (2 * ROWS_MAX + 1)

struct options {
	const char *config_path;
	bool json;
};

/* What one name on the command line stands for. */
struct rows {
	size_t count;
	struct reputation_subject subjects[ROWS_MAX];
	bool is_address;
	struct ip ip; /* of an address */
};

/* All names of the command line, in its order. */
struct names {
	char **texts;
	const struct rows *rows;
	size_t count;
};

struct command_run {
	const struct options *options;
	const struct settings *settings;
	struct store *store;
	struct region *region;
	json_t *json; /* an array, or NULL: text is printed */
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost reputation show [--json] [--config FILE] NAME...\n"
	    "       gatepost reputation forget [--config FILE] NAME...\n"
	    "       gatepost reputation show|forget OWN OTHER\n\n"
	    "A name is an address (192.0.2.1), a network (192.0.2.0/24,\n"
	    "2001:db8::/48) or a domain.  show prints how much good mail and\n"
	    "spam is known of it and what that is worth in points now; forget\n"
	    "removes it.  Of two mail addresses: whether OTHER is a known\n"
	    "correspondent of OWN, who wrote to him.\n\n"
	    "  --json             one JSON array instead of a table\n"
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

static enum status
add_ip(const struct command_run *run, struct rows *rows,
    enum reputation_kind kind, const struct ip *ip)
{
	return reputation_subject_of_ip(run->region, &run->settings->reputation,
	    kind, ip, &rows->subjects[rows->count++]);
}

/* "192.0.2.0/24": counters are kept of networks of this size alone. */
static enum status
find_network(const struct command_run *run, const char *name, struct rows *rows)
{
	struct ip_network network;

	if (ip_network_parse(name, &network) != STATUS_OK ||
	    network.prefix_bits != (network.ip.family == AF_INET ? 24 : 48)) {
		fprintf(stderr,
		    "gatepost: %s: known are networks of /24, and of /48 for "
		    "IPv6\n",
		    name);
		return STATUS_INVALID;
	}
	return add_ip(run, rows, REPUTATION_NETWORK, &network.ip);
}

/* A domain, in every part that it may have played. */
static enum status
find_domain(const struct command_run *run, const char *name, struct rows *rows)
{
	static const struct {
		enum reputation_kind kind;
		bool is_claimed;
	} parts[ROWS_MAX] = { { REPUTATION_DOMAIN, false },
		{ REPUTATION_PTR, false }, { REPUTATION_PTR, true },
		{ REPUTATION_HELO, false }, { REPUTATION_HELO, true } };

	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < ROWS_MAX && status == STATUS_OK; i++)
		status = reputation_subject_of_name(run->region,
		    &run->settings->reputation, parts[i].kind,
		    parts[i].is_claimed, name, &rows->subjects[rows->count++]);
	if (status == STATUS_INVALID)
		fprintf(stderr, "gatepost: %s: no address, network or domain\n",
		    name);
	return status;
}

static enum status
find_rows(const struct command_run *run, const char *name, struct rows *rows)
{
	enum status status;

	memset(rows, 0, sizeof(*rows));
	if (strchr(name, '/') != NULL)
		return find_network(run, name, rows);
	if (ip_parse(name, &rows->ip) != STATUS_OK)
		return find_domain(run, name, rows);
	rows->is_address = true;
	status = add_ip(run, rows, REPUTATION_ADDRESS, &rows->ip);
	if (status == STATUS_OK)
		status = add_ip(run, rows, REPUTATION_NETWORK, &rows->ip);
	return status;
}

static const char *
kind_text(const struct reputation_subject *subject)
{
	switch (subject->kind) {
	case REPUTATION_HELO:
		return subject->is_claimed ? "helo, claimed" : "helo";
	case REPUTATION_PTR:
		return subject->is_claimed ? "ptr, claimed" : "ptr";
	case REPUTATION_ADDRESS:
	case REPUTATION_NETWORK:
	case REPUTATION_DOMAIN:
		break;
	}
	return reputation_kind_text(subject->kind);
}

/* What a row is worth now. */
struct worth {
	const char *symbol; /* NULL when it says nothing */
	int points;         /* hundredths */
};

static struct worth
worth_of(const struct command_run *run,
    const struct reputation_subject *subject, const struct store_pair *pair)
{
	double share = reputation_share(subject, pair);
	struct worth worth = { NULL, 0 };
	const struct symbol_setting *setting;
	enum symbol_id id;

	if (share == 0)
		return worth;
	id = history_symbol(subject->kind, share > 0);
	setting = &run->settings->symbol_settings[id];
	worth.symbol = symbol_name(id);
	if (!setting->off)
		worth.points = (int)lround(setting->weight * fabs(share));
	return worth;
}

/* Messages with two decimals: what decayed since is no news. */
static double
rounded(double messages)
{
	return round(messages * 100) / 100;
}

static enum status
add_json(struct command_run *run, const struct reputation_subject *subject,
    const struct store_pair *pair)
{
	struct worth worth = worth_of(run, subject, pair);
	json_t *row;

	row = json_pack("{s:s, s:s, s:b, s:f, s:f, s:s?, s:f}", "kind",
	    reputation_kind_text(subject->kind), "name", subject->name,
	    "claimed", (int)subject->is_claimed, "ham", rounded(pair->ham),
	    "spam", rounded(pair->spam), "symbol", worth.symbol, "score",
	    worth.points / 100.0);
	return json_array_append_new(run->json, row) == 0 ? STATUS_OK :
							    STATUS_NOMEM;
}

static void
print_row(const struct command_run *run,
    const struct reputation_subject *subject, const struct store_pair *pair)
{
	struct worth worth = worth_of(run, subject, pair);
	char points[SCORE_TEXT_BYTES];

	printf("%-14s %-30s %8.1f %8.1f %7s  %s\n", kind_text(subject),
	    subject->name, pair->ham, pair->spam,
	    score_text(worth.points, points),
	    worth.symbol == NULL ? "-" : worth.symbol);
}

static enum status
show_row(struct command_run *run, const struct reputation_subject *subject,
    const struct store_operation *read)
{
	if (run->json != NULL)
		return add_json(run, subject, &read->pair);
	print_row(run, subject, &read->pair);
	return STATUS_OK;
}

/* Two addresses of one network, two hosts of one domain: it is shown once. */
static bool
is_shown(const struct names *names, size_t count,
    const struct reputation_subject *subject)
{
	const struct rows *rows;
	size_t i, j;

	for (i = 0; i < count; i++) {
		rows = &names->rows[i];
		for (j = 0; j < rows->count; j++)
			if (strcmp(rows->subjects[j].key, subject->key) == 0)
				return true;
	}
	return false;
}

/* The name with that index; those before it have been shown. */
static enum status
show_name(struct command_run *run, const struct names *names, size_t index)
{
	const struct rows *rows = &names->rows[index];
	struct store_operation reads[ROWS_MAX];
	enum status status;
	size_t i, found = 0;

	for (i = 0; i < rows->count; i++)
		reads[i] = reputation_read(
		    &run->settings->reputation, &rows->subjects[i]);
	status = store_run(run->store, reads, rows->count);
	for (i = 0; i < rows->count && status == STATUS_OK; i++) {
		if (!reads[i].found)
			continue;
		found++;
		if (!is_shown(names, index, &rows->subjects[i]))
			status = show_row(run, &rows->subjects[i], &reads[i]);
	}
	if (status == STATUS_OK && found == 0 && run->json == NULL)
		printf("%s: nothing is known\n", names->texts[index]);
	return status;
}

/* Looks at what is under a key, and removes it. */
struct removal {
	size_t count;
	struct store_operation looks[KEYS_MAX], forgets[KEYS_MAX];
};

static void
add_removal(struct removal *removal, struct store_operation look)
{
	struct store_operation forget = { .verb = STORE_FORGET,
		.key = look.key };

	removal->looks[removal->count] = look;
	removal->forgets[removal->count++] = forget;
}

static void
add_subject(const struct command_run *run, struct removal *removal,
    const struct reputation_subject *subject)
{
	struct store_operation peek = { .verb = STORE_PEEK,
		.key = subject->seen_key };

	add_removal(
	    removal, reputation_read(&run->settings->reputation, subject));
	if (subject->seen_key != NULL)
		add_removal(removal, peek);
}

/* Counters, marks and the greylist hint; an address stands for itself alone,
 * for its network is that of others, too. */
static enum status
collect_removals(const struct command_run *run, const struct rows *rows,
    struct removal *removal)
{
	size_t i, count = rows->is_address ? 1 : rows->count;
	struct store_operation hint;
	enum status status;

	removal->count = 0;
	for (i = 0; i < count; i++)
		add_subject(run, removal, &rows->subjects[i]);
	if (!rows->is_address)
		return STATUS_OK;
	status = greylist_hint(run->region, STORE_PEEK, &rows->ip, 0, &hint);
	if (status == STATUS_OK)
		add_removal(removal, hint);
	return status;
}

/* What cannot be read is there, too. */
static bool
is_known(const struct removal *removal)
{
	size_t i;

	for (i = 0; i < removal->count; i++)
		if (removal->looks[i].found || removal->looks[i].failed)
			return true;
	return false;
}

static enum status
forget_name(struct command_run *run, const char *name, const struct rows *rows)
{
	struct removal removal;
	enum status status;

	status = collect_removals(run, rows, &removal);
	if (status == STATUS_OK)
		status = store_run(run->store, removal.looks, removal.count);
	if (status == STATUS_OK)
		status = store_run(run->store, removal.forgets, removal.count);
	if (status != STATUS_OK)
		return status;
	if (is_known(&removal))
		printf("%s: forgotten\n", name);
	else
		printf("nothing was known of %s\n", name);
	return STATUS_OK;
}

/* All names are looked at before the first is served. */
static enum status
find_all(const struct command_run *run, struct names *names)
{
	enum status status = STATUS_OK;
	struct rows *rows;
	size_t i;

	rows = region_alloc_array(run->region, names->count, sizeof(*rows));
	if (rows == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < names->count && status == STATUS_OK; i++)
		status = find_rows(run, names->texts[i], &rows[i]);
	names->rows = rows;
	return status;
}

static enum status
show(struct command_run *run, const struct names *names)
{
	enum status status = STATUS_OK;
	size_t i;

	if (run->options->json && (run->json = json_array()) == NULL)
		return STATUS_NOMEM;
	if (run->json == NULL)
		printf("%-14s %-30s %8s %8s %7s  %s\n", "KIND", "NAME", "HAM",
		    "SPAM", "POINTS", "SYMBOL");
	for (i = 0; i < names->count && status == STATUS_OK; i++)
		status = show_name(run, names, i);
	if (status == STATUS_OK && run->json != NULL &&
	    (json_dumpf(run->json, stdout,
		 JSON_INDENT(2) | JSON_REAL_PRECISION(8)) != 0 ||
		putchar('\n') == EOF))
		status = STATUS_IO;
	json_decref(run->json);
	return status;
}

static enum status
forget(struct command_run *run, const struct names *names)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < names->count && status == STATUS_OK; i++)
		status = forget_name(run, names->texts[i], &names->rows[i]);
	return status;
}

static enum status
show_all(struct command_run *run, struct names *names)
{
	enum status status;

	if (reputation_pair_is_named(names->texts, names->count))
		return reputation_pair_show(
		    run->store, run->region, names->texts, run->options->json);
	status = find_all(run, names);
	return status == STATUS_OK ? show(run, names) : status;
}

static enum status
forget_all(struct command_run *run, struct names *names)
{
	enum status status;

	if (reputation_pair_is_named(names->texts, names->count))
		return reputation_pair_forget(
		    run->store, run->region, names->texts);
	status = find_all(run, names);
	return status == STATUS_OK ? forget(run, names) : status;
}

static int
exit_status_of(enum status status)
{
	if (status == STATUS_INVALID)
		return EXIT_USAGE; /* it was told why */
	if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = STATUS_IO;
	if (status == STATUS_OK)
		return 0;
	fprintf(
	    stderr, "gatepost: the store failed: %s\n", status_text(status));
	return EXIT_TEMPORARY;
}

static int
serve(const struct options *options, const char *verb, struct names *names)
{
	struct command_run run = { .options = options };
	enum status status;
	int result = EXIT_TEMPORARY;

	if ((run.settings = load_settings(options->config_path)) == NULL)
		return EXIT_USAGE;
	run.region = region_new();
	if (run.region != NULL &&
	    open_old_store(run.settings, &run.store) == STATUS_OK) {
		status = strcmp(verb, "show") == 0 ? show_all(&run, names) :
						     forget_all(&run, names);
		result = exit_status_of(status);
	}
	store_close(&run.store);
	region_free(&run.region);
	settings_release(&run.settings);
	return result;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	struct names names;
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	names.texts = argv + optind + 1;
	names.count = (size_t)(argc - optind - 1);
	if (argc - optind >= 2 &&
	    (strcmp(argv[optind], "show") == 0 ||
		(strcmp(argv[optind], "forget") == 0 && !options.json)))
		return serve(&options, argv[optind], &names);
	print_usage(stderr);
	return EXIT_USAGE;
}

const struct command command_reputation = { "reputation",
	"show or forget what is known of senders", run_command };
