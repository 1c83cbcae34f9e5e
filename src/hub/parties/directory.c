/* directory: who is connected, as one immutable block; built whole, swapped by pointer, freed when
 * no turn can see it. What was parsed from a platform's record is shared between directories
 * (block.h); whether a platform is OFFLINE stands beside it (live.h), so that coming and going
 * builds none.
 *
 * A pointer to it never outlives the loop turn that read it. The control thread replaces it and
 * keeps the old one until the turn counter of every worker has moved on (a worker that sleeps in
 * epoll reads the pointer anew when it wakes), so readers pay neither a lock nor a count. */
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "registry.h"

struct token_entry {
	const struct platform *platform;
	const struct store_token *token; /* in the platform's block */
};

/* Where the parties and tokens of the directory in the making go next. */
struct making {
	struct directory *directory;
	struct party *parties;
	struct token_entry *tokens;
};

static void
place_parties(struct making *making, struct platform *platform, const struct block *block)
{
	struct table *by_key = making->directory->parties;

	platform->parties = making->parties;
	for (size_t i = 0; i < platform->party_count; i++) {
		struct party *party = making->parties++;

		*party = block->parties[i];
		party->platform = platform;
		party->same = table_put(by_key, block->party_keys[i], party);
	}
}

static void
place_tokens(struct making *making, const struct platform *platform, const struct block *block)
{
	for (size_t i = 0; i < block->token_count; i++) {
		struct token_entry *entry = making->tokens++;

		entry->platform = platform;
		entry->token = &block->tokens[i];
		(void)table_put(making->directory->tokens,
		        (struct str){ (const char *)entry->token->digest, RH_DIGEST_BYTES }, entry);
	}
}

static void
place_platform(struct making *making, struct block *block)
{
	struct directory *directory = making->directory;
	struct platform *platform = &directory->platforms[directory->platform_count];

	directory->blocks[directory->platform_count++] = block_hold(block);
	*platform = block->platform;
	directory->sandbox_count += platform->sandbox_of != 0;
	place_parties(making, platform, block);
	place_tokens(making, platform, block);
}

/* Records that changed since the directory before are parsed, the others are shared with it. */
static void
count_all(const struct list *records, size_t *platforms, size_t *parties, size_t *tokens)
{
	*platforms = *parties = *tokens = 0;
	list_each (node, records) {
		const struct record *record = container_of(node, struct record, node);

		(*platforms)++;
		*parties += record->row.party_count;
		*tokens += record->row.token_count;
	}
}

struct directory *
directory_build(
        const struct list *records, struct agreed *agreed, const struct digest_keys *foreign)
{
	struct directory *directory = rh_alloc(sizeof *directory);
	struct arena *arena = directory->arena = arena_new(4096);
	struct making making = { .directory = directory };
	size_t count, parties, tokens;

	count_all(records, &count, &parties, &tokens);
	directory->platforms = arena_alloc(arena, (count + 1) * sizeof *directory->platforms);
	directory->blocks = arena_alloc(arena, (count + 1) * sizeof(struct block *));
	making.parties = arena_alloc(arena, (parties + 1) * sizeof *making.parties);
	making.tokens = arena_alloc(arena, (tokens + 1) * sizeof *making.tokens);
	directory->tokens = table_new(tokens);
	directory->parties = table_new(parties);
	directory->agreed = agreed_hold(agreed);
	directory->foreign = *foreign;
	list_each (node, records) {
		struct record *record = container_of(node, struct record, node);

		if (record->block == NULL)
			record->block = block_new(&record->row, record->token, record->live);
		place_platform(&making, record->block);
	}
	return directory;
}

void
directory_free(struct directory *directory)
{
	if (directory == NULL)
		return;
	table_free(directory->tokens);
	table_free(directory->parties);
	agreed_release(directory->agreed);
	for (size_t i = 0; i < directory->platform_count; i++)
		block_release(directory->blocks[i]);
	arena_free(directory->arena);
	free(directory->retired_turns);
	free(directory);
}

const struct directory *
hub_directory(const struct hub *hub)
{
	return atomic_load_explicit(&hub->directory, memory_order_seq_cst);
}

void
directory_publish(struct hub *hub, struct directory *fresh)
{
	struct directory *old;

	fresh->generation = ++hub->registry->generations;
	old = (struct directory *)(uintptr_t)atomic_exchange_explicit(
	        &hub->directory, (const struct directory *)fresh, memory_order_seq_cst);

	if (old == NULL)
		return;
	old->retired_turns = rh_alloc((size_t)(hub->worker_count + 1) * sizeof *old->retired_turns);
	for (int i = 0; i < hub->worker_count; i++)
		old->retired_turns[i] = net_loop_turns(hub->workers[i].loop);
	old->retired_next = hub->registry->retired;
	hub->registry->retired = old;
}

static bool
unseen(const struct hub *hub, const struct directory *directory)
{
	for (int i = 0; i < hub->worker_count; i++) {
		uint64_t then = directory->retired_turns[i],
		         now = net_loop_turns(hub->workers[i].loop);

		if (then != UINT64_MAX && now != UINT64_MAX && now <= then)
			return false;
	}
	return true;
}

void
directory_reclaim(struct hub *hub, bool all)
{
	struct directory **at = &hub->registry->retired;

	while (*at != NULL) {
		struct directory *old = *at;

		if (all || unseen(hub, old)) {
			*at = old->retired_next;
			directory_free(old);
		} else {
			at = &old->retired_next;
		}
	}
}

size_t
directory_platforms(const struct directory *directory, const struct platform **first)
{
	*first = directory->platforms;
	return directory->platform_count;
}

size_t
directory_agreements(const struct directory *directory, const struct store_agreement **first)
{
	*first = directory->agreed->rows;
	return directory->agreed->count;
}

size_t
directory_agreed(const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, const struct store_agreement *const **rows)
{
	return agreed_of(directory->agreed, a, b, rows);
}

bool
directory_sandboxed(const struct directory *directory, int64_t platform)
{
	for (size_t i = 0; directory->sandbox_count > 0 && i < directory->platform_count; i++)
		if (directory->platforms[i].sandbox_of == platform &&
		        !directory->platforms[i].removed)
			return true;
	return false;
}

const struct party *
directory_holder(const struct directory *directory, const struct ocpi_id *id)
{
	const struct party *party = directory_party(directory, id);

	while (party != NULL && (party->platform->removed || party->state == STATE_SUSPENDED))
		party = party->same;
	return party;
}

struct str
directory_scope(const struct ocpi_id *party, int64_t platform, struct arena *arena)
{
	char key[OCPI_ID_TEXT];

	return store_scope(str_of(ocpi_id_key(party, key)), platform, arena);
}

const struct platform *
directory_platform(const struct directory *directory, int64_t id)
{
	size_t low = 0, high = directory->platform_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (directory->platforms[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < directory->platform_count && directory->platforms[low].id == id
	               ? &directory->platforms[low]
	               : NULL;
}

bool
token_is_good(const struct store_token *token)
{
	return token->expires_ms == 0 || token->expires_ms > rh_schedule_ms();
}

static const struct token_entry *
find_token(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES])
{
	return table_get(directory->tokens, (struct str){ (const char *)digest, RH_DIGEST_BYTES });
}

const struct platform *
directory_token_again(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES],
        struct token_seen *seen, enum store_token_kind *kind)
{
	if (seen->generation == 0 || seen->generation != directory->generation)
		*seen = (struct token_seen){ directory->generation, find_token(directory, digest) };
	if (seen->entry == NULL || !token_is_good(seen->entry->token))
		return NULL;
	*kind = seen->entry->token->kind;
	return seen->entry->platform;
}

const struct platform *
directory_token(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES],
        enum store_token_kind *kind)
{
	struct token_seen none = { 0 };

	return directory_token_again(directory, digest, &none, kind);
}

const struct platform *
directory_expired(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES],
        enum store_token_kind *kind)
{
	const struct token_entry *entry = find_token(directory, digest);

	if (entry == NULL || token_is_good(entry->token))
		return NULL;
	*kind = entry->token->kind;
	return entry->platform;
}

const struct party *
directory_party(const struct directory *directory, const struct ocpi_id *id)
{
	char key[OCPI_ID_TEXT];

	return table_get(directory->parties, str_of(ocpi_id_key(id, key)));
}

const struct endpoint *
platform_endpoint(const struct platform *platform, struct str module, enum ocpi_interface interface)
{
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (platform->endpoints[i].interface == interface &&
		        str_eq(platform->endpoints[i].module, module))
			return &platform->endpoints[i];
	return NULL;
}

bool
platform_has_party(const struct platform *platform, const struct ocpi_id *id)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (platform->parties[i].state != STATE_SUSPENDED &&
		        ocpi_id_same(&platform->parties[i].id, id))
			return true;
	return false;
}

struct str
platform_authorization(const struct platform *platform)
{
	bool plain =
	        platform->encoding == ENCODING_PLAIN ||
	        (platform->encoding == ENCODING_AUTO && atomic_load(&platform->live->plain_token));

	return plain ? platform->auth_plain : platform->auth_base64;
}

bool
platform_takes_token_at(const struct platform *platform, struct str origin)
{
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (str_eq(platform->endpoints[i].origin, origin))
			return true;
	return false;
}

enum store_state
platform_state(const struct platform *platform)
{
	if (platform->state != STATE_CONNECTED)
		return platform->state;
	return (enum store_state)atomic_load_explicit(&platform->live->state, memory_order_relaxed);
}

enum store_state
party_state(const struct party *party)
{
	if (party->platform->state == STATE_SUSPENDED || party->state == STATE_SUSPENDED)
		return STATE_SUSPENDED;
	return party->state == STATE_PLANNED ? STATE_PLANNED : platform_state(party->platform);
}

int64_t
party_updated_ms(const struct party *party)
{
	int64_t changed_ms =
	        atomic_load_explicit(&party->platform->live->status_ms, memory_order_relaxed);
	bool follows = party->state == STATE_CONNECTED || party->state == STATE_OFFLINE;

	return follows && changed_ms > party->last_updated_ms ? changed_ms : party->last_updated_ms;
}

const char *
state_name(int state)
{
	static const char *const names[] = { "PLANNED", "CONNECTED", "OFFLINE", "SUSPENDED" };

	return state >= STATE_PLANNED && state <= STATE_SUSPENDED ? names[state] : "unknown";
}
