/*
 * daemon - what every daemon does around its work: detach, pid file, other
 * user, signals.
 */
#ifndef GATEPOST_NET_DAEMON_H
#define GATEPOST_NET_DAEMON_H

#include <signal.h>

#include "lib/base/status.h"

struct daemon_detach {
	int ready_fd; /* the parent waits at its other end; -1: no parent */
};

/*
 * daemon_detach - goes to the background; call before any thread starts.
 *
 * The parent process waits until daemon_ready() and exits with its status, so
 * that errors of the start reach who started it.  Returns in the child only.
 */
enum status daemon_detach(struct daemon_detach *detach_r) GP_MUST_CHECK;

/* daemon_ready - the start succeeded: the parent exits 0 */
void daemon_ready(struct daemon_detach *detach);

/*
 * daemon_drop_privileges - becomes user, for good, when started as root.
 *
 * key   of the configuration, for the log
 * user  "" or not root: nothing
 *
 * Refuses a user of uid 0.  Errors are logged.
 */
enum status daemon_drop_privileges(
    const char *key, const char *user) GP_MUST_CHECK;

/*
 * daemon_write_pid_file - path "": nothing.  Errors are logged.
 *
 * fd_r  stays open for daemon_remove_pid_file(); -1 for none
 */
enum status daemon_write_pid_file(const char *path, int *fd_r) GP_MUST_CHECK;

/*
 * daemon_remove_pid_file - removes it, or empties it where the directory is
 * not the user's; closes *fd and sets it to -1.
 */
void daemon_remove_pid_file(const char *path, int *fd);

enum daemon_event {
	DAEMON_EVENT_NONE, /* the wait timed out */
	DAEMON_EVENT_RELOAD,
	DAEMON_EVENT_STOP
};

/*
 * daemon_signals_open - SIGHUP, SIGTERM and SIGINT become events of the main
 * thread; SIGPIPE is ignored.
 *
 * Call it in the main thread before others start.  All other threads must be
 * created with these signals blocked (daemon_signals_of_threads).
 */
enum status daemon_signals_open(void) GP_MUST_CHECK;

/* daemon_signals_of_threads - what other threads must block */
void daemon_signals_of_threads(sigset_t *set);

/* daemon_wait - the next event, or NONE after timeout_ms; main thread only */
enum daemon_event daemon_wait(int timeout_ms);

#endif
