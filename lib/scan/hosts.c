/*
 * hosts - names under which anybody gets something (see hosts.h).
 *
 * What each list is worth was measured with tests/tune/symbols.
 */
#include "config.h"

#include "lib/scan/hosts.h"

#include <string.h>

#include "lib/base/str.h"
#include "lib/mail/domain.h"

/* Free mailboxes: anybody gets one. */
static const char *const freemail[] = {
	"126.com",
	"163.com",
	"aim.com",
	"aol.com",
	"bk.ru",
	"bol.com.br",
	"daum.net",
	"email.com",
	"fastmail.com",
	"foxmail.com",
	"free.fr",
	"freenet.de",
	"gmail.com",
	"gmx.at",
	"gmx.ch",
	"gmx.com",
	"gmx.de",
	"gmx.net",
	"googlemail.com",
	"hanmail.net",
	"hotmail.co.uk",
	"hotmail.com",
	"hotmail.de",
	"hotmail.es",
	"hotmail.fr",
	"hotmail.it",
	"icloud.com",
	"ig.com.br",
	"inbox.ru",
	"interia.pl",
	"laposte.net",
	"libero.it",
	"list.ru",
	"live.co.uk",
	"live.com",
	"live.de",
	"live.fr",
	"live.it",
	"live.nl",
	"mac.com",
	"mail.com",
	"mail.ru",
	"me.com",
	"msn.com",
	"naver.com",
	"o2.pl",
	"onet.pl",
	"orange.fr",
	"outlook.com",
	"outlook.de",
	"outlook.es",
	"outlook.fr",
	"outlook.it",
	"outlook.jp",
	"outlook.pt",
	"pm.me",
	"proton.me",
	"protonmail.com",
	"qq.com",
	"rediffmail.com",
	"rocketmail.com",
	"seznam.cz",
	"sfr.fr",
	"sina.com",
	"t-online.de",
	"terra.com.br",
	"tutanota.com",
	"uol.com.br",
	"virgilio.it",
	"wanadoo.fr",
	"web.de",
	"wp.pl",
	"yahoo.co.in",
	"yahoo.co.jp",
	"yahoo.co.uk",
	"yahoo.com",
	"yahoo.com.br",
	"yahoo.de",
	"yahoo.es",
	"yahoo.fr",
	"yahoo.it",
	"yandex.com",
	"yandex.ru",
	"yeah.net",
	"ymail.com",
	"zoho.com",
};

/* Names that a customer gets with a machine, a site or an account. */
static const char *const hoster[] = {
	"amazonaws.com",
	"appspot.com",
	"cloudapp.net",
	"compute.internal",
	"contaboserver.net",
	"cprapid.com",
	"firebaseapp.com",
	"googleusercontent.com",
	"herokuapp.com",
	"hostingersite.com",
	"kasserver.com",
	"onmicrosoft.com",
	"plesk.page",
	"secureserver.net",
	"vps.ovh.net",
	"web.app",
};

/* Files of anybody, served under the name of the house. */
static const char *const storage[] = {
	"aliyuncs.com",
	"amazonaws.com",
	"backblazeb2.com",
	"blob.core.windows.net",
	"digitaloceanspaces.com",
	"firebasestorage.googleapis.com",
	"linodeobjects.com",
	"myqcloud.com",
	"r2.dev",
	"storage.cloud.google.com",
	"storage.googleapis.com",
	"vultrobjects.com",
	"wasabisys.com",
	"web.core.windows.net",
};

/* Short names that lead anywhere. */
static const char *const shortener[] = {
	"adf.ly",
	"bc.vc",
	"bit.ly",
	"bitly.ws",
	"bl.ink",
	"buff.ly",
	"clck.ru",
	"cutt.ly",
	"dub.sh",
	"encurtador.com.br",
	"goo.gl",
	"han.gl",
	"hyperurl.co",
	"is.gd",
	"kutt.it",
	"l.ead.me",
	"linktr.ee",
	"lnkd.in",
	"me2.kr",
	"n9.cl",
	"ouo.io",
	"ow.ly",
	"qrco.de",
	"rb.gy",
	"rebrand.ly",
	"rotf.lol",
	"s.id",
	"short.gy",
	"shorturl.asia",
	"shorturl.at",
	"smarturl.it",
	"snip.ly",
	"soo.gd",
	"surl.li",
	"t.co",
	"t.ly",
	"t.me",
	"t2m.io",
	"tiny.cc",
	"tiny.one",
	"tinyurl.com",
	"u.to",
	"urlz.fr",
	"v.gd",
	"wa.me",
	"x.gd",
};

/* Pictures of anybody, and collections of logos. */
static const char *const image[] = {
	"1000logos.net",
	"blogger.googleusercontent.com",
	"brandlogos.net",
	"cdn.discordapp.com",
	"companieslogo.com",
	"encrypted-tbn0.gstatic.com",
	"encrypted-tbn1.gstatic.com",
	"encrypted-tbn2.gstatic.com",
	"encrypted-tbn3.gstatic.com",
	"gyazo.com",
	"ibb.co",
	"imageshack.com",
	"imageshack.us",
	"imgur.com",
	"lh3.googleusercontent.com",
	"lh4.googleusercontent.com",
	"lh5.googleusercontent.com",
	"lh6.googleusercontent.com",
	"logodownload.org",
	"logos-marques.com",
	"logos-world.net",
	"photobucket.com",
	"postimg.cc",
	"prnt.sc",
	"seeklogo.com",
	"tinypic.com",
	"upload.wikimedia.org",
};

/* Top level domains with far more junk than mail; letters alone. */
static const char *const bad_tlds[] = {
	"accountant",
	"autos",
	"bar",
	"beauty",
	"bid",
	"boats",
	"bond",
	"buzz",
	"cam",
	"cf",
	"cfd",
	"click",
	"cricket",
	"cyou",
	"date",
	"download",
	"faith",
	"ga",
	"gdn",
	"gq",
	"hair",
	"hosting",
	"icu",
	"loan",
	"lol",
	"makeup",
	"men",
	"ml",
	"mom",
	"monster",
	"mov",
	"party",
	"pw",
	"quest",
	"racing",
	"rest",
	"review",
	"sbs",
	"science",
	"skin",
	"stream",
	"tk",
	"top",
	"trade",
	"win",
	"zip",
};

/* The same; but shops, makers and authors have taken to these too. */
static const char *const mild_tlds[] = { "help", "shop", "work", "xyz" };

static const struct {
	const char *const *entries;
	size_t count;
} lists[] = {
	[HOSTS_FREEMAIL] = { freemail, GP_NELEMS(freemail) },
	[HOSTS_HOSTER] = { hoster, GP_NELEMS(hoster) },
	[HOSTS_STORAGE] = { storage, GP_NELEMS(storage) },
	[HOSTS_SHORTENER] = { shortener, GP_NELEMS(shortener) },
	[HOSTS_IMAGE] = { image, GP_NELEMS(image) },
};

bool
hosts_has(enum hosts_list list, const char *host, const char **entry_r)
{
	size_t i;

	*entry_r = NULL;
	for (i = 0; i < lists[list].count; i++) {
		if (!domain_is_within(host, lists[list].entries[i]))
			continue;
		*entry_r = lists[list].entries[i];
		return true;
	}
	return false;
}

static bool
has_text(const char *const *texts, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (str_equals_nocase(texts[i], text))
			return true;
	return false;
}

enum hosts_tld
hosts_tld(const char *domain)
{
	const char *dot = strrchr(domain, '.');

	if (dot == NULL)
		return HOSTS_TLD_FINE;
	if (has_text(bad_tlds, GP_NELEMS(bad_tlds), dot + 1))
		return HOSTS_TLD_BAD;
	if (has_text(mild_tlds, GP_NELEMS(mild_tlds), dot + 1))
		return HOSTS_TLD_MILD;
	return HOSTS_TLD_FINE;
}

bool
hosts_tld_is_bad(const char *domain)
{
	return hosts_tld(domain) != HOSTS_TLD_FINE;
}
