/* modules: what a platform does with requests on its modules: who serves what, and the objects of
 * others. Paths and methods come from the module tables; what is left is to keep and to merge. */
#include "own.h"

#include <string.h>

enum { FIRST_SEGMENT = 4 }; /* behind /ocpi/2.2.1/sender/locations */

/* ---- which object ---- */

static bool
key_of(struct exchange *exchange, struct shelf_key *key, struct shelf_place *place)
{
	const struct ocpi_matched *matched = &exchange->matched;

	*key = (struct shelf_key){
		.module = exchange->module, .id = matched->id, .type = token_type(exchange)
	};
	*place = (struct shelf_place){ matched->evse, matched->connector };
	return ocpi_id_make(matched->cc, matched->party, &key->owner);
}

/** Is member @name of the body, when it is there, @value in any case? */
static bool
body_agrees(const struct exchange *exchange, const char *name, struct str value)
{
	const json_t *member = json_object_get(exchange->body, name);

	return member == NULL || value.p == NULL ||
	       str_ieq(str_of(json_string_value(member)), value);
}

/** What is wrong with the body of a PUT or PATCH; NULL: nothing that we look at. */
static const char *
body_wrong(const struct exchange *exchange)
{
	const struct ocpi_matched *matched = &exchange->matched;
	bool token = strcmp(exchange->module, "tokens") == 0;

	if (!json_is_object(exchange->body))
		return "a JSON object is expected";
	if (json_object_get(exchange->body, "last_updated") == NULL &&
	        matched->connector.p == NULL && str_is(exchange->request->method, "PATCH"))
		return "last_updated is missing";
	if (matched->connector.p != NULL)
		return body_agrees(exchange, "id", matched->connector) ? NULL
		                                                       : "id differs from the URL";
	if (matched->evse.p != NULL)
		return body_agrees(exchange, "uid", matched->evse) ? NULL
		                                                   : "uid differs from the URL";
	if (!body_agrees(exchange, token ? "uid" : "id", matched->id))
		return "id differs from the URL";
	if (!body_agrees(exchange, "country_code", matched->cc) ||
	        !body_agrees(exchange, "party_id", matched->party))
		return "country_code or party_id differs from the URL";
	return NULL;
}

/* ---- Receiver interfaces: objects of others ---- */

static void
object_get(struct exchange *exchange)
{
	struct shelf_key key;
	struct shelf_place place;
	json_t *object = NULL;

	if (key_of(exchange, &key, &place))
		object = shelf_get(exchange->actor->shelf, &key, &place);
	if (object == NULL)
		answer(exchange, 404, 2003, "object is not known", NULL);
	else
		answer(exchange, 200, 1000, "Success", json_incref(object));
}

static bool
has_room(const struct actor *actor)
{
	return actor->life == NULL || actor->life->has_room(actor);
}

static void
object_put(struct exchange *exchange)
{
	const char *wrong = body_wrong(exchange);
	struct shelf_key key;
	struct shelf_place place;

	if (wrong == NULL && !key_of(exchange, &key, &place))
		wrong = "country_code or party_id in the URL is none";
	if (wrong != NULL) {
		answer(exchange, 200, 2001, wrong, NULL);
		return;
	}
	if (!has_room(exchange->actor)) {
		answer(exchange, 200, 1000, "Success, and forgotten: there is no more room", NULL);
		return;
	}
	if (exchange->actor->life != NULL)
		exchange->actor->life->object(exchange);
	switch (shelf_put(exchange->actor->shelf, &key, &place, exchange->body)) {
	case SHELF_CREATED:
		answer(exchange, 201, 1000, "Success", NULL);
		break;
	case SHELF_REPLACED:
		answer(exchange, 200, 1000, "Success", NULL);
		break;
	case SHELF_NO_PARENT:
		answer(exchange, 404, 2003, "the location or EVSE around it is not known", NULL);
	}
}

static void
object_patch(struct exchange *exchange)
{
	const char *wrong = body_wrong(exchange);
	struct shelf_key key;
	struct shelf_place place;

	if (wrong != NULL)
		answer(exchange, 200, 2001, wrong, NULL);
	else if (key_of(exchange, &key, &place) &&
	         shelf_patch(exchange->actor->shelf, &key, &place, exchange->body))
		answer(exchange, 200, 1000, "Success", NULL);
	else
		answer(exchange, 404, 2003, "object is not known", NULL);
}

static void
object_delete(struct exchange *exchange)
{
	struct shelf_key key;
	struct shelf_place place;

	if (key_of(exchange, &key, &place) && shelf_remove(exchange->actor->shelf, &key))
		answer(exchange, 200, 1000, "Success", NULL);
	else
		answer(exchange, 404, 2003, "object is not known", NULL);
}

/* ---- CDRs: posted, and found again by the Location of the answer ---- */

static void
cdr_post(struct exchange *exchange)
{
	struct str cc = str_of(json_string_value(json_object_get(exchange->body, "country_code")));
	struct str party = str_of(json_string_value(json_object_get(exchange->body, "party_id")));
	struct shelf_key key = { .module = "cdrs",
		.id = str_of(json_string_value(json_object_get(exchange->body, "id"))) };
	struct str path;

	if (key.id.p == NULL || !ocpi_id_make(cc, party, &key.owner)) {
		answer(exchange, 200, 2001, "country_code, party_id or id is missing", NULL);
		return;
	}
	if (has_room(exchange->actor))
		shelf_put(exchange->actor->shelf, &key, NULL, exchange->body);
	path = arena_printf(exchange->arena, "/cdr/%s/%s/%s", key.owner.country, key.owner.party,
	        ocpi_percent_encode(key.id, exchange->arena).p);
	answer_header(exchange, "Location",
	        exchange->actor->dead_link ? STR("ftp://nowhere.example/cdr")
	                                   : actor_url(exchange->actor, exchange->arena, path.p));
	answer(exchange, 201, 1000, "Success", NULL);
}

void
cdr_serve(struct exchange *exchange)
{
	const struct ocpi_path *path = &exchange->path;
	struct shelf_key key = { .module = "cdrs" };
	json_t *cdr = NULL;

	if (!str_is(exchange->request->method, "GET")) {
		answer_header(exchange, "Allow", STR("GET"));
		answer(exchange, 405, 2000, "method is not allowed here", NULL);
		return;
	}
	if (path->count == 4 && ocpi_id_make(path->decoded[1], path->decoded[2], &key.owner)) {
		key.id = path->decoded[3];
		cdr = shelf_get(exchange->actor->shelf, &key, NULL);
	}
	if (cdr == NULL)
		answer(exchange, 404, 2003, "CDR is not known", NULL);
	else
		answer(exchange, 200, 1000, "Success", json_incref(cdr));
}

/* ---- who does what ---- */

static const struct behaviour {
	const char *module; /* NULL: any */
	enum ocpi_interface interface;
	const char *method; /* NULL: any */
	void (*act)(struct exchange *exchange);
} behaviours[] = {
	{ "commands", IFACE_RECEIVER, NULL, command_serve },
	{ "chargingprofiles", IFACE_RECEIVER, NULL, profile_serve },
	{ "chargingprofiles", IFACE_SENDER, "PUT", profile_update },
	{ "tokens", IFACE_SENDER, "POST", token_authorize },
	{ "sessions", IFACE_SENDER, "PUT", session_preferences },
	{ "cdrs", IFACE_RECEIVER, "POST", cdr_post },
	{ NULL, IFACE_SENDER, "GET", own_get },
	{ NULL, IFACE_RECEIVER, "GET", object_get },
	{ NULL, IFACE_RECEIVER, "PUT", object_put },
	{ NULL, IFACE_RECEIVER, "PATCH", object_patch },
	{ NULL, IFACE_RECEIVER, "DELETE", object_delete },
};

static void
act(struct exchange *exchange)
{
	for (size_t i = 0; i < COUNT(behaviours); i++) {
		const struct behaviour *row = &behaviours[i];

		if (row->module != NULL && strcmp(row->module, exchange->module) != 0)
			continue;
		if (row->interface != exchange->interface)
			continue;
		if (row->method != NULL && !str_is(exchange->request->method, row->method))
			continue;
		row->act(exchange);
		return;
	}
	answer(exchange, 404, 2000, "no such resource", NULL);
}

void
module_serve(struct exchange *exchange, const struct ocpi_module *module)
{
	struct ocpi_matched *matched = &exchange->matched;

	if (exchange->has_to && actor_party(exchange->actor, &exchange->to) == NULL) {
		answer(exchange, 200, 2001, "TO names no party of this platform", NULL);
		return;
	}
	switch (ocpi_route_match(module, exchange->interface, exchange->request->method,
	        &exchange->path, FIRST_SEGMENT, matched)) {
	case MATCH_FOUND:
		act(exchange);
		break;
	case MATCH_NO_METHOD:
		answer_header(exchange, "Allow", str_of(matched->allow));
		answer(exchange, 405, 2000, "method is not allowed here", NULL);
		break;
	case MATCH_NO_PATH:
		answer(exchange, 404, 2000, "no such resource", NULL);
	}
}
