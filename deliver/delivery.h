/*
 * delivery - one message to its recipients: what gatepost-lmtpd and
 * gatepost-deliver share.
 *
 *	delivery_begin()		the sender
 *	delivery_add_recipient()	each recipient
 *	spool_add(delivery_spool())	the message, lines ended by LF
 *	delivery_run()			into the Maildirs, on the disk
 *	delivery_result()		of each recipient that was accepted
 *	delivery_settle()		does the client know?
 *
 * A delivery belongs to one thread, and is used for one message after another.
 */
#ifndef GATEPOST_DELIVER_DELIVERY_H
#define GATEPOST_DELIVER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/spool.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/scan/settings.h"

/* What all deliveries of a process share. */
struct delivery_services;

/* delivery_services_new - NULL when memory is short */
struct delivery_services *delivery_services_new(void);

/* delivery_services_free - no delivery may be left; accepts NULL */
void delivery_services_free(struct delivery_services **services);

/* A reply as SMTP has it (RFC 5321, RFC 3463); the texts are constants. */
struct delivery_result {
	int code;             /* 250, 4xx, 5xx */
	const char *enhanced; /* "2.0.0" */
	const char *text;
};

/* delivery_services_lock_mailboxes - other processes deliver, too: where there
 * are quotas a mailbox is locked while a message goes into it */
void delivery_services_lock_mailboxes(struct delivery_services *services);

struct delivery;

/*
 * delivery_new - services and settings must outlive it.  NULL when memory is
 * short.
 */
struct delivery *delivery_new(
    struct delivery_services *services, const struct settings *settings);

/* delivery_free - as delivery_settle(, false), and frees; accepts NULL */
void delivery_free(struct delivery **delivery);

/*
 * delivery_begin - a new message; what was before is settled as unknown.
 *
 * sender  the inside of <>; "" for a bounce
 *
 * Returns STATUS_OK, STATUS_INVALID (a control byte), STATUS_LIMIT (too long)
 * or STATUS_NOMEM.
 */
enum status delivery_begin(
    struct delivery *delivery, struct span sender) GP_MUST_CHECK;

/* delivery_declare_size - what the client says that the message will have; of
 * use when room is looked for at RCPT */
void delivery_declare_size(struct delivery *delivery, uint64_t size);

/*
 * delivery_add_recipient - looks the user up.
 *
 * address  the inside of <>, or one of a command line
 *
 * Code 250 means that it was accepted and has the next index, from 0.
 */
struct delivery_result delivery_add_recipient(
    struct delivery *delivery, struct span address);

/* delivery_count - how many recipients were accepted */
size_t delivery_count(const struct delivery *delivery);

/* delivery_address - of an accepted recipient, as it was given */
const char *delivery_address(const struct delivery *delivery, size_t i);

/* delivery_spool - where the message is put; borrowed */
struct spool *delivery_spool(struct delivery *delivery);

/*
 * delivery_run - delivers to all accepted recipients and logs a line for each.
 * What has the code 250 then is on the disk.
 */
void delivery_run(struct delivery *delivery);

/* delivery_result - what came of it, after delivery_run() */
struct delivery_result delivery_result(
    const struct delivery *delivery, size_t i);

/*
 * delivery_settle - the end of the message.
 *
 * client_knows  whether the client has certainly read our answers; if not, the
 *		 same message will be known again when he sends it again
 */
void delivery_settle(struct delivery *delivery, bool client_knows);

#endif
