/* unit - what every unit test includes: cmocka and what cmocka needs. */
#ifndef GATEPOST_TESTS_UNIT_H
#define GATEPOST_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/status.h"

#endif
