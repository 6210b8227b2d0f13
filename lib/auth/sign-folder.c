/* sign-folder - the keys of one domain (see sign-folder.h). */
#include "config.h"

#include "lib/auth/sign-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "lib/mail/domain.h"

#define UNSAFE_MODE        (S_IRWXO | S_IRWXG)
#define UNSAFE_MODE_ROOT   (S_IRWXO | S_IWGRP) /* its group is the daemon's */
#define SELECTORS_BYTES    8192
#define SELECTORS_LINE_MAX 256

/* A folder that is being read. */
struct reading {
	struct region *region;
	const char *path; /* of the folder */
	int fd;
	struct auth_sign_folder *folder;
	bool has_selectors;
	uid_t owner;
};

const char *
auth_sign_state_text(enum auth_sign_state state)
{
	switch (state) {
	case AUTH_SIGN_WAITING:
		return "waiting";
	case AUTH_SIGN_ACTIVE:
		return "active";
	case AUTH_SIGN_RETIRED:
		return "retired";
	}
	return "waiting";
}

const char *
auth_sign_date_text(int64_t seconds, char text[AUTH_SIGN_DATE_BYTES])
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(text, AUTH_SIGN_DATE_BYTES, "%Y-%m-%d", &tm) == 0)
		text[0] = '\0';
	return text;
}

static bool
read_date(struct span text, int64_t *seconds_r)
{
	struct tm tm = { 0 };
	uint64_t year, month, day;
	struct span part;

	if (!span_split(&text, '-', &part) ||
	    str_to_uint64(part, 9999, &year) != STATUS_OK ||
	    !span_split(&text, '-', &part) || part.length != 2 ||
	    str_to_uint64(part, 12, &month) != STATUS_OK || text.length != 2 ||
	    str_to_uint64(text, 31, &day) != STATUS_OK || year < 2000 ||
	    month == 0 || day == 0)
		return false;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	*seconds_r = (int64_t)timegm(&tm);
	return (uint64_t)tm.tm_mday == day; /* there is no February 30 */
}

bool
auth_sign_selector_is_valid(const char *selector)
{
	return strlen(selector) < AUTH_SIGN_SELECTOR_BYTES &&
	    domain_is_valid(selector);
}

bool
auth_sign_error_passes(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == EIO;
}

struct auth_sign_entry *
auth_sign_folder_find(
    const struct auth_sign_folder *folder, const char *selector)
{
	struct auth_sign_entry *entry, *alike = NULL;
	size_t i;

	for (i = 0; i < folder->count; i++) {
		entry = &folder->entries[i];
		if (strcmp(entry->selector, selector) == 0)
			return entry;
		if (alike == NULL &&
		    str_equals_nocase(entry->selector, selector))
			alike = entry;
	}
	return alike;
}

void
auth_sign_folder_release(struct auth_sign_folder *folder)
{
	size_t i;

	for (i = 0; i < folder->count; i++)
		auth_sign_key_free(&folder->entries[i].key);
	folder->count = 0;
}

/* The words for what the system refused; one that may pass is noted. */
static const char *
words_of(struct reading *reading, int error)
{
	if (auth_sign_error_passes(error))
		reading->folder->passing_error = error;
	return strerror(error);
}

/* The first problem of the folder as a whole stays. */
static enum status
set_folder_problem(struct reading *reading, const char *name, const char *why)
{
	if (reading->folder->problem != NULL)
		return STATUS_OK;
	reading->folder->problem = region_printf(reading->region, "%s%s%s: %s",
	    reading->path, name[0] == '\0' ? "" : "/", name, why);
	return reading->folder->problem == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
set_entry_problem(
    struct reading *reading, struct auth_sign_entry *entry, const char *why)
{
	entry->problem = region_printf(reading->region, "%s/%s%s: %s",
	    reading->path, entry->selector, AUTH_SIGN_KEY_SUFFIX, why);
	return entry->problem == NULL ? STATUS_NOMEM : STATUS_OK;
}

bool
auth_sign_all_may_write(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) != 0;
}

/* The folder itself, or the file that says which keys sign. */
static enum status
judge_writers(struct reading *reading, int fd, const char *name)
{
	struct auth_sign_folder *folder = reading->folder;
	struct stat st;

	if (folder->warning != NULL || fstat(fd, &st) != 0 ||
	    !auth_sign_all_may_write(&st))
		return STATUS_OK;
	folder->warning = region_printf(reading->region,
	    "%s%s: every user may change it (chmod o-w)", reading->path, name);
	return folder->warning == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* At most size bytes of a file, NUL behind them; -1 with errno. */
static ssize_t
read_file(int fd, char *data, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	while (got != 0 && length < size - 1) {
		got = read(fd, data + length, size - 1 - length);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		length += (size_t)got;
	}
	data[length] = '\0';
	return (ssize_t)length;
}

/* Why a key file must not be used, or NULL. */
static const char *
judge_file(struct reading *reading, int fd)
{
	mode_t unsafe;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return words_of(reading, errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	if (st.st_uid != 0 && st.st_uid != reading->owner)
		return "it belongs neither to root nor to the daemon's user "
		       "(chown)";
	unsafe = st.st_uid == 0 ? UNSAFE_MODE_ROOT : UNSAFE_MODE;
	if ((st.st_mode & unsafe) != 0)
		return "other users may read or change it (chmod 600)";
	return NULL;
}

static enum status
read_key_of(struct reading *reading, int fd, struct auth_sign_entry *entry,
    const char **why_r)
{
	char data[AUTH_SIGN_PEM_BYTES_MAX + 2];
	struct span text = { data, 0 };
	enum status status;
	ssize_t length;

	if ((*why_r = judge_file(reading, fd)) != NULL)
		return STATUS_INVALID;
	if ((length = read_file(fd, data, sizeof(data))) < 0) {
		*why_r = words_of(reading, errno);
		return STATUS_INVALID;
	}
	text.length = (size_t)length;
	status = auth_sign_key_parse(text, &entry->key, why_r);
	OPENSSL_cleanse(data, sizeof(data));
	return status;
}

static enum status
read_key(
    struct reading *reading, const char *name, struct auth_sign_entry *entry)
{
	int fd = openat(reading->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status status = STATUS_INVALID;
	const char *why = "cannot be opened";

	if (fd == -1)
		why = words_of(reading, errno);
	else
		status = read_key_of(reading, fd, entry, &why);
	if (fd != -1)
		close(fd);
	if (status != STATUS_INVALID)
		return status;
	return set_entry_problem(reading, entry, why);
}

/* A new entry, or NULL with the reason in *status_r. */
static struct auth_sign_entry *
add_entry(struct reading *reading, struct span selector, enum status *status_r)
{
	struct auth_sign_folder *folder = reading->folder;
	struct auth_sign_entry *entry = &folder->entries[folder->count];

	if (folder->count == AUTH_SIGN_FOLDER_KEYS_MAX) {
		*status_r =
		    set_folder_problem(reading, "", "there are over 32 keys");
		return NULL;
	}
	memset(entry, 0, sizeof(*entry));
	entry->selector =
	    region_memdup(reading->region, selector.data, selector.length);
	*status_r = entry->selector == NULL ? STATUS_NOMEM : STATUS_OK;
	if (entry->selector != NULL)
		folder->count++;
	return entry->selector == NULL ? NULL : entry;
}

static enum status
read_file_named(struct reading *reading, const char *name)
{
	static const size_t suffix = sizeof(AUTH_SIGN_KEY_SUFFIX) - 1;
	struct span selector = { name, strlen(name) };
	struct auth_sign_entry *entry;
	enum status status;

	if (name[0] == '.' || selector.length <= suffix ||
	    strcmp(name + selector.length - suffix, AUTH_SIGN_KEY_SUFFIX) != 0)
		return STATUS_OK;
	selector.length -= suffix;
	if ((entry = add_entry(reading, selector, &status)) == NULL)
		return status;
	if (!auth_sign_selector_is_valid(entry->selector))
		return set_entry_problem(
		    reading, entry, "the name is no selector");
	return read_key(reading, name, entry);
}

static enum status
read_all_keys(struct reading *reading)
{
	enum status status = STATUS_OK;
	const struct dirent *found;
	int fd = fcntl(reading->fd, F_DUPFD_CLOEXEC, 0);
	DIR *directory = fd == -1 ? NULL : fdopendir(fd);

	if (directory == NULL) {
		status =
		    set_folder_problem(reading, "", words_of(reading, errno));
		if (fd != -1)
			close(fd);
		return status;
	}
	while (status == STATUS_OK &&
	    (errno = 0, found = readdir(directory)) != NULL)
		status = read_file_named(reading, found->d_name);
	if (status == STATUS_OK && errno != 0)
		status =
		    set_folder_problem(reading, "", words_of(reading, errno));
	closedir(directory);
	return status;
}

/* The next word of a line; empty at its end. */
static struct span
take_word(struct span *line)
{
	struct span word = { line->data, 0 };

	while (word.length < line->length &&
	    !ascii_is_space(line->data[word.length]))
		word.length++;
	line->data += word.length;
	line->length -= word.length;
	*line = span_trim(*line);
	return word;
}

/*
 * A selector out of a line.  What is none could name a file of another
 * directory, which the command that deletes old keys would take away.
 */
static bool
copy_selector(struct span word, char name[AUTH_SIGN_SELECTOR_BYTES])
{
	if (word.length >= AUTH_SIGN_SELECTOR_BYTES)
		return false;
	memcpy(name, word.data, word.length);
	name[word.length] = '\0';
	return strlen(name) == word.length && auth_sign_selector_is_valid(name);
}

/* The entry that a line names; one without a file gets a problem. */
static struct auth_sign_entry *
named_entry(struct reading *reading, const char *name, enum status *status_r)
{
	struct auth_sign_entry *entry;

	*status_r = STATUS_OK;
	entry = auth_sign_folder_find(reading->folder, name);
	if (entry != NULL)
		return entry;
	if ((entry = add_entry(reading, span_of(name), status_r)) != NULL)
		*status_r = set_entry_problem(reading, entry,
		    "does not exist, but the file selectors names it");
	return entry;
}

/* One line of the file selectors; returns why it is wrong, or NULL. */
static const char *
read_selector_line(
    struct reading *reading, struct span line, enum status *status_r)
{
	struct span word = take_word(&line), selector = take_word(&line);
	struct auth_sign_entry *entry;
	char name[AUTH_SIGN_SELECTOR_BYTES];
	bool retired = span_equals(word, "retired");
	int64_t until = 0;

	if (!retired && !span_equals(word, "active"))
		return "a line begins neither with active nor with retired";
	if (!copy_selector(selector, name))
		return "a line names no selector";
	if (retired && !read_date(line, &until))
		return "a line ends in no day (2026-12-08)";
	if (!retired && line.length > 0)
		return "a line has too many words";
	entry = named_entry(reading, name, status_r);
	if (entry == NULL)
		return NULL;
	if (entry->state != AUTH_SIGN_WAITING)
		return "a selector is named twice";
	entry->state = retired ? AUTH_SIGN_RETIRED : AUTH_SIGN_ACTIVE;
	entry->until = until;
	return NULL;
}

static enum status
parse_selectors(struct reading *reading, struct span text)
{
	enum status status = STATUS_OK;
	const char *why = NULL;
	struct span line, words;

	while (status == STATUS_OK && why == NULL &&
	    span_split(&text, '\n', &line)) {
		(void)span_split(&line, '#', &words);
		words = span_trim(words);
		if (words.length > SELECTORS_LINE_MAX)
			why = "a line is too long";
		else if (words.length > 0)
			why = read_selector_line(reading, words, &status);
	}
	if (status == STATUS_OK && why != NULL)
		status =
		    set_folder_problem(reading, AUTH_SIGN_SELECTORS_FILE, why);
	return status;
}

static enum status
read_selectors(struct reading *reading)
{
	char data[SELECTORS_BYTES];
	struct span text = { data, 0 };
	ssize_t length = -1;
	int fd, error;

	fd = openat(reading->fd, AUTH_SIGN_SELECTORS_FILE,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT)
		return STATUS_OK;
	reading->has_selectors = true;
	if (fd != -1 &&
	    judge_writers(reading, fd, "/" AUTH_SIGN_SELECTORS_FILE) !=
		STATUS_OK) {
		close(fd);
		return STATUS_NOMEM;
	}
	if (fd != -1)
		length = read_file(fd, data, sizeof(data));
	error = errno;
	if (fd != -1)
		close(fd);
	if (length < 0)
		return set_folder_problem(reading, AUTH_SIGN_SELECTORS_FILE,
		    words_of(reading, error));
	if ((size_t)length == sizeof(data) - 1)
		return set_folder_problem(
		    reading, AUTH_SIGN_SELECTORS_FILE, "the file is too large");
	text.length = (size_t)length;
	return parse_selectors(reading, text);
}

/* Keys that cannot be read come behind those that can. */
static int
compare_entries(const void *a, const void *b)
{
	const struct auth_sign_entry *one = a, *other = b;
	int rank = 0;

	if (one->key != NULL && other->key != NULL)
		rank = (int)auth_sign_key_type(one->key) -
		    (int)auth_sign_key_type(other->key);
	else
		rank = (one->key == NULL) - (other->key == NULL);
	return rank != 0 ? rank : strcmp(one->selector, other->selector);
}

/* How many keys of a type sign. */
static size_t
count_active(const struct auth_sign_folder *folder, enum auth_sign_type type)
{
	size_t i, count = 0;

	for (i = 0; i < folder->count; i++)
		count += folder->entries[i].key != NULL &&
		    folder->entries[i].state == AUTH_SIGN_ACTIVE &&
		    auth_sign_key_type(folder->entries[i].key) == type;
	return count;
}

/* Without the file selectors: every key signs, if that is unambiguous. */
static enum status
choose_all(struct reading *reading)
{
	struct auth_sign_folder *folder = reading->folder;
	size_t i;

	for (i = 0; i < folder->count; i++)
		folder->entries[i].state = AUTH_SIGN_ACTIVE;
	if (count_active(folder, AUTH_SIGN_RSA) <= 1 &&
	    count_active(folder, AUTH_SIGN_ED25519) <= 1)
		return STATUS_OK;
	for (i = 0; i < folder->count; i++)
		folder->entries[i].state = AUTH_SIGN_WAITING;
	folder->undecided = true;
	return set_folder_problem(reading, "",
	    "there are several keys of one type, and no file selectors that "
	    "says which one signs");
}

static enum status
settle(struct reading *reading)
{
	struct auth_sign_folder *folder = reading->folder;
	enum status status = STATUS_OK;

	if (!reading->has_selectors)
		status = choose_all(reading);
	if (status == STATUS_OK &&
	    count_active(folder, AUTH_SIGN_RSA) +
		    count_active(folder, AUTH_SIGN_ED25519) >
		AUTH_SIGN_ACTIVE_MAX)
		status = set_folder_problem(reading, AUTH_SIGN_SELECTORS_FILE,
		    "more than 4 keys are active");
	qsort(folder->entries, folder->count, sizeof(*folder->entries),
	    compare_entries);
	return status;
}

static enum status
read_folder(struct reading *reading)
{
	enum status status = judge_writers(reading, reading->fd, "");

	if (status == STATUS_OK)
		status = read_all_keys(reading);
	if (status == STATUS_OK)
		status = read_selectors(reading);
	if (status == STATUS_OK)
		status = settle(reading);
	return status;
}

static enum status
init_folder(struct reading *reading, const char *domain)
{
	struct auth_sign_folder *folder = reading->folder;

	memset(folder, 0, sizeof(*folder));
	folder->domain = region_strdup(reading->region, domain);
	folder->entries = region_alloc_array(reading->region,
	    AUTH_SIGN_FOLDER_KEYS_MAX, sizeof(*folder->entries));
	if (folder->domain == NULL || folder->entries == NULL)
		return STATUS_NOMEM;
	return STATUS_OK;
}

enum status
auth_sign_folder_read(struct region *region, const char *key_dir, uid_t owner,
    const char *domain, struct auth_sign_folder *folder_r)
{
	struct reading reading = { region, NULL, -1, folder_r, false, owner };
	enum status status = init_folder(&reading, domain);

	if (status != STATUS_OK)
		return status;
	reading.path = region_printf(region, "%s/%s", key_dir, domain);
	if (reading.path == NULL)
		return STATUS_NOMEM;
	reading.fd = open(reading.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (reading.fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return STATUS_NOTFOUND;
	if (reading.fd == -1)
		return set_folder_problem(
		    &reading, "", words_of(&reading, errno));
	status = read_folder(&reading);
	close(reading.fd);
	if (status != STATUS_OK)
		auth_sign_folder_release(folder_r);
	return status;
}
