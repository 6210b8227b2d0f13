/*
 * scan-content - the body of a message, kept up to scan.body_max as it streams
 * by, and what is read of it at its end.
 */
#ifndef GATEPOST_SCAN_SCAN_CONTENT_H
#define GATEPOST_SCAN_SCAN_CONTENT_H

#include "lib/scan/scan-private.h"

/* scan_content_begin - the header is known; STATUS_OK or STATUS_NOMEM */
enum status scan_content_begin(struct scan *scan) GP_MUST_CHECK;

/* scan_content_add - a chunk of the body; STATUS_OK or STATUS_NOMEM */
enum status scan_content_add(
    struct scan *scan, const void *data, size_t length) GP_MUST_CHECK;

/*
 * scan_content_read - the end of the body: sets scan->content.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status scan_content_read(struct scan *scan) GP_MUST_CHECK;

/* scan_content_end - frees the body, which scan->content points into */
void scan_content_end(struct scan *scan);

#endif
