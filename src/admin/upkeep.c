/* upkeep: the configuration, its reload, and the online backup. */
#include "inside.h"

/* ---- configuration ---- */

void
config_show(struct inquiry *inquiry)
{
	const struct admin_conf *conf = &inquiry->admin->conf;

	conf->show_config(conf->ctx, &inquiry->text);
	inquiry_json(inquiry, 200);
}

void
config_reload(struct inquiry *inquiry)
{
	struct admin *admin = inquiry->admin;
	struct buf report = { .arena = inquiry->arena };
	enum rh_err err = admin->conf.reload(admin->conf.ctx, &report);

	if (err == RH_OK) {
		buf_add(&inquiry->text, buf_str(&report));
		inquiry_json(inquiry, 200);
		return;
	}
	admin->refused++;
	put_open(&inquiry->text, NULL, '{');
	put_word(&inquiry->text, "error", "the configuration is refused, nothing changed");
	if (report.len > 2) { /* {"faults":[...]} */
		buf_addc(&inquiry->text, ',');
		buf_add(&inquiry->text, str_from(buf_str(&report), 1));
	} else {
		buf_addc(&inquiry->text, '}');
	}
	inquiry_json(inquiry, 422);
}

/* ---- backup ---- */

static void
copied(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);

	inquiry->admin->failed_backups += op->err != RH_OK;
	if (!inquiry_stored(op, &inquiry))
		return;
	LOG(LOG_INFO, "admin", KV("verb", "backup"), KV("path", op->u.backup.path),
	        KVN("bytes", op->u.backup.bytes));
	put_open(&inquiry->text, NULL, '{');
	put_word(&inquiry->text, "path", op->u.backup.path);
	put_number(&inquiry->text, "bytes", op->u.backup.bytes);
	buf_addc(&inquiry->text, '}');
	inquiry_json(inquiry, 200);
}

void
backup_start(struct inquiry *inquiry)
{
	struct str path = inquiry_member(inquiry, "path");

	if (path.len < 2 || path.p[0] != '/') {
		(void)inquiry_bad(
		        inquiry, "path", "expected an absolute path on the machine of the hub");
		return;
	}
	inquiry->op.verb = STORE_BACKUP;
	inquiry->op.done = copied;
	inquiry->op.u.backup.path = arena_cstr(inquiry->arena, path);
	inquiry_wait(inquiry);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}
