/* dmarc-walk - the DNS tree walk (see dmarc-walk.h). */
#include "config.h"

#include "lib/auth/dmarc-walk.h"

#include <string.h>

/* Names of more labels are not asked, but for the first (section 4.10). */
#define WALK_LABELS_MAX 7

/* One "_dmarc" name of the message. */
struct dmarc_lookup {
	const char *name; /* without "_dmarc." */
	struct dns_question *question;
	struct dmarc_lookup *next;

	/* By lookup_read(): */
	bool read;
	bool temporary;
	bool has_record;
	struct dmarc_record record;
};

struct dmarc_walks {
	struct region *region;
	struct dns *dns;
	int64_t deadline_ms;
	struct dmarc_lookup *lookups;
	struct dmarc_walk *walks;
	size_t walk_count;
};

/* The name without its first label; NULL when it has only one. */
static const char *
parent_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? dot + 1 : NULL;
}

static size_t
count_labels(const char *name)
{
	size_t count;

	for (count = 0; name != NULL; count++)
		name = parent_of(name);
	return count;
}

size_t
dmarc_walk_names(const char *domain, const char *names_r[DMARC_QUERIES_MAX])
{
	size_t labels = count_labels(domain), count = 0;
	const char *name = domain;

	names_r[count++] = domain;
	while ((name = parent_of(name)) != NULL) {
		if (--labels <= WALK_LABELS_MAX)
			names_r[count++] = name;
	}
	return count;
}

enum status
dmarc_walks_new(struct region *region, struct dns *dns, int64_t deadline_ms,
    struct dmarc_walks **walks_r)
{
	if ((*walks_r = region_alloc(region, sizeof(**walks_r))) == NULL)
		return STATUS_NOMEM;
	(*walks_r)->region = region;
	(*walks_r)->dns = dns;
	(*walks_r)->deadline_ms = deadline_ms;
	return STATUS_OK;
}

void
dmarc_walks_free(struct dmarc_walks **walks)
{
	struct dmarc_lookup *lookup;

	if (*walks == NULL)
		return;
	for (lookup = (*walks)->lookups; lookup != NULL; lookup = lookup->next)
		dns_release(&lookup->question);
	*walks = NULL;
}

/* Asks for "_dmarc." name, or finds it asked. */
static enum status
lookup_start(
    struct dmarc_walks *walks, const char *name, struct dmarc_lookup **lookup_r)
{
	struct dmarc_lookup *lookup;
	const char *dmarc_name;
	enum status status;

	for (lookup = walks->lookups; lookup != NULL; lookup = lookup->next) {
		if (strcmp(lookup->name, name) == 0) {
			*lookup_r = lookup;
			return STATUS_OK;
		}
	}
	lookup = region_alloc(walks->region, sizeof(*lookup));
	dmarc_name = region_printf(walks->region, "_dmarc.%s", name);
	if (lookup == NULL || dmarc_name == NULL)
		return STATUS_NOMEM;
	lookup->name = name;
	status = dns_ask(walks->dns, dmarc_name, DNS_TYPE_TXT,
	    walks->deadline_ms, &lookup->question);
	if (status != STATUS_OK)
		return status;
	lookup->next = walks->lookups;
	walks->lookups = lookup;
	*lookup_r = lookup;
	return STATUS_OK;
}

enum status
dmarc_walks_start(
    struct dmarc_walks *walks, const char *domain, struct dmarc_walk **walk_r)
{
	struct dmarc_walk *walk;
	enum status status;
	size_t i;

	for (walk = walks->walks; walk != NULL; walk = walk->next) {
		if (strcmp(walk->domain, domain) == 0) {
			*walk_r = walk;
			return STATUS_OK;
		}
	}
	*walk_r = NULL;
	if (walks->walk_count == DMARC_WALKS_MAX)
		return STATUS_LIMIT;
	walks->walk_count++;
	if ((walk = region_alloc(walks->region, sizeof(*walk))) == NULL)
		return STATUS_NOMEM;
	if ((walk->domain = region_strdup(walks->region, domain)) == NULL)
		return STATUS_NOMEM;
	walk->organizational_domain = walk->record_domain = "";
	walk->name_count = dmarc_walk_names(walk->domain, walk->names);
	for (i = 0; i < walk->name_count; i++) {
		status = lookup_start(walks, walk->names[i], &walk->lookups[i]);
		if (status != STATUS_OK)
			return status;
	}
	walk->next = walks->walks;
	walks->walks = walk;
	*walk_r = walk;
	return STATUS_OK;
}

/*
 * Waits for the answer and reads it: records of other versions are left out,
 * and several records count as none (section 4.10 step 2).
 */
static void
lookup_read(struct dmarc_lookup *lookup)
{
	const struct dns_answer *answer;
	size_t i, count = 0;

	if (lookup->read)
		return;
	lookup->read = true;
	answer = dns_wait(lookup->question);
	lookup->temporary = dns_result_is_temporary(answer->result);
	if (answer->result != DNS_FOUND)
		return;
	for (i = 0; i < answer->record_count && i < DNS_RECORDS_MAX; i++) {
		struct dmarc_record record;

		if (dmarc_record_parse(answer->records[i].text, &record) !=
		    STATUS_OK)
			continue;
		lookup->record = record;
		count++;
	}
	lookup->has_record = count == 1;
}

/* The name of the walk's domain that has one label more than name. */
static const char *
one_label_below(const struct dmarc_walk *walk, const char *name)
{
	const char *below = walk->domain, *parent;

	while ((parent = parent_of(below)) != NULL &&
	    strlen(parent) > strlen(name))
		below = parent;
	return below;
}

/* Is a name to be passed over as if it held no record? */
static bool
is_passed_over(const struct dmarc_walk *walk, const struct dmarc_lookup *lookup)
{
	return !lookup->has_record && (!lookup->temporary || walk->temporary);
}

/*
 * Section 4.10.2: reads the names in order, longest first, and finds the
 * organizational domain.  Ends at a name that DNS does not tell, and makes the
 * walk temporary; of a temporary walk it passes over such names.
 *
 * Returns the record of the public suffix (psd=y) that ended the walk, or NULL.
 */
static const struct dmarc_lookup *
find_organizational_domain(struct dmarc_walk *walk, const char **domain_r)
{
	size_t i;

	*domain_r = walk->domain;
	for (i = 0; i < walk->name_count; i++) {
		struct dmarc_lookup *lookup = walk->lookups[i];

		lookup_read(lookup);
		if (is_passed_over(walk, lookup))
			continue;
		if (lookup->temporary) {
			walk->temporary = true;
			*domain_r = "";
			return NULL;
		}
		if (lookup->record.psd == DMARC_PSD_YES && i > 0) {
			*domain_r = one_label_below(walk, walk->names[i]);
			return lookup;
		}
		*domain_r = walk->names[i];
		if (lookup->record.psd != DMARC_PSD_UNKNOWN)
			break;
	}
	return NULL;
}

/*
 * Section 4.10.1: the domain's own record, or that of the organizational
 * domain, or that of the public suffix; NULL when there is none.
 */
static const struct dmarc_lookup *
choose_record(const struct dmarc_walk *walk, const char *organizational_domain,
    const struct dmarc_lookup *suffix)
{
	size_t i;

	for (i = 0; i < walk->name_count; i++) {
		const struct dmarc_lookup *lookup = walk->lookups[i];

		if (lookup->read && lookup->has_record &&
		    (i == 0 ||
			strcmp(lookup->name, organizational_domain) == 0))
			return lookup;
	}
	return suffix;
}

void
dmarc_walk_finish(struct dmarc_walk *walk)
{
	const struct dmarc_lookup *suffix, *lookup;
	const char *domain;

	if (walk->finished)
		return;
	walk->finished = true;
	suffix = find_organizational_domain(walk, &walk->organizational_domain);
	lookup = choose_record(walk, walk->organizational_domain, suffix);
	if (lookup != NULL) {
		walk->record = &lookup->record;
		walk->record_domain = lookup->name;
	} else if (walk->temporary) {
		suffix = find_organizational_domain(walk, &domain);
		lookup = choose_record(walk, domain, suffix);
		if (lookup != NULL)
			walk->likely_record = &lookup->record;
	}
}
