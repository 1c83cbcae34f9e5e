/* words: what a partner said, in its own words: kept with what came of a request, for a partner
 * that refuses in the form of its framework tells no less than one that speaks OCPI. */
#pragma once

#include "partner.h"

enum { WORDS_MOST_BYTES = 300 };
/** The first bytes of @text as one printable line. */
struct str words_excerpt(struct str text, struct arena *arena);
/** What the answer to @call says beside its statuses: the status_message of an envelope, else the
 * first of what came, or where it redirects; absent: it is a success, or none came. Of a success
 * that is no envelope nothing is told: it may be somebody's data. */
struct str words_of(const struct partner_call *call);
