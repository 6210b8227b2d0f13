/*
 * mime-driver - reads messages for test_mime.py.
 *
 * Standard input: a path a line.  Standard output: for each a line of JSON with
 * the parts, the damage, the limits that were reached, the text of the Subject,
 * the hosts of the URLs, and what it cost: "cpu_us" of the thread, "region" bytes, and "rss" bytes,
 * the most that the process has had so far ("sanitized": both say nothing).
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <openssl/sha.h>

#include "lib/mail/charset.h"
#include "lib/mail/content.h"
#include "lib/mail/header-text.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define DECODED_BYTES_MAX (64u * 1024 * 1024)

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "mime-driver: %s: %s\n", what, detail);
	exit(2);
}

static void
must(enum status status, const char *what)
{
	if (status != STATUS_OK)
		die(what, status_text(status));
}

static json_t *
must_json(json_t *json)
{
	if (json == NULL)
		die("JSON", "out of memory, or not UTF-8");
	return json;
}

static int64_t
cpu_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		die("clock", strerror(errno));
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Since exec(); what getrusage() tells begins with that of the parent. */
static size_t
peak_rss(void)
{
	static const char name[] = "VmHWM:";
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	size_t rss = 0;

	if (file == NULL)
		die("/proc/self/status", strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			rss = strtoul(line + strlen(name), NULL, 10) * 1024;
	fclose(file);
	return rss;
}

static struct span
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct span raw;
	char *bytes;
	long size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		die(path, strerror(errno));
	raw.length = (size_t)size;
	if ((bytes = malloc(raw.length + 1)) == NULL ||
	    fread(bytes, 1, raw.length, file) != raw.length)
		die(path, "cannot be read");
	fclose(file);
	raw.data = bytes;
	return raw;
}

static json_t *
flag_texts(const char *(*text_of)(unsigned int *), unsigned int flags)
{
	json_t *texts = must_json(json_array());
	const char *text;

	while ((text = text_of(&flags)) != NULL)
		json_array_append_new(texts, must_json(json_string(text)));
	return texts;
}

static json_t *
digest(struct span bytes)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char text[2 * sizeof(sum) + 1];
	size_t i;

	SHA256((const unsigned char *)bytes.data, bytes.length, sum);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
	return must_json(json_string(text));
}

static json_t *
part_json(struct region *region, const struct content_part *part)
{
	json_t *json;
	struct span bytes;

	json = must_json(json_pack("{s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:o}",
	    "type", part->type, "depth", (int)part->depth, "charset",
	    part->charset, "name", part->name, "disposition", part->disposition,
	    "size", (json_int_t)part->decoded_size, "text",
	    (json_int_t)part->text.length, "damage",
	    flag_texts(content_damage_text, part->damage)));
	if (part->kind != CONTENT_LEAF)
		return json;
	must(content_part_decode(region, part, DECODED_BYTES_MAX, &bytes),
	    "decode");
	json_object_set_new(json, "sha256", digest(bytes));
	return json;
}

static json_t *
hosts_json(const struct url_list *urls)
{
	json_t *hosts = must_json(json_array());
	size_t i;

	for (i = 0; i < urls->count; i++)
		json_array_append_new(
		    hosts, must_json(json_string(urls->urls[i].host)));
	return hosts;
}

static json_t *
content_json(const struct content *content)
{
	json_t *parts = must_json(json_array());
	struct region *region;
	size_t i;

	for (i = 0; i < content->part_count; i++) {
		if ((region = region_new()) == NULL)
			die("region", "out of memory");
		json_array_append_new(
		    parts, part_json(region, &content->parts[i]));
		region_free(&region);
	}
	return must_json(json_pack("{s:o, s:o, s:o, s:o, s:I}", "parts", parts,
	    "hosts", hosts_json(&content->urls), "damage",
	    flag_texts(content_damage_text, content->damage), "limits",
	    flag_texts(content_limit_text, content->limits), "text_bytes",
	    (json_int_t)content->text_bytes));
}

static json_t *
subject_json(struct region *region, const struct message *message)
{
	const struct message_field *field = message_find(message, "Subject", 0);
	struct header_text text;

	if (field == NULL)
		return must_json(json_null());
	must(header_text_decode(region, field->value, &text), "Subject");
	return must_json(json_stringn(text.text.data, text.text.length));
}

/* All that a scan reads of a message, and the values of all fields. */
static const struct content *
read_message(struct region *region, struct span raw, struct message *message)
{
	struct content_source source = { .message = message };
	const struct content *content;
	struct header_text text;
	size_t i;

	message_init(message, region);
	must(message_parse_header(message, raw, &source.body), "header");
	for (i = 0; i < message->field_count; i++)
		must(
		    header_text_decode(region, message->fields[i].value, &text),
		    "field");
	must(content_read(region, &source, &content_default_limits, &content),
	    "content");
	return content;
}

static void
run_path(const char *path)
{
	struct span raw = read_file(path);
	struct region *region = region_new();
	const struct content *content;
	struct message message;
	int64_t began;
	size_t rss;
	json_t *out;

	if (region == NULL)
		die("region", "out of memory");
	began = cpu_us();
	content = read_message(region, raw, &message);
	began = cpu_us() - began;
	rss = peak_rss();
	out = content_json(content);
	json_object_set_new(
	    out, "sanitized", must_json(json_boolean(SANITIZED)));
	json_object_set_new(out, "cpu_us", must_json(json_integer(began)));
	json_object_set_new(out, "region",
	    must_json(json_integer((json_int_t)region_size(region))));
	json_object_set_new(
	    out, "rss", must_json(json_integer((json_int_t)rss)));
	json_object_set_new(out, "subject", subject_json(region, &message));
	if (json_dumpf(out, stdout, JSON_COMPACT) != 0)
		die("output", path);
	putchar('\n');
	fflush(stdout);
	json_decref(out);
	region_free(&region);
	free((char *)(uintptr_t)raw.data);
}

int
main(void)
{
	struct charset_modules *modules;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	must(charset_load(&modules), "charsets");
	while ((length = getline(&line, &size, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		run_path(line);
	}
	free(line);
	charset_unload(&modules);
	return 0;
}
