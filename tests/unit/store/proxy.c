#include "proxy.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAIRS_MOST = 60, STEP_MS = 10, BYTES = 512 };

struct proxy {
	int listening, port;
	pthread_t thread;
	_Atomic bool stopping;
	_Atomic int64_t left; /* bytes of the server that pass */
	struct pair {
		int client, server;
	} pairs[PAIRS_MOST];
	size_t count;
};

static int
connect_to_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432",
	        getenv("POSTGRESQL_DIR"));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
take_one(struct proxy *proxy)
{
	struct pair pair = { .client = accept(proxy->listening, NULL, NULL) };

	if (pair.client < 0 || proxy->count == PAIRS_MOST) {
		close(pair.client);
		return;
	}
	pair.server = connect_to_server();
	proxy->pairs[proxy->count++] = pair;
}

/* False: one side is gone. */
static bool
pass(int from, int to, size_t most, _Atomic int64_t *left)
{
	char bytes[BYTES];
	ssize_t len = read(from, bytes, most);

	if (len <= 0)
		return false;
	if (left != NULL)
		atomic_fetch_sub(left, len);
	return send(to, bytes, (size_t)len, MSG_NOSIGNAL) == len;
}

static void
close_pair(struct proxy *proxy, size_t i)
{
	close(proxy->pairs[i].client);
	close(proxy->pairs[i].server);
	proxy->pairs[i] = proxy->pairs[--proxy->count];
}

static bool
serve(struct proxy *proxy, const struct pair *pair, const struct pollfd fds[2])
{
	int64_t left = atomic_load(&proxy->left);

	if (fds[0].revents != 0 && !pass(pair->client, pair->server, BYTES, NULL))
		return false;
	if (fds[1].revents == 0 || left <= 0)
		return true;
	return pass(pair->server, pair->client, left < BYTES ? (size_t)left : BYTES, &proxy->left);
}

static void
turn(struct proxy *proxy)
{
	struct pollfd fds[2 * PAIRS_MOST + 1] = { { .fd = proxy->listening, .events = POLLIN } };
	bool silent = atomic_load(&proxy->left) <= 0;
	size_t count = proxy->count;

	for (size_t i = 0; i < count; i++) {
		fds[2 * i + 1] = (struct pollfd){ .fd = proxy->pairs[i].client, .events = POLLIN };
		fds[2 * i + 2] = (struct pollfd){ .fd = silent ? -1 : proxy->pairs[i].server,
			.events = POLLIN };
	}
	if (poll(fds, 2 * count + 1, STEP_MS) <= 0)
		return;
	for (size_t i = count; i-- > 0;)
		if (!serve(proxy, &proxy->pairs[i], &fds[2 * i + 1]))
			close_pair(proxy, i);
	if (fds[0].revents != 0)
		take_one(proxy);
}

static void *
proxy_main(void *arg)
{
	struct proxy *proxy = arg;

	while (!atomic_load(&proxy->stopping))
		turn(proxy);
	while (proxy->count > 0)
		close_pair(proxy, 0);
	return NULL;
}

struct proxy *
proxy_start(int64_t silent_after_bytes)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	struct proxy *proxy = rh_alloc(sizeof(*proxy));

	atomic_store(&proxy->left, silent_after_bytes);
	proxy->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(proxy->listening, 0);
	ck_assert_int_eq(bind(proxy->listening, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(proxy->listening, PAIRS_MOST), 0);
	ck_assert_int_eq(getsockname(proxy->listening, (struct sockaddr *)&address, &len), 0);
	proxy->port = ntohs(address.sin_port);
	ck_assert_int_eq(pthread_create(&proxy->thread, NULL, proxy_main, proxy), 0);
	return proxy;
}

int
proxy_port(const struct proxy *proxy)
{
	return proxy->port;
}

void
proxy_speak(struct proxy *proxy)
{
	atomic_store(&proxy->left, INT64_MAX);
}

void
proxy_stop(struct proxy *proxy)
{
	atomic_store(&proxy->stopping, true);
	pthread_join(proxy->thread, NULL);
	close(proxy->listening);
	free(proxy);
}
