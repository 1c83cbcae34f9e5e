/* view: what other processes changed of platforms and agreements (roamhub/together.h): read when it
 * moved, or when somebody asks, and taken. Where no others can be there is no view, and all this is
 * not called. */
#pragma once

#include "../context.h"

/** Of the hub that is about to load what it knows; view_close() when its registry is idle. Control
 * thread. */
void view_open(struct hub *hub);
/** From now on nobody asks: what was asked is left to @deliver. */
void view_end(struct hub *hub, void (*deliver)(struct mail *mail));
void view_close(struct hub *hub); /* both are harmless without one */
/** What was loaded, in one piece. */
void view_loaded(struct hub *hub, const struct store_directory_args *found);

/** The newest change of platforms and agreements that is known to be committed; told again and
 * again, as a read of it that failed is tried again then. Control thread. */
void view_look(struct hub *hub, int64_t changed);

/** Asks for what others changed: the number of the first read that begins from now on. One serves
 * all who ask meanwhile, and they begin 20 ms apart. Any thread. */
uint64_t view_ask(struct hub *hub);
/** Does the directory hold what was committed up to @changed (struct store_feed_args)? Any thread.
 */
bool view_has(const struct hub *hub, int64_t changed);
enum view_read { VIEW_WAITS, VIEW_READ, VIEW_FAILED };
/** What became of that read: VIEW_READ: the directory holds what was committed before it was asked
 * for. Any thread. */
enum view_read view_of(const struct hub *hub, uint64_t read);
/** For so long others' changes are known to be there, and are not read. Any thread. */
int64_t view_behind_ms(const struct hub *hub);

/* ---- view_take.c ---- */

/** Rows that are newer than the registry's, and agreements. Is there anything to be published? */
bool view_take(struct hub *hub, const struct store_directory_args *found);
