/* config_modules: versions, version details and hubclientinfo of a platform. */
#include "actor.h"

#include <string.h>

static bool
is_get(struct exchange *exchange)
{
	if (str_is(exchange->request->method, "GET"))
		return true;
	answer_header(exchange, "Allow", STR("GET"));
	answer(exchange, 405, 2000, "method is not allowed here", NULL);
	return false;
}

void
versions_serve(struct exchange *exchange)
{
	struct str rest = str_of(exchange->actor->versions);
	json_t *data = json_array();

	if (!is_get(exchange)) {
		json_decref(data);
		return;
	}
	while (rest.p != NULL) {
		struct str version = str_cut(&rest, ' ');

		json_array_append_new(
		        data, json_pack("{s:s%, s:o}", "version", version.p, version.len, "url",
		                      json_sprintf("%s/ocpi/%.*s", exchange->actor->base,
		                              STR_ARG(version))));
	}
	answer(exchange, 200, 1000, "Success", data);
}

static void
add_endpoint(json_t *endpoints, const struct actor *actor, const char *module, const char *role,
        const char *path)
{
	json_array_append_new(
	        endpoints, json_pack("{s:s, s:s, s:o}", "identifier", module, "role", role, "url",
	                           json_sprintf("%s/ocpi/" OCPI_VERSION "/%s%s%s", actor->base,
	                                   path, module, actor->slash ? "/" : "")));
}

static void
add_module(json_t *endpoints, const struct actor *actor, const char *module)
{
	if (actor_has(actor, module, IFACE_SENDER))
		add_endpoint(endpoints, actor, module, "SENDER", "sender/");
	if (actor_has(actor, module, IFACE_RECEIVER))
		add_endpoint(endpoints, actor, module, "RECEIVER", "receiver/");
}

void
details_serve(struct exchange *exchange)
{
	const struct actor *actor = exchange->actor;
	json_t *endpoints;

	if (!is_get(exchange))
		return;
	if (!str_is(exchange->rest, OCPI_VERSION)) {
		answer(exchange, 404, 2000, "this version is not offered", NULL);
		return;
	}
	endpoints = json_array();
	add_endpoint(endpoints, actor, "credentials", "SENDER", "");
	for (size_t i = 0; ocpi_modules[i] != NULL; i++)
		add_module(endpoints, actor, ocpi_modules[i]->id);
	add_module(endpoints, actor, "hubclientinfo");
	answer(exchange, 200, 1000, "Success",
	        json_pack("{s:s, s:o}", "version", OCPI_VERSION, "endpoints", endpoints));
}

/** Receiver: GET and PUT of a ClientInfo under /{country_code}/{party_id}. */
void
clientinfo_serve(struct exchange *exchange)
{
	const struct ocpi_path *path = &exchange->path;
	struct shelf_key key = { .module = "hubclientinfo", .id = STR("") };
	bool put = str_is(exchange->request->method, "PUT");
	json_t *info;

	if (!put && !is_get(exchange))
		return;
	if (path->count != 6 || !ocpi_id_make(path->decoded[4], path->decoded[5], &key.owner)) {
		answer(exchange, 404, 2000, "no such resource", NULL);
	} else if (put && !json_is_object(exchange->body)) {
		answer(exchange, 200, 2001, "a ClientInfo object is expected", NULL);
	} else if (put) {
		bool created = shelf_put(exchange->actor->shelf, &key, NULL, exchange->body) ==
		               SHELF_CREATED;

		answer(exchange, created ? 201 : 200, 1000, "Success", NULL);
	} else {
		info = shelf_get(exchange->actor->shelf, &key, NULL);
		answer(exchange, info == NULL ? 404 : 200, info == NULL ? 2003 : 1000,
		        info == NULL ? "party is not known" : "Success", json_incref(info));
	}
}
