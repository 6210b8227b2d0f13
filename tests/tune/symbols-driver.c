/*
 * symbols-driver - scans many message files in one process, without DNS and
 * without a store, and tells their symbols.
 *
 * Reads paths from standard input, a line each.  Writes for each message a line
 * of fields split by tabs: path, bytes, what it cost in milliseconds of CPU (of
 * all threads) and in kilobytes (the most that the scan had beside the message
 * itself; both "-" with sanitizers), the limits that were reached, split by
 * commas, score, and for each symbol that moves the score "group NAME points"
 * (what the decision adds is left out).
 *
 *   symbols-driver CONFIG-FILE
 */
#include "config.h"

#include <err.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/dns/zone.h"
#include "lib/mail/charset.h"
#include "lib/mail/content.h"
#include "lib/scan/scan.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

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
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Kilobytes of a line of /proc/self/status. */
static long
memory_kilobytes(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kilobytes = 0;

	if (file == NULL)
		err(1, "/proc/self/status");
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			kilobytes = strtol(line + strlen(name), NULL, 10);
	fclose(file);
	return kilobytes;
}

/*
 * What the process has now, with its peak set back to that.  Where the kernel
 * does not set it back, the peak of an earlier message is told again.
 */
static long
begin_memory(void)
{
	FILE *file;

	malloc_trim(0);
	if ((file = fopen("/proc/self/clear_refs", "w")) != NULL) {
		fputs("5", file);
		fclose(file);
	}
	return memory_kilobytes("VmRSS:");
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
print_cost(double milliseconds, long kilobytes)
{
	if (SANITIZED)
		printf("\t-\t-");
	else
		printf("\t%.1f\t%ld", milliseconds, kilobytes);
}

static void
print_limits(unsigned int limits)
{
	const char *text, *before = "";

	putchar('\t');
	while ((text = content_limit_text(&limits)) != NULL) {
		printf("%s%s", before, text);
		before = ",";
	}
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
	struct scan *scan;
	long kilobytes = begin_memory();
	double milliseconds = cpu_ms();

	if (scan_new(services, settings, &scan) != STATUS_OK ||
	    scan_raw(scan, raw, &verdict) != STATUS_OK)
		errx(1, "%s: cannot be scanned", path);
	milliseconds = cpu_ms() - milliseconds;
	kilobytes = memory_kilobytes("VmHWM:") - kilobytes;
	printf("%s\t%zu", path, raw.length);
	print_cost(milliseconds, kilobytes);
	print_limits(verdict->content->limits);
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
