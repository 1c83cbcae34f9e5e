/* pool: which call gets which connection, and what becomes of both.
 *
 * One pool for each origin, alive while it has a connection or a waiting call. A call takes the
 * connection that became idle last, so that those too many grow old; else it gets a new one, bound
 * to it from the start; else it waits in line. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

/* ---- connections ---- */

static void link_opened(struct wire *wire, enum net_result result, const char *why);
static void link_timer(struct net_timer *timer);

static void
link_close(struct link *link)
{
	net_timer_stop(link->pool->client->loop, &link->timer);
	list_remove(&link->node);
	wire_close(&link->wire);
	exchange_free(link->exchange);
	link->pool->link_count--;
	free(link);
}

static void
link_bind(struct link *link, struct net_call *call)
{
	link->call = call;
	job_of(call)->link = link;
}

/** A new connection for @call; false with the call unbound when there can be none. */
static bool
link_open(struct pool *pool, struct net_call *call)
{
	struct link *link = rh_alloc(sizeof(*link));

	link->pool = pool;
	link->exchange = exchange_new();
	link->timer.fire = link_timer;
	link->wire.opened = link_opened;
	link->wire.ready = link_ready;
	list_init(&link->node);
	pool->link_count++;
	link_bind(link, call);
	call->connected_anew = true;
	if (wire_open(&link->wire, pool->client->door, pool->origin.p, pool->tls))
		return true;
	link_close(link);
	job_of(call)->link = NULL;
	return false;
}

static void
connect_or_end(struct pool *pool, struct net_call *call)
{
	if (!link_open(pool, call))
		call_finish_later(call, NET_NO_CONNECTION, "no connection can be started");
}

/** The last used connection that is still silent. */
static struct link *
take_idle(struct pool *pool)
{
	while (!list_empty(&pool->idle)) {
		struct link *link = container_of(pool->idle.next, struct link, node);
		char byte;

		if (!link->hangup && wire_recv(&link->wire, &byte, 1) == WIRE_AGAIN) {
			list_remove(&link->node);
			return link;
		}
		link_close(link);
	}
	return NULL;
}

/** One timer serves a connection for good: it is moved when it fires, not at every use. */
static void
park(struct link *link)
{
	struct net_client *client = link->pool->client;

	list_add_head(&link->pool->idle, &link->node);
	link->idle_until_ms = net_loop_now(client->loop) + client->conf.idle_ms;
	if (link->timer.slot == 0)
		net_timer_set(client->loop, &link->timer, link->idle_until_ms);
}

void
link_look_soon(struct link *link)
{
	struct net_loop *loop = link->pool->client->loop;

	net_timer_set(loop, &link->timer, net_loop_now(loop));
}

/* ---- pools ---- */

struct pool *
pool_get(struct net_client *client, struct str origin)
{
	struct pool *pool = table_get(client->pools, origin);
	struct arena *arena;
	struct net_url url;

	if (pool != NULL)
		return pool;
	arena = arena_new(512);
	pool = arena_alloc(arena, sizeof(*pool));
	if (net_url_parse(origin, arena, &url, NULL) != RH_OK) {
		arena_free(arena);
		return NULL;
	}
	pool->client = client;
	pool->arena = arena;
	pool->origin = arena_str(arena, origin);
	pool->host = request_host(&url, arena);
	pool->tls = url.tls;
	list_init(&pool->idle);
	list_init(&pool->waiting);
	table_put(client->pools, pool->origin, pool);
	return pool;
}

static struct net_call *
take_waiting(struct pool *pool)
{
	struct net_call *call = container_of(pool->waiting.next, struct net_call, node);

	list_remove(&call->node);
	pool->waiting_count--;
	return call;
}

/** After every change: room is given to those who wait, and a pool without anything to do ends. */
static void
pool_settle(struct pool *pool)
{
	struct net_client *client = pool->client;

	while (!list_empty(&pool->waiting) && pool->link_count < client->conf.max_per_origin)
		connect_or_end(pool, take_waiting(pool));
	if (pool->link_count > 0 || !list_empty(&pool->waiting))
		return;
	table_remove(client->pools, pool->origin);
	arena_free(pool->arena);
}

void
pool_place(struct pool *pool, struct net_call *call)
{
	const struct net_client_conf *conf = &pool->client->conf;
	struct link *link = take_idle(pool);

	if (link != NULL) {
		link_bind(link, call);
		link_begin(link);
	} else if (pool->link_count < conf->max_per_origin) {
		connect_or_end(pool, call);
	} else if (pool->waiting_count < conf->max_waiting) {
		list_add_tail(&pool->waiting, &call->node);
		pool->waiting_count++;
	} else {
		call_finish_later(call, NET_NO_ROOM, "too many calls wait for this origin");
	}
	pool_settle(pool);
}

/* ---- what happens on a connection ---- */

static void
link_opened(struct wire *wire, enum net_result result, const char *why)
{
	struct link *link = container_of(wire, struct link, wire);

	if (result == NET_DONE)
		link_begin(link);
	else
		link_failed(link, result, why);
}

void
link_done(struct link *link, bool keep)
{
	struct pool *pool = link->pool;
	struct net_call *call = link->call;

	link->call = NULL;
	link->served++;
	if (!keep) {
		link_close(link);
	} else if (!list_empty(&pool->waiting)) {
		link_bind(link, take_waiting(pool));
		link_begin(link);
	} else {
		park(link);
	}
	pool_settle(pool);
	if (call == NULL)
		return;
	call_set_result(call, NET_DONE, "");
	call_finish(call);
}

/** A peer may close an idle connection while a request is on its way to it, so a connection that
 * has served before is given one repetition on a fresh one. */
void
link_failed(struct link *link, enum net_result result, const char *why)
{
	struct pool *pool = link->pool;
	struct net_call *call = link->call;
	struct job *job = job_of(call);
	bool repeat =
	        result == NET_BROKEN && link->served > 0 && !job->repeated && link_may_repeat(link);

	job->sent_any = job->sent_any || link_sent_any(link);
	if (job->sent_any && (result == NET_NO_CONNECTION || result == NET_FORBIDDEN))
		result = NET_BROKEN; /* the first attempt was sent */
	call_set_result(call, result, why);
	memset(call->header, 0, sizeof(call->header));
	job->link = NULL;
	link_close(link);
	if (repeat) {
		job->repeated = true;
		call->sent_us = 0;
		if (link_open(pool, call))
			return;
	}
	pool_settle(pool);
	call_finish(call);
}

static void
link_timer(struct net_timer *timer)
{
	struct link *link = container_of(timer, struct link, timer);
	struct pool *pool = link->pool;
	struct net_loop *loop = pool->client->loop;

	if (link->call != NULL) {
		link_read(link);
	} else if (net_loop_now(loop) < link->idle_until_ms) {
		net_timer_set(loop, timer, link->idle_until_ms);
	} else {
		link_close(link);
		pool_settle(pool);
	}
}

void
pool_detach(struct net_call *call)
{
	struct job *job = job_of(call);
	struct pool *pool = job->pool;

	if (job->link != NULL) {
		link_close(job->link);
		job->link = NULL;
	} else {
		list_remove(&call->node);
		pool->waiting_count--;
	}
	pool_settle(pool);
}

void
pool_close_idle(struct pool *pool)
{
	list_each_safe (node, next, &pool->idle)
		link_close(container_of(node, struct link, node));
	pool_settle(pool);
}
