/* together: what a process asks of its store about the others that work with it (together.h). */
#include "writer.h"

void
store_together(const struct store *store, struct store_together *out)
{
	*out = (struct store_together){ .hubs = 1, .held = UINT64_MAX };
	if (store->ops->together != NULL)
		store->ops->together->look(store->backend, out);
}

void
store_release(struct store *store, uint64_t slots)
{
	if (store->ops->together != NULL)
		store->ops->together->release(store->backend, slots);
}

void
store_leave(struct store *store)
{
	if (store->ops->together != NULL)
		store->ops->together->leave(store->backend);
}

void
store_tell(struct store *store, enum store_tell what, int64_t platform)
{
	if (store->ops->together != NULL)
		store->ops->together->tell(store->backend, what, platform);
}

size_t
store_told(struct store *store, struct store_told *out, size_t most)
{
	return store->ops->together == NULL ? 0
	                                    : store->ops->together->told(store->backend, out, most);
}

void
store_watch(struct store *store, void (*fn)(void *ctx), void *ctx)
{
	if (store->ops->together != NULL)
		store->ops->together->watch(store->backend, fn, ctx);
}
