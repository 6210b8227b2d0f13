/*
 * symbols-driver - scans many message files in one process, without DNS and
 * without a store, and tells their symbols.
 *
 * Reads paths from standard input, a line each.  Writes for each message a line
 * of fields split by tabs: path, bytes, milliseconds, peak resident kilobytes of
 * the process so far, score, and for each symbol that moves the score
 * "group NAME points" (what the decision adds is left out).
 *
 *   symbols-driver CONFIG-FILE
 */
#include "config.h"

#include <sys/resource.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/dns/zone.h"
#include "lib/mail/charset.h"
#include "lib/scan/scan.h"

#define FILE_BYTES_MAX (256 * 1024 * 1024)
#define THREADS        2

static void
open_services(struct scan_services *services)
{
	struct dns_zone *none = NULL;

	if (dns_open_zone(&none, &services->dns) != STATUS_OK ||
	    task_pool_new(THREADS, &services->pool) != STATUS_OK ||
	    auth_dkim_library_new(&services->dkim_library) != STATUS_OK ||
	    words_new(&services->words) != STATUS_OK)
		errx(1, "out of memory");
}

static void
close_services(struct scan_services *services)
{
	task_pool_free(&services->pool);
	auth_dkim_library_free(&services->dkim_library);
	words_free(&services->words);
	dns_close(&services->dns);
}

/* A whole file with CRLF line ends; the caller frees data. */
static struct span
read_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t room = 0, length = 0;
	char *data = NULL;
	int c, before = 0;

	if (in == NULL)
		err(1, "%s", path);
	while ((c = getc(in)) != EOF && length < FILE_BYTES_MAX) {
		if (room - length < 2) {
			room = room == 0 ? 65536 : room * 2;
			if ((data = realloc(data, room)) == NULL)
				err(1, "%s", path);
		}
		if (c == '\n' && before != '\r')
			data[length++] = '\r';
		data[length++] = (char)c;
		before = c;
	}
	fclose(in);
	return (struct span){ data, length };
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static enum status
scan_raw(struct scan *scan, struct span raw, const struct verdict **verdict_r)
{
	struct span body;
	enum status status;

	status = message_parse_header(scan_message(scan), raw, &body);
	if (status == STATUS_OK)
		status = scan_reach(scan, SCAN_PHASE_HEADER);
	if (status == STATUS_OK)
		status = scan_body(scan, body.data, body.length);
	if (status == STATUS_OK)
		status = scan_finish(scan, verdict_r);
	return status;
}

static void
print_symbols(const struct verdict *verdict)
{
	const struct symbol *symbol;
	char points[SCORE_TEXT_BYTES];
	size_t i;

	printf("\t%s", score_text(verdict->score.total, points));
	for (i = 0; i < verdict->score.count; i++) {
		symbol = &verdict->score.symbols[i];
		if (symbol_group(symbol->id) != SYMBOL_GROUP_DECISION)
			printf("\t%s %s %s",
			    symbol_group_text(symbol_group(symbol->id)),
			    symbol_name(symbol->id),
			    score_text(symbol->points, points));
	}
	putchar('\n');
}

static void
scan_file(const struct scan_services *services, const struct settings *settings,
    const char *path)
{
	struct span raw = read_file(path);
	const struct verdict *verdict;
	struct rusage usage;
	struct scan *scan;
	double began = now_ms();

	if (scan_new(services, settings, &scan) != STATUS_OK ||
	    scan_raw(scan, raw, &verdict) != STATUS_OK)
		errx(1, "%s: cannot be scanned", path);
	getrusage(RUSAGE_SELF, &usage);
	printf("%s\t%zu\t%.1f\t%ld", path, raw.length, now_ms() - began,
	    usage.ru_maxrss);
	print_symbols(verdict);
	scan_free(&scan);
	free((char *)(uintptr_t)raw.data);
}

int
main(int argc, char **argv)
{
	struct scan_services services = { 0 };
	struct charset_modules *charsets;
	const struct settings *settings;
	struct conf_errors *errors = conf_errors_new();
	char path[4096];

	if (errors == NULL)
		errx(1, "out of memory");
	if (argc != 2)
		errx(2, "usage: symbols-driver CONFIG-FILE");
	if (settings_load(argv[1], &settings, errors) != STATUS_OK)
		errx(1, "%s: cannot be read", argv[1]);
	conf_errors_free(&errors);
	if (charset_load(&charsets) != STATUS_OK)
		errx(1, "out of memory");
	open_services(&services);
	while (fgets(path, sizeof(path), stdin) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		scan_file(&services, settings, path);
	}
	settings_release(&settings);
	close_services(&services);
	charset_unload(&charsets);
	return 0;
}
