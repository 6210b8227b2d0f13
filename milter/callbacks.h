/* callbacks - the table of callbacks that libmilter calls. */
#ifndef GATEPOST_MILTER_CALLBACKS_H
#define GATEPOST_MILTER_CALLBACKS_H

#include <libmilter/mfapi.h>
#include <stdatomic.h>

#include "lib/scan/scan.h"

/* What the callbacks need of the daemon. */
struct callbacks_source {
	/* a session of the settings now in force, or NULL (memory) */
	struct session *(*session_new)(void *argument);
	void *argument;
	_Atomic int ending_count;  /* messages at their end of message now */
	_Atomic int session_count; /* sessions that were not closed yet */
};

/*
 * callbacks_table - the description for smfi_register().
 *
 * source  must live until smfi_main() has returned and all sessions are closed
 */
struct smfiDesc callbacks_table(struct callbacks_source *source);

#endif
