/*
 * fuzz-url - the input as a reference, as a base and as a text.
 *
 * What must hold of any input: a host is a domain in A-labels or an address; an
 * organizational domain is its end; what is kept is within its limits; a URL
 * written plainly from its pieces is read as the same host again.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/domain.h"
#include "lib/mail/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(struct region *region, const struct url *url)
{
	struct url_origin origin = { URL_FROM_LINK, NULL, { "", 0 } };
	struct url_list list;
	const char *text;

	text = region_printf(region, "http://%s%s%s/",
	    url->ip.family == AF_INET6 ? "[" : "", url->host,
	    url->ip.family == AF_INET6 ? "]" : "");
	url_list_init(&list, region);
	if (text == NULL || strcmp(url->host, "http") == 0 ||
	    strcmp(url->host, "https") == 0)
		return;
	if (url_add_reference(&list, span_of(text), &origin) != STATUS_OK ||
	    list.count != 1 || strcmp(list.urls[0].host, url->host) != 0)
		abort();
}

static void
check_url(struct region *region, const struct url *url)
{
	bool numeric = (url->flags & URL_IS_NUMERIC) != 0;

	if (numeric != (url->ip.family != AF_UNSPEC) ||
	    (url->flags & URL_FROM_ALL) == 0 || url->port > 65535)
		abort();
	if (!numeric && !domain_is_valid(url->host))
		abort();
	if (!domain_is_within(url->host, url->organizational_domain) &&
	    url->organizational_domain[0] != '\0')
		abort();
	if (strlen(url->path) > URL_PATH_BYTES_MAX ||
	    strlen(url->user) > URL_USER_BYTES_MAX ||
	    strlen(url->text) > URL_TEXT_BYTES_MAX)
		abort();
	check_again(region, url);
}

static void
check_list(struct region *region, const struct url_list *list)
{
	size_t i;

	if (list->count > URL_LIST_MAX)
		abort();
	for (i = 0; i < list->count; i++) {
		const struct url *url = &list->urls[i];

		check_url(region, url);
		(void)url_text_names_other_host(span_of(url->text), url);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct region *region = region_new();
	struct span input = { (const char *)data, size };
	struct url_origin origin = { URL_FROM_LINK, NULL, input };
	struct url_list list;

	if (region == NULL)
		return 0;
	url_list_init(&list, region);
	origin.base = region_memdup(region, data, size);
	if (origin.base != NULL &&
	    url_add_reference(&list, input, &origin) == STATUS_OK &&
	    url_add_reference(&list, span_of("x"), &origin) == STATUS_OK &&
	    url_add_text(&list, input, URL_FROM_TEXT) == STATUS_OK)
		check_list(region, &list);
	region_free(&region);
	return 0;
}
