/* health: alive and ready. */
#include "inside.h"

void
health_alive(struct inquiry *inquiry)
{
	buf_add(&inquiry->text, STR("ok\n"));
	inquiry_answer(inquiry, 200, "text/plain; charset=utf-8");
}

/* ---- ready ---- */

static void
add_check(json_t *list, const char *check, bool ok, int64_t since_ms, const char *detail)
{
	json_t *object = tree_object();

	tree_set_text(object, "check", check);
	tree_set_bool(object, "ok", ok);
	tree_set_time(object, "since", since_ms);
	tree_set_text(object, "detail", detail);
	tree_add(list, object);
}

static void
answer_ready(struct inquiry *inquiry)
{
	const struct admin *admin = inquiry->admin;
	const struct pulse *pulse = &admin->pulse;
	struct hub_passive passive = hub_passive(admin->hub);
	struct store_lease lease = hub_lease(admin->hub);
	bool leads = lease.left_ms >= HUB_LEASE_LEAST_MS;
	json_t *list = tree_list();

	add_check(list, "store", pulse->ok, pulse->since_ms, pulse->why);
	add_check(list, "accepting", !admin->stopping,
	        admin->stopping ? admin->stopping_since_ms : admin->started_ms,
	        admin->stopping ? "draining: the hub is stopping" : "takes requests");
	if (passive.is)
		add_check(list, "calls", false, passive.since_ms, PASSIVE_DETAIL);
	if (!leads)
		add_check(list, "lease", false, rh_wall_ms() + lease.left_ms, LEASE_DETAIL);
	inquiry_json(
	        inquiry, pulse->ok && !admin->stopping && !passive.is && leads ? 200 : 503, list);
}

void
health_ready(struct inquiry *inquiry)
{
	pulse_ask(inquiry, answer_ready);
}
