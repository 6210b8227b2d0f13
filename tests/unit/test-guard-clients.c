/* The last addresses of senders. */
#include "config.h"

#include "lib/guard/guard-clients.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define DAY 86400

static void
note(struct guard_clients *clients, const char *sender, int number, int64_t now)
{
	char text[IP_TEXT_BYTES];
	struct ip ip;

	snprintf(text, sizeof(text), "192.0.2.%d", number);
	assert_int_equal(ip_parse(text, &ip), STATUS_OK);
	guard_clients_note(clients, sender, &ip, now);
}

/* The last bytes of the addresses, newest first. */
static const char *
known(struct guard_clients *clients, const char *sender, int64_t now)
{
	static char text[200];
	struct ip ips[GUARD_CLIENTS_MAX];
	size_t i, count, length = 0;

	text[0] = '\0';
	count = guard_clients_of(clients, sender, now, ips);
	for (i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s%d", i == 0 ? "" : " ", ips[i].bytes[3]);
	return text;
}

static void
test_addresses(void **state GP_UNUSED)
{
	struct guard_clients *clients = guard_clients_new();
	int i;

	assert_non_null(clients);
	assert_string_equal(known(clients, "ann", 0), "");
	note(clients, "ann", 1, 100);
	note(clients, "ann", 1, 101);
	note(clients, "ann", 2, 102);
	assert_string_equal(known(clients, "ann", 102), "2 1");
	note(clients, "ann", 1, 103);
	assert_string_equal(known(clients, "ann", 103), "1 2");
	assert_string_equal(known(clients, "ann", 102 + DAY), "1");
	for (i = 3; i <= 12; i++)
		note(clients, "ann", i, 104);
	assert_string_equal(known(clients, "ann", 104), "12 11 10 9 8 7 6 5");
	assert_string_equal(known(clients, "bob", 104), "");
	guard_clients_free(&clients);
	assert_null(clients);
}

/* More senders than there is room for, and long names: nothing is mixed up. */
static void
test_many(void **state GP_UNUSED)
{
	struct guard_clients *clients = guard_clients_new();
	char name[400], want[20];
	size_t i, kept = 0;

	assert_non_null(clients);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	note(clients, name, 7, 1);
	assert_string_equal(known(clients, name, 1), "7");
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "login%zu", i);
		note(clients, name, (int)(i % 250), 1);
	}
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "login%zu", i);
		if (known(clients, name, 1)[0] == '\0')
			continue;
		kept++;
		snprintf(want, sizeof(want), "%zu", i % 250);
		assert_string_equal(known(clients, name, 1), want);
	}
	assert_in_range(kept, 500, 1024);
	guard_clients_free(&clients);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
