/* block: one platform, parsed once from its record. */
#include "block.h"

#include "settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
platform_owns_origin(const struct platform *platform, struct str origin)
{
	for (size_t i = 0; i < platform->origin_count; i++)
		if (str_eq(platform->origins[i], origin))
			return true;
	return false;
}

static void
add_origin(struct platform *platform, struct str *origins, struct str url, struct arena *arena)
{
	struct net_url parsed;

	if (url.p == NULL || net_url_parse(url, arena, &parsed, NULL) != RH_OK)
		return;
	if (!platform_owns_origin(platform, parsed.origin))
		origins[platform->origin_count++] = parsed.origin;
}

static void
add_endpoint(struct platform *platform, struct endpoint *endpoints, struct str *origins,
        const struct store_endpoint *from, struct arena *arena)
{
	struct endpoint *to = &endpoints[platform->endpoint_count];
	struct net_url url;

	if (net_url_parse(from->url, arena, &url, NULL) != RH_OK)
		return;
	to->module = arena_str(arena, from->module);
	to->interface = (enum ocpi_interface)from->interface;
	to->url = arena_str(arena, from->url);
	to->origin = url.origin;
	to->target = url.target;
	platform->endpoint_count++;
	add_origin(platform, origins, from->url, arena);
}

/* The operator's word goes before the partner's (fault O21); a removed platform has none. */
static void
add_by_hand(struct platform *platform, struct endpoint *endpoints, struct str *origins,
        struct arena *arena)
{
	for (size_t i = 0; !platform->removed && i < platform->by_hand_count; i++) {
		size_t at = platform->endpoint_count;

		add_endpoint(platform, endpoints, origins, &platform->endpoints_by_hand[i], arena);
		for (; at < platform->endpoint_count; at++)
			endpoints[at].by_hand = true;
	}
}

static bool
is_by_hand(const struct platform *platform, const struct store_endpoint *listed)
{
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (platform->endpoints[i].by_hand &&
		        (int)platform->endpoints[i].interface == listed->interface &&
		        str_eq(platform->endpoints[i].module, listed->module))
			return true;
	return false;
}

static void
parse_endpoints(struct platform *platform, const struct store_platform *row, struct arena *arena)
{
	size_t most = row->endpoint_count + platform->by_hand_count + 1;
	struct endpoint *endpoints = arena_alloc(arena, most * sizeof *endpoints);
	struct str *origins = arena_alloc(arena, most * sizeof *origins);

	platform->endpoints = endpoints;
	platform->origins = origins;
	add_origin(platform, origins, platform->versions_url, arena);
	add_by_hand(platform, endpoints, origins, arena);
	for (size_t i = 0; i < row->endpoint_count; i++)
		if (!is_by_hand(platform, &row->endpoints[i]))
			add_endpoint(platform, endpoints, origins, &row->endpoints[i], arena);
}

static void
parse_parties(struct block *block, const struct store_platform *row)
{
	struct arena *arena = block->arena;
	struct party *parties = arena_alloc(arena, (row->party_count + 1) * sizeof *parties);
	struct str *keys = arena_alloc(arena, (row->party_count + 1) * sizeof *keys);
	char key[OCPI_ID_TEXT];

	for (size_t i = 0; i < row->party_count; i++) {
		const struct store_party *from = &row->parties[i];
		struct party *party = &parties[i];

		memcpy(party->id.country, from->country, sizeof party->id.country);
		memcpy(party->id.party, from->party, sizeof party->id.party);
		party->role = (enum ocpi_role)from->role;
		block->platform.is_hub |= party->role == ROLE_HUB;
		party->state = from->state;
		party->last_updated_ms = from->last_updated_ms;
		party->business = arena_str(arena, from->business);
		keys[i] = arena_str(arena, str_of(ocpi_id_key(&party->id, key)));
	}
	block->parties = parties;
	block->party_keys = keys;
	block->platform.party_count = row->party_count;
}

/* A token in its grace was replaced. One that stays since nobody knows whether it was is as old as
 * it is. */
static void
note_token(struct platform *platform, const struct store_token *token)
{
	bool in_use = token->kind == TOKEN_CURRENT ||
	              (token->kind == TOKEN_PREVIOUS && token->expires_ms == 0);

	platform->has_previous |= token->kind == TOKEN_PREVIOUS;
	platform->has_pending |= token->kind == TOKEN_PENDING;
	if (token->kind == TOKEN_PENDING && token->made_ms > platform->pending_made_ms)
		platform->pending_made_ms = token->made_ms;
	if (token->kind == TOKEN_A)
		platform->invite_until_ms = token->expires_ms;
	if (in_use && (platform->token_made_ms == 0 || token->made_ms < platform->token_made_ms))
		platform->token_made_ms = token->made_ms;
}

static void
parse_tokens(struct block *block, const struct store_platform *row)
{
	struct store_token *tokens =
	        arena_alloc(block->arena, (row->token_count + 1) * sizeof *tokens);

	for (size_t i = 0; i < row->token_count; i++) {
		tokens[i] = row->tokens[i];
		note_token(&block->platform, &tokens[i]);
	}
	block->tokens = tokens;
	block->token_count = row->token_count;
}

static void
parse_row(struct platform *platform, const struct store_platform *row, struct arena *arena)
{
	platform->id = row->id;
	platform->name = arena_str(arena, row->name);
	platform->state = row->state;
	platform->removed = row->removed;
	platform->claims_bound = row->claims_bound;
	platform->version = arena_str(arena, row->version);
	platform->versions_url = arena_str(arena, row->versions_url);
	platform->settings = arena_str(arena, row->settings);
	platform->told = arena_str(arena, row->told);
	platform->created_ms = row->created_ms;
	platform->updated_ms = row->updated_ms;
	platform->last_contact_ms = row->last_contact_ms;
}

struct block *
block_new(const struct store_platform *row, struct str token, struct live *live)
{
	struct block *block = rh_alloc(sizeof *block);
	struct arena *arena = block->arena = arena_new(2048);
	struct platform *platform = &block->platform;

	block->refs = 1;
	parse_row(platform, row, arena);
	platform->live = live;
	if (token.p != NULL) {
		platform->token = arena_str(arena, token);
		platform->auth_base64 = ocpi_authorization_write(platform->token, false, arena);
		platform->auth_plain = ocpi_authorization_write(platform->token, true, arena);
	}
	settings_parse(platform, arena);
	parse_endpoints(platform, row, arena);
	parse_parties(block, row);
	parse_tokens(block, row);
	return block;
}

struct block *
block_hold(struct block *block)
{
	assert(block->refs > 0);
	block->refs++;
	return block;
}

void
block_release(struct block *block)
{
	if (block == NULL)
		return;
	assert(block->refs > 0);
	if (--block->refs > 0)
		return;
	arena_free(block->arena);
	free(block);
}
