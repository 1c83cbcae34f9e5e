/* event: what happened to the hub is written down, to be read for long. */
#pragma once

#include "context.h"

void event_open(struct hub *hub);
void event_close(struct hub *hub);
/** Write @event down and go on: nobody waits for it. Its texts are copied, its time is now. What
 * many of write at once is bounded, the rest is dropped and counted. On the thread of @session. */
void event_note(struct hub *hub, struct store_session *session, const struct store_event *event);
/** The same, and of its type and platform the newest @most stay. */
void event_note_most(struct hub *hub, struct store_session *session,
        const struct store_event *event, size_t most);
/** Those that are too old or too many go. @clock_off: none by age. Control thread. */
void event_tick(struct hub *hub, bool clock_off);
