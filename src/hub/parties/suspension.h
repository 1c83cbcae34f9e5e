/* suspension: a platform is suspended by the operator, with a reason and until a time, or until it
 * is resumed. Both are kept beside its settings, so they are there after a restart. */
#pragma once

#include "../context.h"

struct json_doc;

/** Ends those that are over, and no other. Control thread. */
void suspension_tick(struct hub *hub);

/* suspension_kept.c */
#define SUSPENSION_REASON "suspended_reason"
#define SUSPENSION_UNTIL  "suspended_until"
/** What is kept of it in @doc, the settings; memory from @arena. */
void suspension_read(
        const struct json_doc *doc, struct arena *arena, struct suspension *suspension);
/** Is @key one under which it is kept? */
bool suspension_is_key(struct str key);
/** Has its end come, of a platform in @state? */
bool suspension_is_over(enum store_state state, const struct suspension *suspension);
