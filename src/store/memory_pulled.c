/* memory_pulled: which shared objects nobody but a pull brought here. */
#include "memory.h"

#include <stdlib.h>

static struct kept *
find(struct backend *backend, const struct store_key *key)
{
	list_each (pos, &backend->pulled)
		if (memory_same_key(&kept_of(pos)->u.pulled.row.key, key))
			return kept_of(pos);
	return NULL;
}

bool
memory_pulled_has(struct backend *backend, const struct store_key *key)
{
	return find(backend, key) != NULL;
}

void
memory_pulled_drop(struct backend *backend, const struct store_key *key)
{
	struct kept *kept = find(backend, key);

	if (kept != NULL)
		kept_free(kept);
}

void
memory_pulled_note(struct backend *backend, const struct store_share_args *args, bool deleted)
{
	struct kept *kept = find(backend, &args->key);

	if (!str_is(args->key.scope, "*"))
		return;
	if (deleted || !args->pulled) {
		memory_pulled_drop(backend, &args->key);
		return;
	}
	if (kept == NULL && !args->created)
		return;
	if (kept == NULL) {
		kept = kept_new();
		kept->u.pulled.row.key = memory_copy_key(kept->arena, &args->key);
		list_add_tail(&backend->pulled, &kept->link);
	}
	kept->u.pulled.row.missed = 0;
	kept->u.pulled.platform = args->sender_platform;
}

bool
memory_pulled_missed(struct backend *backend, struct store_op *op)
{
	const struct store_pulled_args *args = &op->u.pulled;

	for (size_t i = 0; i < args->count; i++) {
		struct kept *kept = find(backend, &args->rows[i].key);

		if (kept != NULL && kept->u.pulled.platform == args->platform)
			kept->u.pulled.row.missed = args->rows[i].missed;
	}
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct store_pulled *x = a, *y = b;
	int order = memory_compare_text(x->key.owner, y->key.owner);

	if (order == 0)
		order = memory_compare_text(x->key.id, y->key.id);
	return order != 0 ? order : memory_compare_text(x->key.type, y->key.type);
}

void
memory_pulled(struct backend *backend, struct store_op *op)
{
	struct store_pulled_args *args = &op->u.pulled;
	struct store_pulled *rows =
	        arena_alloc(op->arena, kept_count(&backend->pulled) * sizeof(*rows));
	const struct store_pulled after = { .key = args->after };
	size_t count = 0;

	list_each (pos, &backend->pulled) {
		const struct store_pulled *row = &kept_of(pos)->u.pulled.row;

		if (kept_of(pos)->u.pulled.platform != args->platform ||
		        !str_eq(row->key.module, args->module) || compare(row, &after) <= 0)
			continue;
		rows[count] = *row;
		rows[count++].key = memory_copy_key(op->arena, &row->key);
	}
	qsort(rows, count, sizeof(*rows), compare);
	args->rows = rows;
	args->count = count < args->limit ? count : args->limit;
}
