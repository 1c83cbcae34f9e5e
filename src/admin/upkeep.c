/* upkeep: configuration, its reload, the online backup, and what the hub would do with a message.
 */
#include "inside.h"

static void
refuse(struct inquiry *inquiry, const char *field, const char *expected)
{
	struct fault fault;

	(void)fault_set(&fault, RH_BAD_FIELD, field, "expected %s", expected);
	inquiry_fail(inquiry, &fault);
}

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
		refuse(inquiry, "path", "an absolute path on the machine of the hub");
		return;
	}
	inquiry->op.verb = STORE_BACKUP;
	inquiry->op.done = copied;
	inquiry->op.u.backup.path = arena_cstr(inquiry->arena, path);
	inquiry_wait(inquiry);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}

/* ---- route explain ---- */

static bool
read_id(struct inquiry *inquiry, const char *name, struct ocpi_id *id)
{
	struct str text = inquiry_query(inquiry, name);

	if (text.p != NULL && ocpi_id_parse(text, id))
		return true;
	refuse(inquiry, name, "CC*PID");
	return false;
}

static void
refuse_module(struct inquiry *inquiry)
{
	const struct ocpi_module *const *module = hub_modules(inquiry->admin->hub);
	struct buf names = { .arena = inquiry->arena };

	for (; *module != NULL; module++)
		buf_printf(&names, "%s%s", names.len > 0 ? ", " : "one of ", (*module)->id);
	refuse(inquiry, "module", names.p != NULL ? names.p : "a module");
}

void
route_ask(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	struct str module = inquiry_query(inquiry, "module");
	struct ocpi_id from, to;

	if (!read_id(inquiry, "from", &from) || !read_id(inquiry, "to", &to))
		return;
	if (module.p == NULL || ocpi_module_find(hub_modules(hub), module) == NULL) {
		refuse_module(inquiry);
		return;
	}
	route_explain(hub, &from, &to, module, &inquiry->text);
	inquiry_json(inquiry, 200);
}
