/* keep: copies of what was addressed to one party, committed before the receiver's answer is
 * relayed: who was answered 1000 finds it, on any worker and after any crash. */
#include "keep.h"

#include "../count.h"
#include "limits.h"
#include "prints.h"
#include "share.h"

#include <string.h>

struct keep {
	struct share share;
	struct store_share_args args;
	uint64_t print; /* of the whole object that it leaves; 0: a part is written, or deleted */
	enum next (*then)(struct flight *flight);
};

static bool
writes_object(const struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;

	return route != NULL && route->interface == IFACE_RECEIVER &&
	       flight->module->object != NULL && !str_is(flight->request->method, "GET");
}

void
keep_begin(struct flight *flight, int64_t platform)
{
	struct keep *keep;

	flight->keep = NULL;
	if (!writes_object(flight) || !hub_settings(flight_hub(flight))->keep_addressed)
		return;
	keep = arena_alloc(flight->arena, sizeof *keep);
	if (!share_fill(flight, &keep->share, &keep->args,
	            directory_scope(&flight->to, platform, flight->arena)))
		return; /* it names no object */
	if (keep->args.patch.p == NULL && !keep->share.is_delete)
		keep->print = print_of(&keep->args.key, flight->request->body);
	flight->keep = keep;
}

struct store_key
keep_key(const struct flight *flight)
{
	return flight->keep->args.key;
}

static bool
is_there(const struct flight *flight, bool accepted)
{
	const struct keep *keep = flight->keep;

	return keep->print != 0 && !hub_is_together(flight_hub(flight)) &&
	       prints_same(flight_hub(flight)->prints, &keep->args.key, keep->print, accepted);
}

/* ---- while the store is known to fail ---- */

static enum next
probed(struct flight *flight)
{
	if (flight->op.err != RH_OK)
		return flight_refuse(flight, flight->op.err, "",
		        "the copy of it could not be kept, so it was not sent on: %s",
		        flight->op.why);
	atomic_store(&flight_hub(flight)->store_fails, false);
	return flight->keep->then(flight);
}

static enum next
while_it_fails(struct flight *flight)
{
	if (!atomic_load(&flight_hub(flight)->store_fails))
		return flight->keep->then(flight);
	memset(&flight->op, 0, sizeof flight->op);
	return flight_store(flight, STORE_PROBE, probed);
}

/* ---- a quota: what could not be kept is not sent on ---- */

static enum next
counted(struct flight *flight)
{
	const struct store_quota_args *found = &flight->op.u.quota;
	int64_t quota = flight->keep->args.quota;

	if (flight->op.err != RH_OK)
		return while_it_fails(flight);
	atomic_store(&flight->live->has_room, found->has.objects < quota);
	if (found->there || found->has.objects < quota)
		return while_it_fails(flight);
	limits_note(flight, LIMIT_OBJECTS);
	return flight_refuse(
	        flight, RH_QUOTA, "", "quota of %lld objects reached", (long long)quota);
}

/* A part of what is not here is not kept anyway. */
static bool
may_be_one_more(const struct flight *flight)
{
	const struct keep *keep = flight->keep;

	return keep->args.patch.p == NULL && !keep->share.is_delete &&
	       (hub_is_together(flight_hub(flight)) || !atomic_load(&flight->live->has_room));
}

enum next
keep_ready(struct flight *flight, enum next (*then)(struct flight *flight))
{
	bool fails = atomic_load(&flight_hub(flight)->store_fails);

	if (flight->keep == NULL || (!fails && !may_be_one_more(flight)) || is_there(flight, true))
		return then(flight);
	flight->keep->then = then;
	if (!may_be_one_more(flight))
		return while_it_fails(flight);
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.quota.platform = flight->platform_id;
	flight->op.u.quota.key = flight->keep->args.key;
	return flight_store(flight, STORE_QUOTA, counted);
}

/* ---- the copy ---- */

/* The answer stands, since the receiver has it: it is counted and traced. */
static void
note_unkept(struct flight *flight)
{
	flight->unkept = true;
	count_add(&flight->worker->counters.total[COUNT_UNKEPT], 1);
	if (flight->op.err == RH_STORE_FAILED)
		atomic_store(&flight_hub(flight)->store_fails, true);
	if (flight_error_due(flight->worker))
		LOG(LOG_ERROR, "unkept", KVS("correlation_id", flight->correlation_id),
		        KV("error", "a copy of an addressed object was not kept"),
		        KV("why", flight->op.why));
}

static enum next
kept(struct flight *flight)
{
	const struct store_op *op = &flight->op;
	const struct keep *keep = flight->keep;
	int64_t change = op->err == RH_OK ? op->u.share.change : 0;

	if (op->err == RH_QUOTA || op->u.share.created)
		atomic_store(&flight->live->has_room, !op->u.share.full);
	prints_end(flight_hub(flight)->prints, &keep->args.key, change, keep->print,
	        keep->args.accepted);
	if (op->err == RH_OK)
		atomic_store(&flight_hub(flight)->store_fails, false);
	else if (op->err != RH_UNKNOWN_OBJECT) /* a change of what never came here is no loss */
		note_unkept(flight);
	return keep->then(flight);
}

enum next
keep_copy(struct flight *flight, bool accepted, enum next (*then)(struct flight *flight))
{
	struct keep *keep = flight->keep;

	if (keep == NULL || is_there(flight, accepted))
		return then(flight);
	keep->then = then;
	keep->args.accepted = accepted;
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.share = keep->args;
	prints_begin(flight_hub(flight)->prints, &keep->args.key);
	return flight_store(flight, STORE_SHARE, kept);
}
