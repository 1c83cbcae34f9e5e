/* import_read: what a document of registrations says, checked member by member before anything is
 * done with it. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "callable.h"
#include "import.h"
#include "settings.h"
#include "suspension.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NS_PER_MS = 1000000, MOST_ROWS = 100000, MOST_NAME = 64, MOST_WHY = 300 };

/* Where in the document the reader is: "platforms[3].parties[0].". */
struct reading {
	struct import *import;
	struct arena *arena;
	struct fault *fault;
	char at[MOST_NAME];
};

static bool PRINTF_LIKE(3, 4)
        bad(const struct reading *reading, const char *key, const char *fmt, ...)
{
	char field[MOST_NAME + MOST_NAME], why[MOST_WHY];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	(void)snprintf(field, sizeof field, "%s%s", reading->at, key);
	(void)fault_set(reading->fault, RH_BAD_FIELD, field, "%s", why);
	return false;
}

/* ---- members; false: it was something else, and that was said ---- */

static bool
read_text(const struct reading *reading, const json_t *object, const char *key, struct str *out)
{
	const json_t *node = json_object_get(object, key);

	*out = arena_str(reading->arena, tree_get_str(object, key));
	return node == NULL || json_is_null(node) || out->p != NULL ||
	       bad(reading, key, "expected a string or null");
}

static bool
read_time(const struct reading *reading, const json_t *object, const char *key, int64_t *out_ms)
{
	struct str text;
	int64_t ns = 0;

	if (!read_text(reading, object, key, &text))
		return false;
	if (text.p != NULL && !ocpi_datetime_parse(text, &ns))
		return bad(reading, key, "expected a time such as 2026-11-23T08:00:00Z, or null");
	*out_ms = ns / NS_PER_MS;
	return true;
}

static bool
read_state(const struct reading *reading, const json_t *object, enum store_state *out)
{
	struct str text = tree_get_str(object, "status");

	for (int state = STATE_PLANNED; state <= STATE_SUSPENDED; state++) {
		*out = (enum store_state)state;
		if (str_is(text, state_name(state)))
			return true;
	}
	return bad(reading, "status", "expected PLANNED, CONNECTED, OFFLINE or SUSPENDED");
}

static bool
read_bytes(const struct reading *reading, const json_t *object, const char *key, struct str *out)
{
	struct str text;

	*out = (struct str){ 0 };
	if (!read_text(reading, object, key, &text))
		return false;
	return text.p == NULL || rh_unbase64(text, reading->arena, out) ||
	       bad(reading, key, "expected Base64");
}

/* One that the hub may call. */
static bool
read_url(const struct reading *reading, const json_t *object, const char *key, struct str *out)
{
	struct net_url url;
	struct fault fault = { 0 };

	if (!read_text(reading, object, key, out))
		return false;
	return out->p == NULL ||
	       callable_read(reading->import->hub, 0, key, *out, reading->arena, &url, &fault) ==
	               RH_OK ||
	       bad(reading, key, "%s", fault.why);
}

/* An object that is kept as text; absent when it is null. */
static bool
read_object(const struct reading *reading, const json_t *object, const char *key, struct str *out)
{
	const json_t *node = json_object_get(object, key);
	struct buf text = { .arena = reading->arena };

	*out = (struct str){ 0 };
	if (node == NULL || json_is_null(node))
		return true;
	if (!json_is_object(node))
		return bad(reading, key, "expected an object or null");
	tree_print(node, &text);
	*out = buf_str(&text);
	return true;
}

static bool
read_party_id(const struct reading *reading, const char *key, struct str text, char country[3],
        char party[4])
{
	struct ocpi_id id;

	if (!ocpi_id_parse(text, &id))
		return bad(reading, key, "expected CC*PID, for example DE*ABC");
	memcpy(country, id.country, sizeof id.country);
	memcpy(party, id.party, sizeof id.party);
	return true;
}

typedef bool (*read_fn)(const struct reading *reading, const json_t *object, void *row);

/** The elements of the list @key, each of @row_bytes. */
static bool
read_each(const struct reading *reading, const json_t *object, const char *key, size_t row_bytes,
        read_fn read, void **rows, size_t *count)
{
	const json_t *list = json_object_get(object, key);
	char *at;

	*count = json_array_size(list);
	*rows = at = arena_alloc(reading->arena, (*count + 1) * row_bytes);
	if (!json_is_array(list) || *count > MOST_ROWS)
		return bad(reading, key, "expected a list of at most %d", MOST_ROWS);
	for (size_t i = 0; i < *count; i++) {
		struct reading within = *reading;

		(void)snprintf(within.at, sizeof within.at, "%.30s%.20s[%u].", reading->at, key,
		        (unsigned)i);
		if (!read(&within, json_array_get(list, i), at + i * row_bytes))
			return false;
	}
	return true;
}

/* ---- what hangs on a platform ---- */

static bool
read_party(const struct reading *reading, const json_t *object, void *row)
{
	struct store_party *party = row;
	struct ocpi_id id;
	enum ocpi_role role;

	if (!ocpi_id_make(
	            tree_get_str(object, "country_code"), tree_get_str(object, "party_id"), &id))
		return bad(reading, "party_id",
		        "expected a country_code of 2 and a party_id of 3 characters");
	if (!ocpi_role_parse(tree_get_str(object, "role"), &role))
		return bad(reading, "role", "expected a role of OCPI 2.2.1");
	memcpy(party->country, id.country, sizeof id.country);
	memcpy(party->party, id.party, sizeof id.party);
	party->role = (int)role;
	return read_state(reading, object, &party->state) &&
	       read_time(reading, object, "last_updated", &party->last_updated_ms) &&
	       read_object(reading, object, "business_details", &party->business);
}

static bool
read_endpoint(const struct reading *reading, const json_t *object, void *row)
{
	struct store_endpoint *endpoint = row;
	enum ocpi_interface interface;

	if (!ocpi_interface_parse(tree_get_str(object, "interface"), &interface))
		return bad(reading, "interface", "expected SENDER or RECEIVER");
	endpoint->interface = (int)interface;
	if (!read_text(reading, object, "module", &endpoint->module))
		return false;
	if (endpoint->module.len == 0)
		return bad(reading, "module", "expected the identifier of a module");
	return read_url(reading, object, "url", &endpoint->url) &&
	       (endpoint->url.p != NULL || bad(reading, "url", "is missing"));
}

static bool
read_accepted(const struct reading *reading, const json_t *object, void *row)
{
	struct store_token *token = row;
	struct str kind = tree_get_str(object, "kind"), digest;
	int found = -1;

	for (int i = TOKEN_A; export_token_kind(i) != NULL; i++)
		if (str_is(kind, export_token_kind(i)))
			found = i;
	if (found < 0)
		return bad(reading, "kind", "expected A, pending, current or previous");
	token->kind = (enum store_token_kind)found;
	if (!read_bytes(reading, object, "digest", &digest))
		return false;
	if (digest.len != RH_DIGEST_BYTES)
		return bad(reading, "digest", "expected %d bytes in Base64", RH_DIGEST_BYTES);
	memcpy(token->digest, digest.p, RH_DIGEST_BYTES);
	return read_time(reading, object, "expires", &token->expires_ms) &&
	       read_time(reading, object, "made", &token->made_ms);
}

static bool
read_children(const struct reading *reading, const json_t *object, struct store_platform *row)
{
	void *parties, *endpoints, *tokens;
	bool good = read_each(reading, object, "parties", sizeof(struct store_party), read_party,
	                    &parties, &row->party_count) &&
	            read_each(reading, object, "endpoints", sizeof(struct store_endpoint),
	                    read_endpoint, &endpoints, &row->endpoint_count) &&
	            read_each(reading, object, "accepts", sizeof(struct store_token), read_accepted,
	                    &tokens, &row->token_count);

	if (!good)
		return false;
	row->parties = parties;
	row->endpoints = endpoints;
	row->tokens = tokens;
	return true;
}

/* ---- platforms ---- */

/* As `party set` would take them. */
static bool
check_settings(const struct reading *reading, const json_t *object)
{
	json_t *settings = json_object_get(object, "settings"), *value;
	struct record *record = record_new();
	struct fault fault = { 0 };
	const char *key;

	json_object_foreach(settings, key, value)
	{
		const char *text = json_string_value(value);

		if (text != NULL &&
		        (suspension_is_key(str_of(key)) || strcmp(key, SETTING_TOKEN_RAW) == 0))
			continue;
		if (fault.err != RH_OK)
			break;
		if (text == NULL)
			(void)fault_set(&fault, RH_BAD_FIELD, key, "expected a string");
		else
			fault.err = settings_merge(reading->import->hub, record,
			        arena_printf(record->arena, "%s=%s", key, text), &fault);
	}
	record_free(record);
	return fault.err == RH_OK || bad(reading, "settings", "%s: %s", fault.field, fault.why);
}

/* What is sent to it, from under the document's key under the hub's. */
static bool
read_sent(const struct reading *reading, const json_t *object, struct store_platform *row)
{
	const struct import *import = reading->import;
	struct str sealed, token;

	if (!read_bytes(reading, object, "sends", &sealed))
		return false;
	if (sealed.p == NULL)
		return row->state != STATE_CONNECTED ||
		       bad(reading, "sends", "is missing, but the platform is CONNECTED");
	if (!rh_unseal(import->seal_key, sealed, reading->arena, &token))
		return bad(reading, "sends", "cannot be unsealed");
	row->token_sealed = rh_seal(import->hub->seal_key, token, reading->arena);
	rh_wipe((void *)(uintptr_t)token.p, token.len);
	return true;
}

/* It knows where its hub was. Is that where this one is? */
static void
translate_told(const struct import *import, struct store_platform *row)
{
	char theirs[HUB_TOLD_BYTES];

	hub_told(import->hub, import->digests.keys[0], theirs);
	if (str_is(row->told, theirs))
		row->told = str_of(import->hub->told);
}

static bool
read_platform(const struct reading *reading, const json_t *object, void *to)
{
	struct import_platform *out = to;
	struct store_platform *row = &out->row;

	out->was = json_integer_value(json_object_get(object, "id"));
	row->claims_bound = json_is_true(json_object_get(object, "claims_bound"));
	if (out->was <= 0 || out->was > INT32_MAX)
		return bad(reading, "id", "expected a number from 1 to %d", INT32_MAX);
	if (!read_text(reading, object, "name", &row->name) ||
	        !read_state(reading, object, &row->state) ||
	        !read_text(reading, object, "version", &row->version) ||
	        !read_url(reading, object, "versions_url", &row->versions_url) ||
	        !read_text(reading, object, "told", &row->told) ||
	        !read_time(reading, object, "created", &row->created_ms) ||
	        !read_time(reading, object, "updated", &row->updated_ms) ||
	        !read_time(reading, object, "last_contact", &row->last_contact_ms) ||
	        !read_object(reading, object, "settings", &row->settings) ||
	        !check_settings(reading, object) || !read_children(reading, object, row) ||
	        !read_sent(reading, object, row))
		return false;
	if (row->state == STATE_OFFLINE)
		return bad(reading, "status", "expected PLANNED, CONNECTED or SUSPENDED");
	translate_told(reading->import, row);
	return true;
}

static bool
read_agreement(const struct reading *reading, const json_t *object, void *to)
{
	struct store_agreement *row = to;
	struct str left;

	if (!read_party_id(reading, "cpo", tree_get_str(object, "cpo"), row->cpo_country,
	            row->cpo_party) ||
	        !read_party_id(reading, "emsp", tree_get_str(object, "emsp"), row->emsp_country,
	                row->emsp_party) ||
	        !read_text(reading, object, "modules", &row->modules) ||
	        !read_time(reading, object, "from", &row->from_ms) ||
	        !read_time(reading, object, "until", &row->until_ms))
		return false;
	left = row->modules;
	while (left.p != NULL) {
		struct str name = str_cut(&left, ',');

		if (ocpi_module_find(reading->import->hub->modules, name) == NULL)
			return bad(reading, "modules", "'%.*s' is no module",
			        (int)(name.len > 40 ? 40 : name.len), name.p);
	}
	return true;
}

/* ---- the whole ---- */

static bool
open_keys(const struct reading *reading, const json_t *seal, const uint8_t *key)
{
	struct import *import = reading->import;
	struct str sealed, plain;
	bool by_passphrase = str_is(tree_get_str(seal, "by"), "passphrase");

	if (by_passphrase && key == NULL)
		return bad(reading, "seal", "it is sealed with a passphrase: --passphrase is due");
	if (!by_passphrase)
		key = import->hub->seal_key;
	if (!read_bytes(reading, seal, "keys", &sealed))
		return false;
	if (!rh_unseal(key, sealed, reading->arena, &plain) ||
	        plain.len < 2 * (size_t)RH_KEY_BYTES || plain.len % RH_KEY_BYTES != 0 ||
	        plain.len > (MOST_FOREIGN + 1) * RH_KEY_BYTES)
		return bad(reading, "seal", "%s",
		        by_passphrase ? "this passphrase does not open it"
		                      : "it is sealed with another key file than that of this hub: "
		                        "export it with --passphrase, or begin here with that key "
		                        "file");
	memcpy(import->seal_key, plain.p, RH_KEY_BYTES);
	import->digests.count = plain.len / RH_KEY_BYTES - 1;
	memcpy(import->digests.keys, plain.p + RH_KEY_BYTES, plain.len - RH_KEY_BYTES);
	rh_wipe((void *)(uintptr_t)plain.p, plain.len);
	return true;
}

static bool
check_whole(const struct reading *reading, const json_t *document, const uint8_t *key)
{
	const json_t *seal = json_object_get(document, "seal");
	struct str mac = tree_get_str(seal, "mac");
	char made[EXPORT_MAC_BYTES];

	if (!str_is(tree_get_str(document, "format"), EXPORT_FORMAT))
		return bad(reading, "format", "expected a document of roamhubctl export");
	if (json_integer_value(json_object_get(document, "version")) != EXPORT_VERSION)
		return bad(reading, "version", "this hub reads version %d", EXPORT_VERSION);
	if (!open_keys(reading, seal, key))
		return false;
	export_mac(document, reading->import->seal_key, made);
	if (mac.len + 1 != sizeof made || !rh_same_bytes(mac.p, made, mac.len))
		return bad(reading, "seal.mac", "the document was changed since it was exported");
	return true;
}

static bool
read_lists(const struct reading *reading, const json_t *document)
{
	struct import *import = reading->import;
	void *platforms, *agreements;

	if (!read_each(reading, document, "platforms", sizeof *import->platforms, read_platform,
	            &platforms, &import->platform_count) ||
	        !read_each(reading, document, "agreements", sizeof *import->agreements,
	                read_agreement, &agreements, &import->agreement_count))
		return false;
	import->platforms = platforms;
	import->agreements = agreements;
	return true;
}

enum rh_err
import_read(struct import *import, const json_t *document, const uint8_t *key, struct fault *fault)
{
	struct reading reading = { .import = import, .arena = import->arena, .fault = fault };

	if (check_whole(&reading, document, key) && read_lists(&reading, document))
		return RH_OK;
	return fault->err;
}
