/*
 * redis-server - real Redis servers for tests, each in a temporary directory on
 * free ports of the loopback.  They end with the test, however that ends.
 */
#ifndef GATEPOST_TESTS_REDIS_SERVER_H
#define GATEPOST_TESTS_REDIS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include <hiredis/hiredis.h>

struct redis_server;

/* redis_server_missing - NULL, or why there can be no servers here */
const char *redis_server_missing(void);

/*
 * redis_server_new - a server that is running and answers.
 *
 * options  words of the command line, "--maxmemory", "2mb", ..., NULL at the
 *	    end; or NULL.  Borrowed for the server's life.  A word "PORT" is
 *	    replaced by the port.
 *
 * Fails the test when it does not start.
 */
struct redis_server *redis_server_new(const char *const *options);

/* redis_sentinel_new - a Sentinel that watches primary under the name "main" */
struct redis_server *redis_sentinel_new(struct redis_server *primary);

/* redis_server_free - ends *server and sets it to NULL; accepts NULL */
void redis_server_free(struct redis_server **server);

/* redis_server_kill - ends the process, as a crash would */
void redis_server_kill(struct redis_server *server);

/* redis_server_start - after redis_server_kill(): again, on the same port */
void redis_server_start(struct redis_server *server);

/* redis_server_freeze - the process stops where it is, or goes on */
void redis_server_freeze(struct redis_server *server, bool frozen);

/* Where it listens, as the configuration names it; borrowed. */
const char *redis_server_tcp(const struct redis_server *server);
const char *redis_server_unix(const struct redis_server *server);
int redis_server_port(const struct redis_server *server);
const char *redis_server_directory(const struct redis_server *server);

/*
 * redis_server_ask - one command over a connection of its own to the unix
 * socket, with the password of "--requirepass" if that was among the options.
 *
 * Returns the reply, free by freeReplyObject(); fails the test without one.
 */
redisReply *redis_server_ask(struct redis_server *server, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/* redis_server_do - as redis_server_ask(); fails the test when it is an error */
void redis_server_do(struct redis_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* redis_server_text - the string, or "" if it is none, of one command; valid
 * until the next call */
const char *redis_server_text(struct redis_server *server, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

#endif
