/* json_keys: a key that stands twice in one object.
 *
 * Small objects, that is nearly all, compare a 64 bit print of each key with those before it.
 * Beyond JSON_FEW_KEYS members a hash set under a secret key takes over, so that no choice of keys
 * makes the search more than linear. */
#include <string.h>

#include "json.h"

struct slot {
	uint32_t hash, key; /* key 0: free, for node 0 is the root */
};

static uint64_t
load(const char *p, size_t bytes)
{
	uint64_t word = 0;

	memcpy(&word, p, bytes);
	return word;
}

/** Equal keys have equal prints; most others do not. */
static uint64_t
print_of(struct str key)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t print = key.len * mix;

	if (key.len >= 8)
		return print ^ load(key.p, 8) ^ load(key.p + key.len - 8, 8) * mix;
	if (key.len >= 4)
		return print ^ load(key.p, 4) ^ load(key.p + key.len - 4, 4) << 32;
	for (size_t i = 0; i < key.len; i++)
		print ^= (uint64_t)(unsigned char)key.p[i] << (8 * i);
	return print;
}

static bool
unique_small(const struct json_doc *doc, uint32_t object, struct arena *arena, uint32_t *twice)
{
	uint64_t prints[JSON_FEW_KEYS];
	struct str keys[JSON_FEW_KEYS];
	uint32_t node = object + 1;

	for (uint32_t i = 0; i < doc->nodes[object].count; i++) {
		keys[i] = json_string(doc, node, arena);
		prints[i] = print_of(keys[i]);
		for (uint32_t j = 0; j < i; j++)
			if (prints[j] == prints[i] && str_eq(keys[j], keys[i])) {
				*twice = node;
				return false;
			}
		node = doc->nodes[node + 1].next;
	}
	return true;
}

/** Put @node into @slots; false when its key is there. */
static bool
put(const struct json_doc *doc, struct slot *slots, size_t mask, uint32_t node, struct arena *arena)
{
	struct str text = json_string(doc, node, arena);
	uint64_t hash = rh_hash64(text);
	size_t at = hash & mask;

	for (; slots[at].key != 0; at = (at + 1) & mask)
		if (slots[at].hash == (uint32_t)(hash >> 32) &&
		        str_eq(json_string(doc, slots[at].key, arena), text))
			return false;
	slots[at] = (struct slot){ (uint32_t)(hash >> 32), node };
	return true;
}

static bool
unique_large(const struct json_doc *doc, uint32_t object, struct arena *arena, uint32_t *twice)
{
	size_t size = 4 * JSON_FEW_KEYS;
	uint32_t node = object + 1;
	struct slot *slots;

	while (size < (size_t)doc->nodes[object].count * 2)
		size *= 2;
	slots = arena_alloc(arena, size * sizeof(*slots));
	for (uint32_t i = 0; i < doc->nodes[object].count; i++) {
		if (!put(doc, slots, size - 1, node, arena)) {
			*twice = node;
			return false;
		}
		node = doc->nodes[node + 1].next;
	}
	return true;
}

bool
json_keys_unique(const struct json_doc *doc, uint32_t object, struct arena *arena, uint32_t *twice)
{
	if (doc->nodes[object].count <= JSON_FEW_KEYS)
		return unique_small(doc, object, arena, twice);
	return unique_large(doc, object, arena, twice);
}
