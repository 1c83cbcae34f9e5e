/* Certificates for the tests of TLS: two authorities, and peers that deserve trust or do not. */
#include "identity.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "roamhub/base.h"

enum { DAY = 86400 };

struct identity ca, other_ca, good, wrong_name, self_signed, expired, foreign;
char ca_path[64], other_ca_path[64];

/** @issuer NULL: signs itself. @name NULL: 127.0.0.1, "": a CA. */
static void
identity_make(struct identity *id, const struct identity *issuer, const char *name, time_t from,
        time_t to)
{
	static unsigned char serial;
	static const unsigned char loopback[] = { 127, 0, 0, 1 };

	gnutls_x509_privkey_init(&id->key);
	gnutls_x509_privkey_generate(
	        id->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&id->cert);
	gnutls_x509_crt_set_version(id->cert, 3);
	serial++;
	gnutls_x509_crt_set_serial(id->cert, &serial, 1);
	gnutls_x509_crt_set_activation_time(id->cert, time(NULL) + from);
	gnutls_x509_crt_set_expiration_time(id->cert, time(NULL) + to);
	gnutls_x509_crt_set_key(id->cert, id->key);
	gnutls_x509_crt_set_dn(id->cert, serial % 2 ? "CN=odd" : "CN=even", NULL);
	if (name != NULL && name[0] == '\0') {
		gnutls_x509_crt_set_dn(id->cert, serial % 2 ? "CN=odd CA" : "CN=even CA", NULL);
		gnutls_x509_crt_set_basic_constraints(id->cert, 1, 0);
		gnutls_x509_crt_set_key_usage(id->cert, GNUTLS_KEY_KEY_CERT_SIGN);
	} else if (name != NULL) {
		gnutls_x509_crt_set_subject_alt_name(
		        id->cert, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), 0);
	} else {
		gnutls_x509_crt_set_subject_alt_name(
		        id->cert, GNUTLS_SAN_IPADDRESS, loopback, sizeof(loopback), 0);
	}
	if (issuer == NULL)
		issuer = id;
	ck_assert_int_eq(
	        gnutls_x509_crt_sign2(id->cert, issuer->cert, issuer->key, GNUTLS_DIG_SHA256, 0),
	        0);
	gnutls_certificate_allocate_credentials(&id->credentials);
	gnutls_certificate_set_x509_key(id->credentials, &id->cert, 1, id->key);
}

static void
identity_drop(struct identity *id)
{
	gnutls_certificate_free_credentials(id->credentials);
	gnutls_x509_crt_deinit(id->cert);
	gnutls_x509_privkey_deinit(id->key);
}

static void
identity_write(const struct identity *id, char path[64])
{
	gnutls_datum_t pem;
	int fd;

	strcpy(path, "/tmp/roamhub-test-ca-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_eq(gnutls_x509_crt_export2(id->cert, GNUTLS_X509_FMT_PEM, &pem), 0);
	ck_assert_int_eq(write(fd, pem.data, pem.size), pem.size);
	gnutls_free(pem.data);
	close(fd);
}

void
identities_make(void)
{
	identity_make(&ca, NULL, "", -DAY, DAY);
	identity_make(&other_ca, NULL, "", -DAY, DAY);
	identity_make(&good, &ca, NULL, -DAY, DAY);
	identity_make(&wrong_name, &ca, "peer.example", -DAY, DAY);
	identity_make(&self_signed, NULL, NULL, -DAY, DAY);
	identity_make(&expired, &ca, NULL, -2 * DAY, -DAY);
	identity_make(&foreign, &other_ca, NULL, -DAY, DAY);
	identity_write(&ca, ca_path);
	identity_write(&other_ca, other_ca_path);
}

void
identities_drop(void)
{
	struct identity *all[] = { &ca, &other_ca, &good, &wrong_name, &self_signed, &expired,
		&foreign };

	for (size_t i = 0; i < COUNT(all); i++)
		identity_drop(all[i]);
	unlink(ca_path);
	unlink(other_ca_path);
}
