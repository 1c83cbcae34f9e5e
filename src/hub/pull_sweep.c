/* pull_sweep: what two complete full walks in a row did not find is withdrawn, if it is here by
 * pulls alone.
 *
 * The rows of the store say what is here by pulls and how often it was missed. They are read twice:
 * once to count, so that a list that comes back empty or a fifth shorter withdraws nothing until
 * somebody says that it is right, and once to act. */
#include "pull_sweep.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "news.h"
#include "pull_walk.h"

enum { ROWS = 100, MISSES = 2, FIRST_SLOTS = 1024, MAX_NODES = 400000, SHARE_OF_ALL = 5 };

/* ---- the set ---- */

static uint64_t
hash_of(const struct store_key *key)
{
	char text[512];
	int len = snprintf(text, sizeof text, "%.*s/%.*s?%.*s", STR_ARG(key->owner),
	        STR_ARG(key->id), STR_ARG(key->type));
	size_t used = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
	uint64_t hash = rh_hash64((struct str){ text, used });

	return hash != 0 ? hash : 1; /* 0 is an empty slot */
}

static size_t
slot_of(const struct pull_seen *seen, uint64_t hash)
{
	size_t at = hash & (seen->size - 1);

	while (seen->slots[at] != 0 && seen->slots[at] != hash)
		at = (at + 1) & (seen->size - 1);
	return at;
}

static void
grow(struct pull_seen *seen)
{
	struct pull_seen wider = { .size = seen->size == 0 ? FIRST_SLOTS : 2 * seen->size };

	wider.slots = rh_alloc(wider.size * sizeof *wider.slots);
	wider.count = seen->count;
	for (size_t i = 0; i < seen->size; i++)
		if (seen->slots[i] != 0)
			wider.slots[slot_of(&wider, seen->slots[i])] = seen->slots[i];
	free(seen->slots);
	*seen = wider;
}

void
pull_seen_add(struct pull_seen *seen, const struct store_key *key)
{
	uint64_t hash = hash_of(key);
	size_t at;

	if (2 * seen->count >= seen->size)
		grow(seen);
	at = slot_of(seen, hash);
	seen->count += seen->slots[at] == 0;
	seen->slots[at] = hash;
}

bool
pull_seen_has(const struct pull_seen *seen, const struct store_key *key)
{
	return seen->size != 0 && seen->slots[slot_of(seen, hash_of(key))] != 0;
}

void
pull_seen_clear(struct pull_seen *seen)
{
	free(seen->slots);
	*seen = (struct pull_seen){ 0 };
}

bool
pull_too_much(size_t seen, uint64_t kept, uint64_t gone)
{
	return gone > 0 && (seen == 0 || gone * SHARE_OF_ALL > kept);
}

/* ---- withdrawing one ---- */

struct withdrawal {
	struct store_op op;
	struct pull *pull;
};

static void rows_done(struct pull *pull);

/* Owner and id as they were written, for the path of the DELETE at receivers. */
static enum rh_err
make_nothing(void *ctx, struct str old, struct arena *scratch, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	struct withdrawal *withdrawal = ctx;
	struct store_share_args *args = &withdrawal->op.u.share;
	struct arena *arena = withdrawal->op.arena;
	const struct ocpi_module *module =
	        ocpi_module_find(withdrawal->pull->hub->modules, args->key.module);
	struct json_doc doc;

	if (old.p == NULL || json_scan(old, MAX_NODES, scratch, &doc, NULL) != RH_OK)
		return fault_set(fault, RH_UNKNOWN_OBJECT, "", "is not here any more");
	struct str country = json_member_string(&doc, 0, "country_code", arena),
	           party = json_member_string(&doc, 0, "party_id", arena),
	           id = ocpi_percent_encode(
	                   json_member_string(&doc, 0, module->key[0], arena), arena);
	args->suffix = arena_printf(arena, "%.*s/%.*s/%.*s%s%.*s", STR_ARG(country), STR_ARG(party),
	        STR_ARG(id), args->key.type.len > 0 ? "?type=" : "", STR_ARG(args->key.type));
	*fresh = (struct str){ 0 };
	*last_updated_ns = args->at_ms * 1000000;
	return RH_OK;
}

static void
trace(const struct withdrawal *withdrawal)
{
	const struct store_share_args *args = &withdrawal->op.u.share;
	struct store_trace leg = { .at_ms = args->at_ms,
		.platform = args->sender_platform,
		.module = args->key.module,
		.correlation_id = args->correlation_id,
		.from = args->key.owner,
		.doc = STR("{\"leg\":\"pull\",\"method\":\"DELETE\",\"why\":\"two full walks did "
		           "not find it\"}") };
	const struct store_trace_claim claim = { args->sender_platform, .pushed = true, .rows = 1 };
	struct store_trace *row;

	if (!store_trace_wanted(withdrawal->pull->hub->store, &claim))
		return;
	leg.object = arena_printf(withdrawal->op.arena, "%.*s/%.*s/%.*s", STR_ARG(args->key.module),
	        STR_ARG(args->key.owner), STR_ARG(args->key.id));
	row = store_trace_new(&leg);
	store_trace_put(withdrawal->pull->hub->store, &row);
}

static void
withdrawn(struct store_op *op)
{
	struct withdrawal *withdrawal = container_of(op, struct withdrawal, op);
	struct pull *pull = withdrawal->pull;

	if (op->err == RH_OK) {
		pull->report.withdrawn++;
		news_committed(pull->hub, op->u.share.change);
		trace(withdrawal);
	} else if (op->err != RH_UNKNOWN_OBJECT) {
		pull->sweep.failed = true;
	}
	arena_free(op->arena); /* it lies in it */
	rows_done(pull);
}

static void
withdraw(struct pull *pull, const struct store_key *key)
{
	struct arena *arena = arena_new(1024);
	struct withdrawal *withdrawal = arena_alloc(arena, sizeof *withdrawal);
	struct store_share_args *args = &withdrawal->op.u.share;

	withdrawal->pull = pull;
	withdrawal->op =
	        (struct store_op){ .verb = STORE_SHARE, .done = withdrawn, .arena = arena };
	args->key = (struct store_key){ STR("*"), arena_str(arena, key->module),
		arena_str(arena, key->owner), arena_str(arena, key->id),
		arena_str(arena, key->type) };
	args->make = make_nothing;
	args->ctx = withdrawal;
	args->pulled = true;
	args->method = STR("DELETE");
	args->correlation_id = arena_str(arena, pull->call.correlation_id);
	args->sender_platform = pull->platform;
	args->at_ms = rh_wall_ms();
	pull->sweep.pending++;
	store_submit(pull->hub->session, &withdrawal->op);
}

/* ---- the rows ---- */

static void
end(struct pull *pull)
{
	struct pull_sweep *sweep = &pull->sweep;

	pull_seen_clear(&sweep->seen);
	arena_free(sweep->arena);
	arena_free(sweep->after_arena);
	sweep->arena = sweep->after_arena = NULL;
	sweep->swept(pull);
}

static void rows_read(struct store_op *op);

static void
read_rows(struct pull *pull)
{
	struct pull_sweep *sweep = &pull->sweep;

	arena_reset(sweep->arena);
	sweep->op =
	        (struct store_op){ .verb = STORE_PULLED, .done = rows_read, .arena = sweep->arena };
	sweep->op.u.pulled.platform = pull->platform;
	sweep->op.u.pulled.module = str_of(pull->hub->modules[pull->module]->id);
	sweep->op.u.pulled.after = sweep->after;
	sweep->op.u.pulled.limit = ROWS;
	store_submit(pull->hub->session, &sweep->op);
}

static void
decide(struct pull *pull)
{
	struct pull_sweep *sweep = &pull->sweep;

	sweep->counting = false;
	sweep->after = (struct store_key){ 0 };
	sweep->held = !pull->accepted && pull_too_much(sweep->seen.count, sweep->kept, sweep->gone);
	if (sweep->held && pull->report.held[0] == '\0')
		(void)snprintf(pull->report.held, sizeof pull->report.held,
		        "%s: %llu of %llu are missing, nothing is withdrawn until party pull "
		        "accept %lld",
		        pull->hub->modules[pull->module]->id, (unsigned long long)sweep->gone,
		        (unsigned long long)sweep->kept, (long long)pull->platform);
	read_rows(pull);
}

/* All of these are settled. */
static void
next_rows(struct pull *pull)
{
	struct pull_sweep *sweep = &pull->sweep;
	bool last = sweep->op.u.pulled.count < ROWS;

	if (sweep->failed || pull->hub->stopping || (last && !sweep->counting)) {
		pull->report.complete &= !sweep->failed;
		end(pull);
	} else if (last) {
		decide(pull);
	} else {
		read_rows(pull);
	}
}

static void
rows_done(struct pull *pull)
{
	assert(pull->sweep.pending > 0);
	if (--pull->sweep.pending == 0)
		next_rows(pull);
}

struct marks {
	struct store_op op;
	struct pull *pull;
};

static void
marked(struct store_op *op)
{
	struct marks *marks = container_of(op, struct marks, op);
	struct pull *pull = marks->pull;

	pull->sweep.failed |= op->err != RH_OK;
	rows_done(pull); /* it lies in the arena of the rows */
}

static void
mark(struct pull *pull, const struct store_pulled *rows, size_t count)
{
	struct marks *marks = arena_alloc(pull->sweep.arena, sizeof *marks);

	if (count == 0)
		return;
	marks->pull = pull;
	marks->op = (struct store_op){ .verb = STORE_PULLED_MISSED, .done = marked };
	marks->op.u.pulled.platform = pull->platform;
	marks->op.u.pulled.module = str_of(pull->hub->modules[pull->module]->id);
	marks->op.u.pulled.rows = rows;
	marks->op.u.pulled.count = count;
	pull->sweep.pending++;
	store_submit(pull->hub->session, &marks->op);
}

static void
act(struct pull *pull, const struct store_pulled *rows, size_t count)
{
	struct pull_sweep *sweep = &pull->sweep;
	struct store_pulled *changed =
	        arena_alloc(sweep->arena, (count == 0 ? 1 : count) * sizeof *changed);
	size_t marks = 0;

	for (size_t i = 0; i < count; i++) {
		int missed = pull_seen_has(&sweep->seen, &rows[i].key) ? 0 : rows[i].missed + 1;

		if (missed >= MISSES && !sweep->held)
			withdraw(pull, &rows[i].key);
		else if ((missed < MISSES ? missed : MISSES) != rows[i].missed)
			changed[marks++] = (struct store_pulled){ rows[i].key,
				missed < MISSES ? missed : MISSES };
	}
	mark(pull, changed, marks);
}

static void
count_rows(struct pull_sweep *sweep, const struct store_pulled *rows, size_t count)
{
	sweep->kept += count;
	for (size_t i = 0; i < count; i++)
		sweep->gone +=
		        !pull_seen_has(&sweep->seen, &rows[i].key) && rows[i].missed + 1 >= MISSES;
}

static void
remember_place(struct pull_sweep *sweep, const struct store_pulled *last)
{
	arena_reset(sweep->after_arena);
	sweep->after =
	        (struct store_key){ STR("*"), arena_str(sweep->after_arena, last->key.module),
		        arena_str(sweep->after_arena, last->key.owner),
		        arena_str(sweep->after_arena, last->key.id),
		        arena_str(sweep->after_arena, last->key.type) };
}

static void
rows_read(struct store_op *op)
{
	struct pull_sweep *sweep = container_of(op, struct pull_sweep, op);
	struct pull *pull = container_of(sweep, struct pull, sweep);
	const struct store_pulled_args *args = &op->u.pulled;

	sweep->failed |= op->err != RH_OK;
	sweep->pending = 1; /* this function's own */
	if (args->count > 0 && op->err == RH_OK)
		remember_place(sweep, &args->rows[args->count - 1]);
	if (op->err != RH_OK)
		sweep->failed = true;
	else if (sweep->counting)
		count_rows(sweep, args->rows, args->count);
	else
		act(pull, args->rows, args->count);
	rows_done(pull);
}

void
pull_sweep_begin(struct pull *pull)
{
	struct pull_sweep *sweep = &pull->sweep;

	sweep->arena = arena_new(16384);
	sweep->after_arena = arena_new(1024);
	sweep->after = (struct store_key){ 0 };
	sweep->kept = sweep->gone = 0;
	sweep->counting = true;
	sweep->held = sweep->failed = false;
	read_rows(pull);
}
