/* keys: paths of a scenario ("DE/CPO/L1/E1/C1", "NL/MSP/T1?type=APP_USER") as places on a shelf. */
#pragma once

#include "story.h"

/** From MODULE and PATH of the step in hand; @object (may be NULL) says the type of a token. */
bool keys_read(struct story *story, struct shelf_key *key, struct shelf_place *place,
        const json_t *object);
/** The same from text; memory is the story's. */
bool keys_parse(struct story *story, struct str module, struct str path, struct shelf_key *key,
        struct shelf_place *place, const json_t *object);
