/* own_verbs: what a partner may do about itself. */
#include "portal.h"

#include "roamhub/survey.h"

enum { CHECK_EVERY_MS = 60 * 1000, MOST_REFUSED = 200 };

/* ---- the check ---- */

void
portal_check(struct inquiry *inquiry)
{
	struct guest *guest = inquiry->guest;
	int64_t now_ms = rh_boot_ms(), again_ms = guest->checked_ms + CHECK_EVERY_MS;

	if (guest->checked_ms != 0 && now_ms < again_ms) {
		inquiry_header(inquiry, "Retry-After",
		        arena_printf(inquiry->arena, "%lld",
		                (long long)(again_ms - now_ms + 999) / 1000));
		inquiry_refuse(inquiry, 429, "your interfaces are asked once a minute at most");
		return;
	}
	guest->checked_ms = now_ms;
	platforms_check(inquiry);
}

/* ---- what it refused ---- */

static void
listed(struct store_op *op)
{
	struct inquiry *inquiry;
	json_t *list;

	if (!inquiry_stored(op, &inquiry))
		return;
	list = tree_list();
	for (size_t i = 0; i < op->u.failures.count; i++)
		tree_add(list, refusal_tree(&op->u.failures.failures[i]));
	inquiry_json(inquiry, 200, list);
}

void
portal_refused(struct inquiry *inquiry)
{
	refusals_ask(inquiry, MOST_REFUSED, listed);
}

static void
redriven(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count)
{
	struct inquiry *inquiry = ctx;
	json_t *object;

	if (!inquiry_acted(inquiry, err, fault, "platform", inquiry->id))
		return;
	object = tree_object();
	tree_set_number(object, "platform", inquiry->id);
	tree_set_count(object, "count", count);
	inquiry_json(inquiry, 200, object);
}

/* What it did not refuse is the hub's to send. */
static void
found(struct store_op *op)
{
	struct inquiry *inquiry;
	struct push_redrive what = { 0 };

	if (!inquiry_stored(op, &inquiry))
		return;
	if (op->u.failures.count == 0) {
		inquiry_refuse(inquiry, 404, "object: you refused none of this name");
		return;
	}
	what.platform = inquiry->id;
	what.key = *(const struct store_key *)inquiry->work;
	inquiry->action = "redrive";
	inquiry_wait(inquiry);
	push_redrive(inquiry->admin->hub, &what, redriven, inquiry);
}

void
portal_redrive(struct inquiry *inquiry)
{
	struct str object = asked_member(inquiry, "object");
	struct store_key *key = arena_alloc(inquiry->arena, sizeof *key);

	if (object.p == NULL) {
		(void)inquiry_bad(inquiry, "object", "expected MODULE/CC*PID/ID");
		return;
	}
	if (!asked_object(inquiry, "object", object, key))
		return;
	inquiry->work = key;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.failures.key = *key;
	inquiry->op.u.failures.limit = 1;
	inquiry->op.u.failures.receiver =
	        store_receiver(inquiry->id, arena_alloc(inquiry->arena, STORE_RECEIVER_TEXT));
	inquiry_store(inquiry, STORE_FAILURES, found);
}
