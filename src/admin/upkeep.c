/* upkeep: the configuration, its reload, expiry that was held, a hub that was passive, and the
 * online backup. */
#include "inside.h"

/* ---- configuration ---- */

void
config_show(struct inquiry *inquiry)
{
	const struct admin_conf *conf = &inquiry->admin->conf;

	inquiry_json(inquiry, 200, conf->show_config(conf->ctx));
}

void
config_reload(struct inquiry *inquiry)
{
	struct admin *admin = inquiry->admin;
	CLEANUP(tree_drop) json_t *report = NULL;
	json_t *refusal;

	if (admin->conf.reload(admin->conf.ctx, inquiry->who, &report) == RH_OK) {
		inquiry_json(inquiry, 200, json_incref(report));
		return;
	}
	inquiry->desk->refused++;
	refusal = tree_object();
	tree_set_text(refusal, "error", "the configuration is refused, nothing changed");
	(void)json_object_update(refusal, report); /* {"config_faults":[...]} */
	inquiry_json(inquiry, 422, refusal);
}

/* ---- expiry ---- */

static void
goes_on(void *ctx, enum rh_err err, const struct fault *fault)
{
	struct inquiry *inquiry = ctx;

	inquiry_acted_with(inquiry, err, fault, "was_held",
	        json_is_true(json_object_get(inquiry->answer, "was_held")));
}

void
expiry_go_on(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	struct hub_expiry expiry = hub_expiry(hub);

	inquiry->action = "expiry resume";
	inquiry->answer = tree_object();
	tree_set_bool(inquiry->answer, "was_held", expiry.held);
	tree_set_time(inquiry->answer, "since", expiry.since_ms);
	tree_set_text(inquiry->answer, "why", expiry.held ? expiry.why : NULL);
	inquiry_wait(inquiry);
	expiry_resume(hub, goes_on, inquiry);
}

/* ---- passive ---- */

static void
resumed(void *ctx, enum rh_err err, const struct fault *fault)
{
	struct inquiry *inquiry = ctx;

	inquiry_acted_with(inquiry, err, fault, "was_passive",
	        json_is_true(json_object_get(inquiry->answer, "was_passive")));
}

void
hub_go_on(struct inquiry *inquiry)
{
	struct hub_passive passive = hub_passive(inquiry->admin->hub);

	inquiry->action = "resume-hub";
	inquiry->answer = tree_object();
	tree_set_bool(inquiry->answer, "was_passive", passive.is);
	tree_set_time(inquiry->answer, "since", passive.is ? passive.since_ms : 0);
	inquiry_wait(inquiry);
	hub_resume(inquiry->admin->hub, resumed, inquiry);
}

/* ---- backup ---- */

static void
copied(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	json_t *object;

	inquiry->admin->failed_backups += op->err != RH_OK;
	if (!inquiry_stored(op, &inquiry))
		return;
	LOG(LOG_INFO, "admin", KV("verb", "backup"), KV("path", op->u.backup.path),
	        KVN("bytes", op->u.backup.bytes));
	object = tree_object();
	tree_set_text(object, "path", op->u.backup.path);
	tree_set_number(object, "bytes", op->u.backup.bytes);
	inquiry_json(inquiry, 200, object);
}

void
backup_start(struct inquiry *inquiry)
{
	struct str path = asked_member(inquiry, "path");

	if (path.len < 2 || path.p[0] != '/') {
		(void)inquiry_bad(
		        inquiry, "path", "expected an absolute path on the machine of the hub");
		return;
	}
	inquiry->op.u.backup.path = arena_cstr(inquiry->arena, path);
	inquiry_store(inquiry, STORE_BACKUP, copied);
}
