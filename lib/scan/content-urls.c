/*
 * content-urls - symbols of where the URLs lead.
 *
 * Looked at is what a reader can click on in the parts that he is shown, and
 * what stands in the query of that; images are not.  What the message says of
 * itself (that a mailing list sent it) excuses nothing: anybody may write that.
 * What an answer or a forward quotes is not its author's: mild symbols leave it
 * out, others do not, since anybody may write the marks of a quote, too.
 */
#include "config.h"

#include <string.h>

#include "lib/scan/content-fragment.h"
#include "lib/scan/content-symbols.h"
#include "lib/scan/hosts.h"

#define SAME_LINKS_MIN  3  /* fewer lead to one place in honest mail too */
#define OWN_LETTERS_MIN 20 /* else all that is said is quoted */

#define URL_FROM_CLICKED                                                  \
	(URL_FROM_TEXT | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_QUERY | \
	    URL_FROM_SUBJECT)

struct look {
	const struct scan *scan;
	const struct content_view *view;
	const char *author;  /* organizational domain; "" */
	bool excuses_quotes; /* it has a text of its own, too */
	char *text;          /* URL_FORMAT_BYTES */
};

/* Of links as HTML has them, one for each time it stands there. */
struct link_count {
	size_t all, plain; /* http and https; http */
	const char *first; /* href */
	bool differ;
};

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
	return part->is_shown || (url->flags & URL_FROM_SUBJECT) != 0;
}

static bool
is_excused(const struct look *look, const struct url *url)
{
	return look->excuses_quotes && (url->flags & URL_FROM_QUOTED) != 0;
}

/* It never reaches the log of a server: it is for a script that shows the
 * reader his own address. */
static bool
has_recipient(const struct look *look, const struct url *url)
{
	return content_fragment_has_recipient(look->scan, url->path);
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

/* Not only named: reports of programs name the addresses of attackers. */
static bool
leads_to_no_name(const struct look *look, const struct url *url)
{
	return has_no_name(look, url) &&
	    (url->flags & (URL_FROM_LINK | URL_FROM_FORM | URL_FROM_QUERY)) !=
	    0;
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

/* Where the author's own domain lies is told by FROM_TLD_BAD. */
static bool
has_tld(const struct look *look, const struct url *url, enum hosts_tld tld)
{
	return hosts_tld(url->host) == tld &&
	    strcmp(url->organizational_domain, look->author) != 0;
}

static bool
has_bad_tld(const struct look *look, const struct url *url)
{
	return has_tld(look, url, HOSTS_TLD_BAD);
}

static bool
has_mild_tld(const struct look *look, const struct url *url)
{
	return has_tld(look, url, HOSTS_TLD_MILD);
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
	double share;
	bool also_of_queries; /* of what stands in the query of another */
	bool also_of_quotes;
} rows[] = {
	{ SYMBOL_URL_FRAGMENT_CODE, has_recipient, 1, false, false },
	{ SYMBOL_URL_IDN, has_punycode, 1, true, true },
	{ SYMBOL_URL_NUMERIC_HOST, leads_to_no_name, 1, true, true },
	{ SYMBOL_URL_NUMERIC_HOST, has_no_name, 0.5, true, true },
	{ SYMBOL_URL_OPEN_STORAGE, is_storage, 1, false, true },
	{ SYMBOL_URL_REDIRECTOR, is_redirector, 1, false, false },
	{ SYMBOL_URL_SHORTENER, is_shortener, 1, false, false },
	{ SYMBOL_URL_TEXT_OTHER_HOST, says_other_host, 1, false, true },
	{ SYMBOL_URL_TLD_BAD, has_bad_tld, 1, true, true },
	{ SYMBOL_URL_TLD_BAD, has_mild_tld, 0.5, true, true },
};

static enum status
look_for(struct scan *scan, const struct look *look, size_t row)
{
	const struct url_list *urls = &look->view->content->urls;
	const struct url *url;
	size_t i;

	for (i = 0; i < urls->count; i++) {
		url = &urls->urls[i];
		if ((url->flags & URL_FROM_ALL) == URL_FROM_QUERY &&
		    !rows[row].also_of_queries)
			continue;
		if (is_excused(look, url) && !rows[row].also_of_quotes)
			continue;
		if (is_clicked(look, url) && rows[row].is_so(look, url))
			return scan_add(
			    scan, rows[row].id, rows[row].share, url->host);
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

static struct link_count
count_links(const struct look *look)
{
	const struct content *content = look->view->content;
	struct link_count count = { .all = 0 };
	const struct html *html;
	size_t i, n;

	for (i = 0; i < content->part_count; i++) {
		html = content->parts[i].html;
		if (!content->parts[i].is_shown || html == NULL)
			continue;
		for (n = 0; n < html->link_count; n++)
			if (!look->excuses_quotes || !html->links[n].quoted)
				count_link(&count, &html->links[n]);
	}
	return count;
}

/* May links be missing that the message shows? */
static bool
may_miss_links(const struct content *content)
{
	const struct content_part *part;
	size_t i;

	if ((content->limits &
		(CONTENT_LIMIT_DEPTH | CONTENT_LIMIT_PARTS |
		    CONTENT_LIMIT_TEXT | CONTENT_LIMIT_BODY)) != 0)
		return true;
	for (i = 0; i < content->part_count; i++) {
		part = &content->parts[i];
		if (!part->is_shown || part->text.length == 0)
			continue;
		if (part->html == NULL && strcmp(part->type, "text/html") == 0)
			return true;
		if (part->html != NULL &&
		    (part->html->cut &
			(HTML_CUT_SOURCE | HTML_CUT_LINKS | HTML_CUT_WORK)) !=
			0)
			return true;
	}
	return false;
}

/* Notices of programs lead to the one thing that they are about, at home. */
static enum status
add_all_same(struct scan *scan, const struct look *look, const char *href)
{
	struct url_origin origin = { .from = URL_FROM_LINK };
	struct url_list list;
	enum status status;

	url_list_init(&list, scan->region);
	status = url_add_reference(&list, span_of(href), &origin);
	if (status != STATUS_OK)
		return status;
	if (list.count > 0 && look->author[0] != '\0' &&
	    strcmp(list.urls[0].organizational_domain, look->author) == 0)
		return STATUS_OK;
	return scan_add(scan, SYMBOL_URL_ALL_SAME, 1, NULL);
}

static enum status
add_of_all_links(struct scan *scan, const struct look *look)
{
	const struct content *content = look->view->content;
	struct link_count count = count_links(look);
	enum status status = STATUS_OK;

	if (count.all >= SAME_LINKS_MIN && !count.differ &&
	    !may_miss_links(content))
		status = add_all_same(scan, look, count.first);
	if (status == STATUS_OK && count.plain > 0 &&
	    2 * count.plain >= count.all)
		status = scan_add(scan, SYMBOL_URL_HTTP, 1, NULL);
	return status;
}

/* ---- URL_NONE_OF_SENDER ---- */

static bool
is_at(const char *domain, const struct url_list *urls)
{
	const char *organizational = domain_organizational(domain);
	size_t i;

	for (i = 0; i < urls->count && organizational != NULL; i++)
		if (strcmp(urls->urls[i].organizational_domain,
			organizational) == 0)
			return true;
	return false;
}

/* Did the owner of a domain that is named there prove that he sent this? */
static bool
is_proven(const struct facts *facts, const struct url_list *urls)
{
	size_t i;

	if (facts->has_spf_sender && facts->spf_sender.result == AUTH_PASS &&
	    is_at(facts->spf_sender.domain, urls))
		return true;
	for (i = 0; facts->has_dkim && i < facts->dkim.signature_count; i++)
		if (facts->dkim.signatures[i].result == AUTH_PASS &&
		    is_at(facts->dkim.signatures[i].domain, urls))
			return true;
	return false;
}

/*
 * A mailing list brings what others wrote, who link to anywhere.  Its List-
 * fields (RFC 2369, 2919) alone prove nothing, and an author who has a list of
 * his own is asked for links to his domain as all others are.
 */
static enum status
look_for_list(const struct look *look, bool *is_list_r)
{
	const struct message *message = look->view->content->message;
	enum status status = STATUS_OK;
	struct url_list own;
	size_t i;

	*is_list_r = false;
	if (!look->view->is_list)
		return STATUS_OK;
	url_list_init(&own, look->scan->region);
	for (i = 0; i < message->field_count && status == STATUS_OK; i++)
		if (span_starts_nocase(message->fields[i].name, "list-"))
			status = url_add_text(
			    &own, message->fields[i].value, URL_FROM_TEXT);
	*is_list_r = status == STATUS_OK && !is_at(look->author, &own) &&
	    is_proven(&look->scan->verdict.facts, &own);
	return status;
}

static bool
has_no_link_home(const struct look *look)
{
	const struct url_list *urls = &look->view->content->urls;
	const struct url *url;
	bool has_link = false;
	size_t i;

	for (i = 0; i < urls->count; i++) {
		url = &urls->urls[i];
		if ((url->flags & URL_FROM_LINK) == 0 || !is_clicked(look, url))
			continue;
		if (strcmp(url->organizational_domain, look->author) == 0)
			return false;
		has_link = has_link || !is_excused(look, url);
	}
	return has_link;
}

/* Who writes from a free mailbox has no domain that a link could lead to. */
static enum status
add_none_of_sender(struct scan *scan, const struct look *look)
{
	const struct content *content = look->view->content;
	enum status status;
	bool is_list;

	if (look->author[0] == '\0' ||
	    content_is_freemail(look->view->from->domain) ||
	    may_miss_links(content) ||
	    (content->limits & CONTENT_LIMIT_URLS) != 0 ||
	    !has_no_link_home(look))
		return STATUS_OK;
	status = look_for_list(look, &is_list);
	if (status != STATUS_OK || is_list)
		return status;
	return scan_add(scan, SYMBOL_URL_NONE_OF_SENDER, 1, NULL);
}

/* ---- quotes ---- */

static size_t
own_letters(const struct html *html)
{
	size_t letters = 0, done = 0, i;
	struct span own;

	for (i = 0; i <= html->quote_count; i++) {
		own.data = html->text.data + done;
		own.length = html->text.length - done;
		if (i < html->quote_count) {
			own.length = html->quotes[i].start - done;
			done = html->quotes[i].end;
		}
		letters += content_view_letters(own);
	}
	return letters;
}

/* An answer or a forward that says something itself. */
static bool
excuses_quotes(const struct content_view *view)
{
	const struct content_part *part;
	size_t i, letters = view->letters - view->html_letters;

	if (!view->is_reply && !view->subject_is_re)
		return false;
	for (i = 0; i < view->content->part_count; i++) {
		part = &view->content->parts[i];
		if (part->is_shown && part->html != NULL)
			letters += own_letters(part->html);
	}
	return letters >= OWN_LETTERS_MIN;
}

enum status
content_url_symbols(struct scan *scan, const struct content_view *view)
{
	struct look look = { .scan = scan, .view = view, .author = "" };
	enum status status = STATUS_OK;
	size_t i;

	if (view->from != NULL)
		look.author = view->from->organizational_domain;
	look.excuses_quotes = excuses_quotes(view);
	look.text = region_alloc(scan->region, URL_FORMAT_BYTES);
	if (look.text == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < GP_NELEMS(rows) && status == STATUS_OK; i++)
		status = look_for(scan, &look, i);
	if (status == STATUS_OK)
		status = add_of_all_links(scan, &look);
	return status == STATUS_OK ? add_none_of_sender(scan, &look) : status;
}
