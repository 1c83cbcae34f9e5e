/* backend_together: what is asked of a backend about those who work beside it (together.c). */
#include "inside.h"

static void
together_look(const struct backend *backend, struct store_together *out)
{
	pg_together_look(backend->hold.together, out);
}

static void
together_release(struct backend *backend, uint64_t slots)
{
	pg_together_release(backend->hold.together, slots);
}

static void
together_leave(struct backend *backend)
{
	pg_together_leave(backend->hold.together);
}

static void
together_tell(struct backend *backend, enum store_tell what, int64_t platform)
{
	pg_together_tell(backend->hold.together, what, platform);
}

static size_t
together_told(struct backend *backend, struct store_told *out, size_t most)
{
	return pg_together_told(backend->hold.together, out, most);
}

static void
together_watch(struct backend *backend, void (*fn)(void *ctx), void *ctx)
{
	pg_together_watch(backend->hold.together, fn, ctx);
}

const struct backend_together pg_backend_together = { together_look, together_release,
	together_leave, together_tell, together_told, together_watch };
