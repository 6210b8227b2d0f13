/* Socket notations, and whether somebody listens. */
#include "config.h"

#include "lib/net/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
test_parse(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		int family; /* AF_UNSPEC: refused */
	} cases[] = {
		{ "unix:/run/x", AF_UNIX },
		{ "inet:8891@127.0.0.1", AF_INET },
		{ "inet:8891@localhost", AF_INET },
		{ "inet6:8891@::1", AF_INET6 },
		{ "inet6:8891@localhost", AF_INET6 },
		{ "unix:run/x", AF_UNSPEC },
		{ "unix:", AF_UNSPEC },
		{ "inet:0@127.0.0.1", AF_UNSPEC },
		{ "inet:65536@127.0.0.1", AF_UNSPEC },
		{ "inet:8891", AF_UNSPEC },
		{ "inet:@127.0.0.1", AF_UNSPEC },
		{ "inet:8891@::1", AF_UNSPEC },
		{ "inet6:8891@127.0.0.1", AF_UNSPEC },
		{ "inet:x@127.0.0.1", AF_UNSPEC },
		{ "", AF_UNSPEC },
		{ "unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    AF_UNSPEC },
	};
	struct socket_spec spec;
	enum status wanted;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		wanted =
		    cases[i].family == AF_UNSPEC ? STATUS_INVALID : STATUS_OK;
		if (socket_spec_parse(cases[i].text, &spec) != wanted ||
		    (wanted == STATUS_OK && spec.family != cases[i].family))
			fail_msg("case \"%s\"", cases[i].text);
	}
}

static void
test_served(void **state GP_UNUSED)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);
	struct socket_spec spec;
	char text[64];
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	snprintf(text, sizeof(text), "inet:%u@127.0.0.1",
	    ntohs(((struct sockaddr_in *)&bound)->sin_port));
	assert_int_equal(socket_spec_parse(text, &spec), STATUS_OK);
	assert_int_equal(socket_check_free(&spec), STATUS_OK);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(socket_check_free(&spec), STATUS_BUSY);
	close(fd);
	assert_int_equal(socket_check_free(&spec), STATUS_OK);
}

static void
test_unix(void **state GP_UNUSED)
{
	char directory[] = "/tmp/gatepost-socket-XXXXXX", text[100];
	struct socket_spec spec;
	int fd;

	assert_non_null(mkdtemp(directory));
	snprintf(text, sizeof(text), "unix:%s/s", directory);
	assert_int_equal(socket_spec_parse(text, &spec), STATUS_OK);
	assert_int_equal(socket_check_free(&spec), STATUS_OK);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&spec.address, spec.address_length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(socket_check_free(&spec), STATUS_BUSY);
	close(fd);
	assert_int_equal(socket_check_free(&spec), STATUS_OK);
	assert_int_equal(unlink(spec.path), 0);
	assert_int_equal(close(open(spec.path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(socket_check_free(&spec), STATUS_INVALID);
	unlink(spec.path);
	rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_served),
		cmocka_unit_test(test_unix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
