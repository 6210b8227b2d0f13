/*
 * check-url-lists - DNS lists of the hosts that the URLs of a message lead to:
 * names at lists of domains, addresses at lists that take those of URLs.
 *
 * Starts at the end of the body.  At most lists.url_max hosts are asked about,
 * by rank, and in one rank as the message names them: of each domain that
 * somebody registered one, and then further ones, since some lists hold hosts
 * of honest domains.  What the names of its sender have been asked about
 * already is not asked again.
 *
 * A message may be full of decoys.  What is not seen comes last, and what is
 * suspect only by how it is written gets no more than half of the places while
 * plain links wait, so that neither keeps the other from being asked about.
 */
#include "config.h"

#include <string.h>

#include "lib/mail/domain.h"
#include "lib/scan/hosts.h"
#include "lib/scan/list-hits.h"

/* Of one domain; newsletters have as many. */
#define HOSTS_PER_DOMAIN_MAX 4

enum rank {
	RANK_SUSPECT, /* it can be clicked on, and hides something */
	RANK_CLICKED, /* what a reader can click on */
	RANK_UNSEEN,  /* an image, a hidden link, or in no part that he sees */
	RANK_OWN, /* under the domain of a recipient, or of who of us wrote */
	RANK_NOT_ASKED /* well-known, or nothing that lists know */
};

/* In the order in which they are asked about. */
static const struct step {
	enum rank rank;
	bool by_half; /* of what may be asked */
	bool further; /* hosts of domains that were asked about */
} steps[] = {
	{ RANK_SUSPECT, true, false },
	{ RANK_CLICKED, false, false },
	{ RANK_SUSPECT, false, false },
	{ RANK_UNSEEN, false, false },
	{ RANK_OWN, false, false },
	{ RANK_SUSPECT, false, true },
	{ RANK_CLICKED, false, true },
	{ RANK_UNSEEN, false, true },
};

#define URL_FROM_CLICKED                                                  \
	(URL_FROM_TEXT | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_QUERY | \
	    URL_FROM_SUBJECT)
#define URL_IS_SUSPECT                                                      \
	(URL_FROM_QUERY | URL_HAS_USER | URL_IS_NUMERIC | URL_IS_PUNYCODE | \
	    URL_IS_ENCODED | URL_IS_REPAIRED)

struct url_lists {
	size_t most;                /* lists.url_max */
	const unsigned char *ranks; /* of content->urls */
	size_t count;
	const struct url *urls[LISTS_URL_MAX];      /* asked about */
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
	    (url->flags & URL_FROM_HIDDEN) != 0 ||
	    ((url->flags & URL_FROM_SUBJECT) == 0 &&
		!scan->content->parts[url->place].is_shown))
		return RANK_UNSEEN;
	if ((url->flags & URL_IS_SUSPECT) != 0 || hosts_tld_is_bad(url->host) ||
	    (url->text_host[0] != '\0' &&
		url_text_names_other_host(span_of(url->text), url)))
		return RANK_SUSPECT;
	return RANK_CLICKED;
}

/* "www." is the same site. */
static const char *
site_of(const struct url *url)
{
	return strncmp(url->host, "www.", 4) == 0 ? url->host + 4 : url->host;
}

static bool
has_site(const struct url_lists *state, const struct url *url)
{
	size_t i;

	for (i = 0; i < state->count; i++)
		if (strcmp(site_of(state->urls[i]), site_of(url)) == 0)
			return true;
	return false;
}

/* Are enough hosts of its domain asked about? */
static bool
is_full(const struct url_lists *state, const struct url *url)
{
	const char *domain = url->organizational_domain;
	size_t i, count = 0;

	for (i = 0; i < state->count; i++)
		count +=
		    strcmp(state->urls[i]->organizational_domain, domain) == 0;
	return count >= HOSTS_PER_DOMAIN_MAX;
}

static enum status
ask(struct scan *scan, struct url_lists *state, const struct url *url)
{
	struct lists_query **query_r = &state->queries[state->count];

	state->urls[state->count++] = url;
	if ((url->flags & URL_IS_NUMERIC) != 0)
		return lists_ask_ip(scan->services->lists, LISTS_URL, &url->ip,
		    scan->deadline_ms, query_r);
	return lists_ask_domain(
	    scan->services->lists, url->host, scan->deadline_ms, query_r);
}

/* Unless that was done, or there is no place left. */
static enum status
consider(struct scan *scan, struct url_lists *state, const struct step *step,
    const struct url *url)
{
	const char *subject = step->further ? site_of(url) : subject_of(url);

	if (list_hits_was_asked(scan, subject) ||
	    (step->further && has_site(state, url)))
		return STATUS_OK;
	if (state->count == state->most ||
	    (step->further && is_full(state, url))) {
		scan->verdict.facts.urls_left_out = true;
		return STATUS_OK;
	}
	return list_hits_take(scan, subject) ? ask(scan, state, url) :
					       STATUS_OK;
}

static enum status
take_step(struct scan *scan, struct url_lists *state, const struct step *step)
{
	const struct url_list *urls = &scan->content->urls;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < urls->count && status == STATUS_OK; i++) {
		if (step->by_half && state->count >= (state->most + 1) / 2)
			break;
		if (state->ranks[i] == step->rank)
			status = consider(scan, state, step, &urls->urls[i]);
	}
	return status;
}

static enum status
rank_all(struct scan *scan, struct url_lists *state)
{
	const struct url_list *urls = &scan->content->urls;
	unsigned char *ranks = region_alloc(scan->region, urls->count);
	size_t i;

	if (ranks == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < urls->count; i++)
		ranks[i] = (unsigned char)rank_of(scan, &urls->urls[i]);
	state->ranks = ranks;
	return STATUS_OK;
}

static enum status
url_lists_start(struct scan *scan, void **state_r)
{
	struct url_lists *state;
	enum status status;
	size_t i;

	if (scan->services->lists == NULL || scan->content->urls.count == 0 ||
	    scan->settings->lists.url_max == 0)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	state->most = (size_t)scan->settings->lists.url_max;
	status = rank_all(scan, state);
	for (i = 0; i < GP_NELEMS(steps) && status == STATUS_OK; i++)
		status = take_step(scan, state, &steps[i]);
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
