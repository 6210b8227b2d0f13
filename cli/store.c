/* store - the store of the configuration, for a command (see store.h). */
#include "config.h"

#include "cli/store.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/store-conf.h"

#define PATIENCE_MS 5000 /* no client waits for a command */

bool
store_is_there(const struct settings *settings)
{
	switch ((enum store_backend)settings->store.backend) {
	case STORE_BACKEND_LMDB:
		return access(settings->store.path, F_OK) == 0;
	case STORE_BACKEND_REDIS:
		return true;
	case STORE_BACKEND_MEMORY:
	case STORE_BACKEND_NONE:
		break;
	}
	return false;
}

/* The local store is the service's, not everybody's. */
static void
print_advice(const char *directory)
{
	const char *group = "gatepost";
	const struct group *entry;
	struct stat status;

	if (geteuid() == 0 || access(directory, R_OK | W_OK | X_OK) == 0 ||
	    (errno != EACCES && errno != ENOENT))
		return;
	if (stat(directory, &status) == 0 && status.st_gid != 0 &&
	    (entry = getgrgid(status.st_gid)) != NULL)
		group = entry->gr_name;
	fprintf(stderr,
	    "gatepost: %s is of the service alone: run this as root, or as a "
	    "member of the group %s\n",
	    directory, group);
}

enum status
open_store(const struct settings *settings, struct store **store_r)
{
	struct store_conf conf = settings->store;
	enum status status;

	*store_r = NULL;
	if (conf.backend == STORE_BACKEND_NONE ||
	    conf.backend == STORE_BACKEND_MEMORY) {
		fprintf(stderr,
		    "gatepost: store.backend: programs share no store\n");
		return STATUS_NOTFOUND;
	}
	if (conf.timeout < PATIENCE_MS)
		conf.timeout = PATIENCE_MS;
	status = store_open(&conf, NULL, store_r);
	if (status == STATUS_NOMEM) /* others were logged, with the reason */
		fprintf(stderr, "gatepost: the store cannot be opened: %s\n",
		    status_text(status));
	if (conf.backend == STORE_BACKEND_LMDB && status == STATUS_IO)
		print_advice(conf.path);
	return status;
}

enum status
open_old_store(const struct settings *settings, struct store **store_r)
{
	*store_r = NULL;
	if (settings->store.backend == STORE_BACKEND_LMDB &&
	    !store_is_there(settings)) {
		fprintf(stderr, "gatepost: there is no store yet in %s\n",
		    settings->store.path);
		return STATUS_NOTFOUND;
	}
	return open_store(settings, store_r);
}
