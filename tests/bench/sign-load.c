/*
 * sign-load - signs prepared messages by lib/auth/sign and by libopendkim's
 * dkim_sign in turns, and prints what each cost.
 *
 * usage: sign-load --messages FILE --index FILE [--count N] [--memory-count N]
 *
 * Both get the same messages, the same RSA-2048 and Ed25519 keys, and sign
 * relaxed/relaxed.  CPU is user + system of this process.  Then memory-count
 * messages are signed by both keys of ours, and resident memory is read at
 * their start (after a warm-up), in the middle and at the end; libopendkim
 * makes a tenth as many Ed25519 signatures for comparison.
 *
 * Output: one JSON object.  Exit status: 0; 1 when signing failed; 2 for wrong
 * usage.
 */
#include "config.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <opendkim/dkim.h>

#include "lib/auth/sign.h"
#include "lib/base/strbuf.h"
#include "tests/bench/message-set.h"

#define DOMAIN      "d000.example"
#define ROUNDS      20 /* of each kind, in turns: the machine's load moves */
#define WARM_UP     2000
#define PEM_BYTES   8192
#define FIELD_BYTES 65536
#define COUNT_MAX   10000000

enum kind {
	KIND_RSA,
	KIND_ED25519,
	KIND_BOTH,
	KIND_COUNT
};

static const char *const kind_names[] = { "rsa", "ed25519", "both" };

struct sign_load {
	const char *messages_path, *index_path;
	uint64_t count, memory_count;
	struct message_set *set;
	struct message *parsed; /* ours; as a milter session holds them */
	struct region *region;
	DKIM_LIB *library;
	struct auth_sign_entry entries[2]; /* RSA, Ed25519 */
	char *pem[2];
	double ours[KIND_COUNT], theirs[KIND_COUNT]; /* CPU seconds */
};

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
resident_mb(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	char line[200], *end;

	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		err(1, "/proc/self/statm");
	fclose(file);
	(void)strtoull(line, &end, 10);
	pages = strtoull(end, NULL, 10);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static bool
is_signature(const char *name)
{
	return strcasecmp(name, "DKIM-Signature") == 0;
}

static void
make_key(struct sign_load *load, enum auth_sign_type type, const char *selector)
{
	struct strbuf *pem = strbuf_new(PEM_BYTES);
	struct auth_sign_entry *entry = &load->entries[type];

	entry->selector = selector;
	if (pem == NULL ||
	    auth_sign_key_generate(type, 2048, &entry->key) != STATUS_OK ||
	    auth_sign_key_write(entry->key, pem) != STATUS_OK ||
	    (load->pem[type] = strdup(strbuf_text(pem))) == NULL)
		errx(1, "cannot make a key");
	strbuf_free(&pem);
}

/* The header as the milter has it when the end of the message comes. */
static void
parse_messages(struct sign_load *load)
{
	const struct bench_message *message;
	size_t i, k;

	load->parsed =
	    calloc(message_set_count(load->set), sizeof(*load->parsed));
	load->region = region_new();
	if (load->parsed == NULL || load->region == NULL)
		errx(1, "out of memory");
	for (i = 0; i < message_set_count(load->set); i++) {
		message = message_set_get(load->set, i);
		message_init(&load->parsed[i], load->region);
		for (k = 0; k < message->header_count; k++)
			if (!is_signature(message->headers[k].name) &&
			    message_add_field(&load->parsed[i],
				span_of(message->headers[k].name),
				span_of(message->headers[k].value)) !=
				STATUS_OK)
				errx(1, "out of memory");
	}
}

/* ---- ours ---- */

static void
sign_ours(struct sign_load *load, size_t i, enum kind kind)
{
	const struct auth_sign_entry *keys[2] = { &load->entries[0],
		&load->entries[1] };
	const struct bench_message *message = message_set_get(load->set, i);
	struct auth_sign_options options = { 0 };
	struct region *region = region_new();
	struct auth_sign *sign;
	const char *values[2];

	options.domain = DOMAIN;
	options.keys = kind == KIND_ED25519 ? &keys[1] : &keys[0];
	options.key_count = kind == KIND_BOTH ? 2 : 1;
	options.line_limit = 998;
	if (region == NULL ||
	    auth_sign_new(region, &options, &sign) != STATUS_OK)
		errx(1, "out of memory");
	auth_sign_body(sign, message->body, message->body_length);
	if (auth_sign_finish(sign, &load->parsed[i], values) != STATUS_OK)
		errx(1, "our signer failed");
	auth_sign_free(&sign);
	region_free(&region);
}

/* ---- libopendkim ---- */

static void
feed_header(DKIM *dkim, const struct bench_message *message)
{
	char field[FIELD_BYTES];
	size_t i;
	int length;

	for (i = 0; i < message->header_count; i++) {
		if (is_signature(message->headers[i].name))
			continue;
		length = snprintf(field, sizeof(field), "%s:%s",
		    message->headers[i].name, message->headers[i].value);
		if (length < 0 || (size_t)length >= sizeof(field) ||
		    dkim_header(dkim, (unsigned char *)field, (size_t)length) !=
			DKIM_STAT_OK)
			errx(1, "libopendkim: dkim_header");
	}
	if (dkim_eoh(dkim) != DKIM_STAT_OK)
		errx(1, "libopendkim: dkim_eoh");
}

static void
sign_by_library(struct sign_load *load, size_t i, enum auth_sign_type type)
{
	const struct bench_message *message = message_set_get(load->set, i);
	const char *selector = load->entries[type].selector;
	unsigned char *value;
	DKIM_STAT stat;
	size_t length;
	DKIM *dkim;

	dkim = dkim_sign(load->library, (const unsigned char *)"id", NULL,
	    (dkim_sigkey_t)load->pem[type], (const unsigned char *)selector,
	    (const unsigned char *)DOMAIN, DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED,
	    type == AUTH_SIGN_RSA ? DKIM_SIGN_RSASHA256 :
				    DKIM_SIGN_ED25519SHA256,
	    -1, &stat);
	if (dkim == NULL)
		errx(1, "libopendkim: dkim_sign");
	feed_header(dkim, message);
	if (dkim_body(dkim, (unsigned char *)(uintptr_t)message->body,
		message->body_length) != DKIM_STAT_OK ||
	    dkim_eom(dkim, NULL) != DKIM_STAT_OK ||
	    dkim_getsighdr_d(dkim, 16, &value, &length) != DKIM_STAT_OK)
		errx(1, "libopendkim: the signature");
	dkim_free(dkim);
}

static void
sign_theirs(struct sign_load *load, size_t i, enum kind kind)
{
	if (kind != KIND_ED25519)
		sign_by_library(load, i, AUTH_SIGN_RSA);
	if (kind != KIND_RSA)
		sign_by_library(load, i, AUTH_SIGN_ED25519);
}

/* ---- measuring ---- */

static double
measure(struct sign_load *load, uint64_t count, enum kind kind,
    void (*sign)(struct sign_load *, size_t, enum kind))
{
	size_t messages = message_set_count(load->set);
	double start = cpu_seconds();
	uint64_t i;

	for (i = 0; i < count; i++)
		sign(load, i % messages, kind);
	return cpu_seconds() - start;
}

static void
measure_cpu(struct sign_load *load)
{
	uint64_t count = load->count / ROUNDS;
	int round, kind;

	for (round = 0; round < ROUNDS; round++)
		for (kind = 0; kind < KIND_COUNT; kind++) {
			load->ours[kind] +=
			    measure(load, count, (enum kind)kind, sign_ours);
			load->theirs[kind] +=
			    measure(load, count, (enum kind)kind, sign_theirs);
		}
}

static json_t *
cpu_json(const struct sign_load *load)
{
	double count = (double)(load->count / ROUNDS * ROUNDS);
	json_t *object = json_object();
	int kind;

	for (kind = 0; kind < KIND_COUNT; kind++)
		json_object_set_new(object, kind_names[kind],
		    json_pack("{s:f, s:f, s:f}", "ours_ms",
			load->ours[kind] * 1000 / count, "library_ms",
			load->theirs[kind] * 1000 / count, "ratio",
			load->ours[kind] / load->theirs[kind]));
	return object;
}

static json_t *
memory_json(struct sign_load *load)
{
	uint64_t half = load->memory_count / 2;
	double start, middle, end, library;

	(void)measure(load, WARM_UP, KIND_BOTH, sign_ours);
	start = resident_mb();
	(void)measure(load, half, KIND_BOTH, sign_ours);
	middle = resident_mb();
	(void)measure(load, half, KIND_BOTH, sign_ours);
	end = resident_mb();
	(void)measure(load, load->memory_count / 10, KIND_ED25519, sign_theirs);
	library = resident_mb() - end;
	return json_pack("{s:I, s:f, s:f, s:f, s:I, s:f}", "messages",
	    (json_int_t)(2 * half), "start_mb", start, "middle_mb", middle,
	    "end_mb", end, "library_messages",
	    (json_int_t)(load->memory_count / 10), "library_grown_mb", library);
}

static void
report(struct sign_load *load)
{
	json_t *object;

	measure_cpu(load);
	object = json_pack(
	    "{s:o, s:o}", "cpu", cpu_json(load), "memory", memory_json(load));
	if (object == NULL || json_dumpf(object, stdout, JSON_INDENT(2)) != 0)
		errx(1, "cannot write the report");
	putchar('\n');
	json_decref(object);
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: sign-load --messages FILE --index FILE [--count N] "
	    "[--memory-count N]\n");
	exit(2);
}

static uint64_t
number(const char *text)
{
	uint64_t value;

	if (str_to_uint64(span_of(text), COUNT_MAX, &value) != STATUS_OK ||
	    value < ROUNDS)
		usage();
	return value;
}

static void
parse_options(int argc, char **argv, struct sign_load *load)
{
	static const struct option table[] = {
		{ "messages", required_argument, NULL, 'm' },
		{ "index", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'n' },
		{ "memory-count", required_argument, NULL, 'M' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'm':
			load->messages_path = optarg;
			break;
		case 'i':
			load->index_path = optarg;
			break;
		case 'n':
			load->count = number(optarg);
			break;
		case 'M':
			load->memory_count = number(optarg);
			break;
		default:
			usage();
		}
	}
	if (load->messages_path == NULL || load->index_path == NULL ||
	    optind != argc)
		usage();
}

int
main(int argc, char **argv)
{
	struct sign_load load = { .count = 2000, .memory_count = 100000 };
	size_t i;

	parse_options(argc, argv, &load);
	if (message_set_load(load.messages_path, load.index_path, &load.set) !=
	    STATUS_OK)
		return 1;
	if ((load.library = dkim_init(NULL, NULL)) == NULL)
		errx(1, "libopendkim: dkim_init");
	make_key(&load, AUTH_SIGN_RSA, "rsa");
	make_key(&load, AUTH_SIGN_ED25519, "ed");
	parse_messages(&load);
	report(&load);
	for (i = 0; i < 2; i++) {
		auth_sign_key_free(&load.entries[i].key);
		free(load.pem[i]);
	}
	dkim_close(load.library);
	free(load.parsed);
	region_free(&load.region);
	message_set_free(&load.set);
	return 0;
}
