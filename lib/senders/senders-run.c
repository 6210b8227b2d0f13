/* senders-run - a program without a shell (see senders-private.h). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/senders/senders-private.h"

#define ENVIRONMENT_BYTES 1024
#define EXIT_STEP_NS      1000000

/* What the program writes, and where it goes; fd -1: it has ended. */
struct stream {
	int fd;
	char *data;
	size_t size, *length;
};

static enum status
open_pipes(int output[2], int errors[2])
{
	if (pipe2(output, O_CLOEXEC) != 0)
		return STATUS_IO;
	if (pipe2(errors, O_CLOEXEC) == 0)
		return STATUS_OK;
	close(output[0]);
	close(output[1]);
	return STATUS_IO;
}

static int
add_files(posix_spawn_file_actions_t *actions, int output, int errors)
{
	int failed;

	failed = posix_spawn_file_actions_addopen(
	    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(
		    actions, output, STDOUT_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(
		    actions, errors, STDERR_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_addclosefrom_np(
		    actions, STDERR_FILENO + 1);
	return failed;
}

/* No signal is blocked or ignored; a group of its own, to end all of it. */
static int
add_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(attributes,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETPGROUP);
}

/* Postfix's own MAIL_CONFIG names another configuration. */
static int
spawn(const char *const *arguments, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, pid_t *pid_r)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	const char *mail_config = getenv("MAIL_CONFIG");
	char config[ENVIRONMENT_BYTES];
	char *environment[] = { path, locale, NULL, NULL };
	int length;

	if (mail_config != NULL) {
		length = snprintf(
		    config, sizeof(config), "MAIL_CONFIG=%s", mail_config);
		if (length < 0 || (size_t)length >= sizeof(config))
			return ENAMETOOLONG;
		environment[2] = config;
	}
	return posix_spawn(pid_r, arguments[0], actions, attributes,
	    (char *const *)(uintptr_t)arguments, environment);
}

/* Returns 0, or an errno. */
static int
start(const char *const *arguments, int output, int errors, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed;

	if ((failed = posix_spawn_file_actions_init(&actions)) != 0)
		return failed;
	if ((failed = posix_spawnattr_init(&attributes)) == 0) {
		failed = add_files(&actions, output, errors);
		if (failed == 0)
			failed = add_attributes(&attributes);
		if (failed == 0)
			failed = spawn(arguments, &actions, &attributes, pid_r);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

/* What is there now; false: the program has written more than may be. */
static bool
read_some(struct stream *stream)
{
	char rest[512];
	bool full = *stream->length == stream->size;
	ssize_t count;

	if (full)
		count = read(stream->fd, rest, sizeof(rest));
	else
		count = read(stream->fd, stream->data + *stream->length,
		    stream->size - *stream->length);
	if (count == -1 && errno == EINTR)
		return true;
	if (count <= 0)
		stream->fd = -1;
	else if (!full)
		*stream->length += (size_t)count;
	return count <= 0 || !full;
}

static int
left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_now_ms();

	return left < 0 ? 0 : (int)left;
}

/* Until the program has closed both, or is not waited for any more. */
static const char *
read_streams(struct stream streams[2], int64_t deadline_ms)
{
	struct pollfd fds[2] = { 0 };
	size_t i;
	int count;

	while (streams[0].fd != -1 || streams[1].fd != -1) {
		for (i = 0; i < 2; i++) {
			fds[i].fd = streams[i].fd;
			fds[i].events = POLLIN;
		}
		count = poll(fds, 2, left_ms(deadline_ms));
		if (count == 0)
			return "it did not answer in time";
		if (count == -1 && errno != EINTR)
			return "it cannot be waited for";
		if (count == -1)
			continue;
		if (fds[0].revents != 0 && !read_some(&streams[0]))
			return "its answer is too long";
		if (fds[1].revents != 0)
			(void)read_some(&streams[1]); /* the rest is dropped */
	}
	return NULL;
}

/* The wait status; kills what is not ended in time. */
static int
end(pid_t pid, const char **reason, int64_t deadline_ms)
{
	struct timespec step = { 0, EXIT_STEP_NS };
	int status = 0;

	while (*reason == NULL) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		if (left_ms(deadline_ms) == 0)
			*reason = "it did not end in time";
		else
			nanosleep(&step, NULL);
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return status;
}

void
senders_run(const char *const *arguments, int64_t deadline_ms,
    struct senders_run *run_r)
{
	int output[2], errors[2], status, failed;
	struct stream streams[2];
	pid_t pid;

	memset(run_r, 0, sizeof(*run_r));
	run_r->exit_status = -1;
	run_r->reason = "it cannot be started";
	if (open_pipes(output, errors) != STATUS_OK)
		return;
	failed = start(arguments, output[1], errors[1], &pid);
	close(output[1]);
	close(errors[1]);
	if (failed == 0) {
		streams[0] = (struct stream){ output[0], run_r->output,
			sizeof(run_r->output) - 1, &run_r->output_length };
		streams[1] = (struct stream){ errors[0], run_r->errors,
			sizeof(run_r->errors) - 1, &run_r->errors_length };
		run_r->reason = read_streams(streams, deadline_ms);
		status = end(pid, &run_r->reason, deadline_ms);
		if (run_r->reason == NULL && WIFEXITED(status))
			run_r->exit_status = WEXITSTATUS(status);
		else if (run_r->reason == NULL)
			run_r->reason = "it was killed";
	}
	close(output[0]);
	close(errors[0]);
}
