/* certificate: what the OCPI listener proves itself with; read at start, and again with every
 * reload. */
#include "certificate.h"

#include "context.h"

#include "roamhub/pem.h"
#include "roamhub/x509.h"

#include <stdlib.h>
#include <string.h>

enum rh_err
certificate_read(const struct settings *settings, struct certificate **out, struct fault *fault)
{
	struct certificate *certificate;

	*out = NULL;
	if (settings->tls_certificate == NULL || settings->tls_key == NULL)
		return RH_OK; /* one without the other was refused with the configuration */
	certificate = rh_alloc(sizeof *certificate);
	certificate->chain = net_pem_read(settings->tls_certificate, fault);
	certificate->key =
	        certificate->chain != NULL ? net_pem_read(settings->tls_key, fault) : NULL;
	if (certificate->key == NULL) {
		certificate_free(certificate);
		return RH_BAD_CONFIG;
	}
	certificate->expires_ms = x509_until_ms(str_of(certificate->chain));
	*out = certificate;
	return RH_OK;
}

int64_t
hub_certificate_expires_ms(const struct hub *hub)
{
	const struct certificate *certificate = atomic_load(&hub->certificate);

	return certificate != NULL ? certificate->expires_ms : 0;
}

void
certificate_free(struct certificate *certificate)
{
	while (certificate != NULL) {
		struct certificate *before = certificate->before;

		free(certificate->chain);
		free(certificate->key);
		free(certificate);
		certificate = before;
	}
}

bool
certificate_same(const struct certificate *a, const struct certificate *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a->chain, b->chain) == 0 && strcmp(a->key, b->key) == 0;
}

bool
certificate_works(struct net_loop *loop, const struct certificate *certificate, struct fault *fault)
{
	return net_pem_works(loop, certificate->chain, certificate->key, fault);
}

const char *
hub_certificate(const struct hub *hub)
{
	const struct certificate *certificate = atomic_load(&hub->certificate);

	return certificate != NULL ? certificate->chain : NULL;
}
