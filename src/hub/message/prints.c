/* prints: what the copies of addressed objects hold, told without reading them. */
#include "prints.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 1 << 16, LOCKS = 64, SHORT_KEY = 256 };

/* Objects share places: whoever is written last has it. Writes of one place that overlap may be
 * committed in another order than they end here, so the newest change decides. */
struct place {
	uint64_t print;  /* 0: not known */
	int64_t change;  /* the newest that ended */
	unsigned writes; /* under way */
	bool accepted;
};

struct prints {
	pthread_mutex_t lock[LOCKS];
	struct place place[PLACES];
};

struct prints *
prints_new(void)
{
	struct prints *prints = rh_alloc(sizeof *prints);

	for (size_t i = 0; i < LOCKS; i++)
		(void)pthread_mutex_init(&prints->lock[i], NULL);
	return prints;
}

void
prints_free(struct prints *prints)
{
	if (prints == NULL)
		return;
	for (size_t i = 0; i < PLACES; i++)
		assert(prints->place[i].writes == 0);
	for (size_t i = 0; i < LOCKS; i++)
		(void)pthread_mutex_destroy(&prints->lock[i]);
	free(prints);
}

static uint64_t
hash_of_long(const struct str *parts, size_t count)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ rh_hash64(parts[i])) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

/* Of all five parts: two parties of one id in two countries, or on two platforms, are two. Of what
 * is as short as nearly all keys are it is one hash, with the length before each part. */
static uint64_t
key_hash(const struct store_key *key)
{
	const struct str parts[] = { key->scope, key->module, key->owner, key->id, key->type };
	char text[SHORT_KEY], *at = text;

	for (size_t i = 0; i < COUNT(parts); i++) {
		size_t room = (size_t)(text + sizeof text - at);

		if (parts[i].len >= room || parts[i].len > UINT8_MAX)
			return hash_of_long(parts, COUNT(parts));
		*at++ = (char)parts[i].len;
		if (parts[i].len > 0)
			at = mempcpy(at, parts[i].p, parts[i].len);
	}
	return rh_hash64((struct str){ text, (size_t)(at - text) });
}

/* Who makes two of its own objects collide loses a copy that is its own. */
uint64_t
print_of(const struct store_key *key, struct str body)
{
	return (rh_sum64(body) ^ key_hash(key)) | 1;
}

static struct place *
lock_place(struct prints *prints, const struct store_key *key, pthread_mutex_t **lock)
{
	uint64_t hash = key_hash(key);

	*lock = &prints->lock[hash % LOCKS];
	(void)pthread_mutex_lock(*lock);
	return &prints->place[hash % PLACES];
}

bool
prints_same(struct prints *prints, const struct store_key *key, uint64_t print, bool accepted)
{
	pthread_mutex_t *lock;
	struct place *place = lock_place(prints, key, &lock);
	bool same = place->writes == 0 && place->print == print && (place->accepted || !accepted);

	(void)pthread_mutex_unlock(lock);
	return same;
}

void
prints_begin(struct prints *prints, const struct store_key *key)
{
	pthread_mutex_t *lock;
	struct place *place = lock_place(prints, key, &lock);

	place->writes++;
	place->print = 0;
	(void)pthread_mutex_unlock(lock);
}

void
prints_end(struct prints *prints, const struct store_key *key, int64_t change, uint64_t print,
        bool accepted)
{
	pthread_mutex_t *lock;
	struct place *place = lock_place(prints, key, &lock);

	assert(place->writes > 0);
	place->writes--;
	if (change != 0 && change >= place->change) {
		place->change = change;
		place->print = print;
		place->accepted = accepted;
	}
	(void)pthread_mutex_unlock(lock);
}

/* A write that was committed before and ends here later has a change that is not above it. */
static void
forget_every(struct prints *prints, size_t lock, int64_t head)
{
	(void)pthread_mutex_lock(&prints->lock[lock]);
	for (size_t i = lock; i < PLACES; i += LOCKS) {
		prints->place[i].print = 0;
		if (prints->place[i].change <= head)
			prints->place[i].change = head + 1;
	}
	(void)pthread_mutex_unlock(&prints->lock[lock]);
}

void
prints_forget(struct prints *prints, int64_t head)
{
	for (size_t i = 0; i < LOCKS; i++)
		forget_every(prints, i, head);
}
