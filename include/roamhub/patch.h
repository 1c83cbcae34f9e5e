/* patch: new bytes of a stored object out of the old ones and what came in; ranges are spliced,
 * nothing is printed. */
#pragma once

#include "schema.h"

/** One write on an owned object, at the depth that its path names (LOC-006). */
struct ocpi_update {
	const struct ocpi_class *class; /* of the whole object; tells which lists merge by key and
	                                   which are appended */
	bool patch;                     /* PATCH: merge; else PUT: replace at its depth */
	struct str evse, connector;     /* decoded; absent at the depths above */
	struct str body;                /* checked before: JSON of the class of its depth */
};
/**
 * Apply @update to @old (absent: there is no such object). What the update does not touch stays
 * byte for byte.
 *
 * PATCH replaces members, inserts new ones behind the last, treats null like absent (TYP-016),
 * merges evses by uid and connectors by id (LOC-011), appends charging_periods (SES-007). An update
 * of an EVSE or Connector gives its last_updated to its parents (LOC-007).
 *
 * @fresh  may be @update->body itself
 * Returns RH_UNKNOWN_OBJECT when the object, EVSE or Connector that is due is not there (TRN-042,
 * LOC-015); RH_BAD_JSON or RH_BAD_FIELD when @old or the body is not what was promised.
 */
MUST_CHECK enum rh_err ocpi_update_apply(const struct ocpi_update *update, struct str old,
        struct arena *arena, struct str *fresh, struct fault *fault);
