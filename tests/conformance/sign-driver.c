/*
 * sign-driver - signs message files by lib/auth/sign for test_sign.py.
 *
 * usage: sign-driver KEY_DIR DOMAIN LINE_LIMIT CHUNK OUT_DIR < LIST
 *
 * The list names a message file a line; line ends of messages are made CRLF.
 * Message n goes to OUT_DIR/n: the signatures of all active keys of the domain,
 * then its header and body as an MTA hands them on.  The body is fed CHUNK
 * bytes at once.
 */
#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/auth/sign-keys.h"
#include "lib/auth/sign.h"

#define FILE_BYTES_MAX (64 * 1024 * 1024)
#define PATH_BYTES     4096

struct driver {
	const struct auth_sign_keys *keys;
	struct auth_sign_options options;
	size_t chunk;
	const char *out_dir;
};

static size_t
number(const char *text)
{
	uint64_t value;

	if (str_to_uint64(span_of(text), FILE_BYTES_MAX, &value) != STATUS_OK)
		errx(2, "%s: no number", text);
	return (size_t)value;
}

/* The file with each bare LF made CRLF; free() it. */
static char *
read_message(const char *path, size_t *length_r)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(FILE_BYTES_MAX);
	size_t length = 0;
	int c, last = 0;

	if (file == NULL || text == NULL)
		err(1, "%s", path);
	while ((c = getc(file)) != EOF && length + 2 < FILE_BYTES_MAX) {
		if (c == '\n' && last != '\r')
			text[length++] = '\r';
		text[length++] = (char)c;
		last = c;
	}
	fclose(file);
	*length_r = length;
	return text;
}

/* A value with LF folds as it goes over the wire. */
static void
write_folded(FILE *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			putc('\r', out);
		putc(*value, out);
	}
}

static void
write_message(const struct driver *driver, const char *path,
    const struct message *message, struct span body, const char **values)
{
	FILE *out = fopen(path, "wb");
	size_t i;

	if (out == NULL)
		err(1, "%s", path);
	for (i = 0; i < driver->options.key_count; i++) {
		fputs("DKIM-Signature: ", out);
		write_folded(out, values[i]);
		fputs("\r\n", out);
	}
	for (i = 0; i < message->field_count; i++) {
		const struct message_field *field = &message->fields[i];

		fwrite(field->name.data, 1, field->name.length, out);
		putc(':', out);
		fwrite(field->value.data, 1, field->value.length, out);
		fputs("\r\n", out);
	}
	fputs("\r\n", out);
	fwrite(body.data, 1, body.length, out);
	if (fclose(out) != 0)
		err(1, "%s", path);
}

static void
feed(const struct driver *driver, struct auth_sign *sign, struct span body)
{
	size_t at, length;

	for (at = 0; at < body.length; at += length) {
		length = body.length - at;
		if (length > driver->chunk)
			length = driver->chunk;
		auth_sign_body(sign, body.data + at, length);
	}
}

static void
sign_file(const struct driver *driver, const char *path, size_t number_of)
{
	struct region *region = region_new();
	const char *values[AUTH_SIGN_ACTIVE_MAX];
	char out_path[PATH_BYTES];
	struct message message;
	struct auth_sign *sign;
	struct span raw, body;
	char *text;

	raw.data = text = read_message(path, &raw.length);
	message_init(&message, region);
	if (message_parse_header(&message, raw, &body) != STATUS_OK ||
	    auth_sign_new(region, &driver->options, &sign) != STATUS_OK)
		errx(1, "%s: cannot start", path);
	feed(driver, sign, body);
	if (auth_sign_finish(sign, &message, values) != STATUS_OK)
		errx(1, "%s: cannot sign", path);
	snprintf(
	    out_path, sizeof(out_path), "%s/%zu", driver->out_dir, number_of);
	write_message(driver, out_path, &message, body, values);
	auth_sign_free(&sign);
	region_free(&region);
	free(text);
}

int
main(int argc, char **argv)
{
	const struct auth_sign_entry *entries[AUTH_SIGN_ACTIVE_MAX];
	const struct auth_sign_folder *folder;
	struct driver driver = { 0 };
	char path[PATH_BYTES];
	size_t i;

	if (argc != 6)
		errx(2,
		    "usage: sign-driver KEY_DIR DOMAIN LINE_LIMIT CHUNK "
		    "OUT_DIR");
	if (auth_sign_keys_load(argv[1], geteuid(), &driver.keys) !=
		STATUS_OK ||
	    (folder = auth_sign_keys_find(driver.keys, argv[2])) == NULL)
		errx(1, "%s: no keys of %s", argv[1], argv[2]);
	driver.options.domain = folder->domain;
	driver.options.keys = entries;
	driver.options.key_count = auth_sign_keys_active(folder, entries);
	driver.options.line_limit = number(argv[3]);
	driver.chunk = number(argv[4]);
	driver.out_dir = argv[5];
	for (i = 0; fgets(path, sizeof(path), stdin) != NULL; i++) {
		path[strcspn(path, "\n")] = '\0';
		sign_file(&driver, path, i);
	}
	auth_sign_keys_release(&driver.keys);
	return 0;
}
