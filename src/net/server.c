/* The HTTP server of a loop, and with answer.c the door to libmicrohttpd, which frames requests and
 * answers on an epoll set of its own that the loop watches.
 *
 * A request passes the handler at least twice. The first call judges the head (guard.c): an answer
 * given there ends the connection, which is what a refusal wants and nothing else does. The calls
 * after it bring the body, the last one none of it: then the request goes up. When the answer is
 * there on return it is queued at once.
 *
 * Else the request waits, see waits.h: the handler is called again in every run of the daemon, and
 * once more when the connection was suspended.
 *
 * The library's strict mode stays off: the guard finds what it finds, and answers better. In its
 * own words it refuses what it cannot parse: no colon, HTTP/2.0, a Content-Length that is no
 * number, broken chunks, a head that outgrows its pool. */
#include "accept.h"
#include "answer.h"
#include "body.h"
#include "conn.h"
#include "forwarded.h"
#include "guard.h"
#include "head.h"
#include "judge.h"
#include "start.h"
#include "stream.h"
#include "waits.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	/* libmicrohttpd's memory of one connection: the largest head, the library's 64 bytes for
	 * each of its lines, and 2 kB for the head of the answer */
	POOL_BYTES = 14 * 1024,
	STRANGERS_BODY_BYTES = 16384, /* read and dropped, so that the connection stays */
	MOST_FRUITLESS = 16, /* a head or trailers that fill the pool are read in fewer runs */
	PAUSE_MS = 1
};

/* Forward secrecy and authenticated encryption only. */
static const char tls_priorities[] =
        "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-AES-128-CBC:-AES-256-CBC:-SHA1:"
        "%SERVER_PRECEDENCE";

struct net_server {
	struct net_server_conf conf;
	struct conns conns;
	struct acceptor acceptor;
	struct MHD_Daemon *daemon;
	struct net_watch watch; /* the daemon's epoll set */
	struct net_hook hook;
	struct guard_names names;
	struct waits waits;
	unsigned fruitless; /* runs in a row that nothing but the library asked for */
	int64_t ran_ms;
	bool stopped;
};

static struct net_server *
server_of(const struct inbound *in)
{
	return container_of(in->conns, struct net_server, conns);
}

static const union MHD_ConnectionInfo *
info_of(struct MHD_Connection *mhd, enum MHD_ConnectionInfoType what)
{
	return MHD_get_connection_info(mhd, what);
}

/* ---- waiting for an answer ---- */

static enum MHD_Result
suspend(struct inbound *in)
{
	in->suspended = true;
	MHD_suspend_connection(in->conn->mhd);
	return MHD_YES;
}

static enum MHD_Result
wait_on(struct inbound *in)
{
	if (!wait_was_in_vain(&server_of(in)->waits, in))
		return MHD_YES;
	return suspend(in);
}

/* ---- requests: first call, body, last call ---- */

static bool
chunks_end(struct inbound *in)
{
	struct head_lines lines;

	if (in->request.turned_away != RH_OK)
		return true;
	head_lines(in->conn->mhd, MHD_FOOTER_KIND, &lines);
	return chunk_end(&in->chunked, in->conns->run) && lines.count <= GUARD_MAX_HEADERS &&
	       guard_trailers(lines.line, lines.count, in->chunked.buffer, &server_of(in)->names);
}

static enum MHD_Result
hand_up(struct inbound *in)
{
	struct net_server *server = server_of(in);

	if (in->in_chunks && !chunks_end(in))
		body_drop(in, RH_BAD_HTTP, 1);
	if (in->dropped > 0)
		return answer_refusal(in, in->drop_err, body_why(in));
	in->request.body = buf_str(&in->body);
	start_or_wait(in);
	if (in->answered)
		return answer_queue(in);
	return wait_begin(&server->waits, in) ? MHD_YES : suspend(in);
}

static enum rh_err
admit(struct inbound *in)
{
	const struct net_server_conf *conf = in->conns->conf;

	return conf->admit == NULL ? RH_OK : conf->admit(conf->ctx, &in->request);
}

/* An answer in the first call ends the connection. A small body is read first, and dropped. */
static enum MHD_Result
turn_away(struct inbound *in)
{
	body_begin(in, in->announced);
	if (!in->chunks_come && in->announced <= STRANGERS_BODY_BYTES &&
	        MHD_lookup_connection_value(in->conn->mhd, MHD_HEADER_KIND, "Expect") == NULL)
		return MHD_YES;
	in->conn->linger = true;
	return hand_up(in);
}

static enum MHD_Result
go_on(struct inbound *in, const char *method)
{
	if (in->request.turned_away != RH_OK)
		return turn_away(in);
	body_begin(in, in->announced);
	if (in->chunks_come)
		inbound_chunks(in, head_end(in->conn->mhd, method));
	return MHD_YES;
}

/* The library reads nothing of one that is suspended. It calls the handler for the head again when
 * it is not any more. */
static enum MHD_Result
hold(struct inbound *in)
{
	in->held = true;
	in->conns->handed++;
	conn_enter(in->conn, CONN_BODY, in->conns->conf->body_ms);
	return suspend(in);
}

static enum MHD_Result
begin(struct inbound *in, const char *method, const char *version)
{
	struct guard_found found;
	struct fault fault;
	enum rh_err err;

	in->begun = true;
	err = judge_head(in, method, version, &server_of(in)->names, &found, &fault);
	forwarded_note(in, &found);
	if (err != RH_OK) {
		in->request.method = str_of(method);
		return answer_refusal(in, fault.err, fault.why);
	}
	inbound_keep_head(in, str_of(method), found.header);
	in->request.target = found.target;
	in->request.began_us = rh_mono_us();
	if (judge_length(in, &found, &fault) != RH_OK)
		return answer_refusal(in, fault.err, fault.why);
	in->announced = found.content_length;
	in->chunks_come = found.chunked;
	if (found.content_length > 0 || found.chunked)
		in->request.turned_away = admit(in);
	return in->request.undecided ? hold(in) : go_on(in, method);
}

static enum MHD_Result
collect(struct inbound *in, const char *data, size_t *len)
{
	struct str part = { data, *len };

	*len = 0;
	if (in->in_chunks && !chunk_piece(&in->chunked, part, in->conns->run))
		body_drop(in, RH_BAD_HTTP, part.len);
	else
		body_add(in, part);
	conns_want_runs(in->conns, 1); /* the library reads no more than its buffer takes */
	return body_goes_on(in) ? MHD_YES : MHD_NO;
}

static enum MHD_Result
handle(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method,
        const char *version, const char *data, size_t *len, void **own)
{
	struct inbound *in = *own;
	struct net_server *server = ctx;

	(void)mhd, (void)url;
	server->fruitless = 0;
	if (in->conn->state == CONN_DYING)
		return MHD_NO;
	if (!in->begun)
		return begin(in, method, version);
	if (in->held) {
		in->held = false;
		return go_on(in, method);
	}
	if (*len > 0)
		return collect(in, data, len);
	if (in->answered) {
		wait_end(&server->waits, in);
		return answer_queue(in);
	}
	return in->handed ? wait_on(in) : hand_up(in);
}

/* Here the target is still as it was received; afterwards the library cuts it at the question mark.
 * What is returned is the handler's *own. */
static void *
line_seen(void *ctx, const char *target, struct MHD_Connection *mhd)
{
	const struct net_server *server = ctx;
	struct conn *conn = info_of(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct inbound *in = inbound_get(conn);

	in->target_at = target;
	buf_add(&in->target, str_of(target));
	if (conn->used)
		conn_enter(conn, CONN_HEAD, server->conf.head_ms);
	else if (conn->state == CONN_IDLE)
		conn->state =
		        CONN_HEAD; /* the first head's time runs since the connection was made */
	conn->used = true;
	return in;
}

static size_t
leave_escaped(void *ctx, struct MHD_Connection *mhd, char *text)
{
	(void)ctx, (void)mhd;
	return strlen(text);
}

static void
completed(void *ctx, struct MHD_Connection *mhd, void **own, enum MHD_RequestTerminationCode how)
{
	struct net_server *server = ctx;
	struct inbound *in = *own;

	(void)mhd, (void)how;
	*own = NULL;
	if (in == NULL)
		return;
	conn_rest(in->conn, server->conf.idle_ms);
	wait_end(&server->waits, in);
	start_forget(in);
	stream_completed(in);
	in->conn = NULL;
	if (in->request.undecided)
		return;
	if (!in->handed)
		inbound_put(in);
	else if (in->answered)
		inbound_finish(in);
}

/* ---- connections ---- */

/* Above the limit they are refused instead of left waiting. */
static void
take_connection(void *ctx, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct net_server *server = ctx;

	if (!conns_have_room(&server->conns))
		close(fd);
	else
		MHD_add_connection(server->daemon, fd, peer, len);
}

static void
connection_changed(
        void *ctx, struct MHD_Connection *mhd, void **own, enum MHD_ConnectionNotificationCode what)
{
	struct net_server *server = ctx;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		conn_free(*own);
		*own = NULL;
		return;
	}
	*own = conn_new(&server->conns, mhd,
	        info_of(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
	        info_of(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
}

/* ---- the daemon on the loop ---- */

/* A buffer that is full of what the library can make nothing of, as of a chunk's extension without
 * end, is work to it, at once and for ever. So after some runs that called nobody it waits. */
static int64_t
library_ms(const struct net_server *server)
{
	int64_t pause_ms = server->ran_ms + PAUSE_MS - net_loop_now(server->conns.loop);
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(server->daemon, &ms) != MHD_YES)
		return -1;
	return server->fruitless < MOST_FRUITLESS || pause_ms < 0 ? 0 : pause_ms;
}

/* Until the next run. */
static int64_t
run_ms(const struct net_server *server)
{
	if (server->conns.runs > 0)
		return 0;
	return server->waits.count > 0 ? waits_ms(&server->waits) : library_ms(server);
}

static void
stop_listening(struct net_server *server)
{
	acceptor_finish(&server->acceptor);
	server->stopped = true;
	conns_drain(&server->conns);
}

static void
run(struct net_server *server)
{
	conns_finish_left(&server->conns);
	if (server->conns.runs > 0)
		server->conns.runs--;
	else
		server->fruitless++;
	server->ran_ms = net_loop_now(server->conns.loop);
	server->conns.run++;
	conns_look_ahead(&server->conns);
	MHD_run(server->daemon);
	conns_part(&server->conns);
}

/* Those who wait come behind the run, so that all who came by then are in a lane. */
static bool
serve(struct net_hook *hook)
{
	struct net_server *server = container_of(hook, struct net_server, hook);
	bool stop = server->conns.stopping && !server->stopped;
	bool due = start_due(&server->conns);

	if (!stop && !due && run_ms(server) != 0)
		return false;
	if (stop || run_ms(server) == 0)
		run(server);
	if (due)
		start_those_who_wait(&server->conns);
	if (stop)
		stop_listening(server);
	return true;
}

static int64_t
serve_wait_ms(struct net_hook *hook)
{
	const struct net_server *server = container_of(hook, struct net_server, hook);

	if (server->conns.stopping != server->stopped || server->conns.lanes.waiting > 0)
		return 0;
	return run_ms(server);
}

static void
daemon_ready(struct net_watch *watch, uint32_t events)
{
	(void)events;
	conns_want_runs(&container_of(watch, struct net_server, watch)->conns, 1);
}

/* ---- start and stop ---- */

static struct MHD_Daemon *
start_daemon(struct net_server *server)
{
	const struct net_server_conf *conf = &server->conf;
	bool tls = conf->tls_cert != NULL;
	unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
	                 (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)conns_most(conf), NULL },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)line_seen, server },
		{ MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, server },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, server },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, server },
		{ tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
		        (void *)(uintptr_t)conf->tls_cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)conf->tls_key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(
	        flags, 0, NULL, NULL, handle, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static void
server_release(struct net_server *server)
{
	conns_end(&server->conns);
	free(server);
}

struct net_server *
net_server_new(struct net_loop *loop, const struct net_server_conf *conf, struct fault *fault)
{
	struct net_server *server = rh_alloc(sizeof(*server));

	server->conf = *conf;
	waits_init(&server->waits, loop);
	conns_init(&server->conns, loop, &server->conf);
	guard_names_init(&server->names, conf->headers);
	guard_names_many(&server->names, forwarded_header(conf));
	server->daemon = start_daemon(server);
	if (server->daemon == NULL) {
		fault_set(fault, RH_SYSTEM, "", "libmicrohttpd does not start: %s",
		        conf->tls_cert != NULL ? "bad certificate or key" : strerror(errno));
		server_release(server);
		return NULL;
	}
	server->watch.fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	server->watch.ready = daemon_ready;
	server->hook = (struct net_hook){ .run = serve, .wait_ms = serve_wait_ms };
	net_watch_add(loop, &server->watch, EPOLLIN);
	net_hook_add(loop, NET_SERVE, &server->hook);
	server->acceptor = (struct acceptor){
		.loop = loop, .take = take_connection, .ctx = server, .spare.count = conf->spare
	};
	acceptor_start(&server->acceptor, conf->listen_fd);
	return server;
}

void
net_server_stop_accepting(struct net_server *server, int64_t within_ms)
{
	server->conns.stopping = true;
	if (within_ms > 0)
		conns_hurry(&server->conns, within_ms);
}

size_t
net_server_connections(const struct net_server *server)
{
	return server->conns.count;
}

size_t
net_server_requests(const struct net_server *server)
{
	return server->conns.handed;
}

void
net_server_free(struct net_server *server)
{
	net_hook_remove(&server->hook);
	net_watch_remove(server->conns.loop, &server->watch);
	MHD_stop_daemon(server->daemon);
	conns_finish_left(&server->conns);
	assert(server->conns.handed == 0);
	acceptor_close(&server->acceptor);
	server_release(server);
}
