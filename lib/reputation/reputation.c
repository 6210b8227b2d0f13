/* reputation - subjects, keys and evidence (see reputation.h). */
#include "config.h"

#include "lib/reputation/reputation.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/mail/domain.h"

#define NETWORK_BITS_4 24
#define NETWORK_BITS_6 48

static const struct {
	const char *text, *key;
} kinds[] = {
	[REPUTATION_ADDRESS] = { "address", "ip" },
	[REPUTATION_NETWORK] = { "network", "net" },
	[REPUTATION_HELO] = { "helo", "helo" },
	[REPUTATION_PTR] = { "ptr", "ptr" },
	[REPUTATION_DOMAIN] = { "domain", "domain" },
};

const char *
reputation_kind_text(enum reputation_kind kind)
{
	return kinds[kind].text;
}

static int64_t
half_life_seconds(const struct reputation_conf *conf)
{
	return conf->half_life / 1000;
}

int64_t
reputation_lifetime_seconds(const struct reputation_conf *conf)
{
	return REPUTATION_HALF_LIVES_KEPT * half_life_seconds(conf);
}

/* A subject of that name, with its keys. */
static enum status
make_subject(struct region *region, const struct reputation_conf *conf,
    enum reputation_kind kind, bool is_claimed,
    struct reputation_subject *subject)
{
	bool is_marked =
	    kind == REPUTATION_NETWORK || kind == REPUTATION_DOMAIN;

	subject->kind = kind;
	subject->is_claimed = is_claimed;
	subject->may_be_good = !is_claimed;
	subject->key =
	    region_printf(region, "%s:%s%s@%" PRId64, kinds[kind].key,
		is_claimed ? "?" : "", subject->name, half_life_seconds(conf));
	subject->seen_key =
	    is_marked ? region_printf(region, "seen:%s", subject->name) : NULL;
	if (subject->key == NULL || (is_marked && subject->seen_key == NULL))
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* "192.0.2.0/24", "2001:db8::/48" */
static const char *
network_text(struct region *region, const struct ip *ip)
{
	char text[IP_TEXT_BYTES];
	struct ip base = *ip;
	size_t bits = ip->family == AF_INET6 ? NETWORK_BITS_6 : NETWORK_BITS_4;

	memset(base.bytes + bits / 8, 0, sizeof(base.bytes) - bits / 8);
	return region_printf(region, "%s/%zu", ip_text(&base, text), bits);
}

enum status
reputation_subject_of_ip(struct region *region,
    const struct reputation_conf *conf, enum reputation_kind kind,
    const struct ip *ip, struct reputation_subject *subject_r)
{
	char text[IP_TEXT_BYTES];

	memset(subject_r, 0, sizeof(*subject_r));
	if (ip->family == AF_UNSPEC)
		return STATUS_INVALID;
	subject_r->name = kind == REPUTATION_NETWORK ?
	    network_text(region, ip) :
	    region_strdup(region, ip_text(ip, text));
	if (subject_r->name == NULL)
		return STATUS_NOMEM;
	return make_subject(region, conf, kind, false, subject_r);
}

enum status
reputation_subject_of_name(struct region *region,
    const struct reputation_conf *conf, enum reputation_kind kind,
    bool is_claimed, const char *name, struct reputation_subject *subject_r)
{
	const char *domain, *organizational;
	enum status status;

	memset(subject_r, 0, sizeof(*subject_r));
	status = domain_normalize(region, span_of(name), &domain);
	if (status != STATUS_OK)
		return status;
	organizational = domain_organizational(domain);
	subject_r->name = organizational != NULL ? organizational : domain;
	return make_subject(region, conf, kind, is_claimed, subject_r);
}

static enum status
add_ip(struct region *region, const struct reputation_conf *conf,
    enum reputation_kind kind, const struct ip *ip,
    struct reputation_subjects *subjects)
{
	enum status status;

	status = reputation_subject_of_ip(
	    region, conf, kind, ip, &subjects->all[subjects->count]);
	if (status == STATUS_OK)
		subjects->count++;
	return status == STATUS_INVALID ? STATUS_OK : status;
}

/* The same kind of the same name, already there; or NULL. */
static struct reputation_subject *
find(struct reputation_subjects *subjects,
    const struct reputation_subject *subject)
{
	size_t i;

	for (i = 0; i < subjects->count; i++)
		if (strcmp(subjects->all[i].key, subject->key) == 0)
			return &subjects->all[i];
	return NULL;
}

static enum status
add_domains(struct region *region, const struct reputation_conf *conf,
    const struct reputation_source *source,
    struct reputation_subjects *subjects)
{
	struct reputation_subject *subject, *double_of;
	enum status status;
	size_t i;

	for (i = 0; i < source->domain_count; i++) {
		subject = &subjects->all[subjects->count];
		status = reputation_subject_of_name(region, conf,
		    REPUTATION_DOMAIN, false, source->domains[i].name, subject);
		if (status == STATUS_INVALID)
			continue;
		if (status != STATUS_OK)
			return status;
		subject->may_be_good = source->domains[i].is_aligned;
		double_of = find(subjects, subject);
		if (double_of == NULL)
			subjects->count++;
		else if (subject->may_be_good)
			double_of->may_be_good = true;
	}
	return STATUS_OK;
}

/* A HELO or reverse name, if it is one. */
static enum status
add_name(struct region *region, const struct reputation_conf *conf,
    enum reputation_kind kind, bool is_claimed, const char *name,
    struct reputation_subjects *subjects)
{
	enum status status;

	status = reputation_subject_of_name(region, conf, kind, is_claimed,
	    name, &subjects->all[subjects->count]);
	if (status == STATUS_OK)
		subjects->count++;
	return status == STATUS_INVALID ? STATUS_OK : status;
}

/* The HELO name lies in the domain of the confirmed reverse name. */
static bool
helo_is_of_ptr(const struct reputation_subjects *subjects, const char *helo)
{
	const struct reputation_subject *last;

	if (subjects->count == 0)
		return false;
	last = &subjects->all[subjects->count - 1];
	return last->kind == REPUTATION_PTR && !last->is_claimed &&
	    domain_is_within(helo, last->name);
}

enum status
reputation_subjects_of(struct region *region,
    const struct reputation_conf *conf, const struct reputation_source *source,
    struct reputation_subjects *subjects_r)
{
	enum status status;
	bool confirmed;

	subjects_r->count = 0;
	status = add_ip(
	    region, conf, REPUTATION_ADDRESS, &source->client_ip, subjects_r);
	if (status == STATUS_OK)
		status = add_ip(region, conf, REPUTATION_NETWORK,
		    &source->client_ip, subjects_r);
	if (status == STATUS_OK)
		status = add_name(region, conf, REPUTATION_PTR,
		    !source->ptr_is_confirmed, source->ptr, subjects_r);
	if (status != STATUS_OK)
		return status;
	confirmed = source->helo_is_confirmed ||
	    helo_is_of_ptr(subjects_r, source->helo);
	status = add_name(region, conf, REPUTATION_HELO, !confirmed,
	    source->helo, subjects_r);
	if (status == STATUS_OK)
		status = add_domains(region, conf, source, subjects_r);
	return status;
}

double
reputation_share(
    const struct reputation_subject *subject, const struct store_pair *pair)
{
	double share;

	share = (pair->spam - pair->ham) /
	    (pair->spam + pair->ham + REPUTATION_PRIOR);
	if (share < 0 && !subject->may_be_good)
		return 0;
	return fabs(share) < REPUTATION_SHARE_MIN ? 0 : share;
}

bool
reputation_learns(
    const struct reputation_subject *subject, enum reputation_class class)
{
	return class == REPUTATION_SPAM || !subject->is_claimed;
}

struct store_operation
reputation_read(const struct reputation_conf *conf,
    const struct reputation_subject *subject)
{
	struct store_operation operation = {
		.verb = STORE_READ,
		.key = subject->key,
		.half_life_seconds = half_life_seconds(conf),
	};

	return operation;
}

struct store_operation
reputation_add(const struct reputation_conf *conf,
    const struct reputation_subject *subject, struct store_pair add)
{
	struct store_operation operation = {
		.verb = STORE_ADD,
		.key = subject->key,
		.half_life_seconds = half_life_seconds(conf),
		.lifetime_seconds = reputation_lifetime_seconds(conf),
		.add = add,
	};

	return operation;
}

static enum status
hash_address(
    struct region *region, struct hash *hash, const struct address *address)
{
	size_t length = strlen(address->local_part);
	char *local_part = region_memdup(region, address->local_part, length);

	if (local_part == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(local_part, length);
	hash_add_text(hash, local_part);
	hash_add_text(hash, address->domain);
	return STATUS_OK;
}

/* The key "KIND:HASH"; status tells whether all was added to the hash. */
static enum status
finish_key(struct region *region, const char *kind, struct hash **hash,
    enum status status, const char **key_r)
{
	char text[HASH_TEXT_BYTES];
	enum status finish = hash_finish(hash, text);

	*key_r = NULL;
	if (status != STATUS_OK || finish != STATUS_OK)
		return STATUS_NOMEM;
	*key_r = region_printf(region, "%s:%s", kind, text);
	return *key_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
reputation_pair_key(struct region *region, const struct address *own,
    const struct address *other, const char **key_r)
{
	struct hash *hash = hash_new();
	enum status status = STATUS_NOMEM;

	if (hash != NULL)
		status = hash_address(region, hash, own);
	if (status == STATUS_OK)
		status = hash_address(region, hash, other);
	return finish_key(region, "pair", &hash, status, key_r);
}

enum status
reputation_reply_key(struct region *region, const char *message_id,
    const struct address *participant, const char **key_r)
{
	struct hash *hash = hash_new();
	enum status status = STATUS_NOMEM;

	if (hash != NULL) {
		hash_add_text(hash, message_id);
		status = hash_address(region, hash, participant);
	}
	return finish_key(region, "reply", &hash, status, key_r);
}
