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
	block_release(record->block);
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
	to->settings = arena_str(arena, row->settings);
	to->told = arena_str(arena, row->told);
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

static void
set_party(struct store_party *party, enum store_state state, int64_t now_ms)
{
	if (party->state == state)
		return;
	party->state = state;
	party->last_updated_ms = now_ms;
}

void
record_touch_parties(struct record *record, int64_t now_ms)
{
	struct store_party *parties = own_parties(record);

	for (size_t i = 0; i < record->row.party_count; i++)
		if (parties[i].state != STATE_SUSPENDED)
			parties[i].last_updated_ms = now_ms;
}

/* A platform always has a party that it did not drop. */
void
record_revive_all(struct record *record)
{
	struct store_party *parties = own_parties(record);

	for (size_t i = 0; i < record->row.party_count; i++)
		if (parties[i].state != STATE_SUSPENDED)
			return;
	for (size_t i = 0; i < record->row.party_count; i++)
		parties[i].state = record->row.state;
}

void
record_forget_party(struct record *record, const struct ocpi_id *id)
{
	struct store_party *parties = own_parties(record);
	size_t kept = 0;

	for (size_t i = 0; i < record->row.party_count; i++)
		if (!str_ieq(str_of(parties[i].country), str_of(id->country)) ||
		        !str_ieq(str_of(parties[i].party), str_of(id->party)))
			parties[kept++] = parties[i];
	record->row.party_count = kept;
}

enum store_state
record_party_state(const struct store_platform *row, const struct store_party *party)
{
	return row->state == STATE_SUSPENDED ? STATE_SUSPENDED : party->state;
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
	tokens[count].made_ms = rh_schedule_ms();
	memcpy(tokens[count].digest, digest, RH_DIGEST_BYTES);
	record->row.tokens = tokens;
	record->row.token_count = count + 1;
}

/* Those in between went out in credentials of which nobody knows what became, and were followed by
 * others that the partner let us send: it did not take them, or it would know our token no more. */
void
record_keep_tokens(struct record *record, size_t most)
{
	struct store_token *tokens = (struct store_token *)(uintptr_t)record->row.tokens;

	while (record->row.token_count > most) {
		for (size_t i = 1; i + 1 < record->row.token_count; i++)
			tokens[i] = tokens[i + 1];
		record->row.token_count--;
	}
}

void
record_send_token(struct record *record, const uint8_t seal_key[RH_KEY_BYTES], struct str token)
{
	record->token = arena_str(record->arena, token);
	record->row.token_sealed = rh_seal(seal_key, token, record->arena);
}

void
record_revoke(struct record *record, int64_t now_ms)
{
	record->row.removed = true;
	record->row.state = STATE_SUSPENDED;
	record->row.token_count = 0;
	record->row.endpoint_count = 0;
	record->row.token_sealed = (struct str){ 0 };
	record->token = (struct str){ 0 };
	for (size_t i = 0; i < record->row.party_count; i++)
		set_party(&own_parties(record)[i], STATE_SUSPENDED, now_ms);
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
