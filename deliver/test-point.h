/*
 * test-point - named points of a delivery, at which tests kill the process,
 * stop it, or let a system call fail.  Nothing of it is in the programs that
 * are installed: only tests build with GATEPOST_TEST_POINTS.
 *
 * GATEPOST_TEST_POINT="NAME ACTION [COUNT]" in the environment acts at the
 * COUNTth time (1) that NAME is reached: "kill" is kill -9, "stop" is SIGSTOP
 * once, an errno's name (ENOSPC, EDQUOT, EIO, EROFS) is a failure from then on.
 */
#ifndef GATEPOST_DELIVER_TEST_POINT_H
#define GATEPOST_DELIVER_TEST_POINT_H

#ifdef GATEPOST_TEST_POINTS
#define TEST_POINT(name) test_point(name)
#else
#define TEST_POINT(name) 0
#endif

/* test_point - returns 0, or -1 with errno: what follows must not be done */
int test_point(const char *name);

#endif
