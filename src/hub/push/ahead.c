/* ahead: changes above a receiver's cursor that need not be sent again. */
#include "ahead.h"

#include <stdlib.h>
#include <string.h>

/* Where @change stands, or would. */
static size_t
place(const struct ahead *ahead, int64_t change)
{
	size_t low = 0, high = ahead->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ahead->changes[middle] < change)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
ahead_has(const struct ahead *ahead, int64_t change)
{
	size_t at = place(ahead, change);

	return at < ahead->count && ahead->changes[at] == change;
}

static void
grow(struct ahead *ahead)
{
	int64_t *changes = rh_alloc((ahead->room * 2 + 16) * sizeof *changes);

	if (ahead->count > 0)
		memcpy(changes, ahead->changes, ahead->count * sizeof *changes);
	free(ahead->changes);
	ahead->changes = changes;
	ahead->room = ahead->room * 2 + 16;
}

void
ahead_add(struct ahead *ahead, int64_t change)
{
	size_t at = place(ahead, change);

	if (at == AHEAD_MOST || (at < ahead->count && ahead->changes[at] == change))
		return;
	if (ahead->count == AHEAD_MOST)
		ahead->count--;
	if (ahead->count == ahead->room)
		grow(ahead);
	memmove(&ahead->changes[at + 1], &ahead->changes[at],
	        (ahead->count - at) * sizeof *ahead->changes);
	ahead->changes[at] = change;
	ahead->count++;
}

void
ahead_passed(struct ahead *ahead, int64_t floor)
{
	size_t gone = place(ahead, floor + 1);

	if (gone == 0)
		return;
	ahead->count -= gone;
	memmove(ahead->changes, &ahead->changes[gone], ahead->count * sizeof *ahead->changes);
}

struct str
ahead_text(const struct ahead *ahead, struct arena *arena)
{
	struct buf text = { .arena = arena };

	buf_add(&text, STR(""));
	for (size_t i = 0; i < ahead->count && i < AHEAD_STORED; i++)
		buf_printf(&text, "%s%lld", i > 0 ? "," : "", (long long)ahead->changes[i]);
	return text.p == NULL ? STR("") : buf_str(&text);
}

void
ahead_read(struct ahead *ahead, struct str text)
{
	uint64_t change;

	while (text.p != NULL && str_to_u64(str_cut(&text, ','), INT64_MAX, &change))
		ahead_add(ahead, (int64_t)change);
}

void
ahead_free(struct ahead *ahead)
{
	free(ahead->changes);
	*ahead = (struct ahead){ 0 };
}
