/* memory_meta: facts by their key. */
#include "memory.h"

#include <stdlib.h>

struct meta {
	struct arena *arena;
	struct str key, value;
};

static void
free_meta(struct meta *meta)
{
	if (meta != NULL)
		arena_free(meta->arena);
	free(meta);
}

void
memory_metas_close(struct backend *backend)
{
	struct str key;
	void *value;

	for (size_t cursor = 0; table_next(backend->metas, &cursor, &key, &value);)
		free_meta(value);
	table_free(backend->metas);
}

bool
memory_meta_put(struct backend *backend, struct store_op *op)
{
	struct meta *meta = rh_alloc(sizeof(*meta));

	meta->arena = arena_new(256);
	meta->key = arena_str(meta->arena, op->u.meta.key);
	meta->value = arena_str(meta->arena, op->u.meta.value);
	free_meta(table_remove(backend->metas, meta->key));
	table_put(backend->metas, meta->key, meta);
	return true;
}

void
memory_meta_get(struct backend *backend, struct store_op *op)
{
	struct meta *meta = table_get(backend->metas, op->u.meta.key);

	if (meta == NULL)
		op_result(op, RH_NOT_FOUND, "no such key");
	else
		op->u.meta.value = arena_str(op->arena, meta->value);
}

/* The next one that names the token. */
static struct meta *
report_of(struct backend *backend, const struct store_erase_args *args, size_t *cursor)
{
	struct str key;
	void *value;

	while (table_next(backend->metas, cursor, &key, &value)) {
		struct meta *meta = value;
		struct str head = { key.p, args->reports.len };

		if (key.len >= head.len && str_eq(head, args->reports) &&
		        erase_report(args, meta->value))
			return meta;
	}
	return NULL;
}

void
memory_erase_reports(struct backend *backend, struct store_erase_args *args)
{
	struct meta *meta;

	for (size_t cursor = 0; (meta = report_of(backend, args, &cursor)) != NULL;) {
		args->remembered++;
		if (args->dry_run)
			continue;
		free_meta(table_remove(backend->metas, meta->key));
		cursor = 0; /* the table has moved */
	}
}
