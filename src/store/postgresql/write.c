/* write: what the writer does beside shares: one statement for each operation. */
#include "parts.h"

#include "../quota.h"
#include "../versions.h"

#include <string.h>

enum {
	EXPIRE_ROWS = 2000, /* a call: more would hold up the commits behind it */
	EXPIRE_RECORDS = 500,
	MOVE_ROWS = 500,
	DROP_ROWS = 500, /* each is taken out of its list */
	TRIM_ROWS = 1000,
	PROBE_BYTES = 4096,
};

/* ---- what an answer may say ---- */

static void
take_id(struct store_op *op, const struct pg_result *result)
{
	op->made_id = pg_int(result, 0, 0);
}

/* True: it was not done, as others changed first what it was made on. */
static bool
is_overtaken(struct store_op *op, bool overtaken)
{
	op->overtaken = overtaken;
	if (overtaken)
		op_result(op, RH_BUSY, "another process changed it first");
	return overtaken;
}

static void
note_version(struct store_op *op, int64_t version)
{
	if (op->directory != 0)
		op->directory = version;
}

static void
take_agreement(struct store_op *op, const struct pg_result *result)
{
	if (is_overtaken(op, pg_bool(result, 0, 2)))
		return;
	if (pg_null(result, 0, 0)) {
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
		return;
	}
	take_id(op, result);
	note_version(op, pg_int(result, 0, 1));
}

static void
take_event(struct store_op *op, const struct pg_result *result)
{
	if (pg_rows(result) == 0)
		op_result(op, RH_NOT_FOUND, "no event has this id");
	else
		take_id(op, result);
}

static void
take_touched(struct store_op *op, const struct pg_result *result)
{
	if (pg_rows(result) == 0)
		op_result(op, RH_NOT_FOUND, "no platform has this id");
}

static void
take_platform(struct store_op *op, const struct pg_result *result)
{
	if (is_overtaken(op, pg_bool(result, 0, 3)))
		return;
	if (pg_null(result, 0, 0)) {
		op_result(op, RH_NOT_FOUND, "no platform has this id");
		return;
	}
	take_id(op, result);
	op->u.save.platform->changed = pg_int(result, 0, 1);
	note_version(op, pg_int(result, 0, 2));
}

/* ---- platforms ---- */

struct children {
	struct pg_array country, party, role, state, last_updated_ms, business;
	struct pg_array module, interface, url;
	struct pg_array kind, digest, expires_ms, made_ms;
};

static void
add_parties(struct children *c, const struct store_platform *p, struct arena *arena)
{
	c->country = pg_array(arena, PG_OF_TEXT, p->party_count);
	c->party = pg_array(arena, PG_OF_TEXT, p->party_count);
	c->role = pg_array(arena, PG_OF_INT, p->party_count);
	c->state = pg_array(arena, PG_OF_INT, p->party_count);
	c->last_updated_ms = pg_array(arena, PG_OF_INT, p->party_count);
	c->business = pg_array(arena, PG_OF_BYTES, p->party_count);
	for (size_t i = 0; i < p->party_count; i++) {
		pg_array_add(&c->country, str_of(p->parties[i].country));
		pg_array_add(&c->party, str_of(p->parties[i].party));
		pg_array_int(&c->role, p->parties[i].role);
		pg_array_int(&c->state, p->parties[i].state);
		pg_array_int(&c->last_updated_ms, p->parties[i].last_updated_ms);
		pg_array_add(&c->business, p->parties[i].business);
	}
}

static void
add_endpoints(struct children *c, const struct store_platform *p, struct arena *arena)
{
	c->module = pg_array(arena, PG_OF_TEXT, p->endpoint_count);
	c->interface = pg_array(arena, PG_OF_INT, p->endpoint_count);
	c->url = pg_array(arena, PG_OF_TEXT, p->endpoint_count);
	for (size_t i = 0; i < p->endpoint_count; i++) {
		pg_array_add(&c->module, p->endpoints[i].module);
		pg_array_int(&c->interface, p->endpoints[i].interface);
		pg_array_add(&c->url, p->endpoints[i].url);
	}
}

static void
add_tokens(struct children *c, const struct store_platform *p, struct arena *arena)
{
	c->kind = pg_array(arena, PG_OF_INT, p->token_count);
	c->digest = pg_array(arena, PG_OF_BYTES, p->token_count);
	c->expires_ms = pg_array(arena, PG_OF_INT, p->token_count);
	c->made_ms = pg_array(arena, PG_OF_INT, p->token_count);
	for (size_t i = 0; i < p->token_count; i++) {
		const struct store_token *token = &p->tokens[i];

		pg_array_int(&c->kind, token->kind);
		pg_array_add(&c->digest,
		        (struct str){ (const char *)token->digest, sizeof(token->digest) });
		pg_array_int(&c->expires_ms, token->expires_ms);
		pg_array_int(&c->made_ms, token->made_ms);
	}
}

/* What it was made on. */
struct basis {
	int64_t changed, directory;
};

static void
save(struct pg_batch *batch, const struct pg_part *part, const struct store_platform *p,
        struct basis on)
{
	struct children c;

	add_parties(&c, p, batch->arena);
	add_endpoints(&c, p, batch->arena);
	add_tokens(&c, p, batch->arena);
	batch_add(batch, part, PGS_PLATFORM_SAVE,
	        (struct pg_value[]){ P_INT(p->id), P_BYTES(p->name), P_INT(p->state),
	                P_BOOL(p->removed), P_BYTES(p->version), P_BYTES(p->versions_url),
	                P_BYTES(p->token_sealed), P_BYTES(p->settings), P_INT(p->created_ms),
	                P_INT(p->updated_ms), P_INT(p->last_contact_ms), P_BOOL(p->claims_bound),
	                P_BYTES(p->told), P_ARRAY(c.country), P_ARRAY(c.party), P_ARRAY(c.role),
	                P_ARRAY(c.state), P_ARRAY(c.last_updated_ms), P_ARRAY(c.business),
	                P_ARRAY(c.module), P_ARRAY(c.interface), P_ARRAY(c.url), P_ARRAY(c.kind),
	                P_ARRAY(c.digest), P_ARRAY(c.expires_ms), P_ARRAY(c.made_ms),
	                P_INT(on.changed), P_INT(on.directory) },
	        28);
}

static void
platform_save(struct pg_batch *batch, struct store_op *op)
{
	const struct store_platform *p = op->u.save.platform;

	save(batch, &(struct pg_part){ .op = op, .take = take_platform }, p,
	        (struct basis){ p->changed, op->directory });
}

static void
platform_touch(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_touched, PGS_PLATFORM_TOUCH, P_INT(op->u.touch.platform),
	        P_INT(op->u.touch.at_ms));
}

/* ---- URLs handed out, facts, the probe ---- */

static void
take_relink(struct store_op *op, const struct pg_result *result)
{
	if (pg_int(result, 0, 0) != 0)
		(void)quota_allows(op, op->u.relink_put.quota, op->u.relink_put.quota,
		        "URLs handed out", NULL);
}

static void
relink_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_relink *r = op->u.relink_put.relink;

	BATCH_ADD(batch, op, take_relink, PGS_RELINK_PUT, P_BOOL(op->u.relink_put.limited),
	        P_INT(op->u.relink_put.quota), P_INT(quota_platform(r)), P_BYTES(r->id),
	        P_INT(r->kind), P_BYTES(r->target), P_INT(r->caller_platform),
	        P_INT(r->target_platform), P_BYTES(str_of(r->caller_country)),
	        P_BYTES(str_of(r->caller_party)), P_BYTES(str_of(r->target_country)),
	        P_BYTES(str_of(r->target_party)), P_BYTES(r->module), P_INT(r->interface),
	        P_BYTES(r->correlation_id), P_INT(r->created_ms), P_INT(r->expires_ms));
}

static void
meta_put(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(
	        batch, op, NULL, PGS_META_PUT, P_BYTES(op->u.meta.key), P_BYTES(op->u.meta.value));
}

static void
probe(struct pg_batch *batch, struct store_op *op)
{
	char *filler = arena_take(batch->arena, PROBE_BYTES);

	rh_random(filler, PROBE_BYTES);
	BATCH_ADD(batch, op, NULL, PGS_PROBE, P_BYTES(((struct str){ filler, PROBE_BYTES })));
}

/* ---- age ---- */

static void
take_expired(struct store_op *op, const struct pg_result *result)
{
	op->u.expire.dropped = (uint64_t)pg_int(result, 0, 0);
}

static void
expire(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_expired, PGS_EXPIRE, P_INT(op->u.expire.now_ms),
	        P_INT(op->u.expire.before_ms), P_INT(EXPIRE_ROWS), P_INT(EXPIRE_RECORDS),
	        P_INT(versions_before(op->u.expire.before_ms)));
}

static void
take_moved(struct store_op *op, const struct pg_result *result)
{
	op->u.scope.moved = (uint64_t)pg_int(result, 0, 0);
}

static void
scope_move(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_moved, PGS_SCOPE_MOVE, P_BYTES(op->u.scope.from),
	        P_BYTES(op->u.scope.to), P_INT(MOVE_ROWS));
}

static void
take_dropped(struct store_op *op, const struct pg_result *result)
{
	op->u.owned.dropped = (uint64_t)pg_int(result, 0, 0);
}

static void
owned_drop(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_dropped, PGS_OWNED_DROP, P_BYTES(op->u.owned.scope),
	        P_BYTES(op->u.owned.owner), P_INT(DROP_ROWS));
}

/* ---- pulls, agreements, hints ---- */

static void
pulled_missed(struct pg_batch *batch, struct store_op *op)
{
	const struct store_pulled_args *args = &op->u.pulled;

	for (size_t i = 0; i < args->count; i++) {
		const struct store_key *key = &args->rows[i].key;

		BATCH_ADD(batch, op, NULL, PGS_PULLED_MISSED, P_KEY(key->module), P_KEY(key->owner),
		        P_KEY(key->id), P_KEY(key->type), P_INT(args->platform),
		        P_INT(args->rows[i].missed));
	}
	if (args->count == 0)
		op_result(op, RH_OK, "");
}

static void
agreement_save(struct pg_batch *batch, struct store_op *op)
{
	const struct store_agreement *a = &op->u.agreements.agreements[0];

	BATCH_ADD(batch, op, take_agreement, PGS_AGREEMENT_SAVE, P_INT(a->id),
	        P_BYTES(str_of(a->cpo_country)), P_BYTES(str_of(a->cpo_party)),
	        P_BYTES(str_of(a->emsp_country)), P_BYTES(str_of(a->emsp_party)),
	        P_BYTES(a->modules), P_INT(a->from_ms), P_INT(a->until_ms), P_INT(op->directory));
}

/* One row for each, in their order. */
static void
take_agreements(struct store_op *op, const struct pg_result *result)
{
	for (size_t i = 0; i < op->u.import.agreement_count; i++)
		op->u.import.agreements[i].id = pg_int(result, (int)i, 0);
}

static void
add_agreements(struct pg_batch *batch, struct store_op *op)
{
	const struct store_import_args *args = &op->u.import;
	enum { TEXTS = 5, TIMES = 2 };
	struct pg_array texts[TEXTS], times[TIMES];

	for (size_t i = 0; i < TEXTS; i++)
		texts[i] = pg_array(batch->arena, PG_OF_TEXT, args->agreement_count);
	for (size_t i = 0; i < TIMES; i++)
		times[i] = pg_array(batch->arena, PG_OF_INT, args->agreement_count);
	for (size_t i = 0; i < args->agreement_count; i++) {
		const struct store_agreement *a = &args->agreements[i];

		pg_array_add(&texts[0], str_of(a->cpo_country));
		pg_array_add(&texts[1], str_of(a->cpo_party));
		pg_array_add(&texts[2], str_of(a->emsp_country));
		pg_array_add(&texts[3], str_of(a->emsp_party));
		pg_array_add(&texts[4], a->modules);
		pg_array_int(&times[0], a->from_ms);
		pg_array_int(&times[1], a->until_ms);
	}
	BATCH_ADD(batch, op, take_agreements, PGS_AGREEMENTS_INSERT, P_ARRAY(texts[0]),
	        P_ARRAY(texts[1]), P_ARRAY(texts[2]), P_ARRAY(texts[3]), P_ARRAY(texts[4]),
	        P_ARRAY(times[0]), P_ARRAY(times[1]));
}

static void
take_import(struct store_op *op, const struct pg_result *result)
{
	note_version(op, pg_int(result, 0, 0));
}

/* What one hub had becomes what another one has. All of it or none: it is in one transaction. */
static void
import(struct pg_batch *batch, struct store_op *op)
{
	const struct store_import_args *args = &op->u.import;

	BATCH_ADD(batch, op, take_import, PGS_IMPORT, P_INT(op->directory));
	for (size_t i = 0; i < args->platform_count; i++) {
		BATCH_ADD(batch, op, NULL, PGS_PLATFORM_PLACE, P_INT(args->platforms[i].id));
		save(batch, &(struct pg_part){ .op = op }, &args->platforms[i],
		        (struct basis){ 0 });
	}
	if (args->agreement_count > 0)
		add_agreements(batch, op);
	if (args->meta_key.p != NULL)
		BATCH_ADD(batch, op, NULL, PGS_META_PUT, P_BYTES(args->meta_key),
		        P_BYTES(args->meta_value));
}

static void
agreement_drop(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_agreement, PGS_AGREEMENT_DROP, P_INT(op->u.agreements.id),
	        P_INT(op->directory));
}

static void
hint_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_hint *hint = &op->u.hint.hint;

	BATCH_ADD(batch, op, NULL, PGS_HINT_PUT, P_KEY(hint->kind), P_KEY(hint->key),
	        P_BYTES(str_of(hint->country)), P_BYTES(str_of(hint->party)),
	        P_INT(hint->expires_ms));
}

/* ---- what is known of platforms ---- */

static void
status_save(struct pg_batch *batch, struct store_op *op)
{
	const struct store_statuses_args *args = &op->u.statuses;
	struct pg_array platform = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array state = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array at_ms = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array doc = pg_array(batch->arena, PG_OF_BYTES, args->count);

	for (size_t i = 0; i < args->count; i++) {
		pg_array_int(&platform, args->rows[i].platform);
		pg_array_int(&state, args->rows[i].state);
		pg_array_int(&at_ms, args->rows[i].at_ms);
		pg_array_add(&doc, args->rows[i].doc);
	}
	BATCH_ADD(batch, op, NULL, PGS_STATUS_SAVE, P_ARRAY(platform), P_ARRAY(state),
	        P_ARRAY(at_ms), P_ARRAY(doc));
}

/* ---- wishes ---- */

static void
take_wish(struct store_op *op, const struct pg_result *result)
{
	op->u.wishes.wish.nth = pg_int(result, 0, 0);
}

static void
wish_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_wish *wish = &op->u.wishes.wish;

	BATCH_ADD(batch, op, take_wish, PGS_WISH_PUT, P_INT(wish->platform), P_INT(wish->kind));
}

static void
wish_drop(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, NULL, PGS_WISH_DROP, P_INT(op->u.wishes.wish.nth));
}

static void
tally_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_tallies_args *args = &op->u.tallies;

	BATCH_ADD(batch, op, NULL, PGS_TALLY_PUT, P_INT(args->nth), P_INT(args->who),
	        P_BYTES(args->doc));
}

/* ---- events ---- */

static void
event_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_event *e = op->u.event.event;
	struct pg_value values[] = { P_INT(e->at_ms), P_KEY(e->type), P_INT(e->platform),
		P_KEY(e->who), P_KEY(e->address), P_KEY(e->what), P_KEY(e->subject), P_KEY(e->data),
		P_INT(e->id) };
	bool fresh = e->id == 0;

	if (op->u.event.drop)
		BATCH_ADD(batch, op, take_event, PGS_EVENT_DROP, P_INT(e->id));
	else
		batch_add(batch, &(struct pg_part){ .op = op, .take = take_event },
		        fresh ? PGS_EVENT_INSERT : PGS_EVENT_UPDATE, values, COUNT(values) - fresh);
	if (fresh && op->u.event.most > 0)
		BATCH_ADD(batch, NULL, NULL, PGS_EVENT_MOST, P_INT(e->platform), P_KEY(e->type),
		        P_INT(op->u.event.most));
}

static void
take_trimmed(struct store_op *op, const struct pg_result *result)
{
	op->u.event_trim.dropped = (uint64_t)pg_int(result, 0, 0);
}

static void
event_trim(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_trimmed, PGS_EVENT_TRIM, P_INT(op->u.event_trim.before_ms),
	        P_INT(op->u.event_trim.most), P_INT(TRIM_ROWS));
}

const pg_write pg_writes[STORE_VERB_COUNT] = {
	[STORE_PLATFORM_SAVE] = platform_save,
	[STORE_PLATFORM_TOUCH] = platform_touch,
	[STORE_IMPORT] = import,
	[STORE_RELINK_PUT] = relink_put,
	[STORE_EXPIRE] = expire,
	[STORE_META_PUT] = meta_put,
	[STORE_PROBE] = probe,
	[STORE_CURSORS_SAVE] = pg_cursors_save,
	[STORE_FAILURE_PUT] = pg_failure_put,
	[STORE_FAILURE_DROP] = pg_failure_drop,
	[STORE_PARK] = pg_park,
	[STORE_UNPARK] = pg_unpark,
	[STORE_REDRIVE] = pg_redrive,
	[STORE_RECEIVER_DROP] = pg_receiver_drop,
	[STORE_SCOPE_MOVE] = scope_move,
	[STORE_OWNED_DROP] = owned_drop,
	[STORE_PULLED_MISSED] = pulled_missed,
	[STORE_AGREEMENT_SAVE] = agreement_save,
	[STORE_AGREEMENT_DROP] = agreement_drop,
	[STORE_HINT_PUT] = hint_put,
	[STORE_EVENT_PUT] = event_put,
	[STORE_EVENT_TRIM] = event_trim,
	[STORE_ERASE] = pg_erase,
	[STORE_STATUS_SAVE] = status_save,
	[STORE_WISH_PUT] = wish_put,
	[STORE_WISH_DROP] = wish_drop,
	[STORE_TALLY_PUT] = tally_put,
};
