/* party_verbs: parties that go from one platform to another: free to be registered elsewhere, and
 * then what was addressed to them handed over. */
#include "inside.h"

static struct hub *
begin(struct inquiry *inquiry, const char *action)
{
	inquiry->action = action;
	inquiry_wait(inquiry);
	return inquiry->admin->hub;
}

static void
set_party(json_t *object, const struct inquiry *inquiry)
{
	const struct ocpi_id *id = inquiry->work;
	char text[OCPI_ID_TEXT];

	tree_set_text(object, "party", ocpi_id_key(id, text));
}

/** The platform that has it. */
json_t *
party_view(const struct inquiry *inquiry, int64_t id)
{
	struct ocpi_id party;
	const struct party *found = NULL;
	json_t *object = tree_object();

	(void)id;
	if (ocpi_id_parse(asked_member(inquiry, "party"), &party))
		found = directory_party(hub_directory(inquiry->admin->hub), &party);
	tree_set(object, "platform",
	        found != NULL ? json_integer(found->platform->id) : json_null());
	return object;
}

static bool
read_party(struct inquiry *inquiry)
{
	struct ocpi_id *id = arena_alloc(inquiry->arena, sizeof *id);

	inquiry->work = id;
	return asked_party(inquiry, "party", asked_member(inquiry, "party"), id);
}

/* ---- release ---- */

static void
released(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct inquiry *inquiry = ctx;
	json_t *object;

	(void)token;
	if (!inquiry_acted(inquiry, err, fault, "platform", platform))
		return;
	object = tree_object();
	set_party(object, inquiry);
	tree_set_number(object, "platform", platform);
	inquiry_json(inquiry, 200, object);
}

void
parties_release(struct inquiry *inquiry)
{
	if (read_party(inquiry))
		registry_release(begin(inquiry, "party release"), inquiry->work, released, inquiry);
}

/* ---- move ---- */

static bool
read_platform(struct inquiry *inquiry, const char *name, int64_t *id)
{
	*id = json_integer_value(json_object_get(inquiry->body, name));
	return *id > 0 || inquiry_bad(inquiry, name, "expected the id of a platform");
}

static void
moved(void *ctx, enum rh_err err, const struct fault *fault, int64_t to, struct str token)
{
	struct inquiry *inquiry = ctx;
	json_t *object;

	(void)token;
	if (!inquiry_acted(inquiry, err, fault, "platform", to))
		return;
	object = tree_object();
	set_party(object, inquiry);
	tree_set_number(object, "from_platform",
	        json_integer_value(json_object_get(inquiry->body, "from")));
	tree_set_number(object, "to_platform", to);
	inquiry_json(inquiry, 200, object);
}

void
parties_move(struct inquiry *inquiry)
{
	int64_t from, to;

	if (read_party(inquiry) && read_platform(inquiry, "from", &from) &&
	        read_platform(inquiry, "to", &to))
		registry_move(
		        begin(inquiry, "party move"), inquiry->work, from, to, moved, inquiry);
}
