/* learn-message - teaches one delivered message (see learn-message.h). */
#include "config.h"

#include "cli/learn-message.h"

#include <string.h>

#include "lib/reputation/delivered.h"

static enum status
find_source(struct region *region, const struct settings *settings,
    const struct message *message, struct reputation_source *source_r)
{
	struct delivered_host host = {
		.authserv_id = settings->authserv_id,
		.own_network_count = settings->own_network_count,
		.own_networks = settings->own_networks,
		.trust_partly_signed_body =
		    settings->dmarc.trust_partly_signed_body,
	};

	return delivered_source(region, &host, message, source_r);
}

/* Somebody else's, then; or ours, and others had it since. */
static enum status
find_stranger(struct region *region, const struct message *message,
    struct learn_result *result)
{
	const char *id;
	enum status status = delivered_authserv_id(region, message, &id);

	if (status != STATUS_OK)
		return status;
	str_sanitize(
	    result->authserv_id, sizeof(result->authserv_id), span_of(id));
	return STATUS_NOTFOUND;
}

static enum status
learn(struct region *region, const struct learner *learner, struct span raw,
    struct learn_result *result)
{
	const struct settings *settings = learner->settings;
	char identity[HASH_TEXT_BYTES];
	struct reputation_subjects subjects;
	struct reputation_source source;
	struct message message;
	struct span body;
	enum status status;

	message_init(&message, region);
	status = message_parse_header(&message, raw, &body);
	if (status == STATUS_OK)
		status = find_source(region, settings, &message, &source);
	if (status == STATUS_NOTFOUND)
		return find_stranger(region, &message, result);
	if (status == STATUS_OK)
		status = reputation_subjects_of(
		    region, &settings->reputation, &source, &subjects);
	if (status == STATUS_OK)
		status = delivered_identity(&message, body, &source, identity);
	if (status != STATUS_OK)
		return status;
	return teach_message(learner->store, &settings->reputation, identity,
	    &subjects, learner->lesson, 0, &result->outcome);
}

enum status
learn_message(const struct learner *learner, struct span raw,
    struct learn_result *result_r)
{
	struct region *region = region_new();
	enum status status = STATUS_NOMEM;

	memset(result_r, 0, sizeof(*result_r));
	if (region != NULL)
		status = learn(region, learner, raw, result_r);
	region_free(&region);
	return status;
}
