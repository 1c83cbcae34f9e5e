/* config_modules: versions, version details and hubclientinfo of a platform. */
#include "platform.h"

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
	struct str rest = str_of(exchange->platform->versions);
	json_t *data = json_array();

	if (!is_get(exchange)) {
		json_decref(data);
		return;
	}
	while (rest.p != NULL) {
		struct str version = str_cut(&rest, ' ');

		json_array_append_new(
		        data, json_pack("{s:s%, s:o}", "version", version.p, version.len, "url",
		                      json_sprintf("%s/ocpi/%.*s", exchange->platform->base,
		                              STR_ARG(version))));
	}
	answer(exchange, 200, 1000, "Success", data);
}

static void
add_endpoint(json_t *endpoints, const struct platform *platform, const char *module,
        const char *role, const char *path)
{
	json_array_append_new(endpoints,
	        json_pack("{s:s, s:s, s:o}", "identifier", module, "role", role, "url",
	                json_sprintf("%s/ocpi/2.2.1/%s%s", platform->base, path, module)));
}

static void
add_module(json_t *endpoints, const struct platform *platform, const char *module)
{
	if (platform_has(platform, module, IFACE_SENDER))
		add_endpoint(endpoints, platform, module, "SENDER", "sender/");
	if (platform_has(platform, module, IFACE_RECEIVER))
		add_endpoint(endpoints, platform, module, "RECEIVER", "receiver/");
}

void
details_serve(struct exchange *exchange)
{
	const struct platform *platform = exchange->platform;
	json_t *endpoints;

	if (!is_get(exchange))
		return;
	if (!str_is(exchange->rest, "2.2.1")) {
		answer(exchange, 404, 2000, "this version is not offered", NULL);
		return;
	}
	endpoints = json_array();
	add_endpoint(endpoints, platform, "credentials", "SENDER", "");
	for (size_t i = 0; ocpi_modules[i] != NULL; i++)
		add_module(endpoints, platform, ocpi_modules[i]->id);
	add_module(endpoints, platform, "hubclientinfo");
	answer(exchange, 200, 1000, "Success",
	        json_pack("{s:s, s:o}", "version", "2.2.1", "endpoints", endpoints));
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
		bool created = shelf_put(exchange->platform->shelf, &key, NULL, exchange->body) ==
		               SHELF_CREATED;

		answer(exchange, created ? 201 : 200, 1000, "Success", NULL);
	} else {
		info = shelf_get(exchange->platform->shelf, &key, NULL);
		answer(exchange, info == NULL ? 404 : 200, info == NULL ? 2003 : 1000,
		        info == NULL ? "party is not known" : "Success", json_incref(info));
	}
}
