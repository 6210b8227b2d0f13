/*
 * cmd-vacation - `gatepost vacation set|off|show`: the automatic reply of a
 * user, as the Sieve script gatepost-vacation that Dovecot runs.
 *
 * The active script is a link into the directory of scripts, as ManageSieve
 * makes it.  What was active before runs behind the reply, and is active again
 * when the reply is switched off.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/users-run.h"
#include "cli/vacation-script.h"
#include "lib/users/template.h"

#define SUFFIX           ".sieve"
#define DAYS_DEFAULT     7  /* RFC 5230 section 4.1 */
#define DAYS_MAX         60 /* what Dovecot takes */
#define SCRIPT_BYTES_MAX (4 * VACATION_TEXT_MAX)

struct options {
	const char *config_path;
	const char *file;
	struct vacation vacation;
};

/* Where a user's scripts are. */
struct place {
	const char *active;    /* the link */
	const char *directory; /* of scripts */
	const char *script;    /* ours */
	const char *name;      /* that is active; NULL: none */
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost vacation set [OPTION]... USER\n"
	    "       gatepost vacation off [-c FILE] USER\n"
	    "       gatepost vacation show [-c FILE] USER\n\n"
	    "Sets, removes or shows a user's automatic reply: a Sieve script\n"
	    "that Dovecot runs.  A script that the user has runs behind it.\n\n"
	    "  -m, --message TEXT  the reply\n"
	    "  -F, --file PATH     the reply is in a file; -: standard input\n"
	    "  -s, --subject TEXT  its subject\n"
	    "  -d, --days N        a sender gets it once in N days (7)\n"
	    "  -f, --from DATE     first day, as 2026-12-24\n"
	    "  -u, --until DATE    last day\n"
	    "  -a, --address ADDR  another address of the user; may repeat\n"
	    "  -c, --config FILE   instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0, 1 not done (show: no reply is set), 2 usage,\n"
	    "75 the user cannot be looked up\n");
}

/* NULL, or what is wrong with a text that stands in the script. */
static const char *
text_error(const char *text, bool one_line)
{
	for (; *text != '\0'; text++)
		if (*text == 0x7f ||
		    ((unsigned char)*text < 0x20 &&
			(one_line || strchr("\t\r\n", *text) == NULL)))
			return "must not hold control characters";
	return NULL;
}

static const char *
read_days(struct vacation *vacation, const char *text)
{
	uint64_t days;

	if (str_to_uint64(span_of(text), DAYS_MAX, &days) != STATUS_OK ||
	    days == 0)
		return "must be a number from 1 to 60";
	vacation->days = (unsigned int)days;
	return NULL;
}

static const char *
add_address(struct vacation *vacation, const char *text)
{
	if (vacation->address_count == VACATION_ADDRESSES_MAX)
		return "is one too many";
	if (strchr(text, '@') == NULL || text_error(text, true) != NULL)
		return "must be an address";
	vacation->addresses[vacation->address_count++] = text;
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
read_option(struct options *options, int option, const char *text)
{
	struct vacation *vacation = &options->vacation;

	switch (option) {
	case 'a':
		return add_address(vacation, text);
	case 'c':
		options->config_path = text;
		return NULL;
	case 'd':
		return read_days(vacation, text);
	case 'f':
		vacation->from = text;
		return vacation_date_error(text);
	case 'F':
		options->file = text;
		return NULL;
	case 'm':
		vacation->text = text;
		return text_error(text, false);
	case 's':
		vacation->subject = text;
		return text_error(text, true);
	default:
		vacation->until = text;
		return vacation_date_error(text);
	}
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "address", required_argument, NULL, 'a' },
		{ "config", required_argument, NULL, 'c' },
		{ "days", required_argument, NULL, 'd' },
		{ "from", required_argument, NULL, 'f' },
		{ "file", required_argument, NULL, 'F' },
		{ "message", required_argument, NULL, 'm' },
		{ "subject", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *error;
	int option;

	while ((option = getopt_long(
		    argc, argv, "a:c:d:f:F:m:s:u:hV", table, NULL)) != -1) {
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
		error = read_option(options, option, optarg);
		if (error != NULL) {
			fprintf(stderr, "gatepost: %s: %s\n", optarg, error);
			return EXIT_USAGE;
		}
	}
	return -1;
}

static int
say(const char *path, const char *what)
{
	fprintf(stderr, "gatepost: %s: %s\n", path, what);
	return EXIT_FAILED;
}

/* The name of the script that the link is to; "" when it is none of ours. */
static enum status
read_active(struct region *region, struct place *place)
{
	char target[PATH_MAX];
	const char *slash;
	ssize_t length;
	size_t suffix = strlen(SUFFIX);

	place->name = NULL;
	length = readlink(place->active, target, sizeof(target) - 1);
	if (length == -1 && errno == ENOENT)
		return STATUS_OK;
	if (length == -1)
		return STATUS_INVALID; /* a file, or nothing that we may see */
	target[length] = '\0';
	slash = strrchr(target, '/');
	if (slash == NULL || strlen(slash + 1) <= suffix ||
	    strcmp(target + length - suffix, SUFFIX) != 0 ||
	    strchr(slash, '\n') != NULL)
		return STATUS_INVALID;
	place->name =
	    region_memdup(region, slash + 1, strlen(slash + 1) - suffix);
	return place->name == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
find_place(struct region *region, const struct settings *settings,
    const struct user *user, struct place *place)
{
	enum status status;

	status = template_expand(region, settings->deliver.sieve_script,
	    user->name, user->home, &place->active);
	if (status == STATUS_OK)
		status =
		    template_expand(region, settings->deliver.sieve_directory,
			user->name, user->home, &place->directory);
	if (status != STATUS_OK)
		return status;
	place->script =
	    region_printf(region, "%s/" VACATION_NAME SUFFIX, place->directory);
	if (place->script == NULL)
		return STATUS_NOMEM;
	return read_active(region, place);
}

static bool
is_ours(const struct place *place)
{
	return place->name != NULL && strcmp(place->name, VACATION_NAME) == 0;
}

/* The script of ours that is there; empty when there is none. */
static enum status
read_script(struct region *region, const char *path, struct span *text_r)
{
	ssize_t length;
	char *text;
	int fd;

	*text_r = span_of("");
	if ((text = region_alloc(region, SCRIPT_BYTES_MAX)) == NULL)
		return STATUS_NOMEM;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? STATUS_OK : STATUS_IO;
	length = read(fd, text, SCRIPT_BYTES_MAX);
	close(fd);
	if (length < 0)
		return STATUS_IO;
	*text_r = (struct span){ text, (size_t)length };
	return STATUS_OK;
}

/* A whole new file in the place of the old one. */
static bool
write_script(const char *path, const char *new_path, const char *text)
{
	size_t length = strlen(text);
	bool written;
	int fd;

	(void)unlink(new_path);
	fd = open(new_path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return false;
	written = write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
	close(fd);
	if (written && rename(new_path, path) == 0)
		return true;
	(void)unlink(new_path);
	return false;
}

/* Makes a script the active one. */
static bool
activate(struct region *region, const struct place *place, const char *name)
{
	const char *target, *new_link;

	target = region_printf(region, "%s/%s" SUFFIX, place->directory, name);
	new_link = region_printf(region, "%s.gatepost", place->active);
	if (target == NULL || new_link == NULL)
		return false;
	(void)unlink(new_link);
	return symlink(target, new_link) == 0 &&
	    rename(new_link, place->active) == 0;
}

/* Makes a directory and what is missing above it, a home too. */
static bool
make_directories(struct region *region, const char *path)
{
	char *partial = region_strdup(region, path), *slash;

	if (partial == NULL)
		return false;
	for (slash = strchr(partial + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(partial, 0700) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static int
set_vacation(struct region *region, const struct place *place,
    const struct vacation *wanted)
{
	struct vacation vacation = *wanted;
	const char *text, *new_path;
	struct span old;

	vacation.before = place->name;
	if (is_ours(place) &&
	    (read_script(region, place->script, &old) != STATUS_OK ||
		vacation_script_before(region, old, &vacation.before) !=
		    STATUS_OK))
		return say(place->script, "cannot be read");
	new_path = region_printf(region, "%s.new", place->script);
	if (new_path == NULL ||
	    vacation_script(region, &vacation, &text) != STATUS_OK)
		return say(place->script, "the reply is too long");
	if (!make_directories(region, place->directory) ||
	    !write_script(place->script, new_path, text) ||
	    !activate(region, place, VACATION_NAME))
		return say(place->script, strerror(errno));
	return 0;
}

static int
remove_vacation(struct region *region, const struct place *place)
{
	const char *before;
	struct span old;

	if (!is_ours(place))
		return 0;
	if (read_script(region, place->script, &old) != STATUS_OK ||
	    vacation_script_before(region, old, &before) != STATUS_OK)
		return say(place->script, "cannot be read");
	if (before != NULL ? !activate(region, place, before) :
			     unlink(place->active) != 0)
		return say(place->active, strerror(errno));
	if (unlink(place->script) != 0)
		return say(place->script, strerror(errno));
	return 0;
}

static int
show_vacation(
    struct region *region, const struct place *place, const struct user *user)
{
	struct span text;

	if (!is_ours(place)) {
		printf("%s: no reply is set\n", user->name);
		return EXIT_FAILED;
	}
	if (read_script(region, place->script, &text) != STATUS_OK)
		return say(place->script, "cannot be read");
	(void)fwrite(text.data, 1, text.length, stdout);
	return 0;
}

/* What the command does for its user. */
struct work {
	const char *verb;
	const struct vacation *vacation;
};

static int
run_for_user(void *argument, struct region *region,
    const struct settings *settings, const struct user *user)
{
	const struct work *work = argument;
	struct place place = { .active = user->name };

	switch (find_place(region, settings, user, &place)) {
	case STATUS_OK:
		break;
	case STATUS_NOTFOUND:
		return say(user->name, "the user has no home");
	case STATUS_INVALID:
		return say(place.active,
		    "is no link to a script; move it into the directory of "
		    "scripts first");
	default:
		return EXIT_TEMPORARY;
	}
	if (strcmp(work->verb, "set") == 0)
		return set_vacation(region, &place, work->vacation);
	if (strcmp(work->verb, "off") == 0)
		return remove_vacation(region, &place);
	return show_vacation(region, &place, user);
}

/* Reads the reply; -1 to go on, else an exit status. */
static int
read_reply(struct options *options, char text[VACATION_TEXT_MAX + 1])
{
	FILE *file = stdin;
	const char *error;
	size_t length;

	if (options->file == NULL)
		return -1;
	if (strcmp(options->file, "-") != 0 &&
	    (file = fopen(options->file, "re")) == NULL)
		return say(options->file, strerror(errno));
	length = fread(text, 1, VACATION_TEXT_MAX + 1, file);
	if (file != stdin)
		fclose(file);
	if (length > VACATION_TEXT_MAX || memchr(text, '\0', length) != NULL)
		return say(options->file, "too long, or no text");
	text[length] = '\0';
	if ((error = text_error(text, false)) != NULL)
		return say(options->file, error);
	options->vacation.text = text;
	return -1;
}

static int
serve(const struct options *options, const char *verb, const char *user)
{
	struct work work = { verb, &options->vacation };
	const struct settings *settings = load_settings(options->config_path);
	int result;

	if (settings == NULL)
		return EXIT_USAGE;
	if (settings->deliver.sieve_socket[0] == '\0')
		fprintf(stderr,
		    "gatepost: warning: deliver.sieve_socket is not set: "
		    "gatepost-lmtpd runs no Sieve scripts\n");
	result = users_run(settings, &user, 1, run_for_user, &work);
	settings_release(&settings);
	return result;
}

/* A reply is there for set, and for nothing else. */
static bool
fits_verb(const struct options *options, const char *verb)
{
	int texts = (options->vacation.text != NULL) + (options->file != NULL);

	if (strcmp(verb, "set") == 0)
		return texts == 1;
	return texts == 0 &&
	    (strcmp(verb, "off") == 0 || strcmp(verb, "show") == 0);
}

static int
run_command(int argc, char **argv)
{
	struct options options = { .vacation.days = DAYS_DEFAULT };
	char text[VACATION_TEXT_MAX + 1];
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if (argc - optind != 2 || !fits_verb(&options, argv[optind])) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (options.vacation.text != NULL &&
	    strlen(options.vacation.text) > VACATION_TEXT_MAX)
		return say("--message", "is too long");
	if ((result = read_reply(&options, text)) >= 0)
		return result;
	return serve(&options, argv[optind], argv[optind + 1]);
}

const struct command command_vacation = { "vacation",
	"set, remove or show a user's automatic reply", run_command };
