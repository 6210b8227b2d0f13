/*
 * zone - DNS data in memory (see zone.h).
 *
 * A hash table from lower-case wire names to nodes.  Every ancestor of a name
 * has a node too, so that an empty non-terminal is a node without records
 * (RFC 4592 section 2.2.2) and the closest encloser is the nearest ancestor
 * that has a node.
 *
 * Invariant: nothing is changed by a lookup; the records live in the region.
 */
#include "config.h"

#include "lib/dns/zone.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "lib/base/region.h"
#include "lib/dns/dns-private.h"
#include "lib/dns/wire.h"

#define ZONE_CNAMES_MAX    10   /* a chain; what big resolvers follow */
#define ZONE_BUCKETS_FIRST 256  /* a power of 2, as all later sizes */
#define ZONE_DEFAULT_TTL   3600 /* seconds, without $TTL */

struct rrset {
	struct rrset *next;
	enum dns_type type;
	uint32_t ttl_seconds;
	size_t count, room;
	struct dns_record *records;
};

struct fault {
	struct fault *next;
	enum dns_type type; /* 0: every type */
	enum dns_result result;
};

struct node {
	struct node *next; /* in the bucket */
	const unsigned char *name;
	uint32_t hash;
	struct rrset *rrsets;
	struct fault *faults;
};

struct dns_zone {
	struct region *region;
	struct node **buckets;
	size_t bucket_count;
	size_t node_count;
};

struct dns_zone *
dns_zone_new(void)
{
	struct dns_zone *zone;

	if ((zone = calloc(1, sizeof(*zone))) == NULL)
		return NULL;
	zone->bucket_count = ZONE_BUCKETS_FIRST;
	zone->buckets = calloc(zone->bucket_count, sizeof(*zone->buckets));
	zone->region = region_new();
	if (zone->buckets == NULL || zone->region == NULL)
		dns_zone_free(&zone);
	return zone;
}

void
dns_zone_free(struct dns_zone **zone)
{
	if (*zone == NULL)
		return;
	region_free(&(*zone)->region);
	free((*zone)->buckets);
	free(*zone);
	*zone = NULL;
}

static size_t
name_bytes(const unsigned char *name)
{
	size_t i = 0;

	while (name[i] != 0)
		i += name[i] + 1u;
	return i + 1;
}

/* FNV-1a; the data is the operator's own, nobody floods a bucket. */
static uint32_t
name_hash(const unsigned char *name, size_t bytes)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < bytes; i++)
		hash = (hash ^ name[i]) * 16777619u;
	return hash;
}

static struct node *
node_find(const struct dns_zone *zone, const unsigned char *name)
{
	size_t bytes = name_bytes(name);
	uint32_t hash = name_hash(name, bytes);
	struct node *node = zone->buckets[hash & (zone->bucket_count - 1)];

	for (; node != NULL; node = node->next)
		if (node->hash == hash && name_bytes(node->name) == bytes &&
		    memcmp(node->name, name, bytes) == 0)
			return node;
	return NULL;
}

static void
bucket_insert(struct node **buckets, size_t bucket_count, struct node *node)
{
	struct node **bucket = &buckets[node->hash & (bucket_count - 1)];

	node->next = *bucket;
	*bucket = node;
}

static enum status
zone_grow(struct dns_zone *zone)
{
	size_t i, bucket_count = zone->bucket_count * 2;
	struct node **buckets, *node, *next;

	if ((buckets = calloc(bucket_count, sizeof(*buckets))) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < zone->bucket_count; i++)
		for (node = zone->buckets[i]; node != NULL; node = next) {
			next = node->next;
			bucket_insert(buckets, bucket_count, node);
		}
	free(zone->buckets);
	zone->buckets = buckets;
	zone->bucket_count = bucket_count;
	return STATUS_OK;
}

/* name must live as long as the zone. */
static struct node *
node_new(struct dns_zone *zone, const unsigned char *name)
{
	struct node *node;

	if (zone->node_count >= zone->bucket_count &&
	    zone_grow(zone) != STATUS_OK)
		return NULL;
	node = region_alloc(zone->region, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->name = name;
	node->hash = name_hash(name, name_bytes(name));
	bucket_insert(zone->buckets, zone->bucket_count, node);
	zone->node_count++;
	return node;
}

/* The node of a name; it and the ancestors it lacks are made. */
static struct node *
node_get(struct dns_zone *zone, const unsigned char *wire_name)
{
	struct node *first, *node;
	const unsigned char *name;

	if ((node = node_find(zone, wire_name)) != NULL)
		return node;
	name = region_memdup(zone->region, wire_name, name_bytes(wire_name));
	if (name == NULL || (first = node_new(zone, name)) == NULL)
		return NULL;
	while (*name != 0) {
		name += *name + 1u;
		if (node_find(zone, name) != NULL)
			break;
		if (node_new(zone, name) == NULL)
			return NULL;
	}
	return first;
}

static struct rrset *
rrset_find(const struct node *node, enum dns_type type)
{
	struct rrset *rrset = node->rrsets;

	while (rrset != NULL && rrset->type != type)
		rrset = rrset->next;
	return rrset;
}

static struct rrset *
rrset_get(struct dns_zone *zone, struct node *node, enum dns_type type,
    uint32_t ttl_seconds)
{
	struct rrset *rrset;

	if ((rrset = rrset_find(node, type)) != NULL)
		return rrset;
	rrset = region_alloc(zone->region, sizeof(*rrset));
	if (rrset == NULL)
		return NULL;
	rrset->type = type;
	rrset->ttl_seconds = ttl_seconds;
	rrset->next = node->rrsets;
	node->rrsets = rrset;
	return rrset;
}

static enum status
rrset_add(
    struct dns_zone *zone, struct rrset *rrset, const struct dns_record *record)
{
	struct dns_record *records;
	size_t room;

	if (rrset->count == rrset->room) {
		room = rrset->room == 0 ? 1 : rrset->room * 2;
		records =
		    region_alloc_array(zone->region, room, sizeof(*records));
		if (records == NULL)
			return STATUS_NOMEM;
		if (rrset->count != 0)
			memcpy(records, rrset->records,
			    rrset->count * sizeof(*records));
		rrset->records = records;
		rrset->room = room;
	}
	rrset->records[rrset->count++] = *record;
	return STATUS_OK;
}

static enum status
zone_add(struct dns_zone *zone, const unsigned char *name, uint32_t ttl_seconds,
    const struct dns_record *record)
{
	struct node *node;
	struct rrset *rrset;

	if ((node = node_get(zone, name)) == NULL ||
	    (rrset = rrset_get(zone, node, record->type, ttl_seconds)) == NULL)
		return STATUS_NOMEM;
	if (ttl_seconds < rrset->ttl_seconds)
		rrset->ttl_seconds = ttl_seconds;
	return rrset_add(zone, rrset, record);
}

static enum status
zone_add_rdata(struct dns_zone *zone, ldns_rr *rr, ldns_buffer *buffer)
{
	enum dns_type type = (enum dns_type)ldns_rr_get_type(rr);
	unsigned char name[DNS_WIRE_NAME_BYTES];
	struct dns_wire_rdata rdata;
	struct dns_record record;
	ldns_rdf *owner = ldns_rr_owner(rr);
	size_t bytes, i;
	char *text;

	if (ldns_rdf_size(owner) > sizeof(name))
		return STATUS_INVALID;
	memcpy(name, ldns_rdf_data(owner), ldns_rdf_size(owner));
	for (i = 0; name[i] != 0; i += name[i] + 1u)
		ascii_lower_all((char *)name + i + 1, name[i]);
	if (ldns_rr_rdata2buffer_wire(buffer, rr) != LDNS_STATUS_OK)
		return STATUS_NOMEM;
	rdata.message = rdata.bytes = ldns_buffer_begin(buffer);
	rdata.length = ldns_buffer_position(buffer);
	rdata.end = rdata.message + rdata.length;
	if (!dns_wire_record_bytes(type, &rdata, &bytes))
		return STATUS_INVALID;
	if ((text = region_alloc(zone->region, bytes)) == NULL)
		return STATUS_NOMEM;
	dns_wire_record(type, &rdata, text, &record);
	return zone_add(zone, name, ldns_rr_ttl(rr), &record);
}

static enum status
zone_add_rr(struct dns_zone *zone, ldns_rr *rr)
{
	enum status status;
	ldns_buffer *buffer;

	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return STATUS_INVALID;
	if ((buffer = ldns_buffer_new(LDNS_MIN_BUFLEN)) == NULL)
		return STATUS_NOMEM;
	status = zone_add_rdata(zone, rr, buffer);
	ldns_buffer_free(buffer);
	return status;
}

/* Where libldns is in a master file. */
struct master_file {
	FILE *file;
	int line;
	uint32_t default_ttl;
	ldns_rdf *origin;
	ldns_rdf *previous_owner;
};

/* libldns counts line breaks; the last line may have none. */
static void
master_file_fix_line(struct master_file *master)
{
	if (fseek(master->file, -1, SEEK_CUR) == 0 &&
	    getc(master->file) != '\n')
		master->line++;
}

/* One record or directive; *reason_r stays NULL when it was good. */
static enum status
master_file_step(
    struct dns_zone *zone, struct master_file *master, const char **reason_r)
{
	enum status status = STATUS_OK;
	ldns_status ldns_status;
	ldns_rr *rr = NULL;

	ldns_status =
	    ldns_rr_new_frm_fp_l(&rr, master->file, &master->default_ttl,
		&master->origin, &master->previous_owner, &master->line);
	if (ldns_status == LDNS_STATUS_SYNTAX_EMPTY ||
	    ldns_status == LDNS_STATUS_SYNTAX_TTL ||
	    ldns_status == LDNS_STATUS_SYNTAX_ORIGIN)
		return STATUS_OK;
	if (ldns_status == LDNS_STATUS_MEM_ERR)
		return STATUS_NOMEM;
	if (ldns_status == LDNS_STATUS_SYNTAX_INCLUDE)
		*reason_r = "$INCLUDE is not supported";
	else if (ldns_status != LDNS_STATUS_OK)
		*reason_r = ldns_get_errorstr_by_id(ldns_status);
	if (*reason_r != NULL)
		return STATUS_INVALID;
	status = zone_add_rr(zone, rr);
	if (status == STATUS_INVALID)
		*reason_r = "the record is not of class IN or does not fit "
			    "its type";
	ldns_rr_free(rr);
	return status;
}

/* A text that was cut off is still the best there is to say. */
static void
error_line(char *error_r, size_t error_size, const char *path, int line,
    const char *reason)
{
	int length;

	if (line > 0)
		length = snprintf(
		    error_r, error_size, "%s:%d: %s", path, line, reason);
	else
		length = snprintf(error_r, error_size, "%s: %s", path, reason);
	if (length < 0 && error_size > 0)
		error_r[0] = '\0';
}

enum status
dns_zone_read_file(
    struct dns_zone *zone, const char *path, char *error_r, size_t error_size)
{
	struct master_file master = { .default_ttl = ZONE_DEFAULT_TTL };
	enum status status = STATUS_OK;
	const char *reason = NULL;

	if ((master.file = fopen(path, "re")) == NULL) {
		error_line(error_r, error_size, path, 0, strerror(errno));
		return STATUS_IO;
	}
	while (
	    status == STATUS_OK && !feof(master.file) && !ferror(master.file))
		status = master_file_step(zone, &master, &reason);
	if (status == STATUS_OK && ferror(master.file)) {
		status = STATUS_IO;
		reason = strerror(errno);
	}
	if (status != STATUS_OK) {
		master_file_fix_line(&master);
		error_line(error_r, error_size, path, master.line,
		    reason != NULL ? reason : status_text(status));
	}
	ldns_rdf_deep_free(master.origin);
	ldns_rdf_deep_free(master.previous_owner);
	fclose(master.file);
	return status;
}

enum status
dns_zone_add_line(struct dns_zone *zone, const char *line)
{
	enum status status;
	ldns_status ldns_status;
	ldns_rr *rr = NULL;

	ldns_status =
	    ldns_rr_new_frm_str(&rr, line, ZONE_DEFAULT_TTL, NULL, NULL);
	if (ldns_status == LDNS_STATUS_MEM_ERR)
		return STATUS_NOMEM;
	if (ldns_status != LDNS_STATUS_OK)
		return STATUS_INVALID;
	status = zone_add_rr(zone, rr);
	ldns_rr_free(rr);
	return status;
}

enum status
dns_zone_add_txt(
    struct dns_zone *zone, const char *name, const void *text, size_t length)
{
	unsigned char wire_name[DNS_WIRE_NAME_BYTES];
	struct dns_record record = { .type = DNS_TYPE_TXT };

	if (length > DNS_TXT_BYTES_MAX || !dns_wire_name(name, wire_name))
		return STATUS_INVALID;
	record.text.data = region_memdup(zone->region, text, length);
	record.text.length = length;
	if (record.text.data == NULL)
		return STATUS_NOMEM;
	return zone_add(zone, wire_name, ZONE_DEFAULT_TTL, &record);
}

enum status
dns_zone_add_fault(struct dns_zone *zone, const char *name, enum dns_type type,
    enum dns_result result)
{
	unsigned char wire_name[DNS_WIRE_NAME_BYTES];
	struct fault *fault;
	struct node *node;

	if (!dns_result_is_temporary(result) || !dns_wire_name(name, wire_name))
		return STATUS_INVALID;
	if ((node = node_get(zone, wire_name)) == NULL ||
	    (fault = region_alloc(zone->region, sizeof(*fault))) == NULL)
		return STATUS_NOMEM;
	fault->type = type;
	fault->result = result;
	fault->next = node->faults;
	node->faults = fault;
	return STATUS_OK;
}

/* The node of the name, or of the wildcard that covers it, or NULL. */
static const struct node *
node_match(const struct dns_zone *zone, const unsigned char *name)
{
	unsigned char wildcard[DNS_WIRE_NAME_BYTES + 2];
	const struct node *node;

	if ((node = node_find(zone, name)) != NULL)
		return node;
	do {
		if (*name == 0)
			return NULL; /* no data at all, not even the root */
		name += *name + 1u;
	} while (node_find(zone, name) == NULL);
	wildcard[0] = 1;
	wildcard[1] = '*';
	memcpy(wildcard + 2, name, name_bytes(name));
	return node_find(zone, wildcard);
}

static const struct fault *
fault_find(const struct node *node, enum dns_type type)
{
	const struct fault *fault = node->faults;

	while (fault != NULL && fault->type != 0 && fault->type != type)
		fault = fault->next;
	return fault;
}

static void
answer_take_ttl(struct dns_answer *answer, const struct rrset *rrset)
{
	if (rrset->ttl_seconds < answer->ttl_seconds)
		answer->ttl_seconds = rrset->ttl_seconds;
}

/*
 * One step: true when the answer is there, false when a CNAME leads on (then
 * name is where to).
 */
static bool
lookup_step(const struct dns_zone *zone,
    unsigned char name[DNS_WIRE_NAME_BYTES], enum dns_type type,
    struct dns_answer *answer)
{
	const struct node *node = node_match(zone, name);
	const struct fault *fault;
	const struct rrset *rrset;

	answer->result = DNS_NXDOMAIN;
	if (node == NULL)
		return true;
	if ((fault = fault_find(node, type)) != NULL) {
		answer->result = fault->result;
		return true;
	}
	if ((rrset = rrset_find(node, type)) != NULL) {
		answer->result = DNS_FOUND;
		answer->records = rrset->records;
		answer->record_count = rrset->count < DNS_RECORDS_MAX ?
		    rrset->count :
		    DNS_RECORDS_MAX;
		answer_take_ttl(answer, rrset);
		return true;
	}
	answer->result = DNS_NODATA;
	if ((rrset = rrset_find(node, DNS_TYPE_CNAME)) == NULL)
		return true;
	answer_take_ttl(answer, rrset);
	answer->result = DNS_SERVFAIL;
	return !dns_wire_name(rrset->records[0].name, name);
}

void
dns_zone_lookup(const struct dns_zone *zone, const unsigned char *name,
    enum dns_type type, struct dns_answer *answer_r)
{
	unsigned char target[DNS_WIRE_NAME_BYTES];
	int i;

	memset(answer_r, 0, sizeof(*answer_r));
	answer_r->ttl_seconds = UINT32_MAX;
	memcpy(target, name, name_bytes(name));
	for (i = 0; i <= ZONE_CNAMES_MAX; i++)
		if (lookup_step(zone, target, type, answer_r))
			break;
	if (i > ZONE_CNAMES_MAX)
		answer_r->result = DNS_SERVFAIL;
	if (answer_r->result != DNS_FOUND)
		answer_r->ttl_seconds = 0;
}
