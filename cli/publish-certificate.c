/* publish-certificate - certificates and TLSA (see publish-certificate.h). */
#include "config.h"

#include "cli/publish-certificate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* RFC 6698 section 7: usages that SMTP knows (RFC 7672 section 3.1). */
#define USAGE_DANE_TA 2
#define USAGE_DANE_EE 3

#define SELECTOR_WHOLE      0
#define SELECTOR_PUBLIC_KEY 1

#define TLSA_HEAD_BYTES 3 /* usage, selector, matching type */
#define DATE_BYTES      32
#define HEX_BYTES       (2 * EVP_MAX_MD_SIZE + 1)

static const char *
date_text(const ASN1_TIME *time, char text[DATE_BYTES])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1 ||
	    strftime(text, DATE_BYTES, "%Y-%m-%d", &tm) == 0)
		return "an unknown day";
	return text;
}

/* What other servers would find wrong with it; *problem_r is NULL if nothing.
 */
static enum status
find_problem(struct region *region, X509 *x509, const char *path,
    const char *mail_host, const char **problem_r)
{
	const ASN1_TIME *begin = X509_get0_notBefore(x509);
	const ASN1_TIME *end = X509_get0_notAfter(x509);
	char date[DATE_BYTES];

	*problem_r = NULL;
	if (X509_cmp_current_time(end) < 0)
		*problem_r =
		    region_printf(region, "%s: the certificate expired on %s",
			path, date_text(end, date));
	else if (X509_cmp_current_time(begin) > 0)
		*problem_r = region_printf(region,
		    "%s: the certificate is not valid before %s", path,
		    date_text(begin, date));
	else if (X509_check_host(x509, mail_host, 0, 0, NULL) != 1)
		*problem_r = region_printf(region,
		    "%s: the certificate is not for %s", path, mail_host);
	else
		return STATUS_OK;
	return *problem_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Copies what an OpenSSL encoder has made, and frees it. */
static enum status
keep(struct region *region, unsigned char *der, int length, struct span *span_r)
{
	void *copy = NULL;

	if (der != NULL && length > 0)
		copy = region_memdup(region, der, (size_t)length);
	OPENSSL_free(der);
	if (copy == NULL)
		return STATUS_NOMEM;
	span_r->data = copy;
	span_r->length = (size_t)length;
	return STATUS_OK;
}

static enum status
add(struct region *region, struct publish_certificate *certificate, X509 *x509)
{
	unsigned char *der = NULL;
	enum status status;
	int length;

	length = i2d_X509(x509, &der);
	status =
	    keep(region, der, length, &certificate->whole[certificate->count]);
	if (status != STATUS_OK)
		return status;
	der = NULL;
	length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
	status = keep(
	    region, der, length, &certificate->public_key[certificate->count]);
	if (status == STATUS_OK)
		certificate->count++;
	return status;
}

static enum status
write_tlsa(struct region *region, struct publish_certificate *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[HEX_BYTES];
	unsigned int length, i;

	if (EVP_Digest(certificate->public_key[0].data,
		certificate->public_key[0].length, digest, &length,
		EVP_sha256(), NULL) != 1)
		return STATUS_NOMEM;
	for (i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	certificate->tlsa = region_printf(region, "3 1 1 %s", hex);
	return certificate->tlsa == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
read_chain(struct region *region, FILE *file, const char *path,
    const char *mail_host, struct publish_certificate *certificate)
{
	enum status status = STATUS_OK;
	X509 *x509;

	while (status == STATUS_OK && certificate->count < PUBLISH_CHAIN_MAX &&
	    (x509 = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		if (certificate->count == 0)
			status = find_problem(region, x509, path, mail_host,
			    &certificate->problem);
		if (status == STATUS_OK)
			status = add(region, certificate, x509);
		X509_free(x509);
	}
	if (status == STATUS_OK && certificate->count > 0)
		status = write_tlsa(region, certificate);
	return status;
}

enum status
publish_certificate_read(struct region *region, const char *path,
    const char *mail_host, struct publish_certificate *certificate_r,
    const char **reason_r)
{
	FILE *file = fopen(path, "re");
	enum status status = STATUS_OK;
	const char *why = strerror(errno);

	memset(certificate_r, 0, sizeof(*certificate_r));
	*reason_r = NULL;
	if (file != NULL) {
		status =
		    read_chain(region, file, path, mail_host, certificate_r);
		why = "the file holds no certificate";
		fclose(file);
	}
	if (status != STATUS_OK || certificate_r->count > 0)
		return status;
	*reason_r = region_printf(region, "%s: %s", path, why);
	return *reason_r == NULL ? STATUS_NOMEM : STATUS_INVALID;
}

/* Matching types of RFC 6698 section 2.1.3. */
static bool
data_fits(struct span wanted, unsigned char matching, struct span data)
{
	const EVP_MD *const algorithms[] = { NULL, EVP_sha256(), EVP_sha512() };
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length;

	if (matching == 0)
		return data.length == wanted.length &&
		    memcmp(data.data, wanted.data, data.length) == 0;
	if (matching >= GP_NELEMS(algorithms) ||
	    EVP_Digest(wanted.data, wanted.length, digest, &length,
		algorithms[matching], NULL) != 1)
		return false;
	return data.length == length && memcmp(data.data, digest, length) == 0;
}

bool
publish_certificate_fits(
    const struct publish_certificate *certificate, struct span rdata)
{
	const unsigned char *head = (const unsigned char *)rdata.data;
	const struct span *parts;
	struct span data;
	size_t i;

	if (rdata.length <= TLSA_HEAD_BYTES || head[1] > SELECTOR_PUBLIC_KEY)
		return false;
	data.data = rdata.data + TLSA_HEAD_BYTES;
	data.length = rdata.length - TLSA_HEAD_BYTES;
	parts = head[1] == SELECTOR_WHOLE ? certificate->whole :
					    certificate->public_key;
	if (head[0] == USAGE_DANE_EE)
		return data_fits(parts[0], head[2], data);
	for (i = 1; head[0] == USAGE_DANE_TA && i < certificate->count; i++)
		if (data_fits(parts[i], head[2], data))
			return true;
	return false;
}
