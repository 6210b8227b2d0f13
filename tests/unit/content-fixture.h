/* content-fixture - the symbols of the content of messages that a test writes. */
#ifndef GATEPOST_TESTS_CONTENT_FIXTURE_H
#define GATEPOST_TESTS_CONTENT_FIXTURE_H

#include <stdbool.h>

struct content_fixture;

/* content_fixture_setup, content_fixture_teardown - of cmocka, for a group */
int content_fixture_setup(void **state);
int content_fixture_teardown(void **state);

/*
 * content_symbols_of - scans a message without DNS and without a store, at
 * default settings.
 *
 * raw  lines end in LF or CRLF
 *
 * Returns the symbols of the group content, in alphabetical order, with one
 * blank between them: until the next call.
 */
const char *content_symbols_of(
    struct content_fixture *fixture, const char *raw);

/* What SMTP says of a message. */
struct content_envelope {
	const char *client; /* its address */
	const char *sender, *recipient;
};

/*
 * content_symbols_from - the same, as it comes by SMTP.
 *
 * The domain own.test lets only 192.0.2.1 send for it (SPF), and has a DMARC
 * record; spf.test has no such record.
 */
const char *content_symbols_from(struct content_fixture *fixture,
    const char *raw, const struct content_envelope *envelope);

/* content_symbol_points - of the message that was scanned last, in hundredths; 0
 * if it has no such symbol */
int content_symbol_points(
    const struct content_fixture *fixture, const char *name);

/*
 * content_has_symbol - a name stands in what content_symbols_of() returned.
 */
bool content_has_symbol(const char *symbols, const char *name);

#endif
