/*
 * redis-run - a store_run() on Redis: all commands out, then all replies in.
 *
 * All that goes to one server is one pipeline; the pipelines of all nodes of a
 * Cluster are sent before the first reply is read.  Only what a Cluster sends
 * elsewhere takes another round.
 */
#ifndef GATEPOST_STORE_REDIS_RUN_H
#define GATEPOST_STORE_REDIS_RUN_H

#include "lib/store/redis-cluster.h"

/* What all runs share. */
struct redis_runner {
	struct redis_cluster *cluster;
	const char *prefix;
	int64_t timeout_ms;
	_Atomic int64_t warn_at_ms; /* when failed ones are logged again */
};

/*
 * redis_run - as the run of a struct store_driver.
 *
 * Connections are had by timeout_ms, and from then on all replies by the same
 * time again, whatever a server does.
 */
enum status redis_run(struct redis_runner *runner,
    struct store_operation *operations, size_t count) GP_MUST_CHECK;

#endif
