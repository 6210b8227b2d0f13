/* Symbols of what the text says: a message that hits, and one that nearly does. */
#include "config.h"

#include "lib/base/str.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML  "Content-Type: text/html; charset=utf-8\n\n"
#define LIST  "List-Id: <l.example>\nPrecedence: list\n"

struct symbol_case {
	const char *symbol, *hit, *miss;
};

static const struct symbol_case symbol_cases[] = {
	{ "GREETING_GENERIC", PLAIN "Dear customer,\nall is well.\n",
	    PLAIN "Dear Anna,\nthe customer is a dear one.\n" },
	{ "GREETING_GENERIC", HTML "<p>Dear&nbsp;\n<b>Cust</b>omer</p>",
	    HTML "<p>Dear Anna</p><p hidden>Dear customer</p>" },
	{ "GREETING_GENERIC", PLAIN "Sehr geehrter Kunde,\n",
	    PLAIN "> Dear customer,\nI got that.\n" },
	{ "TEXT_ACCOUNT", PLAIN "Your account\nhas been suspended.\n",
	    PLAIN "Your account has been opened.\n" },
	{ "TEXT_ACCOUNT", PLAIN "𝐕𝐞𝐫𝐢𝐟𝐲 your acc\xe2\x80\x8bount!\n",
	    PLAIN "Verify your luggage!\n" },
	{ "TEXT_MAILBOX", PLAIN "Your mailbox is full\n",
	    PLAIN "The box of your mail is full\n" },
	{ "TEXT_ADVANCE_FEE",
	    PLAIN "He left no next of kin, and $25 million.\n",
	    PLAIN "They lost $25 million, $25 million!\n" },
	{ "TEXT_CRYPTO", PLAIN "Bitcoin or Ethereum?\n",
	    PLAIN "Bitcoin or Bitcoin?\n" },
	{ "TEXT_URGENT", PLAIN "Urgent: answer within 24 hours\n",
	    PLAIN "Urgent: answer this week\n" },
	{ "TEXT_MIXED_SCRIPTS", PLAIN "Your раyment of 5 bitсoin\n",
	    PLAIN "Your раyment of 5 bitcoin, 7 μm\n" },
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
	{ "BODY_NO_TEXT", PLAIN "see https://example.com/a/very/long/path\n",
	    PLAIN "please have a look at this\n" },
	{ "BODY_NO_TEXT", HTML "<p hidden>please have a look at this</p>",
	    HTML "<p>please have a look at this</p>" },
	{ "BODY_NO_TEXT",
	    LIST PLAIN "hi\n____________________\n"
		       "the mailing list of this and that\n",
	    PLAIN "hi\n____________________\n"
		  "the mailing list of this and that\n" },
	{ "BODY_NO_TEXT", "Content-Type: application/pdf\n\n%PDF\n",
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
	    PLAIN "> -- \n> Jane\n" },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
