/* share: new versions of objects, made out of the old ones between a reading and a writing.
 *
 * What is there is read without a lock, in one statement, and written where it is still what was
 * read. Several shares of one object in a batch build on each other here, and the last of them is
 * written; each has a number of its own. Numbers are drawn when it is written, so up to then a
 * change is known by how far it is behind the first one of its batch. */
#include "share.h"

#include "../quota.h"
#include "../versions.h"

/* ---- which objects ---- */

static struct str
name_of_key(const struct store_key *key, struct arena *arena)
{
	struct buf buf = { .arena = arena };
	const struct str parts[] = { key->scope, key->module, key->owner, key->id, key->type };

	for (size_t i = 0; i < COUNT(parts); i++)
		buf_printf(&buf, "%zu:", parts[i].len);
	for (size_t i = 0; i < COUNT(parts); i++)
		buf_add(&buf, parts[i]);
	return buf_str(&buf);
}

static struct target *
target_of(struct pg_shares *shares, struct table *names, const struct store_key *key)
{
	struct str name = name_of_key(key, shares->batch->arena);
	struct target *target = table_get(names, name);

	if (target != NULL)
		return target;
	target = &shares->targets[shares->target_count++];
	*target = (struct target){
		.key = *key, .change = { -1, 0 }, .seq = { -1, 0 }, .how = PULLED_AS_IT_IS
	};
	table_put(names, name, target);
	return target;
}

static void
find_targets(struct pg_shares *shares, struct store_op **ops)
{
	struct table *names = table_new(shares->count);

	for (size_t i = 0; i < shares->count; i++)
		shares->shared[i] = (struct shared){ .op = ops[i],
			.target = target_of(shares, names, &ops[i]->u.share.key),
			.change = { -1, 0 } };
	table_free(names);
}

/* ---- what is there ---- */

static struct pg_call
ask_versions(struct pg_shares *shares)
{
	struct arena *arena = shares->batch->arena;
	struct keys keys = keys_begin(arena, shares->target_count);
	struct pg_value *values = arena_take(arena, 5 * sizeof(*values));

	for (size_t i = 0; i < shares->target_count; i++)
		keys_add(&keys, &shares->targets[i].key);
	values[0] = P_ARRAY(keys.scope);
	values[1] = P_ARRAY(keys.module);
	values[2] = P_ARRAY(keys.owner);
	values[3] = P_ARRAY(keys.id);
	values[4] = P_ARRAY(keys.type);
	return (struct pg_call){ .sql = shares->batch->blind ? PGS_VERSIONS_BLIND : PGS_VERSIONS,
		.values = values,
		.count = 5 };
}

static void
take_versions(struct pg_shares *shares, const struct pg_result *rows)
{
	for (int i = 0; i < pg_rows(rows); i++) {
		struct target *target = &shares->targets[pg_int(rows, i, 0) - 1];

		target->live = target->was_live = pg_bool(rows, i, 1);
		target->expected = target->change.known = pg_int(rows, i, 2);
		target->seq.known = pg_int(rows, i, 3);
		target->sender = target->was_sender = pg_int(rows, i, 4);
		target->accepted = pg_bool(rows, i, 5);
		target->body = pg_text(rows, i, 6, shares->batch->arena);
		target->pulled = !pg_null(rows, i, 7);
		target->was_body = (size_t)pg_int(rows, i, 8);
		target->was_patch = (size_t)pg_int(rows, i, 9);
	}
}

static struct str
name_of_platform(int64_t platform, struct arena *arena)
{
	return arena_printf(arena, "%lld", (long long)platform);
}

static int64_t *
quota_of(struct pg_shares *shares, int64_t platform)
{
	if (shares->quotas == NULL)
		return NULL;
	return table_get(shares->quotas, name_of_platform(platform, shares->batch->arena));
}

static void
want_quota(struct pg_shares *shares, int64_t platform, struct pg_array *asked, size_t *count)
{
	struct arena *arena = shares->batch->arena;

	if (shares->quotas == NULL)
		shares->quotas = table_new(shares->count);
	if (quota_of(shares, platform) != NULL)
		return;
	table_put(shares->quotas, name_of_platform(platform, arena),
	        arena_alloc(arena, sizeof(int64_t)));
	pg_array_int(asked, platform);
	++*count;
}

/* An array begins with how many there are. */
static struct pg_call
ask_quotas(struct pg_shares *shares)
{
	struct arena *arena = shares->batch->arena;
	struct pg_array counted = pg_array(arena, PG_OF_INT, 1), all;
	size_t head = counted.buf.len, count = 0;
	struct pg_value *value = arena_take(arena, sizeof(*value));

	for (size_t i = 0; i < shares->count; i++) {
		const struct store_share_args *args = &shares->shared[i].op->u.share;

		if (args->limited)
			want_quota(shares, args->sender_platform, &counted, &count);
	}
	all = pg_array(arena, PG_OF_INT, count);
	buf_add(&all.buf, str_from(buf_str(&counted.buf), head));
	*value = P_ARRAY(all);
	return (struct pg_call){ .sql = PGS_QUOTAS, .values = value, .count = 1 };
}

static void
take_quotas(struct pg_shares *shares, const struct pg_result *rows)
{
	for (int i = 0; i < pg_rows(rows); i++)
		*quota_of(shares, pg_int(rows, i, 0)) = pg_int(rows, i, 1);
}

static enum pg_end
read_all(struct pg_shares *shares)
{
	struct pg_call calls[] = { ask_versions(shares), ask_quotas(shares) };
	size_t count = shares->quotas != NULL ? 2 : 1;
	enum pg_end end = pg_run(shares->batch->hold->pg, calls, count);

	if (end == PG_DONE) {
		take_versions(shares, calls[0].result);
		if (count > 1)
			take_quotas(shares, calls[1].result);
	}
	pg_calls_free(calls, count);
	return end;
}

/* ---- what becomes of it ---- */

struct making {
	struct pg_shares *shares;
	struct shared *shared;
	struct target *target;
	struct store_share_args *args;
	struct str body;
	int64_t last_updated_ns;
};

static bool
finds_room(const struct making *m)
{
	struct store_share_args *args = m->args;
	int64_t *has = quota_of(m->shares, args->sender_platform);

	if (!args->limited || m->target->live || m->body.p == NULL || has == NULL)
		return true;
	args->full = *has + 1 >= args->quota;
	return quota_allows(m->shared->op, *has, args->quota, "objects", &args->fault);
}

static bool
is_there(const struct making *m)
{
	const struct target *old = m->target;

	return old->live && str_eq(m->body, old->body) && (old->accepted || !m->args->accepted);
}

/* Bytes that are there already are written again only where receivers may have missed them. */
static bool
changes_nothing(const struct making *m)
{
	const struct store_share_args *args = m->args;

	if (m->body.p == NULL)
		return !m->target->live;
	return is_there(m) && (!str_is(args->key.scope, "*") ||
	                              (args->skip_unchanged && str_is(args->method, "PUT")));
}

static void
leave_alone(const struct making *m)
{
	struct store_share_args *args = m->args;
	const struct store_key *key = &args->key;

	args->unchanged = m->body.p != NULL;
	m->shared->change = m->target->change;
	if (!args->unchanged || !args->skip_unchanged)
		return;
	batch_add(m->shares->batch, &(struct pg_part){ .sum = &args->woken }, PGS_WAKE,
	        (struct pg_value[]){ P_KEY(key->scope), P_KEY(key->module), P_KEY(key->owner),
	                P_KEY(key->id), P_KEY(key->type), P_INT(args->at_ms) },
	        6);
}

static void
move_quota(const struct making *m)
{
	int64_t *before = quota_of(m->shares, m->target->sender);
	int64_t *after = quota_of(m->shares, m->args->sender_platform);

	if (m->target->live && before != NULL)
		--*before;
	if (m->body.p != NULL && after != NULL)
		++*after;
}

static void
owe(const struct making *m)
{
	const struct store_parked *p = m->args->owe;

	if (p == NULL)
		return;
	batch_add(m->shares->batch, &(struct pg_part){ .op = NULL }, PGS_OWE,
	        (struct pg_value[]){ P_BYTES(str_of(m->shares->batch->hold->name)),
	                P_INT(m->shared->change.behind), P_KEY(p->receiver), P_KEY(p->to),
	                P_KEY(p->key.scope), P_KEY(p->key.module), P_KEY(p->key.owner),
	                P_KEY(p->key.id), P_KEY(p->key.type), P_INT(p->kind), P_INT(p->since_ms),
	                P_INT(p->due_ms), P_INT(p->attempts), P_INT(p->http), P_INT(p->ocpi),
	                P_BYTES(p->why) },
	        16);
}

static void
make_version(const struct making *m)
{
	struct target *target = m->target;

	m->shared->change = (struct number){ .behind = m->shares->numbers++ };
	move_quota(m);
	m->args->created = !target->live;
	if (!target->live)
		target->seq = m->shared->change;
	target->previous = target->change;
	target->change = m->shared->change;
	target->live = m->body.p != NULL;
	target->body = m->body;
	target->accepted = m->args->accepted;
	target->sender = m->args->sender_platform;
	target->last_updated_ns = m->last_updated_ns;
	target->last = m->args;
	owe(m);
}

/* What was pushed once stays pushed: a pull that finds it there too changes nothing. */
static void
note_pulled(const struct making *m)
{
	struct target *target = m->target;

	if (!str_is(m->args->key.scope, "*"))
		return;
	if (m->body.p == NULL || !m->args->pulled) {
		if (target->pulled)
			target->how = PULLED_DROP;
		target->pulled = false;
	} else if (m->args->created || target->how == PULLED_PUT) {
		target->how = PULLED_PUT;
		target->pulled = true;
	} else if (target->pulled) {
		target->how = PULLED_FOUND;
	}
	target->puller = m->args->sender_platform;
}

static enum rh_err
call_make(struct making *m)
{
	struct store_share_args *args = m->args;
	struct str old = m->target->live ? m->target->body : (struct str){ 0 };
	enum rh_err err;

	args->fault.err = RH_OK;
	args->created = args->unchanged = args->full = false;
	args->woken = 0;
	err = args->make(args->ctx, old, m->shares->batch->arena, &m->body, &m->last_updated_ns,
	        &args->fault);
	if (err == RH_OK && m->body.p == NULL && args->pulled && !m->target->pulled)
		err = fault_set(
		        &args->fault, RH_UNKNOWN_OBJECT, "", "it is here by more than pulls");
	args->fault.err = err;
	return err;
}

static void
make_one(struct pg_shares *shares, struct shared *shared)
{
	struct making m = { .shares = shares,
		.shared = shared,
		.target = shared->target,
		.args = &shared->op->u.share };
	enum rh_err err;

	shared->later = m.target->last != NULL && versions_kept(&m.args->key);
	if (shared->later)
		return;
	err = call_make(&m);
	if (err != RH_OK)
		op_result(shared->op, err, m.args->fault.why);
	shared->refused = err != RH_OK || !finds_room(&m);
	if (shared->refused)
		return;
	if (changes_nothing(&m))
		leave_alone(&m);
	else
		make_version(&m);
	note_pulled(&m);
}

enum pg_end
shares_make(struct pg_batch *batch, struct store_op **ops, size_t count, struct pg_shares **out)
{
	struct pg_shares *shares = arena_alloc(batch->arena, sizeof(*shares));
	enum pg_end end;

	shares->batch = batch;
	shares->count = count;
	shares->shared = arena_take(batch->arena, count * sizeof(*shares->shared));
	shares->targets = arena_take(batch->arena, count * sizeof(*shares->targets));
	find_targets(shares, ops);
	end = read_all(shares);
	for (size_t i = 0; i < count && end == PG_DONE; i++)
		make_one(shares, &shares->shared[i]);
	table_free(shares->quotas);
	shares->quotas = NULL;
	if (end != PG_DONE)
		return end;
	for (size_t i = 0; i < shares->target_count; i++)
		shares->written += shares->targets[i].last != NULL;
	if (shares->written > 0) {
		shares_write(shares);
		shares_write_stored(shares);
	}
	shares_write_pulled(shares);
	*out = shares;
	return PG_DONE;
}

/* ---- afterwards ---- */

static void
note_missed(struct pg_shares *shares, const int64_t *missed, size_t count)
{
	for (size_t i = 0; i < shares->target_count && shares->written > 0; i++)
		for (size_t k = 0; k < count; k++)
			if (shares->targets[i].last != NULL &&
			        shares->targets[i].change.behind == missed[k])
				shares->targets[i].missed = true;
}

size_t
shares_take(struct pg_shares *shares, int64_t first, const int64_t *missed, size_t missed_count,
        struct store_op **ops)
{
	size_t left = 0;

	note_missed(shares, missed, missed_count);
	for (size_t i = 0; i < shares->count; i++) {
		const struct shared *shared = &shares->shared[i];

		if (shared->target->missed || shared->later) {
			ops[left++] = shared->op;
			continue;
		}
		if (shared->refused)
			continue;
		op_result(shared->op, RH_OK, "");
		shared->op->u.share.change = shared->change.behind < 0
		                                     ? shared->change.known
		                                     : first + shared->change.behind;
	}
	return left;
}
