/* context: what every file of the hub asks of it. */
#include "context.h"

#include <ctype.h>
#include <stdio.h>

const struct settings *
hub_settings(const struct hub *hub)
{
	return atomic_load_explicit(&hub->settings, memory_order_acquire);
}

const struct ocpi_module *const *
hub_modules(const struct hub *hub)
{
	return hub->modules;
}

struct net_loop *
hub_loop(struct hub *hub)
{
	return hub->loop;
}

struct store *
hub_store(struct hub *hub)
{
	return hub->store;
}

const char *
hub_about(const struct hub *hub)
{
	return hub->about;
}

struct store_lease
hub_lease(const struct hub *hub)
{
	return store_lease(hub->store);
}

struct store_session *
hub_session(struct hub *hub)
{
	return hub->session;
}

void
hub_digest(const struct hub *hub, struct str text, uint8_t out[RH_DIGEST_BYTES])
{
	rh_digest(hub->digest_key, text, out);
}

const struct net_ranges *
hub_proxies(const struct hub *hub)
{
	return hub->proxies;
}

const char *
hub_url(const struct hub *hub)
{
	return hub->url;
}

struct str
hub_link(const struct hub *hub, const char *path, struct arena *arena)
{
	return arena_printf(arena, "%s/ocpi/%s", hub->url, path);
}

struct str
hub_result_id(struct str id, struct arena *arena)
{
	return arena_printf(arena, "%.*s/result", STR_ARG(id));
}

const char *
hub_address(const struct hub *hub)
{
	return hub->address;
}

const char *
hub_admin_address(const struct hub *hub)
{
	return hub->admin_address;
}

int64_t
hub_head(const struct hub *hub)
{
	return atomic_load(&hub->head);
}

int64_t
hub_stop_by_ms(const struct hub *hub)
{
	return hub->stop_by_ms;
}

int
hub_exit_status(const struct hub *hub)
{
	return hub->exit_status;
}

void
hub_own_roles(const struct hub *hub, struct buf *json)
{
	buf_add(json, STR("[{\"role\":\"HUB\",\"business_details\":{\"name\":"));
	json_quote(json, str_of(hub_settings(hub)->name));
	buf_add(json, STR("},\"party_id\":"));
	json_quote(json, str_of(hub->id.party));
	buf_add(json, STR(",\"country_code\":"));
	json_quote(json, str_of(hub->id.country));
	buf_add(json, STR("}]"));
}

/* ---- what platforms are told of the hub: version_information_endpoint.asciidoc ---- */

void
hub_versions_write(const struct hub *hub, struct buf *json)
{
	struct str url = hub_link(hub, OCPI_VERSION, json->arena);

	buf_printf(json, "[{\"version\":\"" OCPI_VERSION "\",\"url\":\"%.*s\"}]", STR_ARG(url));
}

struct details {
	struct buf *json;
	struct str base;
	const char *slash; /* behind each URL */
};

static void
add_endpoint(const struct details *details, const char *module, const char *role, const char *path)
{
	struct buf *json = details->json;

	buf_printf(json, "%s{\"identifier\":\"%s\",\"role\":\"%s\",\"url\":\"%.*s/%s%s%s\"}",
	        json->p[json->len - 1] == '[' ? "" : ",", module, role, STR_ARG(details->base),
	        path, module, details->slash);
}

bool
hub_is_custom(const struct hub *hub, struct str name)
{
	if (name.len == 0 || name.len > CUSTOM_NAME || str_is(name, "credentials") ||
	        str_is(name, "hubclientinfo") || ocpi_module_find(hub->modules, name) != NULL)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '-' && name.p[i] != '_')
			return false;
	return true;
}

/* It may list one for both of its interfaces. */
static bool
was_listed(const struct platform *reader, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(reader->endpoints[i].module, reader->endpoints[at].module))
			return true;
	return false;
}

/* VER-015: a custom module is shown to those who list it themselves. */
static void
add_custom(const struct hub *hub, const struct details *details, const struct platform *reader)
{
	size_t count = 0;

	for (size_t i = 0; i < reader->endpoint_count && count < CUSTOM_MOST; i++) {
		const char *name = reader->endpoints[i].module.p;

		if (!hub_is_custom(hub, reader->endpoints[i].module) || was_listed(reader, i))
			continue;
		add_endpoint(details, name, "SENDER", "sender/");
		add_endpoint(details, name, "RECEIVER", "receiver/");
		count++;
	}
}

void
hub_details_write(
        const struct hub *hub, const struct platform *reader, hub_shows_fn shows, struct buf *json)
{
	const struct details details = { json, hub_link(hub, OCPI_VERSION, json->arena),
		reader != NULL && reader->endpoint_slash ? "/" : "" };

	buf_add(json, STR("{\"version\":\"" OCPI_VERSION "\",\"endpoints\":["));
	add_endpoint(&details, "credentials", "SENDER", ""); /* VER-006: once */
	add_endpoint(&details, "hubclientinfo", "SENDER", "");
	for (size_t i = 0; hub->modules[i] != NULL; i++) {
		const struct ocpi_module *module = hub->modules[i];

		if (shows == NULL || shows(reader, module, IFACE_SENDER))
			add_endpoint(&details, module->id, "SENDER", "sender/");
		if (shows == NULL || shows(reader, module, IFACE_RECEIVER))
			add_endpoint(&details, module->id, "RECEIVER", "receiver/");
	}
	if (reader != NULL)
		add_custom(hub, &details, reader);
	buf_add(json, STR("]}"));
}

void
hub_told(const struct hub *hub, const uint8_t key[RH_KEY_BYTES], char told[HUB_TOLD_BYTES])
{
	struct arena *arena = arena_new(4096);
	struct buf text = { .arena = arena };
	uint8_t digest[RH_DIGEST_BYTES];

	buf_add(&text, hub_link(hub, "versions", arena));
	hub_versions_write(hub, &text);
	/* what all may be shown: who is shown less has not to be told when roles change */
	hub_details_write(hub, NULL, NULL, &text);
	rh_digest(key, buf_str(&text), digest);
	for (size_t i = 0; 2 * i + 1 < HUB_TOLD_BYTES; i++)
		(void)snprintf(told + 2 * i, 3, "%02x", digest[i]);
	arena_free(arena);
}

void
hub_note_told(struct hub *hub)
{
	hub_told(hub, hub->digest_key, hub->told);
}
