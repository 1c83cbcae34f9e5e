/* memory_owed: how far receivers are, who may roam with whom, and hints. Lists of copies, walked
 * from end to end. */
#include "memory.h"

enum { EXPIRE_ROWS = 2000 };
static const int64_t REFUSAL_MS = 90LL * 24 * 3600 * 1000;

void
memory_owed_open(struct backend *backend)
{
	list_init(&backend->cursors);
	list_init(&backend->failures);
	list_init(&backend->parked);
	list_init(&backend->agreements);
	list_init(&backend->hints);
	list_init(&backend->pulled);
	list_init(&backend->events);
	list_init(&backend->versions);
}

void
memory_owed_close(struct backend *backend)
{
	kept_free_all(&backend->cursors);
	kept_free_all(&backend->failures);
	kept_free_all(&backend->parked);
	kept_free_all(&backend->agreements);
	kept_free_all(&backend->hints);
	kept_free_all(&backend->pulled);
	kept_free_all(&backend->events);
	kept_free_all(&backend->versions);
}

/* ---- cursors ---- */

static void
save_cursor(struct backend *backend, const struct store_cursor *from)
{
	struct list *at = backend->cursors.next;
	struct kept *kept = kept_new();

	kept->u.cursor = *from;
	kept->u.cursor.receiver = arena_str(kept->arena, from->receiver);
	kept->u.cursor.ahead = arena_str(kept->arena, from->ahead);
	while (at != &backend->cursors &&
	        memory_compare_text(kept_of(at)->u.cursor.receiver, from->receiver) < 0)
		at = at->next;
	list_add_tail(at, &kept->link); /* in front of @at */
	if (at != &backend->cursors && str_eq(kept_of(at)->u.cursor.receiver, from->receiver))
		kept_free(kept_of(at));
}

bool
memory_cursors_save(struct backend *backend, struct store_op *op)
{
	for (size_t i = 0; i < op->u.cursors.count; i++)
		save_cursor(backend, &op->u.cursors.cursors[i]);
	return true;
}

void
memory_cursors_load(struct backend *backend, struct store_op *op)
{
	const struct list *list = &backend->cursors;
	struct store_cursor *rows = arena_alloc(op->arena, kept_count(list) * sizeof(*rows));

	op->u.cursors.cursors = rows;
	op->u.cursors.count = kept_count(list);
	list_each (pos, list) {
		*rows = kept_of(pos)->u.cursor;
		rows->receiver = arena_str(op->arena, rows->receiver);
		rows->ahead = arena_str(op->arena, rows->ahead);
		rows++;
	}
}

/* ---- agreements ---- */

static struct kept *
find_agreement(const struct backend *backend, int64_t id)
{
	list_each (pos, &backend->agreements)
		if (kept_of(pos)->u.agreement.id == id)
			return kept_of(pos);
	return NULL;
}

bool
memory_agreement_save(struct backend *backend, struct store_op *op)
{
	const struct store_agreement *from = &op->u.agreements.agreements[0];
	struct kept *kept = from->id == 0 ? kept_new() : find_agreement(backend, from->id);

	if (kept == NULL) {
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
		return true;
	}
	op->made_id = from->id == 0 ? ++backend->last_agreement : from->id;
	kept->u.agreement = *from;
	kept->u.agreement.id = op->made_id;
	kept->u.agreement.modules = arena_str(kept->arena, from->modules);
	if (list_empty(&kept->link))
		list_add_tail(&backend->agreements, &kept->link);
	return true;
}

bool
memory_agreement_drop(struct backend *backend, struct store_op *op)
{
	struct kept *kept = find_agreement(backend, op->u.agreements.id);

	if (kept == NULL)
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
	else
		kept_free(kept);
	return true;
}

void
memory_agreements_load(struct backend *backend, struct store_op *op)
{
	const struct list *list = &backend->agreements;
	struct store_agreement *rows = arena_alloc(op->arena, kept_count(list) * sizeof(*rows));

	op->u.agreements.agreements = rows;
	op->u.agreements.count = kept_count(list);
	list_each (pos, list) {
		*rows = kept_of(pos)->u.agreement;
		rows->modules = arena_str(op->arena, rows->modules);
		rows++;
	}
}

/* ---- hints ---- */

static struct kept *
find_hint(const struct backend *backend, const struct store_hint *like)
{
	list_each (pos, &backend->hints) {
		const struct store_hint *hint = &kept_of(pos)->u.hint;

		if (str_eq(hint->kind, like->kind) && str_eq(hint->key, like->key))
			return kept_of(pos);
	}
	return NULL;
}

bool
memory_hint_put(struct backend *backend, struct store_op *op)
{
	const struct store_hint *from = &op->u.hint.hint;
	struct kept *old = find_hint(backend, from), *kept = kept_new();

	if (old != NULL)
		kept_free(old);
	kept->u.hint = *from;
	kept->u.hint.kind = arena_str(kept->arena, from->kind);
	kept->u.hint.key = arena_str(kept->arena, from->key);
	list_add_tail(&backend->hints, &kept->link);
	return true;
}

void
memory_hint_get(struct backend *backend, struct store_op *op)
{
	struct store_hint *hint = &op->u.hint.hint;
	struct kept *kept = find_hint(backend, hint);
	struct str kind = hint->kind, key = hint->key;

	if (kept == NULL || kept->u.hint.expires_ms <= rh_wall_ms()) {
		op_result(op, RH_NOT_FOUND, "no such hint, or it expired");
		return;
	}
	*hint = kept->u.hint;
	hint->kind = kind;
	hint->key = key;
}

/* ---- age ---- */

static int64_t
over_ms(const struct kept *kept, bool hint)
{
	return hint ? kept->u.hint.expires_ms : kept->u.failure.at_ms + REFUSAL_MS + 1;
}

static void
expire(struct list *list, bool hints, struct store_op *op)
{
	size_t count = 0;

	list_each_safe (pos, tmp, list) {
		if (over_ms(kept_of(pos), hints) > op->u.expire.now_ms)
			continue;
		if (count++ >= EXPIRE_ROWS)
			return;
		kept_free(kept_of(pos));
		op->u.expire.dropped++;
	}
}

void
memory_expire_owed(struct backend *backend, struct store_op *op)
{
	expire(&backend->hints, true, op);
	expire(&backend->failures, false, op);
}
