/*
 * hosts - well known names under which anybody gets something: a mailbox, a
 * machine, room for files, a short link, a place for pictures.
 *
 * What lies there tells nothing of who owns the name.
 */
#ifndef GATEPOST_SCAN_HOSTS_H
#define GATEPOST_SCAN_HOSTS_H

#include <stdbool.h>

enum hosts_list {
	HOSTS_FREEMAIL,
	HOSTS_HOSTER, /* of mail: no domain of one's own */
	HOSTS_STORAGE,
	HOSTS_SHORTENER,
	HOSTS_IMAGE
};

/*
 * hosts_has - is the host one of the list, or does it lie under one?
 *
 * host     lower case, A-labels, no dot behind
 * entry_r  which; NULL when it is none
 */
bool hosts_has(enum hosts_list list, const char *host, const char **entry_r);

enum hosts_tld {
	HOSTS_TLD_FINE,
	HOSTS_TLD_MILD, /* more junk than mail, and honest houses too */
	HOSTS_TLD_BAD   /* far more junk than mail */
};

/* hosts_tld - what lies under the top level domain of a name */
enum hosts_tld hosts_tld(const char *domain);

/* hosts_tld_is_bad - it is no fine one */
bool hosts_tld_is_bad(const char *domain);

#endif
