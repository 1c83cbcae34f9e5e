/* view: how one platform is shown, wherever an answer has it. */
#include "inside.h"

const char *
platform_status(const struct platform *platform)
{
	return platform->removed ? "REMOVED" : state_name((int)platform_state(platform));
}

static void
write_party(const struct party *party, struct buf *json)
{
	put_open(json, NULL, '{');
	put_word(json, "country_code", party->id.country);
	put_word(json, "party_id", party->id.party);
	put_word(json, "role", ocpi_role_name(party->role));
	put_word(json, "status", state_name((int)party_state(party)));
	put_time(json, "last_updated", party->last_updated_ms);
	buf_addc(json, '}');
}

void
platform_write_roles(const struct platform *platform, const char *key, struct buf *json)
{
	put_open(json, key, '[');
	for (size_t i = 0; i < platform->party_count; i++)
		write_party(&platform->parties[i], json);
	buf_addc(json, ']');
}

static void
write_endpoints(const struct platform *platform, struct buf *json)
{
	put_open(json, "endpoints", '[');
	for (size_t i = 0; i < platform->endpoint_count; i++) {
		const struct endpoint *endpoint = &platform->endpoints[i];

		put_open(json, NULL, '{');
		put_text(json, "identifier", endpoint->module);
		put_word(json, "role", ocpi_interface_name(endpoint->interface));
		put_text(json, "url", endpoint->url);
		buf_addc(json, '}');
	}
	buf_addc(json, ']');
}

void
platform_write_failure(const struct live *live, struct buf *json)
{
	put_key(json, "last_failure");
	if (live->last_failure_ms == 0) {
		buf_add(json, STR("null"));
		return;
	}
	buf_addc(json, '{');
	put_time(json, "at", live->last_failure_ms);
	put_word(json, "why", live->last_failure);
	buf_addc(json, '}');
}

static void
write_live(const struct live *live, struct buf *json)
{
	put_number(json, "requests", (int64_t)atomic_load(&live->requests));
	put_number(json, "calls", (int64_t)atomic_load(&live->calls));
	put_number(json, "refused", (int64_t)atomic_load(&live->refused));
	put_number(json, "faults", (int64_t)atomic_load(&live->flaws));
	put_number(json, "flights", (int64_t)atomic_load(&live->flights));
	put_number(json, "failures", (int64_t)atomic_load(&live->failures));
	platform_write_failure(live, json);
}

static void
write_rest(const struct hub *hub, const struct platform *platform, struct buf *json)
{
	put_text(json, "versions_url", platform->versions_url);
	put_bool(json, "claims_bound", platform->claims_bound);
	put_time(json, "created", platform->created_ms);
	put_time(json, "updated", platform->updated_ms);
	put_key(json, "settings");
	buf_add(json, platform->settings.len > 0 ? platform->settings : STR("{}"));
	put_word(json, "validation", platform_validation(hub, platform));
	put_word(json, "token_encoding", platform_encoding(platform));
	put_bool(json, "raw_token_proven", atomic_load(&platform->live->plain_token));
	write_endpoints(platform, json);
	write_live(platform->live, json);
}

/* seen_ms begins as the moment at which the hub came to know the platform, which is no contact. */
static int64_t
last_contact_ms(const struct admin *admin, const struct platform *platform)
{
	int64_t seen_ms = atomic_load(&platform->live->seen_ms);
	bool seen = atomic_load(&platform->live->requests) > 0 ||
	            (platform->state != STATE_PLANNED && seen_ms > admin->started_ms);

	return seen && seen_ms > platform->last_contact_ms ? seen_ms : platform->last_contact_ms;
}

void
platform_write_open(
        const struct admin *admin, const struct platform *platform, bool whole, struct buf *json)
{
	put_open(json, NULL, '{');
	put_number(json, "id", platform->id);
	put_text(json, "name", platform->name);
	put_word(json, "status", platform_status(platform));
	put_text(json, "version", platform->version);
	put_time(json, "last_contact", last_contact_ms(admin, platform));
	platform_write_roles(platform, whole ? "parties" : "roles", json);
	if (whole)
		write_rest(admin->hub, platform, json);
}

void
platform_write(
        const struct admin *admin, const struct platform *platform, bool whole, struct buf *json)
{
	platform_write_open(admin, platform, whole, json);
	buf_addc(json, '}');
}

const struct platform *
platform_of(struct inquiry *inquiry)
{
	const struct directory *directory = hub_directory(inquiry->admin->hub);
	const struct platform *platform = directory_platform(directory, inquiry->id);
	struct fault fault;

	if (platform != NULL)
		return platform;
	(void)fault_set(&fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
	        (long long)inquiry->id);
	inquiry_fail(inquiry, &fault);
	return NULL;
}
