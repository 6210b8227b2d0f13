/*
 * fuzz-header-text - the input as the value of a field, as text and as a token
 * with parameters.
 *
 * What must hold: texts are valid UTF-8 without control characters.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "lib/mail/header-text.h"
#include "lib/mail/mime-field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(struct span text)
{
	size_t i;

	if (text.data[text.length] != '\0' ||
	    !g_utf8_validate_len(text.data, text.length, NULL))
		abort();
	for (i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			abort();
}

static void
check_field(struct region *region, struct span value)
{
	struct mime_field field;
	size_t i;

	if (mime_field_parse(region, value, &field) != STATUS_OK ||
	    field.param_count > MIME_PARAMS_MAX)
		abort();
	for (i = 0; i < field.param_count; i++) {
		check_text(span_of(field.params[i].text));
		if (mime_field_param(&field, field.params[i].name) == NULL ||
		    field.params[i].raw.length > value.length)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct region *region = region_new();
	struct span value = { (const char *)data, size };
	struct header_text text;

	if (region == NULL)
		return 0;
	if (header_text_decode(region, value, &text) != STATUS_OK)
		abort();
	check_text(text.text);
	check_field(region, value);
	region_free(&region);
	return 0;
}
