/* surveys: what a platform's interfaces do, asked on command, and the report that is kept. */
#include "inside.h"

#include "roamhub/survey.h"

#include <assert.h>

/* ---- POST: ask it now ---- */

static void
checked(void *ctx, enum rh_err err, const struct fault *fault, struct str report)
{
	struct inquiry *inquiry = ctx;
	json_t *tree;

	if (!inquiry_acted(inquiry, err, fault, "platform", inquiry->id))
		return;
	tree = tree_read(report, NULL);
	assert(tree != NULL); /* this process has just written it */
	inquiry_json(inquiry, 200, tree);
}

static bool
read_as(struct inquiry *inquiry, struct survey_wish *wish)
{
	struct str as;

	if (!asked_text(inquiry, "as", &as))
		return false;
	wish->has_as = as.p != NULL;
	return as.p == NULL || asked_party(inquiry, "as", as, &wish->as);
}

void
platforms_check(struct inquiry *inquiry)
{
	struct survey_wish wish = { .platform = inquiry->id };

	if (!asked_flag(inquiry, "write", &wish.write) ||
	        !asked_flag(inquiry, "test_system", &wish.test_system) ||
	        !asked_flag(inquiry, "apply", &wish.apply) || !read_as(inquiry, &wish))
		return;
	inquiry->action = "check";
	inquiry_wait(inquiry);
	survey_start(inquiry->admin->hub, &wish, checked, inquiry);
}

/* ---- GET: the last report ---- */

/* A member of a platform's answer: when, and how much was found. */
static json_t *
summary(const json_t *report)
{
	static const char *const keys[] = { "at", "by", "write", "complete", "why", "note_count",
		"warning_count", "fault_count", "cures", "server" };
	json_t *object = tree_object();

	for (size_t i = 0; i < COUNT(keys); i++) {
		json_t *value = json_object_get(report, keys[i]);

		if (value != NULL)
			tree_set(object, keys[i], json_incref(value));
	}
	return object;
}

json_t *
report_summary(const struct store_op *op)
{
	CLEANUP(tree_drop) json_t *report = NULL;

	if (op->err == RH_OK)
		report = tree_read(op->u.meta.value, NULL);
	return report != NULL ? summary(report) : json_null();
}

void
report_ask(struct inquiry *inquiry, void (*done)(struct store_op *op))
{
	inquiry_wait(inquiry);
	inquiry->op =
	        (struct store_op){ .verb = STORE_META_GET, .done = done, .arena = inquiry->arena };
	inquiry->op.u.meta.key = survey_key(inquiry->id, inquiry->arena);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}

static void
report_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct fault fault;
	json_t *tree;

	if (!inquiry_resume(inquiry))
		return;
	tree = op->err == RH_OK ? tree_read(op->u.meta.value, NULL) : NULL;
	if (tree != NULL) {
		inquiry_json(inquiry, 200, tree);
		return;
	}
	(void)fault_set(&fault, op->err == RH_OK ? RH_STORE_FAILED : op->err, "check", "%s",
	        op->err == RH_NOT_FOUND ? "there is no report of it yet"
	        : op->err == RH_OK ? "what is kept of the last one cannot be read: check it again"
	                           : op->why);
	inquiry_fail(inquiry, &fault);
}

void
platforms_report(struct inquiry *inquiry)
{
	if (platform_of(inquiry) != NULL)
		report_ask(inquiry, report_came);
}
