/* store - the store of the configuration, for a command (see store.h). */
#include "config.h"

#include "cli/store.h"

#include <stdio.h>
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
	if (status != STATUS_OK)
		fprintf(stderr, "gatepost: the store cannot be opened: %s\n",
		    status_text(status));
	return status;
}
