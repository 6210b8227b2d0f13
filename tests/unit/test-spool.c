/* Messages in memory and in a file: bytes, sizes, digests, failures. */
#include "config.h"

#include "deliver/spool.h"

#include <errno.h>

#include "tests/unit/deliver-fixture.h"

#define MEMORY_BYTES 1000

/* Bytes that repeat nowhere near, with line ends of all kinds. */
static char *
make_message(size_t length)
{
	static const char *const ends[] = { "\n", "\r\n", "\r", "\0", "\n\n" };
	char *message = malloc(length + 1);
	uint32_t x = 1;
	size_t i;

	assert_non_null(message);
	for (i = 0; i < length; i++) {
		x = x * 1664525 + 1013904223;
		message[i] = x % 23 == 0 ? ends[x % 5][0] : (char)(x >> 24);
	}
	return message;
}

static uint64_t
crlf_size_of(const char *message, size_t length)
{
	uint64_t size = length;
	size_t i;

	for (i = 0; i < length; i++)
		if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
			size++;
	return size;
}

static void
assert_copies(const struct spool *spool, const struct place *place,
    const char *message, size_t length)
{
	const struct span prefix = span_of("Prefix: x\n");
	char path[200], *got;
	int fd;

	snprintf(path, sizeof(path), "%s/copy", place->path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(spool_copy(spool, prefix, fd), STATUS_OK);
	assert_non_null(got = malloc(length + 100));
	assert_int_equal(
	    pread(fd, got, length + 100, 0), prefix.length + length);
	assert_memory_equal(got, prefix.data, prefix.length);
	if (length > 0)
		assert_memory_equal(got + prefix.length, message, length);
	free(got);
	close(fd);
}

/* The same message in pieces of any size is the same, twice. */
static void
test_sizes(void **state GP_UNUSED)
{
	static const size_t lengths[] = { 0, 1, 999, 1000, 1001, 1002, 65000,
		66536, 66537, 300000 };
	static const size_t pieces[] = { 1, 7, 100000, SIZE_MAX };
	struct spool_options options = { .memory_max = MEMORY_BYTES };
	unsigned char digest[SPOOL_DIGEST_BYTES];
	struct spool *spool;
	struct place place;
	size_t i, n, at, piece;
	char *message;

	place_open(&place);
	options.directory = place.path;
	assert_non_null(spool = spool_new(&options));
	for (i = 0; i < GP_NELEMS(lengths) * GP_NELEMS(pieces); i++) {
		n = lengths[i / GP_NELEMS(pieces)];
		message = make_message(n);
		spool_reset(spool);
		for (at = 0; at < n; at += piece) {
			piece = pieces[i % GP_NELEMS(pieces)];
			piece = piece > n - at ? n - at : piece;
			spool_add(spool, message + at, piece);
		}
		assert_int_equal(spool_finish(spool), STATUS_OK);
		assert_int_equal(spool_size(spool), n);
		assert_int_equal(
		    spool_crlf_size(spool), crlf_size_of(message, n));
		assert_int_equal(spool_head(spool).length,
		    n < MEMORY_BYTES ? n : MEMORY_BYTES);
		if (i % GP_NELEMS(pieces) == 0)
			memcpy(digest, spool_digest(spool), sizeof(digest));
		assert_memory_equal(
		    digest, spool_digest(spool), sizeof(digest));
		assert_copies(spool, &place, message, n);
		assert_copies(spool, &place, message, n);
		free(message);
	}
	spool_free(&spool);
	assert_null(spool);
	/* The copy alone: temporary files have no name. */
	assert_int_equal(place_list(&place, "", NULL), 1);
	place_close(&place);
}

static void
test_digest(void **state GP_UNUSED)
{
	/* SHA-256 of "abc" (FIPS 180-2 appendix B.1) */
	static const unsigned char wanted[4] = { 0xba, 0x78, 0x16, 0xbf };
	struct spool_options options = { .memory_max = MEMORY_BYTES,
		.directory = "/tmp" };
	struct spool *spool = spool_new(&options);

	spool_add(spool, "abc", 3);
	assert_int_equal(spool_finish(spool), STATUS_OK);
	assert_memory_equal(spool_digest(spool), wanted, 4);
	spool_free(&spool);
}

static void
test_too_large(void **state GP_UNUSED)
{
	struct spool_options options = {
		.memory_max = MEMORY_BYTES, .size_max = 10, .directory = "/tmp"
	};
	struct spool *spool = spool_new(&options);

	spool_add(spool, "0123456789", 10);
	assert_int_equal(spool_finish(spool), STATUS_OK);
	spool_reset(spool);
	spool_add(spool, "0123456789", 10);
	spool_add(spool, "0", 1);
	spool_add(spool, "1", 1);
	assert_int_equal(spool_finish(spool), STATUS_LIMIT);
	assert_int_equal(spool_finish(spool), STATUS_LIMIT);
	spool_reset(spool);
	spool_add(spool, "x", 1);
	assert_int_equal(spool_finish(spool), STATUS_OK);
	spool_free(&spool);
}

static void
test_no_directory(void **state GP_UNUSED)
{
	struct spool_options options = { .memory_max = MEMORY_BYTES,
		.directory = "/nonexistent/directory" };
	struct spool *spool = spool_new(&options);
	char *message = make_message(MEMORY_BYTES + 1);

	spool_add(spool, message, MEMORY_BYTES + 1);
	assert_int_equal(spool_finish(spool), STATUS_IO);
	assert_int_equal(errno, ENOENT);
	/* What fits in memory needs none. */
	spool_reset(spool);
	spool_add(spool, message, MEMORY_BYTES);
	assert_int_equal(spool_finish(spool), STATUS_OK);
	free(message);
	spool_free(&spool);
}

static void
test_text_crlf_size(void **state GP_UNUSED)
{
	assert_int_equal(text_crlf_size(span_of("")), 0);
	assert_int_equal(text_crlf_size(span_of("a\nb\r\nc\n\n")), 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_text_crlf_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
