/* table: hash table with string keys, open addressing with linear probing.
 *
 * A removed slot keeps its place as a tombstone when a probe may run across it, so slots never move
 * while a caller walks the table with table_next(): removing during the walk is allowed, putting
 * new keys is not. table_get() writes nothing; any number of threads may read a table that nobody
 * changes. */
#include "roamhub/base.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_SLOTS = 8 };

struct slot {
	struct str key; /* absent: never used; the tombstone: removed */
	uint64_t hash;
	void *value;
};

struct table {
	struct slot *slots;
	size_t mask;  /* slots - 1, slots is a power of two */
	size_t count; /* keys */
	size_t used;  /* keys and tombstones */
};

static const char tombstone[1];

static bool
is_free(const struct slot *slot)
{
	return slot->key.p == NULL;
}

static bool
is_live(const struct slot *slot)
{
	return slot->key.p != NULL && slot->key.p != tombstone;
}

/* A fuller table means longer probes: two thirds keeps a miss at a handful of slots. */
static size_t
slots_for(size_t keys)
{
	size_t slots = SMALLEST_SLOTS;

	while (slots / 3 * 2 < keys)
		slots *= 2;
	return slots;
}

struct table *
table_new(size_t expected)
{
	struct table *table = rh_alloc(sizeof(*table));
	size_t slots = slots_for(expected);

	table->slots = rh_alloc(slots * sizeof(*table->slots));
	table->mask = slots - 1;
	return table;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	free(table->slots);
	free(table);
}

static struct slot *
slot_find(const struct table *table, struct str key, uint64_t hash)
{
	for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
		struct slot *slot = &table->slots[i];

		if (is_free(slot))
			return NULL;
		if (slot->hash == hash && is_live(slot) && str_eq(slot->key, key))
			return slot;
	}
}

/* The first slot on the key's way that holds no key. */
static struct slot *
slot_vacant(const struct table *table, uint64_t hash)
{
	size_t i = hash & table->mask;

	while (is_live(&table->slots[i]))
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

void *
table_get(const struct table *table, struct str key)
{
	struct slot *slot;

	if (key.p == NULL || table->count == 0)
		return NULL;
	slot = slot_find(table, key, rh_hash64(key));
	return slot == NULL ? NULL : slot->value;
}

/* Also sweeps the tombstones out: a table that churns at one size is rebuilt at that size. */
static void
table_rebuild(struct table *table)
{
	struct table old = *table;
	size_t slots = slots_for(table->count * 3 / 2 + 1);

	table->slots = rh_alloc(slots * sizeof(*table->slots));
	table->mask = slots - 1;
	table->used = table->count;
	for (size_t i = 0; i <= old.mask; i++)
		if (is_live(&old.slots[i]))
			*slot_vacant(table, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

void *
table_put(struct table *table, struct str key, void *value)
{
	uint64_t hash = rh_hash64(key);
	struct slot *slot = slot_find(table, key, hash);
	void *replaced;

	assert(key.p != NULL);
	if (slot != NULL) {
		replaced = slot->value;
		slot->key = key; /* the old key may live in the value that the caller now frees */
		slot->value = value;
		return replaced;
	}
	if (table->used + 1 > (table->mask + 1) / 3 * 2)
		table_rebuild(table);
	slot = slot_vacant(table, hash);
	table->used += is_free(slot);
	table->count++;
	*slot = (struct slot){ .key = key, .hash = hash, .value = value };
	return NULL;
}

void *
table_remove(struct table *table, struct str key)
{
	struct slot *slot = key.p == NULL ? NULL : slot_find(table, key, rh_hash64(key));
	size_t after;
	void *value;

	if (slot == NULL)
		return NULL;
	value = slot->value;
	after = ((size_t)(slot - table->slots) + 1) & table->mask;
	*slot = (struct slot){ 0 };
	if (is_free(&table->slots[after]))
		table->used--;
	else
		slot->key.p = tombstone;
	table->count--;
	return value;
}

size_t
table_count(const struct table *table)
{
	return table->count;
}

bool
table_next(const struct table *table, size_t *cursor, struct str *key, void **value)
{
	while (*cursor <= table->mask) {
		const struct slot *slot = &table->slots[(*cursor)++];

		if (!is_live(slot))
			continue;
		if (key != NULL)
			*key = slot->key;
		if (value != NULL)
			*value = slot->value;
		return true;
	}
	return false;
}
