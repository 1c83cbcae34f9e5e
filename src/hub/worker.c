/* worker: one thread: a loop, an HTTP server on its own listener, a pooled client, a way into the
 * store. The flights begun on it end on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"
#include "client.h"
#include "count.h"
#include "listeners.h"
#include "message/auth.h"
#include "message/look.h"
#include "message/presented.h"
#include "message/story.h"
#include "news.h"
#include "push/push.h"
#include "worker.h"

enum { DRAIN_STEP_MS = 20, TICK_MS = 200 };

/* ---- the server's callbacks ---- */

static enum rh_err
on_admit(void *ctx, struct net_request *request)
{
	return auth_admits(ctx, request);
}

static uint64_t
on_sender(void *ctx, struct net_request *request)
{
	return (uint64_t)auth_sender(ctx, request);
}

static void
on_request(void *ctx, struct net_request *request)
{
	story_begin(ctx, request);
}

static void
on_done(void *ctx, struct net_request *request)
{
	(void)ctx;
	if (request->user != NULL)
		flight_end(request->user);
}

static size_t
on_refuse(void *ctx, const struct net_refusal *said, char *out, size_t size)
{
	const struct refusal refusal = { .err = said->err,
		.listener = "ocpi",
		.address = said->peer,
		.method = said->method,
		.target = said->target,
		.why = said->why != NULL ? said->why : "" };
	struct worker *worker = ctx;
	struct buf body = { 0 };
	struct fault fault = { 0 };
	size_t len;

	(void)fault_set(&fault, said->err, "", "%s", refusal.why);
	ocpi_envelope_error(&body, &fault, rh_wall_ms());
	len = body.len < size ? body.len : size;
	memcpy(out, body.p, len);
	buf_free(&body);
	count_add(&worker->counters.total[COUNT_REFUSED], 1);
	count_add(&worker->counters.by_error[said->err], 1);
	if (rh_err_info(said->err)->blame == BLAME_CALLER)
		refusals_note(worker->refusals, &refusal, net_loop_now(worker->loop));
	return len;
}

/* ---- open and start ---- */

static struct net_server *
make_server(struct worker *worker, int listen_fd, struct fault *fault)
{
	struct hub *hub = worker->hub;
	const struct settings *settings = hub_settings(hub);
	const struct certificate *certificate = atomic_load(&hub->certificate);
	struct net_server_conf conf = {
		.listen_fd = listen_fd,
		.tls_cert = certificate != NULL ? certificate->chain : NULL,
		.tls_key = certificate != NULL ? certificate->key : NULL,
		.max_body = (size_t)settings->max_body_bytes,
		.max_connections = (size_t)settings->max_connections,
		.spare = SPARE_DESCRIPTORS,
		.head_ms = settings->head_ms,
		.body_ms = settings->body_ms,
		.idle_ms = settings->idle_ms,
		.headers = ocpi_request_headers,
		.admit = on_admit,
		.sender = on_sender,
		.request = on_request,
		.done = on_done,
		.refuse = on_refuse,
		.trusted = hub->proxies,
		.forwarded_7239 = settings->proxy_header == PROXY_FORWARDED,
		.ctx = worker,
	};
	struct net_server *server = net_server_new(worker->loop, &conf, fault);

	if (server == NULL)
		(void)close(listen_fd);
	else
		worker->certificate = certificate;
	return server;
}

enum rh_err
worker_open(struct worker *worker, struct hub *hub, int index, int listen_fd, struct fault *fault)
{
	worker->hub = hub;
	worker->index = index;
	list_init(&worker->idle);
	looks_open(worker);
	worker->presented = presented_new();
	worker->refusals = refusals_new();
	worker->loop = net_loop_new();
	worker->client = client_make(hub, worker->loop, &worker->egress, fault);
	if (worker->client != NULL)
		worker->session =
		        store_session_open(hub->store, net_loop_mailbox(worker->loop), fault);
	if (worker->session == NULL) {
		(void)close(listen_fd);
		return fault->err;
	}
	worker->server = make_server(worker, listen_fd, fault);
	return worker->server == NULL ? fault->err : RH_OK;
}

static void tick(struct net_timer *timer);

static void *
worker_main(void *arg)
{
	struct worker *worker = arg;
	char name[16];

	(void)snprintf(name, sizeof name, "worker-%d", worker->index);
	pthread_setname_np(pthread_self(), name);
	net_loop_run(worker->loop);
	return NULL;
}

enum rh_err
worker_start(struct worker *worker, struct fault *fault)
{
	push_start(worker);
	worker->tick.fire = tick;
	net_timer_set(worker->loop, &worker->tick, rh_mono_ms());
	if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
		return fault_set(fault, RH_SYSTEM, "http.workers", "a thread could not be made");
	worker->started = true;
	return RH_OK;
}

/* ---- reload ---- */

/* A server with the new certificate joins the port; the old one takes no more connections and ends
 * with those it has. */
static void
renew_server(struct worker *worker)
{
	struct fault fault = { 0 };
	struct net_server *fresh = NULL;
	int fd;

	if (worker->certificate == atomic_load(&worker->hub->certificate) ||
	        worker->old_server != NULL || worker->draining)
		return;
	fd = listeners_join(worker->hub, worker->index, &fault);
	if (fd >= 0)
		fresh = make_server(worker, fd, &fault);
	if (fresh == NULL) {
		LOG(LOG_ERROR, "reload",
		        KV("error", "the certificate cannot be used, the one before stays"),
		        KV("why", fault.why));
		worker->certificate = atomic_load(&worker->hub->certificate);
		return;
	}
	worker->old_server = worker->server;
	worker->server = fresh;
	net_server_stop_accepting(worker->old_server, 0);
}

static void
tick(struct net_timer *timer)
{
	struct worker *worker = container_of(timer, struct worker, tick);

	if (worker->old_server != NULL && net_server_requests(worker->old_server) == 0 &&
	        net_server_connections(worker->old_server) == 0) {
		net_server_free(worker->old_server);
		worker->old_server = NULL;
	}
	look_tick(worker);
	presented_age(worker->presented, net_loop_now(worker->loop));
	refusals_tick(worker->refusals, net_loop_now(worker->loop));
	renew_server(worker); /* when one more certificate came meanwhile */
	atomic_store(&worker->connections, net_server_connections(worker->server));
	atomic_store(&worker->calls, net_client_calls(worker->client));
	if (!worker->draining)
		net_timer_set(worker->loop, timer, net_loop_now(worker->loop) + TICK_MS);
}

static void
configure(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, configure_mail);

	atomic_store(&worker->configuring, false);
	client_configure(worker->hub, worker->client, &worker->egress);
	renew_server(worker);
}

void
worker_configure(struct worker *worker)
{
	if (atomic_exchange(&worker->configuring, true))
		return; /* the one on its way reads the newest settings */
	worker->configure_mail.deliver = configure;
	mailbox_post(net_loop_mailbox(worker->loop), &worker->configure_mail);
}

/* ---- drain: no new connections, flights finish or expire, then the loop ends ---- */

static bool
drained(const struct worker *worker)
{
	return atomic_load(&worker->flights) == 0 && net_server_requests(worker->server) == 0 &&
	       (worker->old_server == NULL || net_server_requests(worker->old_server) == 0) &&
	       net_client_calls(worker->client) == 0 &&
	       store_session_open_operations(worker->session) == 0;
}

static void
drain_step(struct net_timer *timer)
{
	struct worker *worker = container_of(timer, struct worker, drain_timer);
	bool given = push_given(worker);

	look_tick(worker);
	if (drained(worker) && given && push_saved(worker)) {
		atomic_fetch_sub(&worker->hub->workers_draining, 1);
		net_loop_stop(worker->loop);
		return;
	}
	net_timer_set(worker->loop, timer, net_loop_now(worker->loop) + DRAIN_STEP_MS);
}

static void
drain(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, drain_mail);
	int64_t left_ms = worker->hub->cut_at_ms - rh_mono_ms(),
	        within_ms = left_ms > 0 ? left_ms : 1;

	worker->draining = true;
	net_server_stop_accepting(worker->server, within_ms);
	if (worker->old_server != NULL)
		net_server_stop_accepting(worker->old_server, within_ms);
	push_stop(worker);
	net_timer_stop(worker->loop, &worker->tick);
	worker->drain_timer.fire = drain_step;
	net_timer_set(
	        worker->loop, &worker->drain_timer, net_loop_now(worker->loop) + DRAIN_STEP_MS);
}

void
worker_drain(struct worker *worker)
{
	worker->drain_mail.deliver = drain;
	mailbox_post(net_loop_mailbox(worker->loop), &worker->drain_mail);
}

static void
cut(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, cut_mail);

	net_client_end(worker->client);
}

void
worker_cut(struct worker *worker)
{
	worker->cut_mail.deliver = cut;
	mailbox_post(net_loop_mailbox(worker->loop), &worker->cut_mail);
}

void
worker_close(struct worker *worker)
{
	if (worker->started)
		pthread_join(worker->thread, NULL);
	if (worker->pusher != NULL) { /* a wake-up that was posted behind its last turn */
		push_quiet(worker);
		(void)mailbox_deliver(net_loop_mailbox(worker->loop));
	}
	push_free(worker);
	if (worker->old_server != NULL)
		net_server_free(worker->old_server);
	if (worker->server != NULL)
		net_server_free(worker->server);
	if (worker->client != NULL)
		net_client_free(worker->client);
	if (worker->session != NULL)
		store_session_close(worker->session);
	net_egress_free(worker->egress);
	presented_free(worker->presented);
	refusals_free(worker->refusals);
	if (worker->loop != NULL) {
		list_each_safe (node, next, &worker->idle) {
			struct flight *flight = container_of(node, struct flight, node);

			arena_free(flight->arena);
			free(flight);
		}
		net_loop_free(worker->loop);
	}
}
