/* prints: the copy of an addressed object that was kept last, so that the same again is not written
 * again. */
#include "prints.h"

#include <string.h>

/* Many stacks PUT the same bytes again and again. A print of the last copy, by object, saves
 * writing it once more; another object in the same place only costs a write. */
static _Atomic uint64_t *
print_place(struct flight *flight)
{
	struct str where = flight->path.tail[flight->match.first];
	uint64_t hash = rh_hash64(where) ^ (uint64_t)flight->platform_id ^
	                rh_hash64(str_of(flight->to.party));

	return &flight_hub(flight)->prints->at[hash % PRINTS_COUNT];
}

/* Eight bytes a step; who makes two of its own objects collide loses a copy that is its own. */
static uint64_t
quick_hash(struct str s)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ s.len, word;
	size_t i = 0;

	for (; i + sizeof word <= s.len; i += sizeof word) {
		memcpy(&word, s.p + i, sizeof word);
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	for (word = 0; i < s.len; i++)
		word = word << 8 | (unsigned char)s.p[i];
	hash = (hash ^ word) * 0xc4ceb9fe1a85ec53u;
	return hash ^ hash >> 29;
}

bool
prints_same(struct flight *flight, _Atomic uint64_t **place)
{
	uint64_t print;

	*place = NULL;
	if (!str_is(flight->request->method, "PUT") || flight->match.evse.p != NULL)
		return false; /* a PATCH changes what it meets, so it is never a repetition */
	*place = print_place(flight);
	print = quick_hash(flight->request->body) ^
	        rh_hash64(flight->path.tail[flight->match.first]) ^
	        rh_hash64(str_of(flight->to.party)) ^ rh_hash64(str_of(flight->module->id));
	return atomic_exchange(*place, print) == print && print != 0;
}
