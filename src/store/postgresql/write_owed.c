/* write_owed: cursors, refusals and parked rows. What an operation brings of them is one statement,
 * a column an array. */
#include "parts.h"

enum { DROP_ROWS = 2000 }; /* a call: more would hold up the commits behind it */

/* The columns that name a row, as of parked and of push_failure. */
struct names {
	struct pg_array receiver, party, scope, module, owner, id, type;
};

static struct names
names_begin(struct arena *arena, size_t count)
{
	return (struct names){
		.receiver = pg_array(arena, PG_OF_TEXT, count),
		.party = pg_array(arena, PG_OF_TEXT, count),
		.scope = pg_array(arena, PG_OF_TEXT, count),
		.module = pg_array(arena, PG_OF_TEXT, count),
		.owner = pg_array(arena, PG_OF_TEXT, count),
		.id = pg_array(arena, PG_OF_TEXT, count),
		.type = pg_array(arena, PG_OF_TEXT, count),
	};
}

static void
names_add(struct names *names, struct str receiver, struct str to, const struct store_key *key)
{
	pg_array_key(&names->receiver, receiver);
	pg_array_key(&names->party, to);
	pg_array_key(&names->scope, key->scope);
	pg_array_key(&names->module, key->module);
	pg_array_key(&names->owner, key->owner);
	pg_array_key(&names->id, key->id);
	pg_array_key(&names->type, key->type);
}
#define P_NAMES(names)                                                                \
	P_ARRAY((names).receiver), P_ARRAY((names).party), P_ARRAY((names).scope),    \
	        P_ARRAY((names).module), P_ARRAY((names).owner), P_ARRAY((names).id), \
	        P_ARRAY((names).type)

void
pg_cursors_save(struct pg_batch *batch, struct store_op *op)
{
	const struct store_cursors_args *args = &op->u.cursors;
	struct pg_array receiver = pg_array(batch->arena, PG_OF_TEXT, args->count);
	struct pg_array change = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array ahead = pg_array(batch->arena, PG_OF_TEXT, args->count);

	for (size_t i = 0; i < args->count; i++) {
		pg_array_key(&receiver, args->cursors[i].receiver);
		pg_array_int(&change, args->cursors[i].change);
		pg_array_add(&ahead, args->cursors[i].ahead);
	}
	BATCH_ADD(batch, op, NULL, PGS_CURSORS_SAVE, P_ARRAY(receiver), P_ARRAY(change),
	        P_ARRAY(ahead));
}

struct verdicts { /* what a receiver last answered */
	struct pg_array change, http, ocpi, why;
};

static struct verdicts
verdicts_begin(struct arena *arena, size_t count)
{
	return (struct verdicts){
		.change = pg_array(arena, PG_OF_INT, count),
		.http = pg_array(arena, PG_OF_INT, count),
		.ocpi = pg_array(arena, PG_OF_INT, count),
		.why = pg_array(arena, PG_OF_BYTES, count),
	};
}

static void
verdicts_add(struct verdicts *v, int64_t change, int http, int ocpi, struct str why)
{
	pg_array_int(&v->change, change);
	pg_array_int(&v->http, http);
	pg_array_int(&v->ocpi, ocpi);
	pg_array_add(&v->why, why);
}

void
pg_failure_put(struct pg_batch *batch, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	struct names names = names_begin(batch->arena, args->count);
	struct verdicts v = verdicts_begin(batch->arena, args->count);
	struct pg_array at_ms = pg_array(batch->arena, PG_OF_INT, args->count);

	for (size_t i = 0; i < args->count; i++) {
		const struct store_failure *f = &args->failures[i];

		names_add(&names, f->receiver, f->to, &f->key);
		verdicts_add(&v, f->change, f->http, f->ocpi, f->why);
		pg_array_int(&at_ms, f->at_ms);
	}
	BATCH_ADD(batch, op, NULL, PGS_FAILURE_PUT, P_NAMES(names), P_ARRAY(v.change),
	        P_ARRAY(at_ms), P_ARRAY(v.http), P_ARRAY(v.ocpi), P_ARRAY(v.why));
}

void
pg_failure_drop(struct pg_batch *batch, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	const struct store_key *key = &args->key;
	struct names names = names_begin(batch->arena, args->count);

	for (size_t i = 0; i < args->count; i++)
		names_add(&names, args->failures[i].receiver, args->failures[i].to,
		        &args->failures[i].key);
	if (args->count > 0)
		BATCH_ADD(batch, op, NULL, PGS_FAILURE_DROP, P_NAMES(names));
	else
		BATCH_ADD(batch, op, NULL, PGS_FAILURE_DROP_SELECTED, P_BYTES(args->receiver),
		        P_KEY(key->scope), P_BYTES(key->module), P_KEY(key->owner), P_KEY(key->id),
		        P_KEY(key->type));
}

void
pg_park(struct pg_batch *batch, struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	struct names names = names_begin(batch->arena, args->count);
	struct verdicts v = verdicts_begin(batch->arena, args->count);
	struct pg_array kind = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array since_ms = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array due_ms = pg_array(batch->arena, PG_OF_INT, args->count);
	struct pg_array attempts = pg_array(batch->arena, PG_OF_INT, args->count);

	for (size_t i = 0; i < args->count; i++) {
		const struct store_parked *p = &args->rows[i];

		names_add(&names, p->receiver, p->to, &p->key);
		verdicts_add(&v, p->change, p->http, p->ocpi, p->why);
		pg_array_int(&kind, p->kind);
		pg_array_int(&since_ms, p->since_ms);
		pg_array_int(&due_ms, p->due_ms);
		pg_array_int(&attempts, p->attempts);
	}
	BATCH_ADD(batch, op, NULL, PGS_PARK, P_NAMES(names), P_ARRAY(kind), P_ARRAY(since_ms),
	        P_ARRAY(due_ms), P_ARRAY(attempts), P_ARRAY(v.change), P_ARRAY(v.http),
	        P_ARRAY(v.ocpi), P_ARRAY(v.why));
}

void
pg_unpark(struct pg_batch *batch, struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	struct names names = names_begin(batch->arena, args->count);
	struct pg_array change = pg_array(batch->arena, PG_OF_INT, args->count);

	for (size_t i = 0; i < args->count; i++) {
		names_add(&names, args->rows[i].receiver, args->rows[i].to, &args->rows[i].key);
		pg_array_int(&change, args->rows[i].change);
	}
	BATCH_ADD(
	        batch, op, NULL, PGS_UNPARK, P_NAMES(names), P_ARRAY(change), P_BOOL(args->taken));
}

static void
take_redriven(struct store_op *op, const struct pg_result *result)
{
	op->u.redrive.count = (uint64_t)pg_int(result, 0, 0);
}

void
pg_redrive(struct pg_batch *batch, struct store_op *op)
{
	const struct store_redrive_args *args = &op->u.redrive;
	const struct store_key *key = &args->key;

	BATCH_ADD(batch, op, take_redriven, PGS_REDRIVE, P_BYTES(args->receiver),
	        P_BYTES(key->scope), P_BYTES(key->module), P_BYTES(key->owner), P_BYTES(key->id),
	        P_BYTES(key->type), P_INT(args->now_ms),
	        P_INT(args->since_ms == 0 ? INT64_MIN : args->since_ms),
	        P_INT(args->until_ms == 0 ? INT64_MAX : args->until_ms), P_BOOL(args->dry_run));
}

static void
take_dropped(struct store_op *op, const struct pg_result *result)
{
	op->u.receiver.dropped = (uint64_t)pg_int(result, 0, 0);
}

void
pg_receiver_drop(struct pg_batch *batch, struct store_op *op)
{
	BATCH_ADD(batch, op, take_dropped, PGS_RECEIVER_DROP, P_BYTES(op->u.receiver.receiver),
	        P_INT(DROP_ROWS));
}
