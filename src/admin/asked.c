/* asked: what a request says, by query parameter and by member of its body. Who asks with something
 * else than was expected is told so: a false needs nothing more. */
#include "inside.h"

enum { NS_PER_MS = 1000000, DATE_LEN = 10 };

struct str
asked_query(struct inquiry *inquiry, const char *name)
{
	struct ocpi_query_value value;

	if (!ocpi_query_find(inquiry->path.query, name, inquiry->arena, &value))
		return (struct str){ 0 };
	return value.decoded;
}

struct str
asked_member(const struct inquiry *inquiry, const char *name)
{
	return tree_get_str(inquiry->body, name);
}

bool
asked_text(struct inquiry *inquiry, const char *name, struct str *out)
{
	const json_t *node = json_object_get(inquiry->body, name);

	*out = asked_member(inquiry, name);
	if (node == NULL || out->p != NULL || json_is_null(node))
		return true;
	return inquiry_bad(inquiry, name, "expected a string");
}

bool
asked_flag(struct inquiry *inquiry, const char *name, bool *out)
{
	const json_t *node = json_object_get(inquiry->body, name);

	*out = json_is_true(node);
	if (node == NULL || json_is_boolean(node))
		return true;
	return inquiry_bad(inquiry, name, "expected true or false");
}

bool
asked_time(struct inquiry *inquiry, const char *name, struct str text, int64_t *out_ms)
{
	int64_t ns;

	*out_ms = 0;
	if (text.p == NULL)
		return true;
	if (text.len == DATE_LEN)
		text = arena_printf(inquiry->arena, "%.*sT00:00:00Z", STR_ARG(text));
	if (!ocpi_datetime_parse(text, &ns) || ns <= 0)
		return inquiry_bad(inquiry, name,
		        "expected a date such as 2026-11-23, or 2026-11-23T08:00:00Z");
	*out_ms = ns / NS_PER_MS;
	return true;
}

bool
asked_party(struct inquiry *inquiry, const char *name, struct str text, struct ocpi_id *id)
{
	if (text.p != NULL && ocpi_id_parse(text, id))
		return true;
	return inquiry_bad(inquiry, name, "expected CC*PID, for example DE*ABC");
}

bool
asked_object(struct inquiry *inquiry, const char *name, struct str text, struct store_key *key)
{
	struct str id = text, module = str_cut(&id, '/'), party = str_cut(&id, '/');
	struct ocpi_id owner;
	char upper[OCPI_ID_TEXT];

	if (text.p == NULL)
		return true;
	if (module.len == 0 || id.len == 0 || !ocpi_id_parse(party, &owner))
		return inquiry_bad(inquiry, name, "expected MODULE/CC*PID/ID");
	key->module = module;
	key->owner = arena_str(inquiry->arena, str_of(ocpi_id_key(&owner, upper)));
	key->id = arena_upper(inquiry->arena, id);
	return true;
}
