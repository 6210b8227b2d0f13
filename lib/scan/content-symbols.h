/*
 * content-symbols - the symbols of the group content, a file for each subject.
 *
 * Each function adds what it sees of its subject and nothing else.  What is
 * missing in a content that was cut at a limit (content->limits) proves
 * nothing.  All return STATUS_OK or STATUS_NOMEM.
 */
#ifndef GATEPOST_SCAN_CONTENT_SYMBOLS_H
#define GATEPOST_SCAN_CONTENT_SYMBOLS_H

#include "lib/scan/content-view.h"

/* Who wrote it, to whom, where answers go: From, Reply-To, To. */
enum status content_sender_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

/* The other fields: Date, Message-ID, Subject, and what programs add. */
enum status content_header_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

/* content_is_freemail - whoever wants one gets a mailbox there; the subdomains of
 * such a house are its own: its newsletters, its staff */
bool content_is_freemail(const char *domain);

/* content_is_of_php_script - by what PHP adds to mail of its scripts */
bool content_is_of_php_script(const struct content_view *view);

/* What the text says. */
enum status content_text_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

/* How HTML shows and hides it, images, and how parts are encoded. */
enum status content_html_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

/* Where its URLs lead. */
enum status content_url_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

/* What is attached. */
enum status content_attachment_symbols(
    struct scan *scan, const struct content_view *view) GP_MUST_CHECK;

#endif
