/* settings-text - settings of a file that a test writes. */
#ifndef GATEPOST_TESTS_SETTINGS_TEXT_H
#define GATEPOST_TESTS_SETTINGS_TEXT_H

#include "lib/scan/settings.h"

/* settings_of - of a file with this text ("" gives the defaults); fails the
 * test when it has a mistake; release by settings_release() */
const struct settings *settings_of(const char *text);

#endif
