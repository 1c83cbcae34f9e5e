/* memory_parked: what receivers refused, and what they are owed beside their cursors. */
#include "memory.h"

#include <stdlib.h>

static const int64_t FAR_MS = 3600 * 1000;

/* ---- refusals ---- */

static struct store_failure
copy_failure(struct arena *arena, const struct store_failure *from)
{
	struct store_failure to = *from;

	to.receiver = arena_str(arena, from->receiver);
	to.to = arena_str(arena, from->to.p == NULL ? STR("") : from->to);
	to.key = memory_copy_key(arena, &from->key);
	to.why = arena_str(arena, from->why);
	return to;
}

static bool
is_newer(const struct store_failure *a, const struct store_failure *b)
{
	if (a->at_ms != b->at_ms)
		return a->at_ms > b->at_ms;
	if (a->change != b->change)
		return a->change > b->change;
	return memory_compare_text(a->receiver, b->receiver) < 0;
}

static void
drop_failure(
        struct backend *backend, struct str receiver, struct str to, const struct store_key *key)
{
	list_each_safe (pos, tmp, &backend->failures) {
		const struct store_failure *f = &kept_of(pos)->u.failure;

		if (str_eq(f->receiver, receiver) && memory_same_text(f->to, to) &&
		        memory_same_key(&f->key, key))
			kept_free(kept_of(pos));
	}
}

static struct kept *
find_parked(
        struct backend *backend, struct str receiver, struct str to, const struct store_key *key)
{
	list_each (pos, &backend->parked) {
		const struct store_parked *p = &kept_of(pos)->u.parked;

		if (str_eq(p->receiver, receiver) && memory_same_text(p->to, to) &&
		        memory_same_key(&p->key, key))
			return kept_of(pos);
	}
	return NULL;
}

/* But not what is owed of a version that is newer than @change. */
static void
drop_parked(struct backend *backend, struct str receiver, struct str to,
        const struct store_key *key, int64_t change)
{
	struct kept *kept = find_parked(backend, receiver, to, key);

	if (kept != NULL && kept->u.parked.change <= change)
		kept_free(kept);
}

static void
put_failure(struct backend *backend, const struct store_failure *from)
{
	struct kept *kept = kept_new();
	const struct store_failure *fresh = &kept->u.failure;
	struct list *at;

	kept->u.failure = copy_failure(kept->arena, from);
	drop_failure(backend, fresh->receiver, fresh->to, &fresh->key);
	drop_parked(backend, fresh->receiver, fresh->to, &fresh->key, fresh->change);
	for (at = backend->failures.next; at != &backend->failures; at = at->next)
		if (!is_newer(&kept_of(at)->u.failure, fresh))
			break;
	list_add_tail(at, &kept->link);
}

/* Absent: whatever it is. */
static bool
is_part(struct str wanted, struct str its)
{
	return wanted.p == NULL || memory_same_text(wanted, its);
}

static bool
is_chosen(const struct choice *choice, struct str receiver, const struct store_key *key,
        int64_t at_ms)
{
	return is_part(choice->receiver, receiver) && is_part(choice->key.scope, key->scope) &&
	       is_part(choice->key.module, key->module) && is_part(choice->key.owner, key->owner) &&
	       is_part(choice->key.id, key->id) && is_part(choice->key.type, key->type) &&
	       (choice->since_ms == 0 || at_ms >= choice->since_ms) &&
	       (choice->until_ms == 0 || at_ms < choice->until_ms);
}

static bool
chooses_failure(const struct choice *choice, const struct store_failure *failure)
{
	return is_chosen(choice, failure->receiver, &failure->key, failure->at_ms);
}

static bool
chooses_parked(const struct choice *choice, const struct store_parked *parked)
{
	return is_chosen(choice, parked->receiver, &parked->key, parked->since_ms);
}

bool
memory_failure_put(struct backend *backend, struct store_op *op)
{
	for (size_t i = 0; i < op->u.failures.count; i++)
		put_failure(backend, &op->u.failures.failures[i]);
	return true;
}

static bool
is_of_time(const struct choice *choice, const struct store_failure *failure)
{
	return (choice->since_ms == 0 || failure->at_ms >= choice->since_ms) &&
	       (choice->until_ms == 0 || failure->at_ms < choice->until_ms);
}

void
memory_failures(struct backend *backend, struct store_op *op)
{
	struct store_failures_args *args = &op->u.failures;
	const struct choice choice = CHOICE_OF(args);
	struct store_failure *rows =
	        arena_alloc(op->arena, kept_count(&backend->failures) * sizeof(*rows));
	size_t count = 0, looked = 0;

	list_each (pos, &backend->failures) {
		const struct store_failure *failure = &kept_of(pos)->u.failure;

		if (!is_of_time(&choice, failure))
			continue;
		if (count == args->limit || (args->look > 0 && looked++ == args->look))
			break;
		if (chooses_failure(&choice, failure))
			rows[count++] = copy_failure(op->arena, failure);
	}
	args->failures = rows;
	args->count = count;
}

/* Absent: whatever it is. */
static bool
is_selected(struct str receiver, const struct store_key *key, struct str of,
        const struct store_key *its)
{
	return (receiver.p == NULL || str_eq(of, receiver)) &&
	       (key->module.p == NULL || memory_same_key(its, key));
}

bool
memory_failure_drop(struct backend *backend, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;

	for (size_t i = 0; i < args->count; i++)
		drop_failure(backend, args->failures[i].receiver, args->failures[i].to,
		        &args->failures[i].key);
	if (args->count > 0)
		return true;
	list_each_safe (pos, tmp, &backend->failures) {
		const struct store_failure *f = &kept_of(pos)->u.failure;

		if (is_selected(args->receiver, &args->key, f->receiver, &f->key))
			kept_free(kept_of(pos));
	}
	return true;
}

/* ---- parked rows ---- */

static struct store_parked
copy_parked(struct arena *arena, const struct store_parked *from)
{
	struct store_parked to = *from;

	to.receiver = arena_str(arena, from->receiver);
	to.to = arena_str(arena, from->to.p == NULL ? STR("") : from->to);
	to.key = memory_copy_key(arena, &from->key);
	to.why = arena_str(arena, from->why);
	return to;
}

void
memory_park_one(struct backend *backend, const struct store_parked *from)
{
	struct kept *old = find_parked(backend, from->receiver, from->to, &from->key);
	struct kept *kept = kept_new();

	kept->u.parked = copy_parked(kept->arena, from);
	if (old == NULL) {
		kept->u.parked.seq = ++backend->last_parked;
		list_add_tail(&backend->parked, &kept->link);
		return;
	}
	kept->u.parked.seq = old->u.parked.seq;
	kept->u.parked.since_ms = old->u.parked.since_ms;
	list_add_tail(&old->link, &kept->link); /* in front of it */
	kept_free(old);
}

bool
memory_park(struct backend *backend, struct store_op *op)
{
	for (size_t i = 0; i < op->u.parked.count; i++)
		memory_park_one(backend, &op->u.parked.rows[i]);
	return true;
}

bool
memory_unpark(struct backend *backend, struct store_op *op)
{
	for (size_t i = 0; i < op->u.parked.count; i++) {
		const struct store_parked *p = &op->u.parked.rows[i];

		drop_parked(backend, p->receiver, p->to, &p->key, p->change);
		if (op->u.parked.taken)
			drop_failure(backend, p->receiver, p->to, &p->key);
	}
	return true;
}

/* ---- due now ---- */

static struct store_parked
again(const struct store_failure *f, int64_t now_ms)
{
	return (struct store_parked){
		.receiver = f->receiver,
		.to = f->to,
		.key = f->key,
		.kind = PARKED_REDRIVE,
		.since_ms = f->at_ms,
		.due_ms = now_ms,
		.change = f->change,
		.http = f->http,
		.ocpi = f->ocpi,
		.why = f->why,
	};
}

size_t
memory_wake(struct backend *backend, const struct store_key *key, int64_t now_ms)
{
	size_t woken = 0;

	list_each (pos, &backend->parked) {
		struct store_parked *p = &kept_of(pos)->u.parked;

		if (!memory_same_key(&p->key, key) || p->due_ms <= now_ms)
			continue;
		p->due_ms = now_ms;
		woken++;
	}
	list_each (pos, &backend->failures) {
		const struct store_failure *f = &kept_of(pos)->u.failure;
		const struct store_parked row = again(f, now_ms);

		if (!memory_same_key(&f->key, key) ||
		        find_parked(backend, f->receiver, f->to, &f->key) != NULL)
			continue;
		memory_park_one(backend, &row);
		woken++;
	}
	return woken;
}

static void
hasten(struct store_parked *parked, const struct store_redrive_args *args)
{
	if (!args->dry_run && parked->due_ms > args->now_ms)
		parked->due_ms = args->now_ms;
}

static void
redrive_refused(
        struct backend *backend, struct store_redrive_args *args, const struct store_failure *f)
{
	const struct choice choice = CHOICE_OF(args);
	struct kept *old = find_parked(backend, f->receiver, f->to, &f->key);
	const struct store_parked row = again(f, args->now_ms);

	args->count += old == NULL || !chooses_parked(&choice, &old->u.parked);
	if (old != NULL)
		hasten(&old->u.parked, args);
	else if (!args->dry_run)
		memory_park_one(backend, &row);
}

/* The list of refusals is newest first, and what was refused first is tried first. */
bool
memory_redrive(struct backend *backend, struct store_op *op)
{
	struct store_redrive_args *args = &op->u.redrive;
	const struct choice choice = CHOICE_OF(args);

	args->count = 0;
	list_each (pos, &backend->parked)
		args->count += chooses_parked(&choice, &kept_of(pos)->u.parked);
	for (struct list *pos = backend->failures.prev; pos != &backend->failures;
	        pos = pos->prev) {
		const struct store_failure *f = &kept_of(pos)->u.failure;

		if (chooses_failure(&choice, f))
			redrive_refused(backend, args, f);
	}
	list_each (pos, &backend->parked)
		if (chooses_parked(&choice, &kept_of(pos)->u.parked))
			hasten(&kept_of(pos)->u.parked, args);
	return true;
}

/* ---- a platform that was removed ---- */

bool
memory_receiver_drop(struct backend *backend, struct store_op *op)
{
	struct store_receiver_args *args = &op->u.receiver;

	args->dropped = 0;
	list_each_safe (pos, tmp, &backend->cursors)
		if (str_eq(kept_of(pos)->u.cursor.receiver, args->receiver))
			kept_free(kept_of(pos)), args->dropped++;
	list_each_safe (pos, tmp, &backend->failures)
		if (str_eq(kept_of(pos)->u.failure.receiver, args->receiver))
			kept_free(kept_of(pos)), args->dropped++;
	list_each_safe (pos, tmp, &backend->parked)
		if (str_eq(kept_of(pos)->u.parked.receiver, args->receiver))
			kept_free(kept_of(pos)), args->dropped++;
	return true;
}

/* ---- reading ---- */

static bool
is_due(const struct store_parked *p, int64_t now_ms)
{
	return p->due_ms <= now_ms || p->due_ms - FAR_MS > now_ms;
}

static int
compare_due(const void *a, const void *b)
{
	const struct store_parked *const *x = a, *const *y = b;

	if ((*x)->due_ms != (*y)->due_ms)
		return (*x)->due_ms < (*y)->due_ms ? -1 : 1;
	return ((*x)->seq > (*y)->seq) - ((*x)->seq < (*y)->seq);
}

static size_t
gather(struct backend *backend, const struct choice *choice, const struct store_parked **out)
{
	size_t count = 0;

	list_each (pos, &backend->parked)
		if (chooses_parked(choice, &kept_of(pos)->u.parked))
			out[count++] = &kept_of(pos)->u.parked;
	qsort(out, count, sizeof(*out), compare_due);
	return count;
}

/* ---- in slices ---- */

/* The list is in the order of seq. */
void
memory_parked_heads(struct backend *backend, struct store_op *op)
{
	struct store_heads_args *args = &op->u.heads;
	struct store_parked_head *rows = arena_alloc(op->arena, (args->limit + 1) * sizeof(*rows));

	args->count = 0;
	args->more = false;
	list_each (pos, &backend->parked) {
		const struct store_parked *p = &kept_of(pos)->u.parked;

		if (p->seq <= args->after.seq)
			continue;
		args->more = args->count == args->limit;
		if (args->more)
			break;
		rows[args->count++] = (struct store_parked_head){ arena_str(op->arena, p->receiver),
			p->kind, p->since_ms, p->key.id.len > 0 };
		args->after.seq = p->seq;
	}
	args->rows = rows;
}

static bool
is_behind(const struct store_parked *p, const struct store_place *place)
{
	return p->due_ms != place->due_ms ? p->due_ms > place->due_ms : p->seq > place->seq;
}

static void
look_at(struct backend *backend, struct store_op *op)
{
	struct store_parked_args *args = &op->u.parked;
	const struct choice choice = CHOICE_OF(args), plain = { .receiver = args->receiver };
	const struct store_parked **all = arena_alloc(
	        op->arena, (kept_count(&backend->parked) + 1) * sizeof(struct store_parked *));
	size_t total = gather(backend, &plain, all), looked = 0;
	struct store_parked *rows = arena_alloc(op->arena, (args->limit + 1) * sizeof(*rows));

	args->count = 0;
	args->more = false;
	for (size_t i = 0; i < total; i++) {
		if (!is_behind(all[i], &args->after))
			continue;
		args->more = looked == args->look || args->count == args->limit;
		if (args->more)
			break;
		looked++;
		args->after = (struct store_place){ all[i]->due_ms, all[i]->seq };
		if (chooses_parked(&choice, all[i]))
			rows[args->count++] = copy_parked(op->arena, all[i]);
	}
	args->rows = rows;
}

static void
read_due(struct backend *backend, struct store_op *op)
{
	struct store_parked_args *args = &op->u.parked;
	const struct store_parked **all = arena_alloc(
	        op->arena, kept_count(&backend->parked) * sizeof(struct store_parked *));
	const struct choice choice = CHOICE_OF(args), plain = { .receiver = args->receiver };
	size_t total = gather(backend, &choice, all);
	struct store_parked *rows = arena_alloc(op->arena, total * sizeof(*rows));
	int64_t cut_ms = 0, next_ms = 0;

	args->count = 0;
	for (size_t i = 0; i < total; i++) {
		bool due = is_due(all[i], args->now_ms);

		if (due && args->count < args->limit)
			rows[args->count++] = copy_parked(op->arena, all[i]);
		else if (due && cut_ms == 0)
			cut_ms = all[i]->due_ms < args->now_ms ? all[i]->due_ms : args->now_ms;
		else if (next_ms == 0)
			next_ms = all[i]->due_ms;
	}
	args->rows = rows;
	args->total = gather(backend, &plain, all);
	args->next_due_ms = cut_ms != 0 ? cut_ms : next_ms;
}

void
memory_parked(struct backend *backend, struct store_op *op)
{
	if (op->u.parked.look > 0)
		look_at(backend, op);
	else
		read_due(backend, op);
}
