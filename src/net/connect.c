/* connect: libcurl makes the connections, on the loop and without blocking; the one door to
 * libcurl.
 *
 * A connection is a CURLOPT_CONNECT_ONLY handle in the loop's one multi handle. libcurl resolves
 * the name, connects, speaks TLS and verifies; the gate sees every resolved address before a socket
 * exists. From then on plain bytes go over the descriptor itself and TLS through curl_easy_send()
 * and curl_easy_recv(). Three settings are not a matter of taste:
 *
 *   a share of its own for every connection: in the cache that handles have in common, libcurl
 * closes what it believes idle or old while we use it, the next connect gets the descriptor's
 * number, and a request goes to another party; CURLOPT_CAPATH NULL: Debian's default keeps libcurl
 * from reading the CA bundle once instead of at every connect; CURLOPT_QUICK_EXIT: closing a handle
 * whose name is being looked up would otherwise wait for the resolver. */
#include "client.h"
#include "spare.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

struct door {
	struct net_loop *loop;
	CURLM *multi;
	struct net_timer timer; /* libcurl's */
	struct list watches;    /* libcurl's */
	int64_t connect_ms;
	const struct net_egress *egress;
	const struct net_exempt *exempt;
	struct bundle bundle;
	struct spare spare; /* it takes none of these */
};

/* A descriptor that libcurl watches while it resolves or connects. libcurl 7.88 closes the one of a
 * failed connect before it ends the watch (curl#11439), or goes on with it when its next attempt
 * gets the same number. So what the loop watches is a copy of our own, renewed in that case. */
struct curl_watch {
	struct net_watch watch; /* fd: the copy, -1 when there is none */
	struct door *door;
	struct list node;     /* in door->watches */
	curl_socket_t number; /* by which libcurl knows it */
	uint32_t events;
};

/* ---- libcurl's events ---- */

static void
tell_result(struct door *door, CURLMsg *message)
{
	struct wire *wire = NULL;
	CURLcode rc = message->data.result;
	CURL *easy = message->easy_handle;
	curl_socket_t fd = CURL_SOCKET_BAD;
	size_t n;
	char byte;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &wire);
	if (rc != CURLE_OK) {
		if (wire->refused[0] != '\0' && !wire->passed)
			wire->opened(wire, NET_FORBIDDEN, wire->refused);
		else if (wire->crowded)
			wire->opened(wire, NET_NO_ROOM, "the hub has no descriptor left for it");
		else
			wire->opened(wire, NET_NO_CONNECTION,
			        wire->error[0] != '\0' ? wire->error : curl_easy_strerror(rc));
		return;
	}
	/* One read makes libcurl count the connection as in use. The peer has nothing to say yet,
	 * so anything but CURLE_AGAIN is a peer that is gone already or does not speak HTTP. */
	curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD || curl_easy_recv(easy, &byte, 1, &n) != CURLE_AGAIN) {
		wire->opened(wire, NET_NO_CONNECTION, "peer closed the connection or spoke first");
		return;
	}
	wire->stands = true;
	wire->watch.fd = fd;
	net_watch_add(door->loop, &wire->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	wire->opened(wire, NET_DONE, "");
}

/** A message is void after the next call on the multi handle, and opened() makes such calls. */
static void
tell_results(struct door *door)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(door->multi, &left)) != NULL) {
		CURLMsg copy = *message;

		if (copy.msg == CURLMSG_DONE)
			tell_result(door, &copy);
	}
}

static void
curl_ready(struct net_watch *watch, uint32_t events)
{
	struct curl_watch *own = container_of(watch, struct curl_watch, watch);
	struct door *door = own->door;
	int running, flags = 0;

	if (events & EPOLLIN)
		flags |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		flags |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		flags |= CURL_CSELECT_ERR;
	curl_multi_socket_action(door->multi, own->number, flags, &running); /* may free it */
	tell_results(door);
}

static void
watch_stop(struct curl_watch *watch)
{
	if (watch->watch.fd < 0)
		return;
	net_watch_remove(watch->door->loop, &watch->watch);
	close(watch->watch.fd);
	watch->watch.fd = -1;
}

/** Without a descriptor left for the copy there is no event, and the connect ends at its time
 * limit. */
static void
watch_start(struct curl_watch *watch)
{
	watch->watch.fd = fcntl(watch->number, F_DUPFD_CLOEXEC, 0);
	if (watch->watch.fd >= 0)
		net_watch_add(watch->door->loop, &watch->watch, watch->events);
}

static void
watch_new(struct door *door, curl_socket_t number, uint32_t events)
{
	struct curl_watch *watch = rh_alloc(sizeof(*watch));

	watch->watch.ready = curl_ready;
	watch->door = door;
	watch->number = number;
	watch->events = events;
	list_add_tail(&door->watches, &watch->node);
	curl_multi_assign(door->multi, number, watch);
	watch_start(watch);
}

static void
watch_free(struct curl_watch *watch)
{
	watch_stop(watch);
	list_remove(&watch->node);
	free(watch);
}

static int
curl_wants_watch(CURL *easy, curl_socket_t number, int what, void *context, void *known)
{
	struct curl_watch *watch = known;
	uint32_t in = what & CURL_POLL_IN ? EPOLLIN : 0, out = what & CURL_POLL_OUT ? EPOLLOUT : 0;

	(void)easy;
	if (watch == NULL && what != CURL_POLL_REMOVE) {
		watch_new(context, number, in | out);
	} else if (watch != NULL && what == CURL_POLL_REMOVE) {
		watch_free(watch);
	} else if (watch != NULL) {
		watch->events = in | out;
		if (watch->watch.fd >= 0)
			net_watch_change(watch->door->loop, &watch->watch, watch->events);
	}
	return 0;
}

/** -1 with wire->crowded when there is none left for it. */
static int
take_descriptor(struct wire *wire, const struct curl_sockaddr *address)
{
	struct door *door = wire->door;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	bool spare = fd >= 0 && spare_has(&door->spare, fd, net_loop_now(door->loop));

	wire->crowded = spare || (fd < 0 && (errno == EMFILE || errno == ENFILE));
	if (!spare)
		return fd;
	close(fd);
	return -1;
}

static curl_socket_t
open_socket(struct wire *wire, const struct curl_sockaddr *address)
{
	struct door *door = wire->door;
	int fd = take_descriptor(wire, address);

	list_each (node, &door->watches) {
		struct curl_watch *watch = container_of(node, struct curl_watch, node);

		if (watch->number != fd)
			continue;
		watch_stop(watch);
		watch_start(watch);
	}
	return fd;
}

static void
curl_timer_fired(struct net_timer *timer)
{
	struct door *door = container_of(timer, struct door, timer);
	int running;

	curl_multi_socket_action(door->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell_results(door);
}

/** Rounded up: libcurl forgets a timer that fires early. */
static int
curl_wants_timer(CURLM *multi, long ms, void *context)
{
	struct door *door = context;

	(void)multi;
	if (ms < 0)
		net_timer_stop(door->loop, &door->timer);
	else if (ms == 0)
		net_timer_set(door->loop, &door->timer, net_loop_now(door->loop));
	else
		net_timer_set(door->loop, &door->timer, rh_mono_ms() + ms + 1);
	return 0;
}

/* ---- door ---- */

enum rh_err
door_configure(struct door *door, const struct net_client_conf *conf, struct fault *fault)
{
	door->connect_ms = conf->connect_ms;
	door->egress = conf->egress;
	door->exempt = conf->exempt;
	door->spare.count = conf->spare;
	return bundle_load(
	        &door->bundle, curl_version_info(CURLVERSION_NOW)->cainfo, conf->ca_file, fault);
}

static void *
curl_block(size_t bytes)
{
	return rh_realloc(NULL, bytes);
}

static void *
curl_blocks(size_t count, size_t bytes)
{
	return rh_alloc(bytes == 0 || count <= SIZE_MAX / bytes ? count * bytes : SIZE_MAX);
}

/** No limit on connections is set in libcurl: it would close ours to keep it. The pool counts. Its
 * memory is the hub's (docs/adr/0021): a socket's table that it found no memory for it uses all the
 * same at the next request, and divides by that table's size, which is 0. */
struct door *
door_new(struct net_loop *loop, const struct net_client_conf *conf, struct fault *fault)
{
	struct door *door = rh_alloc(sizeof(*door));

	signal(SIGPIPE, SIG_IGN); /* CURLOPT_NOSIGNAL takes libcurl's own guard away */
	curl_global_init_mem(
	        CURL_GLOBAL_DEFAULT, curl_block, free, rh_realloc, rh_strdup, curl_blocks);
	door->loop = loop;
	door->timer.fire = curl_timer_fired;
	list_init(&door->watches);
	door->multi = curl_multi_init();
	curl_multi_setopt(door->multi, CURLMOPT_SOCKETFUNCTION, curl_wants_watch);
	curl_multi_setopt(door->multi, CURLMOPT_SOCKETDATA, door);
	curl_multi_setopt(door->multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
	curl_multi_setopt(door->multi, CURLMOPT_TIMERDATA, door);
	if (door_configure(door, conf, fault) == RH_OK)
		return door;
	door_free(door);
	return NULL;
}

void
door_free(struct door *door)
{
	curl_multi_cleanup(door->multi);
	net_timer_stop(door->loop, &door->timer);
	bundle_close(&door->bundle);
	free(door);
	curl_global_cleanup();
}

/* ---- wire ---- */

/** The gate: sees an address in the moment in which the socket for it would be made. */
static curl_socket_t
gate(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct wire *wire = context;
	struct sockaddr_storage copy = { 0 };
	char text[INET6_ADDRSTRLEN] = "";
	const char *why;

	(void)purpose;
	memcpy(&copy, &address->addr,
	        address->addrlen < sizeof(copy) ? address->addrlen : sizeof(copy));
	if (net_egress_check(wire->door->egress, (const struct sockaddr *)&copy, &why) ||
	        net_exempt_allows(
	                wire->door->exempt, str_of(wire->origin), (const struct sockaddr *)&copy)) {
		wire->passed = true;
		return open_socket(wire, address);
	}
	if (copy.ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)&copy)->sin_addr, text,
		        sizeof(text));
	else if (copy.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)&copy)->sin6_addr, text,
		        sizeof(text));
	snprintf(wire->refused, sizeof(wire->refused), "egress to %s is refused: %s%s", text, why,
	        net_egress_cure(why));
	return CURL_SOCKET_BAD;
}

static void
set_options(struct wire *wire, const char *origin)
{
	struct door *door = wire->door;
	CURL *easy = wire->easy;

	curl_share_setopt(wire->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
	curl_easy_setopt(easy, CURLOPT_SHARE, wire->share);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, wire);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, wire->error);
	curl_easy_setopt(easy, CURLOPT_URL, origin);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)door->connect_ms);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not even the one of the environment */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	        (long)CURL_HTTP_VERSION_1_1); /* or ALPN agrees on HTTP/2 */
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, gate);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, wire);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (door->bundle.path[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, door->bundle.path);
}

static void
wire_ready(struct net_watch *watch, uint32_t events)
{
	struct wire *wire = container_of(watch, struct wire, watch);

	wire->ready(wire, events);
}

bool
wire_open(struct wire *wire, struct door *door, const char *origin, bool tls)
{
	wire->door = door;
	wire->origin = origin;
	wire->tls = tls;
	wire->watch.ready = wire_ready;
	wire->easy = curl_easy_init();
	wire->share = curl_share_init();
	if (wire->easy == NULL || wire->share == NULL)
		return false;
	set_options(wire, origin);
	return curl_multi_add_handle(door->multi, wire->easy) == CURLM_OK;
}

/** In this order. libcurl says good-bye in TLS and closes the descriptor when the handle leaves the
 * multi handle. */
void
wire_close(struct wire *wire)
{
	if (wire->stands)
		net_watch_remove(wire->door->loop, &wire->watch);
	if (wire->easy != NULL) {
		curl_multi_remove_handle(wire->door->multi, wire->easy);
		curl_easy_cleanup(wire->easy);
	}
	if (wire->share != NULL)
		curl_share_cleanup(wire->share);
	wire->easy = wire->share = NULL;
	wire->stands = false;
}

static ssize_t
of_errno(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? WIRE_AGAIN : WIRE_FAILED;
}

static ssize_t
of_curl(CURLcode rc, size_t n)
{
	if (rc == CURLE_OK)
		return (ssize_t)n;
	return rc == CURLE_AGAIN ? WIRE_AGAIN : WIRE_FAILED;
}

ssize_t
wire_send(struct wire *wire, struct str first, struct str second)
{
	CURLcode rc;
	size_t n = 0;

	if (!wire->tls) {
		struct iovec parts[] = { { (void *)(uintptr_t)first.p, first.len },
			{ (void *)(uintptr_t)second.p, second.len } };
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = COUNT(parts) };

		return of_errno(sendmsg(wire->watch.fd, &message, MSG_NOSIGNAL));
	}
	if (first.len == 0)
		first = second;
	if (first.len > WIRE_RECORD_BYTES)
		first.len = WIRE_RECORD_BYTES;
	rc = curl_easy_send(wire->easy, first.p, first.len, &n);
	return of_curl(rc, n);
}

ssize_t
wire_recv(struct wire *wire, char *bytes, size_t size)
{
	CURLcode rc;
	size_t n = 0;

	if (!wire->tls)
		return of_errno(recv(wire->watch.fd, bytes, size, 0));
	rc = curl_easy_recv(wire->easy, bytes, size, &n);
	return of_curl(rc, n);
}
