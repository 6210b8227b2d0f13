/*
 * guard-clients - from which addresses senders have sent of late, as far as
 * this process knows: for the notice to the postmaster.
 *
 * A table of a fixed size: of many senders, one forgets another.  Any thread.
 */
#ifndef GATEPOST_GUARD_GUARD_CLIENTS_H
#define GATEPOST_GUARD_GUARD_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/ip.h"

#define GUARD_CLIENTS_MAX 8 /* addresses of one sender; the last ones */

struct guard_clients;

/* guard_clients_new - an empty table, or NULL when memory is short */
struct guard_clients *guard_clients_new(void);

/* guard_clients_free - accepts NULL */
void guard_clients_free(struct guard_clients **clients);

/* guard_clients_note - the sender sent from there; now: epoch seconds */
void guard_clients_note(struct guard_clients *clients, const char *sender,
    const struct ip *ip, int64_t now);

/*
 * guard_clients_of - the addresses of the last day, newest first.
 *
 * Returns how many, at most GUARD_CLIENTS_MAX.
 */
size_t guard_clients_of(struct guard_clients *clients, const char *sender,
    int64_t now, struct ip ips_r[GUARD_CLIENTS_MAX]);

#endif
