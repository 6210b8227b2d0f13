/* fold - text as a reader takes it (see fold.h). */
#include "config.h"

#include "lib/base/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#define CHARACTER_BYTES_MAX 4

/* First and last of characters that have no width, or steer the direction. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x034f, 0x034f },   /* combining grapheme joiner */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
	{ 0x180b, 0x180e },   /* Mongolian separators */
	{ 0x200b, 0x200f },   /* zero width space to right-to-left mark */
	{ 0x202a, 0x202e },   /* embeddings */
	{ 0x2060, 0x206f },   /* word joiner, isolates */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xe0000, 0xe0fff }, /* tags, more variation selectors */
};

struct folder {
	char *to;
	size_t length;
	bool blank; /* the last character is one, or there is none */
};

static bool
is_unseen(uint32_t code)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(unseen); i++)
		if (code <= unseen[i].last)
			return code >= unseen[i].first;
	return false;
}

static bool
is_blank(uint32_t code)
{
	return code <= ' ' || (code >= 0x7f && code <= 0xa0) ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	    code == 0x2029 || code == 0x3000;
}

/* A lower case letter has no more bytes than this. */
static void
put(struct folder *folder, uint32_t code)
{
	int length;

	if (is_blank(code)) {
		if (!folder->blank)
			folder->to[folder->length++] = ' ';
		folder->blank = true;
		return;
	}
	folder->blank = false;
	if (code < 0x80) {
		folder->to[folder->length++] = ascii_lower((char)code);
		return;
	}
	if (code == 0x2018 || code == 0x2019)
		code = '\'';
	length = u8_uctomb((uint8_t *)folder->to + folder->length,
	    (ucs4_t)uc_tolower((ucs4_t)code), CHARACTER_BYTES_MAX);
	if (length > 0)
		folder->length += (size_t)length;
}

static enum status
fold_normal(struct region *region, struct span text, struct span *text_r)
{
	struct folder folder = { .blank = true };
	size_t step;
	uint32_t code;

	folder.to =
	    region_alloc_array(region, text.length + 1, CHARACTER_BYTES_MAX);
	if (folder.to == NULL)
		return STATUS_NOMEM;
	while (text.length > 0) {
		step = utf8_character(text, &code);
		if (step == 0)
			step = 1;
		else if (!is_unseen(code))
			put(&folder, code);
		text.data += step;
		text.length -= step;
	}
	if (folder.length > 0 && folder.blank)
		folder.length--;
	folder.to[folder.length] = '\0';
	*text_r = (struct span){ folder.to, folder.length };
	return STATUS_OK;
}

static bool
is_ascii(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

enum status
fold_text(struct region *region, struct span text, struct span *text_r)
{
	enum status status;
	uint8_t *normal;
	size_t length;

	*text_r = (struct span){ "", 0 };
	if (is_ascii(text))
		return fold_normal(region, text, text_r);
	normal = u8_normalize(UNINORM_NFKC, (const uint8_t *)text.data,
	    text.length, NULL, &length);
	if (normal == NULL)
		return errno == ENOMEM ? STATUS_NOMEM : STATUS_OK;
	status = fold_normal(
	    region, (struct span){ (char *)normal, length }, text_r);
	free(normal);
	return status;
}
