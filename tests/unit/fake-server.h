/*
 * fake-server - something that listens on the loopback and is no Redis server:
 * what it does with a connection is up to the test.
 */
#ifndef GATEPOST_TESTS_FAKE_SERVER_H
#define GATEPOST_TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fake_server;

/*
 * fake_server_new - serves each connection in a thread of its own.
 *
 * serve  gets the connected socket, which is closed when it returns; it must
 *	  return soon after fake_server_wait() is false
 */
struct fake_server *fake_server_new(
    void (*serve)(struct fake_server *server, int fd, void *argument),
    void *argument);

/* fake_server_free - ends *server and sets it to NULL; accepts NULL */
void fake_server_free(struct fake_server **server);

/* fake_server_address - "127.0.0.1:PORT"; borrowed */
const char *fake_server_address(const struct fake_server *server);

/* fake_server_wait - waits for something to read; false: the other side left,
 * or the server is to end */
bool fake_server_wait(struct fake_server *server, int fd);

/* fake_server_send - false when the other side left */
bool fake_server_send(int fd, const void *data, size_t length);

#endif
