/* ahead: changes above a receiver's cursor that need not be sent again. Bounded: the newest are
 * forgotten first, and may then be sent twice. */
#pragma once

#include "roamhub/base.h"

enum { AHEAD_MOST = 1024, AHEAD_STORED = 256 };

struct ahead {
	int64_t *changes; /* ascending */
	size_t count, room;
};
bool ahead_has(const struct ahead *ahead, int64_t change);
void ahead_add(struct ahead *ahead, int64_t change);
void ahead_passed(struct ahead *ahead, int64_t floor); /* those up to @floor say nothing new */
/** "12,15,20", at most AHEAD_STORED of them, and back; what is no number ends it. */
struct str ahead_text(const struct ahead *ahead, struct arena *arena);
void ahead_read(struct ahead *ahead, struct str text);
void ahead_free(struct ahead *ahead);
