/* sender-login - logins and senders of outbound mail (see sender-login.h). */
#include "config.h"

#include "lib/scan/sender-login.h"

#include "lib/mail/address.h"
#include "lib/scan/scan-private.h"

#define SHOWN_BYTES   200 /* of an address or a login */
#define ADDRESSES_MAX 16  /* asked of one field: each may cost a program */

static bool
is_asked(const struct scan *scan)
{
	const struct senders_conf *conf = &scan->settings->senders;

	return conf->action != SENDERS_ACTION_OFF &&
	    senders_conf_has_source(conf) && scan->services->senders != NULL &&
	    (scan->envelope.login[0] != '\0' || conf->own_networks_too);
}

static const char *
shown(struct scan *scan, const char *text)
{
	char clean[SHOWN_BYTES];

	return region_strdup(
	    scan->region, str_sanitize(clean, sizeof(clean), span_of(text)));
}

/* What was found; foreign outdoes unknown, else the first stays. */
static enum status
note(struct scan *scan, const char *where, const char *address,
    const struct senders_found *found)
{
	struct fact_sender *fact = &scan->verdict.facts.sender;

	if (found->answer == SENDERS_ALLOWED ||
	    fact->answer == SENDERS_FOREIGN || fact->answer == found->answer)
		return STATUS_OK;
	fact->answer = found->answer;
	fact->where = where;
	fact->reason = found->reason;
	fact->address = shown(scan, address);
	return fact->address == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* The answer that is worse: foreign, then unknown. */
static void
worsen(enum senders_answer *answer, enum senders_answer other)
{
	if (*answer != SENDERS_FOREIGN && other != SENDERS_ALLOWED)
		*answer = other;
}

static enum status
ask(struct scan *scan, const char *where, const struct address *address,
    enum senders_answer *answer)
{
	struct senders_found found;
	const char *text = address->local_part;
	enum status status;

	status = senders_ask(scan->services->senders, scan->region,
	    scan->envelope.login, address, &found);
	if (status != STATUS_OK)
		return status;
	if (address->domain[0] != '\0')
		text = region_printf(scan->region, "%s@%s", address->local_part,
		    address->domain);
	if (text == NULL)
		return STATUS_NOMEM;
	worsen(answer, found.answer);
	return note(scan, where, text, &found);
}

static enum status
note_foreign(struct scan *scan, const char *where, const char *text,
    enum senders_answer *answer)
{
	const struct senders_found foreign = { .answer = SENDERS_FOREIGN };

	worsen(answer, SENDERS_FOREIGN);
	return note(scan, where, text, &foreign);
}

/* What names no address is nobody's. */
static enum status
note_unreadable(struct scan *scan, const char *where, struct span value,
    enum senders_answer *answer)
{
	const char *text;

	value = span_trim(value);
	text = region_memdup(scan->region, value.data, value.length);
	if (text == NULL)
		return STATUS_NOMEM;
	return note_foreign(
	    scan, where, value.length == 0 ? "nobody" : text, answer);
}

static enum status
note_too_many(struct scan *scan, const char *where, enum senders_answer *answer)
{
	const char *text = region_printf(
	    scan->region, "more than %d addresses", ADDRESSES_MAX);

	return text == NULL ? STATUS_NOMEM :
			      note_foreign(scan, where, text, answer);
}

/* Every address of one field. */
static enum status
ask_field(struct scan *scan, const char *where, struct span value,
    enum senders_answer *answer)
{
	struct address *addresses;
	size_t i, count, broken;
	enum status status;

	status = address_parse_list(
	    scan->region, value, &addresses, &count, &broken);
	if (status == STATUS_NOMEM)
		return status;
	if (count > ADDRESSES_MAX)
		return note_too_many(scan, where, answer);
	for (i = 0; i < count && *answer != SENDERS_FOREIGN; i++) {
		enum status asked = ask(scan, where, &addresses[i], answer);

		if (asked != STATUS_OK)
			return asked;
	}
	if (count > 0 && status == STATUS_OK)
		return STATUS_OK;
	return note_unreadable(scan, where, value, answer);
}

/*
 * A reader may show any field of this name, and there must be one at the most
 * (RFC 5322 section 3.6): a second one is nobody's.
 */
static enum status
ask_fields(struct scan *scan, const char *name, const char *second,
    enum senders_answer *answer)
{
	const struct message_field *field;

	if ((field = message_find(&scan->message, name, 1)) != NULL)
		return note_unreadable(scan, second, field->value, answer);
	if ((field = message_find(&scan->message, name, 0)) == NULL)
		return STATUS_OK;
	return ask_field(scan, name, field->value, answer);
}

enum status
sender_login_envelope(struct scan *scan)
{
	enum senders_answer answer = SENDERS_ALLOWED;
	const char *sender = scan->envelope.sender;
	struct address address;
	enum status status;

	if (!is_asked(scan))
		return STATUS_OK;
	scan->verdict.facts.has_sender = true;
	if (sender[0] == '\0')
		return STATUS_OK;
	status = address_parse_path(scan->region, sender, &address);
	if (status == STATUS_INVALID)
		return note_unreadable(
		    scan, "MAIL FROM", span_of(sender), &answer);
	if (status != STATUS_OK)
		return status;
	return ask(scan, "MAIL FROM", &address, &answer);
}

enum status
sender_login_header(struct scan *scan)
{
	enum senders_answer sender = SENDERS_ALLOWED;
	enum status status;

	if (!scan->verdict.facts.has_sender)
		return STATUS_OK;
	status = ask_fields(
	    scan, "From", "a second From", &scan->verdict.facts.sender.author);
	if (status == STATUS_OK)
		status = ask_fields(scan, "Sender", "a second Sender", &sender);
	return status;
}

bool
sender_login_may_sign(const struct scan *scan)
{
	return scan->verdict.facts.sender.author == SENDERS_ALLOWED;
}

const char *
sender_login_sentence(struct scan *scan)
{
	const struct fact_sender *sender = &scan->verdict.facts.sender;
	const char *login = shown(scan, scan->envelope.login);

	if (login == NULL)
		return NULL;
	return region_printf(scan->region, "%s may not send as %s (%s)",
	    login[0] == '\0' ? "a client without a login" : login,
	    sender->address, sender->where);
}
