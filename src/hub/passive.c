/* passive: a restored copy owes what the hub of then owed, and thinks that it is the hub. Started
 * with
 * --passive it answers, keeps what is shared and calls nobody, until an operator has looked at it
 * and says that it is the hub now.
 *
 * It stands in the database, so that no restart forgets it. What is to be sent finds no room, which
 * counts for nobody (client.c), and what begins calls by itself does not begin (hub.c, push.c). */
#include "passive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "worker.h"

#define PASSIVE_KEY "passive" /* of the meta table: since when, wall clock; empty: not */

struct noting {
	struct hub *hub;
	struct store_op op;
	bool over;
	hub_done_fn done;
	void *ctx;
};

static void
noted(struct store_op *op)
{
	container_of(op, struct noting, op)->over = true;
}

static enum rh_err
run(struct hub *hub, struct noting *noting, enum store_verb verb, struct fault *fault)
{
	noting->op.verb = verb;
	noting->op.done = noted;
	noting->op.u.meta.key = STR(PASSIVE_KEY);
	store_submit(hub->session, &noting->op);
	while (!noting->over)
		net_loop_turn(hub->loop, 100);
	return noting->op.err == RH_OK || noting->op.err == RH_NOT_FOUND
	               ? RH_OK
	               : fault_set(fault, RH_STORE_FAILED, "store.url", "%s", noting->op.why);
}

static enum rh_err
read_noted(struct hub *hub, struct fault *fault)
{
	struct noting noting = { .op.arena = arena_new(256) };
	enum rh_err err = run(hub, &noting, STORE_META_GET, fault);
	uint64_t since_ms;

	if (noting.op.err == RH_OK && str_to_u64(noting.op.u.meta.value, INT64_MAX, &since_ms))
		hub->passive_since_ms = (int64_t)since_ms;
	arena_free(noting.op.arena);
	return err;
}

static enum rh_err
note_wanted(struct hub *hub, struct fault *fault)
{
	struct noting noting = { 0 };
	char since[24];

	hub->passive_since_ms = rh_wall_ms();
	(void)snprintf(since, sizeof since, "%lld", (long long)hub->passive_since_ms);
	noting.op.u.meta.value = str_of(since);
	return run(hub, &noting, STORE_META_PUT, fault);
}

enum rh_err
passive_open(struct hub *hub, bool wanted, struct fault *fault)
{
	enum rh_err err = read_noted(hub, fault);

	if (err == RH_OK && wanted && hub->passive_since_ms == 0)
		err = note_wanted(hub, fault);
	atomic_store(&hub->passive, hub->passive_since_ms != 0);
	if (err == RH_OK && hub->passive_since_ms != 0)
		LOG(LOG_WARNING, "hub", KV("state", "passive"),
		        KV("why", "it calls nobody until roamhubctl resume-hub"));
	return err;
}

struct hub_passive
hub_passive(const struct hub *hub)
{
	return (struct hub_passive){ atomic_load(&hub->passive), hub->passive_since_ms };
}

/* ---- the end of it ---- */

static void
resumed(struct hub *hub)
{
	if (!atomic_load(&hub->passive))
		return;
	atomic_store(&hub->passive, false);
	LOG(LOG_INFO, "hub", KV("state", "not passive any more"));
	client_configure(hub, hub->client, &hub->egress);
	for (int i = 0; i < hub->worker_count; i++)
		worker_configure(&hub->workers[i]);
}

static void
end_noted(struct store_op *op)
{
	struct noting *noting = container_of(op, struct noting, op);
	struct fault fault = { 0 };

	if (op->err == RH_OK) {
		resumed(noting->hub);
		store_tell(noting->hub->store, TELL_WISH, 0);
	} else {
		(void)fault_set(&fault, op->err, "", "%s", op->why);
	}
	noting->done(noting->ctx, op->err, &fault);
	free(noting);
}

void
hub_resume(struct hub *hub, hub_done_fn done, void *ctx)
{
	struct noting *noting = rh_alloc(sizeof *noting);

	noting->hub = hub;
	noting->done = done;
	noting->ctx = ctx;
	noting->op = (struct store_op){ .verb = STORE_META_PUT, .done = end_noted };
	noting->op.u.meta.key = STR(PASSIVE_KEY);
	noting->op.u.meta.value = STR("");
	store_submit(hub->session, &noting->op);
}

/* ---- said to another process ---- */

static void
looked(struct store_op *op)
{
	struct noting *noting = container_of(op, struct noting, op);

	if (op->err == RH_OK && op->u.meta.value.len == 0)
		resumed(noting->hub);
	arena_free(op->arena);
	free(noting);
}

void
passive_look(struct hub *hub)
{
	struct noting *noting;

	if (!atomic_load(&hub->passive))
		return;
	noting = rh_alloc(sizeof *noting);
	noting->hub = hub;
	noting->op = (struct store_op){
		.verb = STORE_META_GET, .done = looked, .arena = arena_new(256)
	};
	noting->op.u.meta.key = STR(PASSIVE_KEY);
	store_submit(hub->session, &noting->op);
}
