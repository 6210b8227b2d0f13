/* url - the URLs of one message (see url.h). */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/mail/url-private.h"

#define LIST_FIRST_ROOM    16
#define SCRATCH_FIRST_ROOM 512
#define INNER_DEPTH_MAX    3 /* a redirector of a redirector of a redirector */
#define DECODE_MAX         3 /* "%25253A" */

/* What two URLs are first compared by. */
struct url_key {
	uint32_t url;
	uint32_t host;
};

/* In the order of the flags. */
static const char *const flag_texts[] = {
	"text",
	"link",
	"form",
	"image",
	"query",
	"user",
	"port",
	"numeric",
	"odd number",
	"punycode",
	"encoded host",
	"no scheme",
	"repaired",
	"cut",
	"subject",
	"hidden",
	"quoted",
};

char *
url_format(const struct url *url, char *to)
{
	bool is_mail = url->scheme == URL_SCHEME_MAILTO;
	bool has_colon = strchr(url->host, ':') != NULL;
	char port[16] = "";
	int length;

	if (url->port != 0)
		snprintf(port, sizeof(port), ":%u", url->port);
	length = snprintf(to, URL_FORMAT_BYTES, "%s:%s%s%s%s%s%s%s%s",
	    url_scheme_name(url->scheme), is_mail ? "" : "//", url->user,
	    url->user[0] != '\0' ? "@" : "", has_colon ? "[" : "", url->host,
	    has_colon ? "]" : "", port, url->path);
	assert(length >= 0 && length < URL_FORMAT_BYTES);
	return to;
}

const char *
url_flag_text(unsigned int *flags)
{
	return str_take_flag(flags, flag_texts, GP_NELEMS(flag_texts));
}

void
url_list_init(struct url_list *list, struct region *region)
{
	memset(list, 0, sizeof(*list));
	list->region = region;
}

static uint32_t
hash_bytes(uint32_t hash, struct span bytes)
{
	size_t i;

	for (i = 0; i < bytes.length; i++) /* FNV-1a */
		hash = (hash ^ (unsigned char)bytes.data[i]) * 16777619u;
	return hash;
}

static struct url_key
key_of(const struct url_parts *parts)
{
	struct url_key key;

	key.host = hash_bytes(2166136261u, span_of(parts->host));
	key.url = hash_bytes(
	    key.host ^ (uint32_t)parts->scheme ^ parts->port << 8, parts->path);
	if (parts->scheme == URL_SCHEME_MAILTO)
		key.url = hash_bytes(key.url, parts->user);
	return key;
}

/* Limits what is kept of each piece. */
static void
cut_parts(struct url_parts *parts, struct span *text)
{
	if (parts->path.length > URL_PATH_BYTES_MAX) {
		parts->path.length = URL_PATH_BYTES_MAX;
		parts->flags |= URL_IS_CUT;
	}
	if (parts->user.length > URL_USER_BYTES_MAX) {
		parts->user.length = URL_USER_BYTES_MAX;
		parts->flags |= URL_IS_CUT;
	}
	if (text->length > URL_TEXT_BYTES_MAX)
		text->length = URL_TEXT_BYTES_MAX;
}

/* The same URL, and no other visible text. */
static bool
is_same(const struct url *url, const struct url_parts *parts, struct span text)
{
	return url->scheme == parts->scheme && url->port == parts->port &&
	    strcmp(url->host, parts->host) == 0 &&
	    span_equals(parts->path, url->path) &&
	    span_equals(parts->user, url->user) &&
	    (text.length == 0 || url->text[0] == '\0' ||
		span_equals(text, url->text));
}

/* Finds the same URL, or NULL; counts those of the same host. */
static struct url *
list_find(const struct url_list *list, const struct url_parts *parts,
    struct span text, size_t *same_host_r)
{
	struct url_key key = key_of(parts);
	size_t i;

	*same_host_r = 0;
	for (i = 0; i < list->count; i++) {
		if (list->keys[i].host != key.host)
			continue;
		(*same_host_r)++;
		if (list->keys[i].url == key.url &&
		    is_same(&list->urls[i], parts, text))
			return &list->urls[i];
	}
	return NULL;
}

static enum status
list_grow(struct url_list *list)
{
	size_t room = list->room == 0 ? LIST_FIRST_ROOM : list->room * 2;
	struct url *urls;
	struct url_key *keys;

	if (list->count < list->room)
		return STATUS_OK;
	urls = region_alloc_array(list->region, room, sizeof(*urls));
	keys = region_alloc_array(list->region, room, sizeof(*keys));
	if (urls == NULL || keys == NULL)
		return STATUS_NOMEM;
	if (list->count > 0) {
		memcpy(urls, list->urls, list->count * sizeof(*urls));
		memcpy(keys, list->keys, list->count * sizeof(*keys));
	}
	list->urls = urls;
	list->keys = keys;
	list->room = room;
	return STATUS_OK;
}

static bool
has_word(const char *begin, const char *end)
{
	for (; begin < end; begin++)
		if (ascii_is_alnum((unsigned char)*begin) ||
		    (unsigned char)*begin >= 0x80)
			return true;
	return false;
}

/* The one URL that a text is, or begins with. */
static bool
text_is_url(struct span text, struct url_parts *parts_r)
{
	char copy[URL_TEXT_BYTES_MAX];
	struct url_finding finding;
	struct span rest;
	unsigned int flags;
	size_t words = 0, length;

	if (text.length > sizeof(copy))
		text.length = sizeof(copy);
	rest = text;
	if (!url_find(&rest, &words, &finding) ||
	    has_word(text.data, finding.text.data))
		return false;
	if (finding.reading == URL_READING_NAME &&
	    !span_starts_nocase(finding.text, "www.") &&
	    has_word(rest.data, text.data + text.length))
		return false;
	length = url_clean(finding.text, copy, sizeof(copy), &flags);
	return url_parse((struct span){ copy, length }, finding.reading,
		   parts_r) == URL_RESULT_URL;
}

/* What a reader sees, and the host that it names. */
static enum status
set_text(struct url_list *list, struct url *url, struct span text)
{
	struct url_parts parts;
	const char *copy;

	if (text.length == 0)
		return STATUS_OK;
	copy = region_memdup(list->region, text.data, text.length);
	if (copy == NULL)
		return STATUS_NOMEM;
	url->text = copy;
	if (!text_is_url(text, &parts))
		return STATUS_OK;
	if ((copy = region_strdup(list->region, parts.host)) == NULL)
		return STATUS_NOMEM;
	url->text_host = copy;
	return STATUS_OK;
}

static enum status
list_append(
    struct url_list *list, const struct url_parts *parts, struct span text)
{
	const char *organizational;
	enum status status;
	struct url *url;

	if ((status = list_grow(list)) != STATUS_OK)
		return status;
	url = &list->urls[list->count];
	url->scheme = parts->scheme;
	url->flags = parts->flags;
	url->ip = parts->ip;
	url->port = parts->port;
	url->text = url->text_host = "";
	url->place = list->place;
	url->host = region_strdup(list->region, parts->host);
	url->user =
	    region_memdup(list->region, parts->user.data, parts->user.length);
	url->path =
	    region_memdup(list->region, parts->path.data, parts->path.length);
	if (url->host == NULL || url->user == NULL || url->path == NULL)
		return STATUS_NOMEM;
	organizational = domain_organizational(url->host);
	url->organizational_domain =
	    organizational == NULL ? "" : organizational;
	list->keys[list->count] = key_of(parts);
	list->count++;
	return set_text(list, url, text);
}

/* A text that names another host is worth its place. */
static bool
is_telling(const struct url_parts *parts, struct span text)
{
	struct url url = {
		.scheme = parts->scheme, .host = parts->host, .ip = parts->ip
	};

	return url_text_names_other_host(text, &url);
}

/* It was found again; false: nothing of note changes. */
static bool
merge_flags(struct url *url, unsigned int flags)
{
	unsigned int lost = url->flags & ~flags & URL_FROM_EVERYWHERE;

	url->flags |= flags & ~URL_FROM_EVERYWHERE;
	url->flags &= ~lost;
	return lost != 0;
}

/* Adds one URL; *changed_r: it is new, or stands at a better place than
 * before. */
static enum status
list_add_one(struct url_list *list, struct url_parts *parts, struct span text,
    bool *changed_r)
{
	size_t same_host;
	struct url *url;

	*changed_r = false;
	cut_parts(parts, &text);
	if ((url = list_find(list, parts, text, &same_host)) != NULL) {
		*changed_r = merge_flags(url, parts->flags);
		return url->text[0] == '\0' ? set_text(list, url, text) :
					      STATUS_OK;
	}
	if (same_host >= URL_PER_HOST_MAX && !is_telling(parts, text)) {
		list->left_out++;
		return STATUS_OK;
	}
	if (list->count == URL_LIST_MAX) {
		list->cut = true;
		return STATUS_OK;
	}
	*changed_r = true;
	return list_append(list, parts, text);
}

/* ---- URLs inside of URLs ---- */

/* What stays the same on the way in. */
struct inner_walk {
	struct url_list *list;
	unsigned int everywhere; /* URL_FROM_EVERYWHERE of the outermost */
	size_t left;             /* URLs that may still be read */
};

/* The length of "https:", whatever part of it is encoded; 0: no scheme. */
static size_t
inner_scheme_length(struct span text)
{
	static const char *const forms[] = { "http:", "https:", "http%3a",
		"https%3a", "http%253a", "https%253a", "http%25253a",
		"https%25253a" };
	size_t i;

	for (i = 0; i < GP_NELEMS(forms); i++)
		if (span_starts_nocase(text, forms[i]))
			return strlen(forms[i]);
	return 0;
}

/* Cuts the next piece of a path that begins with a scheme off the front. */
static bool
find_inner(struct span *path, struct span *inner_r)
{
	const char *end;
	size_t i;

	for (i = 0; i < path->length; i++) {
		struct span rest = { path->data + i, path->length - i };

		if (inner_scheme_length(rest) == 0)
			continue;
		end = memchr(rest.data, '&', rest.length);
		if (end != NULL)
			rest.length = (size_t)(end - rest.data);
		*inner_r = rest;
		path->length -= i + rest.length;
		path->data = rest.data + rest.length;
		return true;
	}
	return false;
}

/* Decodes until scheme and slashes are there; NULL: no memory. */
static char *
decode_inner(struct url_list *list, struct span inner, size_t *length_r)
{
	char *text = region_memdup(list->region, inner.data, inner.length);
	int i;

	if (text == NULL)
		return NULL;
	inner.data = text;
	for (i = 0; i < DECODE_MAX; i++) {
		if (span_starts_nocase(inner, "http:/") ||
		    span_starts_nocase(inner, "https:/"))
			break;
		inner.length = span_percent_decode(inner, text);
	}
	*length_r = inner.length;
	return text;
}

static enum status add_inner(
    struct inner_walk *walk, struct span path, unsigned int depth);

static enum status
add_inner_one(struct inner_walk *walk, struct span inner, unsigned int depth)
{
	struct url_parts parts;
	unsigned int flags;
	enum status status;
	size_t length;
	char *text;
	bool changed;

	if ((text = decode_inner(walk->list, inner, &length)) == NULL)
		return STATUS_NOMEM;
	length = url_clean((struct span){ text, length }, text, length, &flags);
	if (url_parse((struct span){ text, length }, URL_READING_REFERENCE,
		&parts) != URL_RESULT_URL)
		return STATUS_OK;
	parts.flags |= flags | URL_FROM_QUERY | walk->everywhere;
	status = list_add_one(walk->list, &parts, span_of(""), &changed);
	if (status != STATUS_OK || !changed)
		return status;
	return add_inner(walk, parts.path, depth + 1);
}

/* All URLs in a path, and in theirs. */
static enum status
add_inner(struct inner_walk *walk, struct span path, unsigned int depth)
{
	enum status status = STATUS_OK;
	struct span inner;

	if (depth == INNER_DEPTH_MAX)
		return STATUS_OK;
	while (status == STATUS_OK && walk->left > 0 &&
	    find_inner(&path, &inner)) {
		walk->left--;
		status = add_inner_one(walk, inner, depth);
	}
	return status;
}

enum status
url_list_add(
    struct url_list *list, const struct url_parts *parts, struct span text)
{
	struct inner_walk walk = { .list = list, .left = URL_INNER_MAX };
	struct url_parts kept = *parts;
	enum status status;
	bool changed;

	status = list_add_one(list, &kept, text, &changed);
	if (status != STATUS_OK || !changed ||
	    parts->scheme == URL_SCHEME_MAILTO)
		return status;
	walk.everywhere = kept.flags & URL_FROM_EVERYWHERE;
	return add_inner(&walk, kept.path, 0);
}

/* ---- references ---- */

/* Room for length bytes, which the next one takes over; false: no memory. */
static bool
scratch_reserve(struct url_list *list, size_t length)
{
	size_t room =
	    list->scratch_room == 0 ? SCRATCH_FIRST_ROOM : list->scratch_room;

	if (list->scratch != NULL && length <= list->scratch_room)
		return true;
	while (room < length)
		room *= 2;
	if ((list->scratch = region_alloc(list->region, room)) == NULL)
		return false;
	list->scratch_room = room;
	return true;
}

/* The clean form, until the next one; data NULL: no memory. */
static struct span
clean(struct url_list *list, struct span text, unsigned int *flags_r)
{
	struct span cleaned = { NULL, 0 };
	size_t room = text.length < URL_BYTES_MAX ? text.length : URL_BYTES_MAX;

	if (!scratch_reserve(list, room))
		return cleaned;
	cleaned.length = url_clean(text, list->scratch, room, flags_r);
	cleaned.data = list->scratch;
	return cleaned;
}

/* What of the base's path stays in front of a relative one ("/a/b?c"). */
static struct span
directory_of(struct span path, char first)
{
	size_t i, length = 0;

	if (first == '/' || first == '\\')
		return (struct span){ "", 0 };
	for (i = 0; i < path.length; i++) {
		if (path.data[i] == '?' || path.data[i] == '#')
			break;
		if (path.data[i] == '/' || path.data[i] == '\\')
			length = i + 1;
	}
	path.length = first == '?' ? i : length;
	return path.length == 0 ? (struct span){ "/", 1 } : path;
}

/* Both pieces, in memory of the region; data NULL: there is none. */
static struct span
join(struct region *region, struct span directory, struct span path)
{
	struct span joined = { NULL, directory.length + path.length };
	char *text = region_alloc(region, joined.length);

	if (text == NULL)
		return joined;
	memcpy(text, directory.data, directory.length);
	memcpy(text + directory.length, path.data, path.length);
	joined.data = text;
	return joined;
}

/* Puts a relative path, which is not empty, behind a base that is one. */
static bool
resolve(struct region *region, struct span path, const char *base,
    struct url_parts *parts_r)
{
	struct span written = span_of(base);
	unsigned int flags;
	char *text;
	size_t length;

	if (written.length > URL_PATH_BYTES_MAX)
		written.length = URL_PATH_BYTES_MAX;
	if ((text = region_alloc(region, written.length)) == NULL)
		return false;
	length = url_clean(written, text, written.length, &flags);
	if (url_parse((struct span){ text, length }, URL_READING_REFERENCE,
		parts_r) != URL_RESULT_URL ||
	    parts_r->scheme == URL_SCHEME_MAILTO)
		return false;
	if (path.length > URL_PATH_BYTES_MAX)
		path.length = URL_PATH_BYTES_MAX;
	parts_r->path =
	    join(region, directory_of(parts_r->path, path.data[0]), path);
	return parts_r->path.data != NULL;
}

/* A reference without scheme and slashes. */
static bool
read_relative(struct url_list *list, struct span text,
    const struct url_origin *origin, struct url_parts *parts_r)
{
	bool has_base = origin->base != NULL && origin->base[0] != '\0';

	if (text.length == 0 || text.data[0] == '#')
		return false;
	if (has_base && !span_starts_nocase(text, "www."))
		return resolve(list->region, text, origin->base, parts_r);
	return url_parse(text, URL_READING_NAME, parts_r) == URL_RESULT_URL;
}

enum status
url_add_reference(struct url_list *list, struct span reference,
    const struct url_origin *origin)
{
	struct url_parts parts;
	enum url_result result;
	unsigned int flags;
	struct span text;

	text = clean(list, reference, &flags);
	if (text.data == NULL)
		return STATUS_NOMEM;
	result = url_parse(text, URL_READING_REFERENCE, &parts);
	list->script_count += result == URL_RESULT_SCRIPT;
	list->data_count += result == URL_RESULT_DATA;
	if (result == URL_RESULT_RELATIVE &&
	    read_relative(list, text, origin, &parts))
		result = URL_RESULT_URL;
	if (result != URL_RESULT_URL)
		return STATUS_OK;
	parts.flags |= flags | origin->from;
	return url_list_add(list, &parts, span_trim(origin->text));
}

/* ---- text ---- */

/* "&amp;" in a text that is no HTML: some programs write it all the same. */
static size_t
decode_ampersands(char *text, size_t length)
{
	static const char reference[] = "&amp;";
	size_t i, kept = 0, skip = sizeof(reference) - 2;

	for (i = 0; i < length; i++) {
		struct span rest = { text + i, length - i };

		text[kept++] = text[i];
		if (text[i] == '&' && span_starts_nocase(rest, reference))
			i += skip;
	}
	return kept;
}

enum status
url_add_text(struct url_list *list, struct span text, unsigned int from)
{
	enum status status = STATUS_OK;
	struct url_finding finding;
	struct url_parts parts;
	unsigned int flags;
	struct span found;

	while (status == STATUS_OK &&
	    url_find(&text, &list->word_count, &finding)) {
		found = clean(list, finding.text, &flags);
		if (found.data == NULL)
			return STATUS_NOMEM;
		found.length = decode_ampersands(list->scratch, found.length);
		if (url_parse(found, finding.reading, &parts) != URL_RESULT_URL)
			continue;
		parts.flags |= flags | from;
		status = url_list_add(list, &parts, span_of(""));
	}
	if (list->word_count >= URL_WORDS_MAX)
		list->cut = true;
	return status;
}

/* ---- visible text ---- */

bool
url_text_names_other_host(struct span text, const struct url *url)
{
	const char *named, *linked;
	struct url_parts parts;

	if (text.length == 0 || !text_is_url(text, &parts) ||
	    (parts.scheme == URL_SCHEME_MAILTO) !=
		(url->scheme == URL_SCHEME_MAILTO))
		return false;
	named = domain_organizational(parts.host);
	linked = domain_organizational(url->host);
	if (named == NULL || linked == NULL)
		return strcmp(parts.host, url->host) != 0;
	return strcmp(named, linked) != 0;
}
