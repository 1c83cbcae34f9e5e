/* batch_calls: the statements of a batch, each with whose it is. */
#include "parts.h"

#include <string.h>

enum { FIRST_ROOM = 8 };

static void
grow(struct pg_batch *batch)
{
	size_t room = batch->room == 0 ? FIRST_ROOM : 2 * batch->room;
	struct pg_call *calls = arena_take(batch->arena, room * sizeof(*calls));
	struct pg_part *parts = arena_take(batch->arena, room * sizeof(*parts));

	if (batch->count > 0) {
		memcpy(calls, batch->calls, batch->count * sizeof(*calls));
		memcpy(parts, batch->parts, batch->count * sizeof(*parts));
	}
	batch->calls = calls;
	batch->parts = parts;
	batch->room = room;
}

void
batch_add(struct pg_batch *batch, const struct pg_part *part, enum pg_sql sql,
        const struct pg_value *values, size_t count)
{
	struct pg_value *copy = arena_take(batch->arena, (count + 1) * sizeof(*copy));

	memcpy(copy, values, count * sizeof(*copy));
	if (batch->count == batch->room)
		grow(batch);
	batch->calls[batch->count] = (struct pg_call){ .sql = sql, .values = copy, .count = count };
	batch->parts[batch->count++] = *part;
}
