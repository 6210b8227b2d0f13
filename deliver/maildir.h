/*
 * maildir - one message on its way into a folder, so that it is there exactly
 * once whatever dies when.
 *
 *	begin	  tmp/KEY is created and locked
 *	(write)	  by the caller, to fd
 *	sync	  the file is on the disk
 *	publish	  new/NAME (with flags: cur/NAME) is the same file, a second link:
 *		  readers see it
 *	commit	  the directory is on the disk: now success may be answered
 *	settle	  the client knows: tmp/KEY is removed
 *
 * KEY follows from the message, its sender and its recipient.  Who comes again
 * because he has got no answer finds tmp/KEY with two links: the message is
 * delivered already.  With one link it is what a dead process left: it is
 * removed.  A tmp/KEY that nobody settles is removed by maildir_clean().
 *
 * All functions but maildir_sync() and maildir_commit() must run with the
 * identity of the user.  The umask is expected to be 0.
 */
#ifndef GATEPOST_DELIVER_MAILDIR_H
#define GATEPOST_DELIVER_MAILDIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "deliver/maildir-name.h"
#include "deliver/sync-group.h"
#include "lib/base/region.h"
#include "lib/base/status.h"

#define MAILDIR_TMP_SECONDS (36 * 3600) /* maildir(5): older ones are dead */

/* A folder that a message goes into; created when it is missing. */
struct maildir_place {
	const char *path; /* absolute, of the directory that holds new */
	bool is_inbox;
	mode_t mode;       /* of files */
	const char *flags; /* letters; "": none, and the message is new */
};

struct maildir_message {
	const struct maildir_place *place;
	int fd;                /* of the file, locked; -1: none */
	char *tmp_path;        /* NULL: not there */
	char *new_path;        /* NULL: not published by us */
	bool delivered_before; /* write, sync and publish are done already */
};

/*
 * maildir_begin - creates the file.
 *
 * place  must outlive message_r; the texts of both belong to region
 *
 * Returns STATUS_OK; STATUS_BUSY (the same message has been on its way for
 * longer than a minute: come again); STATUS_NOMEM; STATUS_LIMIT (path too
 * long); STATUS_IO (errno tells why).  After a failure nothing is left.
 */
enum status maildir_begin(struct region *region,
    const struct maildir_place *place, const char *key,
    struct maildir_message *message_r) GP_MUST_CHECK;

/* maildir_sync - STATUS_OK or STATUS_IO (errno) */
enum status maildir_sync(struct maildir_message *message) GP_MUST_CHECK;

/*
 * maildir_publish - gives the file its place in new or cur, under a new
 * name.
 *
 * size, crlf_size  of the whole file, for its name
 *
 * Returns STATUS_OK, STATUS_NOMEM, or STATUS_IO (errno).
 */
enum status maildir_publish(struct region *region,
    struct maildir_message *message, struct maildir_namer *namer, uint64_t size,
    uint64_t crlf_size) GP_MUST_CHECK;

/* maildir_commit - STATUS_OK, STATUS_NOMEM, or STATUS_IO (errno) */
enum status maildir_commit(
    struct maildir_message *message, struct sync_group *group) GP_MUST_CHECK;

/* maildir_cancel - after a failure: nothing of it is left */
void maildir_cancel(struct maildir_message *message);

/* maildir_settle - the client knows that the message was delivered */
void maildir_settle(struct maildir_message *message);

/* maildir_keep - he may not know, and may come again */
void maildir_keep(struct maildir_message *message);

/*
 * maildir_clean - removes what has been in the folder's tmp for longer than
 * MAILDIR_TMP_SECONDS before now.  Returns how many files.
 */
size_t maildir_clean(const char *path, time_t now);

#endif
