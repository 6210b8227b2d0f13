/* keys-find - private keys of other signers (see keys-find.h). */
#include "config.h"

#include "cli/keys-find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/auth/sign-folder.h"
#include "lib/auth/sign-record.h"
#include "lib/mail/domain.h"

#define TEXT_BYTES_MAX ((size_t)1024 * 1024)
#define RSPAMD_SUFFIX  ".private.txt"
#define PROBLEM_BYTES  4096 /* one line, what is longer is cut */

void
keys_find_problem(struct keys_finds *finds, const char *format, ...)
{
	char text[PROBLEM_BYTES], clean[PROBLEM_BYTES];
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	fprintf(stderr, "gatepost: %s\n",
	    str_sanitize(clean, sizeof(clean), span_of(text)));
	finds->problem_count++;
}

enum status
keys_find_read(struct region *region, const char *path, const char **text_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status status = STATUS_IO;
	size_t length = 0;
	struct stat st = { 0 };
	ssize_t got = 1;
	char *text;

	*text_r = NULL;
	if (fd == -1)
		return STATUS_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size > TEXT_BYTES_MAX) {
		close(fd);
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return STATUS_IO;
	}
	text = region_alloc(region, (size_t)st.st_size + 1);
	while (text != NULL && got > 0 && length < (size_t)st.st_size) {
		got = read(fd, text + length, (size_t)st.st_size - length);
		length += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	if (text == NULL)
		status = STATUS_NOMEM;
	else if (got >= 0)
		status = STATUS_OK;
	*text_r = text;
	return status;
}

static enum status
check_names(struct keys_finds *finds, struct keys_found *found)
{
	char name[DNS_NAME_BYTES];
	const char *domain;
	enum status status;

	status =
	    domain_normalize(finds->region, span_of(found->domain), &domain);
	if (status == STATUS_NOMEM)
		return status;
	if (status != STATUS_OK || strchr(domain, '.') == NULL) {
		keys_find_problem(
		    finds, "%s: no domain: %s", found->path, found->domain);
		return STATUS_INVALID;
	}
	found->domain = domain;
	if (auth_sign_selector_is_valid(found->selector) &&
	    auth_sign_record_name(found->selector, domain, name) == STATUS_OK)
		return STATUS_OK;
	keys_find_problem(
	    finds, "%s: no selector: %s", found->path, found->selector);
	return STATUS_INVALID;
}

enum status
keys_find_add(struct keys_finds *finds, struct keys_found found)
{
	enum status status = check_names(finds, &found);

	if (status == STATUS_INVALID)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (finds->count == KEYS_FOUND_MAX) {
		keys_find_problem(
		    finds, "%s: more keys than can be imported", found.path);
		return STATUS_OK;
	}
	finds->found[finds->count++] = found;
	return STATUS_OK;
}

static bool
ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

/* "a/b", or NULL when memory is short. */
static const char *
join(struct keys_finds *finds, const char *directory, const char *name)
{
	return region_printf(finds->region, "%s/%s", directory, name);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Calls visit(finds, path of the directory, name) for what does not begin with
 * a dot. */
static enum status
visit_all(struct keys_finds *finds, const char *path,
    enum status (*visit)(
	struct keys_finds *finds, const char *path, const char *name))
{
	DIR *directory = opendir(path);
	enum status status = STATUS_OK;
	const struct dirent *entry;

	if (directory == NULL) {
		keys_find_problem(finds, "%s: %s", path, strerror(errno));
		return STATUS_OK;
	}
	while (status == STATUS_OK && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			status = visit(finds, path, entry->d_name);
	closedir(directory);
	return status;
}

/* ---- DOMAIN/SELECTOR.private ---- */

static enum status
visit_key(struct keys_finds *finds, const char *path, const char *name)
{
	struct keys_found found = { 0 };
	const char *slash = strrchr(path, '/');

	if (!ends_with(name, AUTH_SIGN_KEY_SUFFIX))
		return STATUS_OK;
	found.domain = slash == NULL ? path : slash + 1;
	found.path = join(finds, path, name);
	found.selector = region_memdup(
	    finds->region, name, strlen(name) - strlen(AUTH_SIGN_KEY_SUFFIX));
	if (found.path == NULL || found.selector == NULL)
		return STATUS_NOMEM;
	return keys_find_add(finds, found);
}

static enum status
visit_domain(struct keys_finds *finds, const char *path, const char *name)
{
	const char *folder = join(finds, path, name);

	if (folder == NULL)
		return STATUS_NOMEM;
	if (!is_directory(folder))
		return STATUS_OK;
	return visit_all(finds, folder, visit_key);
}

/* ---- rspamd/dkim/TYPE-SELECTOR-DOMAIN.private.txt ---- */

/* What stands behind "rsa-2048-" or "ed25519-"; NULL: another name. */
static const char *
skip_type(const char *name)
{
	if (strncmp(name, "ed25519-", 8) == 0)
		return name + 8;
	if (strncmp(name, "rsa-", 4) != 0)
		return NULL;
	name += 4;
	name += strspn(name, "0123456789");
	return *name == '-' ? name + 1 : NULL;
}

/* The selector as the public half names it: "mail._domainkey IN TXT ...". */
static const char *
selector_of_public(struct keys_finds *finds, const char *path, const char *stem)
{
	const char *file, *text, *end;

	file = region_printf(finds->region, "%s/%s.public.txt", path, stem);
	if (file == NULL ||
	    keys_find_read(finds->region, file, &text) != STATUS_OK)
		return NULL;
	end = strstr(text, "._domainkey");
	if (end == NULL)
		return NULL;
	return region_memdup(finds->region, text, (size_t)(end - text));
}

/*
 * Cuts "SELECTOR-DOMAIN".  Both may hold '-': the public half decides, or that
 * there is one only.
 */
static bool
cut_names(struct keys_finds *finds, const char *names, const char *selector,
    struct keys_found *found)
{
	size_t length =
	    selector == NULL ? strcspn(names, "-") : strlen(selector);

	if (names[length] != '-' ||
	    (selector != NULL && strncmp(names, selector, length) != 0) ||
	    (selector == NULL && strchr(names + length + 1, '-') != NULL))
		return false;
	found->selector = region_memdup(finds->region, names, length);
	found->domain = region_strdup(finds->region, names + length + 1);
	return found->selector != NULL && found->domain != NULL;
}

/* Whether rspamd's settings name the file. */
static bool
is_configured(struct keys_finds *finds, const char *path, const char *name)
{
	const char *conf, *text;

	conf = region_printf(
	    finds->region, "%s/../override.d/dkim_signing.conf", path);
	return conf != NULL &&
	    keys_find_read(finds->region, conf, &text) == STATUS_OK &&
	    strstr(text, name) != NULL;
}

static enum status
visit_rspamd(struct keys_finds *finds, const char *path, const char *name)
{
	struct keys_found found = { 0 };
	const char *stem, *names, *selector;

	if (!ends_with(name, RSPAMD_SUFFIX))
		return STATUS_OK;
	found.path = join(finds, path, name);
	stem = region_memdup(
	    finds->region, name, strlen(name) - strlen(RSPAMD_SUFFIX));
	if (found.path == NULL || stem == NULL)
		return STATUS_NOMEM;
	names = skip_type(stem);
	selector = selector_of_public(finds, path, stem);
	if (names == NULL || !cut_names(finds, names, selector, &found)) {
		keys_find_problem(finds,
		    "%s: its name and its .public.txt do not tell selector and "
		    "domain",
		    found.path);
		return STATUS_OK;
	}
	found.signs = is_configured(finds, path, name);
	return keys_find_add(finds, found);
}

/* ---- which of them it is ---- */

static enum status
find_in_directory(struct keys_finds *finds, const char *path)
{
	const char *table = join(finds, path, "KeyTable");
	const char *keys = join(finds, path, "keys");
	enum status status;

	if (table == NULL || keys == NULL)
		return STATUS_NOMEM;
	if (is_file(table))
		return keys_find_table(finds, table);
	if (is_directory(keys))
		return visit_all(finds, keys, visit_domain);
	status = visit_all(finds, path, visit_rspamd);
	if (status == STATUS_OK && finds->count == 0)
		status = visit_all(finds, path, visit_key);
	if (status == STATUS_OK && finds->count == 0)
		status = visit_all(finds, path, visit_domain);
	return status;
}

/* A docker-mailserver's directory has one of OpenDKIM, of rspamd, or both. */
static enum status
find_in_all(struct keys_finds *finds, const char *path)
{
	const char *opendkim = join(finds, path, "opendkim");
	const char *rspamd = join(finds, path, "rspamd/dkim");
	enum status status = STATUS_OK;

	if (opendkim == NULL || rspamd == NULL)
		return STATUS_NOMEM;
	if (!is_directory(opendkim) && !is_directory(rspamd))
		return find_in_directory(finds, path);
	if (is_directory(opendkim))
		status = find_in_directory(finds, opendkim);
	if (status == STATUS_OK && is_directory(rspamd))
		status = visit_all(finds, rspamd, visit_rspamd);
	return status;
}

enum status
keys_find(struct region *region, const char *path, struct keys_finds *finds)
{
	enum status status = STATUS_OK;
	size_t length = strlen(path);
	char *clean;

	memset(finds, 0, sizeof(*finds));
	finds->region = region;
	finds->found =
	    region_alloc_array(region, KEYS_FOUND_MAX, sizeof(*finds->found));
	clean = region_strdup(region, path);
	if (finds->found == NULL || clean == NULL)
		return STATUS_NOMEM;
	while (length > 1 && clean[length - 1] == '/')
		clean[--length] = '\0';
	if (is_directory(clean)) {
		status = find_in_all(finds, clean);
	} else if (is_file(clean)) {
		status = keys_find_table(finds, clean);
	} else {
		fprintf(stderr, "gatepost: %s: %s\n", path, strerror(errno));
		return STATUS_IO;
	}
	if (status != STATUS_OK || finds->count > 0 || finds->problem_count > 0)
		return status;
	fprintf(stderr,
	    "gatepost: %s: neither a KeyTable, nor keys/DOMAIN/SELECTOR"
	    ".private, nor rspamd/dkim of a docker-mailserver\n",
	    path);
	return STATUS_NOTFOUND;
}
