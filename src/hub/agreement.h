/* agreement: who may roam with whom; rules forward, share, list and who is shown alike (design.md,
 * section 6). */
#pragma once

#include "inside.h"

/** May these two exchange messages of @module now? */
bool agreement_allows(const struct hub *hub, const struct directory *directory,
        const struct ocpi_id *a, const struct ocpi_id *b, struct str module);
/** The same; *by: the agreement that says yes, or one between the two that does not reach so far;
 * NULL: routing.default. */
bool agreement_decides(const struct hub *hub, const struct directory *directory,
        const struct ocpi_id *a, const struct ocpi_id *b, struct str module,
        const struct store_agreement **by);
void agreement_take(struct hub *hub,
        const struct store_agreement *row); /* into the list that directories are made of */
void agreement_free(struct hub *hub);
