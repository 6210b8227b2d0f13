/*
 * url - the web addresses and mail addresses that a message names: in its text,
 * in the references of its HTML, and in the queries of other URLs.
 *
 * They are read as browsers and mail clients read them (WHATWG URL), not as
 * RFC 3986 says, since who clicks goes where the browser goes: tabs and line
 * ends inside are dropped, backslashes are slashes, "http:host" has a host,
 * percent-encoded and wide letters of a host are letters, and 0x7f.1 is
 * 127.0.0.1.
 */
#ifndef GATEPOST_MAIL_URL_H
#define GATEPOST_MAIL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/mail/domain.h"

/* Longer ones are cut: their host, which comes first, is read. */
#define URL_BYTES_MAX      65536
#define URL_PATH_BYTES_MAX 2048 /* kept of path and query */
#define URL_USER_BYTES_MAX 256  /* kept of what stands before '@' */
#define URL_TEXT_BYTES_MAX 256  /* kept of the visible text */
/* A long newsletter has 300; more hosts than that are a bomb. */
#define URL_LIST_MAX 1000
/* One host must not fill the list before another one is seen. */
#define URL_PER_HOST_MAX 30
/* Words of a text that could be one; the longest thread has 4000. */
#define URL_WORDS_MAX 20000
/* URLs inside of the query of a URL, and of theirs. */
#define URL_INNER_MAX 4

enum url_scheme {
	URL_SCHEME_HTTP,
	URL_SCHEME_HTTPS,
	URL_SCHEME_FTP,
	URL_SCHEME_MAILTO
};

enum url_flag {
	/* Where it was found; more than one when it was found again. */
	URL_FROM_TEXT = 1 << 0,
	URL_FROM_LINK = 1 << 1,
	URL_FROM_FORM = 1 << 2,
	URL_FROM_IMAGE = 1 << 3,
	URL_FROM_QUERY = 1 << 4, /* of a redirector, most often */
	/* How it is written. */
	URL_HAS_USER = 1 << 5,      /* "user@" in front of the host of a web */
	URL_HAS_PORT = 1 << 6,      /* another one than the scheme's own */
	URL_IS_NUMERIC = 1 << 7,    /* the host is an address */
	URL_IS_ODD_NUMBER = 1 << 8, /* and not written as four decimals */
	URL_IS_PUNYCODE = 1 << 9,   /* some label is an A-label */
	URL_IS_ENCODED = 1 << 10,   /* a host with percent-encoded letters */
	URL_IS_SCHEMELESS = 1 << 11,
	URL_IS_REPAIRED = 1 << 12, /* backslashes, controls, slashes missing */
	URL_IS_CUT = 1 << 13,      /* a limit of bytes */
	URL_FROM_SUBJECT = 1 << 14,
	URL_FROM_HIDDEN = 1 << 15, /* not shown, wherever it was found */
	URL_FROM_QUOTED = 1 << 16  /* quoted, wherever it was found */
};

#define URL_FROM_ALL                                                      \
	(URL_FROM_TEXT | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_IMAGE | \
	    URL_FROM_QUERY | URL_FROM_SUBJECT)

/* Stay only as long as they hold of every place where it was found; what the
 * query of a URL names has those of the URL. */
#define URL_FROM_EVERYWHERE (URL_FROM_HIDDEN | URL_FROM_QUOTED)

struct url {
	enum url_scheme scheme; /* HTTP or MAILTO when there is none */
	unsigned int flags;     /* enum url_flag */
	const char *host;       /* A-labels, lower case, no dot behind; or the
				 * address as ip_text() writes it */
	const char *organizational_domain; /* "" if there is none */
	struct ip ip;                      /* AF_UNSPEC unless numeric */
	unsigned int port;                 /* 0: not given */
	const char *user; /* of mailto: the local part; "" if there is none */
	const char *path; /* with query and fragment, as written; "" */
	const char *text; /* what a reader sees of the link; "" */
	const char *text_host; /* that the text names, if it is a URL, a domain
				* or a mail address; "" */
	size_t place;          /* of the list, when it was first found */
};

struct url_key;

struct url_list {
	struct region *region; /* borrowed; owns all below */
	struct url *urls;
	size_t count;
	size_t script_count; /* javascript: and the like */
	size_t data_count;   /* data: */
	size_t left_out;     /* over URL_PER_HOST_MAX of their host */
	bool cut;     /* another limit was reached: hosts may be missing */
	size_t place; /* set by the caller: the number of what is read */

	size_t word_count; /* against URL_WORDS_MAX */
	size_t room;
	struct url_key *keys; /* of the urls, for finding them again */
	char *scratch;        /* for the one that is read */
	size_t scratch_room;
};

/* How a reference stands in the message. */
struct url_origin {
	unsigned int from; /* of URL_FROM_ */
	const char *base;  /* of the document; "" or NULL if there is none */
	struct span text;  /* what a reader sees of the link */
};

/* url_list_init - no URLs; region must outlive the list */
void url_list_init(struct url_list *list, struct region *region);

/*
 * url_add_reference - an href, a src, an action: one URL, or a piece of one
 * that holds with the base of the document.
 *
 * What leads nowhere (a fragment, a path without a base, "tel:") is skipped.
 * Returns STATUS_OK or STATUS_NOMEM; a limit sets list->cut.
 */
enum status url_add_reference(struct url_list *list, struct span reference,
    const struct url_origin *origin) GP_MUST_CHECK;

/*
 * url_add_text - all URLs in a text, UTF-8: with a scheme; names with a known
 * public suffix ("www.example.com", "example.com/x", "example.com"), but not
 * what rather is a name of a file ("README.md"); mail addresses.
 *
 * from  URL_FROM_TEXT or URL_FROM_SUBJECT, with URL_FROM_QUOTED or without
 *
 * Returns STATUS_OK or STATUS_NOMEM; a limit sets list->cut.
 */
enum status url_add_text(
    struct url_list *list, struct span text, unsigned int from) GP_MUST_CHECK;

/*
 * url_text_names_other_host - does the visible text of a link name a host of
 * another organizational domain than the one that it leads to?
 *
 * True when the text is a URL, begins with one, or is a domain ("bank.com"), or
 * for mailto: is a mail address; false for other words.
 */
bool url_text_names_other_host(struct span text, const struct url *url);

/* Bytes of a URL as url_format() writes it: scheme, brackets and port too. */
#define URL_FORMAT_BYTES \
	(URL_USER_BYTES_MAX + DOMAIN_BYTES_MAX + URL_PATH_BYTES_MAX + 32)

/*
 * url_format - the URL as it is written in one piece.
 *
 * to  URL_FORMAT_BYTES; bytes out of the message, any but NUL
 *
 * Returns to.
 */
char *url_format(const struct url *url, char *to);

/* url_flag_text - the name of the lowest flag, in words ("text", "punycode"),
 * which is taken out of *flags; NULL when there is none left */
const char *url_flag_text(unsigned int *flags);

/* url_scheme_name - "http", "https", "ftp", "mailto" */
const char *url_scheme_name(enum url_scheme scheme);

#endif
