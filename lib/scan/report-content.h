/* report-content - what a message holds, for report_json() and report_text(). */
#ifndef GATEPOST_SCAN_REPORT_CONTENT_H
#define GATEPOST_SCAN_REPORT_CONTENT_H

#include <stdio.h>

#include <jansson.h>

#include "lib/mail/content.h"

/* report_content_text - the parts and the URLs, the first of each */
void report_content_text(FILE *out, const struct content *content);

/*
 * report_content_json - adds "parts", "urls" and "limits" to an object; all
 * are empty without a content.
 *
 * Returns 0, or -1 when memory is short.
 */
int report_content_json(json_t *object, const struct content *content);

#endif
