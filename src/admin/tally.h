/* tally: what is counted of a platform since the start, as a JSON object: numbers, `faults`,
 * `it_refused`, `hub_refused`, `since`. Control thread. */
#pragma once

#include "inside.h"

json_t *tally_tree(const struct admin *admin, const struct live *live); /* by this process */
/** Into @sum what another process has in @more. False: that is no tally, and nothing is added. */
MUST_CHECK bool tally_add(json_t *sum, const json_t *more);
void tally_show(json_t *object, const json_t *tally); /* as `party show` has it */
/** @done gets the sum of all processes that share the work, which is dropped behind it; in
 * `silent_hubs` how many of them are not in it. Not when nobody waits any more. */
void tally_ask(struct inquiry *inquiry, const struct platform *platform,
        void (*done)(struct inquiry *inquiry, const json_t *tally));
void tally_open(struct admin *admin); /* others may ask this one */
void tally_close(struct admin *admin);
