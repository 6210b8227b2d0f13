/* Certificates for `gatepost dns`: what is wrong with one, and TLSA records. */
#include "config.h"

#include "cli/publish-certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/unit.h"

#define DAY_SECONDS 86400
#define PATH_BYTES  64
#define RDATA_BYTES 4096

static EVP_PKEY *
new_key(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	assert_non_null(key);
	return key;
}

/* Begins and ends days from now; signed by its own key. */
static void
write_certificate(FILE *file, const char *host, long begin, long days)
{
	EVP_PKEY *key = new_key();
	X509 *x509 = X509_new();
	X509_EXTENSION *names;
	char text[128];

	assert_non_null(x509);
	assert_int_equal(X509_set_version(x509, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1), 1);
	assert_non_null(
	    X509_gmtime_adj(X509_getm_notBefore(x509), DAY_SECONDS * begin));
	assert_non_null(
	    X509_gmtime_adj(X509_getm_notAfter(x509), DAY_SECONDS * days));
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true((size_t)snprintf(text, sizeof(text), "DNS:%s", host) <
	    sizeof(text));
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
	assert_non_null(names);
	assert_int_equal(X509_add_ext(x509, names, -1), 1);
	assert_true(X509_sign(x509, key, NULL) > 0);
	assert_int_equal(
	    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_X509(file, x509), 1);
	X509_EXTENSION_free(names);
	X509_free(x509);
	EVP_PKEY_free(key);
}

static FILE *
open_file(char path[PATH_BYTES])
{
	FILE *file;
	int fd;

	assert_true(snprintf(path, PATH_BYTES,
			"/tmp/gatepost-certificate-XXXXXX") < PATH_BYTES);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	return file;
}

struct problem_case {
	const char *name, *host;
	long begin, days;
	const char *problem; /* behind "PATH: "; NULL: none */
};

static const struct problem_case problem_cases[] = {
	{ "good", "mail.example.test", -30, 30, NULL },
	{ "wildcard", "*.example.test", -30, 30, NULL },
	{ "another host", "www.example.test", -30, 30,
	    "the certificate is not for mail.example.test" },
	{ "not yet valid", "mail.example.test", 10, 30,
	    "the certificate is not valid before 2" },
	{ "expired", "mail.example.test", -30, -1,
	    "the certificate expired on 2" },
};

static void
test_problems(void **state)
{
	struct publish_certificate certificate;
	char path[PATH_BYTES];
	struct region *region;
	const char *reason;
	FILE *file;
	size_t i;

	(void)state;
	for (i = 0; i < GP_NELEMS(problem_cases); i++) {
		const struct problem_case *c = &problem_cases[i];

		assert_non_null(region = region_new());
		file = open_file(path);
		write_certificate(file, c->host, c->begin, c->days);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(
		    publish_certificate_read(region, path, "mail.example.test",
			&certificate, &reason),
		    STATUS_OK);
		unlink(path);
		if ((c->problem == NULL) != (certificate.problem == NULL) ||
		    (c->problem != NULL &&
			strncmp(certificate.problem + strlen(path) + 2,
			    c->problem, strlen(c->problem)) != 0))
			fail_msg("%s: %s", c->name,
			    certificate.problem == NULL ? "-" :
							  certificate.problem);
		assert_int_equal(certificate.count, 1);
		assert_int_equal(strlen(certificate.tlsa), 6 + 64);
		region_free(&region);
	}
}

static void
test_no_certificate(void **state)
{
	struct publish_certificate certificate;
	struct region *region = region_new();
	char path[PATH_BYTES];
	const char *reason;
	FILE *file;

	(void)state;
	assert_non_null(region);
	file = open_file(path);
	fputs("-----BEGIN CERTIFICATE-----\nAAAA\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(publish_certificate_read(
			     region, path, "a.test", &certificate, &reason),
	    STATUS_INVALID);
	assert_string_equal(
	    reason + strlen(path), ": the file holds no certificate");
	unlink(path);
	assert_int_equal(publish_certificate_read(
			     region, path, "a.test", &certificate, &reason),
	    STATUS_INVALID);
	assert_string_equal(
	    reason + strlen(path), ": No such file or directory");
	region_free(&region);
}

/* ---- TLSA ---- */

struct fit_case {
	const char *name;
	unsigned char usage, selector, matching;
	size_t of; /* the certificate of the chain */
	bool fits;
};

static const struct fit_case fit_cases[] = {
	{ "3 1 1", 3, 1, 1, 0, true },
	{ "3 0 1", 3, 0, 1, 0, true },
	{ "3 1 2", 3, 1, 2, 0, true },
	{ "3 0 0", 3, 0, 0, 0, true },
	{ "2 1 1 of the issuer", 2, 1, 1, 1, true },
	{ "2 0 2 of the issuer", 2, 0, 2, 1, true },
	{ "2 1 1 of the server", 2, 1, 1, 0, false },
	{ "3 1 1 of the issuer", 3, 1, 1, 1, false },
	{ "usage of the web", 1, 1, 1, 0, false },
	{ "no selector", 3, 2, 1, 0, false },
	{ "no matching type", 3, 1, 3, 0, false },
};

/* Builds the record itself, as RFC 6698 section 2.1 has it. */
static size_t
build(const struct publish_certificate *certificate, const struct fit_case *c,
    unsigned char rdata[RDATA_BYTES])
{
	const struct span *part = c->selector == 0 ?
	    &certificate->whole[c->of] :
	    &certificate->public_key[c->of];
	unsigned int length = 0;

	rdata[0] = c->usage;
	rdata[1] = c->selector;
	rdata[2] = c->matching;
	if (c->matching == 0) {
		assert_true(part->length + 3 <= RDATA_BYTES);
		memcpy(rdata + 3, part->data, part->length);
		return 3 + part->length;
	}
	assert_int_equal(
	    EVP_Digest(part->data, part->length, rdata + 3, &length,
		c->matching == 2 ? EVP_sha512() : EVP_sha256(), NULL),
	    1);
	return 3 + length;
}

static void
test_fits(void **state)
{
	struct publish_certificate certificate;
	struct region *region = region_new();
	unsigned char rdata[RDATA_BYTES];
	char path[PATH_BYTES];
	const char *reason;
	struct span span;
	FILE *file;
	size_t i;

	(void)state;
	assert_non_null(region);
	file = open_file(path);
	write_certificate(file, "mail.example.test", -30, 30);
	write_certificate(file, "issuer.example.test", -30, 30);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(publish_certificate_read(region, path,
			     "mail.example.test", &certificate, &reason),
	    STATUS_OK);
	unlink(path);
	assert_int_equal(certificate.count, 2);
	for (i = 0; i < GP_NELEMS(fit_cases); i++) {
		span.data = (const char *)rdata;
		span.length = build(&certificate, &fit_cases[i], rdata);
		if (publish_certificate_fits(&certificate, span) !=
		    fit_cases[i].fits)
			fail_msg("%s", fit_cases[i].name);
		span.length--;
		if (publish_certificate_fits(&certificate, span))
			fail_msg("%s, cut", fit_cases[i].name);
	}
	for (span.length = 0; span.length <= 3; span.length++)
		assert_false(publish_certificate_fits(&certificate, span));
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_no_certificate),
		cmocka_unit_test(test_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
