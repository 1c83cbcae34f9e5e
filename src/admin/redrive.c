/* redrive: what a platform refused for good, or could not take, is sent to it once more, on
 * command. */
#include "inside.h"

enum { MOST_ROWS = 1000 };

struct redrive {
	struct inquiry *inquiry;
	struct push_redrive what;
	bool more;
	const struct store_failure **rows;
	size_t count;
	uint64_t objects; /* refused or parked, those that are not shown too */
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
	tree_set_bool(object, "dry_run", redrive->what.dry_run);
	tree_set_count(object, "count", redrive->objects);
	tree_set_bool(object, "more", redrive->more);
	tree_set(object, "objects", list);
	inquiry_json(inquiry, 200, object);
}

static void
redriven(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count)
{
	struct redrive *redrive = ctx;
	struct inquiry *inquiry = redrive->inquiry;

	redrive->objects = count;
	if (err == RH_OK && !redrive->what.dry_run && count > 0)
		LOG(LOG_INFO, "admin", KV("verb", "redrive"), KVN("platform", inquiry->id),
		        KVN("objects", count));
	if (!inquiry_resume(inquiry))
		return;
	if (err == RH_OK)
		answer(redrive);
	else
		inquiry_fail(inquiry, fault);
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
	for (size_t i = 0; i < args->count; i++)
		if (args->failures[i].at_ms >= redrive->what.since_ms && redrive->count < MOST_ROWS)
			redrive->rows[redrive->count++] = &args->failures[i];
		else
			redrive->more |= args->failures[i].at_ms >= redrive->what.since_ms;
	inquiry_wait(inquiry);
	push_redrive(inquiry->admin->hub, &redrive->what, redriven, redrive);
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

void
push_again(struct inquiry *inquiry)
{
	const struct platform *platform = platform_of(inquiry);
	struct redrive *redrive = arena_alloc(inquiry->arena, sizeof *redrive);
	struct str since;

	inquiry->work = redrive;
	redrive->inquiry = inquiry;
	redrive->what.platform = inquiry->id;
	if (platform == NULL || !asked_text(inquiry, "since", &since) ||
	        !asked_time(inquiry, "since", since, &redrive->what.since_ms) ||
	        !asked_flag(inquiry, "dry_run", &redrive->what.dry_run))
		return;
	refusals_ask(inquiry, MOST_ROWS + 1, found);
}
