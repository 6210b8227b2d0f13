/* daemon - detaching, users, pid files, signals (see daemon.h). */
#include "config.h"

#include "lib/net/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/log.h"

#define DEFAULT_MODE_MASK 027

/* Signal handlers can reach nothing but statics. */
static volatile sig_atomic_t reload_wanted, stop_wanted;
static int wake_fd = -1;

/* In the parent: exits as the child's start went. */
static void
wait_for_child(int fd, pid_t child)
{
	unsigned char byte;
	int status = 0;

	if (read(fd, &byte, 1) == 1)
		_exit(0);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) != 0)
		_exit(WEXITSTATUS(status));
	_exit(1);
}

enum status
daemon_detach(struct daemon_detach *detach_r)
{
	int ends[2], null_fd;
	pid_t child;

	detach_r->ready_fd = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return STATUS_IO;
	if ((child = fork()) == -1) {
		close(ends[0]);
		close(ends[1]);
		return STATUS_IO;
	}
	if (child > 0) {
		close(ends[1]);
		wait_for_child(ends[0], child);
	}
	close(ends[0]);
	detach_r->ready_fd = ends[1];
	if (setsid() == -1 || chdir("/") != 0)
		return STATUS_IO;
	umask(DEFAULT_MODE_MASK);
	if ((null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return STATUS_IO;
	(void)dup2(null_fd, STDIN_FILENO);
	(void)dup2(null_fd, STDOUT_FILENO);
	close(null_fd);
	return STATUS_OK;
}

void
daemon_ready(struct daemon_detach *detach)
{
	int null_fd;

	if (detach->ready_fd == -1)
		return;
	if (write(detach->ready_fd, "", 1) != 1)
		log_warning("who started us is gone");
	close(detach->ready_fd);
	detach->ready_fd = -1;
	if ((null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return;
	(void)dup2(null_fd, STDERR_FILENO);
	close(null_fd);
}

enum status
daemon_drop_privileges(const char *key, const char *user)
{
	const struct passwd *entry;

	if (user[0] == '\0' || geteuid() != 0)
		return STATUS_OK;
	if ((entry = getpwnam(user)) == NULL) {
		log_fatal("%s: no user \"%s\" on this host", key, user);
		return STATUS_INVALID;
	}
	if (entry->pw_uid == 0) {
		log_fatal("%s: \"%s\" is root", key, user);
		return STATUS_INVALID;
	}
	if (initgroups(user, entry->pw_gid) != 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0) {
		log_fatal("cannot become %s: %s", user, strerror(errno));
		return STATUS_IO;
	}
	if (setuid(0) == 0 || geteuid() == 0) {
		log_fatal("could become root again");
		return STATUS_IO;
	}
	return STATUS_OK;
}

enum status
daemon_write_pid_file(const char *path, int *fd_r)
{
	int fd;

	*fd_r = -1;
	if (path[0] == '\0')
		return STATUS_OK;
	/* Never through a link that the directory's owner has put there. */
	(void)unlink(path);
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		log_fatal("pid_file: %s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return STATUS_IO;
	}
	*fd_r = fd;
	return STATUS_OK;
}

void
daemon_remove_pid_file(const char *path, int *fd)
{
	if (*fd == -1)
		return;
	if (unlink(path) != 0 && ftruncate(*fd, 0) != 0)
		log_warning("pid_file: %s: %s", path, strerror(errno));
	close(*fd);
	*fd = -1;
}

static void
note_signal(int number)
{
	static const uint64_t one = 1;
	int saved = errno;

	if (number == SIGHUP)
		reload_wanted = 1;
	else
		stop_wanted = 1;
	(void)!write(wake_fd, &one, sizeof(one));
	errno = saved;
}

void
daemon_signals_of_threads(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

enum status
daemon_signals_open(void)
{
	struct sigaction action;

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd == -1)
		return STATUS_IO;
	memset(&action, 0, sizeof(action));
	action.sa_handler = note_signal;
	action.sa_flags = SA_RESTART;
	daemon_signals_of_threads(&action.sa_mask);
	if (sigaction(SIGHUP, &action, NULL) != 0 ||
	    sigaction(SIGTERM, &action, NULL) != 0 ||
	    sigaction(SIGINT, &action, NULL) != 0)
		return STATUS_IO;
	(void)signal(SIGPIPE, SIG_IGN);
	return STATUS_OK;
}

enum daemon_event
daemon_wait(int timeout_ms)
{
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
	uint64_t count;

	if (poll(&wait, 1, timeout_ms) == 1)
		(void)!read(wake_fd, &count, sizeof(count));
	if (stop_wanted)
		return DAEMON_EVENT_STOP;
	if (reload_wanted) {
		reload_wanted = 0;
		return DAEMON_EVENT_RELOAD;
	}
	return DAEMON_EVENT_NONE;
}
