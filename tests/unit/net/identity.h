/* Certificates for the tests of TLS, made when they are needed. */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct identity {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_certificate_credentials_t credentials;
};
extern struct identity ca, other_ca, good, wrong_name, self_signed, expired, foreign;
extern char ca_path[64], other_ca_path[64]; /* PEM files */

void identities_make(void);
void identities_drop(void);
