/* The patterns, and what the symbols of the content share. */
#include "config.h"

#include "lib/scan/words.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/fold.h"
#include "lib/scan/content-view.h"
#include "tests/unit/unit.h"

#define HOSTILE_BYTES 40000

struct words_case {
	enum words_list list;
	const char *hit, *miss;
};

static const struct words_case words_cases[] = {
	{ WORDS_GREETING, "Dear Customer,", "Dear Anna," },
	{ WORDS_GREETING, "dear anna@example.com", "dear editor" },
	{ WORDS_GREETING, "Dear valued client!", "Dear colleagues" },
	{ WORDS_GREETING, "dear account owner", "Dear Sir or Madam" },
	{ WORDS_GREETING, "Dear user", "Dear users" },
	{ WORDS_GREETING, "Dear beneficiary", "Dear friend" },
	{ WORDS_GREETING, "Sehr geehrte Kundin",
	    "Sehr geehrte Damen und Herren" },
	{ WORDS_GREETING, "尊敬的用户", "你好" },
	{ WORDS_GREETING, "尊敬的客户：", "尊敬的李先生：" },
	{ WORDS_GREETING, "Prezado cliente", "Prezado João" },
	{ WORDS_GREETING, "Prezado(a),", "Prezado(a) Maria" },
	{ WORDS_GREETING, "cher client,", "Cher Bob, un client" },
	{ WORDS_ACCOUNT, "Your account has been temporarily suspended",
	    "Your account shows a payment" },
	{ WORDS_ACCOUNT, "Bestätigen Sie Ihre Angaben", "Bestätigung" },
	{ WORDS_ACCOUNT, "bestätigen Sie Ihre Identität",
	    "Bestätigen Sie Ihre Anmeldung" },
	{ WORDS_ACCOUNT, "アカウントの利用制限", "アカウント" },
	{ WORDS_ACCOUNT, "Votre compte est temporairement suspendu",
	    "votre compte est à jour" },
	{ WORDS_ACCOUNT, "Su cuenta será bloqueada", "su cuenta será creada" },
	{ WORDS_ACCOUNT, "Sua conta foi suspensa", "sua conta foi criada" },
	{ WORDS_ACCOUNT, "Ihr Konto wurde vorübergehend gesperrt",
	    "Ihr Konto wurde angelegt" },
	{ WORDS_ACCOUNT, "uw account is geblokkeerd", "uw account is klaar" },
	{ WORDS_ACCOUNT, "We detected an unusual login",
	    "If this was unusual activity" },
	{ WORDS_ACCOUNT, "confirm your identity",
	    "confirm your email address" },
	{ WORDS_ACCOUNT, "security update required",
	    "Security alert: complete the verification" },
	{ WORDS_MAILBOX, "Your mailbox is almost full", "a full mailbox" },
	{ WORDS_MAILBOX, "12 undelivered messages", "two messages" },
	{ WORDS_ADVANCE_FEE, "I am the next of kin", "next to the kiln" },
	{ WORDS_ADVANCE_FEE, "the sum of $ 10,500,000", "it costs $ 10,50" },
	{ WORDS_ADVANCE_FEE, "the sum of $ 10", "the sum of all grants" },
	{ WORDS_ADVANCE_FEE, "my late client Mr. X",
	    "the late client payment" },
	{ WORDS_ADVANCE_FEE, "your inheritance",
	    "multiple inheritance in C++" },
	{ WORDS_ADVANCE_FEE, "a diplomatic courier", "a diplomat" },
	{ WORDS_CRYPTO, "send one Bitcoin", "send one bit" },
	{ WORDS_URGENT, "within 24 hours", "within 24 days" },
	{ WORDS_URGENT, "attention required", "to the attention of" },
	{ WORDS_URGENT, "Sofort handeln!", "bis hoje, ab sofort" },
	{ WORDS_URGENT, "laatste waarschuwing", "laatste nieuws" },
	{ WORDS_OPT_OUT, "to unsubscribe, click", "to subscribe, click" },
	{ WORDS_PROMO, "Walmart Rewards", "Jane Freeman" },
	{ WORDS_ROLE, "IT Helpdesk", "Kit Adams" },
	{ WORDS_PHONE, "call +1 (888) 555-0100 now", "call 0049 30 5550" },
	{ WORDS_INVOICE, "your invoice", "your voice" },
	{ WORDS_FORWARD, "----- Original Message -----",
	    "an original message" },
	{ WORDS_FORWARD, "begin forwarded message:", "a forwarded message" },
	{ WORDS_QUOTE_LINE,
	    "Am Montag schrieb Bob <b@c.example>:", "Jane wrote: hello" },
	{ WORDS_QUOTE, "On Monday Jane wrote:", "Jane wrote to us" },
	{ WORDS_PASSWORD, "Password: 1234", "password forgotten" },
	{ WORDS_PASSWORD, "the password is 1234", "the password is 12" },
	{ WORDS_MAILER_DEAD, "Microsoft Outlook Express 6.00",
	    "Microsoft Outlook 16.0" },
	{ WORDS_REDIRECTOR, "https://www.google.com/url?q=x",
	    "https://www.google.com/search?q=x" },
	{ WORDS_TRACKER, "click.example.com", "www.example-shop.org" },
	{ WORDS_MIXED_SCRIPTS, "рayment", "payment" },
	{ WORDS_MIXED_SCRIPTS, "mοney", "5 μm, 10 µA, kΩ" },
	{ WORDS_MIXED_SCRIPTS, "привeт", "привет peter" },
	/* An ending after a Latin word, unless it looks like Latin too. */
	{ WORDS_MIXED_SCRIPTS, "moneу", "PDFка и SMSки" },
	{ WORDS_MIXED_SCRIPTS, "paypаl", "ITшники, USBшки, e-mail'ы" },
	{ WORDS_MIXED_SCRIPTS, "aки", "VPNом" },
};

static void
fold(struct region *region, const char *text, struct span *folded_r)
{
	assert_int_equal(fold_text(region, span_of(text), folded_r), STATUS_OK);
}

/* Each list has a text that it finds and one that it does not. */
static void
test_patterns(void **state)
{
	bool seen[WORDS_LISTS_COUNT] = { false };
	struct region *region = region_new();
	const struct words_case *c;
	struct words *words;
	struct span folded;
	size_t i;

	(void)state;
	assert_int_equal(words_new(&words), STATUS_OK);
	for (i = 0; i < GP_NELEMS(words_cases); i++) {
		c = &words_cases[i];
		seen[c->list] = true;
		fold(region, c->hit, &folded);
		if (!words_has(words, c->list, folded))
			fail_msg("%s: not found", c->hit);
		fold(region, c->miss, &folded);
		if (words_has(words, c->list, folded))
			fail_msg("%s: found", c->miss);
	}
	for (i = 0; i < WORDS_LISTS_COUNT; i++)
		if (!seen[i])
			fail_msg("no text for list %zu", i);
	words_free(&words);
	region_free(&region);
}

struct count_case {
	enum words_list list;
	const char *text;
	size_t enough, count;
};

static const struct count_case count_cases[] = {
	{ WORDS_CRYPTO, "", 2, 0 },
	{ WORDS_CRYPTO, "bitcoin", 0, 0 },
	{ WORDS_CRYPTO, "bitcoin", 2, 1 },
	{ WORDS_CRYPTO, "bitcoin bitcoin bitcoin", 2, 1 },
	{ WORDS_CRYPTO, "bitcoin ethereum", 2, 2 },
	{ WORDS_CRYPTO, "bitcoin bitcoin ethereum metamask", 4, 3 },
	{ WORDS_CRYPTO, "bitcoin ethereum metamask binance coinbase", 2, 2 },
	{ WORDS_CRYPTO, "bitcoin ethereum metamask binance coinbase", 100,
	    WORDS_ENOUGH_MAX },
	/* One thing said in two ways. */
	{ WORDS_ADVANCE_FEE, "2.5 million this year, 3 million the next", 2,
	    1 },
	{ WORDS_ADVANCE_FEE, "$1,000,000, one million dollars, 1 million", 4,
	    1 },
	{ WORDS_ADVANCE_FEE, "1 million, a barrister, 2 million", 4, 2 },
	{ WORDS_ADVANCE_FEE, "a barrister, next of kin, a barrister", 4, 2 },
	{ WORDS_URGENT, "within 24 hours, within 48 hours, expires today", 4,
	    1 },
	{ WORDS_URGENT, "urgent, urgently: expires today", 4, 2 },
};

static void
test_count(void **state)
{
	struct words *words;
	struct words_found found;
	size_t i;

	(void)state;
	assert_int_equal(words_new(&words), STATUS_OK);
	for (i = 0; i < GP_NELEMS(count_cases); i++)
		if (words_find(words, count_cases[i].list,
			span_of(count_cases[i].text), count_cases[i].enough,
			&found) != count_cases[i].count)
			fail_msg("%s", count_cases[i].text);
	words_free(&words);
}

/* One pattern or another begins to match at each of these, over and over; a
 * search that did not end would end the test. */
static const char *const hostile[] = {
	"mailbox a a a a ",
	"mailbox is is is is ",
	"photos ",
	"a",
	"аa",
	"smsаааааааааааааааааааааааа",
	"smsк",
	"$ 1,000,000,000",
	"password for a a a a ",
	"http://google.a/",
	"111-",
	"dear a.",
	"https://x",
	"schrieb ",
	"a schrieb: x\n",
	"from: a\n",
	"from:",
	"-",
	"* ",
};

static void
test_hostile(void **state)
{
	char *text = malloc(HOSTILE_BYTES);
	size_t i, list, length, used;
	struct words_found found;
	struct words *words;

	(void)state;
	assert_non_null(text);
	assert_int_equal(words_new(&words), STATUS_OK);
	for (i = 0; i < GP_NELEMS(hostile); i++) {
		length = strlen(hostile[i]);
		for (used = 0; used + length <= HOSTILE_BYTES; used += length)
			memcpy(text + used, hostile[i], length);
		for (list = 0; list < WORDS_LISTS_COUNT; list++)
			assert_in_range(
			    words_find(words, (enum words_list)list,
				(struct span){ text, used }, 2, &found),
			    0, 2);
	}
	words_free(&words);
	free(text);
}

/* ---- the view ---- */

struct view_case {
	const char *name, *raw;
	const char *subject, *text; /* folded */
	size_t letters, html_letters, quoted_lines;
	bool has_signature, is_list, is_reply, subject_is_re;
};

#define HTML_FIELD "Content-Type: text/html; charset=utf-8\n"

static const struct view_case view_cases[] = {
	{ "plain", "Subject: Hello\n\nSome TEXT here, 12\n", "hello",
	    "some text here, 12", 14, 0, 0, false, false, false, false },
	{ "no body", "Subject: Hello\n\n", "hello", "", 0, 0, 0, false, false,
	    false, false },
	{ "quotes",
	    "Subject: Re: x\nIn-Reply-To: <a@b>\n\n> one\n > two\n"
	    "| three\nfour > five\n",
	    "re: x", "four > five", 8, 0, 3, false, false, true, true },
	{ "signature", "Subject: s\n\nhi\n-- \nJane\n", "s", "hi -- jane", 6, 0,
	    0, true, false, false, false },
	{ "no signature", "Subject: s\n\nhi\n---\n--  \nJane\n", "s",
	    "hi --- -- jane", 6, 0, 0, false, false, false, false },
	{ "URLs are no letters",
	    "Subject: s\n\nsee https://example.com/a b "
	    "www.example.com\n",
	    "s", "see https://example.com/a b www.example.com", 4, 0, 0, false,
	    false, false, false },
	{ "other alphabets",
	    "Subject: s\n"
	    "Content-Type: text/plain; charset=utf-8\n\n"
	    "Привет, 你好! … — “x” ©\n",
	    "s", "привет, 你好! ... — “x” ©", 13, 0, 0, false, false, false,
	    false },
	{ "HTML",
	    "Subject: s\n" HTML_FIELD
	    "\n<p>Seen<span style=\"display:none\">hidden</span></p>\n",
	    "s", "seen", 4, 4, 0, false, false, false, false },
	{ "HTML quotes are text", "Subject: s\n" HTML_FIELD "\n<p>&gt; a</p>",
	    "s", "> a", 1, 1, 0, false, false, false, false },
	{ "attachment", "Subject: s\nContent-Disposition: attachment\n\ntext\n",
	    "s", "", 0, 0, 0, false, false, false, false },
	{ "list",
	    "Subject: [tag] AW: Hello\nList-Id: <l.example>\n"
	    "Precedence: list\nReferences: <a@b>\n\nx\n",
	    "aw: hello", "x", 1, 0, 0, false, true, true, true },
	{ "list, by its List-Post",
	    "Subject: [tag]\nList-Id: <l.example>\nList-Post: <mailto:l@e>\n"
	    "\nx\n",
	    "", "x", 1, 0, 0, false, true, false, false },
	{ "a tag and no list",
	    "Subject: [tag] Re: hello\nPrecedence: bulk\n"
	    "\nx\n",
	    "[tag] re: hello", "x", 1, 0, 0, false, false, false, false },
	{ "newsletter", "Subject: x\nList-Id: <l.example>\n\nx\n", "x", "x", 1,
	    0, 0, false, false, false, false },
	{ "numbered answer", "Subject: Re[2]: x\n\nx\n", "re[2]: x", "x", 1, 0,
	    0, false, false, false, true },
	{ "answer with a blank", "Subject: FWD : x\n\nx\n", "fwd : x", "x", 1,
	    0, 0, false, false, false, true },
	{ "a word that begins so", "Subject: Report: x\n\nx\n", "report: x",
	    "x", 1, 0, 0, false, false, false, false },
};

struct reading {
	struct words *words;
	struct scan_services services;
	struct scan scan;
};

static const struct content_view *
view_of(struct reading *reading, const char *raw)
{
	struct content_source source = { .message = &reading->scan.message };
	const struct content_view *view;

	reading->scan.services = &reading->services;
	reading->scan.region = region_new();
	assert_non_null(reading->scan.region);
	message_init(&reading->scan.message, reading->scan.region);
	assert_int_equal(words_new(&reading->words), STATUS_OK);
	reading->services.words = reading->words;
	assert_int_equal(message_parse_header(&reading->scan.message,
			     span_of(raw), &source.body),
	    STATUS_OK);
	assert_int_equal(content_read(reading->scan.region, &source,
			     &content_default_limits, &reading->scan.content),
	    STATUS_OK);
	assert_int_equal(content_view_make(&reading->scan, &view), STATUS_OK);
	return view;
}

static void
end_reading(struct reading *reading)
{
	region_free(&reading->scan.region);
	words_free(&reading->words);
}

static void
check_view(const struct view_case *c, const struct content_view *view)
{
	if (!span_equals(view->subject, c->subject))
		fail_msg("%s: subject \"%.*s\"", c->name,
		    (int)view->subject.length, view->subject.data);
	if (!span_equals(view->text, c->text))
		fail_msg("%s: text \"%.*s\"", c->name, (int)view->text.length,
		    view->text.data);
	if (view->letters != c->letters ||
	    view->html_letters != c->html_letters ||
	    view->quoted_lines != c->quoted_lines)
		fail_msg("%s: %zu letters, %zu of HTML, %zu quoted lines",
		    c->name, view->letters, view->html_letters,
		    view->quoted_lines);
	if (view->has_signature != c->has_signature ||
	    view->is_list != c->is_list || view->is_reply != c->is_reply ||
	    view->subject_is_re != c->subject_is_re)
		fail_msg("%s: signature %d list %d reply %d re %d", c->name,
		    view->has_signature, view->is_list, view->is_reply,
		    view->subject_is_re);
}

static void
test_view(void **state)
{
	struct reading reading;
	size_t i;

	(void)state;
	for (i = 0; i < GP_NELEMS(view_cases); i++) {
		memset(&reading, 0, sizeof(reading));
		check_view(
		    &view_cases[i], view_of(&reading, view_cases[i].raw));
		end_reading(&reading);
	}
}

static void
test_from(void **state)
{
	struct reading reading = { 0 };
	const struct content_view *view;

	(void)state;
	view = view_of(&reading,
	    "From: =?utf-8?Q?PayPal=E2=80=8B_Service?= <a@b.example>, c@d\n"
	    "Precedence:  bulk \n\n");
	assert_non_null(view->from);
	assert_string_equal(view->from->domain, "b.example");
	assert_true(span_equals(view->from_name, "paypal service"));
	assert_true(
	    span_equals(content_view_field(view, "precedence"), "bulk"));
	assert_true(span_equals(content_view_field(view, "X-None"), ""));
	end_reading(&reading);
	view = view_of(&reading, "Subject: x\n\n");
	assert_null(view->from);
	assert_int_equal(view->from_name.length, 0);
	end_reading(&reading);
}

/* What is folded has an end; letters are counted behind it too. */
static void
test_long_text(void **state)
{
	static const char header[] =
	    "Content-Type: text/plain; charset=utf-8\n\n";
	const size_t letters = CONTENT_VIEW_PART_BYTES;
	char *raw = malloc(sizeof(header) + 2 * letters);
	struct reading reading = { 0 };
	const struct content_view *view;
	size_t i;

	(void)state;
	assert_non_null(raw);
	memcpy(raw, header, sizeof(header));
	for (i = 0; i < letters; i++)
		memcpy(raw + sizeof(header) - 1 + 2 * i, "ж", 2);
	raw[sizeof(header) - 1 + 2 * letters] = '\0';
	view = view_of(&reading, raw);
	assert_int_equal(view->letters, letters);
	assert_in_range(view->text.length, CONTENT_VIEW_PART_BYTES - 2,
	    CONTENT_VIEW_PART_BYTES);
	assert_memory_equal(view->text.data + view->text.length - 2, "ж", 2);
	end_reading(&reading);
	free(raw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
