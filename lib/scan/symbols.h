/*
 * symbols - every fact that can move a score: name, group, default weight and
 * one sentence.  The one table of them is SYMBOL_TABLE below; the section
 * `symbols` of gatepost.conf, its man page and `gatepost config show symbols`
 * come from it.
 *
 * A weight is in points as a person writes it; inside, points are integers of
 * a hundredth (see score.h), so that what is printed is what was decided.
 * "{}" in a sentence stands for what the check saw (a domain, an address).
 */
#ifndef GATEPOST_SCAN_SYMBOLS_H
#define GATEPOST_SCAN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/conf/conf.h"

/* Each group has a cap, so that no single kind of fact decides alone. */
enum symbol_group {
	SYMBOL_GROUP_AUTHENTICATION,
	SYMBOL_GROUP_LISTS,
	SYMBOL_GROUP_CONTENT,
	SYMBOL_GROUP_HISTORY,
	SYMBOL_GROUP_CERTAIN, /* sure by itself: no cap */
	SYMBOL_GROUP_DECISION /* what a cap or a policy adds; no weight */
};

#define SYMBOL_GROUPS_CAPPED SYMBOL_GROUP_CERTAIN

/* X(NAME, GROUP, default weight, sentence) */
#define SYMBOL_TABLE(X)                                                       \
	/* Who sent it. */                                                    \
	X(SPF_PASS, AUTHENTICATION, "-0.1",                                   \
	    "{} allows the sending server (SPF)")                             \
	X(SPF_FAIL, AUTHENTICATION, "2.0",                                    \
	    "{} does not allow the sending server (SPF)")                     \
	X(SPF_SOFTFAIL, AUTHENTICATION, "0.8",                                \
	    "{} doubts the sending server (SPF)")                             \
	X(SPF_NEUTRAL, AUTHENTICATION, "0.2",                                 \
	    "{} says nothing about the sending server (SPF)")                 \
	X(SPF_NONE, AUTHENTICATION, "0.3",                                    \
	    "{} does not tell its servers (no SPF)")                          \
	X(SPF_PERMERROR, AUTHENTICATION, "0.5", "the SPF record of {} is broken") \
	X(SPF_HELO_FAIL, AUTHENTICATION, "1.0",                               \
	    "the sending server calls itself {}, which disowns it (SPF)")     \
	X(DKIM_PASS, AUTHENTICATION, "-0.2", "signed by {} (DKIM)")           \
	X(DKIM_FAIL, AUTHENTICATION, "0.5",                                   \
	    "the signature of {} does not hold (DKIM)")                       \
	X(DKIM_NONE, AUTHENTICATION, "0.2", "nobody signed it (no DKIM)")     \
	X(DMARC_PASS, AUTHENTICATION, "-0.5", "{} proved that it sent this")  \
	X(DMARC_NONE, AUTHENTICATION, "0.2", "{} publishes no DMARC policy")  \
	X(DMARC_FAIL, AUTHENTICATION, "1.2",                                  \
	    "nothing proves that {} sent this (DMARC)")                       \
	X(DMARC_QUARANTINE, AUTHENTICATION, "5.0",                            \
	    "{} says that such mail is suspect (DMARC)")                      \
	X(DMARC_REJECT, AUTHENTICATION, "7.0",                                \
	    "{} says that such mail is forged (DMARC)")                       \
	X(DMARC_BAD_FROM, AUTHENTICATION, "3.0",                              \
	    "the From field does not tell who wrote this")                    \
	X(PTR_NONE, AUTHENTICATION, "1.5",                                    \
	    "the sending server's address has no name")                       \
	X(PTR_FAIL, AUTHENTICATION, "1.0",                                    \
	    "the sending server's name does not lead back to its address")    \
	X(HELO_NONE, AUTHENTICATION, "0.8",                                   \
	    "the sending server calls itself {}, a name without address")     \
	X(HELO_OTHER, AUTHENTICATION, "0.2",                                  \
	    "the sending server calls itself {}, the name of another")        \
	/* What lists of addresses say. */                                    \
	X(RBL_ZEN_SBL, LISTS, "4.5", "{} is a known spam source (Spamhaus ZEN SBL)") \
	X(RBL_ZEN_CSS, LISTS, "4.0", "{} has just sent spam (Spamhaus ZEN CSS)") \
	X(RBL_ZEN_XBL, LISTS, "4.5",                                          \
	    "{} is a hijacked machine (Spamhaus ZEN XBL)")                    \
	X(RBL_ZEN_DROP, LISTS, "7.0",                                         \
	    "{} lies in a network of criminals (Spamhaus ZEN DROP)")          \
	X(RBL_ZEN_PBL, LISTS, "2.5",                                          \
	    "{} should not send mail directly (Spamhaus ZEN PBL)")            \
	X(RBL_SPAMCOP, LISTS, "2.5", "{} was reported for spam (SpamCop)")    \
	X(RBL_PSBL, LISTS, "2.5", "{} sent spam to a trap (PSBL)")            \
	X(RBL_MAILSPIKE_WORST, LISTS, "3.5",                                  \
	    "{} has the worst reputation (Mailspike)")                        \
	X(RBL_MAILSPIKE_VERYBAD, LISTS, "2.5",                                \
	    "{} has a very bad reputation (Mailspike)")                       \
	X(RBL_MAILSPIKE_BAD, LISTS, "1.5",                                    \
	    "{} has a bad reputation (Mailspike)")                            \
	X(RBL_SEM, LISTS, "1.5", "{} has sent spam (SpamEatingMonkey)")       \
	X(RWL_MAILSPIKE_GOOD, LISTS, "-0.5",                                  \
	    "{} has a good reputation (Mailspike)")                           \
	X(RWL_MAILSPIKE_VERYGOOD, LISTS, "-1.0",                              \
	    "{} has a very good reputation (Mailspike)")                      \
	X(RWL_MAILSPIKE_EXCELLENT, LISTS, "-1.5",                             \
	    "{} has an excellent reputation (Mailspike)")                     \
	X(RWL_DNSWL_NONE, LISTS, "-0.1", "{} is a mail server (DNSWL.org)")   \
	X(RWL_DNSWL_LOW, LISTS, "-0.5",                                       \
	    "{} is a mail server, trusted a little (DNSWL.org)")              \
	X(RWL_DNSWL_MED, LISTS, "-2.0",                                       \
	    "{} is a trusted mail server (DNSWL.org)")                        \
	X(RWL_DNSWL_HIGH, LISTS, "-3.5",                                      \
	    "{} is a highly trusted mail server (DNSWL.org)")                 \
	X(RBL_OWN, LISTS, "4.0", "{} is on a block list of this host")        \
	X(RWL_OWN, LISTS, "-4.0", "{} is on an allow list of this host")      \
	X(RELAY_ZEN_SBL, LISTS, "1.5",                                        \
	    "it came by {}, a known spam source (Spamhaus ZEN SBL)")          \
	X(RELAY_ZEN_CSS, LISTS, "1.0",                                        \
	    "it came by {}, which has just sent spam (Spamhaus ZEN CSS)")     \
	X(RELAY_ZEN_XBL, LISTS, "0.8",                                        \
	    "it came by {}, a hijacked machine (Spamhaus ZEN XBL)")           \
	X(RELAY_ZEN_DROP, LISTS, "3.0",                                       \
	    "it came by {}, in a network of criminals (Spamhaus ZEN DROP)")   \
	X(URL_ZEN_SBL, LISTS, "3.0",                                          \
	    "its link leads to {}, a known spam source (Spamhaus ZEN SBL)")   \
	X(URL_ZEN_CSS, LISTS, "2.0",                                          \
	    "its link leads to {}, which has just sent spam (Spamhaus ZEN CSS)") \
	X(URL_ZEN_XBL, LISTS, "2.5",                                          \
	    "its link leads to {}, a hijacked machine (Spamhaus ZEN XBL)")    \
	X(URL_ZEN_DROP, LISTS, "5.0",                                         \
	    "its link leads to {}, in a network of criminals (Spamhaus ZEN DROP)") \
	/* What lists of domains say. */                                      \
	X(DBL_SPAM, LISTS, "5.0", "{} is a spammer's domain (Spamhaus DBL)")  \
	X(DBL_PHISH, LISTS, "6.0", "{} is a phishing domain (Spamhaus DBL)")  \
	X(DBL_MALWARE, LISTS, "6.0", "{} spreads malware (Spamhaus DBL)")     \
	X(DBL_BOTNET, LISTS, "6.0", "{} steers a botnet (Spamhaus DBL)")      \
	X(DBL_ABUSED, LISTS, "1.5",                                           \
	    "{} is an honest domain that spammers abuse (Spamhaus DBL)")      \
	X(SURBL_PHISH, LISTS, "5.0", "{} is a phishing domain (SURBL)")       \
	X(SURBL_MALWARE, LISTS, "5.0", "{} spreads malware (SURBL)")          \
	X(SURBL_ABUSE, LISTS, "4.0", "{} is named in spam (SURBL)")           \
	X(SURBL_CRACKED, LISTS, "2.5", "{} is a cracked site (SURBL)")        \
	X(URIBL_BLACK, LISTS, "4.5", "{} is a spammer's domain (URIBL)")      \
	X(URIBL_GREY, LISTS, "0.5", "{} is named in unwanted mail (URIBL)")   \
	X(URIBL_RED, LISTS, "1.0", "{} looks like a spammer's domain (URIBL)") \
	X(SEM_DOMAIN, LISTS, "2.0", "{} is named in spam (SpamEatingMonkey)") \
	X(SEM_FRESH, LISTS, "1.0",                                            \
	    "{} was registered in the last days (SpamEatingMonkey)")          \
	X(DOMAIN_OWN, LISTS, "4.0", "{} is on a domain list of this host")    \
	X(EBL_ADDRESS, LISTS, "4.0", "{} is a criminal's mailbox (MSBL EBL)") \
	/* What it says. */                                                   \
	X(DATE_MISSING, CONTENT, "1.0", "it has no Date field")               \
	X(DATE_MALFORMED, CONTENT, "2.0", "its Date field holds no date")     \
	X(DATE_FAR_OFF, CONTENT, "2.0",                                       \
	    "its date is far from the day it came")                           \
	X(DATE_FUTURE, CONTENT, "1.8", "its date lies {} in the future")      \
	X(MESSAGE_ID_MISSING, CONTENT, "0.8", "it has no Message-ID")         \
	X(MESSAGE_ID_MALFORMED, CONTENT, "1.0",                               \
	    "its Message-ID field holds no identifier")                       \
	X(MESSAGE_ID_NUMERIC_HOST, CONTENT, "1.8",                            \
	    "its Message-ID was made on a host without a name")               \
	X(FIELD_REPEATED, CONTENT, "1.5",                                     \
	    "the field {} stands there more than once")                       \
	X(MIME_VERSION_MISSING, CONTENT, "1.0",                               \
	    "it has MIME parts but no MIME-Version field")                    \
	X(REFERENCES_NO_REPLY, CONTENT, "1.0",                                \
	    "it refers to an earlier message, but its subject is no answer")  \
	X(PRIORITY_HIGH, CONTENT, "0.8", "it calls itself urgent")            \
	X(PHP_SCRIPT, CONTENT, "1.0", "a script of a web site sent it")       \
	X(MAILER_DEAD, CONTENT, "0.5",                                        \
	    "it claims to be written with {}, which hardly anybody uses any more") \
	X(MSMAIL_NO_MIMEOLE, CONTENT, "1.2",                                  \
	    "it has one of two fields that old Outlook writes together")      \
	X(SUBJECT_8BIT, CONTENT, "0.8",                                       \
	    "its subject is not encoded as mail must be")                     \
	X(SUBJECT_CAPS, CONTENT, "1.0", "its subject is written in capitals") \
	X(SUBJECT_FANCY, CONTENT, "1.0",                                      \
	    "its subject is written in fancy letters")                        \
	X(SUBJECT_HOLDS_RECIPIENT, CONTENT, "1.5",                            \
	    "its subject holds your address")                                 \
	X(FROM_8BIT, CONTENT, "1.1",                                          \
	    "the From field is not encoded as mail must be")                  \
	X(FROM_DOMAIN_NO_DOT, CONTENT, "0.9",                                 \
	    "the author's domain {} cannot exist")                            \
	X(FROM_EQUALS_TO, CONTENT, "2.0",                                     \
	    "it says that you wrote it to yourself")                          \
	X(FROM_HOSTER_DOMAIN, CONTENT, "2.0",                                 \
	    "the author has no domain but one at {}")                         \
	X(FROM_NAME_ADDRESS, CONTENT, "1.5",                                  \
	    "the author's name is another address, {}")                       \
	X(FROM_NAME_BRAND, CONTENT, "2.0",                                    \
	    "the author calls himself {} and writes from elsewhere")          \
	X(FROM_NAME_PROMO, CONTENT, "1.3", "the author's name is an offer")   \
	X(FROM_NAME_PUNCTUATION, CONTENT, "0.8",                              \
	    "the author's name is full of signs")                             \
	X(FROM_NAME_ROLE, CONTENT, "0.8",                                     \
	    "the author's name is a role, not that of a person")              \
	X(FROM_TLD_BAD, CONTENT, "2.0",                                       \
	    "the author's domain lies under .{}, as those of spammers do")    \
	X(REPLY_TO_FREEMAIL, CONTENT, "1.5",                                  \
	    "answers go to a free mailbox, {}")                               \
	X(REPLY_TO_FREEMAIL_OTHER, CONTENT, "1.5",                            \
	    "answers go to another free mailbox, {}")                         \
	X(REPLY_TO_OTHER, CONTENT, "0.8", "answers go to another domain, {}") \
	X(TO_MISSING, CONTENT, "0.8", "it has no To or Cc field")             \
	X(TO_UNDISCLOSED, CONTENT, "1.2", "it does not show who gets it")     \
	X(GREETING_GENERIC, CONTENT, "1.0",                                   \
	    "it greets a customer or an address, and no name")                \
	X(TEXT_ACCOUNT, CONTENT, "1.3",                                       \
	    "it says that an account is in danger")                           \
	X(TEXT_MAILBOX, CONTENT, "1.1", "it worries about your mailbox")      \
	X(TEXT_ADVANCE_FEE, CONTENT, "2.0", "it promises a fortune")          \
	X(TEXT_CRYPTO, CONTENT, "1.2", "it is about crypto money")            \
	X(TEXT_URGENT, CONTENT, "0.6", "it presses for time")                 \
	X(TEXT_MIXED_SCRIPTS, CONTENT, "0.9",                                 \
	    "its words mix letters of two alphabets")                         \
	X(TEXT_8BIT_UNDECLARED, CONTENT, "0.8",                               \
	    "it declares its text to be 7-bit, and it is not")                \
	X(PHONE_NO_URL, CONTENT, "1.2",                                       \
	    "it tells of a bill and gives only a phone number")               \
	X(BODY_NO_TEXT, CONTENT, "1.2", "it holds nothing to read")           \
	X(CONTENT_LIMIT, CONTENT, "1.0", "it has more {} than Gatepost reads") \
	X(UNSUBSCRIBE_TEXT_ONLY, CONTENT, "0.7",                              \
	    "it is bulk mail without a List-Unsubscribe field")               \
	X(SIGNATURE_DASHES, CONTENT, "-0.2",                                  \
	    "it ends in a signature below dashes, as people write")           \
	X(REPLY_QUOTED, CONTENT, "-0.3",                                      \
	    "it quotes the message that it answers")                          \
	X(MAILING_LIST, CONTENT, "-0.3", "it came by the mailing list {}")    \
	X(HTML_ONLY, CONTENT, "0.8", "it is HTML without plain text")         \
	X(HTML_BASE64, CONTENT, "0.7", "its HTML is encoded in base64")       \
	X(HTML_BASE64_ASCII, CONTENT, "1.0",                                  \
	    "its HTML is encoded in base64 without need")                     \
	X(HTML_NO_CHARSET, CONTENT, "1.5",                                    \
	    "nothing tells the charset of its HTML")                          \
	X(HTML_HIDDEN_MORE, CONTENT, "2.0",                                   \
	    "it hides more text than it shows")                               \
	X(HTML_HIDDEN_LONG, CONTENT, "1.3", "it hides a long text")           \
	X(IMAGE_LINKED_FEW_TEXT, CONTENT, "2.0",                              \
	    "it is little more than an image to click on")                    \
	X(IMAGE_FREE_HOST, CONTENT, "1.2",                                    \
	    "its images lie at {}, where anybody can put some")               \
	X(MIME_DAMAGED, CONTENT, "0.5", "its parts are damaged: {}")          \
	X(URL_ALL_SAME, CONTENT, "1.5",                                       \
	    "all its links lead to one place, not the author's")              \
	X(URL_FRAGMENT_CODE, CONTENT, "1.0",                                  \
	    "its link carries your address to a script, at {}")               \
	X(URL_HTTP, CONTENT, "0.7", "its links are not encrypted")            \
	X(URL_IDN, CONTENT, "0.5",                                            \
	    "its link leads to {}, which may look like another name")         \
	X(URL_NONE_OF_SENDER, CONTENT, "1.0",                                 \
	    "no link leads to the author's domain")                           \
	X(URL_NUMERIC_HOST, CONTENT, "2.0",                                   \
	    "its link leads to an address without a name, {}")                \
	X(URL_OPEN_STORAGE, CONTENT, "1.1",                                   \
	    "its link leads to storage that anybody rents, {}")               \
	X(URL_REDIRECTOR, CONTENT, "0.9", "its link hides behind {}")         \
	X(URL_SHORTENER, CONTENT, "0.3", "its link is shortened by {}")       \
	X(URL_TEXT_OTHER_HOST, CONTENT, "1.8",                                \
	    "its link says one host and leads to another, {}")                \
	X(URL_TLD_BAD, CONTENT, "2.0",                                        \
	    "its link leads to {}, under a top-level domain of many spammers") \
	X(ATTACHMENT_EXECUTABLE, CONTENT, "3.0", "it brings a program, {}")   \
	X(ATTACHMENT_DOUBLE_EXTENSION, CONTENT, "1.5",                        \
	    "it brings {}, which hides what it is")                           \
	X(ATTACHMENT_HTML, CONTENT, "1.0", "it brings a web page, {}")        \
	X(ATTACHMENT_MACROS, CONTENT, "1.5",                                  \
	    "it brings {}, which may hold programs")                            \
	X(ATTACHMENT_ARCHIVE_ENCRYPTED, CONTENT, "1.0",                       \
	    "it brings a locked archive, {}")                                 \
	X(ATTACHMENT_ARCHIVE_HUGE, CONTENT, "1.0",                            \
	    "it brings {}, with more files than are looked at")               \
	X(ATTACHMENT_PASSWORD, CONTENT, "1.5",                                \
	    "it brings a locked archive and the password for it")             \
	X(VIRUS, CERTAIN, "4.0", "it holds the virus {}")                     \
	X(GTUBE, CERTAIN, "15.0", "it holds the GTUBE test text")             \
	/* What was seen before. */                                           \
	X(KNOWN_CORRESPONDENT, HISTORY, "-3.0", "you have written to {}")     \
	X(REPLY_TO_OWN, HISTORY, "-2.0",                                      \
	    "it answers a message that {} got from here")                     \
	X(FIRST_FROM_NETWORK, HISTORY, "0.3",                                 \
	    "first message from this network")                                \
	X(FIRST_FROM_DOMAIN, HISTORY, "0.2", "first message from {}")         \
	X(REPUTATION_ADDRESS_GOOD, HISTORY, "-1.0",                           \
	    "{} has sent good mail before")                                   \
	X(REPUTATION_ADDRESS_BAD, HISTORY, "2.0",                             \
	    "{} has sent spam before")                                        \
	X(REPUTATION_NETWORK_GOOD, HISTORY, "-0.5",                           \
	    "good mail came from the network {}")                             \
	X(REPUTATION_NETWORK_BAD, HISTORY, "1.5",                             \
	    "spam came from the network {}")                                  \
	X(REPUTATION_HELO_GOOD, HISTORY, "-0.3",                              \
	    "servers that call themselves {} have sent good mail before")     \
	X(REPUTATION_HELO_BAD, HISTORY, "1.0",                                \
	    "servers that call themselves {} have sent spam before")          \
	X(REPUTATION_PTR_GOOD, HISTORY, "-0.5",                               \
	    "servers of {} have sent good mail before")                       \
	X(REPUTATION_PTR_BAD, HISTORY, "1.5",                                 \
	    "servers of {} have sent spam before")                            \
	X(REPUTATION_DOMAIN_GOOD, HISTORY, "-2.0",                            \
	    "{} has sent good mail before")                                   \
	X(REPUTATION_DOMAIN_BAD, HISTORY, "2.5", "{} has sent spam before")

/* X(NAME, sentence): added by the decision itself, with computed points. */
#define SYMBOL_DECISIONS(X)                                                  \
	X(CAP_AUTHENTICATION, "authentication alone does not decide")        \
	X(CAP_LISTS, "lists alone do not decide")                            \
	X(CAP_CONTENT, "the content alone does not decide")                  \
	X(CAP_HISTORY, "history alone does not decide")                      \
	X(POLICY, "a policy decides, not the points")

#define SYMBOL_ENUM(name, ...) SYMBOL_##name,
enum symbol_id {
	SYMBOL_TABLE(SYMBOL_ENUM)
	SYMBOLS_WEIGHED, /* how many have a weight */
	SYMBOL_BEFORE_DECISIONS = SYMBOLS_WEIGHED - 1,
	SYMBOL_DECISIONS(SYMBOL_ENUM)
	SYMBOLS_COUNT
};
#undef SYMBOL_ENUM

/* What the configuration says of one symbol: "1.5", "off", "1.5 A sentence". */
struct symbols_conf {
	const char *settings[SYMBOLS_WEIGHED];
};

extern const struct conf_section symbols_conf_section;

#define SYMBOL_WEIGHT_MAX 100 /* points, of either sign */

/* The same, read: kept in the settings. */
struct symbol_setting {
	int weight; /* hundredths of a point */
	bool off;
	const char *sentence; /* with "{}" or without */
};

/* symbol_name - "SPF_FAIL" */
const char *symbol_name(enum symbol_id id);

enum symbol_group symbol_group(enum symbol_id id);

/* symbol_is_inbound - it says nothing about mail of our own users */
bool symbol_is_inbound(enum symbol_id id);

/* symbol_group_text - "authentication", "lists", ... */
const char *symbol_group_text(enum symbol_group group);

/* symbol_sentence - the default sentence */
const char *symbol_sentence(enum symbol_id id);

/* symbol_find - by its name; false: there is none */
bool symbol_find(const char *name, enum symbol_id *id_r);

/* symbol_read_setting - the text of one key; sentence borrows from it */
enum status symbol_read_setting(enum symbol_id id, const char *text,
    struct symbol_setting *setting_r) GP_MUST_CHECK;

#endif
