/*
 * region - memory of one message (see region.h).
 *
 * A chain of blocks, filled front to back.  What is larger than a block gets
 * a block of its own behind the first, so that the open block stays in use.
 */
#include "config.h"

#include "lib/base/region.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGION_BLOCK_BYTES 4064u /* a page less malloc's own header */
#define REGION_ALIGN       (_Alignof(max_align_t))

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct region {
	struct block *open; /* first of the chain; small requests go here */
	size_t size;
};

static struct block *
block_new(size_t size)
{
	struct block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	if ((block = malloc(sizeof(*block) + size)) == NULL)
		return NULL;
	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

struct region *
region_new(void)
{
	return calloc(1, sizeof(struct region));
}

void
region_free(struct region **region)
{
	struct block *block, *next;

	if (*region == NULL)
		return;
	for (block = (*region)->open; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(*region);
	*region = NULL;
}

static struct block *
region_grow(struct region *region, size_t size)
{
	struct block *block;

	block =
	    block_new(size > REGION_BLOCK_BYTES ? size : REGION_BLOCK_BYTES);
	if (block == NULL)
		return NULL;
	region->size += block->size;
	if (size > REGION_BLOCK_BYTES && region->open != NULL) {
		block->next = region->open->next;
		region->open->next = block;
	} else {
		block->next = region->open;
		region->open = block;
	}
	return block;
}

void *
region_alloc(struct region *region, size_t size)
{
	struct block *block = region->open;
	void *memory;

	if (size == 0)
		size = 1;
	if (size > SIZE_MAX - REGION_ALIGN)
		return NULL;
	size = (size + REGION_ALIGN - 1) & ~(REGION_ALIGN - 1);
	if (block == NULL || block->size - block->used < size)
		block = region_grow(region, size);
	if (block == NULL)
		return NULL;
	memory = block->data + block->used;
	block->used += size;
	return memset(memory, 0, size);
}

void *
region_alloc_array(struct region *region, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return region_alloc(region, count * size);
}

void *
region_memdup(struct region *region, const void *data, size_t size)
{
	char *copy;

	if (size == SIZE_MAX || (copy = region_alloc(region, size + 1)) == NULL)
		return NULL;
	if (size != 0)
		memcpy(copy, data, size);
	return copy;
}

char *
region_strdup(struct region *region, const char *text)
{
	return region_memdup(region, text, strlen(text));
}

char *
region_printf(struct region *region, const char *format, ...)
{
	va_list args, again;
	char *text = NULL;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length >= 0 && (text = region_alloc(region, (size_t)length + 1)) &&
	    vsnprintf(text, (size_t)length + 1, format, again) != length)
		text = NULL;
	va_end(again);
	va_end(args);
	return text;
}

size_t
region_size(const struct region *region)
{
	return region->size;
}
