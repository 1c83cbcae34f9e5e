/* read_items: reads in a row. */
#include "reads.h"

#include <string.h>

void
read_add(struct pg_read *read, enum pg_sql sql, const struct pg_value *values, size_t count)
{
	struct pg_value *copy = arena_take(read->arena, (count + 1) * sizeof(*copy));

	if (count > 0)
		memcpy(copy, values, count * sizeof(*copy));
	read->calls[read->count++] = (struct pg_call){ .sql = sql, .values = copy, .count = count };
}

void
items_init(struct items *items)
{
	*items = (struct items){ .last = &items->first };
}

void
items_add(struct items *items, struct item *item)
{
	item->next = NULL;
	*items->last = item;
	items->last = &item->next;
	items->count++;
}

struct item *
items_take(struct items *items)
{
	struct item *item = items->first;

	if (item == NULL)
		return NULL;
	items->first = item->next;
	if (items->first == NULL)
		items->last = &items->first;
	items->count--;
	return item;
}
