/* delivery - one message to its recipients (see delivery.h). */
#include "config.h"

#include "deliver/delivery.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/delivery-private.h"
#include "lib/users/identity.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/conf/conf-check.h"

#define BATCH_COUNT      50 /* Postfix's default of recipients a message */
#define FIRST_ROOM       8
#define SENDER_BYTES_MAX RECIPIENT_BYTES_MAX
#define HOST_NAME_BYTES  256

const struct delivery_result delivery_no_memory = { 451, "4.3.0",
	"Out of memory" };
static const struct delivery_result accepted = { 250, "2.1.5", "OK" };
static const struct delivery_result bad_address = { 501, "5.1.3",
	"Bad address" };
static const struct delivery_result unknown_user = { 550, "5.1.1",
	"No such user here" };
static const struct delivery_result lookup_failed = { 451, "4.3.0",
	"Cannot look the user up now" };
static const struct delivery_result too_many = { 452, "4.5.3",
	"Too many recipients" };
static const struct delivery_result too_large = { 552, "5.3.4",
	"Message too large" };
static const struct delivery_result spool_full = { 452, "4.3.1",
	"No space left for the message" };

struct delivery_services *
delivery_services_new(void)
{
	struct delivery_services *services;
	char host[HOST_NAME_BYTES] = "";

	if ((services = calloc(1, sizeof(*services))) == NULL)
		return NULL;
	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		(void)snprintf(host, sizeof(host), "localhost");
	maildir_namer_init(&services->namer, host);
	services->sync_group = sync_group_new();
	services->clean_times = clean_times_new();
	services->quota_holds = quota_holds_new();
	services->copies = quota_holds_new();
	if (services->sync_group == NULL || services->clean_times == NULL ||
	    services->quota_holds == NULL || services->copies == NULL)
		delivery_services_free(&services);
	return services;
}

void
delivery_services_free(struct delivery_services **services)
{
	if (*services == NULL)
		return;
	quota_holds_free(&(*services)->copies);
	quota_holds_free(&(*services)->quota_holds);
	clean_times_free(&(*services)->clean_times);
	sync_group_free(&(*services)->sync_group);
	free(*services);
	*services = NULL;
}

void
delivery_services_lock_mailboxes(struct delivery_services *services)
{
	services->locks_mailboxes = true;
}

struct delivery *
delivery_new(
    struct delivery_services *services, const struct settings *settings)
{
	const struct deliver_conf *conf = &settings->deliver;
	const struct spool_options options = {
		.memory_max = (size_t)conf->spool_memory,
		.size_max = (uint64_t)conf->message_size_max,
		.directory = conf->spool_directory,
	};
	struct delivery *delivery;

	if ((delivery = calloc(1, sizeof(*delivery))) == NULL)
		return NULL;
	delivery->services = services;
	delivery->settings = settings;
	delivery->conf = conf;
	delivery->file_mode = conf_read_mode(conf->file_mode);
	delivery->users = users_new(conf);
	delivery->spool = spool_new(&options);
	delivery->region = region_new();
	if (conf->quota_socket[0] != '\0')
		delivery->quota =
		    quota_status_new(conf->quota_socket, conf->lookup_timeout);
	if (conf->sieve_socket[0] != '\0')
		delivery->lmtp = lmtp_client_new(
		    conf->sieve_socket, conf->lookup_timeout, conf->timeout);
	if (delivery->users == NULL || delivery->spool == NULL ||
	    delivery->region == NULL ||
	    (delivery->quota == NULL && conf->quota_socket[0] != '\0') ||
	    (delivery->lmtp == NULL && conf->sieve_socket[0] != '\0'))
		delivery_free(&delivery);
	return delivery;
}

void
delivery_free(struct delivery **delivery)
{
	if (*delivery == NULL)
		return;
	delivery_settle(*delivery, false);
	region_free(&(*delivery)->region);
	spool_free(&(*delivery)->spool);
	lmtp_client_free(&(*delivery)->lmtp);
	quota_status_free(&(*delivery)->quota);
	users_free(&(*delivery)->users);
	free(*delivery);
	*delivery = NULL;
}

enum status
delivery_begin(struct delivery *delivery, struct span sender)
{
	delivery_settle(delivery, false);
	if (sender.length > SENDER_BYTES_MAX)
		return STATUS_LIMIT;
	if (span_has_control(sender))
		return STATUS_INVALID;
	spool_reset(delivery->spool);
	region_free(&delivery->region);
	if ((delivery->region = region_new()) == NULL)
		return STATUS_NOMEM;
	delivery->sender =
	    region_memdup(delivery->region, sender.data, sender.length);
	delivery->declared_size = 0;
	delivery->begun_ms = clock_now_ms();
	return delivery->sender == NULL ? STATUS_NOMEM : STATUS_OK;
}

void
delivery_declare_size(struct delivery *delivery, uint64_t size)
{
	delivery->declared_size = size;
}

/* Room for one recipient more. */
static enum status
grow(struct delivery *delivery)
{
	struct delivery_recipient **recipients;
	size_t room = delivery->room == 0 ? FIRST_ROOM : delivery->room * 2;

	if (delivery->count < delivery->room)
		return STATUS_OK;
	recipients =
	    region_alloc_array(delivery->region, room, sizeof(recipients[0]));
	if (recipients == NULL)
		return STATUS_NOMEM;
	if (delivery->count > 0)
		memcpy(recipients, delivery->recipients,
		    delivery->count * sizeof(recipients[0]));
	delivery->recipients = recipients;
	delivery->room = room;
	return STATUS_OK;
}

/* An accepted recipient of that very address, or NULL. */
static struct delivery_recipient *
find_same(const struct delivery *delivery, const char *address)
{
	size_t i;

	for (i = 0; i < delivery->count; i++)
		if (strcmp(delivery->recipients[i]->recipient.address,
			address) == 0)
			return delivery->recipients[i];
	return NULL;
}

/* The result of a failure to find the user. */
static struct delivery_result
refusal_of(enum status status)
{
	if (status == STATUS_NOTFOUND)
		return unknown_user;
	return status == STATUS_NOMEM ? delivery_no_memory : lookup_failed;
}

struct delivery_result
delivery_add_recipient(struct delivery *delivery, struct span address)
{
	struct delivery_result result = { 0 };
	struct delivery_recipient *added;
	enum status status;

	if (delivery->count == (size_t)delivery->conf->recipients_max)
		return too_many;
	added = region_alloc(delivery->region, sizeof(*added));
	if (added == NULL || grow(delivery) != STATUS_OK)
		return delivery_no_memory;
	added->message.fd = -1;
	added->lock_fd = -1;
	status = recipient_parse(delivery->region, address,
	    delivery->conf->detail_delimiters, &added->recipient);
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? delivery_no_memory :
						bad_address;
	added->same_as = find_same(delivery, added->recipient.address);
	status = STATUS_OK;
	if (added->same_as == NULL)
		status = users_find(delivery->users, delivery->region,
		    added->recipient.user, &added->user);
	if (status != STATUS_OK)
		return refusal_of(status);
	if (added->same_as == NULL)
		result = quota_check_user(
		    delivery, &added->user, delivery->declared_size);
	if (result.code != 0)
		return result;
	delivery->recipients[delivery->count++] = added;
	return accepted;
}

size_t
delivery_count(const struct delivery *delivery)
{
	return delivery->count;
}

const char *
delivery_address(const struct delivery *delivery, size_t i)
{
	assert(i < delivery->count);
	return delivery->recipients[i]->recipient.address;
}

struct spool *
delivery_spool(struct delivery *delivery)
{
	return delivery->spool;
}

struct delivery_result
delivery_result(const struct delivery *delivery, size_t i)
{
	const struct delivery_recipient *recipient;

	assert(i < delivery->count);
	recipient = delivery->recipients[i];
	return recipient->same_as == NULL ? recipient->result :
					    recipient->same_as->result;
}

/* The message did not even arrive. */
static void
refuse_all(struct delivery *delivery, enum status status, int error)
{
	struct delivery_result result = delivery_no_memory;
	size_t i;

	if (status == STATUS_LIMIT)
		result = too_large;
	else if (status == STATUS_IO)
		result = spool_full;
	for (i = 0; i < delivery->count; i++)
		delivery->recipients[i]->result = result;
	log_error("from=<%s>: %s: %s", delivery->sender, result.text,
	    strerror(error));
}

static void
log_result(const struct delivery *delivery, size_t i)
{
	const struct delivery_result result = delivery_result(delivery, i);
	const struct delivery_recipient *recipient = delivery->recipients[i];
	struct log_fields fields;
	char message_id[200];

	log_fields_init(&fields);
	log_field(&fields, "msgid",
	    str_sanitize(
		message_id, sizeof(message_id), delivery->head.message_id));
	log_field(&fields, "from",
	    delivery->sender[0] == '\0' ? "<>" : delivery->sender);
	log_field(&fields, "to", recipient->recipient.address);
	log_field(&fields, "folder", recipient->place.path);
	log_field_number(&fields, "size", (int64_t)spool_size(delivery->spool));
	log_field_number(&fields, "ms", clock_now_ms() - delivery->begun_ms);
	log_field_number(&fields, "code", result.code);
	log_field(&fields, "status", result.enhanced);
	log_field(&fields, "text", result.text);
	log_info("delivery %s", fields.text);
}

/* Completes the message and reads its header. */
static enum status
finish_message(struct delivery *delivery)
{
	enum status status = spool_finish(delivery->spool);

	if (status != STATUS_OK)
		return status;
	head_read(spool_head(delivery->spool), &delivery->head);
	return junk_facts_read(delivery->region, delivery->settings,
	    spool_head(delivery->spool), delivery->sender, &delivery->junk);
}

void
delivery_run(struct delivery *delivery)
{
	enum status status = finish_message(delivery);
	size_t i, end;

	if (status != STATUS_OK) {
		refuse_all(delivery, status, errno);
	} else {
		for (i = 0; i < delivery->count; i = end) {
			end = i + BATCH_COUNT;
			if (end > delivery->count)
				end = delivery->count;
			store_run(delivery, i, end);
		}
	}
	for (i = 0; i < delivery->count; i++)
		log_result(delivery, i);
}

/* The end of a message for one recipient. */
static void
settle(struct delivery *delivery, struct delivery_recipient *recipient,
    bool client_knows)
{
	const char *path = recipient->place.path;
	time_t now = (time_t)clock_wall_seconds();

	if (recipient->message.fd == -1)
		return;
	if (!client_knows || identity_assume(&recipient->user) != STATUS_OK) {
		maildir_keep(&recipient->message);
		return;
	}
	maildir_settle(&recipient->message);
	if (clean_times_take(delivery->services->clean_times, path, now))
		(void)maildir_clean(path, now);
	identity_return();
}

void
delivery_settle(struct delivery *delivery, bool client_knows)
{
	size_t i;

	for (i = 0; i < delivery->count; i++)
		settle(delivery, delivery->recipients[i], client_knows);
	delivery->count = 0;
	delivery->room = 0;
	delivery->recipients = NULL;
}
