/* complaints: the last refusals between a platform and the hub, in either direction, in the words
 * of who refused.
 *
 * They come at the rate of traffic, so they are kept in memory: a ring of ten each way, made with
 * the first one. The trace has them for longer, as a sample. Any thread. */
#pragma once

#include "partner.h"

/** What the platform said to @call, when it was a refusal. That there is no such object is none. */
void complaints_of_call(const struct partner_call *call);
/** One that is to be kept; its times and count are made here. */
void complaints_note(
        struct live *live, enum complaint_side side, const struct complaint *complaint);
/** Texts that are kept: as many bytes of @from as fit, whole characters. */
void complaints_text(char *to, size_t size, struct str from);
/** Those that name one of @names go, NULL: all of them; how many there are. */
size_t complaints_forget(struct live *live, const struct str *names, bool dry_run);
void complaints_free(struct live *live);
