/*
 * Logins and senders in the pipeline: what is refused at MAIL and at the end of
 * the header, what is marked, and what is signed.
 */
#include "config.h"

#include "lib/scan/sender-login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scan/scan.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

#define TEXT_BYTES 2000
#define GTUBE                          \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*" \
	"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
#define DOMAIN  "senders { match = domain } "
#define MARK    "senders { match = domain action = mark } "
#define OFF     "senders { match = domain action = off } "
#define NOWHERE "senders { map = {/nowhere/map} } "
#define LENIENT "senders { map = {/nowhere/map} on_error = accept } "
#define OBSERVE "senders { match = domain } score { mode = observe } "
#define OWN_TOO "senders { match = domain own_networks_too = yes } "
#define ANNA    "anna@example.org"
#define FROM    "From: " ANNA "\r\n"
#define FOREIGN "boss@example.com"
#define FOUR    ANNA ", " ANNA ", " ANNA ", " ANNA
#define SIXTEEN FOUR ", " FOUR ", " FOUR ", " FOUR

struct sender_case {
	const char *name, *settings, *login, *sender, *header;
	const char *code;  /* of the reply; NULL: it goes on */
	bool at_mail;      /* refused by its envelope sender */
	const char *reply; /* how the reply begins */
	const char *mark;  /* X-Gatepost-Sender; NULL: none */
	bool may_sign;
};

#define MAY_NOT(where) ANNA " may not send as " FOREIGN " (" where ") ["
#define MARKED(where)  FOREIGN " in " where " does not belong to the login"

static const struct sender_case cases[] = {
	{ "own", DOMAIN, ANNA, "bob@example.org", FROM, NULL, false, NULL, NULL,
	    true },
	{ "envelope", DOMAIN, ANNA, FOREIGN, FROM, "553", true,
	    MAY_NOT("MAIL FROM"), NULL, true },
	{ "null sender", DOMAIN, ANNA, "<>", FROM, NULL, false, NULL, NULL,
	    true },
	{ "null sender, foreign author", DOMAIN, ANNA, "<>",
	    "From: " FOREIGN "\r\n", "553", false, MAY_NOT("From"), NULL,
	    false },
	{ "author", DOMAIN, ANNA, ANNA, "From: Boss <" FOREIGN ">\r\n", "553",
	    false, MAY_NOT("From"), NULL, false },
	{ "one of two authors", DOMAIN, ANNA, ANNA,
	    "From: " ANNA ", " FOREIGN "\r\n", "553", false, MAY_NOT("From"),
	    NULL, false },
	{ "two authors", DOMAIN, ANNA, ANNA,
	    "From: " ANNA ", bob@example.org\r\n", NULL, false, NULL, NULL,
	    true },
	{ "two From fields", DOMAIN, ANNA, ANNA, FROM "From: " FOREIGN "\r\n",
	    "553", false, MAY_NOT("a second From"), NULL, false },
	{ "two own From fields", DOMAIN, ANNA, ANNA, FROM FROM, "553", false,
	    ANNA " may not send as " ANNA " (a second From) [", NULL, false },
	{ "two own Sender fields", DOMAIN, ANNA, ANNA,
	    FROM "Sender: " ANNA "\r\nSender: " ANNA "\r\n", "553", false,
	    ANNA " may not send as " ANNA " (a second Sender) [", NULL, true },
	{ "sixteen authors", DOMAIN, ANNA, ANNA, "From: " SIXTEEN "\r\n", NULL,
	    false, NULL, NULL, true },
	{ "seventeen authors", DOMAIN, ANNA, ANNA,
	    "From: " SIXTEEN ", " ANNA "\r\n", "553", false,
	    ANNA " may not send as more than 16 addresses (From) [", NULL,
	    false },
	{ "Sender", DOMAIN, ANNA, ANNA, FROM "Sender: " FOREIGN "\r\n", "553",
	    false, MAY_NOT("Sender"), NULL, true },
	{ "own Sender", DOMAIN, ANNA, ANNA, FROM "Sender: " ANNA "\r\n", NULL,
	    false, NULL, NULL, true },
	{ "a name with a comma", DOMAIN, ANNA, ANNA,
	    "From: Doe, Anna <" ANNA ">\r\n", NULL, false, NULL, NULL, true },
	{ "a group without addresses", DOMAIN, ANNA, ANNA, "From: nobody:;\r\n",
	    "553", false, ANNA " may not send as nobody:; (From) [", NULL,
	    false },
	{ "an empty From", DOMAIN, ANNA, ANNA, "From: \r\n", "553", false,
	    ANNA " may not send as nobody (From) [", NULL, false },
	{ "no From", DOMAIN, ANNA, ANNA, "To: x@example.com\r\n", NULL, false,
	    NULL, NULL, true },
	{ "a format", DOMAIN, ANNA, "%s%n@example.com", FROM, "553", true,
	    ANNA " may not send as ?s?n@example.com (MAIL FROM) [", NULL,
	    true },
	{ "no domain", DOMAIN, ANNA, "boss", FROM, "553", true,
	    ANNA " may not send as boss (MAIL FROM) [", NULL, true },
	{ "a broken path", DOMAIN, ANNA, "@", FROM, "553", true,
	    ANNA " may not send as @ (MAIL FROM) [", NULL, true },
	{ "a login that is no address", DOMAIN, "anna", ANNA, FROM, "553", true,
	    "anna may not send as " ANNA " (MAIL FROM) [", NULL, false },
	{ "no login", DOMAIN, "", FOREIGN, FROM, NULL, false, NULL, NULL,
	    true },
	{ "no login, own networks too", OWN_TOO, "", FOREIGN, FROM, NULL, false,
	    NULL, NULL, true },
	{ "marked envelope", MARK, ANNA, FOREIGN, FROM, NULL, false, NULL,
	    MARKED("MAIL FROM"), true },
	{ "marked author", MARK, ANNA, ANNA, "From: " FOREIGN "\r\n", NULL,
	    false, NULL, MARKED("From"), false },
	{ "observed", OBSERVE, ANNA, FOREIGN, FROM, NULL, false, NULL,
	    MARKED("MAIL FROM"), true },
	{ "off", OFF, ANNA, FOREIGN, "From: " FOREIGN "\r\n", NULL, false, NULL,
	    NULL, true },
	{ "no source", "", ANNA, FOREIGN, "From: " FOREIGN "\r\n", NULL, false,
	    NULL, NULL, true },
	{ "unreadable", NOWHERE, ANNA, ANNA, FROM, "451", true,
	    "What this login may send as cannot be read now", NULL, false },
	{ "unreadable, null sender", NOWHERE, ANNA, "", FROM, "451", false,
	    "What this login may send as cannot be read now", NULL, false },
	{ "unreadable, accepted", LENIENT, ANNA, ANNA, FROM, NULL, false, NULL,
	    NULL, false },
};

static const char *
find_mark(const struct verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->header_count; i++)
		if (strcmp(verdict->headers[i].name, "X-Gatepost-Sender") == 0)
			return verdict->headers[i].value;
	return NULL;
}

static void
check_refusal(const struct sender_case *c, const struct verdict *verdict)
{
	bool rejects = c->code[0] == '5';

	if (verdict->reply_code == NULL ||
	    strcmp(verdict->reply_code, c->code) != 0)
		fail_msg("%s: %s", c->name,
		    verdict->reply_code == NULL ? "-" : verdict->reply_code);
	assert_string_equal(
	    verdict->reply_enhanced, rejects ? "5.7.1" : "4.3.0");
	assert_int_equal(
	    verdict->action, rejects ? ACTION_REJECT : ACTION_TEMPFAIL);
	if (strncmp(verdict->reply_text, c->reply, strlen(c->reply)) != 0)
		fail_msg("%s: %s", c->name, verdict->reply_text);
	assert_null(strchr(verdict->reply_text, '%'));
}

static void
check_case(const struct sender_case *c, const char *text)
{
	const struct settings *settings = settings_of(c->settings);
	struct scan_services services = { 0 };
	const struct verdict *verdict;
	struct scan *scan;
	struct span body;
	char raw[TEXT_BYTES];

	assert_int_equal(
	    senders_new(&settings->senders, &services.senders), STATUS_OK);
	assert_int_equal(words_new(&services.words), STATUS_OK);
	assert_int_equal(scan_new(&services, settings, &scan), STATUS_OK);
	scan_envelope(scan)->is_inbound = false;
	scan_envelope(scan)->login = c->login;
	assert_int_equal(scan_set_sender(scan, c->sender), STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_MAIL), STATUS_OK);
	if ((scan_refusal(scan) != NULL) != c->at_mail)
		fail_msg("%s: at MAIL", c->name);
	if (c->at_mail)
		check_refusal(c, scan_refusal(scan));
	snprintf(raw, sizeof(raw), "%s\r\n%s\r\n", c->header, text);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	if (c->code != NULL)
		check_refusal(c, verdict);
	else if (verdict->action != ACTION_ACCEPT)
		fail_msg("%s: %s", c->name, verdict->reply_text);
	if ((find_mark(verdict) != NULL) != (c->mark != NULL) &&
	    c->code == NULL)
		fail_msg("%s: mark", c->name);
	if (c->mark != NULL)
		assert_string_equal(find_mark(verdict), c->mark);
	if (sender_login_may_sign(scan) != c->may_sign)
		fail_msg("%s: may sign", c->name);
	scan_free(&scan);
	words_free(&services.words);
	senders_free(&services.senders);
	settings_release(&settings);
}

static void
test_cases(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		check_case(&cases[i], "Hello");
}

/* What the message holds outdoes its sender, with its own code. */
static const struct sender_case gtube_cases[] = {
	{ "foreign", DOMAIN, ANNA, ANNA, "From: " FOREIGN "\r\n", "550", false,
	    "The message holds the GTUBE test text", NULL, false },
	{ "unreadable", NOWHERE, ANNA, "", FROM, "550", false,
	    "The message holds the GTUBE test text", NULL, false },
};

static void
test_gtube(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(gtube_cases); i++)
		check_case(&gtube_cases[i], GTUBE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_gtube),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
