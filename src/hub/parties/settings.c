/* settings: the keys of `party set`: what each takes, means, and sets in a platform. One row a key,
 * in the order of the alphabet. */
#include "settings.h"

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
	{ "catch_up", "replay|skip",
	        "after OFFLINE: what was missed, or only what comes from then on", set_catch_up },
	{ "datetime_offset", "refuse|accept",
	        "a DateTime with an offset such as +01:00: refused under strict, or accepted",
	        set_datetime_offset },
	{ "endpoint_slash", "off|on",
	        "do the hub's endpoints end in a slash in the version details it gets",
	        set_endpoint_slash },
	{ "errors_detail", "data|none",
	        "faults of a body in status_message alone, or in `data` as well",
	        set_errors_detail },
	{ "flights", "NUMBER|default", "requests of it in the hub at a time", set_flights },
	{ "initial_sync", "none|push",
	        "what was there before it registered, was resumed or agreed: by its GET, or pushed",
	        set_initial_sync },
	{ "lists_without_to", "all|refuse",
	        "a list without receiver: all that it may see (GET ALL), or 4001",
	        set_lists_without_to },
	{ "objects", "NUMBER|default", "objects of it that the hub keeps", set_objects },
	{ "offline_authorize", "on|off",
	        "may the hub answer authorize for its eMSPs by the whitelist while they are away",
	        set_offline_authorize },
	{ "pull", "SECONDS|default",
	        "between pulls from this platform; 0: none, default: as pull.interval", set_pull },
	{ "relinks", "NUMBER|default", "URLs handed out for it that are good", set_relinks },
	{ "requests_per_second", "NUMBER|default", "requests of it in the long run; 0: no limit",
	        set_requests_per_second },
	{ "rotate_days", "DAYS|default",
	        "after which the token that it sends is replaced; 0: never, default: as "
	        "credentials.rotate_days",
	        set_rotate_days },
	{ "token_encoding", "auto|base64|plain", "how the hub sends its token to this platform",
	        set_token_encoding },
	{ "validation", "strict|lenient|off|default",
	        "how strictly what this platform sends is checked", set_validation },
	{ "validation.MODULE", "strict|lenient|off|default", "the same for one module", NULL },
	{ 0 },
};

/* "validation.tokens": for one module. */
static void
parse_module_validation(struct platform *platform, const struct json_doc *doc, struct arena *arena)
{
	struct module_validation *rows =
	        arena_alloc(arena, (doc->nodes[0].count + 1) * sizeof *rows);

	platform->validation_of = rows;
	for (uint32_t key = 1; key < doc->nodes[0].next; key = doc->nodes[key + 1].next) {
		struct str name = json_string(doc, key, arena);
		int mode = mode_of(json_string(doc, key + 1, arena));

		if (str_starts(name, "validation.") && mode >= 0)
			rows[platform->validation_count++] = (struct module_validation){
				str_from(name, sizeof "validation." - 1), mode
			};
	}
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
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++) {
		struct str value = json_member_string(&doc, 0, row->key, arena);

		if (value.p != NULL && row->set != NULL)
			row->set(platform, value);
	}
	parse_module_validation(platform, &doc, arena);
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

/* "validation." and the name of a functional module. */
static bool
names_module(const struct ocpi_module *const *modules, struct str key)
{
	return str_starts(key, "validation.") &&
	       ocpi_module_find(modules, str_from(key, sizeof "validation." - 1)) != NULL;
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

static const struct registry_setting *
find_setting(const struct ocpi_module *const *modules, struct str key)
{
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		if (str_is(key, row->key) ||
		        (strcmp(row->key, "validation.MODULE") == 0 && names_module(modules, key)))
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

static void
copy_other_settings(struct record *record, struct str key, struct buf *out)
{
	struct json_doc doc;

	if (record->row.settings.p == NULL ||
	        json_scan(record->row.settings, 1000, record->arena, &doc, NULL) != RH_OK)
		return;
	for (uint32_t i = 1; i < doc.nodes[0].next; i = doc.nodes[i + 1].next) {
		struct str name = json_string(&doc, i, record->arena);

		if (!str_eq(name, key))
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

enum rh_err
settings_merge(const struct ocpi_module *const *modules, struct record *record, struct str pair,
        struct fault *fault)
{
	struct str value = pair, key = str_cut(&value, '=');
	const struct registry_setting *row = find_setting(modules, key);
	struct buf out = { .arena = record->arena };

	if (row == NULL)
		return refuse_key(record->arena, key, fault);
	if (value.p == NULL || !value_fits(row, value))
		return fault_set(fault, RH_BAD_FIELD, row->key, "expected %s", row->takes);
	buf_addc(&out, '{');
	copy_other_settings(record, key, &out);
	write_setting(&out, key, value);
	buf_addc(&out, '}');
	record->row.settings = buf_str(&out);
	return RH_OK;
}
