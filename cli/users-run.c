/* users-run - commands about users of the mail system (see users-run.h). */
#include "config.h"

#include "cli/users-run.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "lib/users/identity.h"

/* All that one command works with. */
struct run {
	const struct settings *settings;
	struct users *users;
	users_run_function *function;
	void *argument;
};

static int
run_one(const struct run *run, struct region *region, const char *name)
{
	struct user user;
	int result;

	switch (users_find(run->users, region, name, &user)) {
	case STATUS_OK:
		break;
	case STATUS_NOTFOUND:
		fprintf(stderr, "gatepost: %s: no such user\n", name);
		return EXIT_FAILED;
	default:
		fprintf(stderr, "gatepost: %s: not looked up\n", name);
		return EXIT_TEMPORARY;
	}
	if (identity_assume(&user) != STATUS_OK)
		return EXIT_TEMPORARY;
	result = run->function(run->argument, region, run->settings, &user);
	identity_return();
	return result;
}

/* A region for each, so that memory does not grow with the users. */
static int
run_all(const struct run *run, const char *const *names, size_t count)
{
	struct region *region;
	int result = 0, one;
	size_t i;

	for (i = 0; i < count; i++) {
		if ((region = region_new()) == NULL)
			return EXIT_TEMPORARY;
		one = run_one(run, region, names[i]);
		if (one > result)
			result = one;
		region_free(&region);
	}
	return result;
}

int
users_run(const struct settings *settings, const char *const *names,
    size_t count, users_run_function *function, void *argument)
{
	struct run run = { settings, users_new(&settings->deliver), function,
		argument };
	struct region *region = region_new();
	int result = EXIT_TEMPORARY;

	umask(0);
	(void)signal(SIGPIPE, SIG_IGN); /* Dovecot may hang up */
	if (run.users == NULL || region == NULL)
		fprintf(stderr, "gatepost: out of memory\n");
	else if (count > 0 ||
	    users_list(run.users, region, &names, &count) == STATUS_OK)
		result = run_all(&run, names, count);
	region_free(&region);
	users_free(&run.users);
	return result;
}
