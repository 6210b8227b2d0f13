/* cmd-junk - `gatepost junk expire`: removes what is old in junk folders. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/users-run.h"
#include "lib/base/clock.h"
#include "lib/users/folder-name.h"
#include "lib/users/preferences.h"

struct options {
	const char *config_path;
	bool all;
	bool dry_run;
};

/* One folder at work. */
struct expiry {
	int64_t before; /* epoch seconds */
	bool dry_run;
	size_t removed, kept, failed;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost junk expire [-n] [-c FILE] USER...\n"
	    "       gatepost junk expire [-n] [-c FILE] --all\n\n"
	    "Removes mail that has been in the junk folder for longer than\n"
	    "deliver.junk_expire.  The time counts from when a message came\n"
	    "into the folder or was last marked there.  Run it daily.\n\n"
	    "  -a, --all          of all users that Dovecot or the file lists\n"
	    "  -n, --dry-run      only count\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0, 1 no such user or not all could be removed,\n"
	    "2 usage, 75 users cannot be looked up\n");
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "config", required_argument, NULL, 'c' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while (
	    (option = getopt_long(argc, argv, "ac:nhV", table, NULL)) != -1) {
		switch (option) {
		case 'a':
			options->all = true;
			break;
		case 'c':
			options->config_path = optarg;
			break;
		case 'n':
			options->dry_run = true;
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

/* A rename (a move, a mark) sets the change time, a delivery both. */
static int64_t
last_touched(const struct stat *file)
{
	return file->st_ctime > file->st_mtime ? file->st_ctime :
						 file->st_mtime;
}

static void
expire_file(struct expiry *expiry, int directory_fd, const char *name)
{
	struct stat file;

	if (fstatat(directory_fd, name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(file.st_mode))
		return;
	if (last_touched(&file) >= expiry->before)
		expiry->kept++;
	else if (expiry->dry_run || unlinkat(directory_fd, name, 0) == 0)
		expiry->removed++;
	else if (errno != ENOENT) /* a mail program was quicker */
		expiry->failed++;
}

/* A folder that is not there holds nothing. */
static void
expire_directory(struct expiry *expiry, const char *path)
{
	const struct dirent *entry;
	DIR *directory;

	if ((directory = opendir(path)) == NULL) {
		if (errno != ENOENT) {
			fprintf(stderr, "gatepost: %s: %s\n", path,
			    strerror(errno));
			expiry->failed++;
		}
		return;
	}
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			expire_file(expiry, dirfd(directory), entry->d_name);
	closedir(directory);
}

/* The user's junk folder, "" for one that cannot be expired: the inbox. */
static enum status
find_directory(struct region *region, const struct settings *settings,
    const struct user *user, const char **directory_r)
{
	const struct senders nobody = { .envelope = "" };
	const char *folder = settings->deliver.junk_folder, *path;
	struct preferences preferences = { 0 };
	enum status status = STATUS_OK;

	if (settings->deliver.preferences && user->home != NULL) {
		path =
		    region_printf(region, "%s/" PREFERENCES_FILE, user->home);
		if (path == NULL)
			return STATUS_NOMEM;
		status = preferences_read(region, path, &nobody, &preferences);
	}
	if (preferences.junk_folder != NULL)
		folder = preferences.junk_folder;
	return status == STATUS_OK ?
	    folder_name_encode(region, folder, directory_r) :
	    status;
}

static int
expire_user(void *argument, struct region *region,
    const struct settings *settings, const struct user *user)
{
	static const char *const parts[] = { "cur", "new" };
	struct expiry expiry = *(const struct expiry *)argument;
	const char *directory, *path;
	size_t i;

	if (find_directory(region, settings, user, &directory) != STATUS_OK)
		return EXIT_FAILED;
	if (directory[0] == '\0') {
		fprintf(stderr, "gatepost: %s: the inbox is no junk folder\n",
		    user->name);
		return EXIT_FAILED;
	}
	for (i = 0; i < GP_NELEMS(parts); i++) {
		path = region_printf(
		    region, "%s/%s/%s", user->maildir, directory, parts[i]);
		if (path == NULL)
			return EXIT_TEMPORARY;
		expire_directory(&expiry, path);
	}
	printf("%s: %zu %s, %zu kept\n", user->name, expiry.removed,
	    expiry.dry_run ? "would be removed" : "removed", expiry.kept);
	return expiry.failed == 0 ? 0 : EXIT_FAILED;
}

static int
expire(const struct options *options, const char *const *names, size_t count)
{
	const struct settings *settings = load_settings(options->config_path);
	struct expiry expiry = { .dry_run = options->dry_run };
	int result = 0;

	if (settings == NULL)
		return EXIT_USAGE;
	expiry.before =
	    clock_wall_seconds() - settings->deliver.junk_expire / 1000;
	if (settings->deliver.junk_expire == 0)
		printf("junk_expire = 0: junk is kept for ever\n");
	else
		result =
		    users_run(settings, names, count, expire_user, &expiry);
	settings_release(&settings);
	return result;
}

static int
run_command(int argc, char **argv)
{
	struct options options = { 0 };
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	/* All, or some; never all because a list happened to be empty. */
	if (argc > optind && strcmp(argv[optind], "expire") == 0 &&
	    options.all == (argc - optind == 1))
		return expire(&options, (const char *const *)argv + optind + 1,
		    (size_t)(argc - optind - 1));
	print_usage(stderr);
	return EXIT_USAGE;
}

const struct command command_junk = { "junk",
	"remove what is old in junk folders", run_command };
