/* certificate: what the OCPI listener proves itself with; read at start, and again with every
 * reload. */
#include "certificate.h"

#include "context.h"
#include "pem_expiry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MAX = 1 << 20 };

static char *
read_pem(const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text = NULL;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size < PEM_MAX) {
		text = rh_alloc((size_t)st.st_size + 1);
		if (read(fd, text, (size_t)st.st_size) != (ssize_t)st.st_size ||
		        strstr(text, "-----BEGIN") == NULL) {
			free(text);
			text = NULL;
		}
	}
	if (fd >= 0)
		(void)close(fd);
	if (text == NULL)
		(void)fault_set(fault, RH_BAD_CONFIG, path, "cannot be read as a PEM file");
	return text;
}

enum rh_err
certificate_read(const struct settings *settings, struct certificate **out, struct fault *fault)
{
	struct certificate *certificate;

	*out = NULL;
	if (settings->tls_certificate == NULL || settings->tls_key == NULL)
		return RH_OK; /* one without the other was refused with the configuration */
	certificate = rh_alloc(sizeof *certificate);
	certificate->chain = read_pem(settings->tls_certificate, fault);
	certificate->key = certificate->chain != NULL ? read_pem(settings->tls_key, fault) : NULL;
	if (certificate->key == NULL) {
		certificate_free(certificate);
		return RH_BAD_CONFIG;
	}
	certificate->expires_ms = pem_expires_ms(certificate->chain);
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
	char bound[64];
	struct net_server_conf conf = {
		.listen_fd = net_listen("127.0.0.1:0", false, bound, fault),
		.tls_cert = certificate->chain,
		.tls_key = certificate->key,
		.max_body = 1,
		.max_connections = 1,
		.head_ms = 1000,
		.body_ms = 1000,
		.idle_ms = 1000,
		.headers = ocpi_request_headers,
	};
	struct net_server *trial;

	if (conf.listen_fd < 0)
		return false;
	trial = net_server_new(loop, &conf, fault);
	if (trial == NULL)
		(void)close(conf.listen_fd);
	else
		net_server_free(trial);
	return trial != NULL;
}

const char *
hub_certificate(const struct hub *hub)
{
	const struct certificate *certificate = atomic_load(&hub->certificate);

	return certificate != NULL ? certificate->chain : NULL;
}
