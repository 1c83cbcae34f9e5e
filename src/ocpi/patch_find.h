/* patch_find: where an old object has what an update names. */
#pragma once

#include "roamhub/ocpi.h"

/** The members of an object by name, or the elements of a list by the CiString in their member
 * @key. */
struct lookup {
	const struct json_doc *doc;
	uint32_t node;
	const char *key;     /* NULL: members */
	struct table *table; /* NULL: there is too little to find to be worth one */
	struct arena *arena;
};
/** @wanted: how many will be looked for. */
struct lookup lookup_open(const struct json_doc *doc, uint32_t node, const char *key, size_t wanted,
        struct arena *arena);
void lookup_close(struct lookup *lookup);
/** The member's value, or the first element of that id; 0: there is none. */
uint32_t lookup_find(const struct lookup *lookup, struct str name);
