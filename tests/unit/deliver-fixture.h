/*
 * deliver-fixture - a temporary directory, and settings with a deliver section
 * whose users live in it.
 */
#ifndef GATEPOST_TESTS_DELIVER_FIXTURE_H
#define GATEPOST_TESTS_DELIVER_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/scan/settings.h"
#include "tests/unit/unit.h"

#define OWNER_ID     5000 /* of the mail when the tests run as root */
#define FILE_SIZE    65536
#define PLACE_SECRET "0123456789abcdef"

struct place {
	char path[40]; /* of the directory */
	const struct settings *settings;
};

static int
remove_entry(const char *path, const struct stat *file GP_UNUSED,
    int kind GP_UNUSED, struct FTW *walk GP_UNUSED)
{
	return remove(path);
}

static inline void
remove_tree(const char *path)
{
	(void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
place_open(struct place *place)
{
	memset(place, 0, sizeof(*place));
	snprintf(place->path, sizeof(place->path), "/tmp/gatepost-dlv-XXXXXX");
	assert_non_null(mkdtemp(place->path));
	assert_int_equal(chmod(place->path, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(place->path, OWNER_ID, OWNER_ID), 0);
	umask(0);
}

static inline void
place_close(struct place *place)
{
	settings_release(&place->settings);
	remove_tree(place->path);
}

/* Writes a file of the directory; returns its path, good until the next. */
static inline const char *
place_write(const struct place *place, const char *name, const char *text)
{
	static char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->path, name);
	assert_non_null(file = fopen(path, "w"));
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* Settings with a file of users, and these keys. */
static inline void
place_configure(struct place *place, const char *users, const char *keys)
{
	struct conf_errors *errors = conf_errors_new();
	char text[2000];
	unsigned int uid = geteuid() == 0 ? OWNER_ID : geteuid();

	snprintf(text, sizeof(text),
	    "# comment\n\n"
	    "alice@example.com:x:%u:%u::%s/alice home\n"
	    "bob@example.com:x:%u:%u\n"
	    "\"quoted@example.com:x:%u:%u\n"
	    "root@example.com:x:0:0\n"
	    "letters@example.com:x:abc:0\n"
	    "relative@example.com:x:%u:%u::home\n",
	    uid, uid, place->path, uid, uid, uid, uid, uid, uid);
	(void)place_write(place, "users", text);
	snprintf(text, sizeof(text),
	    "general {\n\tauthserv_id = \"mx.test\"\n"
	    "\tsecret = \"" PLACE_SECRET "\"\n}\n"
	    "deliver {\n\tusers = %s\n\tpasswd_file = \"%s/users\"\n"
	    "\thome = \"%s/%%d/%%n\"\n\tspool_directory = \"%s\"\n%s\n}\n",
	    users, place->path, place->path, place->path, keys);
	settings_release(&place->settings);
	assert_int_equal(settings_load(place_write(place, "conf", text),
			     &place->settings, errors),
	    STATUS_OK);
	conf_errors_free(&errors);
}

/* How many files a directory below the place has; the last one's name. */
static inline size_t
place_list(const struct place *place, const char *directory, char name[256])
{
	const struct dirent *entry;
	char path[400];
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", place->path, directory);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (name != NULL)
			snprintf(name, 256, "%s", entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

/* Reads a file below the place. */
static inline size_t
place_read(const struct place *place, const char *directory, const char *name,
    char text[FILE_SIZE])
{
	char path[600];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", place->path, directory, name);
	assert_int_not_equal(fd = open(path, O_RDONLY), -1);
	assert_true((length = read(fd, text, FILE_SIZE - 1)) >= 0);
	text[length] = '\0';
	close(fd);
	return (size_t)length;
}

#endif
