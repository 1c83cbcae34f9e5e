/* redrive: what a platform refused for good, or could not take, is sent to it once more, on
 * command. Rows of the store hold what is to be sent, so none is lost while the platform is away;
 * what is listed here is for people. */
#include "inside.h"

enum { MOST_SHOWN = 100, MOST_LOOKED = 1000 };

struct redrive {
	struct inquiry *inquiry;
	struct push_redrive what;
	const char *status; /* of the platform */
	uint64_t count;     /* of all, those that are not in inquiry->answer too */
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

/* The answer's list is inquiry->answer. */
static void
show(const struct redrive *redrive, json_t *row, int64_t at_ms, const char *kind)
{
	tree_set_time(row, "at", at_ms);
	tree_set_text(row, "kind", kind);
	tree_add(redrive->inquiry->answer, row);
}

static void
answer(const struct redrive *redrive)
{
	json_t *object = tree_object(), *list = redrive->inquiry->answer;

	tree_set_number(object, "platform", redrive->what.platform);
	tree_set_text(object, "status", redrive->status);
	tree_set_bool(object, "dry_run", redrive->what.dry_run);
	tree_set_count(object, "count", redrive->count);
	tree_set_bool(object, "more", redrive->count > json_array_size(list));
	tree_set(object, "objects", json_incref(list));
	inquiry_json(redrive->inquiry, 200, object);
}

static void
redriven(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count)
{
	struct redrive *redrive = ctx;
	struct inquiry *inquiry = redrive->inquiry;

	redrive->count = count;
	if (err == RH_OK && !redrive->what.dry_run)
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

static bool
has_room(const struct redrive *redrive, int64_t at_ms)
{
	return at_ms >= redrive->what.since_ms &&
	       json_array_size(redrive->inquiry->answer) < MOST_SHOWN;
}

/* A row of a refusal is shown as the refusal that it is. */
static void
found_parked(struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	struct inquiry *inquiry;
	struct redrive *redrive;

	if (!inquiry_stored(op, &inquiry))
		return;
	redrive = inquiry->work;
	for (size_t i = 0; i < args->count; i++) {
		const struct store_parked *row = &args->rows[i];

		if (row->kind != PARKED_REDRIVE && has_room(redrive, row->since_ms))
			show(redrive, parked_tree(row), row->since_ms,
			        row->kind == PARKED_FAILED ? "failed" : "introduced");
	}
	inquiry_wait(inquiry);
	push_redrive(inquiry->admin->hub, &redrive->what, redriven, redrive);
}

static void
found_refused(struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	struct inquiry *inquiry;
	struct redrive *redrive;

	if (!inquiry_stored(op, &inquiry))
		return;
	redrive = inquiry->work;
	for (size_t i = 0; i < args->count; i++)
		if (has_room(redrive, args->failures[i].at_ms))
			show(redrive, refusal_tree(&args->failures[i]), args->failures[i].at_ms,
			        "refused");
	parked_read(inquiry, inquiry->id, MOST_LOOKED, inquiry->arena, found_parked);
}

void
refusals_ask(struct inquiry *inquiry, size_t limit, void (*done)(struct store_op *op))
{
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.failures.receiver =
	        store_receiver(inquiry->id, arena_alloc(inquiry->arena, STORE_RECEIVER_TEXT));
	inquiry->op.u.failures.limit = limit;
	inquiry_store(inquiry, STORE_FAILURES, done);
}

/* ---- what was asked ---- */

void
push_again(struct inquiry *inquiry)
{
	const struct platform *platform = platform_present(inquiry);
	struct redrive *redrive = arena_alloc(inquiry->arena, sizeof *redrive);
	struct str since;

	inquiry->work = redrive;
	redrive->inquiry = inquiry;
	redrive->what.platform = inquiry->id;
	if (platform == NULL || !asked_text(inquiry, "since", &since) ||
	        !asked_time(inquiry, "since", since, &redrive->what.since_ms) ||
	        !asked_flag(inquiry, "dry_run", &redrive->what.dry_run))
		return;
	redrive->status = platform_status(platform);
	inquiry->answer = tree_list();
	refusals_ask(inquiry, MOST_LOOKED, found_refused);
}
