/* foreign: the keys under which hubs whose platforms were imported digested their tokens. */
#pragma once

#include "registry.h"

#define FOREIGN_KEY "digest_keys" /* of the meta table */

/** False: there is no room for one more. One that is there already is not added again. */
bool foreign_add(struct digest_keys *keys, const uint8_t key[RH_KEY_BYTES]);
/** As the meta table has them, sealed. */
struct str foreign_seal(const struct hub *hub, const struct digest_keys *keys, struct arena *arena);
/** Those of the registry, at the start. Under another key file they are no good any more, as the
 * tokens are not. */
void foreign_open(struct hub *hub, struct str sealed);
