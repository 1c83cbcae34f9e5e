/* schema_mutate: what the three files of mutations share. Private to the layer ocpi. */
#pragma once

#include "schema.h"

struct mutate {
	const struct json_doc *doc;
	size_t wanted, count; /* which one, and how many there were so far */
	struct buf *out;
	struct ocpi_broken *broken;
};

/* ---- schema_mutate_edit.c ---- */

bool mutate_turn(struct mutate *m); /* whether the next mutation is the one that is wanted */
void mutate_range(struct mutate *m, size_t at, size_t end,
        struct str with); /* the document with [at, end) replaced */
void mutate_say(struct mutate *m, uint32_t node, const char *lacks, const char *how);
void mutate_value(
        struct mutate *m, uint32_t node, const char *with, const char *how); /* a turn of its own */
void mutate_remove(struct mutate *m, uint32_t object, uint32_t value); /* the member with @value */

/* ---- schema_mutate_rules.c ---- */

void mutate_rules(struct mutate *m, uint32_t node, const struct ocpi_class *class);
