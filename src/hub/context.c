/* context: what every file of the hub asks of it. */
#include "context.h"

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

int
hub_admin_listener(struct hub *hub)
{
	int fd = hub->admin_listener;

	hub->admin_listener = -1;
	return fd;
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
