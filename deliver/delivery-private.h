/* delivery-private - what the parts of a delivery share. */
#ifndef GATEPOST_DELIVER_DELIVERY_PRIVATE_H
#define GATEPOST_DELIVER_DELIVERY_PRIVATE_H

#include <sys/types.h>

#include "deliver/clean-times.h"
#include "deliver/delivery.h"
#include "deliver/head.h"
#include "deliver/junk.h"
#include "deliver/lmtp-client.h"
#include "deliver/maildir.h"
#include "deliver/quota-holds.h"
#include "deliver/quota-status.h"
#include "deliver/recipient.h"
#include "deliver/seen.h"
#include "lib/users/users.h"

struct delivery_services {
	struct sync_group *sync_group;
	struct clean_times *clean_times;
	struct quota_holds *quota_holds;
	struct quota_holds *copies; /* messages on their way, by seen_key */
	bool locks_mailboxes;
	struct maildir_namer namer;
};

/* One accepted recipient. */
struct delivery_recipient {
	struct recipient recipient;
	struct user user;
	/* The earlier one with the very same address, or NULL: then there is
	 * one message for both, and one result. */
	struct delivery_recipient *same_as;
	bool is_junk;
	char seen_key[SEEN_KEY_BYTES];
	bool copy_held, is_duplicate;
	struct maildir_place place;
	struct maildir_message message;
	struct span prefix; /* our header fields */
	bool held;          /* room in the mailbox is held for it */
	uint64_t held_bytes;
	int lock_fd;                   /* of the Maildir, or -1 */
	bool quota_is_high;            /* a warning may be due */
	struct delivery_result result; /* code 0: not decided yet */
};

struct delivery {
	struct delivery_services *services;
	const struct settings *settings;
	const struct deliver_conf *conf; /* of them */
	mode_t file_mode;
	struct region *region; /* of the message at hand */
	struct users *users;
	struct quota_status *quota; /* NULL: nobody is asked */
	struct lmtp_client *lmtp;   /* NULL: Sieve scripts are not run */
	uint64_t declared_size;     /* by the client; 0: not */
	struct spool *spool;
	const char *sender;
	struct delivery_recipient **recipients;
	size_t count, room;
	struct head head;
	struct junk_facts junk;
	int64_t begun_ms;
};

extern const struct delivery_result delivery_no_memory;

/*
 * store_run - delivers to recipients first to end - 1; each has a result then.
 */
void store_run(struct delivery *delivery, size_t first, size_t end);

/*
 * place_choose - sets the recipient's place, and makes the folder if it is one
 * that is made.  With the identity of the user; place.path is the Maildir at
 * first.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status place_choose(struct delivery *delivery,
    struct delivery_recipient *recipient) GP_MUST_CHECK;

/*
 * place_judge - sets is_junk; with the identity of the user.
 *
 * junk_folder_r  the folder for junk, whether it is junk or not
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status place_judge(struct delivery *delivery,
    struct delivery_recipient *recipient,
    const char **junk_folder_r) GP_MUST_CHECK;

/* duplicate_drop - gives a duplicate its result: taken, and not stored */
void duplicate_drop(
    struct delivery *delivery, struct delivery_recipient *recipient);

/* duplicate_note - notes what was delivered; after the last step */
void duplicate_note(
    struct delivery *delivery, struct delivery_recipient *recipient);

/* hand_over - gives the message to Dovecot if the recipient has a Sieve script:
 * then the recipient has a result */
void hand_over(struct delivery *delivery, struct delivery_recipient *recipient);

/*
 * quota_take - holds room in the recipient's mailbox until quota_release().
 *
 * Returns code 0 if there is room, else why the message is refused.
 */
struct delivery_result quota_take(struct delivery *delivery,
    struct delivery_recipient *recipient, uint64_t size);

/* quota_release - gives back what is held, if anything is */
void quota_release(
    struct delivery *delivery, struct delivery_recipient *recipient);

/* quota_check_user - as quota_take() but holds nothing, for an answer to RCPT */
struct delivery_result quota_check_user(
    struct delivery *delivery, const struct user *user, uint64_t size);

/* quota_warn - tells the user once when the mailbox has become that full */
void quota_warn(
    struct delivery *delivery, struct delivery_recipient *recipient);

#endif
