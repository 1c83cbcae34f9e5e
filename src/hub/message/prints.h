/* prints: of the addressed copies that were kept last. */
#pragma once

#include "flight.h"

enum { PRINTS_COUNT = 1 << 16 };
struct prints {
	_Atomic uint64_t at[PRINTS_COUNT];
};
/** Is this PUT the one that was kept last at its place? *place: where its print stands now, NULL:
 * it has none. */
bool prints_same(struct flight *flight, _Atomic uint64_t **place);
