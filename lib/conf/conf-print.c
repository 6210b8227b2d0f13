/* conf-print - settings and tables written out (see conf.h). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/conf/conf-private.h"

/* A list of CONF_FILE_MAX_BYTES with every byte escaped. */
#define CONF_TEXT_MAX_BYTES (8 * CONF_FILE_MAX_BYTES)
#define CONF_PRINT_COLUMNS  76

/* A comment, folded at blanks. */
static void
print_comment(FILE *out, const char *indent, const char *text)
{
	const char *word = text;
	size_t column = 0, length;

	for (; *word != '\0'; word += length + (word[length] == ' ')) {
		length = strcspn(word, " ");
		if (column > 0 && column + 1 + length > CONF_PRINT_COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = (size_t)fprintf(out, "%s#", indent);
		column += (size_t)fprintf(out, " %.*s", (int)length, word);
	}
	if (column > 0)
		fputc('\n', out);
}

/* The default as it would stand in a file. */
static void
default_value(struct strbuf *text, const struct conf_key *key)
{
	const char *value = key->default_text;
	struct region *region = NULL;
	struct conf_list list;

	if (value == NULL)
		value = "";
	if (key->type == CONF_STRING) {
		conf_value_quote(text, value);
	} else if (key->type != CONF_LIST) {
		strbuf_add_text(text, value);
	} else if ((region = region_new()) != NULL) {
		if (conf_value_split(value, region, &list) == STATUS_OK)
			conf_value_text(text, key, &list);
		region_free(&region);
	}
}

static void
print_section(FILE *out, const struct conf_entry *entry, const void *settings,
    struct strbuf *text)
{
	const struct conf_section *section = entry->section;
	const struct conf_key *key;
	size_t i;

	fprintf(out, "%s {\n", section->name);
	for (i = 0; i < section->key_count; i++) {
		key = &section->keys[i];
		strbuf_reset(text);
		conf_value_text(text, key,
		    (const char *)settings + entry->offset + key->offset);
		fprintf(out, "\t%s = %s\n", key->name, strbuf_text(text));
	}
	fputs("}\n", out);
}

static void
print_section_example(
    FILE *out, const struct conf_section *section, struct strbuf *text)
{
	const struct conf_key *key;
	size_t i;

	print_comment(out, "", section->help);
	fprintf(out, "%s {\n", section->name);
	for (i = 0; i < section->key_count; i++) {
		key = &section->keys[i];
		strbuf_reset(text);
		default_value(text, key);
		if (i > 0)
			fputc('\n', out);
		print_comment(out, "\t", key->help);
		fprintf(out, "\t#%s = %s\n", key->name, strbuf_text(text));
	}
	fputs("}\n", out);
}

void
conf_print(FILE *out, const struct conf_entry *entries, size_t entry_count,
    const void *settings, bool commented_example)
{
	struct strbuf *text = strbuf_new(CONF_TEXT_MAX_BYTES);
	size_t i;

	for (i = 0; text != NULL && i < entry_count; i++) {
		if (i > 0)
			fputc('\n', out);
		if (commented_example)
			print_section_example(out, entries[i].section, text);
		else
			print_section(out, &entries[i], settings, text);
	}
	strbuf_free(&text);
}

static const char *
type_word(enum conf_type type)
{
	switch (type) {
	case CONF_BOOL:
		return "yes | no";
	case CONF_INT:
	case CONF_DOUBLE:
		return "number";
	case CONF_SIZE:
		return "size";
	case CONF_DURATION:
		return "time";
	case CONF_RATE:
		return "number/time";
	case CONF_CHOICE:
		return "word";
	case CONF_STRING:
		return "string";
	case CONF_LIST:
		return "list";
	}
	return "value";
}

static void
mdoc_byte(FILE *out, char c)
{
	if (c == '\\')
		fputs("\\e", out);
	else if (c == '"')
		fputs("\\(dq", out);
	else if (c == '-')
		fputs("\\-", out);
	else if (c == '\n')
		fputc(' ', out);
	else
		fputc(c, out);
}

static void
mdoc_word(FILE *out, const char *word, size_t length)
{
	size_t i;

	if (word[0] == '.' || word[0] == '\'')
		fputs("\\&", out); /* no request at the front of a line */
	for (i = 0; i < length; i++)
		mdoc_byte(out, word[i]);
}

static bool
ends_sentence(const char *word, size_t length)
{
	return length > 0 && word[length - 1] == '.' && word[length] == ' ' &&
	    word[length + 1] >= 'A' && word[length + 1] <= 'Z';
}

/* Text lines: folded at blanks, each sentence on a new line. */
static void
mdoc_text(FILE *out, const char *text)
{
	size_t column = 0, length;
	const char *word;

	for (word = text; *word != '\0';
	     word += length + (word[length] == ' ')) {
		length = strcspn(word, " ");
		if (column > 0 && column + 1 + length > CONF_PRINT_COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		if (column > 0)
			fputc(' ', out);
		mdoc_word(out, word, length);
		column += 1 + length;
		if (ends_sentence(word, length)) {
			fputc('\n', out);
			column = 0;
		}
	}
	if (column > 0)
		fputc('\n', out);
}

/* One argument of a macro line; "\&" keeps a word from being a macro. */
static void
mdoc_argument(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		fprintf(out, " %s", text);
		return;
	}
	fputs(" \"\\&", out);
	for (; *text != '\0'; text++)
		mdoc_byte(out, *text);
	fputc('"', out);
}

static void
mdoc_range(FILE *out, const struct conf_key *key, struct strbuf *text)
{
	size_t i;

	if (key->type == CONF_CHOICE) {
		fputs("One of\n", out);
		for (i = 0; key->choices[i] != NULL; i++) {
			fputs(".Cm", out);
			mdoc_argument(out, key->choices[i]);
			fputs(
			    key->choices[i + 1] == NULL ? " .\n" : " ,\n", out);
		}
		return;
	}
	if ((key->min == 0 && key->max == 0) || key->type == CONF_STRING ||
	    key->type == CONF_LIST || key->type == CONF_BOOL)
		return;
	strbuf_reset(text);
	conf_value_number(text, key->type, key->min);
	strbuf_add_text(text, " to ");
	conf_value_number(text, key->type, key->max);
	fprintf(out, "Range: %s.\n", strbuf_text(text));
}

bool
conf_names_have(const char *const *names, const char *section, const char *key)
{
	size_t length = strlen(section);

	for (; *names != NULL; names++)
		if (strncmp(*names, section, length) == 0 &&
		    (*names)[length] == '.' &&
		    (strcmp(*names + length + 1, "*") == 0 ||
			strcmp(*names + length + 1, key) == 0))
			return true;
	return false;
}

static void
mdoc_key(
    FILE *out, const struct conf_key *key, bool start_only, struct strbuf *text)
{
	fprintf(out, ".It Cm %s No = Ar", key->name);
	mdoc_argument(out, type_word(key->type));
	fputc('\n', out);
	mdoc_text(out, key->help);
	mdoc_range(out, key, text);
	if (start_only)
		fputs("Read at the start only.\n", out);
	strbuf_reset(text);
	default_value(text, key);
	fputs("Default:\n.Li", out);
	mdoc_argument(out, strbuf_text(text));
	fputs(" .\n", out);
}

void
conf_print_mdoc(FILE *out, const struct conf_entry *entries, size_t entry_count,
    const char *const *start_only)
{
	struct strbuf *text = strbuf_new(CONF_TEXT_MAX_BYTES);
	const struct conf_section *section;
	size_t i, k;

	for (i = 0; text != NULL && i < entry_count; i++) {
		section = entries[i].section;
		fprintf(out, ".Ss Section %s\n", section->name);
		mdoc_text(out, section->help);
		fputs(".Bl -tag -width Ds\n", out);
		for (k = 0; k < section->key_count; k++)
			mdoc_key(out, &section->keys[k],
			    conf_names_have(start_only, section->name,
				section->keys[k].name),
			    text);
		fputs(".El\n", out);
	}
	strbuf_free(&text);
}
