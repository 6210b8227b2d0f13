/* redis-server - real Redis servers for tests (see redis-server.h). */
#include "config.h"

#include "tests/unit/redis-server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PROGRAM      "redis-server"
#define SERVERS_MAX  16    /* at a time */
#define WORDS_MAX    40    /* of a command line */
#define POLLS_MAX    2000  /* of 10 ms until a server answers */
#define PORT_MAX     55535 /* a cluster's bus has the port 10000 higher */
#define TEXT_BYTES   256
#define ANSWER_BYTES 4096

struct redis_server {
	pid_t pid; /* 0: not running */
	int port;
	const char *const *options;
	const char *password; /* of the options, or NULL */
	bool is_sentinel;
	char directory[64];
	char tcp[TEXT_BYTES], unix_socket[TEXT_BYTES];
	const char *path; /* of the socket: behind "unix:" */
};

/* All servers, for the end of the program. */
static struct redis_server *servers[SERVERS_MAX];

static void
end_all(void)
{
	size_t i;

	for (i = 0; i < SERVERS_MAX; i++)
		redis_server_free(&servers[i]);
}

static void
register_server(struct redis_server *server)
{
	static bool is_registered;
	size_t i;

	if (!is_registered) {
		is_registered = true;
		assert_int_equal(atexit(end_all), 0);
	}
	for (i = 0; i < SERVERS_MAX; i++)
		if (servers[i] == NULL)
			break;
	assert_in_range(i, 0, SERVERS_MAX - 1);
	servers[i] = server;
}

const char *
redis_server_missing(void)
{
	char path[TEXT_BYTES];
	const char *directory, *end;

	for (directory = getenv("PATH");
	     directory != NULL && *directory != '\0';
	     directory = *end == '\0' ? end : end + 1) {
		end = directory + strcspn(directory, ":");
		(void)snprintf(path, sizeof(path), "%.*s/%s",
		    (int)(end - directory), directory, PROGRAM);
		if (access(path, X_OK) == 0)
			return NULL;
	}
	return PROGRAM " is not installed";
}

/* One that nobody listens at; who is quicker than we are makes the test fail. */
static int
free_port(void)
{
	struct sockaddr_in address;
	socklen_t length;
	int fd, port;

	do {
		length = sizeof(address);
		memset(&address, 0, sizeof(address));
		address.sin_family = AF_INET;
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fd != -1);
		assert_int_equal(
		    bind(fd, (struct sockaddr *)&address, length), 0);
		assert_int_equal(
		    getsockname(fd, (struct sockaddr *)&address, &length), 0);
		port = ntohs(address.sin_port);
		close(fd);
	} while (port > PORT_MAX);
	return port;
}

static void
pause_briefly(void)
{
	struct timespec moment = { 0, 10000000 };

	(void)nanosleep(&moment, NULL);
}

/* The child: the server, quiet, and gone when the test is. */
static void
become(const char **words)
{
	int fd = open("/dev/null", O_RDWR);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd != -1) {
		(void)dup2(fd, STDIN_FILENO);
		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
	}
	(void)execvp(words[0], (char **)(uintptr_t)words);
	_exit(127);
}

static redisContext *
connect_to(struct redis_server *server)
{
	struct timeval limit = { 10, 0 };
	redisContext *context;
	redisReply *reply;

	context = redisConnectUnixWithTimeout(server->path, limit);
	if (context == NULL || context->err != 0) {
		redisFree(context);
		return NULL;
	}
	(void)redisSetTimeout(context, limit);
	if (server->password != NULL) {
		reply = redisCommand(context, "AUTH %s", server->password);
		freeReplyObject(reply);
	}
	return context;
}

static bool
answers(struct redis_server *server)
{
	redisContext *context = connect_to(server);
	redisReply *reply;
	bool is_up;

	if (context == NULL)
		return false;
	reply = redisCommand(context, "PING");
	/* One that wants another password than we know is up, too. */
	is_up = reply != NULL &&
	    (reply->type == REDIS_REPLY_STATUS ||
		strncmp(reply->str, "NOAUTH", 6) == 0);
	freeReplyObject(reply);
	redisFree(context);
	return is_up;
}

static void
wait_until_up(struct redis_server *server)
{
	int polls, status;

	for (polls = 0; !answers(server); polls++) {
		if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
			server->pid = 0;
			fail_msg(PROGRAM " ended at its start");
		}
		if (polls == POLLS_MAX)
			fail_msg(PROGRAM " does not answer");
		pause_briefly();
	}
}

static void
collect_words(const struct redis_server *server, const char *port,
    const char *words[WORDS_MAX])
{
	const char *const fixed[] = { "--port", port, "--bind", "127.0.0.1",
		"--unixsocket", server->path, "--dir", server->directory,
		"--save", "", "--appendonly", "no", "--logfile", "log" };
	const char *const *option = server->options;
	size_t i, count = 0;

	words[count++] = PROGRAM;
	if (server->is_sentinel) {
		words[count++] = "sentinel.conf";
		words[count++] = "--sentinel";
		words[count] = NULL;
		return;
	}
	for (i = 0; i < GP_NELEMS(fixed); i++)
		words[count++] = fixed[i];
	for (; option != NULL && *option != NULL; option++) {
		assert_in_range(count, 0, WORDS_MAX - 2);
		words[count++] = strcmp(*option, "PORT") == 0 ? port : *option;
	}
	words[count] = NULL;
}

void
redis_server_start(struct redis_server *server)
{
	const char *words[WORDS_MAX];
	char port[16];

	assert_int_equal(server->pid, 0);
	(void)snprintf(port, sizeof(port), "%d", server->port);
	collect_words(server, port, words);
	server->pid = fork();
	assert_true(server->pid != -1);
	if (server->pid == 0) {
		if (chdir(server->directory) != 0)
			_exit(127);
		become(words);
	}
	wait_until_up(server);
}

static struct redis_server *
server_prepare(void)
{
	struct redis_server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	register_server(server);
	(void)snprintf(server->directory, sizeof(server->directory),
	    "/tmp/gatepost-redis-XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	server->port = free_port();
	(void)snprintf(
	    server->tcp, sizeof(server->tcp), "127.0.0.1:%d", server->port);
	(void)snprintf(server->unix_socket, sizeof(server->unix_socket),
	    "unix:%s/socket", server->directory);
	server->path = server->unix_socket + strlen("unix:");
	return server;
}

struct redis_server *
redis_server_new(const char *const *options)
{
	struct redis_server *server = server_prepare();
	size_t i;

	server->options = options;
	for (i = 0; options != NULL && options[i] != NULL; i++)
		if (strcmp(options[i], "--requirepass") == 0)
			server->password = options[i + 1];
	redis_server_start(server);
	return server;
}

struct redis_server *
redis_sentinel_new(struct redis_server *primary)
{
	struct redis_server *sentinel = server_prepare();
	char path[TEXT_BYTES];
	FILE *file;

	sentinel->is_sentinel = true;
	(void)snprintf(
	    path, sizeof(path), "%s/sentinel.conf", sentinel->directory);
	assert_non_null(file = fopen(path, "we"));
	fprintf(file,
	    "port %d\nbind 127.0.0.1\nunixsocket %s\ndir %s\nlogfile log\n"
	    "sentinel monitor main 127.0.0.1 %d 1\n"
	    "sentinel down-after-milliseconds main 300\n"
	    "sentinel failover-timeout main 3000\n",
	    sentinel->port, sentinel->path, sentinel->directory, primary->port);
	assert_int_equal(fclose(file), 0);
	redis_server_start(sentinel);
	return sentinel;
}

void
redis_server_kill(struct redis_server *server)
{
	if (server->pid == 0)
		return;
	(void)kill(server->pid, SIGKILL);
	while (waitpid(server->pid, NULL, 0) == -1 && errno == EINTR)
		;
	server->pid = 0;
}

void
redis_server_freeze(struct redis_server *server, bool frozen)
{
	assert_int_equal(kill(server->pid, frozen ? SIGSTOP : SIGCONT), 0);
}

/* The directory has files only. */
static void
remove_directory(const char *path)
{
	struct dirent *entry;
	DIR *directory;

	if ((directory = opendir(path)) == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	(void)rmdir(path);
}

void
redis_server_free(struct redis_server **server)
{
	struct redis_server *old = *server;
	size_t i;

	*server = NULL;
	if (old == NULL)
		return;
	redis_server_kill(old);
	remove_directory(old->directory);
	for (i = 0; i < SERVERS_MAX; i++)
		if (servers[i] == old)
			servers[i] = NULL;
	free(old);
}

const char *
redis_server_tcp(const struct redis_server *server)
{
	return server->tcp;
}

const char *
redis_server_unix(const struct redis_server *server)
{
	return server->unix_socket;
}

int
redis_server_port(const struct redis_server *server)
{
	return server->port;
}

const char *
redis_server_directory(const struct redis_server *server)
{
	return server->directory;
}

/* Servers close connections when their role changes: then once more. */
static redisReply *
ask(struct redis_server *server, const char *format, va_list args)
{
	redisReply *reply = NULL;
	redisContext *context;
	va_list copy;
	int polls;

	for (polls = 0; reply == NULL; polls++) {
		if (polls == POLLS_MAX)
			fail_msg("%s: no reply", format);
		if (polls > 0)
			pause_briefly();
		if ((context = connect_to(server)) == NULL)
			continue;
		va_copy(copy, args);
		reply = redisvCommand(context, format, copy);
		va_end(copy);
		redisFree(context);
	}
	return reply;
}

redisReply *
redis_server_ask(struct redis_server *server, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = ask(server, format, args);
	va_end(args);
	return reply;
}

void
redis_server_do(struct redis_server *server, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = ask(server, format, args);
	va_end(args);
	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", format, reply->str);
	freeReplyObject(reply);
}

const char *
redis_server_text(struct redis_server *server, const char *format, ...)
{
	static char text[ANSWER_BYTES];
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = ask(server, format, args);
	va_end(args);
	(void)snprintf(
	    text, sizeof(text), "%s", reply->str == NULL ? "" : reply->str);
	freeReplyObject(reply);
	return text;
}
