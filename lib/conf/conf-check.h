/*
 * conf-check - checks of texts that several sections need; for the member
 * check of struct conf_key.  Each returns NULL if the text is good, else the
 * reason.
 */
#ifndef GATEPOST_CONF_CONF_CHECK_H
#define GATEPOST_CONF_CONF_CHECK_H

#include <sys/types.h>

/* conf_check_path - an absolute path, or "" */
const char *conf_check_path(const char *text);

/* conf_check_needed_path - an absolute path, and not "" */
const char *conf_check_needed_path(const char *text);

/* conf_check_delimiters - of the detail of an address, or "": none */
const char *conf_check_delimiters(const char *text);

/* conf_check_mode - three octal digits */
const char *conf_check_mode(const char *text);

/* conf_read_mode - the access bits that such digits stand for */
mode_t conf_read_mode(const char *text);

#endif
