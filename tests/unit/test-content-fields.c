/* Symbols of the header fields: of the sender, and of all others. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

#define MESSAGE_BYTES 4000
#define LIST          "List-Id: A list <list.example.org>\nPrecedence: list\n"
#define OLD_LIST      "List-Id: A <list.example.org>\nPrecedence: first-class\n"
#define LATE          "Received: by x.test; Tue, 2 Jan 2024 12:00:00 +0000\n"
#define STRANGER      "Received: from a.test ([192.0.2.7]) by x.test\n"
#define EARLY         "Received: by x.test; Mon, 1 Jan 2024 12:01:00 +0000\n"

/* A message has these, unless the case brings its own. */
static const char *const usual[] = {
	"From: Ann Bee <ann@example.org>\n",
	"To: Carl <carl@example.net>\n",
	"Date: Mon, 1 Jan 2024 12:00:00 +0000\n",
	"Message-ID: <1@example.org>\n",
	"Subject: Hello there\n",
};

/* A message that hits, and one that nearly does. */
static const struct {
	const char *symbol, *hit, *miss;
} cases[] = {
	{ "DATE_MALFORMED", "Date: yesterday\n",
	    "Date: Mon, 1 Jan 2024 12:00:00 CET (a comment: 1:2)\n" },
	{ "DATE_MALFORMED", "Date: Mon, 1 Jan 2024 12:00:00\n",
	    "Date: 1 Jan 2024 12:00 -0000\n" },
	{ "DATE_MALFORMED", "Date: Mon, 1 Jan 2024 12:00:00 PM -0400\n",
	    "Date: Mon, 1 Jan 2024 12:00:00 -0400\n" },
	{ "DATE_MALFORMED", "Date: 1 Jan 2024 12:00:00 W. Europe Time\n",
	    "Date: 1 Jan 2024 12:00:00 MEST\n" },
	{ "DATE_MALFORMED", "Date: 1 Jan 2024 12:00:00 +100\n", "" },
	{ "DATE_MALFORMED", "Date:\n", "" },
	{ "DATE_FAR_OFF", LATE, LATE EARLY },
	{ "DATE_FAR_OFF", LATE "Date: Wed, 3 Jan 2024 12:00:00 +0000\n",
	    LATE "Date: Tue, 2 Jan 2024 07:00:00 +0000\n" },
	{ "DATE_FAR_OFF", LATE, "Received: by x.test\n" },
	{ "DATE_FUTURE", EARLY "Date: Tue, 2 Jan 2024 12:00:00 +0000\n",
	    EARLY "Date: Mon, 1 Jan 2024 23:00:00 +0000\n" },
	{ "DATE_FUTURE", EARLY LATE "Date: Tue, 2 Jan 2024 12:00:00 +0000\n",
	    LATE EARLY "Date: Tue, 2 Jan 2024 12:00:00 +0000\n" },
	{ "MESSAGE_ID_MISSING", "Message-ID:\n", "" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: 1@example.org\n",
	    "Message-ID:\n <1@example.org>\n" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <1@a@example.org>\n",
	    "Message-ID: <1.a+b=c@x>\n" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <1 a@example.org>\n", "" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <1@>\n", "Message-ID: \n" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <@example.org>\n", "" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <1234>\n", "" },
	{ "MESSAGE_ID_MALFORMED", "Message-ID: <\n", "" },
	{ "MESSAGE_ID_NUMERIC_HOST", "Message-ID: <1@192.0.2.1>\n",
	    "Message-ID: <192.0.2.1@example.org>\n" },
	{ "MESSAGE_ID_NUMERIC_HOST", "Message-ID: <1@[192.0.2.1]>\n",
	    "Message-ID: <1@192.0.2.1.example.org>\n" },
	{ "FIELD_REPEATED", "From: a@example.org\nFrom: b@example.org\n",
	    "Received: x\nReceived: y\n" },
	{ "MIME_VERSION_MISSING", "Content-Type: text/html\n",
	    "MIME-Version: 1.0\nContent-Type: text/html\n" },
	{ "MIME_VERSION_MISSING", "Content-Type: text/html\n",
	    "Content-Type: text/plain; charset=utf-8\n" },
	{ "REFERENCES_NO_REPLY", "References: <2@example.net>\n",
	    "References: <2@example.net>\nSubject: RE[2]: Hello\n" },
	{ "REFERENCES_NO_REPLY", "In-Reply-To: <2@example.net>\n",
	    "In-Reply-To: <2@example.net>\n" LIST },
	{ "REFERENCES_NO_REPLY", "References: <2@example.net>\n",
	    "References: <2@example.net>\nSubject: [JIRA] (P-1) Crash\n" },
	{ "REFERENCES_NO_REPLY",
	    "In-Reply-To: <2@example.net>\nSubject: Acceptance of it\n",
	    "In-Reply-To: <2@example.net>\nSubject: Accepted: Project\n" },
	{ "REFERENCES_NO_REPLY",
	    "In-Reply-To: <2@example.net>\nContent-Type: text/html\n",
	    "In-Reply-To: <2@example.net>\nContent-Type: text/calendar\n" },
	{ "REFERENCES_NO_REPLY",
	    "In-Reply-To: <2@example.net>\nSubject: On the automatic reply\n",
	    "In-Reply-To: <2@example.net>\nSubject: Automatic reply: Hello\n" },
	{ "PRIORITY_HIGH", "X-Priority: 1 (Highest)\n",
	    "X-Priority: 3 (Normal)\n" },
	{ "PRIORITY_HIGH", "X-Priority: 2\n", "X-Priority: 2\n" LIST },
	{ "PRIORITY_HIGH", "Importance: High\n", "Importance: normal\n" },
	{ "PRIORITY_HIGH", "X-Priority: 1\n", "X-Priority: 10\n" },
	{ "PHP_SCRIPT", "X-PHP-Originating-Script: 33:a.php\n",
	    "X-PHP: a.php\n" },
	{ "PHP_SCRIPT", "X-PHP-Script: example.org/a.php\n", "" },
	{ "MAILER_DEAD", EARLY "X-Mailer: Microsoft Outlook Express 6.00\n",
	    EARLY "X-Mailer: Microsoft Outlook 16.0\n" },
	{ "MAILER_DEAD", EARLY "User-Agent: Eudora 7\n",
	    "Received: x; 1 Jan 2005 12:00:00 +0000\nX-Mailer: Eudora 7\n" },
	{ "MAILER_DEAD", EARLY "X-Mailer: The Bat! (v1.62)\n",
	    EARLY "X-Mailer: The Bat! (v11.2) Professional\n" },
	{ "MAILER_DEAD", EARLY "X-Mailer: IMail 8\n",
	    EARLY "X-Mailer: SwiftMultiMail 3\n" },
	{ "MAILER_DEAD", EARLY "X-Mailer: Foxmail 6, 15 [cn]\n",
	    EARLY "X-Mailer: CDO for Windows 2000\n" },
	{ "MSMAIL_NO_MIMEOLE", "X-MSMail-Priority: Normal\n",
	    "X-MSMail-Priority: Normal\nX-MimeOLE: Produced\n" },
	{ "MSMAIL_NO_MIMEOLE", "X-MSMail-Priority: Normal\n",
	    "X-MSMail-Priority: Normal\nUser-Agent: SquirrelMail/1.4.23\n" },
	/* A script, or Outlook's web page. */
	{ "MSMAIL_NO_MIMEOLE", "X-MSMail-Priority: Normal\n",
	    "X-MSMail-Priority: High\nX-Priority: 1\n" },
	{ "MSMAIL_NO_MIMEOLE",
	    "X-MSMail-Priority: High\nX-Priority: 1\n"
	    "X-Mailer: Microsoft Outlook Express 6.00.2900.2180\n",
	    "X-MSMail-Priority: High\nX-Priority: 1\n"
	    "X-Mailer: Microsoft Outlook 16.0\n" },
	{ "MSMAIL_NO_MIMEOLE",
	    "X-MSMail-Priority: Normal\n"
	    "X-Mailer: Microsoft Outlook, Build 10.0.2616\n",
	    "X-MSMail-Priority: Normal\n"
	    "X-Mailer: Microsoft Office Outlook 12.0\n" },
	{ "MSMAIL_NO_MIMEOLE",
	    "X-MSMail-Priority: Normal\n"
	    "X-Mailer: Microsoft Office Outlook, Build 11.0.5510\n",
	    "X-MSMail-Priority: Normal\nX-Mailer: The Bat! (v11.2)\n" },
	{ "SUBJECT_8BIT", "Subject: \xc3\xa4h\n",
	    "Subject: =?utf-8?q?=c3=a4h?=\n" },
	{ "SUBJECT_CAPS", "Subject: BUY THIS NOW, 100%!\n",
	    "Subject: BUY THIS Now, 100%!\n" },
	{ "SUBJECT_CAPS", "Subject: [list] BUY THIS NOW\n" LIST,
	    "Subject: [list] BUY THIS NOW\n" },
	{ "SUBJECT_CAPS", "Subject: BUYTHISNOW\n", "Subject: BUYTHISNO\n" },
	/* CYRILLIC, which has capitals too */
	{ "SUBJECT_CAPS", "Subject: BUY THIS NOW\n",
	    "Subject: =?koi8-r?q?=F0=F2=E9=F7=E5=F4=F0=F2=E9=F7=E5=F4?=\n" },
	{ "SUBJECT_FANCY",
	    "Subject: =?utf-8?q?=F0=9D=90=80=F0=9D=90=81=F0=9D=90=82?=\n",
	    "Subject: =?utf-8?q?=F0=9D=90=80=F0=9D=90=81?= C\n" },
	/* "ABC", full width, behind a Japanese letter */
	{ "SUBJECT_FANCY", "Subject: =?utf-8?q?=EF=BC=A1=EF=BC=A2=EF=BC=A3?=\n",
	    "Subject: =?utf-8?q?=E3=81=82=EF=BC=A1=EF=BC=A2=EF=BC=A3?=\n" },
	{ "SUBJECT_HOLDS_RECIPIENT", "Subject: for Carl@Example.net!\n",
	    "Subject: for ann@example.org!\n" },
	{ "SUBJECT_HOLDS_RECIPIENT", "Subject: (carl@example.net)\n",
	    "Subject: xcarl@example.net\n" },
	{ "SUBJECT_HOLDS_RECIPIENT", "Subject: carl@example.net.\n",
	    "Subject: carl@example.network\n" },
	{ "SUBJECT_HOLDS_RECIPIENT",
	    "From: Cron <root@example.org>\nTo: root@x.example.org\n"
	    "Subject: Cron <root@x.example.org> ls\n",
	    "From: Cron <root@example.org>\nTo: Root@example.org\n"
	    "Subject: Cron <root@example.org> ls\n" },
	{ "MAILING_LIST", LIST, "Precedence: list\n" },
	{ "MAILING_LIST", "List-Id: <\nList-Post: <mailto:a@b.test>\n",
	    OLD_LIST },

	{ "FROM_8BIT", "From: J\xc3\xbcrgen <a@example.org>\n",
	    "From: =?utf-8?q?J=c3=bcrgen?= <a@example.org>\n" },
	{ "FROM_DOMAIN_NO_DOT", STRANGER "From: root@localhost\n",
	    STRANGER "From: root@[IPv6:2001:db8::1]\n" },
	{ "FROM_DOMAIN_NO_DOT", STRANGER "From: root@nas\n",
	    "Received: from nas ([10.0.0.1]) by x.test\nFrom: root@nas\n" },
	{ "FROM_EQUALS_TO", STRANGER "From: X <CARL@example.net>\n",
	    STRANGER "From: X <CARL@example.net>\n" OLD_LIST },
	{ "FROM_EQUALS_TO", STRANGER "From: carl@example.net\n",
	    STRANGER "From: karl@example.net\n" },
	{ "FROM_EQUALS_TO", "Received: x\nFrom: carl@example.net\n",
	    "From: carl@example.net\n" },
	{ "FROM_EQUALS_TO", STRANGER "From: carl@example.net\n",
	    "Received: from a.test ([10.0.0.1]) by x.test\n"
	    "From: carl@example.net\n" },
	{ "FROM_HOSTER_DOMAIN", "From: a@shop.onmicrosoft.com\n",
	    "From: a@notonmicrosoft.com\n" },
	{ "FROM_HOSTER_DOMAIN", "From: a@x.web.app\n",
	    "From: Acme Help <a@acme.zendesk.com>\n" },
	{ "FROM_NAME_ADDRESS", "From: \"boss@example.net\" <ann@example.org>\n",
	    "From: \"ann@mail.example.org\" <ann@example.org>\n" },
	{ "FROM_NAME_ADDRESS", "From: boss@example.net <ann@example.org>\n",
	    "From: \"boss@example.net via Shop\" <ann@example.org>\n" },
	{ "FROM_NAME_ADDRESS",
	    "From: \"Boss (boss@example.net)\" <ann@example.org>\n",
	    "From: \"Boss (boss@example.net)\" <a@example.org>\n" OLD_LIST },
	{ "FROM_NAME_ADDRESS",
	    "From: =?utf-8?q?boss=40example.net?= <ann@example.org>\n",
	    "From: \"Ann @ example.net\" <ann@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal Inc. <a@example.org>\n",
	    "From: PayPal Inc. <a@mail.paypal.de>\n" },
	{ "FROM_NAME_BRAND", "From: Wells-Fargo <a@example.org>\n",
	    "From: Wellsfargo <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: \"Lowe\xe2\x80\x99s\" <a@example.org>\n",
	    "From: Lower <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal <a@paypal.github.io>\n",
	    "From: \"Google Pay, PayPal\" <a@google.com>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal <a@my-payments.test>\n",
	    "From: PayPal <a@paypal-news.test>\n" },
	{ "FROM_NAME_BRAND", "From: \"DHL|Paket\" <a@example.org>\n",
	    "From: DHLx <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal via Service <a@example.org>\n",
	    "From: PayPal via Example <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: Ann via PayPal <a@example.org>\n",
	    "From: Ann via PayPal <a@paypal.com>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal via PayPal <a@example.org>\n",
	    "From: PayPal via My Shop <a@my-shop.test>\n" },
	{ "FROM_NAME_BRAND", "From: PayPal via A <a@example.org>\n" LIST,
	    "From: PayPal via A <list@example.org>\n"
	    "List-Post: <mailto:List@example.org>\n" LIST },
	{ "FROM_NAME_BRAND", "From: Dyson <a@example.org>\n",
	    "From: Esther Dyson <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: Apple Support <a@example.org>\n",
	    "From: Apple Martin <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: UPS Tracking <a@example.org>\n",
	    "From: Pop-Ups Berlin <a@example.org>\n" },
	{ "FROM_NAME_BRAND", "From: Volksbank Mitte <a@example.org>\n",
	    "From: Volksbank Mitte <a@vr-mitte.test>\n" },
	{ "FROM_NAME_BRAND", "From: Volksbank <a@vrmitte.test>\n",
	    "From: Volksbank Mitte <a@vb-mitte.test>\n" },
	{ "FROM_NAME_BRAND", "From: Microsoft Outlook <a@example.org>\n",
	    "From: Microsoft Outlook <postmaster@example.org>\n"
	    "Content-Type: multipart/report; boundary=x\n" },
	{ "FROM_NAME_BRAND", "From: Pay\xe2\x80\x8bPal <a@example.org>\n",
	    "From: Paypals <a@example.org>\n" },
	{ "FROM_NAME_PROMO", "From: Costco Rewards <a@example.org>\n",
	    "From: Ann Freeman <a@example.org>\n" },
	{ "FROM_NAME_PROMO", "From: Free Bonus <a@example.org>\n",
	    "From: Ed Miller <a@example.org>\n" },
	{ "FROM_NAME_PUNCTUATION", "From: \"Ann!\" <a@example.org>\n",
	    "From: \"Bee, Ann (B.-C. & Co.)\" <a@example.org>\n" },
	{ "FROM_NAME_ROLE", "From: Mail Admin <a@example.org>\n",
	    "From: Adam Maier <admin@example.org>\n" },
	{ "FROM_NAME_ROLE", "From: Mail Delivery <a@example.org>\n",
	    "From: Mail Delivery <a@example.org>\n"
	    "Content-Type: multipart/report; boundary=x\n" },
	{ "FROM_NAME_ROLE", "From: Fashion Service <a@example.org>\n",
	    "From: Fashion Deals <a@example.org>\n" },
	{ "FROM_NAME_ROLE", "From: Your Account <a@example.org>\n",
	    "From: Final Notice of Rewards <a@example.org>\n" },
	{ "FROM_TLD_BAD", "From: a@example.top\n",
	    "From: a@top.example.org\n" },
	{ "REPLY_TO_FREEMAIL", "Reply-To: a@Gmail.com\n",
	    "Reply-To: a@corp.gmail.com\n" },
	{ "REPLY_TO_FREEMAIL", "Reply-To: b@example.org, a@gmail.com\n",
	    "Reply-To: a@gmail.com\nFrom: a@gmail.com\n" },
	/* The list wrote the field, not the author. */
	{ "REPLY_TO_FREEMAIL", "Reply-To: a@gmail.com\n" OLD_LIST,
	    "Reply-To: a@gmail.com\n" LIST },
	{ "REPLY_TO_FREEMAIL_OTHER",
	    "Reply-To: b@gmail.com\nFrom: a@gmail.com\n",
	    "Reply-To: A@gmail.com\nFrom: a@gmail.com\n" },
	{ "REPLY_TO_FREEMAIL_OTHER", "Reply-To: a@gmx.net\nFrom: a@gmail.com\n",
	    "Reply-To: a@example.org\nFrom: a@gmail.com\n" },
	{ "REPLY_TO_OTHER", "Reply-To: a@example.net\n",
	    "Reply-To: a@mail.example.org\n" },
	{ "REPLY_TO_OTHER", "Reply-To: a@example.net\n",
	    "Reply-To: a@example.net\nList-Unsubscribe: <http://x.test>\n" },
	{ "REPLY_TO_OTHER", "Reply-To: a@example.net\n",
	    "Reply-To: a@example.net, b@example.org\n" },
	{ "REPLY_TO_OTHER", "Reply-To: a@example.net\n",
	    "Reply-To: a@gmail.com\n" },
	{ "REPLY_TO_OTHER", "Reply-To: a@b.test\nFrom: a@gmail.com\n",
	    "Reply-To: a@gmx.net\nFrom: a@gmail.com\n" },
	{ "TO_UNDISCLOSED", "To: Undisclosed recipients:;\n",
	    "To: recipients@example.net\n" },
	{ "TO_UNDISCLOSED", "To: \"unlisted-recipients\"\n", "To: carl\n" },
};

/* Some line of the fields begins with this name. */
static bool
brings(const char *fields, const char *line)
{
	size_t length = strcspn(line, ":") + 1;
	const char *at;

	for (at = fields; at != NULL && *at != '\0'; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, length) == 0)
			return true;
	}
	return false;
}

/* A message with the usual fields, but one, and others. */
static void
write_message(char *message, const char *fields, size_t left_out)
{
	size_t i, used;

	used = (size_t)snprintf(message, MESSAGE_BYTES, "%s", fields);
	for (i = 0; i < GP_NELEMS(usual); i++)
		if (i != left_out && !brings(fields, usual[i]))
			used += (size_t)snprintf(message + used,
			    MESSAGE_BYTES - used, "%s", usual[i]);
	assert_in_range(snprintf(message + used, MESSAGE_BYTES - used,
			    "\nThe garden needs some rain, says the neighbour, "
			    "and it will not come before Friday.\n"),
	    1, MESSAGE_BYTES - used - 1);
}

static const char *
symbols_of(struct content_fixture *fixture, const char *fields)
{
	char message[MESSAGE_BYTES];

	write_message(message, fields, GP_NELEMS(usual));
	return content_symbols_of(fixture, message);
}

static void
test_symbols(void **state)
{
	const char *found;
	size_t i;

	assert_string_equal(symbols_of(*state, ""), "");
	for (i = 0; i < GP_NELEMS(cases); i++) {
		found = symbols_of(*state, cases[i].hit);
		if (!content_has_symbol(found, cases[i].symbol))
			fail_msg("case %zu, %s, hits: %s", i, cases[i].symbol,
			    found);
		found = symbols_of(*state, cases[i].miss);
		if (content_has_symbol(found, cases[i].symbol))
			fail_msg("case %zu, %s, does not hit: %s", i,
			    cases[i].symbol, found);
	}
}

/* What gives half of the points, and a near miss that gives all of them. */
static const struct {
	const char *symbol, *half, *full;
} half_cases[] = {
	{ "MSMAIL_NO_MIMEOLE", "X-MSMail-Priority: Normal\n",
	    "X-MSMail-Priority: Normal\n"
	    "X-Mailer: Microsoft Outlook Express 6.00\n" },
	{ "REPLY_TO_FREEMAIL",
	    "Reply-To: a@gmail.com\nX-PHP-Originating-Script: 33:a.php\n",
	    "Reply-To: a@gmail.com\nX-PHP: a.php\n" },
};

static void
test_halves(void **state)
{
	int half, full;
	size_t i;

	for (i = 0; i < GP_NELEMS(half_cases); i++) {
		(void)symbols_of(*state, half_cases[i].half);
		half = content_points(*state, half_cases[i].symbol);
		(void)symbols_of(*state, half_cases[i].full);
		full = content_points(*state, half_cases[i].symbol);
		if (half == 0 || full - 2 * half < -1 || full - 2 * half > 1)
			fail_msg("case %zu, %s: %d is not half of %d", i,
			    half_cases[i].symbol, half, full);
	}
}

/* What SMTP says, and what it takes back. */
static const struct {
	const char *name, *symbol;
	const char *fields;
	struct content_envelope envelope;
	bool hits;
} smtp_cases[] = {
	{ "to oneself", "FROM_EQUALS_TO", "From: a@own.test\nTo: A@own.test\n",
	    { "192.0.2.7", "x@example.org", "a@Own.test" }, true },
	{ "and a list", "FROM_EQUALS_TO",
	    "From: a@own.test\nTo: a@own.test\n" LIST,
	    { "192.0.2.7", "x@example.org", "a@own.test" }, true },
	{ "copies for others", "FROM_EQUALS_TO",
	    "From: a@own.test\nTo: a@own.test\n",
	    { "192.0.2.7", "x@example.org", "b@own.test" }, false },
	{ "DMARC", "FROM_EQUALS_TO", "From: a@own.test\nTo: a@own.test\n",
	    { "192.0.2.1", "a@own.test", "a@own.test" }, false },
	{ "SPF", "FROM_EQUALS_TO", "From: a@x.spf.test\nTo: a@x.spf.test\n",
	    { "192.0.2.1", "b@spf.test", "a@x.spf.test" }, false },
	{ "SPF of another", "FROM_EQUALS_TO",
	    "From: a@example.org\nTo: a@example.org\n",
	    { "192.0.2.1", "b@spf.test", "a@example.org" }, true },
	{ "own network", "FROM_EQUALS_TO", "From: a@own.test\nTo: a@own.test\n",
	    { "10.0.0.1", "a@own.test", "a@own.test" }, false },
	{ "a stranger behind it", "FROM_EQUALS_TO",
	    STRANGER "From: a@own.test\nTo: a@own.test\n",
	    { "127.0.0.1", "a@own.test", "a@own.test" }, true },

	{ "name of a machine", "FROM_DOMAIN_NO_DOT", "From: root@nas\n",
	    { "192.0.2.7", "root@nas", "a@own.test" }, true },
	{ "machine of the house", "FROM_DOMAIN_NO_DOT", "From: root@nas\n",
	    { "10.0.0.1", "root@nas", "a@own.test" }, false },

	{ "bounce", "FROM_NAME_BRAND",
	    "From: Microsoft Outlook <a@example.org>\n"
	    "Content-Type: multipart/report; boundary=x\n",
	    { "192.0.2.7", "", "a@own.test" }, false },
	{ "bounce with a sender", "FROM_NAME_BRAND",
	    "From: Microsoft Outlook <a@example.org>\n"
	    "Content-Type: multipart/report; boundary=x\n",
	    { "192.0.2.7", "a@example.org", "a@own.test" }, true },
};

static void
test_smtp(void **state)
{
	char message[MESSAGE_BYTES];
	const char *found;
	size_t i;

	for (i = 0; i < GP_NELEMS(smtp_cases); i++) {
		write_message(message, smtp_cases[i].fields, GP_NELEMS(usual));
		found = content_symbols_from(
		    *state, message, &smtp_cases[i].envelope);
		if (content_has_symbol(found, smtp_cases[i].symbol) !=
		    smtp_cases[i].hits)
			fail_msg("%s: %s", smtp_cases[i].name, found);
	}
}

/* Of the usual fields, in their order. */
static void
test_missing_fields(void **state)
{
	static const char *const expected[] = { "", "TO_MISSING",
		"DATE_MISSING", "MESSAGE_ID_MISSING", "" };
	char message[MESSAGE_BYTES];
	size_t i;

	for (i = 0; i < GP_NELEMS(usual); i++) {
		write_message(message, "", i);
		assert_string_equal(
		    content_symbols_of(*state, message), expected[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_smtp),
		cmocka_unit_test(test_missing_fields),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
