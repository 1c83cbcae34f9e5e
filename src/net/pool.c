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
static void link_done(struct link *link, bool keep);
static void link_failed(struct link *link, enum net_result result, const char *why);

static void
unpark(struct link *link)
{
	if (list_empty(&link->node))
		return;
	list_remove(&link->node);
	link->pool->idle_count--;
}

static void
link_close(struct link *link)
{
	net_timer_stop(link->pool->client->loop, &link->timer);
	unpark(link);
	wire_close(&link->wire);
	exchange_free(link->exchange);
	link->pool->link_count--;
	free(link);
}

static void
link_bind(struct link *link, struct net_call *call)
{
	link->call = call;
	link->wire.watch.patient = call->patient;
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
	link->done = link_done;
	link->failed = link_failed;
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

/** The last used connection that is still silent.
 *
 * One that the loop was told about is idle no more; the look is for what came since this turn's
 * events were fetched. Without it a write would go to a peer that has closed, and is never
 * repeated, and an answer that nobody asked for would be taken for this call's. It costs 0.17 us.
 */
static struct link *
take_idle(struct pool *pool)
{
	while (!list_empty(&pool->idle)) {
		struct link *link = container_of(pool->idle.next, struct link, node);
		char byte;

		if (!link->hangup && wire_recv(&link->wire, &byte, 1) == WIRE_AGAIN) {
			unpark(link);
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
	link->pool->idle_count++;
	link->idle_until_ms = net_loop_now(client->loop) + client->conf.idle_ms;
	if (link->timer.slot == 0)
		net_timer_set(client->loop, &link->timer, link->idle_until_ms);
}

/* ---- pools ---- */

static void line_moves(struct net_timer *timer);

/** Who asks for room and then starts a call asks twice for the same one. */
static struct pool *
pool_find(struct net_client *client, struct str origin)
{
	struct pool *pool = client->last;

	if (pool == NULL || !str_eq(pool->origin, origin))
		pool = table_get(client->pools, origin);
	client->last = pool;
	return pool;
}

struct pool *
pool_get(struct net_client *client, struct str origin)
{
	struct pool *pool = pool_find(client, origin);
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
	list_init(&pool->line);
	pool->line_timer.fire = line_moves;
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

/** After a smaller configuration there may be more of either than it allows. */
static size_t
pool_room(const struct pool *pool)
{
	const struct net_client_conf *conf = &pool->client->conf;
	size_t room = pool->idle_count;

	if (pool->link_count < conf->max_per_origin)
		room += conf->max_per_origin - pool->link_count;
	if (pool->waiting_count < conf->max_waiting)
		room += conf->max_waiting - pool->waiting_count;
	return room;
}

/** After every change: room is given to those who wait, those in line are told of what is left, and
 * a pool without anything to do ends. */
static void
pool_settle(struct pool *pool)
{
	struct net_client *client = pool->client;

	while (!list_empty(&pool->waiting) && pool->link_count < client->conf.max_per_origin)
		connect_or_end(pool, take_waiting(pool));
	if (!list_empty(&pool->line) && pool_room(pool) > 0 && pool->line_timer.slot == 0)
		net_timer_set(client->loop, &pool->line_timer, net_loop_now(client->loop));
	if (pool->link_count > 0 || !list_empty(&pool->waiting) || !list_empty(&pool->line) ||
	        pool->moving)
		return;
	net_timer_stop(client->loop, &pool->line_timer);
	table_remove(client->pools, pool->origin);
	if (client->last == pool)
		client->last = NULL;
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
		call_finish_later(call, NET_NO_ROOM,
		        conf->max_per_origin == 0 ? "the hub calls nobody at present"
		                                  : "too many calls wait for this origin");
	}
	pool_settle(pool);
}

/* ---- the line of those who ask for room ---- */

/** Each is told at most once a turn: one that takes a place again comes behind the others. */
static void
line_moves(struct net_timer *timer)
{
	struct pool *pool = container_of(timer, struct pool, line_timer);

	pool->moving = true;
	for (size_t turn = pool->line_count; turn > 0 && pool_room(pool) > 0; turn--) {
		struct net_room *room;

		if (list_empty(&pool->line))
			break;
		room = container_of(pool->line.next, struct net_room, node);
		net_room_leave(room);
		room->came(room);
	}
	pool->moving = false;
	pool_settle(pool);
}

size_t
net_client_room(struct net_client *client, struct str origin)
{
	const struct pool *pool = pool_find(client, origin);

	if (pool == NULL)
		return client->conf.max_per_origin + client->conf.max_waiting;
	return pool_room(pool);
}

bool
net_room_wait(struct net_client *client, struct str origin, struct net_room *room)
{
	struct pool *pool = pool_find(client, origin);

	if (room->pool != NULL)
		return true;
	if (pool == NULL || (pool_room(pool) > 0 && list_empty(&pool->line)))
		return false;
	room->pool = pool;
	list_add_tail(&pool->line, &room->node);
	pool->line_count++;
	return true;
}

void
net_room_leave(struct net_room *room)
{
	struct pool *pool = room->pool;

	if (pool == NULL)
		return;
	list_remove(&room->node);
	room->pool = NULL;
	pool->line_count--;
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

static void
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
		link->wire.watch.patient = false; /* when the peer closes it, that is news */
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
static void
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
