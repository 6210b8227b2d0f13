/* learn-message - teaches one delivered message (see learn-message.h). */
#include "config.h"

#include "cli/learn-message.h"

#include "lib/mail/identity.h"
#include "lib/reputation/delivered.h"

static enum status
find_subjects(struct region *region, const struct settings *settings,
    const struct message *message, struct reputation_subjects *subjects_r)
{
	struct delivered_host host = {
		.authserv_id = settings->authserv_id,
		.own_network_count = settings->own_network_count,
		.own_networks = settings->own_networks,
		.trust_partly_signed_body =
		    settings->dmarc.trust_partly_signed_body,
	};
	struct reputation_source source;
	enum status status;

	status = delivered_source(region, &host, message, &source);
	if (status != STATUS_OK)
		return status;
	return reputation_subjects_of(
	    region, &settings->reputation, &source, subjects_r);
}

static enum status
learn(struct region *region, const struct learner *learner, struct span raw,
    enum teach_outcome *outcome_r)
{
	const struct settings *settings = learner->settings;
	char identity[HASH_TEXT_BYTES];
	struct reputation_subjects subjects;
	struct message message;
	struct span body;
	enum status status;

	message_init(&message, region);
	status = message_parse_header(&message, raw, &body);
	if (status == STATUS_OK)
		status = find_subjects(region, settings, &message, &subjects);
	if (status == STATUS_OK)
		status = message_identity(&message, body, identity);
	if (status != STATUS_OK)
		return status;
	return teach_message(learner->store, &settings->reputation, identity,
	    &subjects, learner->lesson, 0, outcome_r);
}

enum status
learn_message(const struct learner *learner, struct span raw,
    enum teach_outcome *outcome_r)
{
	struct region *region = region_new();
	enum status status = STATUS_NOMEM;

	if (region != NULL)
		status = learn(region, learner, raw, outcome_r);
	region_free(&region);
	return status;
}
