/* domain - domain names (see domain.h). */
#include "config.h"

#include "lib/mail/domain.h"

#include <string.h>

#include <idn2.h>
#include <libpsl.h>

bool
domain_is_valid(const char *name)
{
	size_t i, label_length = 0;

	for (i = 0; name[i] != '\0'; i++) {
		char c = name[i];

		if (i == DOMAIN_BYTES_MAX)
			return false;
		if (c == '.') {
			if (label_length == 0)
				return false;
			label_length = 0;
			continue;
		}
		if (!ascii_is_alnum((unsigned char)c) && c != '-' && c != '_')
			return false;
		if (++label_length > DOMAIN_LABEL_BYTES_MAX)
			return false;
	}
	return label_length > 0;
}

bool
domain_is_within(const char *name, const char *parent)
{
	size_t length = strlen(name), parent_length = strlen(parent);

	if (length < parent_length ||
	    !str_equals_nocase(name + length - parent_length, parent))
		return false;
	return length == parent_length ||
	    (parent_length > 0 && name[length - parent_length - 1] == '.');
}

/* A top-level domain is never all digits (RFC 3696 section 2). */
static bool
last_label_is_number(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *label = dot != NULL ? dot + 1 : name;

	return label[strspn(label, "0123456789")] == '\0';
}

const char *
domain_organizational(const char *name)
{
	if (!domain_is_valid(name) || strchr(name, '.') == NULL ||
	    last_label_is_number(name))
		return NULL;
	return psl_registrable_domain(psl_builtin(), name);
}

static bool
is_registry(const char *name)
{
	return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN) == 1;
}

const char *
domain_registered(const char *name)
{
	const char *dot;

	if (!domain_is_valid(name) || last_label_is_number(name) ||
	    is_registry(name))
		return NULL;
	while ((dot = strchr(name, '.')) != NULL && !is_registry(dot + 1))
		name = dot + 1;
	return dot == NULL ? NULL : name;
}

bool
domain_has_known_suffix(const char *name)
{
	const char *suffix;

	if (domain_organizational(name) == NULL)
		return false;
	suffix = psl_unregistrable_domain(psl_builtin(), name);
	return suffix != NULL &&
	    psl_is_public_suffix2(psl_builtin(), suffix,
		PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

enum status
domain_to_ascii(const char *name, char *to, size_t size)
{
	enum status status;
	char *ascii = NULL;
	int rc;

	if (is_ascii(name))
		return str_copy(to, size, name);
	to[0] = '\0';
	rc = idn2_to_ascii_8z(
	    name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return rc == IDN2_MALLOC ? STATUS_NOMEM : STATUS_INVALID;
	status = str_copy(to, size, ascii);
	idn2_free(ascii);
	return status;
}

enum status
domain_normalize(struct region *region, struct span domain, const char **name_r)
{
	char text[DOMAIN_INPUT_BYTES_MAX + 1];
	char ascii[DOMAIN_INPUT_BYTES_MAX + 1];
	enum status status;
	size_t length;

	*name_r = NULL;
	if (domain.length == 0 || domain.length > DOMAIN_INPUT_BYTES_MAX ||
	    memchr(domain.data, '\0', domain.length) != NULL)
		return STATUS_INVALID;
	memcpy(text, domain.data, domain.length);
	text[domain.length] = '\0';
	status = domain_to_ascii(text, ascii, sizeof(ascii));
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? status : STATUS_INVALID;
	length = strlen(ascii);
	if (length > 0 && ascii[length - 1] == '.')
		ascii[--length] = '\0';
	if (!domain_is_valid(ascii))
		return STATUS_INVALID;
	ascii_lower_all(ascii, length);
	*name_r = region_strdup(region, ascii);
	return *name_r != NULL ? STATUS_OK : STATUS_NOMEM;
}
