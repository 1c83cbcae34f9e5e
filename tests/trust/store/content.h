/* content: all that a database says, as one number; read by SQLite itself. */
#pragma once

#include "place.h"

enum { CONTENT_WHY = 160 };
/** Equal for equal content, wherever it stands in the file. 0 with @why: SQLite does not find it
 * whole. */
uint64_t content_sum(const char *path, char why[CONTENT_WHY]);
/** The same without the numbers of changes, which may be left out; whole or not. */
uint64_t content_sum_unnumbered(const char *path, char why[CONTENT_WHY]);
