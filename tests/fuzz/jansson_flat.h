/* jansson_flat: what jansson reads in a text, flattened to the order of json_scan()'s nodes.
 * Without its header, which has names in common with ours. */
#pragma once

#include "roamhub/base.h"

enum flat_type {
	FLAT_NULL,
	FLAT_FALSE,
	FLAT_TRUE,
	FLAT_INTEGER,
	FLAT_REAL,
	FLAT_STRING,
	FLAT_ARRAY,
	FLAT_OBJECT
};
struct flat {
	enum flat_type type;
	int64_t integer;
	double real;
	struct str text; /* FLAT_STRING: content, in the arena; keys are strings */
	size_t count;    /* members or elements */
};
enum flat_verdict { FLAT_READ, FLAT_REFUSED, FLAT_TOO_BIG_A_NUMBER, FLAT_TOO_DEEP };
enum flat_verdict flat_read(
        struct str text, struct arena *arena, const struct flat **flats, size_t *count);
