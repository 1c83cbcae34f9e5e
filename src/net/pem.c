/* pem: a certificate chain and its key, as they stand in files, and whether they belong together.
 */
#include "roamhub/pem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MAX = 1 << 20 };

char *
net_pem_read(const char *path, struct fault *fault)
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

bool
net_pem_works(struct net_loop *loop, const char *chain, const char *key, struct fault *fault)
{
	static const char *const no_headers[] = { NULL };
	char bound[64];
	struct net_server_conf conf = {
		.listen_fd = net_listen("127.0.0.1:0", false, bound, fault),
		.tls_cert = chain,
		.tls_key = key,
		.max_body = 1,
		.max_connections = 1,
		.head_ms = 1000,
		.body_ms = 1000,
		.idle_ms = 1000,
		.headers = no_headers,
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
