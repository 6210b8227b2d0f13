/*
 * spf-dns - what libspf2 takes for its DNS.
 *
 * libspf2 asks for tokens; the answers are tokens again, and addresses.  When
 * a limit is passed or a lookup fails, eval is decided and everything it asks
 * from then on is answered by "try again", so that it unwinds at once.
 */
#include "config.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include <arpa/inet.h>
#include <spf2/spf.h>

#include "lib/auth/spf-private.h"
#include "lib/mail/domain.h"

#define UNLIMITED 1000 /* libspf2's own limits are out of the way: we count */

struct layer {
	SPF_dns_server_t server; /* its hook leads back here */
	struct spf_eval *eval;
	SPF_dns_rr_t *spare; /* answers when memory is short: libspf2 aborts
			      * the process when it is given none */
};

/* An answer without records; NULL only if libspf2 asks on after the spare. */
static SPF_dns_rr_t *
answer_new(struct layer *layer, const char *name, ns_type type, int outcome)
{
	SPF_dns_rr_t *rr;

	rr = SPF_dns_rr_new_init(&layer->server, name, type, 0, outcome);
	if (rr != NULL)
		return rr;
	layer->eval->is_out_of_memory = true;
	rr = layer->spare;
	layer->spare = NULL;
	return rr;
}

/* Room for one more record of size bytes; NULL when memory is short. */
static SPF_dns_rr_data_t *
answer_grow(struct layer *layer, SPF_dns_rr_t *rr, size_t size)
{
	if (layer->eval->is_out_of_memory ||
	    SPF_dns_rr_buf_realloc(rr, rr->num_rr, size) != SPF_E_SUCCESS) {
		layer->eval->is_out_of_memory = true;
		rr->herrno = TRY_AGAIN;
		return NULL;
	}
	rr->herrno = NETDB_SUCCESS;
	return rr->rr[rr->num_rr++];
}

/*
 * An address as libspf2 sees it.  It lets loopback clients pass without any
 * record, so such a client gets another first bit, and so does every address
 * that it is compared with; who matches whom stays the same.
 */
static struct ip
spf_dns_address(const struct spf_eval *eval, struct ip ip)
{
	if (eval->is_client_flipped)
		ip.bytes[0] ^= 0x80;
	return ip;
}

static void
answer_add_address(struct layer *layer, SPF_dns_rr_t *rr, const struct ip *ip)
{
	SPF_dns_rr_data_t *data = answer_grow(layer, rr, sizeof(*data));
	struct ip seen = spf_dns_address(layer->eval, *ip);

	if (data == NULL)
		return;
	if (ip->family == AF_INET6)
		memcpy(&data->aaaa, seen.bytes, sizeof(data->aaaa));
	else
		memcpy(&data->a, seen.bytes, sizeof(data->a));
}

static void
answer_add_host(
    struct layer *layer, SPF_dns_rr_t *rr, const struct spf_target *host)
{
	char token[SPF_TOKEN_BYTES];
	size_t size = strlen(spf_target_token(host, token)) + 1;
	SPF_dns_rr_data_t *data = answer_grow(layer, rr, size);

	if (data != NULL)
		memcpy(data->mx, token, size);
}

static void
answer_addresses(
    struct layer *layer, SPF_dns_rr_t *rr, struct spf_target *target)
{
	struct spf_eval *eval = layer->eval;
	const struct dns_answer *answer;
	size_t i;

	answer = spf_target_wait(eval, target);
	spf_target_note_answer(eval, target, answer);
	if (answer->result != DNS_FOUND)
		return;
	if (target->bits == 0 && target->kind != SPF_TARGET_EXISTS) {
		/* A prefix of 0 bits: any address is the client's. */
		answer_add_address(layer, rr, &eval->values.client_ip);
		return;
	}
	for (i = 0; i < answer->record_count; i++)
		answer_add_address(layer, rr, &answer->records[i].address);
}

/* An 11th MX name is the end of the evaluation, if it comes to it. */
static void
answer_mx(struct layer *layer, SPF_dns_rr_t *rr, struct spf_target *target)
{
	struct spf_eval *eval = layer->eval;
	unsigned int i;

	spf_target_read(eval, target);
	spf_target_note_answer(eval, target, spf_target_wait(eval, target));
	for (i = 0; i < target->host_count; i++)
		answer_add_host(
		    layer, rr, eval->targets[target->first_host + i]);
}

static void
answer_ptr(struct layer *layer, SPF_dns_rr_t *rr, struct spf_target *target)
{
	struct spf_eval *eval = layer->eval;
	unsigned int i;

	spf_target_note_answer(eval, target, spf_target_wait(eval, target));
	spf_target_read_names(eval);
	for (i = 0; i < eval->name_count && target->name != NULL; i++) {
		struct spf_target *host = eval->targets[eval->first_name + i];

		if (!domain_is_within(host->name, target->name))
			continue;
		spf_target_start_ahead(eval, host);
		answer_add_host(layer, rr, host);
	}
}

static void
answer_target(struct layer *layer, SPF_dns_rr_t *rr, struct spf_target *target)
{
	switch (target->kind) {
	case SPF_TARGET_A:
	case SPF_TARGET_EXISTS:
		if (spf_target_count(layer->eval, target))
			answer_addresses(layer, rr, target);
		break;
	case SPF_TARGET_MX_NAME:
		if (target->is_over_limit)
			spf_eval_decide(layer->eval, AUTH_PERMERROR,
			    "an mx term has more than 10 hosts");
		else
			answer_addresses(layer, rr, target);
		break;
	case SPF_TARGET_PTR_NAME:
		answer_addresses(layer, rr, target);
		break;
	case SPF_TARGET_MX:
		if (spf_target_count(layer->eval, target))
			answer_mx(layer, rr, target);
		break;
	case SPF_TARGET_PTR:
		if (spf_target_count(layer->eval, target))
			answer_ptr(layer, rr, target);
		break;
	case SPF_TARGET_IDENTITY:
	case SPF_TARGET_INCLUDE:
	case SPF_TARGET_REDIRECT:
		break; /* records go by layer_get_record() */
	}
}

static SPF_dns_rr_t *
layer_lookup(SPF_dns_server_t *server, const char *name, ns_type type,
    int should_cache GP_UNUSED)
{
	struct layer *layer = server->hook;
	struct spf_eval *eval = layer->eval;
	struct spf_target *target = spf_target_find(eval, name);
	SPF_dns_rr_t *rr = answer_new(layer, name, type, NO_DATA);

	if (target == NULL)
		spf_eval_decide(eval, AUTH_PERMERROR, "libspf2 asked astray");
	else if (!eval->is_decided && !eval->is_out_of_memory)
		answer_target(layer, rr, target);
	if (rr != NULL && (eval->is_decided || eval->is_out_of_memory)) {
		rr->num_rr = 0;
		rr->herrno = TRY_AGAIN;
	}
	return rr;
}

static void
decide_without_record(struct spf_eval *eval, const struct spf_target *target)
{
	enum auth_result verdict = target->verdict;
	const char *reason = target->reason;

	if (verdict == AUTH_NONE && target->kind == SPF_TARGET_IDENTITY) {
		spf_eval_decide(eval, AUTH_NONE, NULL);
		return;
	}
	if (verdict == AUTH_NONE) { /* sections 5.2 and 6.1 */
		verdict = AUTH_PERMERROR;
		reason = target->kind == SPF_TARGET_INCLUDE ?
		    "is included, but publishes no SPF record" :
		    "is redirected to, but publishes no SPF record";
	}
	spf_eval_decide_about(eval, verdict, target, reason);
}

static SPF_errcode_t
layer_get_record(SPF_server_t *server, SPF_request_t *request,
    SPF_response_t *response, SPF_record_t **record)
{
	struct layer *layer = server->resolver->hook;
	struct spf_eval *eval = layer->eval;
	struct spf_target *target = spf_target_find(eval, request->cur_dom);
	SPF_errcode_t err;

	*record = NULL;
	if (target == NULL)
		spf_eval_decide(eval, AUTH_PERMERROR, "libspf2 asked astray");
	if (eval->is_decided ||
	    (target->kind != SPF_TARGET_IDENTITY &&
		!spf_target_count(eval, target)))
		return SPF_E_DNS_ERROR;
	spf_target_read(eval, target);
	if (!target->is_inside_include)
		eval->explained_by = target;
	if (target->verdict != AUTH_PASS)
		decide_without_record(eval, target);
	if (eval->is_decided || eval->is_out_of_memory)
		return SPF_E_DNS_ERROR;
	err = SPF_record_compile(server, response, record, target->text);
	if (err == SPF_E_NO_MEMORY)
		eval->is_out_of_memory = true;
	else if (err != SPF_E_SUCCESS)
		spf_eval_decide(eval, AUTH_PERMERROR, "libspf2 cannot read it");
	return err;
}

static SPF_request_t *
request_new(const struct spf_eval *eval, SPF_server_t *server)
{
	struct ip ip = spf_dns_address(eval, eval->values.client_ip);
	SPF_request_t *request = SPF_request_new(server);
	char sender[SPF_TOKEN_BYTES + 2] = "x@";
	struct in_addr in4;
	struct in6_addr in6;

	if (request == NULL)
		return NULL;
	if (ip.family == AF_INET6) {
		memcpy(&in6, ip.bytes, sizeof(in6));
		SPF_request_set_ipv6(request, in6);
	} else {
		memcpy(&in4, ip.bytes, sizeof(in4));
		SPF_request_set_ipv4(request, in4);
	}
	spf_target_token(eval->targets[0], sender + 2);
	if (SPF_request_set_env_from(request, sender) != SPF_E_SUCCESS ||
	    SPF_request_set_helo_dom(request, "x") != SPF_E_SUCCESS) {
		SPF_request_free(request);
		return NULL;
	}
	return request;
}

static SPF_server_t *
server_new(struct layer *layer)
{
	SPF_server_t *server;

	layer->server.lookup = layer_lookup;
	layer->server.get_spf = layer_get_record;
	layer->server.name = "gatepost";
	layer->server.hook = layer;
	layer->spare =
	    SPF_dns_rr_new_init(&layer->server, "", ns_t_a, 0, TRY_AGAIN);
	if (layer->spare == NULL)
		return NULL;
	if ((server = SPF_server_new_dns(&layer->server, 0)) == NULL)
		return NULL;
	SPF_server_set_sanitize(server, 0);
	SPF_server_set_max_dns_mech(server, UNLIMITED);
	SPF_server_set_max_dns_mx(server, UNLIMITED);
	SPF_server_set_max_dns_ptr(server, UNLIMITED);
	return server;
}

static enum auth_result
result_of(const struct spf_eval *eval, SPF_response_t *response)
{
	if (eval->is_decided)
		return eval->verdict;
	switch (SPF_response_result(response)) {
	case SPF_RESULT_PASS:
		return AUTH_PASS;
	case SPF_RESULT_FAIL:
		return AUTH_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return AUTH_SOFTFAIL;
	case SPF_RESULT_NEUTRAL:
		return AUTH_NEUTRAL;
	case SPF_RESULT_INVALID:
	case SPF_RESULT_NONE:
	case SPF_RESULT_TEMPERROR:
	case SPF_RESULT_PERMERROR:
		break;
	}
	return AUTH_PERMERROR;
}

enum auth_result
spf_dns_evaluate(struct spf_eval *eval)
{
	struct layer layer = { .eval = eval };
	SPF_server_t *server = server_new(&layer);
	SPF_request_t *request = NULL;
	SPF_response_t *response = NULL;
	enum auth_result result = AUTH_PERMERROR;

	if (server != NULL && (request = request_new(eval, server)) != NULL) {
		if (SPF_request_query_mailfrom(request, &response) ==
		    SPF_E_NO_MEMORY)
			eval->is_out_of_memory = true;
	}
	if (response != NULL)
		result = result_of(eval, response);
	else
		eval->is_out_of_memory = true;
	if (response != NULL)
		SPF_response_free(response);
	if (request != NULL)
		SPF_request_free(request);
	if (server != NULL)
		SPF_server_free(server);
	if (layer.spare != NULL)
		SPF_dns_rr_free(layer.spare);
	return result;
}
