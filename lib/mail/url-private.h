/* url-private - what the files of the url module share. */
#ifndef GATEPOST_MAIL_URL_PRIVATE_H
#define GATEPOST_MAIL_URL_PRIVATE_H

#include "lib/mail/domain.h"
#include "lib/mail/url.h"

/* One URL taken apart; spans point into what was read. */
struct url_parts {
	enum url_scheme scheme;
	unsigned int flags;
	char host[DOMAIN_BYTES_MAX + 1];
	struct ip ip;
	unsigned int port;
	struct span user;
	struct span path;
};

/* What a URL without a scheme may be. */
enum url_reading {
	URL_READING_REFERENCE, /* a path; a host with a known suffix too */
	URL_READING_NAME       /* a host, a mail address */
};

enum url_result {
	URL_RESULT_URL,
	URL_RESULT_RELATIVE, /* a piece of one, to be put behind a base */
	URL_RESULT_SCRIPT,   /* javascript: */
	URL_RESULT_DATA,     /* data: */
	URL_RESULT_NONE
};

/*
 * url_clean - copies a URL without tabs and line ends inside and without blanks
 * and controls around it.
 *
 * flags_r  URL_IS_REPAIRED, URL_IS_CUT (to is too small), or 0
 *
 * Returns the length.
 */
size_t url_clean(
    struct span text, char *to, size_t size, unsigned int *flags_r);

/* url_parse - takes a clean URL apart */
enum url_result url_parse(
    struct span text, enum url_reading reading, struct url_parts *parts_r);

/*
 * url_list_add - adds what was read unless it is there, and what its query
 * holds.
 */
enum status url_list_add(struct url_list *list, const struct url_parts *parts,
    struct span text) GP_MUST_CHECK;

/* The next URL in a text. */
struct url_finding {
	struct span text;         /* not clean */
	enum url_reading reading; /* REFERENCE when it has a scheme */
};

/*
 * url_find - cuts the next URL, and all in front of it, off a text.
 *
 * words  counts what was looked at; the search ends at URL_WORDS_MAX
 *
 * Returns false when there is none.
 */
bool url_find(struct span *rest, size_t *words, struct url_finding *finding_r);

#endif
