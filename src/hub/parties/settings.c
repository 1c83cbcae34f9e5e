/* settings: the keys of `party set`: what each takes, means, and sets in a platform. One row a key,
 * in the order of the alphabet. */
#include "settings.h"

#include "callable.h"
#include "suspension.h"

#include <string.h>

enum { MOST_SECONDS = 10000000, MOST_DAYS = 3650, MOST_NUMBER = 1000000000 };

/* ---- what they set ---- */

static int
mode_of(struct str text)
{
	if (str_is(text, "strict"))
		return VALIDATION_STRICT;
	if (str_is(text, "lenient"))
		return VALIDATION_LENIENT;
	return str_is(text, "off") ? VALIDATION_OFF : -1;
}

static void
set_catch_up(struct platform *platform, struct str value)
{
	platform->catch_up_skip = str_is(value, "skip");
}

static void
set_datetime_offset(struct platform *platform, struct str value)
{
	platform->any_offset = str_is(value, "accept");
}

static void
set_endpoint_slash(struct platform *platform, struct str value)
{
	platform->endpoint_slash = str_is(value, "on");
}

static void
set_endpoints(struct platform *platform, struct str value)
{
	platform->endpoints_all = str_is(value, "all");
}

static void
set_errors_detail(struct platform *platform, struct str value)
{
	platform->errors_data = str_is(value, "data");
}

static void
set_quota(struct platform *platform, enum quota quota, struct str value)
{
	uint64_t most;

	if (str_to_u64(value, MOST_NUMBER, &most))
		platform->quotas[quota] = (int64_t)most;
}

static void
set_flights(struct platform *platform, struct str value)
{
	set_quota(platform, QUOTA_FLIGHTS, value);
}

static void
set_from(struct platform *platform, struct str value)
{
	platform->from_owner = str_is(value, "owner");
}

static void
set_initial_sync(struct platform *platform, struct str value)
{
	platform->initial_sync = str_is(value, "push");
}

static void
set_lists_without_to(struct platform *platform, struct str value)
{
	platform->lists_want_to = str_is(value, "refuse");
}

static void
set_objects(struct platform *platform, struct str value)
{
	set_quota(platform, QUOTA_OBJECTS, value);
}

static void
set_offline_authorize(struct platform *platform, struct str value)
{
	platform->no_offline_authorize = str_is(value, "off");
}

static void
set_pull(struct platform *platform, struct str value)
{
	uint64_t seconds;

	if (str_to_u64(value, MOST_NUMBER, &seconds))
		platform->pull_ms = (int64_t)seconds * 1000;
}

static void
set_relinks(struct platform *platform, struct str value)
{
	set_quota(platform, QUOTA_RELINKS, value);
}

static void
set_requests_per_second(struct platform *platform, struct str value)
{
	set_quota(platform, QUOTA_REQUESTS_PER_SECOND, value);
}

static void
set_rotate_days(struct platform *platform, struct str value)
{
	uint64_t days;

	if (str_to_u64(value, MOST_DAYS, &days))
		platform->rotate_days = (int64_t)days;
}

static void
set_sandbox(struct platform *platform, struct str value)
{
	platform->sandbox_auto = str_is(value, "auto");
}

static void
set_token_encoding(struct platform *platform, struct str value)
{
	if (str_is(value, "base64"))
		platform->encoding = ENCODING_BASE64;
	else if (str_is(value, "plain"))
		platform->encoding = ENCODING_PLAIN;
}

static void
set_validation(struct platform *platform, struct str value)
{
	platform->validation = mode_of(value);
}

const struct registry_setting registry_settings[] = {
	{ "catch_up", "replay|skip|default",
	        "after OFFLINE: what was missed, or only what comes from then on", set_catch_up },
	{ "datetime_offset", "refuse|accept|default",
	        "a DateTime with an offset such as +01:00: refused under strict, or accepted",
	        set_datetime_offset },
	{ "endpoint.MODULE.receiver", "URL|default",
	        "where its Receiver interface of a module is, although it lists it elsewhere or "
	        "not "
	        "at all",
	        NULL },
	{ "endpoint.MODULE.sender", "URL|default", "the same for its Sender interface", NULL },
	{ "endpoint_slash", "off|on|default",
	        "do the hub's endpoints end in a slash in the version details it gets",
	        set_endpoint_slash },
	{ "endpoints", "roles|all|default",
	        "which of the hub's endpoints the version details list: those that its roles call, "
	        "or all",
	        set_endpoints },
	{ "errors_detail", "data|none|default",
	        "faults of a body in status_message alone, or in `data` as well",
	        set_errors_detail },
	{ "flights", "NUMBER|default", "requests of it in the hub at a time", set_flights },
	{ "from", "hub|owner|default",
	        "whom broadcast pushes to it name in OCPI-from: the hub, or whose object it is",
	        set_from },
	{ "initial_sync", "none|push|default",
	        "what was there before it registered, was resumed or agreed: by its GET, or pushed",
	        set_initial_sync },
	{ "lists_without_to", "all|refuse|default",
	        "a list without receiver: all that it may see (GET ALL), or 4001",
	        set_lists_without_to },
	{ "objects", "NUMBER|default", "objects of it that the hub keeps", set_objects },
	{ "offline_authorize", "on|off|default",
	        "may the hub answer authorize for its eMSPs by the whitelist while they are away",
	        set_offline_authorize },
	{ "profile", "strict|fastapi|typed-client|foundation-tool|no-routing-headers|default",
	        "several settings at once, by the kind of its software", NULL },
	{ "pull", "SECONDS|default",
	        "between pulls from this platform; 0: none, default: as pull.interval", set_pull },
	{ "relinks", "NUMBER|default", "URLs handed out for it that are good", set_relinks },
	{ "requests_per_second", "NUMBER|default", "requests of it in the long run; 0: no limit",
	        set_requests_per_second },
	{ "rotate_days", "DAYS|default",
	        "after which the token that it sends is replaced; 0: never, default: as "
	        "credentials.rotate_days",
	        set_rotate_days },
	{ "sandbox", "off|auto|default",
	        "auto: a simulated counterpart for each of its roles, as `party invite --sandbox` "
	        "has it",
	        set_sandbox },
	{ "token_encoding", "auto|base64|plain|default",
	        "how the hub sends its token to this platform", set_token_encoding },
	{ "validation", "strict|lenient|off|default",
	        "how strictly what this platform sends is checked", set_validation },
	{ "validation.MODULE", "strict|lenient|off|default", "the same for one module", NULL },
	{ 0 },
};

/* ---- keys that name a module ---- */

static const char module_word[] = "MODULE";

/* What stands in @key where a key of the table has MODULE; absent: it is not such a key. */
static struct str
module_in(const char *pattern, struct str key)
{
	const char *at = strstr(pattern, module_word);
	struct str before, after;

	if (at == NULL)
		return (struct str){ 0 };
	before = (struct str){ pattern, (size_t)(at - pattern) };
	after = str_of(at + sizeof module_word - 1);
	if (key.len <= before.len + after.len ||
	        !str_eq((struct str){ key.p, before.len }, before) ||
	        !str_eq(str_from(key, key.len - after.len), after))
		return (struct str){ 0 };
	return (struct str){ key.p + before.len, key.len - before.len - after.len };
}

static bool
is_endpoint_key(const char *key)
{
	return strncmp(key, "endpoint.", sizeof "endpoint." - 1) == 0;
}

/* Where a partner is told of parties it may be told its endpoint, too. */
static bool
names_module(const struct ocpi_module *const *modules, const char *pattern, struct str key)
{
	struct str name = module_in(pattern, key);

	return name.p != NULL &&
	       (ocpi_module_find(modules, name) != NULL ||
	               (is_endpoint_key(pattern) && str_is(name, "hubclientinfo")));
}

/* ---- parsing ---- */

static void
add_validation(
        struct module_validation *rows, struct platform *platform, struct str key, struct str value)
{
	struct str module = module_in("validation.MODULE", key);
	int mode = mode_of(value);

	if (module.p != NULL && mode >= 0)
		rows[platform->validation_count++] = (struct module_validation){ module, mode };
}

static void
add_endpoint(
        struct store_endpoint *rows, struct platform *platform, struct str key, struct str value)
{
	struct str sender = module_in("endpoint.MODULE.sender", key);
	struct str receiver = module_in("endpoint.MODULE.receiver", key);

	if (sender.p == NULL && receiver.p == NULL)
		return;
	rows[platform->by_hand_count++] = (struct store_endpoint){
		.module = sender.p != NULL ? sender : receiver,
		.interface = sender.p != NULL ? IFACE_SENDER : IFACE_RECEIVER,
		.url = value,
	};
}

static void
parse_of_modules(struct platform *platform, const struct json_doc *doc, struct arena *arena)
{
	size_t most = doc->nodes[0].count + 1;
	struct module_validation *validations = arena_alloc(arena, most * sizeof *validations);
	struct store_endpoint *endpoints = arena_alloc(arena, most * sizeof *endpoints);

	platform->validation_of = validations;
	platform->endpoints_by_hand = endpoints;
	for (uint32_t key = 1; key < doc->nodes[0].next; key = doc->nodes[key + 1].next) {
		struct str name = json_string(doc, key, arena);
		struct str value = json_string(doc, key + 1, arena);

		add_validation(validations, platform, name, value);
		add_endpoint(endpoints, platform, name, value);
	}
}

static bool
is_default(struct str value)
{
	return value.len == 0 || str_is(value, "default");
}

/* Its own, else the profile's. Older versions stored "default". */
static struct str
value_of(const struct platform *platform, const struct json_doc *doc, const char *key,
        struct arena *arena)
{
	struct str own = json_member_string(doc, 0, key, arena);
	const char *of_profile;

	if (!is_default(own))
		return own;
	of_profile = registry_profile_value(platform->profile, str_of(key));
	return of_profile != NULL ? str_of(of_profile) : (struct str){ 0 };
}

/* No key of the table: nobody makes a platform a sandbox, or real, by a setting. */
static void
parse_sandbox(struct platform *platform, const struct json_doc *doc, struct arena *arena)
{
	uint64_t owner;

	if (str_to_u64(json_member_string(doc, 0, SETTING_SANDBOX_OF, arena), INT64_MAX, &owner))
		platform->sandbox_of = (int64_t)owner;
}

bool
settings_token_raw(struct str settings)
{
	struct arena *arena = arena_new(1024);
	struct json_doc doc;
	bool raw = settings.p != NULL && json_scan(settings, 1000, arena, &doc, NULL) == RH_OK &&
	           json_member(&doc, 0, SETTING_TOKEN_RAW) != 0;

	arena_free(arena);
	return raw;
}

void
settings_parse(struct platform *platform, struct arena *arena)
{
	struct json_doc doc;

	platform->validation = -1;
	platform->pull_ms = platform->rotate_days = -1;
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		platform->quotas[i] = -1;
	platform->encoding = ENCODING_AUTO;
	if (platform->settings.p == NULL ||
	        json_scan(platform->settings, 1000, arena, &doc, NULL) != RH_OK)
		return;
	platform->profile = json_member_string(&doc, 0, "profile", arena);
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++) {
		struct str value = value_of(platform, &doc, row->key, arena);

		if (value.p != NULL && row->set != NULL)
			row->set(platform, value);
	}
	parse_sandbox(platform, &doc, arena);
	suspension_read(&doc, arena, &platform->suspension);
	parse_of_modules(platform, &doc, arena);
}

/* ---- changing them ---- */

static bool
word_of(const char *words, struct str value)
{
	struct str left = str_of(words);

	while (left.p != NULL)
		if (str_eq(str_cut(&left, '|'), value))
			return true;
	return false;
}

/* One of the words, or a number where one of these stands for it. */
static bool
value_fits(const struct registry_setting *row, struct str value)
{
	static const struct {
		const char *word;
		uint64_t most;
	} numbers[] = { { "SECONDS", MOST_SECONDS }, { "DAYS", MOST_DAYS },
		{ "NUMBER", MOST_NUMBER } };
	uint64_t number;

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (strstr(row->takes, numbers[i].word) != NULL &&
		        str_to_u64(value, numbers[i].most, &number))
			return true;
	return word_of(row->takes, value);
}

/* A URL is taken where a partner's own would be. */
static enum rh_err
check_value(const struct hub *hub, struct arena *arena, const struct registry_setting *row,
        struct str key, struct str value, struct fault *fault)
{
	struct net_url url;

	if (is_endpoint_key(row->key) && value.p != NULL && is_default(value))
		return RH_OK;
	if (is_endpoint_key(row->key) && value.p != NULL)
		return callable_read(hub, 0, arena_cstr(arena, key), value, arena, &url, fault);
	if (value.p == NULL || !value_fits(row, value))
		return fault_set(fault, RH_BAD_FIELD, row->key, "expected %s", row->takes);
	return RH_OK;
}

static const struct registry_setting *
find_setting(const struct ocpi_module *const *modules, struct str key)
{
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		if ((str_is(key, row->key) && strstr(row->key, module_word) == NULL) ||
		        names_module(modules, row->key, key))
			return row;
	return NULL;
}

static void
write_setting(struct buf *out, struct str key, struct str value)
{
	if (out->len > 1)
		buf_addc(out, ',');
	json_quote(out, key);
	buf_addc(out, ':');
	json_quote(out, value);
}

/* A profile takes the place of what was chosen before for each of its keys: the later one holds. */
static void
copy_other_settings(struct record *record, struct str key, struct str value, struct buf *out)
{
	struct str profile = str_is(key, "profile") ? value : (struct str){ 0 };
	struct json_doc doc;

	if (record->row.settings.p == NULL ||
	        json_scan(record->row.settings, 1000, record->arena, &doc, NULL) != RH_OK)
		return;
	for (uint32_t i = 1; i < doc.nodes[0].next; i = doc.nodes[i + 1].next) {
		struct str name = json_string(&doc, i, record->arena);

		if (!str_eq(name, key) && registry_profile_value(profile, name) == NULL)
			write_setting(out, name, json_string(&doc, i + 1, record->arena));
	}
}

static enum rh_err
refuse_key(struct arena *arena, struct str key, struct fault *fault)
{
	struct buf known = { .arena = arena };

	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		buf_printf(&known, "%s%s",
		        known.len == 0       ? ""
		        : row[1].key != NULL ? ", "
		                             : " or ",
		        row->key);
	return fault_set(fault, RH_BAD_FIELD, arena_cstr(arena, key),
	        "unknown setting, expected %.*s", STR_ARG(buf_str(&known)));
}

void
settings_note(struct record *record, struct str key, struct str value)
{
	struct buf out = { .arena = record->arena };

	buf_addc(&out, '{');
	copy_other_settings(record, key, value, &out);
	if (value.len > 0)
		write_setting(&out, key, value);
	buf_addc(&out, '}');
	record->row.settings = buf_str(&out);
}

enum rh_err
settings_merge(const struct hub *hub, struct record *record, struct str pair, struct fault *fault)
{
	struct str value = pair, key = str_cut(&value, '=');
	const struct registry_setting *row = find_setting(hub->modules, key);
	enum rh_err err;

	if (row == NULL)
		return refuse_key(record->arena, key, fault);
	err = check_value(hub, record->arena, row, key, value, fault);
	if (err != RH_OK)
		return err;
	settings_note(record, key, is_default(value) ? (struct str){ 0 } : value);
	return RH_OK;
}
