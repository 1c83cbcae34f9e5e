/* slots_inside: what slots.c and slots_read.c share. */
#pragma once

#include "slots.h"

static const int64_t FAR_MS = 4102444800000; /* 2100 */

int slot_first(enum slot_kind kind); /* of SLOT_KINDS: SLOTS */
void slot_token(size_t slot, int64_t version, uint8_t out[RH_DIGEST_BYTES]);
char *slot_body(size_t slot, int64_t version); /* free() it */
struct store_key slot_key(size_t slot, char text[48]);
