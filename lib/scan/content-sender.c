/*
 * content-sender - symbols of who wrote the message, to whom, and where answers
 * go.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

#include <string.h>

#include "lib/mail/domain.h"
#include "lib/scan/brands.h"
#include "lib/scan/hosts.h"

/* A domain there is one's own all the same, if a poor one: who has no other
 * than that of Microsoft 365 is a small firm, or none. */
#define TENANT_DOMAIN "onmicrosoft.com"
#define TENANT_SHARE  0.5
/* The form of a web site sends what a visitor wrote, and answers go to him; small
 * shops let them go to the mailbox that they have. */
#define FORM_SHARE 0.5

/* What the symbols look at. */
struct look {
	const struct scan *scan;
	const struct content_view *view;
	const struct content_mailboxes *to, *reply_to;
	const char *name;    /* of the author, as written; "" */
	const char *address; /* "local@domain"; "@": nobody */
	const char *domain;  /* "" */
	const char *organizational_domain;
	bool is_freemail;
};

bool
content_is_freemail(const char *domain)
{
	const char *entry;

	return hosts_has(HOSTS_FREEMAIL, domain, &entry) &&
	    strcmp(domain, entry) == 0;
}

static bool
is_same_mailbox(
    const struct content_mailbox *a, const struct content_mailbox *b)
{
	return str_equals_nocase(a->local_part, b->local_part) &&
	    strcmp(a->domain, b->domain) == 0;
}

static bool
holds_nocase(struct span text, const char *piece)
{
	for (; text.length > 0; text.data++, text.length--)
		if (span_starts_nocase(text, piece))
			return true;
	return false;
}

/*
 * Each of these tells what it saw ("" where there is nothing to tell), or NULL:
 * it is not so.
 */

static const char *
from_8bit(const struct look *look)
{
	struct span value = content_view_field(look->view, "From");
	size_t i;

	for (i = 0; i < value.length; i++)
		if ((unsigned char)value.data[i] >= 0x80)
			return "";
	return NULL;
}

/* Nobody but our own hosts had it in their hands. */
static bool
is_made_here(const struct relays *relays)
{
	if (relays->first_stranger.family == AF_UNSPEC)
		return relays->unread == 0;
	return !ip_is_public(&relays->first_stranger);
}

/* The machines of a house may have names of their own. */
static const char *
from_domain_no_dot(const struct look *look)
{
	if (look->domain[0] == '\0' || look->domain[0] == '[' ||
	    strchr(look->domain, '.') != NULL ||
	    is_made_here(&look->scan->relays))
		return NULL;
	return look->domain;
}

static bool
is_to_author(const struct look *look)
{
	size_t i;

	for (i = 0; i < look->to->count; i++)
		if (is_same_mailbox(look->view->from, &look->to->list[i]))
			return true;
	return false;
}

/* It goes to the author, and not to others behind a To that is for show.  Of a
 * file nobody knows where it went; lists write to themselves. */
static bool
goes_to_author(const struct look *look)
{
	const struct envelope *envelope = &look->scan->envelope;
	size_t i;

	for (i = 0; i < envelope->recipient_kept; i++)
		if (str_equals_nocase(envelope->recipients[i], look->address))
			return true;
	return envelope->recipient_count == 0 && !look->view->has_list_id;
}

static bool
is_of_author(const struct look *look, const char *domain)
{
	const char *organizational;

	if (domain == NULL || look->organizational_domain[0] == '\0')
		return false;
	organizational = domain_organizational(domain);
	return organizational != NULL &&
	    strcmp(organizational, look->organizational_domain) == 0;
}

/* Something speaks for the author's domain, or might where DNS does not answer.
 */
static bool
author_may_be_true(const struct look *look)
{
	const struct facts *facts = &look->scan->verdict.facts;
	const struct auth_dkim_signature *signature;
	size_t i;

	if ((facts->has_dmarc && facts->dmarc.result == AUTH_PASS) ||
	    (facts->has_spf_sender && facts->spf_sender.result == AUTH_PASS &&
		is_of_author(look, facts->spf_sender.domain)))
		return true;
	for (i = 0; i < facts->dkim.signature_count; i++) {
		signature = &facts->dkim.signatures[i];
		if ((signature->result == AUTH_PASS ||
			signature->result == AUTH_TEMPERROR) &&
		    is_of_author(look, signature->domain))
			return true;
	}
	return false;
}

static const char *
from_equals_to(const struct look *look)
{
	if (look->domain[0] == '\0' || !is_to_author(look) ||
	    !goes_to_author(look) || is_made_here(&look->scan->relays) ||
	    author_may_be_true(look))
		return NULL;
	return "";
}

static const char *
from_hoster_domain(const struct look *look)
{
	const char *entry;

	(void)hosts_has(HOSTS_HOSTER, look->domain, &entry);
	return entry;
}

/* "Bank via Example": the list or the service tells who let it write; behind_r
 * is "example", folded. */
static bool
is_via(const struct look *look, struct span *behind_r)
{
	struct span rest = look->view->from_name;

	for (; rest.length > 0; rest.data++, rest.length--) {
		if (!span_starts_nocase(rest, " via "))
			continue;
		behind_r->data = rest.data + strlen(" via ");
		behind_r->length = rest.length - strlen(" via ");
		return true;
	}
	return false;
}

/* Letters and digits are the same: "Foo Bar" and "foo-bar". */
static bool
is_same_name(struct span a, struct span b)
{
	size_t i = 0, n = 0;

	for (;;) {
		while (i < a.length && !ascii_is_alnum(a.data[i]))
			i++;
		while (n < b.length && !ascii_is_alnum(b.data[n]))
			n++;
		if (i == a.length || n == b.length)
			return i == a.length && n == b.length;
		if (ascii_lower(a.data[i++]) != ascii_lower(b.data[n++]))
			return false;
	}
}

/* All of the name, or its first word, is what the domain begins with. */
static bool
names_owner(const struct look *look, struct span name)
{
	const char *registered = domain_registered(look->domain);
	struct span label, first;

	if (registered == NULL)
		return false;
	label.data = registered;
	label.length = strcspn(registered, ".");
	if (is_same_name(name, label))
		return true;
	return span_split(&name, ' ', &first) && is_same_name(first, label);
}

/* The author's address is that of the list, where mail for it goes. */
static bool
list_writes(const struct look *look)
{
	struct span post = content_view_field(look->view, "List-Post");

	for (; look->view->has_list_id && post.length > 0;
	     post.data++, post.length--)
		if (span_starts_nocase(post, "mailto:") &&
		    span_starts_nocase(
			(struct span){ post.data + strlen("mailto:"),
			    post.length - strlen("mailto:") },
			look->address))
			return true;
	return false;
}

/* Some mail servers give bounces the name of the program ("Microsoft Outlook"),
 * all of them that of an office.  Nobody sends one back. */
static bool
is_report(const struct look *look)
{
	return look->scan->envelope.sender[0] == '\0' &&
	    strcmp(look->view->content->parts[0].type, "multipart/report") == 0;
}

static const char *
from_name_brand(const struct look *look)
{
	struct span behind;
	const char *brand =
	    brands_pretended(look->view->from_name, look->domain);

	if (brand == NULL || is_report(look))
		return NULL;
	if (is_via(look, &behind) &&
	    (list_writes(look) ||
		(names_owner(look, behind) &&
		    brands_pretended(behind, look->domain) == NULL)))
		return NULL;
	return brand;
}

static const char *
from_name_has(const struct look *look, enum words_list list)
{
	const struct content_view *view = look->view;

	return words_has(view->words, list, view->from_name) ? look->name :
							       NULL;
}

static const char *
from_name_promo(const struct look *look)
{
	return from_name_has(look, WORDS_PROMO);
}

static const char *
from_name_role(const struct look *look)
{
	return is_report(look) ? NULL : from_name_has(look, WORDS_ROLE);
}

static const char *
from_name_punctuation(const struct look *look)
{
	return strpbrk(look->name, "!?:*#|_~=<>$%") != NULL ? "" : NULL;
}

static const char *
from_tld_bad(const struct look *look)
{
	if (!hosts_tld_is_bad(look->domain))
		return NULL;
	return strrchr(look->domain, '.') + 1;
}

/* Some List- field names the author's domain: the list itself wrote it, and
 * lets answers go to who asked. */
static bool
is_of_list(const struct look *look)
{
	const struct message *message = look->view->content->message;
	size_t i;

	if (!look->view->is_list || look->organizational_domain[0] == '\0')
		return false;
	for (i = 0; i < message->field_count; i++)
		if (span_starts_nocase(message->fields[i].name, "List-") &&
		    holds_nocase(
			message->fields[i].value, look->organizational_domain))
			return true;
	return false;
}

static const char *
reply_to_freemail(const struct look *look)
{
	const struct content_mailboxes *reply_to = look->reply_to;
	size_t i;

	if (look->domain[0] == '\0' || look->is_freemail)
		return NULL;
	for (i = 0; i < reply_to->count; i++)
		if (content_is_freemail(reply_to->list[i].domain))
			break;
	if (i == reply_to->count || is_of_list(look))
		return NULL;
	return reply_to->list[i].domain;
}

static const char *
reply_to_freemail_other(const struct look *look)
{
	const struct content_mailboxes *reply_to = look->reply_to;
	size_t i;

	for (i = 0; look->is_freemail && i < reply_to->count; i++)
		if (content_is_freemail(reply_to->list[i].domain) &&
		    !is_same_mailbox(look->view->from, &reply_to->list[i]))
			return reply_to->list[i].domain;
	return NULL;
}

static const char *
reply_to_other(const struct look *look)
{
	const struct content_mailboxes *reply_to = look->reply_to;
	const char *domain, *other = NULL;
	size_t i;

	if (look->organizational_domain[0] == '\0' || look->view->has_list_id ||
	    reply_to_freemail(look) != NULL ||
	    reply_to_freemail_other(look) != NULL ||
	    content_view_field(look->view, "List-Unsubscribe").length > 0)
		return NULL;
	for (i = 0; i < reply_to->count; i++) {
		domain = reply_to->list[i].organizational_domain;
		if (strcmp(domain, look->organizational_domain) == 0)
			return NULL;
		if (other == NULL && domain[0] != '\0')
			other = domain;
	}
	return other;
}

static const char *
to_missing(const struct look *look)
{
	const struct content_header *header = &look->view->content->header;

	if (header->to.field_count > 0 || header->cc.field_count > 0)
		return NULL;
	return "";
}

static const char *
to_undisclosed(const struct look *look)
{
	static const char *const words[] = { "undisclosed", "unlisted",
		"recipient" };
	struct span value = content_view_field(look->view, "To");
	size_t i;

	for (i = 0; i < look->to->count; i++)
		if (look->to->list[i].domain[0] != '\0')
			return NULL;
	for (i = 0; i < GP_NELEMS(words); i++)
		if (holds_nocase(value, words[i]))
			return "";
	return NULL;
}

static const struct row {
	enum symbol_id id;
	bool of_absence; /* of a field: it may be cut off */
	const char *(*see)(const struct look *look);
} rows[] = {
	{ SYMBOL_FROM_8BIT, false, from_8bit },
	{ SYMBOL_FROM_DOMAIN_NO_DOT, false, from_domain_no_dot },
	{ SYMBOL_FROM_EQUALS_TO, true, from_equals_to },
	{ SYMBOL_FROM_HOSTER_DOMAIN, false, from_hoster_domain },
	{ SYMBOL_FROM_NAME_BRAND, false, from_name_brand },
	{ SYMBOL_FROM_NAME_PROMO, false, from_name_promo },
	{ SYMBOL_FROM_NAME_PUNCTUATION, false, from_name_punctuation },
	{ SYMBOL_FROM_NAME_ROLE, false, from_name_role },
	{ SYMBOL_FROM_TLD_BAD, false, from_tld_bad },
	{ SYMBOL_REPLY_TO_FREEMAIL, true, reply_to_freemail },
	{ SYMBOL_REPLY_TO_FREEMAIL_OTHER, false, reply_to_freemail_other },
	{ SYMBOL_REPLY_TO_OTHER, true, reply_to_other },
	{ SYMBOL_TO_MISSING, true, to_missing },
	{ SYMBOL_TO_UNDISCLOSED, false, to_undisclosed },
};

static enum status
add_address(struct scan *scan, const struct url *url)
{
	const char *text =
	    region_printf(scan->region, "%s@%s", url->user, url->host);

	if (text == NULL)
		return STATUS_NOMEM;
	return scan_add(scan, SYMBOL_FROM_NAME_ADDRESS, 1, text);
}

/* A mail address in the display name, of another owner than the author's. */
static enum status
add_name_address(struct scan *scan, const struct look *look)
{
	const char *own = look->organizational_domain, *other;
	struct url_list found;
	enum status status;
	struct span behind;
	size_t i;

	if (memchr(look->view->from_name.data, '@',
		look->view->from_name.length) == NULL ||
	    look->view->has_list_id || is_via(look, &behind))
		return STATUS_OK;
	url_list_init(&found, scan->region);
	status = url_add_text(&found, look->view->from_name, URL_FROM_TEXT);
	for (i = 0; i < found.count && status == STATUS_OK; i++) {
		other = found.urls[i].organizational_domain;
		if (found.urls[i].scheme == URL_SCHEME_MAILTO &&
		    other[0] != '\0' && strcmp(other, own) != 0)
			return add_address(scan, &found.urls[i]);
	}
	return status;
}

static enum status
look_at(struct look *look, struct scan *scan, const struct content_view *view)
{
	static const struct content_mailbox nobody = { "", "", "", "" };
	const struct content_mailbox *from =
	    view->from == NULL ? &nobody : view->from;

	*look = (struct look){ .scan = scan, .view = view };
	look->to = &view->content->header.to;
	look->reply_to = &view->content->header.reply_to;
	look->name = from->name;
	look->address = region_printf(
	    scan->region, "%s@%s", from->local_part, from->domain);
	look->domain = from->domain;
	look->organizational_domain = from->organizational_domain;
	look->is_freemail = content_is_freemail(look->domain);
	return look->address == NULL ? STATUS_NOMEM : STATUS_OK;
}

static double
share_of(const struct look *look, enum symbol_id id, const char *detail)
{
	if (id == SYMBOL_FROM_HOSTER_DOMAIN &&
	    strcmp(detail, TENANT_DOMAIN) == 0)
		return TENANT_SHARE;
	if (id == SYMBOL_REPLY_TO_FREEMAIL &&
	    content_is_of_php_script(look->view))
		return FORM_SHARE;
	return 1;
}

enum status
content_sender_symbols(struct scan *scan, const struct content_view *view)
{
	struct look look;
	enum status status = look_at(&look, scan, view);
	const char *detail;
	size_t i;

	for (i = 0; i < GP_NELEMS(rows) && status == STATUS_OK; i++) {
		if (rows[i].of_absence && scan->message.truncated)
			continue;
		detail = rows[i].see(&look);
		if (detail != NULL)
			status = scan_add(scan, rows[i].id,
			    share_of(&look, rows[i].id, detail), detail);
	}
	return status == STATUS_OK ? add_name_address(scan, &look) : status;
}
