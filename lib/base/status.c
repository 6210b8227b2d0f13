/* status - names of the failures (see status.h). */
#include "config.h"

#include "lib/base/status.h"

const char *
status_text(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "ok";
	case STATUS_NOMEM:
		return "out of memory";
	case STATUS_INVALID:
		return "invalid input";
	case STATUS_LIMIT:
		return "limit reached";
	case STATUS_NOTFOUND:
		return "not found";
	case STATUS_TIMEOUT:
		return "timed out";
	case STATUS_IO:
		return "input/output error";
	case STATUS_BUSY:
		return "already in use";
	case STATUS_CLOSED:
		return "shutting down";
	}
	return "unknown status";
}
