/* memory_owed: how far receivers are, what they refused, who may roam with whom, and hints. Lists
 * of copies, walked from end to end. */
#include "memory.h"

#include <stdlib.h>

enum { EXPIRE_ROWS = 2000 };

/* One kept thing, with the memory of its texts. */
struct kept {
	struct list link;
	struct arena *arena;
	union {
		struct store_cursor cursor;
		struct store_failure failure;
		struct store_agreement agreement;
		struct store_hint hint;
	} u;
};
struct memory_owed {
	struct list cursors;    /* by receiver */
	struct list failures;   /* newest first */
	struct list agreements; /* by id */
	struct list hints;
	int64_t last_agreement;
};

struct memory_owed *
memory_owed_new(void)
{
	struct memory_owed *owed = rh_alloc(sizeof(*owed));

	list_init(&owed->cursors);
	list_init(&owed->failures);
	list_init(&owed->agreements);
	list_init(&owed->hints);
	return owed;
}

static struct kept *
kept_of(struct list *pos)
{
	return container_of(pos, struct kept, link);
}

static struct kept *
kept_new(void)
{
	struct kept *kept = rh_alloc(sizeof(*kept));

	list_init(&kept->link);
	kept->arena = arena_new(256);
	return kept;
}

static void
kept_free(struct kept *kept)
{
	list_remove(&kept->link);
	arena_free(kept->arena);
	free(kept);
}

static void
drop_all(struct list *list)
{
	list_each_safe (pos, tmp, list)
		kept_free(kept_of(pos));
}

void
memory_owed_free(struct memory_owed *owed)
{
	drop_all(&owed->cursors);
	drop_all(&owed->failures);
	drop_all(&owed->agreements);
	drop_all(&owed->hints);
	free(owed);
}

static size_t
length(const struct list *list)
{
	size_t count = 0;

	list_each (pos, list)
		count++;
	return count;
}

static bool
comes_before(struct str a, struct str b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (a.p[i] != b.p[i])
			return (unsigned char)a.p[i] < (unsigned char)b.p[i];
	return a.len < b.len;
}

/* ---- cursors ---- */

static void
save_cursor(struct memory_owed *owed, const struct store_cursor *from)
{
	struct list *at = owed->cursors.next;
	struct kept *kept;

	while (at != &owed->cursors && comes_before(kept_of(at)->u.cursor.receiver, from->receiver))
		at = at->next;
	if (at != &owed->cursors && str_eq(kept_of(at)->u.cursor.receiver, from->receiver)) {
		kept_of(at)->u.cursor.change = from->change;
		return;
	}
	kept = kept_new();
	kept->u.cursor = *from;
	kept->u.cursor.receiver = arena_str(kept->arena, from->receiver);
	list_add_tail(at, &kept->link); /* in front of @at */
}

bool
memory_cursors_save(struct backend *backend, struct store_op *op)
{
	for (size_t i = 0; i < op->u.cursors.count; i++)
		save_cursor(memory_owed_of(backend), &op->u.cursors.cursors[i]);
	return true;
}

void
memory_cursors_load(struct backend *backend, struct store_op *op)
{
	const struct list *list = &memory_owed_of(backend)->cursors;
	struct store_cursor *rows = arena_alloc(op->arena, length(list) * sizeof(*rows));

	op->u.cursors.cursors = rows;
	op->u.cursors.count = length(list);
	list_each (pos, list) {
		*rows = kept_of(pos)->u.cursor;
		rows->receiver = arena_str(op->arena, rows->receiver);
		rows++;
	}
}

/* ---- failures ---- */

static struct store_failure
copy_failure(struct arena *arena, const struct store_failure *from)
{
	struct store_failure to = *from;

	to.receiver = arena_str(arena, from->receiver);
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
	return comes_before(a->receiver, b->receiver);
}

bool
memory_failure_put(struct backend *backend, struct store_op *op)
{
	struct memory_owed *owed = memory_owed_of(backend);
	struct kept *kept = kept_new();
	const struct store_failure *fresh = &kept->u.failure;
	struct list *at;

	kept->u.failure = copy_failure(kept->arena, &op->u.failures.failures[0]);
	list_each_safe (pos, tmp, &owed->failures) {
		const struct store_failure *old = &kept_of(pos)->u.failure;

		if (str_eq(old->receiver, fresh->receiver) &&
		        memory_same_key(&old->key, &fresh->key))
			kept_free(kept_of(pos));
	}
	for (at = owed->failures.next; at != &owed->failures; at = at->next)
		if (!is_newer(&kept_of(at)->u.failure, fresh))
			break;
	list_add_tail(at, &kept->link);
	return true;
}

void
memory_failures(struct backend *backend, struct store_op *op)
{
	const struct list *list = &memory_owed_of(backend)->failures;
	struct store_failures_args *args = &op->u.failures;
	struct store_failure *rows = arena_alloc(op->arena, length(list) * sizeof(*rows));
	size_t count = 0;

	list_each (pos, list) {
		const struct store_failure *failure = &kept_of(pos)->u.failure;

		if (count < args->limit &&
		        (args->receiver.p == NULL || str_eq(failure->receiver, args->receiver)))
			rows[count++] = copy_failure(op->arena, failure);
	}
	args->failures = rows;
	args->count = count;
}

bool
memory_failure_drop(struct backend *backend, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;

	list_each_safe (pos, tmp, &memory_owed_of(backend)->failures) {
		const struct store_failure *failure = &kept_of(pos)->u.failure;

		if ((args->receiver.p == NULL || str_eq(failure->receiver, args->receiver)) &&
		        (args->key.module.p == NULL || memory_same_key(&failure->key, &args->key)))
			kept_free(kept_of(pos));
	}
	return true;
}

/* ---- agreements ---- */

static struct kept *
find_agreement(const struct memory_owed *owed, int64_t id)
{
	list_each (pos, &owed->agreements)
		if (kept_of(pos)->u.agreement.id == id)
			return kept_of(pos);
	return NULL;
}

bool
memory_agreement_save(struct backend *backend, struct store_op *op)
{
	struct memory_owed *owed = memory_owed_of(backend);
	const struct store_agreement *from = &op->u.agreements.agreements[0];
	struct kept *kept = from->id == 0 ? kept_new() : find_agreement(owed, from->id);

	if (kept == NULL) {
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
		return true;
	}
	op->made_id = from->id == 0 ? ++owed->last_agreement : from->id;
	kept->u.agreement = *from;
	kept->u.agreement.id = op->made_id;
	kept->u.agreement.modules = arena_str(kept->arena, from->modules);
	if (list_empty(&kept->link))
		list_add_tail(&owed->agreements, &kept->link);
	return true;
}

bool
memory_agreement_drop(struct backend *backend, struct store_op *op)
{
	struct kept *kept = find_agreement(memory_owed_of(backend), op->u.agreements.id);

	if (kept == NULL)
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
	else
		kept_free(kept);
	return true;
}

void
memory_agreements_load(struct backend *backend, struct store_op *op)
{
	const struct list *list = &memory_owed_of(backend)->agreements;
	struct store_agreement *rows = arena_alloc(op->arena, length(list) * sizeof(*rows));

	op->u.agreements.agreements = rows;
	op->u.agreements.count = length(list);
	list_each (pos, list) {
		*rows = kept_of(pos)->u.agreement;
		rows->modules = arena_str(op->arena, rows->modules);
		rows++;
	}
}

/* ---- hints ---- */

static struct kept *
find_hint(const struct memory_owed *owed, const struct store_hint *like)
{
	list_each (pos, &owed->hints) {
		const struct store_hint *hint = &kept_of(pos)->u.hint;

		if (str_eq(hint->kind, like->kind) && str_eq(hint->key, like->key))
			return kept_of(pos);
	}
	return NULL;
}

bool
memory_hint_put(struct backend *backend, struct store_op *op)
{
	struct memory_owed *owed = memory_owed_of(backend);
	const struct store_hint *from = &op->u.hint.hint;
	struct kept *old = find_hint(owed, from), *kept = kept_new();

	if (old != NULL)
		kept_free(old);
	kept->u.hint = *from;
	kept->u.hint.kind = arena_str(kept->arena, from->kind);
	kept->u.hint.key = arena_str(kept->arena, from->key);
	list_add_tail(&owed->hints, &kept->link);
	return true;
}

void
memory_hint_get(struct backend *backend, struct store_op *op)
{
	struct store_hint *hint = &op->u.hint.hint;
	struct kept *kept = find_hint(memory_owed_of(backend), hint);
	struct str kind = hint->kind, key = hint->key;

	if (kept == NULL || kept->u.hint.expires_ms <= rh_wall_ms()) {
		op_result(op, RH_NOT_FOUND, "no such hint, or it expired");
		return;
	}
	*hint = kept->u.hint;
	hint->kind = kind;
	hint->key = key;
}

void
memory_expire_hints(struct memory_owed *owed, struct store_op *op)
{
	size_t count = 0;

	list_each_safe (pos, tmp, &owed->hints) {
		if (kept_of(pos)->u.hint.expires_ms > op->u.expire.now_ms)
			continue;
		if (count++ >= EXPIRE_ROWS)
			return;
		kept_free(kept_of(pos));
		op->u.expire.dropped++;
	}
}
