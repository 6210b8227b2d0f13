/* preferences - the file ~/.gatepost (see preferences.h). */
#include "config.h"

#include "lib/users/preferences.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/scan/score.h"
#include "lib/users/folder-name.h"

/* A file that is being read. */
struct reading {
	struct region *region;
	const char *path;
	const struct senders *senders;
	struct preferences *preferences;
	bool allowed[ADDRESS_MAX]; /* each author */
};

/* Opens what can be nothing but a file; a FIFO would hold us up. */
static int
open_file(const char *path)
{
	struct stat file;
	int fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
	    file.st_size <= PREFERENCES_BYTES_MAX)
		return fd;
	close(fd);
	errno = EFBIG;
	return -1;
}

static enum status
read_text(struct region *region, int fd, struct span *text_r)
{
	size_t length = 0;
	ssize_t count;
	char *text;

	if ((text = region_alloc(region, PREFERENCES_BYTES_MAX)) == NULL)
		return STATUS_NOMEM;
	while (length < PREFERENCES_BYTES_MAX &&
	    (count = read(fd, text + length, PREFERENCES_BYTES_MAX - length)) >
		0)
		length += (size_t)count;
	*text_r = (struct span){ text, length };
	return STATUS_OK;
}

/* "ann@example.com", or "@example.com" for all of that domain. */
static bool
matches(struct span pattern, const char *local_part, const char *domain)
{
	struct span rest = pattern;
	const char *at = NULL;
	size_t i;

	for (i = 0; i < pattern.length; i++)
		if (pattern.data[i] == '@')
			at = pattern.data + i;
	if (at == NULL)
		return false;
	rest.length = (size_t)(at - pattern.data);
	pattern.length -= rest.length + 1;
	pattern.data = at + 1;
	return span_equals_nocase(pattern, domain) &&
	    (rest.length == 0 || span_equals_nocase(rest, local_part));
}

static void
allow(struct reading *reading, struct span pattern)
{
	const struct senders *senders = reading->senders;
	size_t i;

	for (i = 0; i < senders->author_count && i < ADDRESS_MAX; i++)
		if (matches(pattern, senders->authors[i].local_part,
			senders->authors[i].domain))
			reading->allowed[i] = true;
}

static void
block(struct reading *reading, struct span pattern)
{
	const struct senders *senders = reading->senders;
	const char *at = strrchr(senders->envelope, '@');
	size_t i;

	for (i = 0; i < senders->author_count; i++)
		if (matches(pattern, senders->authors[i].local_part,
			senders->authors[i].domain))
			reading->preferences->blocked = true;
	if (span_equals_nocase(pattern, senders->envelope) ||
	    (at != NULL && matches(pattern, "", at + 1)))
		reading->preferences->blocked = true;
}

/* Calls each(reading, pattern) for "a@b, @c"; NULL, or what is wrong. */
static const char *
read_patterns(struct reading *reading, struct span value,
    void (*each)(struct reading *, struct span))
{
	struct span pattern;

	while (span_split(&value, ',', &pattern)) {
		pattern = span_trim(pattern);
		if (pattern.length < 2 ||
		    memchr(pattern.data, '@', pattern.length) == NULL)
			return "needs addresses: ann@example.com, @example.org";
		each(reading, pattern);
	}
	return NULL;
}

static const char *
read_folder(struct reading *reading, struct span value)
{
	const char *name, *directory;

	name = region_memdup(reading->region, value.data, value.length);
	if (name == NULL ||
	    folder_name_encode(reading->region, name, &directory) != STATUS_OK)
		return "is no name of a folder";
	reading->preferences->junk_folder = name;
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
read_key(struct reading *reading, struct span key, struct span value)
{
	struct preferences *preferences = reading->preferences;

	if (span_equals_nocase(key, "allow"))
		return read_patterns(reading, value, allow);
	if (span_equals_nocase(key, "block"))
		return read_patterns(reading, value, block);
	if (span_equals_nocase(key, "junk_folder"))
		return read_folder(reading, value);
	if (!span_equals_nocase(key, "threshold"))
		return "is not known: threshold, allow, block, junk_folder";
	if (score_parse(value, SCORE_MAX, &preferences->threshold) != STATUS_OK)
		return "must be points, such as 5 or 7.5";
	preferences->has_threshold = true;
	return NULL;
}

static void
read_line(struct reading *reading, struct span line, size_t number)
{
	const char *error;
	struct span key;
	char word[40];

	line = span_trim(line);
	if (line.length == 0 || line.data[0] == '#')
		return;
	(void)span_split(&line, '=', &key);
	key = span_trim(key);
	error = line.data == NULL ? "has no value" :
				    read_key(reading, key, span_trim(line));
	if (error != NULL)
		log_warning("%s:%zu: %s: %s", reading->path, number,
		    str_sanitize(word, sizeof(word), key), error);
}

static void
read_lines(struct reading *reading, struct span text)
{
	size_t i, number = 0;
	struct span line;

	while (span_split(&text, '\n', &line))
		read_line(reading, line, ++number);
	reading->preferences->allowed = reading->senders->author_count > 0;
	for (i = 0; i < reading->senders->author_count && i < ADDRESS_MAX; i++)
		if (!reading->allowed[i])
			reading->preferences->allowed = false;
}

enum status
preferences_read(struct region *region, const char *path,
    const struct senders *senders, struct preferences *preferences_r)
{
	struct reading reading = { .region = region,
		.path = path,
		.senders = senders,
		.preferences = preferences_r };
	struct span text = { "", 0 };
	enum status status;
	int fd;

	memset(preferences_r, 0, sizeof(*preferences_r));
	if ((fd = open_file(path)) == -1) {
		if (errno != ENOENT)
			log_warning("%s: not used: %s", path, strerror(errno));
		return STATUS_OK;
	}
	status = read_text(region, fd, &text);
	close(fd);
	if (status == STATUS_OK)
		read_lines(&reading, text);
	return status;
}
