/* memory_version: what a tariff was before. */
#include "memory.h"

#include "versions.h"

static struct store_version *
version_of(struct list *pos)
{
	return &kept_of(pos)->u.version;
}

static void
keep_most(struct backend *backend, const struct store_key *key)
{
	size_t count = 0;

	list_each_safe (pos, tmp, &backend->versions)
		if (memory_same_key(&version_of(pos)->object.key, key) && ++count > VERSIONS_MOST)
			kept_free(kept_of(pos));
}

void
memory_version_keep(struct backend *backend, const struct store_object *old, int64_t until_ms)
{
	struct kept *kept;

	if (old->body.p == NULL || !versions_kept(&old->key))
		return;
	kept = kept_new();
	kept->u.version = (struct store_version){ .object = *old, .until_ms = until_ms };
	kept->u.version.object.key = memory_copy_key(kept->arena, &old->key);
	kept->u.version.object.body = arena_str(kept->arena, old->body);
	kept->u.version.object.method = arena_str(kept->arena, old->method);
	kept->u.version.object.suffix = (struct str){ 0 };
	kept->u.version.object.patch = (struct str){ 0 };
	kept->u.version.object.correlation_id = arena_str(kept->arena, old->correlation_id);
	list_add_tail(backend->versions.next, &kept->link); /* before it: newest first */
	keep_most(backend, &old->key);
}

static bool
is_wanted(const struct store_version *version, const struct store_versions_args *args)
{
	const struct store_key *key = &version->object.key;

	return str_eq(key->module, args->key.module) && str_eq(key->owner, args->key.owner) &&
	       str_eq(key->id, args->key.id) &&
	       (args->at_ms == 0 ||
	               (version->object.at_ms <= args->at_ms && version->until_ms > args->at_ms));
}

static struct store_version
copy_version(struct arena *arena, const struct store_version *from)
{
	struct store_version to = *from;

	to.object.key = memory_copy_key(arena, &from->object.key);
	to.object.body = arena_str(arena, from->object.body);
	to.object.method = arena_str(arena, from->object.method);
	to.object.correlation_id = arena_str(arena, from->object.correlation_id);
	return to;
}

void
memory_versions(struct backend *backend, struct store_op *op)
{
	struct store_versions_args *args = &op->u.versions;
	size_t most = kept_count(&backend->versions);
	struct store_version *rows = arena_alloc(op->arena, (most + 1) * sizeof(*rows));

	args->rows = rows;
	args->count = 0;
	list_each (pos, &backend->versions)
		if (args->count < args->limit && is_wanted(version_of(pos), args))
			rows[args->count++] = copy_version(op->arena, version_of(pos));
}

void
memory_expire_versions(struct backend *backend, struct store_op *op)
{
	int64_t before_ms = versions_before(op->u.expire.before_ms);

	list_each_safe (pos, tmp, &backend->versions) {
		if (op->u.expire.before_ms == 0 || version_of(pos)->until_ms >= before_ms)
			continue;
		kept_free(kept_of(pos));
		op->u.expire.dropped++;
	}
}
