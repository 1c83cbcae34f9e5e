/* redrive: what a platform refused for good is sent to it once more, on command. The record of a
 * refusal goes before the object does: when it is refused again, it is recorded again. */
#include <stdio.h>

#include "inside.h"

enum { MOST_ROWS = 1000, DROPS_AT_ONCE = 32 };

struct redrive;
struct drop {
	struct store_op op;
	struct redrive *redrive;
};
struct redrive {
	struct inquiry *inquiry;
	int64_t since_ms;
	bool dry_run, more;
	const struct store_failure **rows;
	struct store_key *keys; /* of those whose record is gone */
	size_t count, next, dropped, under_way;
	enum rh_err err; /* of the first drop that failed */
	char why[160];
	struct drop drops[DROPS_AT_ONCE];
};

/* ---- as JSON ---- */

json_t *
refusal_tree(const struct store_failure *failure)
{
	json_t *object = tree_object();

	tree_set_time(object, "at", failure->at_ms);
	tree_set_str(object, "module", failure->key.module);
	tree_set_str(object, "owner", failure->key.owner);
	tree_set_str(object, "id", failure->key.id);
	if (failure->key.type.len > 0)
		tree_set_str(object, "type", failure->key.type);
	tree_set_number(object, "change", failure->change);
	tree_set_number(object, "http", failure->http);
	tree_set_number(object, "ocpi", failure->ocpi);
	tree_set_str(object, "why", failure->why);
	return object;
}

static void
answer(struct redrive *redrive)
{
	struct inquiry *inquiry = redrive->inquiry;
	json_t *object = tree_object(), *list = tree_list();

	for (size_t i = 0; i < redrive->count; i++)
		tree_add(list, refusal_tree(redrive->rows[i]));
	tree_set_number(object, "platform", inquiry->id);
	tree_set_bool(object, "dry_run", redrive->dry_run);
	tree_set_count(object, "count", redrive->count);
	tree_set_bool(object, "more", redrive->more);
	tree_set(object, "objects", list);
	inquiry_json(inquiry, 200, object);
}

/* ---- records go, then objects are sent ---- */

static void
send_again(struct redrive *redrive)
{
	struct inquiry *inquiry = redrive->inquiry;
	struct fault fault;

	if (redrive->dropped > 0 && !inquiry->admin->stopping) {
		push_redrive(inquiry->admin->hub, inquiry->id, redrive->keys, redrive->dropped);
		LOG(LOG_INFO, "admin", KV("verb", "redrive"), KVN("platform", inquiry->id),
		        KVN("objects", redrive->dropped));
	}
	if (!inquiry_resume(inquiry))
		return;
	if (redrive->err == RH_OK) {
		answer(redrive);
		return;
	}
	(void)fault_set(&fault, redrive->err, "", "%s; %zu of %zu are sent", redrive->why,
	        redrive->dropped, redrive->count);
	inquiry_fail(inquiry, &fault);
}

static void next_drop(struct drop *drop);

static void
dropped(struct store_op *op)
{
	struct drop *drop = container_of(op, struct drop, op);
	struct redrive *redrive = drop->redrive;

	redrive->under_way--;
	if (op->err == RH_OK) {
		redrive->keys[redrive->dropped++] = op->u.failures.key;
	} else if (redrive->err == RH_OK) {
		redrive->err = op->err;
		(void)snprintf(redrive->why, sizeof redrive->why, "%s", op->why);
	}
	next_drop(drop);
	if (redrive->under_way == 0)
		send_again(redrive);
}

static void
next_drop(struct drop *drop)
{
	struct redrive *redrive = drop->redrive;
	const struct store_failure *row;

	if (redrive->next == redrive->count || redrive->err != RH_OK)
		return;
	row = redrive->rows[redrive->next++];
	drop->op = (struct store_op){
		.verb = STORE_FAILURE_DROP, .done = dropped, .arena = redrive->inquiry->arena
	};
	drop->op.u.failures.receiver = row->receiver;
	drop->op.u.failures.key = row->key;
	redrive->under_way++;
	store_submit(hub_session(redrive->inquiry->admin->hub), &drop->op);
}

/* ---- what is there ---- */

static void
found(struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	struct inquiry *inquiry;
	struct redrive *redrive;

	if (!inquiry_stored(op, &inquiry))
		return;
	redrive = inquiry->work;
	redrive->rows = arena_alloc(inquiry->arena, (args->count + 1) * sizeof *redrive->rows);
	redrive->keys = arena_alloc(inquiry->arena, (args->count + 1) * sizeof *redrive->keys);
	for (size_t i = 0; i < args->count; i++)
		if (args->failures[i].at_ms >= redrive->since_ms && redrive->count < MOST_ROWS)
			redrive->rows[redrive->count++] = &args->failures[i];
		else
			redrive->more |= args->failures[i].at_ms >= redrive->since_ms;
	if (redrive->dry_run || redrive->count == 0) {
		answer(redrive);
		return;
	}
	inquiry_wait(inquiry);
	for (size_t i = 0; i < DROPS_AT_ONCE; i++) {
		redrive->drops[i].redrive = redrive;
		next_drop(&redrive->drops[i]);
	}
}

void
refusals_ask(struct inquiry *inquiry, size_t limit, void (*done)(struct store_op *op))
{
	inquiry->op =
	        (struct store_op){ .verb = STORE_FAILURES, .done = done, .arena = inquiry->arena };
	inquiry->op.u.failures.receiver =
	        arena_printf(inquiry->arena, "platform/%lld", (long long)inquiry->id);
	inquiry->op.u.failures.limit = limit;
	inquiry_wait(inquiry);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}

/* ---- what was asked ---- */

/* To a platform that is away nothing can be sent, and the record of what it refused must not be
 * lost. */
static bool
may_be_sent(struct inquiry *inquiry, const struct platform *platform)
{
	if (platform_state(platform) == STATE_CONNECTED && !platform->removed)
		return true;
	inquiry_refuse(inquiry, 409,
	        arena_printf(inquiry->arena,
	                "platform %lld is %s, expected CONNECTED: nothing was sent",
	                (long long)platform->id, platform_status(platform))
	                .p);
	return false;
}

void
push_again(struct inquiry *inquiry)
{
	const struct platform *platform = platform_of(inquiry);
	struct redrive *redrive = arena_alloc(inquiry->arena, sizeof *redrive);
	struct str since;

	inquiry->work = redrive;
	redrive->inquiry = inquiry;
	if (platform == NULL || !asked_text(inquiry, "since", &since) ||
	        !asked_time(inquiry, "since", since, &redrive->since_ms) ||
	        !asked_flag(inquiry, "dry_run", &redrive->dry_run) ||
	        (!redrive->dry_run && !may_be_sent(inquiry, platform)))
		return;
	refusals_ask(inquiry, MOST_ROWS + 1, found);
}
