/* A self-signed certificate, for the demonstration and for tests. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "base/clock.h"
#include "http/http.h"

enum { CERTIFICATE_DAYS = 365 };

static int
fill_in(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *name,
    instant now)
{
	static const unsigned char loopback[] = {127, 0, 0, 1};
	unsigned char serial[8];
	time_t at = (time_t)(now / SECOND_US);
	int rc = gnutls_x509_crt_set_version(crt, 3);
	for (size_t i = 0; i < sizeof(serial); i++)
		serial[i] = (unsigned char)(now >> (8 * i) & 0x7f) | 1;
	if (rc == 0)
		rc = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (rc == 0)
		rc = gnutls_x509_crt_set_activation_time(crt, at - 3600);
	if (rc == 0)
		rc = gnutls_x509_crt_set_expiration_time(crt,
		    at + CERTIFICATE_DAYS * 86400);
	if (rc == 0)
		rc = gnutls_x509_crt_set_dn_by_oid(crt,
		    GNUTLS_OID_X520_COMMON_NAME, 0, name,
		    (unsigned)strlen(name));
	if (rc == 0)
		rc = gnutls_x509_crt_set_subject_alt_name(crt,
		    GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name),
		    GNUTLS_FSAN_SET);
	if (rc == 0)
		rc = gnutls_x509_crt_set_subject_alt_name(crt,
		    GNUTLS_SAN_IPADDRESS, loopback, sizeof(loopback),
		    GNUTLS_FSAN_APPEND);
	if (rc == 0)
		rc = gnutls_x509_crt_set_key(crt, key);
	if (rc == 0)
		rc = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return rc;
}

bool
http_certificate_make(const char *name, struct buf *ret_cert,
    struct buf *ret_key, struct err *err)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t pem_crt = {0}, pem_key = {0};
	struct clock clock;
	clock_init_system(&clock);
	int rc = gnutls_x509_privkey_init(&key);
	if (rc == 0)
		rc = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (rc == 0)
		rc = gnutls_x509_crt_init(&crt);
	if (rc == 0)
		rc = fill_in(crt, key, name, clock_now(&clock));
	if (rc == 0)
		rc = gnutls_x509_crt_export2(crt,
		    GNUTLS_X509_FMT_PEM, &pem_crt);
	if (rc == 0)
		rc = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM,
		    &pem_key);
	if (rc == 0) {
		buf_add_bytes(ret_cert, pem_crt.data, pem_crt.size);
		buf_add_bytes(ret_key, pem_key.data, pem_key.size);
	}
	gnutls_free(pem_crt.data);
	if (pem_key.data != NULL)
		gnutls_memset(pem_key.data, 0, pem_key.size);
	gnutls_free(pem_key.data);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return rc == 0 || ERR(err, ERR_SYSTEM, "certificate: %s",
	    gnutls_strerror(rc));
}
