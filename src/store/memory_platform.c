/* memory_platform: platforms in a list by id, each version an arena of its own. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

struct kept_platform {
	struct list link;
	struct arena *arena; /* of this version of the platform */
	struct store_platform row;
};

void
memory_platforms_free(struct backend *backend)
{
	list_each_safe (pos, tmp, &backend->platforms) {
		arena_free(container_of(pos, struct kept_platform, link)->arena);
		free(container_of(pos, struct kept_platform, link));
	}
}

static void *
copy_array(struct arena *arena, const void *rows, size_t count, size_t bytes)
{
	void *copy;

	if (count == 0)
		return NULL;
	copy = arena_take(arena, count * bytes);
	return memcpy(copy, rows, count * bytes);
}

static struct store_platform
copy_platform(struct arena *arena, const struct store_platform *from)
{
	struct store_platform to = *from;
	struct store_party *parties =
	        copy_array(arena, from->parties, from->party_count, sizeof(*parties));
	struct store_endpoint *endpoints =
	        copy_array(arena, from->endpoints, from->endpoint_count, sizeof(*endpoints));

	to.name = arena_str(arena, from->name);
	to.version = arena_str(arena, from->version);
	to.versions_url = arena_str(arena, from->versions_url);
	to.token_sealed = arena_str(arena, from->token_sealed);
	to.settings = arena_str(arena, from->settings);
	to.told = arena_str(arena, from->told);
	for (size_t i = 0; i < from->party_count; i++)
		parties[i].business = arena_str(arena, from->parties[i].business);
	for (size_t i = 0; i < from->endpoint_count; i++) {
		endpoints[i].module = arena_str(arena, from->endpoints[i].module);
		endpoints[i].url = arena_str(arena, from->endpoints[i].url);
	}
	to.parties = parties;
	to.endpoints = endpoints;
	to.tokens = copy_array(arena, from->tokens, from->token_count, sizeof(*from->tokens));
	return to;
}

static struct kept_platform *
find_platform(struct backend *backend, int64_t id)
{
	list_each (pos, &backend->platforms) {
		struct kept_platform *platform = container_of(pos, struct kept_platform, link);

		if (platform->row.id == id)
			return platform;
	}
	return NULL;
}

static bool
has_digest(const struct store_platform *platform, size_t first, const uint8_t *digest)
{
	for (size_t i = first; i < platform->token_count; i++)
		if (memcmp(platform->tokens[i].digest, digest, RH_DIGEST_BYTES) == 0)
			return true;
	return false;
}

/* A digest may stand once in the whole store; what @id had before is replaced. */
static bool
tokens_are_unique(struct backend *backend, const struct store_platform *saved)
{
	for (size_t i = 0; i < saved->token_count; i++) {
		const uint8_t *digest = saved->tokens[i].digest;

		if (has_digest(saved, i + 1, digest))
			return false;
		list_each (pos, &backend->platforms) {
			struct kept_platform *other = container_of(pos, struct kept_platform, link);

			if (other->row.id != saved->id && has_digest(&other->row, 0, digest))
				return false;
		}
	}
	return true;
}

static void
keep_platform(struct kept_platform *platform, const struct store_platform *saved, int64_t id)
{
	arena_free(platform->arena);
	platform->arena = arena_new(1024);
	platform->row = copy_platform(platform->arena, saved);
	platform->row.id = id;
}

static struct kept_platform *
make_platform(struct backend *backend, int64_t id)
{
	struct kept_platform *platform = rh_alloc(sizeof(*platform));
	struct list *at = backend->platforms.prev;

	platform->row.id = id;
	if (id > backend->last_id)
		backend->last_id = id;
	while (at != &backend->platforms &&
	        container_of(at, struct kept_platform, link)->row.id > id)
		at = at->prev;
	list_add_head(at, &platform->link);
	return platform;
}

bool
memory_platform_save(struct backend *backend, struct store_op *op)
{
	const struct store_platform *saved = op->u.save.platform;
	struct kept_platform *platform = saved->id == 0 ? NULL : find_platform(backend, saved->id);

	if (saved->id != 0 && platform == NULL) {
		op_result(op, RH_NOT_FOUND, "no platform has this id");
		return true;
	}
	if (!tokens_are_unique(backend, saved)) {
		op_result(op, RH_STORE_FAILED, "UNIQUE: a token names one platform");
		return false;
	}
	if (platform == NULL)
		platform = make_platform(backend, backend->last_id + 1);
	op->made_id = platform->row.id;
	keep_platform(platform, saved, op->made_id);
	return true;
}

static bool
all_are_unique(struct backend *backend, const struct store_import_args *args)
{
	for (size_t i = 0; i < args->platform_count; i++) {
		const struct store_platform *one = &args->platforms[i];

		if (!tokens_are_unique(backend, one))
			return false;
		for (size_t k = i + 1; k < args->platform_count; k++)
			for (size_t t = 0; t < one->token_count; t++)
				if (has_digest(&args->platforms[k], 0, one->tokens[t].digest))
					return false;
	}
	return true;
}

bool
memory_platforms_import(struct backend *backend, struct store_op *op)
{
	const struct store_import_args *args = &op->u.import;

	if (!all_are_unique(backend, args)) {
		op_result(op, RH_STORE_FAILED, "UNIQUE: a token names one platform");
		return false;
	}
	for (size_t i = 0; i < args->platform_count; i++) {
		const struct store_platform *row = &args->platforms[i];
		struct kept_platform *platform = find_platform(backend, row->id);

		if (platform == NULL)
			platform = make_platform(backend, row->id);
		keep_platform(platform, row, row->id);
	}
	return true;
}

bool
memory_platform_touch(struct backend *backend, struct store_op *op)
{
	struct kept_platform *platform = find_platform(backend, op->u.touch.platform);

	if (platform == NULL)
		op_result(op, RH_NOT_FOUND, "no platform has this id");
	else
		platform->row.last_contact_ms = op->u.touch.at_ms;
	return true;
}

void
memory_platforms_load(struct backend *backend, struct store_op *op)
{
	struct store_platform *rows;
	size_t count = 0;

	list_each (pos, &backend->platforms)
		count++;
	rows = arena_alloc(op->arena, count * sizeof(*rows));
	op->u.load.platforms = rows;
	op->u.load.count = count;
	list_each (pos, &backend->platforms)
		*rows++ = copy_platform(
		        op->arena, &container_of(pos, struct kept_platform, link)->row);
}
