/* filled: a database with some of everything in it, kept as files that are put back for each case.
 */
#pragma once

#include "slots.h"

struct files {
	struct {
		char name[32];
		uint8_t *bytes;
		size_t size;
	} each[4];
	size_t count;
};
/** What stands in the directory of @place: the database and its log. */
void files_take(struct files *files, const struct place *place);
void files_put(const struct files *files, struct place *place);
void files_free(struct files *files);

/** Writes version @version of every slot that may have it, and what has no slot. */
void fill(struct place *place, int64_t version, struct slot_ids *ids);
