/* sandboxes: simulated counterparts of platforms, begun and ended by the operator. */
#include "inside.h"

#include "roamhub/sandbox.h"

/* Where it is in this machine is no business of a guest's. */
static json_t *
sandbox_tree(const struct inquiry *inquiry, const struct hub_sandbox *sandbox)
{
	json_t *object = tree_object();
	char party[OCPI_ID_TEXT];

	tree_set_number(object, "platform", sandbox->owner);
	tree_set_number(object, "sandbox_platform", sandbox->platform);
	if (sandbox->party.country[0] != '\0')
		tree_set_text(object, "party", ocpi_id_text(&sandbox->party, party));
	tree_set_text(object, "role", ocpi_role_name(sandbox->role));
	tree_set_text(object, "status", sandbox->state);
	if (sandbox->port != 0 && inquiry->guest == NULL) {
		tree_set_number(object, "pid", sandbox->pid);
		tree_set_number(object, "port", sandbox->port);
	}
	tree_set_number(object, "ends", sandbox->deaths);
	if (sandbox->why[0] != '\0')
		tree_set_text(object, "why", sandbox->why);
	return object;
}

void
sandboxes_list(struct inquiry *inquiry)
{
	struct hub_sandbox at = { 0 };
	json_t *list = tree_list();

	while (sandbox_each(inquiry->admin->hub, &at))
		if (inquiry->guest == NULL || at.owner == inquiry->id)
			tree_add(list, sandbox_tree(inquiry, &at));
	inquiry_json(inquiry, 200, list);
}

static struct hub *
begin(struct inquiry *inquiry, const char *action)
{
	inquiry->action = action;
	inquiry_wait(inquiry);
	return inquiry->admin->hub;
}

/* ---- start ---- */

static void
started(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct inquiry *inquiry = ctx;
	struct hub_sandbox at = { 0 };

	(void)token;
	if (!inquiry_acted(inquiry, err, fault, "platform", inquiry->id))
		return;
	while (sandbox_each(inquiry->admin->hub, &at))
		if (at.platform == platform) {
			inquiry_json(inquiry, 201, sandbox_tree(inquiry, &at));
			return;
		}
	inquiry_refuse(inquiry, 409, "sandbox: it was stopped meanwhile");
}

static bool
read_role(struct inquiry *inquiry, struct str text, enum ocpi_role *role)
{
	if (ocpi_role_parse(text, role) && (*role == ROLE_CPO || *role == ROLE_EMSP))
		return true;
	return inquiry_bad(inquiry, "role", "expected CPO or EMSP");
}

void
sandboxes_start(struct inquiry *inquiry)
{
	enum ocpi_role role;

	if (platform_present(inquiry) != NULL &&
	        read_role(inquiry, asked_member(inquiry, "role"), &role))
		sandbox_start(begin(inquiry, "sandbox start"), inquiry->id, role, started, inquiry);
}

/* ---- stop ---- */

struct stopping {
	unsigned left, gone;
	struct fault fault;
};

static void
all_stopped(struct inquiry *inquiry)
{
	const struct stopping *stopping = inquiry->work;
	json_t *object;

	if (!inquiry_acted(inquiry, stopping->fault.err, &stopping->fault, "platform", inquiry->id))
		return;
	object = tree_object();
	tree_set_number(object, "platform", inquiry->id);
	tree_set_number(object, "stopped", stopping->gone);
	inquiry_json(inquiry, 200, object);
}

static void
stopped(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct inquiry *inquiry = ctx;
	struct stopping *stopping = inquiry->work;

	(void)platform, (void)token;
	stopping->left--;
	stopping->gone += err == RH_OK;
	if (err != RH_OK)
		stopping->fault = *fault;
	if (stopping->left == 0)
		all_stopped(inquiry);
}

/** Of the platform, in the role that is asked for or in any. */
static unsigned
find_roles(const struct inquiry *inquiry, enum ocpi_role wanted, enum ocpi_role roles[2])
{
	struct hub_sandbox at = { 0 };
	unsigned count = 0;

	while (sandbox_each(inquiry->admin->hub, &at))
		if (at.owner == inquiry->id && (wanted == ROLE_NONE || at.role == wanted))
			roles[count++] = at.role;
	return count;
}

void
sandboxes_stop(struct inquiry *inquiry)
{
	struct str text = asked_query(inquiry, "role");
	enum ocpi_role wanted = ROLE_NONE, roles[2] = { ROLE_NONE };
	struct stopping *stopping = arena_alloc(inquiry->arena, sizeof *stopping);
	unsigned count;
	struct hub *hub;

	if (text.p != NULL && !read_role(inquiry, text, &wanted))
		return;
	count = find_roles(inquiry, wanted, roles);
	if (count == 0) {
		inquiry_refuse(inquiry, 404, "sandbox: the platform has none");
		return;
	}
	inquiry->work = stopping;
	stopping->left = count;
	hub = begin(inquiry, "sandbox stop");
	for (unsigned i = 0; i < count; i++)
		sandbox_stop(hub, inquiry->id, roles[i], stopped, inquiry);
}
