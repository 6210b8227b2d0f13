/*
 * report-content - parts and URLs of a message (see report-content.h).
 *
 * All text is out of a message that may be hostile to the terminal, too: it is
 * shortened, and what would not be seen is written as \xNN.
 */
#include "config.h"

#include "lib/scan/report-content.h"

#include <string.h>

#define TEXT_PARTS_MAX 50 /* lines for a person; JSON has all */
#define TEXT_URLS_MAX  50
#define NAME_BYTES     200
#define URL_BYTES      300

/* ---- text ---- */

static void
put_shown(FILE *out, size_t size, struct span text)
{
	char shown[URL_BYTES];

	fputs(
	    str_show(shown, size < sizeof(shown) ? size : sizeof(shown), text),
	    out);
}

/* " [no end, bare CR]" */
static void
put_flags(FILE *out, const char *(*text_of)(unsigned int *), unsigned int flags)
{
	const char *text = text_of(&flags);

	if (text == NULL)
		return;
	fprintf(out, " [%s", text);
	while ((text = text_of(&flags)) != NULL)
		fprintf(out, ", %s", text);
	fputc(']', out);
}

static void
part_line(FILE *out, const struct content_part *part)
{
	fprintf(out, "  %*s", (int)part->depth * 2, "");
	put_shown(out, NAME_BYTES, span_of(part->type));
	if (part->kind == CONTENT_LEAF)
		fprintf(out, " %zu bytes", part->decoded_size);
	if (part->charset[0] != '\0') {
		fputc(' ', out);
		put_shown(out, NAME_BYTES, span_of(part->charset));
	}
	if (part->disposition[0] != '\0') {
		fputc(' ', out);
		put_shown(out, NAME_BYTES, span_of(part->disposition));
	}
	if (part->name[0] != '\0') {
		fputs(" \"", out);
		put_shown(out, NAME_BYTES, span_of(part->name));
		fputc('"', out);
	}
	put_flags(out, content_damage_text, part->damage);
	fputc('\n', out);
}

/* The domain that was registered, or the host that has none. */
static const char *
domain_of(const struct url *url)
{
	return url->organizational_domain[0] != '\0' ?
	    url->organizational_domain :
	    url->host;
}

static void
url_line(FILE *out, const struct url *url)
{
	char text[URL_FORMAT_BYTES];

	fprintf(out, "  %-24s ", domain_of(url));
	put_shown(out, URL_BYTES, span_of(url_format(url, text)));
	if (url->text_host[0] != '\0' &&
	    url_text_names_other_host(span_of(url->text), url))
		fprintf(out, " shown as %s", url->text_host);
	put_flags(out, url_flag_text, url->flags);
	fputc('\n', out);
}

static void
more_line(FILE *out, size_t count, size_t max)
{
	if (count > max)
		fprintf(out, "  and %zu more\n", count - max);
}

void
report_content_text(FILE *out, const struct content *content)
{
	const struct url_list *urls = &content->urls;
	size_t i;

	fputs("Parts:", out);
	if (content->limits != 0)
		fputs(" not all was read:", out);
	put_flags(out, content_limit_text, content->limits);
	fputc('\n', out);
	for (i = 0; i < content->part_count && i < TEXT_PARTS_MAX; i++)
		part_line(out, &content->parts[i]);
	more_line(out, content->part_count, TEXT_PARTS_MAX);
	if (urls->count > 0)
		fputs("URLs:\n", out);
	for (i = 0; i < urls->count && i < TEXT_URLS_MAX; i++)
		url_line(out, &urls->urls[i]);
	more_line(out, urls->count, TEXT_URLS_MAX);
}

/* ---- JSON ---- */

/* Bytes that are no UTF-8 are shown as \xNN. */
static json_t *
text_json(const char *text)
{
	char shown[URL_FORMAT_BYTES];
	json_t *json = json_string(text);

	if (json != NULL)
		return json;
	return json_string(str_show(shown, sizeof(shown), span_of(text)));
}

static json_t *
flags_json(const char *(*text_of)(unsigned int *), unsigned int flags)
{
	json_t *array = json_array();
	const char *text;

	while (array != NULL && (text = text_of(&flags)) != NULL)
		if (json_array_append_new(array, json_string(text)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
part_json(const struct content_part *part)
{
	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:I, s:b, s:o}", "type",
	    text_json(part->type), "depth", (int)part->depth, "charset",
	    text_json(part->charset), "disposition",
	    text_json(part->disposition), "name", text_json(part->name),
	    "bytes", (json_int_t)part->decoded_size, "shown",
	    (int)part->is_shown, "damage",
	    flags_json(content_damage_text, part->damage));
}

static json_t *
url_json(const struct url *url)
{
	char text[URL_FORMAT_BYTES];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "url",
	    text_json(url_format(url, text)), "host", text_json(url->host),
	    "domain", text_json(url->organizational_domain), "text",
	    text_json(url->text), "text_host", text_json(url->text_host),
	    "part", (json_int_t)url->place, "flags",
	    flags_json(url_flag_text, url->flags));
}

static json_t *
parts_json(const struct content *content)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && content != NULL && i < content->part_count;
	     i++)
		if (json_array_append_new(
			array, part_json(&content->parts[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
urls_json(const struct content *content)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && content != NULL && i < content->urls.count;
	     i++)
		if (json_array_append_new(
			array, url_json(&content->urls.urls[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

int
report_content_json(json_t *object, const struct content *content)
{
	unsigned int limits = content == NULL ? 0 : content->limits;

	if (json_object_set_new(object, "parts", parts_json(content)) != 0 ||
	    json_object_set_new(object, "urls", urls_json(content)) != 0)
		return -1;
	return json_object_set_new(
	    object, "limits", flags_json(content_limit_text, limits));
}
