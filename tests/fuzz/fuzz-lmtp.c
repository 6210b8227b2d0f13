/*
 * fuzz-lmtp - the input as all that a client says; what comes of it is
 * delivered into Maildirs in memory.
 *
 * What must hold of any input: the answers are lines of SMTP, and there are not
 * more messages in the Maildirs than were answered with 250, nor none if one
 * was.
 */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/lmtp.h"
#include "lib/base/log.h"

#define OWNER_ID      5000 /* of the mail, when root fuzzes */
#define ANSWERS_BYTES (1024 * 1024)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char place[] = "/dev/shm/gatepost-fuzz-XXXXXX", mail[64];
static const struct settings *settings;
static struct delivery_services *services;
static size_t delivered; /* files seen by the last walk */

static int
count_and_remove(const char *path, const struct stat *file GP_UNUSED,
    int kind GP_UNUSED, struct FTW *walk GP_UNUSED)
{
	if (strstr(path, "/new/") != NULL)
		delivered++;
	return remove(path);
}

static void
remove_place(void)
{
	settings_release(&settings);
	delivery_services_free(&services);
	(void)nftw(place, count_and_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static void
write_file(const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	if ((file = fopen(path, "w")) == NULL || fputs(text, file) < 0 ||
	    fclose(file) != 0)
		abort();
}

static void
write_users(void)
{
	unsigned int uid = geteuid() == 0 ? OWNER_ID : geteuid();
	char text[200];

	snprintf(text, sizeof(text), "a@x:x:%u:%u\nb@x:x:%u:%u\nr@x:x:0:0\n",
	    uid, uid, uid, uid);
	write_file("users", text);
}

int
LLVMFuzzerInitialize(int *argc GP_UNUSED, char ***argv GP_UNUSED)
{
	struct conf_errors *errors = conf_errors_new();
	char text[1000], path[200];

	log_open("fuzz-lmtp", false, LOG_LEVEL_FATAL);
	umask(0);
	if (mkdtemp(place) == NULL || chmod(place, 0755) != 0)
		abort();
	atexit(remove_place);
	snprintf(mail, sizeof(mail), "%s/mail", place);
	snprintf(text, sizeof(text),
	    "deliver {\n users = file\n passwd_file = \"%s/users\"\n"
	    " home = \"%s/%%n\"\n detail = create\n spool_memory = 64K\n"
	    " message_size_max = 100000\n spool_directory = \"%s\"\n}\n",
	    place, mail, place);
	write_users();
	write_file("conf", text);
	snprintf(path, sizeof(path), "%s/conf", place);
	if (settings_load(path, &settings, errors) != STATUS_OK)
		abort();
	conf_errors_free(&errors);
	if ((services = delivery_services_new()) == NULL)
		abort();
	return 0;
}

/* The answers are lines "DDD text" or "DDD-text"; counts what was saved. */
static size_t
check_answers(char *text, size_t length)
{
	size_t saved = 0;
	char *line, *end;

	text[length] = '\0';
	for (line = text; line < text + length; line = end + 2) {
		end = memmem(line, (size_t)(text + length - line), "\r\n", 2);
		if (end == NULL || end - line < 4 ||
		    strspn(line, "0123456789") != 3 ||
		    (line[3] != ' ' && line[3] != '-') ||
		    memchr(line, '\n', (size_t)(end - line)) != NULL ||
		    memchr(line, '\0', (size_t)(end - line)) != NULL)
			abort();
		*end = '\0';
		if (strncmp(line, "250 2.0.0 <", 11) == 0)
			saved++;
	}
	return saved;
}

static int
memory_file(const void *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd == -1 || (size > 0 && write(fd, data, size) != (ssize_t)size) ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answers[ANSWERS_BYTES + 1];
	struct stream *stream;
	int in_fd, out_fd;
	ssize_t length;
	size_t saved;

	if (mkdir(mail, 0777) != 0)
		abort();
	in_fd = memory_file(data, size);
	out_fd = memory_file("", 0);
	if ((stream = stream_new(in_fd, out_fd, LMTP_LINE_BYTES)) == NULL)
		abort();
	lmtp_serve(services, settings, stream, -1);
	if (stream_flush(stream) != STATUS_OK)
		abort();
	stream_free(&stream);
	if ((length = pread(out_fd, answers, ANSWERS_BYTES, 0)) == -1)
		abort();
	saved = length == ANSWERS_BYTES ?
	    1 :
	    check_answers(answers, (size_t)length);
	close(in_fd);
	close(out_fd);
	delivered = 0;
	(void)nftw(mail, count_and_remove, 16, FTW_DEPTH | FTW_PHYS);
	if (length < ANSWERS_BYTES &&
	    (delivered > saved || (saved > 0 && delivered == 0)))
		abort();
	return 0;
}
