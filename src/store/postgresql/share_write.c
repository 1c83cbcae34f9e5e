/* share_write: the shares of a batch as the arrays that share_batch() takes. */
#include "share.h"

#include "../versions.h"

#include <string.h>

struct keys
keys_begin(struct arena *arena, size_t count)
{
	return (struct keys){
		.scope = pg_array(arena, PG_OF_TEXT, count),
		.module = pg_array(arena, PG_OF_TEXT, count),
		.owner = pg_array(arena, PG_OF_TEXT, count),
		.id = pg_array(arena, PG_OF_TEXT, count),
		.type = pg_array(arena, PG_OF_TEXT, count),
	};
}

void
keys_add(struct keys *keys, const struct store_key *key)
{
	pg_array_key(&keys->scope, key->scope);
	pg_array_key(&keys->module, key->module);
	pg_array_key(&keys->owner, key->owner);
	pg_array_key(&keys->id, key->id);
	pg_array_key(&keys->type, key->type);
}

struct columns {
	struct keys keys;
	struct pg_array expected, number, previous_number, previous, seq_number, seq, was_live,
	        was_sender, accepted, last_updated_ns, sender, at_ms, method, suffix, correlation,
	        patch, body;
};

static struct columns
columns_begin(struct arena *arena, size_t count, size_t numbers)
{
	return (struct columns){
		.keys = keys_begin(arena, count),
		.expected = pg_array(arena, PG_OF_INT, numbers),
		.number = pg_array(arena, PG_OF_INT, count),
		.previous_number = pg_array(arena, PG_OF_INT, count),
		.previous = pg_array(arena, PG_OF_INT, count),
		.seq_number = pg_array(arena, PG_OF_INT, count),
		.seq = pg_array(arena, PG_OF_INT, count),
		.was_live = pg_array(arena, PG_OF_BOOL, count),
		.was_sender = pg_array(arena, PG_OF_INT, count),
		.accepted = pg_array(arena, PG_OF_BOOL, count),
		.last_updated_ns = pg_array(arena, PG_OF_INT, count),
		.sender = pg_array(arena, PG_OF_INT, count),
		.at_ms = pg_array(arena, PG_OF_INT, count),
		.method = pg_array(arena, PG_OF_TEXT, count),
		.suffix = pg_array(arena, PG_OF_BYTES, count),
		.correlation = pg_array(arena, PG_OF_BYTES, count),
		.patch = pg_array(arena, PG_OF_BYTES, count),
		.body = pg_array(arena, PG_OF_BYTES, count),
	};
}

static void
columns_add(struct columns *c, const struct target *target)
{
	const struct store_share_args *args = target->last;

	keys_add(&c->keys, &target->key);
	pg_array_int(&c->number, target->change.behind);
	pg_array_int(&c->previous_number, target->previous.behind);
	pg_array_int(&c->previous, target->previous.known);
	pg_array_int(&c->seq_number, target->seq.behind);
	pg_array_int(&c->seq, target->seq.known);
	pg_array_bool(&c->was_live, target->was_live);
	pg_array_int(&c->was_sender, target->was_sender);
	pg_array_bool(&c->accepted, target->accepted);
	pg_array_int(&c->last_updated_ns, target->last_updated_ns);
	pg_array_int(&c->sender, args->sender_platform);
	pg_array_int(&c->at_ms, args->at_ms);
	pg_array_add(&c->method, args->method);
	pg_array_add(&c->suffix, args->suffix);
	pg_array_add(&c->correlation, args->correlation_id);
	pg_array_add(&c->patch, args->patch);
	pg_array_add(&c->body, target->body);
}

/* By number: those of versions that another one of the batch stands before are not written. */
static void
add_expected(const struct pg_shares *shares, struct pg_array *expected)
{
	int64_t *changes =
	        arena_alloc(shares->batch->arena, ((size_t)shares->numbers + 1) * sizeof(*changes));

	for (size_t i = 0; i < shares->target_count; i++)
		if (shares->targets[i].last != NULL)
			changes[shares->targets[i].change.behind] = shares->targets[i].expected;
	for (int64_t i = 0; i < shares->numbers; i++)
		pg_array_int(expected, changes[i]);
}

static bool
is_counted(const struct target *target)
{
	return target->was_live != target->live ||
	       (target->live && target->was_sender != target->last->sender_platform);
}

void
shares_write(struct pg_shares *shares)
{
	struct pg_batch *batch = shares->batch;
	struct columns c = columns_begin(batch->arena, shares->written, (size_t)shares->numbers);
	struct pg_value *values = arena_take(batch->arena, PG_VALUES_MOST * sizeof(*values));
	bool counting = false;

	for (size_t i = 0; i < shares->target_count; i++) {
		if (shares->targets[i].last == NULL)
			continue;
		columns_add(&c, &shares->targets[i]);
		counting = counting || is_counted(&shares->targets[i]);
	}
	add_expected(shares, &c.expected);
	memcpy(values,
	        (struct pg_value[]){ P_BYTES(str_of(batch->hold->name)),
	                P_INT(batch->hold->session), P_INT(batch->hold->batch + 1),
	                P_INT(shares->numbers), P_BOOL(counting), P_ARRAY(c.keys.scope),
	                P_ARRAY(c.keys.module), P_ARRAY(c.keys.owner), P_ARRAY(c.keys.id),
	                P_ARRAY(c.keys.type), P_ARRAY(c.expected), P_ARRAY(c.number),
	                P_ARRAY(c.previous_number), P_ARRAY(c.previous), P_ARRAY(c.seq_number),
	                P_ARRAY(c.seq), P_ARRAY(c.was_live), P_ARRAY(c.was_sender),
	                P_ARRAY(c.accepted), P_ARRAY(c.last_updated_ns), P_ARRAY(c.sender),
	                P_ARRAY(c.at_ms), P_ARRAY(c.method), P_ARRAY(c.suffix),
	                P_ARRAY(c.correlation), P_ARRAY(c.patch), P_ARRAY(c.body) },
	        27 * sizeof(*values));
	batch->calls[0] = (struct pg_call){ .sql = PGS_SHARE, .values = values, .count = 27 };
}

/* The version that a tariff had is kept beside the new one. */
void
shares_write_stored(struct pg_shares *shares)
{
	struct arena *arena = shares->batch->arena;
	struct pg_array number = pg_array(arena, PG_OF_INT, shares->written);
	struct pg_array rows = pg_array(arena, PG_OF_INT, shares->written);
	struct pg_array bytes = pg_array(arena, PG_OF_INT, shares->written);

	for (size_t i = 0; i < shares->target_count; i++) {
		const struct target *target = &shares->targets[i];
		bool kept = target->was_live && versions_kept(&target->key);

		if (target->last == NULL)
			continue;
		pg_array_int(&number, target->change.behind);
		pg_array_int(&rows, (target->expected == 0) + kept);
		pg_array_int(&bytes, (int64_t)(target->body.len + target->last->patch.len) -
		                             (int64_t)target->was_patch -
		                             (int64_t)(kept ? 0 : target->was_body));
	}
	BATCH_ADD(shares->batch, NULL, NULL, PGS_STORED_MORE,
	        P_BYTES(str_of(shares->batch->hold->name)), P_ARRAY(number), P_ARRAY(rows),
	        P_ARRAY(bytes));
}

void
shares_write_pulled(struct pg_shares *shares)
{
	struct arena *arena = shares->batch->arena;
	size_t count = 0;

	for (size_t i = 0; i < shares->target_count; i++)
		count += shares->targets[i].how != PULLED_AS_IT_IS;
	if (count == 0)
		return;
	struct keys keys = keys_begin(arena, count);
	struct pg_array platform = pg_array(arena, PG_OF_INT, count);
	struct pg_array how = pg_array(arena, PG_OF_INT, count);

	for (size_t i = 0; i < shares->target_count; i++) {
		const struct target *target = &shares->targets[i];

		if (target->how == PULLED_AS_IT_IS)
			continue;
		keys_add(&keys, &target->key);
		pg_array_int(&platform, target->puller);
		pg_array_int(&how, target->how);
	}
	BATCH_ADD(shares->batch, NULL, NULL, PGS_PULLED_NOTE, P_ARRAY(keys.module),
	        P_ARRAY(keys.owner), P_ARRAY(keys.id), P_ARRAY(keys.type), P_ARRAY(platform),
	        P_ARRAY(how));
}
