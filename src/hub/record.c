/* record: the registry's own copy of a platform and the changes that may be made to it. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

struct record *
record_new(void)
{
	struct record *record = rh_alloc(sizeof *record);

	record->arena = arena_new(1024);
	return record;
}

void
record_free(struct record *record)
{
	if (record == NULL)
		return;
	arena_free(record->arena);
	free(record);
}

static const struct store_party *
copy_parties(struct arena *arena, const struct store_party *parties, size_t count)
{
	struct store_party *copy = arena_alloc(arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++) {
		copy[i] = parties[i];
		copy[i].business = arena_str(arena, parties[i].business);
	}
	return copy;
}

static const struct store_endpoint *
copy_endpoints(struct arena *arena, const struct store_endpoint *endpoints, size_t count)
{
	struct store_endpoint *copy = arena_alloc(arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++) {
		copy[i] = endpoints[i];
		copy[i].module = arena_str(arena, endpoints[i].module);
		copy[i].url = arena_str(arena, endpoints[i].url);
	}
	return copy;
}

void
record_fill(struct record *record, const struct store_platform *row)
{
	struct arena *arena = record->arena;
	struct store_platform *to = &record->row;
	struct store_token *tokens = arena_alloc(arena, (row->token_count + 1) * sizeof *tokens);

	*to = *row;
	to->name = arena_str(arena, row->name);
	to->version = arena_str(arena, row->version);
	to->versions_url = arena_str(arena, row->versions_url);
	to->token_sealed = arena_str(arena, row->token_sealed);
	to->token_old_sealed = arena_str(arena, row->token_old_sealed);
	to->settings = arena_str(arena, row->settings);
	to->parties = copy_parties(arena, row->parties, row->party_count);
	to->endpoints = copy_endpoints(arena, row->endpoints, row->endpoint_count);
	if (row->token_count > 0)
		memcpy(tokens, row->tokens, row->token_count * sizeof *tokens);
	to->tokens = tokens;
}

struct record *
record_copy(const struct record *record)
{
	struct record *copy = record_new();

	record_fill(copy, &record->row);
	copy->token = arena_str(copy->arena, record->token);
	copy->live = record->live;
	return copy;
}

static struct store_party *
own_parties(struct record *record) /* its parties lie in its own arena, so they may be written */
{
	return (struct store_party *)(uintptr_t)record->row.parties;
}

void
record_set_party_states(struct record *record, enum store_state state, int64_t now_ms)
{
	struct store_party *parties = own_parties(record);

	for (size_t i = 0; i < record->row.party_count; i++) {
		if (parties[i].state == state)
			continue;
		parties[i].state = state;
		parties[i].last_updated_ms = now_ms;
	}
}

void
record_drop_tokens(struct record *record, enum store_token_kind kind)
{
	struct store_token *tokens = (struct store_token *)(uintptr_t)record->row.tokens;
	size_t kept = 0;

	for (size_t i = 0; i < record->row.token_count; i++)
		if (tokens[i].kind != kind)
			tokens[kept++] = tokens[i];
	record->row.token_count = kept;
}

void
record_add_token(struct record *record, enum store_token_kind kind,
        const uint8_t digest[RH_DIGEST_BYTES], int64_t expires_ms)
{
	size_t count = record->row.token_count;
	struct store_token *tokens = arena_alloc(record->arena, (count + 1) * sizeof *tokens);

	if (count > 0)
		memcpy(tokens, record->row.tokens, count * sizeof *tokens);
	tokens[count].kind = kind;
	tokens[count].expires_ms = expires_ms;
	memcpy(tokens[count].digest, digest, RH_DIGEST_BYTES);
	record->row.tokens = tokens;
	record->row.token_count = count + 1;
}

void
record_revoke(struct record *record, int64_t now_ms)
{
	record->row.removed = true;
	record->row.state = STATE_SUSPENDED;
	record->row.token_count = 0;
	record->row.endpoint_count = 0;
	record->row.token_sealed = record->row.token_old_sealed = (struct str){ 0 };
	record->token = (struct str){ 0 };
	record_set_party_states(record, STATE_SUSPENDED, now_ms);
}

static const struct store_party *
find_party(const struct store_party *parties, size_t count, const struct store_party *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (parties[i].role == wanted->role &&
		        str_ieq(str_of(parties[i].country), str_of(wanted->country)) &&
		        str_ieq(str_of(parties[i].party), str_of(wanted->party)))
			return &parties[i];
	return NULL;
}

void
record_replace_parties(
        struct record *record, const struct store_party *parties, size_t count, int64_t now_ms)
{
	const struct store_party *old = record->row.parties;
	size_t old_count = record->row.party_count, total = 0;
	struct store_party *all = arena_alloc(record->arena, (count + old_count + 1) * sizeof *all);

	for (size_t i = 0; i < count; i++) {
		const struct store_party *before = find_party(old, old_count, &parties[i]);
		struct store_party *party = &all[total++];

		*party = parties[i];
		party->business = arena_str(record->arena, parties[i].business);
		party->state = STATE_CONNECTED;
		party->last_updated_ms = before != NULL && before->state == STATE_CONNECTED
		                                 ? before->last_updated_ms
		                                 : now_ms;
	}
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].state == STATE_PLANNED || find_party(parties, count, &old[i]) != NULL)
			continue; /* a claim that was not taken up was never shown to anybody as
			             connected */
		all[total] = old[i];
		if (all[total].state != STATE_SUSPENDED)
			all[total].last_updated_ms = now_ms;
		all[total++].state = STATE_SUSPENDED;
	}
	record->row.parties = all;
	record->row.party_count = total;
}

/* ---- settings of a platform ---- */

const struct registry_setting registry_settings[] = {
	{ "validation", "strict|lenient|off|default",
	        "how strictly what this platform sends is checked" },
	{ "validation.MODULE", "strict|lenient|off|default", "the same for one module" },
	{ "token_encoding", "auto|base64|plain", "how the hub sends its token to this platform" },
	{ "catch_up", "replay|skip",
	        "after OFFLINE: what was missed, or only what comes from then on" },
	{ "pull", "SECONDS|default",
	        "between pulls from this platform; 0: none, default: as pull.interval" },
	{ "offline_authorize", "on|off",
	        "may the hub answer authorize for its eMSPs by the whitelist while they are away" },
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
record_set(struct record *record, struct str pair, struct fault *fault)
{
	struct str value = pair, key = str_cut(&value, '=');
	const struct registry_setting *row = find_setting(key);
	struct buf out = { .arena = record->arena };

	if (row == NULL)
		return fault_set(fault, RH_BAD_FIELD, arena_cstr(record->arena, key),
		        "unknown setting, expected validation, validation.MODULE, token_encoding, "
		        "catch_up, pull or offline_authorize");
	if (value.p == NULL || !value_fits(row, value))
		return fault_set(fault, RH_BAD_FIELD, row->key, "expected %s", row->takes);
	buf_addc(&out, '{');
	copy_other_settings(record, key, &out);
	write_setting(&out, key, value);
	buf_addc(&out, '}');
	record->row.settings = buf_str(&out);
	return RH_OK;
}
