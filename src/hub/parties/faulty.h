/* faulty: which fields of what a platform sends and answers break the class tables, and how often,
 * where that was let through. Any thread. */
#pragma once

#include "../context.h"
#include "roamhub/schema.h"

/** Faults of @doc, and what was tolerated as a warning; @module names where they were met. */
void faulty_note(struct live *live, const char *module, const struct json_doc *doc,
        const struct ocpi_flaws *flaws);
void faulty_free(struct live *live);
