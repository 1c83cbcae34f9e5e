/* read_platforms: platforms with all that hangs on them, agreements, hints, URLs handed out, facts
 * about the hub. */
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
	};
}

static void
take_platforms(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[PLATFORMS].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_platform *platforms = arena_take(op->arena, (count + 1) * sizeof(*platforms));
	int party = 0, endpoint = 0, token = 0;

	for (int i = 0; i < (int)count; i++) {
		platforms[i] = platform_of(rows, i, op->arena);
		take_parties(read->calls[PARTIES].result, &party, &platforms[i], op->arena);
		take_endpoints(read->calls[ENDPOINTS].result, &endpoint, &platforms[i], op->arena);
		take_tokens(read->calls[TOKENS].result, &token, &platforms[i], op->arena);
	}
	op->u.load.platforms = platforms;
	op->u.load.count = count;
	op_result(op, RH_OK, "");
}

/* ---- agreements and hints ---- */

static void
ask_agreements(struct pg_read *read)
{
	read_add(read, PGS_AGREEMENTS, NULL, 0);
}

static void
take_agreements(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_agreement *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (int i = 0; i < (int)count; i++) {
		struct store_agreement *a = &out[i];

		a->id = pg_int(rows, i, 0);
		pg_chars(rows, i, 1, a->cpo_country, sizeof(a->cpo_country));
		pg_chars(rows, i, 2, a->cpo_party, sizeof(a->cpo_party));
		pg_chars(rows, i, 3, a->emsp_country, sizeof(a->emsp_country));
		pg_chars(rows, i, 4, a->emsp_party, sizeof(a->emsp_party));
		a->modules = pg_text(rows, i, 5, op->arena);
		a->from_ms = pg_int(rows, i, 6);
		a->until_ms = pg_int(rows, i, 7);
	}
	op->u.agreements.agreements = out;
	op->u.agreements.count = count;
	op_result(op, RH_OK, "");
}

static void
ask_hint(struct pg_read *read)
{
	const struct store_hint *hint = &read->op->u.hint.hint;

	READ_ADD(read, PGS_HINT_GET, P_KEY(hint->kind), P_KEY(hint->key), P_INT(rh_wall_ms()));
}

static void
take_hint(struct pg_read *read)
{
	struct store_hint *hint = &read->op->u.hint.hint;
	const struct pg_result *rows = read->calls[0].result;

	op_result(read->op, RH_NOT_FOUND, "no such hint, or it expired");
	if (pg_rows(rows) == 0)
		return;
	pg_chars(rows, 0, 0, hint->country, sizeof(hint->country));
	pg_chars(rows, 0, 1, hint->party, sizeof(hint->party));
	hint->expires_ms = pg_int(rows, 0, 2);
	op_result(read->op, RH_OK, "");
}

/* ---- URLs handed out, facts ---- */

static void
ask_relink(struct pg_read *read)
{
	READ_ADD(read, PGS_RELINK_GET, P_KEY(read->op->u.relink.id),
	        P_INT(read->op->u.relink.now_ms));
}

static void
take_relink(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_relink *out = &op->u.relink.relink;
	const struct pg_result *rows = read->calls[0].result;

	op_result(op, RH_NOT_FOUND, "no such URL was handed out, or it expired");
	if (pg_rows(rows) == 0)
		return;
	*out = (struct store_relink){
		.id = pg_text(rows, 0, 0, op->arena),
		.kind = (enum store_relink_kind)pg_int(rows, 0, 1),
		.target = pg_text(rows, 0, 2, op->arena),
		.caller_platform = pg_int(rows, 0, 3),
		.target_platform = pg_int(rows, 0, 4),
		.module = pg_text(rows, 0, 9, op->arena),
		.interface = (int)pg_int(rows, 0, 10),
		.correlation_id = pg_text(rows, 0, 11, op->arena),
		.created_ms = pg_int(rows, 0, 12),
		.expires_ms = pg_int(rows, 0, 13),
	};
	pg_chars(rows, 0, 5, out->caller_country, sizeof(out->caller_country));
	pg_chars(rows, 0, 6, out->caller_party, sizeof(out->caller_party));
	pg_chars(rows, 0, 7, out->target_country, sizeof(out->target_country));
	pg_chars(rows, 0, 8, out->target_party, sizeof(out->target_party));
	op_result(op, RH_OK, "");
}

static void
ask_meta(struct pg_read *read)
{
	READ_ADD(read, PGS_META_GET, P_KEY(read->op->u.meta.key));
}

static void
take_meta(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;

	op_result(op, RH_NOT_FOUND, "no such key");
	if (pg_rows(rows) == 0)
		return;
	op->u.meta.value = pg_text(rows, 0, 0, op->arena);
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_platforms = { ask_platforms, take_platforms, PG_LANE_OWN };
const struct pg_read_verb pg_read_agreements = { ask_agreements, take_agreements, PG_LANE_OWN };
const struct pg_read_verb pg_read_hint = { ask_hint, take_hint };
const struct pg_read_verb pg_read_relink = { ask_relink, take_relink };
const struct pg_read_verb pg_read_meta = { ask_meta, take_meta };
