/*
 * check-url-lists - DNS lists of the hosts that the URLs of a message lead to:
 * names at lists of domains, addresses at lists that take those of URLs.
 *
 * Starts at the end of the body.  At most lists.url_max hosts are asked about,
 * by rank, and in one rank as the message names them; what the names of its
 * sender have been asked about already is not asked again.
 */
#include "config.h"

#include <string.h>

#include "lib/mail/domain.h"
#include "lib/scan/hosts.h"
#include "lib/scan/list-hits.h"

/* In the order in which they are asked about. */
enum rank {
	RANK_SUSPECT, /* it is clicked on, and hides something */
	RANK_CLICKED, /* what a reader clicks on, or what its query names */
	RANK_LOADED,  /* only an image, or not in what he is shown */
	RANK_OWN, /* under the domain of a recipient, or of who of us wrote */
	RANK_NOT_ASKED /* well-known, or nothing that lists know */
};

#define URL_FROM_CLICKED                                                  \
	(URL_FROM_TEXT | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_QUERY | \
	    URL_FROM_SUBJECT)
#define URL_IS_SUSPECT                                                      \
	(URL_FROM_QUERY | URL_FROM_HIDDEN | URL_HAS_USER | URL_IS_NUMERIC | \
	    URL_IS_PUNYCODE | URL_IS_ENCODED | URL_IS_REPAIRED)

struct url_lists {
	size_t count;
	struct lists_query *queries[LISTS_URL_MAX]; /* NULL: nothing asked */
};

static bool
is_skipped(const struct conf_list *skip, const char *host)
{
	size_t i;

	for (i = 0; i < skip->count; i++)
		if (domain_is_within(host, skip->items[i]))
			return true;
	return false;
}

static bool
is_of_address(const char *address, const char *host)
{
	const char *at = strrchr(address, '@');

	return at != NULL && domain_is_within(host, at + 1);
}

static bool
is_own(const struct envelope *envelope, const char *host)
{
	size_t i;

	if (!envelope->is_inbound)
		return is_of_address(envelope->sender, host);
	for (i = 0; i < envelope->recipient_kept; i++)
		if (is_of_address(envelope->recipients[i], host))
			return true;
	return false;
}

/* What lists are asked about; "": nothing. */
static const char *
subject_of(const struct url *url)
{
	if (url->scheme == URL_SCHEME_MAILTO)
		return "";
	if ((url->flags & URL_IS_NUMERIC) != 0)
		return ip_is_public(&url->ip) ? url->host : "";
	return url->organizational_domain;
}

static enum rank
rank_of(const struct scan *scan, const struct url *url)
{
	if (subject_of(url)[0] == '\0' ||
	    is_skipped(&scan->settings->lists.url_skip, url->host))
		return RANK_NOT_ASKED;
	if (is_own(&scan->envelope, url->host))
		return RANK_OWN;
	if ((url->flags & URL_FROM_CLICKED) == 0 ||
	    ((url->flags & URL_FROM_SUBJECT) == 0 &&
		!scan->content->parts[url->place].is_shown))
		return RANK_LOADED;
	if ((url->flags & URL_IS_SUSPECT) != 0 || hosts_tld_is_bad(url->host) ||
	    (url->text_host[0] != '\0' &&
		url_text_names_other_host(span_of(url->text), url)))
		return RANK_SUSPECT;
	return RANK_CLICKED;
}

static enum status
ask(struct scan *scan, struct url_lists *state, const struct url *url)
{
	struct lists_query **query_r = &state->queries[state->count];

	if (!list_hits_take(scan, subject_of(url)))
		return STATUS_OK;
	state->count++;
	if ((url->flags & URL_IS_NUMERIC) != 0)
		return lists_ask_ip(scan->services->lists, LISTS_URL, &url->ip,
		    scan->deadline_ms, query_r);
	return lists_ask_domain(
	    scan->services->lists, url->host, scan->deadline_ms, query_r);
}

static enum status
ask_rank(struct scan *scan, struct url_lists *state, enum rank rank,
    const unsigned char *ranks)
{
	const struct url_list *urls = &scan->content->urls;
	size_t i, most = (size_t)scan->settings->lists.url_max;
	enum status status = STATUS_OK;

	for (i = 0; i < urls->count && state->count < most; i++) {
		if (ranks[i] != rank)
			continue;
		if ((status = ask(scan, state, &urls->urls[i])) != STATUS_OK)
			break;
	}
	return status;
}

static enum status
url_lists_start(struct scan *scan, void **state_r)
{
	const struct url_list *urls = &scan->content->urls;
	enum status status = STATUS_OK;
	struct url_lists *state;
	unsigned char *ranks;
	size_t i;

	if (scan->services->lists == NULL || urls->count == 0)
		return STATUS_OK;
	state = region_alloc(scan->region, sizeof(*state));
	ranks = region_alloc(scan->region, urls->count);
	if (state == NULL || ranks == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	for (i = 0; i < urls->count; i++)
		ranks[i] = (unsigned char)rank_of(scan, &urls->urls[i]);
	for (i = 0; i < RANK_NOT_ASKED && status == STATUS_OK; i++)
		status = ask_rank(scan, state, (enum rank)i, ranks);
	return status;
}

static enum status
url_lists_join(struct scan *scan, void *argument)
{
	struct url_lists *state = argument;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < state->count && status == STATUS_OK; i++)
		status = list_hits_add(scan, state->queries[i]);
	return status;
}

static void
url_lists_stop(void *argument)
{
	struct url_lists *state = argument;
	size_t i;

	for (i = 0; i < state->count; i++)
		lists_end(&state->queries[i]);
}

const struct check check_url_lists = { "url-lists", SCAN_PHASE_BODY,
	url_lists_start, url_lists_join, url_lists_stop, NULL, true };
