/*
 * content-urls - symbols of where the URLs lead.
 *
 * Looked at is what a reader can click on in the parts that he is shown, and
 * what stands in the query of that; images are not.  What leads to the mailing
 * list by which the message came says nothing of its author.
 */
#include "config.h"

#include <string.h>

#include "lib/scan/content-symbols.h"
#include "lib/scan/hosts.h"

#define SAME_LINKS_MIN    3  /* fewer lead to one place in honest mail too */
#define FRAGMENT_CODE_MIN 12 /* bytes; names of headings are words */

#define URL_FROM_CLICKED                                                  \
	(URL_FROM_TEXT | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_QUERY | \
	    URL_FROM_SUBJECT)

struct look {
	const struct content_view *view;
	const char *author;  /* organizational domain; "" */
	struct url_list own; /* of the mailing list */
	char *text;          /* URL_FORMAT_BYTES */
};

/* Of links as HTML has them, one for each time it stands there. */
struct link_count {
	size_t all, plain; /* http and https; http */
	const char *first; /* href */
	bool differ;
};

static bool
is_of_list(const struct look *look, const struct url *url)
{
	const char *domain = url->organizational_domain;
	size_t i;

	for (i = 0; i < look->own.count && domain[0] != '\0'; i++)
		if (strcmp(look->own.urls[i].organizational_domain, domain) ==
		    0)
			return true;
	return false;
}

/* Without a scheme many a file name looks like a URL. */
static bool
is_url_for_sure(const struct url *url)
{
	return (url->flags & URL_IS_SCHEMELESS) == 0 ||
	    (url->flags & (URL_FROM_LINK | URL_FROM_FORM)) != 0 ||
	    strncmp(url->host, "www.", 4) == 0;
}

static bool
is_clicked(const struct look *look, const struct url *url)
{
	const struct content_part *part =
	    &look->view->content->parts[url->place];

	if (url->scheme == URL_SCHEME_MAILTO ||
	    (url->flags & URL_FROM_CLICKED) == 0 || !is_url_for_sure(url))
		return false;
	if (!part->is_shown && (url->flags & URL_FROM_SUBJECT) == 0)
		return false;
	return !is_of_list(look, url);
}

/* A code in the fragment never reaches the server's log: it is for a script
 * that shows the reader his own address. */
static bool
has_fragment_code(const struct look *look GP_UNUSED, const struct url *url)
{
	const char *fragment = strchr(url->path, '#');
	bool has_digit = false, has_letter = false;
	size_t i;

	if (fragment == NULL || (url->flags & URL_IS_CUT) != 0)
		return false;
	fragment++;
	for (i = 0; fragment[i] != '\0'; i++) {
		has_digit = has_digit || ascii_is_digit(fragment[i]);
		has_letter = has_letter || ascii_is_alpha(fragment[i]);
		if (!ascii_is_alnum(fragment[i]) &&
		    strchr("+/=_?&.-", fragment[i]) == NULL)
			return false;
	}
	return i >= FRAGMENT_CODE_MIN && has_digit && has_letter;
}

static bool
has_punycode(const struct look *look GP_UNUSED, const struct url *url)
{
	return (url->flags & URL_IS_PUNYCODE) != 0;
}

static bool
has_no_name(const struct look *look GP_UNUSED, const struct url *url)
{
	return (url->flags & URL_IS_NUMERIC) != 0 && ip_is_public(&url->ip);
}

static bool
is_storage(const struct look *look GP_UNUSED, const struct url *url)
{
	const char *entry;

	return hosts_has(HOSTS_STORAGE, url->host, &entry);
}

/* What lies below of one is the site of a house. */
static bool
is_shortener(const struct look *look GP_UNUSED, const struct url *url)
{
	const char *host = url->host, *entry;

	if (strncmp(host, "www.", 4) == 0)
		host += 4;
	return hosts_has(HOSTS_SHORTENER, host, &entry) &&
	    strcmp(host, entry) == 0;
}

/* The pattern wants valid UTF-8, and lower case. */
static bool
is_redirector(const struct look *look, const struct url *url)
{
	char *p;

	url_format(url, look->text);
	for (p = look->text; *p != '\0'; p++)
		*p = ascii_is_print(*p) ? ascii_lower(*p) : '?';
	return words_has(
	    look->view->words, WORDS_REDIRECTOR, span_of(look->text));
}

static bool
has_bad_tld(const struct look *look GP_UNUSED, const struct url *url)
{
	return hosts_tld_is_bad(url->host);
}

/* The text is a URL and nothing else. */
static bool
text_is_url(const char *text)
{
	struct span span = span_trim(span_of(text));

	return (span_starts_nocase(span, "http") ||
		   span_starts_nocase(span, "www.")) &&
	    memchr(span.data, ' ', span.length) == NULL;
}

/* Those who count clicks write the name of their customer over their own. */
static bool
says_other_host(const struct look *look, const struct url *url)
{
	const char *said = domain_organizational(url->text_host);
	const char *leads = url->organizational_domain;

	if (said == NULL || leads[0] == '\0' || strcmp(said, leads) == 0 ||
	    !text_is_url(url->text))
		return false;
	return strcmp(said, look->author) != 0 &&
	    strcmp(leads, look->author) != 0 &&
	    !words_has(look->view->words, WORDS_TRACKER, span_of(url->host));
}

/* One URL that is so is enough. */
static const struct {
	enum symbol_id id;
	bool (*is_so)(const struct look *look, const struct url *url);
	bool also_of_lists;
	bool also_of_queries; /* of what stands in the query of another */
} rows[] = {
	{ SYMBOL_URL_FRAGMENT_CODE, has_fragment_code, false, false },
	{ SYMBOL_URL_IDN, has_punycode, true, true },
	{ SYMBOL_URL_NUMERIC_HOST, has_no_name, true, true },
	{ SYMBOL_URL_OPEN_STORAGE, is_storage, true, false },
	{ SYMBOL_URL_REDIRECTOR, is_redirector, false, false },
	{ SYMBOL_URL_SHORTENER, is_shortener, false, false },
	{ SYMBOL_URL_TEXT_OTHER_HOST, says_other_host, true, false },
	{ SYMBOL_URL_TLD_BAD, has_bad_tld, true, true },
};

static enum status
look_for(struct scan *scan, const struct look *look, size_t row)
{
	const struct url_list *urls = &look->view->content->urls;
	const struct url *url;
	size_t i;

	if (look->view->is_list && !rows[row].also_of_lists)
		return STATUS_OK;
	for (i = 0; i < urls->count; i++) {
		url = &urls->urls[i];
		if ((url->flags & URL_FROM_ALL) == URL_FROM_QUERY &&
		    !rows[row].also_of_queries)
			continue;
		if (is_clicked(look, url) && rows[row].is_so(look, url))
			return scan_add(scan, rows[row].id, 1, url->host);
	}
	return STATUS_OK;
}

static void
count_link(struct link_count *count, const struct html_link *link)
{
	struct span href = span_trim(span_of(link->href));
	bool is_plain = span_starts_nocase(href, "http:");

	if (link->kind != HTML_LINK_ANCHOR ||
	    (!is_plain && !span_starts_nocase(href, "https:") &&
		!span_starts_nocase(href, "//")))
		return;
	count->all++;
	count->plain += is_plain;
	if (count->first == NULL)
		count->first = link->href;
	else if (strcmp(count->first, link->href) != 0)
		count->differ = true;
}

static enum status
add_of_all_links(struct scan *scan, const struct content_view *view)
{
	const struct content_part *part;
	struct link_count count = { .all = 0 };
	enum status status = STATUS_OK;
	size_t i, n;

	for (i = 0; i < view->content->part_count; i++) {
		part = &view->content->parts[i];
		if (!part->is_shown || part->html == NULL)
			continue;
		for (n = 0; n < part->html->link_count; n++)
			count_link(&count, &part->html->links[n]);
	}
	if (count.all >= SAME_LINKS_MIN && !count.differ)
		status = scan_add(scan, SYMBOL_URL_ALL_SAME, 1, NULL);
	if (status == STATUS_OK && count.plain > 0 &&
	    2 * count.plain >= count.all)
		status = scan_add(scan, SYMBOL_URL_HTTP, 1, NULL);
	return status;
}

static enum status
add_none_of_sender(struct scan *scan, const struct look *look)
{
	const struct url_list *urls = &look->view->content->urls;
	const struct url *url;
	bool has_link = false;
	size_t i;

	if (look->author[0] == '\0' || look->view->is_list)
		return STATUS_OK;
	for (i = 0; i < urls->count; i++) {
		url = &urls->urls[i];
		if ((url->flags & URL_FROM_LINK) == 0 || !is_clicked(look, url))
			continue;
		if (strcmp(url->organizational_domain, look->author) == 0)
			return STATUS_OK;
		has_link = true;
	}
	return has_link ? scan_add(scan, SYMBOL_URL_NONE_OF_SENDER, 1, NULL) :
			  STATUS_OK;
}

/* Of the fields List-Post, List-Unsubscribe and so on (RFC 2369). */
static enum status
read_own(struct look *look)
{
	const struct message *message = look->view->content->message;
	enum status status = STATUS_OK;
	size_t i;

	if (!look->view->has_list_id)
		return STATUS_OK;
	for (i = 0; i < message->field_count && status == STATUS_OK; i++)
		if (span_starts_nocase(message->fields[i].name, "list-"))
			status = url_add_text(&look->own,
			    message->fields[i].value, URL_FROM_TEXT);
	return status;
}

enum status
content_url_symbols(struct scan *scan, const struct content_view *view)
{
	struct look look = { .view = view, .author = "" };
	enum status status;
	size_t i;

	if (view->from != NULL)
		look.author = view->from->organizational_domain;
	url_list_init(&look.own, scan->region);
	look.text = region_alloc(scan->region, URL_FORMAT_BYTES);
	status = look.text == NULL ? STATUS_NOMEM : read_own(&look);
	for (i = 0; i < GP_NELEMS(rows) && status == STATUS_OK; i++)
		status = look_for(scan, &look, i);
	if (status != STATUS_OK || view->content->limits != 0)
		return status;
	status = add_of_all_links(scan, view);
	return status == STATUS_OK ? add_none_of_sender(scan, &look) : status;
}
