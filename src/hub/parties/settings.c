/* settings: the keys of `party set`. */
#include "settings.h"

#include <string.h>

const struct registry_setting registry_settings[] = {
	{ "validation", "strict|lenient|off|default",
	        "how strictly what this platform sends is checked" },
	{ "validation.MODULE", "strict|lenient|off|default", "the same for one module" },
	{ "token_encoding", "auto|base64|plain", "how the hub sends its token to this platform" },
	{ "catch_up", "replay|skip",
	        "after OFFLINE: what was missed, or only what comes from then on" },
	{ "initial_sync", "none|push",
	        "what was there before it registered, was resumed or agreed: by its GET, or "
	        "pushed" },
	{ "pull", "SECONDS|default",
	        "between pulls from this platform; 0: none, default: as pull.interval" },
	{ "offline_authorize", "on|off",
	        "may the hub answer authorize for its eMSPs by the whitelist while they are away" },
	{ "lists_without_to", "all|refuse",
	        "a list without receiver: all that it may see (GET ALL), or 4001" },
	{ "errors_detail", "data|none",
	        "faults of a body in status_message alone, or in `data` as well" },
	{ 0 },
};

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
names_module(struct str key)
{
	static const char *const modules[] = { "cdrs", "chargingprofiles", "commands", "locations",
		"sessions", "tariffs", "tokens" };

	for (size_t i = 0; str_starts(key, "validation.") && i < COUNT(modules); i++)
		if (str_is(str_from(key, sizeof "validation." - 1), modules[i]))
			return true;
	return false;
}

/* One of the words, or a number where SECONDS is one of them. */
static bool
value_fits(const struct registry_setting *row, struct str value)
{
	uint64_t seconds;

	return word_of(row->takes, value) ||
	       (strstr(row->takes, "SECONDS") != NULL && str_to_u64(value, 10000000, &seconds));
}

static const struct registry_setting *
find_setting(struct str key)
{
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		if (str_is(key, row->key) ||
		        (strcmp(row->key, "validation.MODULE") == 0 && names_module(key)))
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

enum rh_err
settings_merge(struct record *record, struct str pair, struct fault *fault)
{
	struct str value = pair, key = str_cut(&value, '=');
	const struct registry_setting *row = find_setting(key);
	struct buf out = { .arena = record->arena };

	if (row == NULL)
		return fault_set(fault, RH_BAD_FIELD, arena_cstr(record->arena, key),
		        "unknown setting, expected validation, validation.MODULE, token_encoding, "
		        "catch_up, initial_sync, pull, offline_authorize, lists_without_to or "
		        "errors_detail");
	if (value.p == NULL || !value_fits(row, value))
		return fault_set(fault, RH_BAD_FIELD, row->key, "expected %s", row->takes);
	buf_addc(&out, '{');
	copy_other_settings(record, key, &out);
	write_setting(&out, key, value);
	buf_addc(&out, '}');
	record->row.settings = buf_str(&out);
	return RH_OK;
}
