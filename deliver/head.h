/*
 * head - what a delivery needs to know of a message's header.
 *
 * What Postfix put in front for this very delivery (flags D, O and R of pipe(8)
 * and lmtp(8), and always local(8)) is the lead: the fields Return-Path,
 * Delivered-To and X-Original-To at the very top.  A Delivered-To further down
 * is of an earlier delivery.
 */
#ifndef GATEPOST_DELIVER_HEAD_H
#define GATEPOST_DELIVER_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

#define HEAD_DELIVERED_MAX 100 /* deliveries; more is a loop */

struct head {
	bool has_return_path; /* in the lead */
	struct span lead_delivered_to[HEAD_DELIVERED_MAX];
	size_t lead_count;
	struct span delivered_to[HEAD_DELIVERED_MAX];
	size_t count;
	bool too_many;          /* more than that */
	struct span message_id; /* empty: none */
};

/*
 * head_read - looks at the header; all spans point into text.
 *
 * text  the message's beginning; LF or CRLF line ends, any bytes
 */
void head_read(struct span text, struct head *head_r);

/* head_lead_has - Postfix has said Delivered-To: address */
bool head_lead_has(const struct head *head, const char *address);

/* head_shows_loop - it was delivered to the address before */
bool head_shows_loop(const struct head *head, const char *address);

#endif
