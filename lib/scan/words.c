/*
 * words - phrases and names as patterns (see words.h).
 *
 * What each is worth was measured with tests/tune/symbols; a phrase that honest
 * mail holds too has no place here.
 */
#include "config.h"

#include "lib/scan/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Of one search; a usual one takes a few.  A repeat of one character costs none
 * of them, however long it is: so each one that may begin at many places of a
 * text is bounded in the pattern. */
#define MATCH_STEPS_MAX 200000
#define MATCH_KIB_MAX   4096 /* of memory, the same */
/* Only a group with a name captures: see phrase_of(). */
#define COMPILE_OPTIONS                                    \
	(PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | \
	    PCRE2_NO_AUTO_CAPTURE)

/*
 * What begins where no letter stands before it: a look behind costs less than a
 * try of each way to say it at each letter of the text.
 */
#define AT_WORD(pattern) "(?<![a-z])(?:" pattern ")"

#define FOREIGN     "(?!μ)[\\p{Greek}\\p{Cyrillic}]"
#define LOOKS_LATIN "[аеорсухіјѕһԁԛԝӏ]"
#define CHANGE      "\\p{Latin}" FOREIGN "|" FOREIGN "\\p{Latin}"

struct words {
	pcre2_match_context *context;
	pcre2_code *codes[WORDS_LISTS_COUNT];
};

/*
 * None matches the empty text.  A group with a name, which stands in no other,
 * holds the ways to say one thing: all its matches count as one.
 */
static const char *const patterns[WORDS_LISTS_COUNT] = {
	/* Each stands for one whose name is not known; "dear colleague", "dear
	 * sir" and their like are polite. */
	[WORDS_GREETING] = AT_WORD(
	    "dear (valued |esteemed )?(customer|user|client|beneficiary|"
	    "winner|owner|(account|webmail|e-?mail|mailbox) ?(holder|owner|"
	    "user))\\b|dear [\\w.+-]{1,64}@|"
	    "sehr geehrter? (kunde|kundin|nutzer(in)?)\\b|"
	    "ch(er client|ère cliente)\\b|car[oa] cliente\\b|"
	    "prezad[oa]( ?\\([oa]\\))?:? ?(cliente|usuári[oa]|"
	    "[\\w.+-]{1,64}@)|prezad[oa] ?\\([oa]\\) ?[,:;!]|"
	    "estimad[oa] (cliente|usuari[oa])\\b|"
	    "geachte klant\\b|attention:? beneficiary") "|"
							"尊敬的(客户|用户|顾客|会员)",
	[WORDS_ACCOUNT] = AT_WORD(
	    "verify your (account|identity|mailbox|wallet|information|"
	    "details|e-?mail (account|password))|"
	    "confirm your (identity|mailbox|details|information|wallet)|"
	    "(account|mailbox|access|service|subscription|"
	    "apple id) (has been|have been|is|was|will be|"
	    "may be) (temporarily |permanently )?(suspended|limited|"
	    "locked|restricted|blocked|disabled|deactivated|terminated|"
	    "on hold|closed|deleted)|(detected|noticed|due to|because of) "
	    "(an? |some )?(unusual|suspicious) (sign-?in|activity|login)|"
	    "unauthori[sz]ed (access to your|login|activity|transaction)|"
	    "reactivate your|re-?validate your|"
	    "avoid (service interruption|suspension|account closure)|"
	    "update your (payment|billing) (information|"
	    "details|method)|password (will expire|expires|has expired|"
	    "is about to expire|expiration)|keep (the )?same password|"
	    "keep my password|security update required|"
	    "authenticate your|verifi(y|zieren) sie ihr|"
	    "ihr konto (wurde|wird|ist)( \\w+){0,3} (gesperrt|"
	    "eingeschränkt|deaktiviert|gelöscht|geschlossen|blockiert)|"
	    "(bank)?konto (gesperrt|eingeschränkt)|bestätigen sie ihre "
	    "(identität|daten|angaben|konto|zahlung|persönlich|"
	    "informationen)|votre compte (a été|sera|est)( \\w+){0,2} "
	    "(suspendu|bloqué|limité|désactivé|restreint|fermé|clôturé)|"
	    "su cuenta (ha sido|será|está)( \\w+){0,2} (suspendida|"
	    "bloqueada|limitada|desactivada|restringida|cerrada)|"
	    "sua conta (foi|será|está)( \\w+){0,2} (suspensa|bloqueada|"
	    "limitada|desativada|restrita|encerrada|cancelada)|"
	    "conta (bloqueada|suspensa)|"
	    "uw account (is|wordt)( \\w+){0,2} (geblokkeerd|opgeschort|"
	    "beperkt|gesloten)") "|邮箱(升级|备案|安全|"
				 "停用|异常)|密码(过期|到期)|アカウント[^。]{0,20}(制限|停止|凍結|"
				 "ロック|無効|異常)|アカウント情報[のを](更新|確認)",
	[WORDS_MAILBOX] = AT_WORD(
	    "(mailbox|e-?mail|inbox|storage|quota)( \\w+){0,4} "
	    "((is |are |almost |nearly )+full|exceeded|exceeding|over quota|"
	    "out of space)|(mailbox|inbox|storage|quota) full|"
	    "exceeded (your |the )?(mailbox|storage|quota|e-?mail)|"
	    "(pending|undelivered|held|incoming|quarantined|blocked|"
	    "delayed) (messages|e-?mails|mails)|messages (are |"
	    "have been )?(pending|held|on hold|quarantined|undelivered)|"
	    "mailbox (storage|quota|update|upgrade|verification|"
	    "deactivation)|quota limit|upgrade (your )?(mailbox|storage|"
	    "e-?mail)|webmail (team|admin|support|upgrade)|"
	    "mail ?server (upgrade|update|admin)|release (your |"
	    "the )?(messages|pending)|cpanel|cloud storage (is )?full|"
	    "speicher (ist )?voll|(photos|videos|"
	    "files)[^.]{0,40} will be (deleted|lost|removed)"),
	[WORDS_ADVANCE_FEE] = AT_WORD(
	    "next of kin|(?<heir>(your|his|her|unclaimed|huge) inheritance|"
	    "inheritance (fund|claim|money|sum)|herança|erbschaft)|"
	    "beneficiary|(?<late>(my|your|our|his) (\\w+ )?late (husband|"
	    "wife|father|client|customer))|"
	    "(?<money>(million|billion) (united states |"
	    "u\\.?s\\.? |us )?(dollars|euros?|usd|pounds)|(usd|us\\$|\\$|"
	    "€|£) ?[0-9]{1,3}([.,][0-9]{3}){2,}|(?<![0-9])[0-9]{1,9}(\\.[0-9]{1,3})? ?million|"
	    "the (total )?sum of (usd|us\\$|\\$|€|£|[0-9]))|"
	    "(?<fund>compensation (fund|payment)|(your|the) fund (release|"
	    "transfer)|unclaimed (fund|money|asset))|lottery|"
	    "(?<gift>charity (project|donation|foundation)|donat(e|ion|"
	    "ing) (the sum|to you|you|of)|doação|donación|"
	    "spende (von|in höhe))|diplomat(ic)? (agent|courier|delivery)|"
	    "consignment|(?<transfer>western union|moneygram|"
	    "atm (card|visa))|barrister|god bless you|"
	    "(?<deal>confidential(ity)? (business|transaction)|"
	    "mutual(ly)? benefi(t|cial)|business proposal|"
	    "investment (proposal|opportunity|partner)|foreign partner)|"
	    "bank of africa|(?<loan>loan offer|get a loan|"
	    "interest rate of)|dear beloved|greetings in the name"),
	[WORDS_CRYPTO] = AT_WORD(
	    "bitcoin|btc\\b|eth\\b|ethereum|usdt\\b|"
	    "xrp\\b|airdrop|crypto(currency|currencies)?\\b|metamask|"
	    "trust ?wallet|coinbase|binance|seed phrase|recovery phrase|"
	    "wallet (address|connect|verification|validation)|(your|"
	    "my) wallet|claim (your )?(token|reward)|nft\\b|"
	    "blockchain|ledger (device|live|nano)"),
	[WORDS_URGENT] = AT_WORD(
	    "(?<urgent>urgent(ly|e|emente)?\\b|dringend)|"
	    "(?<act>immediate(ly)? (action|attention|response)|"
	    "action (is )?required|response (is )?required|"
	    "attention required|sofortige[nrs]? (handl|maßnahme|aktion)|"
	    "sofort (handeln|reagieren|bestätigen|aktualisieren))|"
	    "(?<term>within (the next )?(24|48|72|12) ?h(ou)?rs?|"
	    "expires? (today|soon|tomorrow|in)|"
	    "innerhalb (von |der nächsten )?(24|48|72|12) stunden)|"
	    "(?<last>final (notice|warning|reminder)|"
	    "last (notice|warning|reminder|chance)|"
	    "letzte (mahnung|erinnerung|chance)|último aviso|"
	    "dernier (rappel|avis)|laatste (herinnering|waarschuwing))"),
	[WORDS_OPT_OUT] = AT_WORD(
	    "(to be|be) removed from|remove (me|yourself|your (email|"
	    "e-mail|name|address))|unsubscribe|opt[ -]?out|"
	    "no longer wish to|stop receiving|not wish to receive|"
	    "descadastr|cancelar (inscrição|suscripci)|abmelden|"
	    "abbestellen|désinscri|désabonn|afmelden|uitschrijven") "|退订",
	[WORDS_PROMO] =
	    "\\b(rewards?|winner|bonus|casino|offers?|deals?|claim|prize|"
	    "gift|giveaway|free(?! mobile)|airdrop|survey|gutschein|gewinn|rabatt|"
	    "angebot|insurance|quotes?|loans?|warranty|sale|cash|"
	    "unlocked|congrats|congratulations|dringend|final|notice|"
	    "limited|exclusive|expire[ds]|eligible|pending|urgent|today|"
	    "now|weight|sugar|memory|pain|cbd)\\b",
	[WORDS_ROLE] =
	    "\\b(support|service|team|admin(istrator)?|help ?desk|"
	    "security|account|notification|alert|billing|customer|"
	    "kundenservice|kundendienst|atendimento|suporte|mail(box)?|"
	    "webmail|postmaster|it|hr|noreply|no-reply|delivery)s?\\b",
	[WORDS_PHONE] = "(?<![a-z0-9])\\(?[0-9]{3}\\)?[ .-]{1,3}[0-9]{3}"
			"[ .-]{1,3}[0-9]{4}\\b",
	[WORDS_INVOICE] =
	    AT_WORD("invoice|order|renew|subscription|charged|purchase|"
		    "transaction|payment"),
	/* A line of dashes around such words, or the fields that Outlook writes
	 * instead: who and, in the next line or the one behind it, when. */
	[WORDS_FORWARD] =
	    "(?im)^[ \\t*_]*(-{2,}[ \\t]*(original message|forwarded "
	    "message|original-nachricht|ursprüngliche nachricht|"
	    "weitergeleitete nachricht|message d'origine|"
	    "message transféré|mensaje original|mensaje reenviado|"
	    "mensagem original|mensagem encaminhada|"
	    "messaggio originale|messaggio inoltrato|"
	    "oorspronkelijk bericht|doorgestuurd bericht|"
	    "исходное сообщение|пересылаемое сообщение)|"
	    "begin forwarded message:|anfang der weitergeleiteten |"
	    "(from|von|de|da|van|от)[ \\t*_]*:[^\\n]{1,300}\\n"
	    "([^\\n]{1,300}\\n)?[ \\t*_]*"
	    "(sent|gesendet|date|datum|envoyé|enviado( el)?|enviada em|"
	    "inviato|verzonden|дата|отправлено)[ \\t*_]*:)",
	[WORDS_QUOTE_LINE] =
	    "(?im)^(?=[^\\n]++(?<=:)$)[^\\n]{1,300}(\\bwrote|\\ba écrit|\\bescribió|"
	    "\\bescreveu|\\bha scritto|\\bнаписал(\\(а\\)|а)?|"
	    "\\b(schrieb|schreef)\\b[^\\n]{0,200}) ?:$",
	[WORDS_QUOTE] = "wrote:|schrieb|a écrit|escreveu|escribió|"
			"-----original message",
	[WORDS_PASSWORD] =
	    "\\b(password|passwort|passcode|kennwort|contraseña|"
	    "mot de passe|senha|pin)( (for|of|to|für|zu|zum) "
	    "[\\w .'-]{1,40})?( ?[:=]| is:?| ist:?| lautet:?| es:?)? ?"
	    "(?=\\S{0,60}\\d|[\"'“„«]\\S{0,60}[\"'“”»])\\S{3,60}",
	[WORDS_MAILER_DEAD] =
	    "outlook express|windows live mail|office outlook 1[0-2]\\b|"
	    "outlook, build|the bat! \\(v[12]\\.|incredimail|eudora|"
	    "aol \\d|foxmail [1-6]\\b|\\bimail\\b|microsoft outlook build",
	[WORDS_REDIRECTOR] =
	    "^https?://((www\\.)?google\\.[a-z.]+/(url|amp)|"
	    "(www\\.)?google\\.[a-z.]+/\\S*url=|adservice\\.google|"
	    "googleads\\.g\\.doubleclick|ad\\.doubleclick\\.net|"
	    "www\\.bing\\.com/ck|l\\.facebook\\.com/l|"
	    "lm\\.facebook\\.com|(www\\.)?youtube\\.com/redirect|"
	    "(www\\.)?linkedin\\.com/(redir|slink)|"
	    "t\\.umblr\\.com/redirect|translate\\.google\\.|"
	    "\\S+\\.translate\\.goog|r\\.search\\.yahoo\\.com|"
	    "duckduckgo\\.com/l/|vk\\.com/away|out\\.reddit\\.com|"
	    "slack-redir|www\\.baidu\\.com/link|cse\\.google|"
	    "maps\\.google\\.\\S+/url|images\\.google\\.\\S+/url|"
	    "steamcommunity\\.com/linkfilter|l\\.wl\\.co|"
	    "clicktime\\.symantec|disq\\.us)",
	[WORDS_TRACKER] =
	    "safelinks|urldefense|click|track|trk|list-manage|sendgrid|"
	    "mail|(^|\\.)(links?|go|ct|e|url\\d*)\\.",
	/* Three letters at least, from where the alphabet changes to the end
	 * of the word; the mu of a unit does not count, nor a Latin word with a
	 * Cyrillic ending that no reader takes for Latin ("smsки"). */
	[WORDS_MIXED_SCRIPTS] =
	    "(?<!\\p{L})\\p{Latin}{2,}+" LOOKS_LATIN "*+\\p{Cyrillic}++"
	    "(?!\\p{L})(*SKIP)(*FAIL)|"
	    "(?<=\\p{L})(?:" CHANGE ")\\p{L}*|(?:" CHANGE ")\\p{L}+",
};

/* No text without such a byte, the first of a Greek or Cyrillic letter in UTF-8,
 * is of two alphabets; the pattern itself would look at each letter. */
#define FOREIGN_BYTE_LEAST 0xCD

static bool
may_match(enum words_list list, struct span text)
{
	size_t i;

	if (list != WORDS_MIXED_SCRIPTS)
		return true;
	for (i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] >= FOREIGN_BYTE_LEAST)
			return true;
	return false;
}

static enum status
compile(const char *pattern, pcre2_code **code_r)
{
	PCRE2_SIZE offset;
	int error;

	*code_r = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    COMPILE_OPTIONS, &error, &offset, NULL);
	if (*code_r == NULL)
		return STATUS_NOMEM; /* a test compiles each pattern */
	/* Where there is no JIT it is slower, no more. */
	(void)pcre2_jit_compile(*code_r, PCRE2_JIT_COMPLETE);
	return STATUS_OK;
}

enum status
words_new(struct words **words_r)
{
	struct words *words = calloc(1, sizeof(*words));
	enum status status = STATUS_OK;
	size_t i;

	*words_r = words;
	if (words == NULL)
		return STATUS_NOMEM;
	words->context = pcre2_match_context_create(NULL);
	if (words->context == NULL)
		status = STATUS_NOMEM;
	for (i = 0; i < WORDS_LISTS_COUNT && status == STATUS_OK; i++)
		status = compile(patterns[i], &words->codes[i]);
	if (status != STATUS_OK) {
		words_free(words_r);
		return status;
	}
	pcre2_set_match_limit(words->context, MATCH_STEPS_MAX);
	pcre2_set_heap_limit(words->context, MATCH_KIB_MAX);
	return STATUS_OK;
}

void
words_free(struct words **words_ref)
{
	struct words *words = *words_ref;
	size_t i;

	if (words == NULL)
		return;
	for (i = 0; i < WORDS_LISTS_COUNT; i++)
		pcre2_code_free(words->codes[i]);
	pcre2_match_context_free(words->context);
	free(words);
	*words_ref = NULL;
}

/* What was found, and which named group each match is of; 0: of none. */
struct finding {
	struct words_found *found;
	int phrases[WORDS_ENOUGH_MAX];
};

static bool
is_among(const struct finding *finding, struct span match, int phrase)
{
	const struct span *other;
	size_t i;

	for (i = 0; i < finding->found->count; i++) {
		other = &finding->found->list[i];
		if ((phrase != 0 && phrase == finding->phrases[i]) ||
		    (other->length == match.length &&
			memcmp(other->data, match.data, match.length) == 0))
			return true;
	}
	return false;
}

static void
add_match(struct finding *finding, struct span match, int phrase)
{
	if (is_among(finding, match, phrase))
		return;
	finding->phrases[finding->found->count] = phrase;
	finding->found->list[finding->found->count++] = match;
}

/* pcre2_match() returns one more than the highest group that captured. */
static int
phrase_of(int matched)
{
	return matched - 1;
}

size_t
words_find(const struct words *words, enum words_list list, struct span text,
    size_t enough, struct words_found *found_r)
{
	pcre2_match_data *match;
	struct finding finding = { .found = found_r };
	struct span piece;
	size_t at = 0;
	PCRE2_SIZE *bounds;
	int matched;

	found_r->count = 0;
	if (!may_match(list, text))
		return 0;
	match = pcre2_match_data_create_from_pattern(words->codes[list], NULL);
	if (enough > WORDS_ENOUGH_MAX)
		enough = WORDS_ENOUGH_MAX;
	while (match != NULL && found_r->count < enough && at < text.length) {
		matched = pcre2_match(words->codes[list], (PCRE2_SPTR)text.data,
		    text.length, at, PCRE2_NO_UTF_CHECK, match, words->context);
		bounds = pcre2_get_ovector_pointer(match);
		if (matched < 0 || bounds[1] <= at)
			break;
		piece.data = text.data + bounds[0];
		piece.length = bounds[1] - bounds[0];
		at = bounds[1];
		add_match(&finding, piece, phrase_of(matched));
	}
	pcre2_match_data_free(match);
	return found_r->count;
}

bool
words_has(const struct words *words, enum words_list list, struct span text)
{
	struct words_found found;

	return words_find(words, list, text, 1, &found) > 0;
}
