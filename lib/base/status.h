/*
 * status - how a function of ours says that it failed.
 *
 * A *failure* (no memory, broken file) is an enum status.  A *result* of a
 * check (spf=fail, temperror) is data and never travels as a status.
 */
#ifndef GATEPOST_BASE_STATUS_H
#define GATEPOST_BASE_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_NOMEM,    /* memory could not be had */
	STATUS_INVALID,  /* the input breaks its grammar or range */
	STATUS_LIMIT,    /* a named limit was reached */
	STATUS_NOTFOUND, /* nothing under that name */
	STATUS_TIMEOUT,  /* the deadline passed */
	STATUS_IO,       /* the system refused; errno was logged */
	STATUS_BUSY,     /* in use by somebody else */
	STATUS_CLOSED    /* shutting down, no new work is taken */
};

#define GP_MUST_CHECK    __attribute__((warn_unused_result))
#define GP_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define GP_UNUSED        __attribute__((unused))
#define GP_NELEMS(table) (sizeof(table) / sizeof((table)[0]))

/*
 * status_text - a short English text for a status, for logs and errors.
 *
 * Returns a constant string, never NULL.  Any thread.
 */
const char *status_text(enum status status);

#endif
