/* Dots, line ends and the end of a message, however it is cut into pieces. */
#include "config.h"

#include "deliver/lmtp-data.h"

#include <stdlib.h>
#include <string.h>

#include "deliver/lmtp-command.h"
#include "tests/unit/unit.h"

#define S(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

static void
test_data(void **state GP_UNUSED)
{
	static const struct {
		struct span input;
		struct span message;
		size_t used; /* 0: all, and the end was not seen */
	} cases[] = {
		{ S("a\r\nb\r\n.\r\n"), S("a\nb\n"), 9 },
		{ S(".\r\n"), S(""), 3 },
		{ S("a\r\n.\r\nQUIT\r\n"), S("a\n"), 6 },
		{ S("..a\r\n.b\r\n...\r\n.\r\n"), S(".a\nb\n..\n"), 17 },
		/* Only CRLF is a line end. */
		{ S("a\n.\nb\r\n.\r\n"), S("a\n.\nb\n"), 10 },
		{ S("a\n.\r\nb\r\n.\r\n"), S("a\n.\nb\n"), 11 },
		{ S("a\r.\rb\r\n.\r\n"), S("a\r.\rb\n"), 10 },
		{ S("a\r\n.\nb\r\n.\r\n"), S("a\n\nb\n"), 11 },
		{ S("a\r\n.\rb\r\n.\r\n"), S("a\n\rb\n"), 11 },
		{ S("a\r\n.\r\r\n.\r\n"), S("a\n\r\n"), 10 },
		{ S("a\r\r\n.\r\n"), S("a\r\n"), 7 },
		{ S("a\n..b\r\n.\r\n"), S("a\n..b\n"), 10 },
		{ S("\0\r\n\0.\r\n.\r\n"), S("\0\n\0.\n"), 10 },
		{ S("\r\n.\r\n"), S("\n"), 5 },
		{ S("a\r\n"), S("a\n"), 0 },
		{ S("a\r"), S("a"), 0 },
		{ S("a\r\n.\r"), S("a\n"), 0 },
		{ S("a.\r\n"), S("a.\n"), 0 },
	};
	const struct spool_options options = { .memory_max = 1000,
		.directory = "/tmp" };
	struct spool *spool = spool_new(&options);
	enum lmtp_data_state data_state;
	size_t i, piece, used, length;
	struct span bytes;

	for (i = 0; i < GP_NELEMS(cases) * 3; i++) {
		const struct span *input = &cases[i / 3].input;

		data_state = LMTP_DATA_LINE_START;
		spool_reset(spool);
		piece = i % 3 == 0 ? input->length : i % 3;
		for (used = 0; used < input->length; used += length) {
			bytes.data = input->data + used;
			bytes.length = input->length - used;
			if (bytes.length > piece)
				bytes.length = piece;
			length = lmtp_data_feed(&data_state, bytes, spool);
			if (data_state == LMTP_DATA_END) {
				used += length;
				break;
			}
		}
		assert_int_equal(spool_finish(spool), STATUS_OK);
		if ((data_state == LMTP_DATA_END) != (cases[i / 3].used != 0) ||
		    (cases[i / 3].used != 0 && used != cases[i / 3].used))
			fail_msg("case %zu: used %zu", i / 3, used);
		if (spool_size(spool) != cases[i / 3].message.length ||
		    (spool_size(spool) > 0 &&
			memcmp(spool_head(spool).data,
			    cases[i / 3].message.data,
			    cases[i / 3].message.length) != 0))
			fail_msg("case %zu: other bytes", i / 3);
	}
	spool_free(&spool);
}

static void
test_path(void **state GP_UNUSED)
{
	static const struct {
		const char *line;
		const char *path; /* NULL: refused */
		const char *rest;
	} cases[] = {
		{ "FROM:<a@b>", "a@b", "" },
		{ "from:<a@b> SIZE=1", "a@b", "SIZE=1" },
		{ "FROM: <a@b>  X  Y", "a@b", "X  Y" },
		{ "FROM:<>", "", "" },
		{ "FROM:<\"a>b\"@c>", "\"a>b\"@c", "" },
		{ "FROM:<\"a\\\">b\"@c>", "\"a\\\">b\"@c", "" },
		{ "FROM:<a b@c>", "a b@c", "" },
		{ "FROM:a@b", NULL, NULL },
		{ "FROM:<a@b", NULL, NULL },
		{ "FROM:<\"a@b>", NULL, NULL },
		{ "FROM:<a@b>X", NULL, NULL },
		{ "FROM", NULL, NULL },
		{ "FROM:", NULL, NULL },
		{ "FROM:<", NULL, NULL },
		{ "TO:<a@b>", NULL, NULL },
		{ "", NULL, NULL },
	};
	struct span line, path;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		line = span_of(cases[i].line);
		status = lmtp_read_path(&line, "FROM:", &path);
		if ((status == STATUS_OK) != (cases[i].path != NULL) ||
		    (status == STATUS_OK &&
			(!span_equals(path, cases[i].path) ||
			    !span_equals(line, cases[i].rest))))
			fail_msg("case \"%s\"", cases[i].line);
	}
}

static void
test_words(void **state GP_UNUSED)
{
	struct span line = span_of("  MAIL   A=1 B  C= =D \t E=F=G ");
	static const char *const wanted[][2] = { { "A", "1" }, { "B", "" },
		{ "C", "" }, { "", "D" }, { "E", "F=G" } };
	struct span name, value;
	size_t i;

	assert_true(span_equals(lmtp_read_verb(&line), "MAIL"));
	for (i = 0; i < GP_NELEMS(wanted); i++) {
		assert_true(lmtp_next_parameter(&line, &name, &value));
		if (!span_equals(name, wanted[i][0]) ||
		    !span_equals(value, wanted[i][1]))
			fail_msg("parameter %zu", i);
	}
	assert_false(lmtp_next_parameter(&line, &name, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
