/* read_platforms: platforms with all that hangs on them, and agreements; all of them, or what
 * changed. */
#include "parts.h"

#include <string.h>

/* ---- platforms: four statements of one snapshot, each in the order of the platforms ---- */

enum { PLATFORMS = 1, PARTIES, ENDPOINTS, TOKENS }; /* calls */

static void
ask_platforms(struct pg_read *read)
{
	static const enum pg_sql asked[] = { PGS_SNAPSHOT, PGS_PLATFORMS, PGS_PARTIES,
		PGS_ENDPOINTS, PGS_TOKENS, PGS_SNAPSHOT_END };

	for (size_t i = 0; i < COUNT(asked); i++)
		read_add(read, asked[i], NULL, 0);
}

/* The rows of platform @id, from *@at on. */
static size_t
run_of(const struct pg_result *rows, int64_t id, int *at)
{
	int begin = *at;

	while (*at < pg_rows(rows) && pg_int(rows, *at, 0) == id)
		++*at;
	return (size_t)(*at - begin);
}

static void
take_parties(const struct pg_result *rows, int *at, struct store_platform *p, struct arena *arena)
{
	int begin = *at;
	struct store_party *parties;

	p->party_count = run_of(rows, p->id, at);
	parties = arena_alloc(arena, (p->party_count + 1) * sizeof(*parties));
	for (int i = begin; i < *at; i++) {
		struct store_party *party = &parties[i - begin];

		pg_chars(rows, i, 1, party->country, sizeof(party->country));
		pg_chars(rows, i, 2, party->party, sizeof(party->party));
		party->role = (int)pg_int(rows, i, 3);
		party->state = (enum store_state)pg_int(rows, i, 4);
		party->last_updated_ms = pg_int(rows, i, 5);
		party->business = pg_text(rows, i, 6, arena);
	}
	p->parties = parties;
}

static void
take_endpoints(const struct pg_result *rows, int *at, struct store_platform *p, struct arena *arena)
{
	int begin = *at;
	struct store_endpoint *endpoints;

	p->endpoint_count = run_of(rows, p->id, at);
	endpoints = arena_alloc(arena, (p->endpoint_count + 1) * sizeof(*endpoints));
	for (int i = begin; i < *at; i++)
		endpoints[i - begin] = (struct store_endpoint){
			.module = pg_text(rows, i, 1, arena),
			.interface = (int)pg_int(rows, i, 2),
			.url = pg_text(rows, i, 3, arena),
		};
	p->endpoints = endpoints;
}

static void
take_tokens(const struct pg_result *rows, int *at, struct store_platform *p, struct arena *arena)
{
	int begin = *at;
	struct store_token *tokens;

	p->token_count = run_of(rows, p->id, at);
	tokens = arena_alloc(arena, (p->token_count + 1) * sizeof(*tokens));
	for (int i = begin; i < *at; i++) {
		struct store_token *token = &tokens[i - begin];
		struct str digest = pg_peek(rows, i, 2);

		token->kind = (enum store_token_kind)pg_int(rows, i, 1);
		if (digest.len == sizeof(token->digest))
			memcpy(token->digest, digest.p, sizeof(token->digest));
		token->expires_ms = pg_int(rows, i, 3);
		token->made_ms = pg_int(rows, i, 4);
	}
	p->tokens = tokens;
}

static struct store_platform
platform_of(const struct pg_result *rows, int row, struct arena *arena)
{
	return (struct store_platform){
		.id = pg_int(rows, row, 0),
		.name = pg_text(rows, row, 1, arena),
		.state = (enum store_state)pg_int(rows, row, 2),
		.removed = pg_bool(rows, row, 3),
		.version = pg_text(rows, row, 4, arena),
		.versions_url = pg_text(rows, row, 5, arena),
		.token_sealed = pg_text(rows, row, 6, arena),
		.settings = pg_text(rows, row, 7, arena),
		.created_ms = pg_int(rows, row, 8),
		.updated_ms = pg_int(rows, row, 9),
		.last_contact_ms = pg_int(rows, row, 10),
		.claims_bound = pg_bool(rows, row, 11),
		.told = pg_text(rows, row, 12, arena),
		.changed = pg_int(rows, row, 13),
	};
}

/* @first is the call that asked for platforms; the other three are behind it. */
static struct store_platform *
take_rows(const struct pg_read *read, size_t first, size_t *count)
{
	const struct pg_call *calls = &read->calls[first - PLATFORMS];
	const struct pg_result *rows = calls[PLATFORMS].result;
	struct arena *arena = read->op->arena;
	struct store_platform *platforms;
	int party = 0, endpoint = 0, token = 0;

	*count = (size_t)pg_rows(rows);
	platforms = arena_take(arena, (*count + 1) * sizeof(*platforms));
	for (int i = 0; i < (int)*count; i++) {
		platforms[i] = platform_of(rows, i, arena);
		take_parties(calls[PARTIES].result, &party, &platforms[i], arena);
		take_endpoints(calls[ENDPOINTS].result, &endpoint, &platforms[i], arena);
		take_tokens(calls[TOKENS].result, &token, &platforms[i], arena);
	}
	return platforms;
}

static void
take_platforms(struct pg_read *read)
{
	struct store_op *op = read->op;

	op->u.load.platforms = take_rows(read, PLATFORMS, &op->u.load.count);
	op_result(op, RH_OK, "");
}

/* ---- agreements ---- */

static void
ask_agreements(struct pg_read *read)
{
	read_add(read, PGS_AGREEMENTS, NULL, 0);
}

static struct store_agreement *
agreements_of(const struct pg_result *rows, struct arena *arena, size_t *count)
{
	struct store_agreement *out;

	*count = (size_t)pg_rows(rows);
	out = arena_take(arena, (*count + 1) * sizeof(*out));
	for (int i = 0; i < (int)*count; i++) {
		struct store_agreement *a = &out[i];

		a->id = pg_int(rows, i, 0);
		pg_chars(rows, i, 1, a->cpo_country, sizeof(a->cpo_country));
		pg_chars(rows, i, 2, a->cpo_party, sizeof(a->cpo_party));
		pg_chars(rows, i, 3, a->emsp_country, sizeof(a->emsp_country));
		pg_chars(rows, i, 4, a->emsp_party, sizeof(a->emsp_party));
		a->modules = pg_text(rows, i, 5, arena);
		a->from_ms = pg_int(rows, i, 6);
		a->until_ms = pg_int(rows, i, 7);
	}
	return out;
}

static void
take_agreements(struct pg_read *read)
{
	struct store_op *op = read->op;

	op->u.agreements.agreements =
	        agreements_of(read->calls[0].result, op->arena, &op->u.agreements.count);
	op_result(op, RH_OK, "");
}

/* ---- what changed of both, in one snapshot ---- */

enum { HEAD = 1, CHANGED, AGREEMENTS = CHANGED + 4 }; /* calls */

static void
ask_directory(struct pg_read *read)
{
	static const enum pg_sql asked[] = { PGS_DIRECTORY, PGS_PLATFORMS_SINCE, PGS_PARTIES_SINCE,
		PGS_ENDPOINTS_SINCE, PGS_TOKENS_SINCE, PGS_AGREEMENTS_SINCE };

	read_add(read, PGS_SNAPSHOT, NULL, 0);
	for (size_t i = 0; i < COUNT(asked); i++)
		READ_ADD(read, asked[i], P_INT(read->op->u.directory.since));
	read_add(read, PGS_SNAPSHOT_END, NULL, 0);
}

static void
take_directory(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_directory_args *out = &op->u.directory;
	int64_t *joined;

	out->changed = pg_int(read->calls[HEAD].result, 0, 0);
	out->version = pg_int(read->calls[HEAD].result, 0, 1);
	out->agreements_changed = pg_bool(read->calls[HEAD].result, 0, 2);
	out->head = pg_int(read->calls[HEAD].result, 0, 3);
	out->platforms = take_rows(read, CHANGED, &out->platform_count);
	joined = arena_take(op->arena, (out->platform_count + 1) * sizeof(*joined));
	for (size_t i = 0; i < out->platform_count; i++)
		joined[i] = pg_int(read->calls[CHANGED].result, (int)i, 14);
	out->joined = joined;
	out->agreements =
	        agreements_of(read->calls[AGREEMENTS].result, op->arena, &out->agreement_count);
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_platforms = { ask_platforms, take_platforms, PG_LANE_OWN };
const struct pg_read_verb pg_read_agreements = { ask_agreements, take_agreements, PG_LANE_OWN };
const struct pg_read_verb pg_read_directory = { ask_directory, take_directory };
