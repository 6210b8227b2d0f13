/*
 * content-fields - symbols of the header fields: those that every message has,
 * and has once (RFC 5322 section 3.6), and what programs add of their own.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

#include <string.h>
#include <time.h>

#include <unictype.h>

#include "lib/base/fold.h"

#define HOUR_SECONDS  3600
#define OFF_SECONDS   ((int64_t)6 * HOUR_SECONDS)
#define AHEAD_SECONDS ((int64_t)12 * HOUR_SECONDS) /* wrong zones have less */
/* Received fields that are read; Postfix takes a message with more than 50 for
 * a loop (hopcount_limit). */
#define TIMES_MAX 50
/* 2014: what was dead by then was alive in older mail. */
#define MAILERS_DEAD_SINCE ((int64_t)1388534400)
#define CAPS_LETTERS_MIN   10
#define FANCY_LETTERS_MIN  3
/* Of fields of Outlook in mail that does not say what wrote it. */
#define NO_MAILER_SHARE 0.5

/* Those that may stand there once. */
static const char *const single_fields[] = {
	"From",
	"Date",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Message-ID",
	"In-Reply-To",
	"References",
	"Subject",
};

/* Folded. */
static const char *const program_subjects[] = {
	"[",
	"abgelehnt:",
	"abgesagt:",
	"absence",
	"abwesen", /* "Abwesend:", "Abwesenheitsnotiz:" */
	"accepted:",
	"accepté",
	"aceptad",
	"angenommen:",
	"auto:",
	"auto-reply",
	"automatic reply",
	"automatische antwort",
	"autoreply",
	"canceled",
	"cancelled",
	"declined:",
	"mit vorbehalt:",
	"out of office",
	"refusé",
	"respuesta automática",
	"réponse automatique",
	"resposta automática",
	"tentative",
	"updated invitation",
	"zugesagt:",
};

/* When the message was on its way. */
struct times {
	bool is_known;
	int64_t received; /* by us; of a file, by the last host that tells */
	int64_t off;      /* seconds from its date to the nearest of all */
};

static bool
has_field(const struct content_view *view, const char *name)
{
	return message_find(view->content->message, name, 0) != NULL;
}

static bool
date_is_missing(const struct content_view *view)
{
	return !has_field(view, "Date");
}

static struct span
next_word(struct span *rest)
{
	struct span word = span_trim(*rest);
	size_t length = 0;

	while (length < word.length && !ascii_is_space(word.data[length]))
		length++;
	rest->length = word.length - length;
	rest->data = word.data + length;
	word.length = length;
	return word;
}

/* "+0100", or a name. */
static bool
is_zone(struct span word)
{
	size_t i, begin = 0;

	if (word.length == 0 || word.length > 5)
		return false;
	if (word.data[0] == '+' || word.data[0] == '-')
		begin = 1;
	for (i = begin; i < word.length; i++)
		if (begin == 1 ? !ascii_is_digit(word.data[i]) :
				 !ascii_is_alpha(word.data[i]))
			return false;
	return begin == 0 || word.length == 5;
}

/* Programs for mail write one zone, and nothing but comments behind it. */
static bool
date_is_malformed(const struct content_view *view)
{
	struct span value = content_view_field(view, "Date");
	const char *end;

	if (!has_field(view, "Date"))
		return false;
	if (view->content->header.date.broken)
		return true;
	if ((end = memchr(value.data, '(', value.length)) != NULL)
		value.length = (size_t)(end - value.data);
	if ((end = memrchr(value.data, ':', value.length)) != NULL) {
		value.length -= (size_t)(end - value.data);
		value.data = end;
	}
	(void)next_word(&value); /* ":59" */
	return !is_zone(next_word(&value)) || span_trim(value).length > 0;
}

static bool
message_id_is_missing(const struct content_view *view)
{
	return content_view_field(view, "Message-ID").length == 0;
}

/* "<x@y>"; there are no blanks in it, and no more of these signs. */
static bool
message_id_is_malformed(const struct content_view *view)
{
	struct span id = content_view_field(view, "Message-ID");
	const char *at;
	size_t i;

	if (id.length == 0)
		return false;
	if (id.length < 5 || id.data[0] != '<' || id.data[id.length - 1] != '>')
		return true;
	for (i = 1; i + 1 < id.length; i++)
		if (ascii_is_space(id.data[i]) || id.data[i] == '<' ||
		    id.data[i] == '>')
			return true;
	at = memchr(id.data, '@', id.length);
	return at == NULL || at != memrchr(id.data, '@', id.length) ||
	    at == id.data + 1 || at == id.data + id.length - 2;
}

/* "<x@192.0.2.1>", "<x@[192.0.2.1]>" */
static bool
message_id_host_is_numeric(const struct content_view *view)
{
	const char *at = strrchr(view->content->header.message_id, '@');
	char host[IP_TEXT_BYTES];
	struct span text;
	struct ip ip;

	if (at == NULL)
		return false;
	text = span_of(at + 1);
	if (text.length > 2 && text.data[0] == '[' &&
	    text.data[text.length - 1] == ']') {
		text.data++;
		text.length -= 2;
	}
	if (text.length >= sizeof(host))
		return false;
	memcpy(host, text.data, text.length);
	host[text.length] = '\0';
	return ip_parse(host, &ip) == STATUS_OK && ip.family == AF_INET;
}

/* A simple text needs none (RFC 2045 section 5.2). */
static bool
mime_version_is_missing(const struct content_view *view)
{
	const struct content_part *root = &view->content->parts[0];

	return has_field(view, "Content-Type") &&
	    !has_field(view, "MIME-Version") &&
	    (root->damage & CONTENT_BROKEN_TYPE) == 0 &&
	    strcmp(root->type, "text/plain") != 0;
}

/* Programs answer with an invitation or an absence, and trackers tell about
 * something they have named in brackets. */
static bool
is_of_program(const struct content_view *view)
{
	const struct content *content = view->content;
	size_t i;

	for (i = 0; i < content->part_count; i++)
		if (strcmp(content->parts[i].type, "text/calendar") == 0)
			return true;
	for (i = 0; i < GP_NELEMS(program_subjects); i++)
		if (span_starts_nocase(view->subject, program_subjects[i]))
			return true;
	return false;
}

static bool
is_no_reply(const struct content_view *view)
{
	return view->is_reply && !view->subject_is_re && !view->is_list &&
	    !is_of_program(view);
}

static bool
priority_is_high(const struct content_view *view)
{
	struct span priority = content_view_field(view, "X-Priority");
	bool is_high = priority.length > 0 &&
	    (priority.data[0] == '1' || priority.data[0] == '2') &&
	    (priority.length == 1 || !ascii_is_alnum(priority.data[1]));

	return !view->is_list &&
	    (is_high ||
		span_equals_nocase(
		    content_view_field(view, "Importance"), "high"));
}

bool
content_is_of_php_script(const struct content_view *view)
{
	return has_field(view, "X-PHP-Originating-Script") ||
	    has_field(view, "X-PHP-Script");
}

static bool
subject_is_8bit(const struct content_view *view)
{
	return view->content->header.subject.raw_8bit;
}

static bool
subject_is_caps(const struct content_view *view)
{
	struct span text = view->subject_as_written;
	size_t letters = 0, capitals = 0, step;
	uint32_t code;

	for (; (step = utf8_character(text, &code)) > 0;
	     text.data += step, text.length -= step) {
		letters += uc_is_alpha((ucs4_t)code);
		capitals += code >= 'A' && code <= 'Z';
	}
	return letters >= CAPS_LETTERS_MIN && capitals * 10 > letters * 9;
}

/* Letters that look like plain ones, and are others. */
static bool
is_fancy(uint32_t code)
{
	return (code >= 0x1d400 && code <= 0x1d7ff) || /* mathematical */
	    (code >= 0xff21 && code <= 0xff5a) ||      /* full width */
	    (code >= 0x24b6 && code <= 0x24e9) ||      /* in circles */
	    (code >= 0x1f130 && code <= 0x1f189);      /* in boxes */
}

/* Full width letters are usual there. */
static bool
is_east_asian(uint32_t code)
{
	return (code >= 0x3040 && code <= 0x9fff) ||
	    (code >= 0xac00 && code <= 0xd7af);
}

static bool
subject_is_fancy(const struct content_view *view)
{
	struct span text = view->subject_as_written;
	size_t fancy = 0, step;
	uint32_t code;

	for (; (step = utf8_character(text, &code)) > 0;
	     text.data += step, text.length -= step) {
		if (is_east_asian(code))
			return false;
		fancy += is_fancy(code);
	}
	return fancy >= FANCY_LETTERS_MIN;
}

static const struct row {
	enum symbol_id id;
	bool of_absence; /* of a field: it may be cut off */
	bool (*is_so)(const struct content_view *view);
	const char *field; /* what was looked at; NULL: what is not there */
} rows[] = {
	{ SYMBOL_DATE_MISSING, true, date_is_missing, NULL },
	{ SYMBOL_DATE_MALFORMED, false, date_is_malformed, "Date" },
	{ SYMBOL_MESSAGE_ID_MISSING, true, message_id_is_missing, NULL },
	{ SYMBOL_MESSAGE_ID_MALFORMED, false, message_id_is_malformed,
	    "Message-ID" },
	{ SYMBOL_MESSAGE_ID_NUMERIC_HOST, false, message_id_host_is_numeric,
	    "Message-ID" },
	{ SYMBOL_MIME_VERSION_MISSING, true, mime_version_is_missing,
	    "Content-Type" },
	{ SYMBOL_REFERENCES_NO_REPLY, true, is_no_reply, "Subject" },
	{ SYMBOL_PRIORITY_HIGH, true, priority_is_high, "X-Priority" },
	{ SYMBOL_PHP_SCRIPT, false, content_is_of_php_script,
	    "X-PHP-Originating-Script" },
	{ SYMBOL_SUBJECT_8BIT, false, subject_is_8bit, "Subject" },
	{ SYMBOL_SUBJECT_CAPS, false, subject_is_caps, "Subject" },
	{ SYMBOL_SUBJECT_FANCY, false, subject_is_fancy, "Subject" },
};

static enum status
add_seen(struct scan *scan, enum symbol_id id, struct span seen)
{
	const char *text = region_memdup(scan->region, seen.data, seen.length);

	return text == NULL ? STATUS_NOMEM : scan_add(scan, id, 1, text);
}

static enum status
add_rows(struct scan *scan, const struct content_view *view)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < GP_NELEMS(rows) && status == STATUS_OK; i++) {
		if (rows[i].of_absence && scan->message.truncated)
			continue;
		if (rows[i].is_so(view))
			status = add_seen(scan, rows[i].id,
			    rows[i].field == NULL ?
				span_of("") :
				content_view_field(view, rows[i].field));
	}
	return status;
}

static enum status
add_repeated(struct scan *scan)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(single_fields); i++)
		if (message_find(&scan->message, single_fields[i], 1) != NULL)
			return scan_add(
			    scan, SYMBOL_FIELD_REPEATED, 1, single_fields[i]);
	return STATUS_OK;
}

static void
add_time(struct times *times, int64_t seconds, int64_t date)
{
	int64_t off = date > seconds ? date - seconds : seconds - date;

	if (!times->is_known) {
		times->is_known = true;
		times->received = seconds;
		times->off = off;
	} else if (off < times->off) {
		times->off = off;
	}
}

/* The date of a Received field stands behind its last semicolon. */
static bool
read_received(const struct message_field *field, struct date *date)
{
	struct span value = field->value;
	const char *semicolon = memrchr(value.data, ';', value.length);

	if (semicolon == NULL)
		return false;
	value.length -= (size_t)(semicolon + 1 - value.data);
	value.data = semicolon + 1;
	return date_parse(value, date) == STATUS_OK;
}

static void
look_at_times(const struct scan *scan, const struct content_view *view,
    struct times *times)
{
	const struct message *message = &scan->message;
	int64_t own = view->content->header.date.date.seconds;
	struct date date;
	size_t i, count = 0;

	memset(times, 0, sizeof(*times));
	if (scan->envelope.client_ip.family != AF_UNSPEC)
		add_time(times,
		    scan->services->now != 0 ? scan->services->now :
					       (int64_t)time(NULL),
		    own);
	for (i = 0; i < message->field_count && count < TIMES_MAX; i++) {
		if (!span_equals_nocase(message->fields[i].name, "Received"))
			continue;
		count++;
		if (read_received(&message->fields[i], &date))
			add_time(times, date.seconds, own);
	}
}

static enum status
add_ahead(struct scan *scan, int64_t seconds)
{
	long long hours = (long long)(seconds / HOUR_SECONDS);
	const char *text = hours < 48 ?
	    region_printf(scan->region, "%lld hours", hours) :
	    region_printf(scan->region, "%lld days", hours / 24);

	if (text == NULL)
		return STATUS_NOMEM;
	return scan_add(scan, SYMBOL_DATE_FUTURE, 1, text);
}

/* A message may lie somewhere, most often at the moderator of a list: it is not
 * far off when it was near for one host on its way. */
static enum status
add_dates(struct scan *scan, const struct content_view *view,
    const struct times *times)
{
	const struct content_date *date = &view->content->header.date;
	enum status status = STATUS_OK;
	int64_t ahead;

	if (date->field_count == 0 || date->broken || !times->is_known)
		return STATUS_OK;
	if (times->off > OFF_SECONDS)
		status = add_seen(scan, SYMBOL_DATE_FAR_OFF,
		    content_view_field(view, "Date"));
	ahead = date->date.seconds - times->received;
	if (status == STATUS_OK && ahead > AHEAD_SECONDS)
		status = add_ahead(scan, ahead);
	return status;
}

static enum status
add_mailer(struct scan *scan, const struct content_view *view,
    const struct times *times)
{
	const struct message_field *field =
	    message_find(&scan->message, "X-Mailer", 0);
	struct header_text mailer;
	enum status status;
	struct span folded;

	if (field == NULL)
		field = message_find(&scan->message, "User-Agent", 0);
	if (field == NULL || !times->is_known ||
	    times->received < MAILERS_DEAD_SINCE)
		return STATUS_OK;
	status = header_text_decode(scan->region, field->value, &mailer);
	if (status == STATUS_OK)
		status = fold_text(scan->region, mailer.text, &folded);
	if (status != STATUS_OK ||
	    !words_has(view->words, WORDS_MAILER_DEAD, folded))
		return status;
	return scan_add(scan, SYMBOL_MAILER_DEAD, 1, mailer.text.data);
}

/* "Name of the list <list.example.org>": what stands in the brackets. */
static enum status
add_mailing_list(struct scan *scan, const struct content_view *view)
{
	struct span id = content_view_field(view, "List-Id");
	const char *begin, *text;

	if (!view->is_list)
		return STATUS_OK;
	begin = memrchr(id.data, '<', id.length);
	if (begin != NULL && id.data[id.length - 1] == '>') {
		id.length -= (size_t)(begin + 2 - id.data);
		id.data = begin + 1;
	}
	text = region_memdup(scan->region, id.data, id.length);
	if (text == NULL)
		return STATUS_NOMEM;
	return scan_add(scan, SYMBOL_MAILING_LIST, 1, text);
}

static bool
goes_on(struct span text, size_t at)
{
	return at < text.length &&
	    (ascii_is_alnum(text.data[at]) || text.data[at] == '-');
}

/* Not as a piece of a longer one; text is folded. */
static bool
holds_address(struct span text, const char *address)
{
	size_t length = strlen(address), at;

	for (at = 0; at + length <= text.length; at++) {
		struct span piece = { text.data + at, length };

		if (span_equals_nocase(piece, address) &&
		    (at == 0 || !goes_on(text, at - 1)) &&
		    !goes_on(text, at + length))
			return true;
	}
	return false;
}

/* "Microsoft Outlook, Build 10.0.2616"; Outlook 2007 and later tell none. */
static bool
writes_mimeole(struct span mailer)
{
	static const char *const beginnings[] = {
		"Microsoft Outlook Express",
		"Microsoft Outlook IMO, Build",
		"Microsoft Outlook, Build",
		"Microsoft Office Outlook, Build",
		"Microsoft Windows Mail",
		"Microsoft Windows Live Mail",
	};
	size_t i;

	for (i = 0; i < GP_NELEMS(beginnings); i++)
		if (span_starts_nocase(mailer, beginnings[i]))
			return true;
	return false;
}

/*
 * Outlook Express, its heirs, and Outlook up to 2003 write X-MSMail-Priority and
 * X-MimeOLE.  Many others write the first alone, so that Outlook understands
 * them, and most of these name themselves.  Of those who do not, a script that
 * has something urgent to tell means nothing else by it.
 */
static enum status
add_no_outlook(struct scan *scan, const struct content_view *view)
{
	struct span mailer = content_view_field(view, "X-Mailer");
	double share;

	if (scan->message.truncated || !has_field(view, "X-MSMail-Priority") ||
	    has_field(view, "X-MimeOLE"))
		return STATUS_OK;
	if (writes_mimeole(mailer))
		share = 1;
	else if (mailer.length == 0 && !has_field(view, "User-Agent") &&
	    !priority_is_high(view))
		share = NO_MAILER_SHARE;
	else
		return STATUS_OK;
	return scan_add(scan, SYMBOL_MSMAIL_NO_MIMEOLE, share, NULL);
}

/* Of the envelope; of a file, those that the message names. */
static enum status
list_recipients(struct scan *scan, const struct content_view *view,
    const char *const **list_r, size_t *count_r)
{
	const struct content_mailboxes *to = &view->content->header.to;
	const char **list;
	size_t i;

	*list_r = scan->envelope.recipients;
	*count_r = scan->envelope.recipient_kept;
	if (*count_r > 0 || to->count == 0)
		return STATUS_OK;
	list = region_alloc_array(scan->region, to->count, sizeof(*list));
	*list_r = list;
	for (i = 0; list != NULL && i < to->count; i++) {
		list[i] = region_printf(scan->region, "%s@%s",
		    to->list[i].local_part, to->list[i].domain);
		if (list[i] == NULL)
			return STATUS_NOMEM;
	}
	*count_r = to->count;
	return list == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Programs that write to the mailbox that they write from name it: "Cron
 * <root@example.org> ...".  Who only says so has FROM_EQUALS_TO. */
static bool
is_author(const struct content_view *view, const char *address)
{
	const struct content_mailbox *from = view->from;
	size_t local = strcspn(address, "@");

	return from != NULL && address[local] == '@' &&
	    strlen(from->local_part) == local &&
	    span_starts_nocase(span_of(address), from->local_part) &&
	    str_equals_nocase(from->domain, address + local + 1);
}

static enum status
add_recipient_in_subject(struct scan *scan, const struct content_view *view)
{
	const char *const *list;
	enum status status;
	size_t count, i, local;

	if (memchr(view->subject.data, '@', view->subject.length) == NULL)
		return STATUS_OK;
	status = list_recipients(scan, view, &list, &count);
	for (i = 0; status == STATUS_OK && i < count; i++) {
		local = strcspn(list[i], "@");
		if (local > 0 && strlen(list[i]) > local + 1 &&
		    !is_author(view, list[i]) &&
		    holds_address(view->subject, list[i]))
			return scan_add(
			    scan, SYMBOL_SUBJECT_HOLDS_RECIPIENT, 1, NULL);
	}
	return status;
}

enum status
content_header_symbols(struct scan *scan, const struct content_view *view)
{
	enum status status = add_rows(scan, view);
	struct times times;

	look_at_times(scan, view, &times);
	if (status == STATUS_OK)
		status = add_repeated(scan);
	if (status == STATUS_OK)
		status = add_dates(scan, view, &times);
	if (status == STATUS_OK)
		status = add_mailer(scan, view, &times);
	if (status == STATUS_OK)
		status = add_no_outlook(scan, view);
	if (status == STATUS_OK)
		status = add_mailing_list(scan, view);
	if (status == STATUS_OK)
		status = add_recipient_in_subject(scan, view);
	return status;
}
