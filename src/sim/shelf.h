/* shelf: the OCPI objects that a platform keeps in memory, its own and those it was sent.
 * Modules, parties and ids compare in any case (CiString); lists come in order of creation. */
#pragma once

#include "roamhub/tree.h"

struct shelf;

/** Which object. For tokens @type is part of it; absent means RFID. */
struct shelf_key {
	const char *module;
	struct ocpi_id owner;
	struct str id, type;
};
/** What inside it: an EVSE or a connector of a location. Absent: the object itself. */
struct shelf_place {
	struct str evse, connector;
};

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf);
size_t shelf_count(const struct shelf *shelf);

/** Borrowed; NULL when it is not there. */
json_t *shelf_get(
        struct shelf *shelf, const struct shelf_key *key, const struct shelf_place *place);
enum shelf_put { SHELF_CREATED, SHELF_REPLACED, SHELF_NO_PARENT };
/** Keep a copy of @object. A part takes its parents' last_updated along (LOC-007). */
enum shelf_put shelf_put(struct shelf *shelf, const struct shelf_key *key,
        const struct shelf_place *place, const json_t *object);
/** Merge @patch: members replaced, EVSEs by uid, connectors by id (LOC-011), charging periods added
 * (SES-007). False when there is nothing to patch. */
bool shelf_patch(struct shelf *shelf, const struct shelf_key *key, const struct shelf_place *place,
        const json_t *patch);
bool shelf_remove(struct shelf *shelf, const struct shelf_key *key);

/** Walk the objects of @module in order of creation: NULL @after begins, NULL ends. */
struct shelf_item;
const struct shelf_item *shelf_next(
        const struct shelf *shelf, const char *module, const struct shelf_item *after);
json_t *shelf_object(const struct shelf_item *item); /* borrowed */
const struct ocpi_id *shelf_owner(const struct shelf_item *item);
