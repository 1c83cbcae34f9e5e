/* narrator: tells the story: one line a step for people, or one JSON line a step. */
#pragma once

#include "story.h"

/** Who does what to whom and how it went, e.g. "DE*CPO -> NL*MSP", "PUT tariffs DE/CPO/T1", "201
 * 1000". */
void narrate(struct story *story, struct str who, struct str what, struct str status, bool good,
        int64_t us);
void narrate_heading(struct story *story, struct str text);
void narrate_failure(struct story *story, int line, struct str text);
void narrate_step(struct story *story); /* the step in hand is over */
void narrate_end(struct story *story);
void narrate_request(struct sim *sim, const struct exchange *exchange); /* for --keep and serve */
