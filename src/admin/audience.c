/* audience: who is told when the status of a platform changes: those that list a Receiver interface
 * of hubclientinfo and may see one of its parties. All others see it when they ask. */
#include "inside.h"

enum { MOST_NAMED = 20 };

static bool
hears(const struct hub *hub, const struct platform *listener, const struct party *party)
{
	struct store_object object = { .key = { .module = STR("hubclientinfo") } };
	char owner[OCPI_ID_TEXT];

	object.key.owner = str_of(ocpi_id_key(&party->id, owner));
	object.key.id = str_of(ocpi_role_name(party->role));
	return hub_requests(hub, listener, &object) > 0;
}

static bool
is_told(const struct hub *hub, const struct platform *listener, const struct platform *platform)
{
	if (listener->removed || listener->state != STATE_CONNECTED || listener == platform)
		return false;
	for (size_t i = 0; i < platform->party_count; i++)
		if (hears(hub, listener, &platform->parties[i]))
			return true;
	return false;
}

static json_t *
name_tree(const struct platform *platform)
{
	json_t *object = tree_object();

	tree_set_number(object, "platform", platform->id);
	tree_set_str(object, "name", platform->name);
	return object;
}

json_t *
audience_tree(const struct admin *admin, const struct platform *platform)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms);
	json_t *object = tree_object(), *list = tree_list();
	uint64_t told = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_told(admin->hub, &platforms[i], platform))
			continue;
		told++;
		if (json_array_size(list) < MOST_NAMED)
			tree_add(list, name_tree(&platforms[i]));
	}
	tree_set_count(object, "count", told);
	tree_set(object, "platforms", list);
	return object;
}
