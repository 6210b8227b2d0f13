/*
 * signals - keeps libmilter from taking the daemon's signals.
 *
 * libmilter starts a thread that waits for SIGHUP, SIGTERM and SIGINT by
 * sigwait() and ends the daemon on each; it offers no way to leave that out.
 * Signals are the main thread's here (daemon.h), and the kernel may hand one to
 * any thread that waits for it.  So this process has its own sigwait(), which
 * takes the place of libc's for libmilter and never waits for anything.
 */
#include "config.h"

#include <signal.h>
#include <unistd.h>

int
sigwait(const sigset_t *set, int *number)
{
	(void)set;
	(void)number;
	for (;;)
		(void)pause();
}
