/* Symbols of what the text says: a message that hits, and one that nearly does. */
#include "config.h"

#include "lib/base/str.h"
#include "lib/base/strbuf.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML  "Content-Type: text/html; charset=utf-8\n\n"

#define MIXED       "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
#define NEXT        "\n--b\n"

#define FORWARD "---------- Forwarded message ----------\n"
#define OUTLOOK                                          \
	"From: Jane <jane@example.com>\n"                \
	"Sent: Monday, 2 November 2026 10:00\nTo: Bob\n" \
	"Subject: x\n\n"

#define RE "Subject: Re: x\n"

#define LIST "List-Id: <l.example>\nPrecedence: list\n"

struct symbol_case {
	const char *symbol, *hit, *miss;
};

static const struct symbol_case symbol_cases[] = {
	{ "GREETING_GENERIC", PLAIN "Dear customer,\nall is well.\n",
	    PLAIN "Dear Anna,\nthe customer is a dear one.\n" },
	{ "GREETING_GENERIC", HTML "<p>Dear&nbsp;\n<b>Cust</b>omer</p>",
	    HTML "<p>Dear Anna</p><p hidden>Dear customer</p>" },
	{ "GREETING_GENERIC", PLAIN "Sehr geehrter Kunde,\n",
	    RE PLAIN "> Dear customer,\nI got that.\n" },
	{ "GREETING_GENERIC", PLAIN "| Dear customer,\n> I got that.\n",
	    "In-Reply-To: <a@b>\n" PLAIN "| Dear customer,\nyes\n" },
	/* What is forwarded is not the author's, if he wrote more than that. */
	{ "GREETING_GENERIC", RE PLAIN "see below\nFrom: me\nDear customer,\n",
	    RE PLAIN "see below\nFrom: me\nDate: today\n\nDear customer,\n" },
	{ "GREETING_GENERIC", RE PLAIN "Dear customer,\n" FORWARD "hello\n",
	    RE PLAIN FORWARD "Dear customer,\n" },
	{ "GREETING_GENERIC", HTML "<p>zur Info</p><p>Sehr geehrter Kunde</p>",
	    RE HTML "<p>zur Info</p><p><b>Von:</b> Bob<br><b>Gesendet:</b> "
		    "Montag</p><p>Sehr geehrter Kunde</p>" },
	/* Who neither answers nor forwards has nothing to quote. */
	{ "GREETING_GENERIC",
	    PLAIN "see below\nFrom: me\nDate: today\n\nDear customer,\n",
	    RE PLAIN "see below\nFrom: me\nDate: today\n\nDear customer,\n" },
	{ "TEXT_ACCOUNT", PLAIN "Your account\nhas been suspended.\n",
	    PLAIN "Your account has been opened.\n" },
	{ "TEXT_ACCOUNT", PLAIN "𝐕𝐞𝐫𝐢𝐟𝐲 your acc\xe2\x80\x8bount!\n",
	    PLAIN "Verify your luggage!\n" },
	{ "TEXT_ACCOUNT", PLAIN "Ihr Bankkonto gesperrt!\n",
	    PLAIN "Ihr Bankkonto eröffnet!\n" },
	{ "TEXT_ACCOUNT", PLAIN "お客様のAmazonアカウントが停止されました\n",
	    PLAIN "お客様のAmazonアカウントです\n" },
	{ "TEXT_ACCOUNT", PLAIN "您的Outlook邮箱升级\n",
	    PLAIN "您的Outlook邮箱\n" },
	{ "TEXT_MAILBOX", PLAIN "Your e-mail is almost full\n",
	    PLAIN "Send an e-mail with your full name\n" },
	{ "TEXT_MAILBOX", PLAIN "Your mailbox is full\n",
	    PLAIN "The box of your mail is full\n" },
	{ "TEXT_ADVANCE_FEE",
	    PLAIN "He left no next of kin, and $25 million.\n",
	    PLAIN "They lost $25 million, $26 million!\n" },
	{ "TEXT_CRYPTO", PLAIN "Bitcoin or Ethereum?\n",
	    PLAIN "Bitcoin or Bitcoin?\n" },
	{ "TEXT_URGENT", PLAIN "Urgent: answer within 24 hours\n",
	    PLAIN "Urgent, urgently: answer this week\n" },
	{ "TEXT_MIXED_SCRIPTS", PLAIN "Your раyment of 5 bitсoin\n",
	    PLAIN "Your раyment of 5 bitcoin, 7 μm\n" },
	{ "TEXT_MIXED_SCRIPTS", PLAIN "раyment, bitсoin\n",
	    PLAIN "PDFка, SMSки, ITшники\n" },
	{ "TEXT_8BIT_UNDECLARED", PLAIN "Grüße\n",
	    "Content-Transfer-Encoding: 8bit\n" PLAIN "Grüße\n" },
	{ "TEXT_8BIT_UNDECLARED", "Content-Transfer-Encoding: 7bit\n" PLAIN "ü",
	    "Content-Transfer-Encoding: quoted-printable\n" PLAIN "=C3=BC\n" },
	{ "TEXT_8BIT_UNDECLARED", "Subject: x\n\nGrüße\n",
	    "Content-Type: application/x-data\n\nGrüße\n" },
	{ "PHONE_NO_URL", PLAIN "Your invoice: call (888) 555-0100\n",
	    PLAIN "Your invoice: call (888) 555-0100, http://a.example\n" },
	{ "PHONE_NO_URL", PLAIN "Your invoice by Example.com: 888-555-0100\n",
	    PLAIN "Your invoice: 888-555-0100, www.example.com\n" },
	{ "PHONE_NO_URL", PLAIN "Charged $ 300, 888 555 0100, a@b.example\n",
	    LIST PLAIN "Charged $ 300, 888 555 0100\n" },
	{ "PHONE_NO_URL", PLAIN "Renewed; 888.555.0100\n",
	    PLAIN "Call me: 888.555.0100\n" },
	{ "BODY_NO_TEXT", PLAIN "https://example.com/a/very/long/path !\n",
	    PLAIN "ok https://example.com/a/very/long/path !\n" },
	{ "BODY_NO_TEXT", HTML "<p hidden>please have a look at this</p>",
	    HTML "<p>please have a look at this</p>" },
	{ "BODY_NO_TEXT",
	    LIST PLAIN "!\n____________________\n"
		       "the mailing list of this and that\n",
	    PLAIN "!\n____________________\n"
		  "the mailing list of this and that\n" },
	{ "BODY_NO_TEXT", PLAIN "?\n", PLAIN "好\n" },
	{ "BODY_NO_TEXT", MIXED PLAIN "\n" NEXT "Content-Type: image/png\n\n",
	    MIXED PLAIN "\n" NEXT "Content-Type: image/png\n\nx\n" },
	{ "BODY_NO_TEXT", MIXED PLAIN "\n" NEXT HTML "<p></p>\n",
	    MIXED PLAIN "\n" NEXT "Content-Type: text/plain\n"
			"Content-Disposition: attachment\n\nx\n" },
	{ "BODY_NO_TEXT", "Content-Type: multipart/mixed\n\n\n",
	    "Content-Type: application/pdf\n\n%PDF\n" },
	{ "BODY_NO_TEXT", PLAIN "\n",
	    "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" },
	{ "BODY_NO_TEXT", PLAIN "\n", "Content-Type: audio/mpeg\n\nx\n" },
	{ "BODY_NO_TEXT", PLAIN "\n",
	    "Content-Type: message/rfc822\n\nSubject: x\n\nhello\n" },
	{ "BODY_NO_TEXT", PLAIN "\n",
	    "Content-Type: application/pkcs7-mime\n\nx\n" },
	{ "UNSUBSCRIBE_TEXT_ONLY", PLAIN "Click here to unsubscribe.\n",
	    "List-Unsubscribe: <mailto:a@b.example>\n" PLAIN
	    "Click here to unsubscribe.\n" },
	{ "UNSUBSCRIBE_TEXT_ONLY",
	    HTML "<a href='http://a.example'>opt out</a>",
	    "References: <a@b>\n" HTML "<p>opt out</p>" },
	{ "UNSUBSCRIBE_TEXT_ONLY", PLAIN "Abmelden\n",
	    "List-Id: <l.example>\n" PLAIN "Abmelden\n" },
	{ "SIGNATURE_DASHES", PLAIN "Bye\n-- \nJane\n",
	    PLAIN "Bye\n---\nJane\n" },
	{ "SIGNATURE_DASHES", PLAIN "Bye\n--\nJane\n",
	    RE PLAIN "> -- \n> Jane\n" },
	{ "REPLY_QUOTED", "In-Reply-To: <a@b>\n" PLAIN "> one\n> two\nyes\n",
	    PLAIN "> one\n> two\nyes\n" },
	{ "REPLY_QUOTED", "References: <a@b>\n" PLAIN "Jane wrote:\nyes\n",
	    "References: <a@b>\n" PLAIN "> one\nyes\n" },
};

static void
test_symbols(void **state)
{
	struct content_fixture *fixture = *state;
	const struct symbol_case *c;
	const char *symbols;
	size_t i;

	for (i = 0; i < GP_NELEMS(symbol_cases); i++) {
		c = &symbol_cases[i];
		symbols = content_symbols_of(fixture, c->hit);
		if (!content_has_symbol(symbols, c->symbol))
			fail_msg("no %s but \"%s\" for\n%s", c->symbol, symbols,
			    c->hit);
		symbols = content_symbols_of(fixture, c->miss);
		if (content_has_symbol(symbols, c->symbol))
			fail_msg("%s for\n%s", c->symbol, c->miss);
	}
}

/* "Your account has been suspended", by the author and quoted by him. */
struct quote_case {
	const char *own, *quoted;
};

static const struct quote_case quote_cases[] = {
	{ RE PLAIN FORWARD "Your account has been suspended\n",
	    RE PLAIN "FYI\n" FORWARD "Your account has been suspended\n" },
	{ RE PLAIN "Your account has been suspended\n" FORWARD "hello\n",
	    RE PLAIN "What is this?\n\n" OUTLOOK
		     "Your account has been suspended\n" },
	{ RE HTML "<p>On Monday Jane wrote:</p>Your account has been suspended",
	    RE HTML "<p>Fine.</p><p>On Monday Jane wrote:</p>"
		    "Your account has been suspended" },
	{ RE PLAIN "Fine.\nJane wrote:\n> x\nYour account has been suspended",
	    RE HTML "<p>Fine.</p>Jane wrote:<br>"
		    "Your account has been suspended" },
	{ RE PLAIN "x\n" FORWARD "Your account is suspended\n",
	    RE PLAIN "fyi\n" FORWARD "Your account is suspended\n" },
	{ RE PLAIN "> > quoted\n" FORWARD "Your account has been suspended\n",
	    "References: <a@b>\n" PLAIN "FYI\n" FORWARD
	    "Your account has been suspended\n" },
	{ RE ALTERNATIVE PLAIN "FYI\n" FORWARD "\n" NEXT HTML
			       "<p>Your account has been suspended</p>",
	    RE ALTERNATIVE PLAIN "FYI\n" FORWARD "\n" NEXT HTML
				 "<p>FYI</p>" FORWARD
				 "<p>Your account has been suspended</p>" },
	{ PLAIN "FYI\n" FORWARD "Your account has been suspended\n",
	    RE PLAIN "FYI\n" FORWARD "Your account has been suspended\n" },
};

static void
test_quotes(void **state)
{
	static const char name[] = "TEXT_ACCOUNT";
	const struct quote_case *c;
	size_t i;
	int own;

	for (i = 0; i < GP_NELEMS(quote_cases); i++) {
		c = &quote_cases[i];
		(void)content_symbols_of(*state, c->own);
		own = content_points(*state, name);
		(void)content_symbols_of(*state, c->quoted);
		if (own <= 0 || content_points(*state, name) * 2 != own)
			fail_msg("%d and %d points for\n%s\n%s", own,
			    content_points(*state, name), c->own, c->quoted);
	}
	(void)content_symbols_of(
	    *state, RE PLAIN "> Your account has been suspended\nyes\n");
	assert_int_equal(content_points(*state, name), 0);
}

/* A part of filler, so often that it takes more than all that is looked at. */
struct filler_case {
	const char *name, *header, *filler;
	size_t lines, parts;
	const char *last;
	bool hit;
};

#define WORDS_OF_PHISHERS                                                  \
	"Dear customer, your account has been suspended: a final notice, " \
	"urgent.\n"

static const struct filler_case filler_cases[] = {
	{ "plain alternative", ALTERNATIVE, PLAIN, 4000, 1,
	    HTML "<p>" WORDS_OF_PHISHERS, true },
	{ "many plain alternatives", ALTERNATIVE, PLAIN, 4000, 9,
	    HTML "<p>" WORDS_OF_PHISHERS, true },
	{ "HTML in front of plain", MIXED, HTML, 4000, 9,
	    PLAIN WORDS_OF_PHISHERS, true },
	{ "many HTML parts", MIXED, HTML, 3000, 11, HTML WORDS_OF_PHISHERS,
	    true },
	{ "many short parts", MIXED, PLAIN, 20, 900, PLAIN WORDS_OF_PHISHERS,
	    true },
	{ "the same part", PLAIN, "", 4000, 1, WORDS_OF_PHISHERS, false },
};

static void
test_filler(void **state)
{
	static const char *const names[] = { "GREETING_GENERIC", "TEXT_ACCOUNT",
		"TEXT_URGENT" };
	struct strbuf *raw = strbuf_new(2000000);
	const struct filler_case *c;
	const char *symbols;
	size_t i, part, line;

	assert_non_null(raw);
	for (c = filler_cases; c < filler_cases + GP_NELEMS(filler_cases);
	     c++) {
		strbuf_truncate(raw, 0);
		strbuf_add_text(raw, c->header);
		for (part = 0; part < c->parts; part++) {
			strbuf_add_text(raw, c->filler);
			for (line = 0; line < c->lines; line++)
				strbuf_add_text(raw, "lorem ipsum\n");
			if (c->filler[0] != '\0')
				strbuf_add_text(raw, NEXT);
		}
		strbuf_add_text(raw, c->last);
		assert_int_equal(strbuf_status(raw), STATUS_OK);
		symbols = content_symbols_of(*state, strbuf_text(raw));
		for (i = 0; i < GP_NELEMS(names); i++)
			if (content_has_symbol(symbols, names[i]) != c->hit)
				fail_msg("%s: %s: \"%s\"", c->name, names[i],
				    symbols);
	}
	strbuf_free(&raw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_filler),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
