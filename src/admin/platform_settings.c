/* platform_settings: what holds for one platform, chosen by the operator or not: a row for each key
 * of `party set`. */
#include <string.h>

#include "inside.h"

static const char *
mode_word(int mode)
{
	static const char *const modes[] = { "strict", "lenient", "off" };

	return mode >= 0 && (size_t)mode < COUNT(modes) ? modes[mode] : modes[0];
}

const char *
platform_validation(const struct hub *hub, const struct platform *platform)
{
	return mode_word(
	        platform->validation < 0 ? hub_settings(hub)->validation : platform->validation);
}

const char *
platform_encoding(const struct platform *platform)
{
	static const char *const encodings[] = { "auto", "base64", "plain" };

	return encodings[platform->encoding];
}

static void
add_row(json_t *list, const struct registry_setting *row, const char *key, const char *value,
        bool chosen)
{
	json_t *object = tree_object();

	tree_set_text(object, "key", key);
	tree_set_text(object, "value", value);
	tree_set_bool(object, "chosen", chosen);
	tree_set_text(object, "takes", row->takes);
	tree_set_text(object, "help", row->help);
	tree_add(list, object);
}

/* ---- a function for each key ---- */

typedef void (*key_fn)(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row);

static void
add_validation(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	add_row(list, row, row->key, platform_validation(hub, platform), platform->validation >= 0);
}

static void
add_module_validation(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	for (size_t i = 0; i < platform->validation_count; i++) {
		struct buf key = { 0 };

		buf_printf(&key, "validation.%.*s", STR_ARG(platform->validation_of[i].module));
		add_row(list, row, key.p, mode_word(platform->validation_of[i].mode), true);
		buf_free(&key);
	}
}

static void
add_endpoints(json_t *list, const struct platform *platform, const struct registry_setting *row,
        enum ocpi_interface interface)
{
	for (size_t i = 0; i < platform->by_hand_count; i++) {
		const struct store_endpoint *endpoint = &platform->endpoints_by_hand[i];
		struct buf key = { 0 };

		if (endpoint->interface != (int)interface)
			continue;
		buf_printf(&key, "endpoint.%.*s.%s", STR_ARG(endpoint->module),
		        interface == IFACE_SENDER ? "sender" : "receiver");
		add_row(list, row, key.p, "", true);
		tree_set_str(
		        json_array_get(list, json_array_size(list) - 1), "value", endpoint->url);
		buf_free(&key);
	}
}

static void
add_sender_endpoints(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_endpoints(list, platform, row, IFACE_SENDER);
}

static void
add_receiver_endpoints(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_endpoints(list, platform, row, IFACE_RECEIVER);
}

static void
add_profile(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	struct buf name = { 0 };

	(void)hub;
	buf_printf(&name, "%.*s", STR_ARG(platform->profile));
	add_row(list, row, row->key, platform->profile.len > 0 ? name.p : "none",
	        platform->profile.len > 0);
	buf_free(&name);
}

static void
add_encoding(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform_encoding(platform),
	        platform->encoding != ENCODING_AUTO);
}

static void
add_catch_up(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->catch_up_skip ? "skip" : "replay",
	        platform->catch_up_skip);
}

static void
add_initial_sync(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->initial_sync ? "push" : "none",
	        platform->initial_sync);
}

static void
add_pull(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	bool chosen = platform->pull_ms >= 0;
	int64_t every_ms = chosen ? platform->pull_ms : hub_settings(hub)->pull_ms;
	struct buf seconds = { 0 };

	buf_printf(&seconds, "%lld", (long long)every_ms / 1000);
	add_row(list, row, row->key, seconds.p, chosen);
	buf_free(&seconds);
}

static void
add_sandbox(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->sandbox_auto ? "auto" : "off",
	        platform->sandbox_auto);
}

static void
add_rotate_days(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	bool chosen = platform->rotate_days >= 0;
	struct buf days = { 0 };

	buf_printf(&days, "%lld",
	        (long long)(chosen ? platform->rotate_days : hub_settings(hub)->rotate_days));
	add_row(list, row, row->key, days.p, chosen);
	buf_free(&days);
}

static void
add_offline_authorize(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->no_offline_authorize ? "off" : "on",
	        platform->no_offline_authorize);
}

static void
add_lists_without_to(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->lists_want_to ? "refuse" : "all",
	        platform->lists_want_to);
}

static void
add_datetime_offset(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->any_offset ? "accept" : "refuse",
	        platform->any_offset);
}

static void
add_endpoint_slash(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->endpoint_slash ? "on" : "off",
	        platform->endpoint_slash);
}

static void
add_listed_endpoints(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->endpoints_all ? "all" : "roles",
	        platform->endpoints_all);
}

static void
add_errors_detail(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->errors_data ? "data" : "none",
	        platform->errors_data);
}

static void
add_from(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	(void)hub;
	add_row(list, row, row->key, platform->from_owner ? "owner" : "hub", platform->from_owner);
}

static void
add_quota(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, enum quota quota)
{
	int64_t own = platform->quotas[quota];
	struct buf number = { 0 };

	buf_printf(&number, "%lld", (long long)(own >= 0 ? own : hub_quota(hub, quota)));
	add_row(list, row, row->key, number.p, own >= 0);
	buf_free(&number);
}

static void
add_flights(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	add_quota(list, hub, platform, row, QUOTA_FLIGHTS);
}

static void
add_objects(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	add_quota(list, hub, platform, row, QUOTA_OBJECTS);
}

static void
add_relinks(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	add_quota(list, hub, platform, row, QUOTA_RELINKS);
}

static void
add_requests_per_second(json_t *list, const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row)
{
	add_quota(list, hub, platform, row, QUOTA_REQUESTS_PER_SECOND);
}

static const struct {
	const char *key;
	key_fn add;
} adders[] = {
	{ "validation", add_validation },
	{ "validation.MODULE", add_module_validation },
	{ "endpoint.MODULE.sender", add_sender_endpoints },
	{ "endpoint.MODULE.receiver", add_receiver_endpoints },
	{ "profile", add_profile },
	{ "token_encoding", add_encoding },
	{ "catch_up", add_catch_up },
	{ "initial_sync", add_initial_sync },
	{ "pull", add_pull },
	{ "offline_authorize", add_offline_authorize },
	{ "rotate_days", add_rotate_days },
	{ "lists_without_to", add_lists_without_to },
	{ "datetime_offset", add_datetime_offset },
	{ "endpoint_slash", add_endpoint_slash },
	{ "endpoints", add_listed_endpoints },
	{ "errors_detail", add_errors_detail },
	{ "from", add_from },
	{ "flights", add_flights },
	{ "objects", add_objects },
	{ "relinks", add_relinks },
	{ "requests_per_second", add_requests_per_second },
	{ "sandbox", add_sandbox },
};

/* ---- by whom it was chosen ---- */

/* As the operator chose it; "default" is what older versions stored for nothing. */
static bool
is_own(const json_t *own, const char *key)
{
	struct str value = tree_get_str(own, key);

	return value.len > 0 && !str_is(value, "default");
}

static void
say_who(json_t *list, const struct platform *platform)
{
	CLEANUP(tree_drop)
	json_t *own =
	        platform->settings.len > 0 ? tree_read(platform->settings, NULL) : tree_object();
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		struct str key = tree_get_str(row, "key");
		const char *name = json_string_value(json_object_get(row, "key"));
		bool chosen = own != NULL && is_own(own, name);
		bool by_profile = !chosen && registry_profile_value(platform->profile, key) != NULL;

		tree_set_bool(row, "chosen", chosen || by_profile);
		tree_set_str(row, "profile", by_profile ? platform->profile : (struct str){ 0 });
	}
}

json_t *
platform_settings_tree(const struct hub *hub, const struct platform *platform)
{
	json_t *list = tree_list();

	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		for (size_t i = 0; i < COUNT(adders); i++)
			if (strcmp(row->key, adders[i].key) == 0)
				adders[i].add(list, hub, platform, row);
	say_who(list, platform);
	return list;
}
