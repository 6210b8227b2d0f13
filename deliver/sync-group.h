/*
 * sync-group - several deliveries into one directory share one fsync of it.
 *
 * Who comes while a sync runs waits for the next one; that is begun by one of
 * those who wait and serves all of them.
 */
#ifndef GATEPOST_DELIVER_SYNC_GROUP_H
#define GATEPOST_DELIVER_SYNC_GROUP_H

#include "lib/base/status.h"

struct sync_group;

/* sync_group_new - NULL when memory is short */
struct sync_group *sync_group_new(void);

/* sync_group_free - nobody may be syncing; accepts NULL */
void sync_group_free(struct sync_group **group);

/*
 * sync_group_run - all that was entered into the directory before this call is
 * on the disk when it returns STATUS_OK.  Any thread.
 *
 * Returns STATUS_OK, STATUS_NOMEM, or STATUS_IO (errno tells why).
 */
enum status sync_group_run(
    struct sync_group *group, int directory_fd) GP_MUST_CHECK;

#endif
