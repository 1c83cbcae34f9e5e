/* memo: what one message taught and the next one needs. */
#include "memo.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIND_MOST = 24 };

struct entry {
	struct list node; /* oldest first */
	struct ocpi_id party;
	bool nobody;
	int64_t until_ms;
	struct str name; /* kind and key, in text */
	char text[];
};

struct memo {
	pthread_mutex_t lock; /* held for a look-up, never for I/O */
	struct table *entries;
	struct list order;
	size_t most;
};

struct memo *
memo_new(size_t most)
{
	struct memo *memo = rh_alloc(sizeof *memo);

	(void)pthread_mutex_init(&memo->lock, NULL);
	memo->entries = table_new(64);
	memo->most = most;
	list_init(&memo->order);
	return memo;
}

static void
remove_entry(struct memo *memo, struct entry *entry)
{
	(void)table_remove(memo->entries, entry->name);
	list_remove(&entry->node);
	free(entry);
}

void
memo_free(struct memo *memo)
{
	if (memo == NULL)
		return;
	list_each_safe (node, next, &memo->order)
		remove_entry(memo, container_of(node, struct entry, node));
	assert(table_count(memo->entries) == 0);
	table_free(memo->entries);
	(void)pthread_mutex_destroy(&memo->lock);
	free(memo);
}

/* "token:KEY" in @out; absent when it is too long. */
static struct str
name_of(const char *kind, struct str key, char out[KIND_MOST + MEMO_KEY_MOST])
{
	char *end;

	assert(strlen(kind) < KIND_MOST);
	if (key.len > MEMO_KEY_MOST)
		return (struct str){ 0 };
	end = stpcpy(out, kind);
	*end++ = ':';
	memcpy(end, key.p, key.len); /* it may hold any byte */
	return (struct str){ out, (size_t)(end - out) + key.len };
}

static struct entry *
add_entry(struct memo *memo, struct str name)
{
	struct entry *entry = rh_alloc(sizeof *entry + name.len);

	memcpy(entry->text, name.p, name.len);
	entry->name = (struct str){ entry->text, name.len };
	list_init(&entry->node);
	(void)table_put(memo->entries, entry->name, entry);
	return entry;
}

void
memo_put(struct memo *memo, const char *kind, struct str key, const struct ocpi_id *party,
        int64_t until_ms)
{
	char text[KIND_MOST + MEMO_KEY_MOST];
	struct str name = name_of(kind, key, text);
	struct entry *entry;

	if (name.p == NULL)
		return;
	(void)pthread_mutex_lock(&memo->lock);
	entry = table_get(memo->entries, name);
	if (entry == NULL)
		entry = add_entry(memo, name);
	entry->nobody = party == NULL;
	entry->party = party != NULL ? *party : (struct ocpi_id){ 0 };
	entry->until_ms = until_ms;
	list_remove(&entry->node);
	list_add_tail(&memo->order, &entry->node);
	if (table_count(memo->entries) > memo->most)
		remove_entry(memo, container_of(memo->order.next, struct entry, node));
	(void)pthread_mutex_unlock(&memo->lock);
}

enum memo_found
memo_get(struct memo *memo, const char *kind, struct str key, int64_t now_ms, struct ocpi_id *party)
{
	char text[KIND_MOST + MEMO_KEY_MOST];
	struct str name = name_of(kind, key, text);
	enum memo_found found = MEMO_NOTHING;
	struct entry *entry;

	if (name.p == NULL)
		return MEMO_NOTHING;
	(void)pthread_mutex_lock(&memo->lock);
	entry = table_get(memo->entries, name);
	if (entry != NULL && now_ms >= entry->until_ms) {
		remove_entry(memo, entry);
	} else if (entry != NULL) {
		*party = entry->party;
		found = entry->nobody ? MEMO_NOBODY : MEMO_PARTY;
	}
	(void)pthread_mutex_unlock(&memo->lock);
	return found;
}

void
memo_drop(struct memo *memo, const char *kind, struct str key)
{
	char text[KIND_MOST + MEMO_KEY_MOST];
	struct str name = name_of(kind, key, text);
	struct entry *entry;

	if (name.p == NULL)
		return;
	(void)pthread_mutex_lock(&memo->lock);
	entry = table_get(memo->entries, name);
	if (entry != NULL)
		remove_entry(memo, entry);
	(void)pthread_mutex_unlock(&memo->lock);
}

void
memo_drop_under(struct memo *memo, const char *kind, struct str head)
{
	char text[KIND_MOST + MEMO_KEY_MOST];
	struct str name = name_of(kind, head, text);

	if (name.p == NULL)
		return;
	(void)pthread_mutex_lock(&memo->lock);
	list_each_safe (node, next, &memo->order) {
		struct entry *entry = container_of(node, struct entry, node);

		if (entry->name.len >= name.len && memcmp(entry->name.p, name.p, name.len) == 0)
			remove_entry(memo, entry);
	}
	(void)pthread_mutex_unlock(&memo->lock);
}

size_t
memo_count(struct memo *memo)
{
	size_t count;

	(void)pthread_mutex_lock(&memo->lock);
	count = table_count(memo->entries);
	(void)pthread_mutex_unlock(&memo->lock);
	return count;
}
