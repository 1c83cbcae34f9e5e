/* walks: once more over everything that is there, on command: what a platform may see is sent to
 * it, what its lists do not have any more is withdrawn. */
#include "inside.h"

/* ---- push sync ---- */

static void
synced(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count)
{
	struct inquiry *inquiry = ctx;
	const struct platform *platform;
	json_t *object;

	if (!inquiry_acted(inquiry, err, fault, "platform", inquiry->id))
		return;
	platform = platform_of(inquiry);
	if (platform == NULL)
		return;
	object = tree_object();
	tree_set_number(object, "platform", inquiry->id);
	tree_set_text(object, "status", platform_status(platform));
	tree_set_str(object, "module", asked_member(inquiry, "module"));
	tree_set_count(object, "module_count", count);
	inquiry_json(inquiry, 200, object);
}

void
push_all(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	const struct platform *platform = platform_present(inquiry);
	struct str module;

	if (platform == NULL || !asked_text(inquiry, "module", &module))
		return;
	if (module.p != NULL && !str_is(module, "hubclientinfo") &&
	        ocpi_module_find(hub_modules(hub), module) == NULL) {
		refuse_module(inquiry);
		return;
	}
	if (platform->state == STATE_PLANNED) {
		(void)inquiry_bad(inquiry, "platform",
		        "%lld is PLANNED, expected one that is registered", (long long)inquiry->id);
		return;
	}
	inquiry->action = "sync";
	inquiry_wait(inquiry);
	push_sync(hub, inquiry->id, module, synced, inquiry);
}

/* ---- party pull accept ---- */

static void
accepted(void *ctx, enum rh_err err, const struct fault *fault)
{
	struct inquiry *inquiry = ctx;

	inquiry_acted_with(inquiry, err, fault, "platform", inquiry->id);
}

void
pulls_accept(struct inquiry *inquiry)
{
	const struct platform *platform = platform_present(inquiry);

	if (platform == NULL)
		return;
	if (platform->live->pull.report.held[0] == '\0') {
		(void)inquiry_bad(inquiry, "pull", "nothing of platform %lld waits to be withdrawn",
		        (long long)inquiry->id);
		return;
	}
	inquiry->action = "pull accept";
	inquiry->answer = tree_object();
	tree_set_number(inquiry->answer, "platform", inquiry->id);
	tree_set_text(inquiry->answer, "held", platform->live->pull.report.held);
	inquiry_wait(inquiry);
	pull_accept(inquiry->admin->hub, inquiry->id, accepted, inquiry);
}
