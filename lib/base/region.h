/*
 * region - memory of one message (or one session), freed in one call.
 *
 * Invariants: memory from a region is never freed alone; a region has one
 * owner and is not shared between threads without a lock of the caller.
 */
#ifndef GATEPOST_BASE_REGION_H
#define GATEPOST_BASE_REGION_H

#include <stdarg.h>
#include <stddef.h>

#include "lib/base/status.h"

struct region;

/*
 * region_new - an empty region.
 *
 * Returns NULL when memory is short.  Free it by region_free().
 */
struct region *region_new(void);

/* region_free - frees all memory of *region and sets it to NULL; accepts NULL */
void region_free(struct region **region);

/*
 * region_alloc - zeroed, suitably aligned memory of size bytes.
 *
 * Returns NULL when memory is short.  Lives as long as the region.
 */
void *region_alloc(struct region *region, size_t size) GP_MUST_CHECK;

/* region_alloc_array - as region_alloc for count * size, overflow checked */
void *region_alloc_array(
    struct region *region, size_t count, size_t size) GP_MUST_CHECK;

/* region_memdup - a copy of size bytes with a NUL behind them, or NULL */
void *region_memdup(
    struct region *region, const void *data, size_t size) GP_MUST_CHECK;

/* region_strdup - a copy of text, or NULL when memory is short */
char *region_strdup(struct region *region, const char *text) GP_MUST_CHECK;

/* region_printf - formatted text of any length, or NULL when memory is short */
char *region_printf(struct region *region, const char *format, ...)
    GP_PRINTF(2, 3) GP_MUST_CHECK;

/* region_size - bytes that the region holds from the system */
size_t region_size(const struct region *region);

#endif
