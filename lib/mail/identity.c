/* identity - a hash of what stays the same of a message (see identity.h). */
#include "config.h"

#include "lib/mail/identity.h"

static void
add_field(struct hash *hash, const struct message *message, const char *name)
{
	const struct message_field *field = message_find(message, name, 0);
	struct span value = { "", 0 };

	if (field != NULL)
		value = span_trim(field->value);
	hash_add(hash, value.data, value.length);
	hash_add_text(hash, "");
}

static void
add_body(struct hash *hash, struct span body)
{
	struct span line;

	while (body.length > 0 && ascii_is_space(body.data[body.length - 1]))
		body.length--;
	while (body.length > 0 && span_split(&body, '\n', &line)) {
		if (line.length > 0 && line.data[line.length - 1] == '\r')
			line.length--;
		hash_add(hash, line.data, line.length);
		hash_add(hash, "\n", 1);
	}
}

enum status
message_identity(
    const struct message *message, struct span body, char text[HASH_TEXT_BYTES])
{
	static const char *const names[] = { "Message-ID", "Date", "From" };
	struct hash *hash = hash_new();
	size_t i;

	for (i = 0; hash != NULL && i < GP_NELEMS(names); i++)
		add_field(hash, message, names[i]);
	if (hash != NULL)
		add_body(hash, body);
	return hash_finish(&hash, text);
}
