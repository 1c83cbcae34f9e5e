/* keys: paths of a scenario as places on a shelf. Segments are percent-decoded after they were
 * split. */
#include "keys.h"

static struct str
segment(struct story *story, struct str *path)
{
	struct str raw = str_cut(path, '/'), decoded;

	if (raw.len == 0 || !ocpi_percent_decode(raw, false, story->arena, &decoded))
		return (struct str){ 0 };
	return decoded;
}

bool
keys_parse(struct story *story, struct str module, struct str path, struct shelf_key *key,
        struct shelf_place *place, const json_t *object)
{
	struct str query = path, country, party;
	struct ocpi_query_value type;

	path = str_cut(&query, '?');
	*key = (struct shelf_key){ .module = arena_cstr(story->arena, module), .id = STR("") };
	*place = (struct shelf_place){ 0 };
	country = segment(story, &path);
	party = segment(story, &path);
	if (path.p != NULL)
		key->id = segment(story, &path);
	if (path.p != NULL)
		place->evse = segment(story, &path);
	if (path.p != NULL)
		place->connector = segment(story, &path);
	if (ocpi_query_find(query, "type", story->arena, &type))
		key->type = type.decoded;
	else
		key->type = str_of(json_string_value(json_object_get(object, "type")));
	return ocpi_id_make(country, party, &key->owner) && key->id.p != NULL;
}

bool
keys_read(
        struct story *story, struct shelf_key *key, struct shelf_place *place, const json_t *object)
{
	return keys_parse(
	        story, story_arg(story, "MODULE"), story_arg(story, "PATH"), key, place, object);
}
