/*
 * store-load - measures runs of the store on a Redis server.
 *
 * usage: store-load ADDRESS read|add|take THREADS OPERATIONS RUNS
 *
 * Each of THREADS threads does RUNS runs of OPERATIONS operations on random
 * keys of 100,000.  Output: one line: what was asked, the microseconds of a run
 * (mean and 99th percentile), the client's CPU microseconds of a run, and runs
 * a second.
 *
 * Exit status: 0; 1 when a run failed; 2 for wrong usage.
 */
#include "config.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/str.h"
#include "lib/store/store-conf.h"
#include "lib/store/store.h"

#define KEYS           100000
#define KEY_BYTES      40
#define THREADS_MAX    64
#define OPERATIONS_MAX 1000
#define RUNS_MAX       10000000

struct options {
	const char *address, *verb_name;
	enum store_verb verb;
	uint64_t threads, operations, runs;
};

struct worker {
	const struct options *options;
	struct store *store;
	pthread_t thread;
	unsigned int seed;
	double *microseconds; /* of each run */
	bool failed;
};

static double
now_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
fill(struct worker *worker, struct store_operation *operations,
    char keys[][KEY_BYTES])
{
	uint64_t i;

	for (i = 0; i < worker->options->operations; i++) {
		snprintf(keys[i], KEY_BYTES, "ip:192.0.2.%d",
		    rand_r(&worker->seed) % KEYS);
		operations[i] = (struct store_operation){
			.verb = worker->options->verb,
			.key = keys[i],
			.half_life_seconds = 7 * 86400,
			.lifetime_seconds = 30 * 86400,
			.add = { 1, 0 },
			.capacity = 100,
			.per_second = 0.1,
			.amount = 1,
		};
	}
}

static void *
work(void *argument)
{
	struct worker *worker = argument;
	struct store_operation operations[OPERATIONS_MAX];
	char keys[OPERATIONS_MAX][KEY_BYTES];
	double began_us;
	uint64_t i;

	for (i = 0; i < worker->options->runs; i++) {
		fill(worker, operations, keys);
		began_us = now_us(CLOCK_MONOTONIC);
		if (store_run(worker->store, operations,
			worker->options->operations) != STATUS_OK)
			worker->failed = true;
		worker->microseconds[i] = now_us(CLOCK_MONOTONIC) - began_us;
	}
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
report(const struct options *options, double *microseconds, double wall_us,
    double cpu_us)
{
	uint64_t i, count = options->threads * options->runs;
	double sum = 0;

	qsort(microseconds, count, sizeof(*microseconds), compare);
	for (i = 0; i < count; i++)
		sum += microseconds[i];
	printf("%s %s threads=%d operations=%d run_us=%.1f p99_us=%.1f "
	       "client_cpu_us=%.1f runs_per_s=%.0f\n",
	    options->address, options->verb_name, (int)options->threads,
	    (int)options->operations, sum / (double)count,
	    microseconds[count * 99 / 100], cpu_us / (double)count,
	    (double)count / wall_us * 1e6);
}

static bool
measure(const struct options *options, struct store *store)
{
	struct worker workers[THREADS_MAX];
	double *microseconds, wall_us, cpu_us;
	bool failed = false;
	uint64_t i;

	microseconds = calloc(options->threads * options->runs, sizeof(double));
	if (microseconds == NULL)
		return false;
	wall_us = now_us(CLOCK_MONOTONIC);
	cpu_us = now_us(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < options->threads; i++) {
		workers[i] = (struct worker){ .options = options,
			.store = store,
			.seed = (unsigned int)i,
			.microseconds = microseconds + i * options->runs };
		if (pthread_create(
			&workers[i].thread, NULL, work, &workers[i]) != 0)
			exit(1);
	}
	for (i = 0; i < options->threads; i++) {
		pthread_join(workers[i].thread, NULL);
		failed |= workers[i].failed;
	}
	report(options, microseconds, now_us(CLOCK_MONOTONIC) - wall_us,
	    now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_us);
	free(microseconds);
	return !failed;
}

static bool
parse(int argc, char **argv, struct options *options)
{
	static const struct {
		const char *name;
		enum store_verb verb;
	} verbs[] = { { "read", STORE_READ }, { "add", STORE_ADD },
		{ "take", STORE_TAKE } };

	size_t i;

	if (argc != 6)
		return false;
	options->address = argv[1];
	options->verb_name = argv[2];
	for (i = 0; i < GP_NELEMS(verbs); i++)
		if (strcmp(verbs[i].name, argv[2]) == 0)
			break;
	if (i == GP_NELEMS(verbs))
		return false;
	options->verb = verbs[i].verb;
	return str_to_uint64(span_of(argv[3]), THREADS_MAX,
		   &options->threads) == STATUS_OK &&
	    str_to_uint64(span_of(argv[4]), OPERATIONS_MAX,
		&options->operations) == STATUS_OK &&
	    str_to_uint64(span_of(argv[5]), RUNS_MAX, &options->runs) ==
	    STATUS_OK &&
	    options->threads > 0 && options->runs > 0;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct store_conf conf = {
		.backend = STORE_BACKEND_REDIS,
		.path = "",
		.sentinel = "",
		.username = "",
		.password = "",
		.tls_ca_file = "",
		.prefix = "bench",
		.timeout = 5000,
		.connections = THREADS_MAX,
	};
	struct store *store;
	bool succeeded;

	if (!parse(argc, argv, &options)) {
		fprintf(stderr,
		    "usage: store-load ADDRESS read|add|take THREADS "
		    "OPERATIONS RUNS\n");
		return 2;
	}
	conf.redis.count = 1;
	conf.redis.items = &options.address;
	if (store_open(&conf, NULL, &store) != STATUS_OK)
		return 1;
	succeeded = measure(&options, store);
	store_close(&store);
	return succeeded ? 0 : 1;
}
