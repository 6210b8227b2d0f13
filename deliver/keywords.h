/*
 * keywords - IMAP keywords of messages in a Maildir: Dovecot's file
 * dovecot-keywords gives each of them a letter for file names.
 */
#ifndef GATEPOST_DELIVER_KEYWORDS_H
#define GATEPOST_DELIVER_KEYWORDS_H

#include <sys/types.h>

#include "lib/base/status.h"

#define KEYWORDS_MAX 26 /* a to z */

/*
 * keyword_letter - the letter of a keyword; a new one is entered.
 *
 * path   of the folder
 * mode   of a new file
 *
 * Returns STATUS_OK; STATUS_LIMIT (no letter is left, or the file is no such
 * file); STATUS_BUSY (Dovecot has it locked for too long); STATUS_NOMEM;
 * STATUS_IO (errno).
 */
enum status keyword_letter(const char *path, const char *keyword, mode_t mode,
    char *letter_r) GP_MUST_CHECK;

#endif
