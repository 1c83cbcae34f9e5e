/* links: a partner's way into the portal, made and taken back by the operator. Of what stands in it
 * the digest is kept alone, under the platform's number, so that there is one of each. */
#include "portal.h"

#include "roamhub/portal.h"

#include "session.h"

enum { DAYS = 14, MOST_DAYS = 365, DAY_MS = 24 * 3600 * 1000 };

struct str
portal_link_key(int64_t platform, struct arena *arena)
{
	return arena_printf(arena, "portal/%lld", (long long)platform);
}

bool
portal_link_read(struct str value, struct portal_link *out)
{
	CLEANUP(tree_drop) json_t *tree = tree_read(value, NULL);

	*out = (struct portal_link){ 0 };
	if (!named_digest_read(tree_get_str(tree, "digest"), out->digest))
		return false;
	out->expires_ms = json_integer_value(json_object_get(tree, "expires_ms"));
	return out->expires_ms > 0;
}

bool
portal_link_parse(struct str text, int64_t *platform)
{
	struct str secret = text, id = str_cut(&secret, '-');
	uint64_t number;

	*platform = 0;
	if (!str_to_u64(id, INT32_MAX, &number) || number == 0 || secret.len != LINK_CHARS)
		return false;
	*platform = (int64_t)number;
	return true;
}

static struct str
link_text(const struct portal_link *link, struct arena *arena)
{
	struct buf text = { .arena = arena };

	json_put_object(&text, NULL);
	if (link->expires_ms != 0)
		json_put_text(&text, "digest", named_digest_text(link->digest, arena));
	json_put_number(&text, "expires_ms", link->expires_ms);
	json_end_object(&text);
	return buf_str(&text);
}

/* ---- the operator's verbs ---- */

struct making {
	struct portal_link link;
	struct str url; /* absent: it is taken back */
};

static void
kept(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	const struct making *making = inquiry->work;
	struct fault fault;
	json_t *object;

	if (op->err == RH_OK && inquiry->admin->portal != NULL)
		guest_link(inquiry->admin->portal, inquiry->id, &making->link);
	(void)fault_set(&fault, op->err, "", "%s", op->why);
	if (!inquiry_acted(inquiry, op->err, &fault, "platform", inquiry->id))
		return;
	object = tree_object();
	tree_set_number(object, "platform", inquiry->id);
	tree_set_str(object, "url", making->url);
	tree_set_time(object, "expires", making->link.expires_ms);
	inquiry_json(inquiry, making->url.p != NULL ? 201 : 200, object);
}

static void
keep(struct inquiry *inquiry, const char *action, struct making *making)
{
	inquiry->action = action;
	inquiry->work = making;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.meta.key = portal_link_key(inquiry->id, inquiry->arena);
	inquiry->op.u.meta.value = link_text(&making->link, inquiry->arena);
	inquiry_store(inquiry, STORE_META_PUT, kept);
}

static bool
read_days(struct inquiry *inquiry, int64_t *days)
{
	const json_t *node = json_object_get(inquiry->body, "days");

	*days = node != NULL ? json_integer_value(node) : DAYS;
	return (*days > 0 && *days <= MOST_DAYS) ||
	       inquiry_bad(inquiry, "days", "expected 1 to %d", MOST_DAYS);
}

void
platforms_portal(struct inquiry *inquiry)
{
	struct making *making = arena_alloc(inquiry->arena, sizeof *making);
	const struct platform *platform = platform_present(inquiry);
	char secret[LINK_CHARS + 1];
	struct str token;
	int64_t days;

	if (platform == NULL || !read_days(inquiry, &days))
		return;
	if (platform->sandbox_of != 0) {
		(void)inquiry_bad(inquiry, "platform", "is simulated, expected a partner's");
		return;
	}
	if (inquiry->admin->portal == NULL) {
		inquiry_refuse(inquiry, 409, "there is no portal: portal.listen is not set");
		return;
	}
	rh_random_text(secret, LINK_CHARS);
	token = arena_printf(inquiry->arena, "%lld-%s", (long long)inquiry->id, secret);
	rh_wipe(secret, sizeof secret);
	hub_digest(inquiry->admin->hub, token, making->link.digest);
	making->link.expires_ms = rh_schedule_ms() + days * DAY_MS;
	making->url = arena_printf(
	        inquiry->arena, "%s/p/%.*s", inquiry->admin->portal->origin, STR_ARG(token));
	keep(inquiry, "portal", making);
}

void
platforms_portal_end(struct inquiry *inquiry)
{
	if (platform_of(inquiry) != NULL)
		keep(inquiry, "portal revoke", arena_alloc(inquiry->arena, sizeof(struct making)));
}

static void
shown(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct portal_link link = { 0 };
	struct fault fault;
	json_t *object;

	if (!inquiry_resume(inquiry))
		return;
	if (op->err != RH_OK && op->err != RH_NOT_FOUND) {
		(void)fault_set(&fault, op->err, "", "%s", op->why);
		inquiry_fail(inquiry, &fault);
		return;
	}
	if (op->err == RH_OK)
		(void)portal_link_read(op->u.meta.value, &link);
	object = tree_object();
	tree_set_number(object, "platform", inquiry->id);
	tree_set_text(object, "url", NULL);
	tree_set_time(object, "expires", link.expires_ms);
	inquiry_json(inquiry, 200, object);
}

void
platforms_portal_show(struct inquiry *inquiry)
{
	if (platform_present(inquiry) == NULL)
		return;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.meta.key = portal_link_key(inquiry->id, inquiry->arena);
	inquiry_store(inquiry, STORE_META_GET, shown);
}

/* ---- where other processes may change it ---- */

struct looking {
	void (*then)(struct inquiry *inquiry);
	uint64_t changes; /* of links, when it began to read this one */
};

static void read_link(struct inquiry *inquiry);

static void
take_link(struct inquiry *inquiry, const struct portal_link *link)
{
	const struct looking *looking = inquiry->work;
	const struct portal_link *known = &inquiry->guest->link;

	if (link->expires_ms != known->expires_ms ||
	        !rh_same_bytes(link->digest, known->digest, sizeof link->digest))
		guest_link(inquiry->admin->portal, inquiry->guest->platform, link);
	if (session_of(inquiry) == NULL) {
		inquiry_refuse(inquiry, 401, LINK_WANTED);
		return;
	}
	inquiry->work = NULL;
	inquiry->op = (struct store_op){ .arena = inquiry->arena };
	looking->then(inquiry);
}

static void
link_read(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	const struct looking *looking = inquiry->work;
	struct portal_link link = { 0 };
	struct fault fault;

	if (!inquiry_resume(inquiry))
		return;
	if (looking->changes != inquiry->admin->portal->changes) {
		read_link(inquiry);
		return;
	}
	if (op->err == RH_OK)
		(void)portal_link_read(op->u.meta.value, &link);
	if (op->err == RH_OK || op->err == RH_NOT_FOUND) {
		take_link(inquiry, &link);
		return;
	}
	(void)fault_set(&fault, op->err, "", "%s", op->why);
	inquiry_fail(inquiry, &fault);
}

static void
read_link(struct inquiry *inquiry)
{
	struct looking *looking = inquiry->work;

	looking->changes = inquiry->admin->portal->changes;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.meta.key = portal_link_key(inquiry->guest->platform, inquiry->arena);
	inquiry_store(inquiry, STORE_META_GET, link_read);
}

void
link_look(struct inquiry *inquiry, void (*then)(struct inquiry *inquiry))
{
	struct looking *looking = arena_alloc(inquiry->arena, sizeof *looking);

	looking->then = then;
	inquiry->work = looking;
	read_link(inquiry);
}
