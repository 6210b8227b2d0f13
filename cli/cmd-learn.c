/*
 * cmd-learn - `gatepost learn ham|spam|forget`: what a person says of delivered
 * messages.  Here is the way through the messages, the count and the summary;
 * what is taught of one stands in learn-message.c.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/learn-message.h"
#include "cli/load.h"
#include "cli/messages.h"
#include "cli/store.h"

#define PROGRESS_MESSAGES 1000
#define PROGRESS_TERMINAL 50 /* on a terminal it is one line */
#define COMPLAINTS_MAX    10 /* messages that are named one by one */

struct options {
	const char *config_path;
	const char *word; /* "ham" */
	enum teach_lesson lesson;
	char **paths;
	size_t path_count;
};

/* How the lessons went. */
struct counts {
	size_t messages, learned, turned, forgotten, unchanged, foreign;
};

struct run {
	struct learner learner;
	struct counts counts;
	bool on_terminal;   /* standard error is one */
	enum status status; /* why it ended early, or STATUS_OK */
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost learn ham|spam|forget [--config FILE]\n"
	    "           [FILE | DIRECTORY | -]...\n"
	    "Teaches that delivered messages are good or spam, or takes that\n"
	    "back.  A message is a file, or many in an mbox, a Maildir or a\n"
	    "directory; without one, standard input.  Only messages that this\n"
	    "host received and checked teach anything.\n\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0, 2 usage or something could not be read, 65 none\n"
	    "of the messages was received by this host, 75 the store cannot be\n"
	    "reached\n");
}

static bool
parse_lesson(const char *word, enum teach_lesson *lesson_r)
{
	static const struct {
		const char *word;
		enum teach_lesson lesson;
	} lessons[] = { { "ham", TEACH_HAM }, { "spam", TEACH_SPAM },
		{ "forget", TEACH_FORGET } };

	size_t i;

	for (i = 0; i < GP_NELEMS(lessons); i++) {
		*lesson_r = lessons[i].lesson;
		if (strcmp(word, lessons[i].word) == 0)
			return true;
	}
	return false;
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
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
	if (optind == argc || !parse_lesson(argv[optind], &options->lesson)) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	options->word = argv[optind];
	options->paths = argv + optind + 1;
	options->path_count = (size_t)(argc - optind - 1);
	return -1;
}

static void
count_outcome(struct counts *counts, enum teach_outcome outcome)
{
	switch (outcome) {
	case TEACH_LEARNED:
		counts->learned++;
		break;
	case TEACH_TURNED:
		counts->learned++;
		counts->turned++;
		break;
	case TEACH_FORGOTTEN:
		counts->forgotten++;
		break;
	case TEACH_NO_CHANGE:
		counts->unchanged++;
		break;
	}
}

static void
clear_progress(const struct run *run)
{
	if (run->on_terminal)
		fprintf(stderr, "\r%30s\r", "");
}

static void
show_progress(const struct run *run)
{
	size_t step = run->on_terminal ? PROGRESS_TERMINAL : PROGRESS_MESSAGES;

	if (run->counts.messages % step != 0)
		return;
	fprintf(stderr, run->on_terminal ? "\r%zu messages" : "%zu messages\n",
	    run->counts.messages);
}

/* Messages of others are no mistake, but somebody should know why nothing
 * happens. */
static void
count_foreign(struct run *run, const char *name, const char *found)
{
	const char *own = run->learner.settings->authserv_id;

	if (++run->counts.foreign > COMPLAINTS_MAX)
		return;
	clear_progress(run);
	fprintf(stderr,
	    "gatepost: %s: not received by this host, nothing to learn: ",
	    name);
	if (found[0] == '\0')
		fprintf(stderr, "no Authentication-Results of %s\n", own);
	else if (str_equals_nocase(found, own))
		fprintf(stderr,
		    "what %s found may be forged: another host "
		    "had it since\n",
		    own);
	else
		fprintf(stderr,
		    "Authentication-Results of %s, and "
		    "authserv_id is %s\n",
		    found, own);
	if (run->counts.foreign == COMPLAINTS_MAX)
		fprintf(stderr,
		    "gatepost: further messages like that are only counted\n");
}

static bool
visit(void *argument, const char *name, struct span raw)
{
	struct run *run = argument;
	struct learn_result result;

	run->status = learn_message(&run->learner, raw, &result);
	if (run->status == STATUS_OK) {
		count_outcome(&run->counts, result.outcome);
	} else if (run->status == STATUS_NOTFOUND) {
		count_foreign(run, name, result.authserv_id);
		run->status = STATUS_OK;
	} else {
		return false;
	}
	run->counts.messages++;
	show_progress(run);
	return true;
}

static void
print_part(size_t count, const char *text)
{
	if (count > 0)
		printf(", %zu %s", count, text);
}

static void
print_summary(const struct run *run, const struct options *options)
{
	const struct counts *counts = &run->counts;

	printf("%zu message%s: ", counts->messages,
	    counts->messages == 1 ? "" : "s");
	if (options->lesson == TEACH_FORGET) {
		printf("%zu forgotten", counts->forgotten);
		print_part(counts->unchanged, "had not been learned");
	} else {
		printf("%zu learned as %s", counts->learned, options->word);
		print_part(counts->turned,
		    options->lesson == TEACH_HAM ? "of them had been spam" :
						   "of them had been ham");
		print_part(counts->unchanged, "had been learned before");
	}
	print_part(counts->foreign, "not received by this host");
	printf("\n");
}

/* Every path; true: something could not be read. */
static bool
visit_all(struct run *run, const struct options *options)
{
	const struct messages_visitor visitor = { visit, run };
	bool failed = false;
	size_t i;

	if (options->path_count == 0)
		return messages_visit("-", &visitor) != STATUS_OK;
	for (i = 0; i < options->path_count && run->status == STATUS_OK; i++)
		if (messages_visit(options->paths[i], &visitor) != STATUS_OK)
			failed = true;
	return failed;
}

static int
learn(struct run *run, const struct options *options)
{
	bool failed;

	failed = visit_all(run, options);
	clear_progress(run);
	print_summary(run, options);
	if (run->status != STATUS_OK) {
		fprintf(stderr, "gatepost: ended early, the store failed: %s\n",
		    status_text(run->status));
		return EXIT_TEMPORARY;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXIT_TEMPORARY;
	if (failed)
		return EXIT_USAGE;
	return run->counts.messages > 0 &&
		run->counts.foreign == run->counts.messages ?
	    EXIT_DATA :
	    0;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	const struct settings *settings;
	struct run run = { 0 };
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if ((settings = load_settings(options.config_path)) == NULL)
		return EXIT_USAGE;
	run.learner.settings = settings;
	run.learner.lesson = options.lesson;
	run.on_terminal = isatty(STDERR_FILENO) == 1;
	result = EXIT_TEMPORARY;
	if (open_store(settings, &run.learner.store) == STATUS_OK)
		result = learn(&run, &options);
	store_close(&run.learner.store);
	settings_release(&settings);
	return result;
}

const struct command command_learn = { "learn",
	"teach which delivered messages are good or spam", run_command };
