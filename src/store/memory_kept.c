/* memory_kept: copies in lists, and how their texts are compared. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

struct kept *
kept_of(struct list *pos)
{
	return container_of(pos, struct kept, link);
}

struct kept *
kept_new(void)
{
	struct kept *kept = rh_alloc(sizeof(*kept));

	list_init(&kept->link);
	kept->arena = arena_new(256);
	return kept;
}

void
kept_free(struct kept *kept)
{
	list_remove(&kept->link);
	arena_free(kept->arena);
	free(kept);
}

void
kept_free_all(struct list *list)
{
	list_each_safe (pos, tmp, list)
		kept_free(kept_of(pos));
}

size_t
kept_count(const struct list *list)
{
	size_t count = 0;

	list_each (pos, list)
		count++;
	return count;
}

static struct str
copy_part(struct arena *arena, struct str part)
{
	return arena_str(arena, part.p == NULL ? STR("") : part);
}

struct store_key
memory_copy_key(struct arena *arena, const struct store_key *from)
{
	return (struct store_key){
		.scope = copy_part(arena, from->scope),
		.module = copy_part(arena, from->module),
		.owner = copy_part(arena, from->owner),
		.id = copy_part(arena, from->id),
		.type = copy_part(arena, from->type),
	};
}

bool
memory_same_text(struct str a, struct str b)
{
	return memory_compare_text(a, b) == 0;
}

bool
memory_same_key(const struct store_key *a, const struct store_key *b)
{
	return memory_same_text(a->scope, b->scope) && memory_same_text(a->module, b->module) &&
	       memory_same_text(a->owner, b->owner) && memory_same_text(a->id, b->id) &&
	       memory_same_text(a->type, b->type);
}

int
memory_compare_text(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.p, b.p, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
