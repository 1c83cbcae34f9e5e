/* Descriptors that are left to others: who takes many asks whether one more is too many. Private to
 * net.
 *
 * A descriptor has the lowest number that is free, so its number says how many there are below the
 * limit of the process. */
#pragma once

#include "roamhub/net.h"

struct spare { /* embedded; zero it and fill count */
	size_t count;

	int first; /* private from here: the first number that is left to others */
	bool known;
	int64_t known_ms;
};
/** Is @fd one of the last count ones? @now_ms: monotonic. */
bool spare_has(struct spare *spare, int fd, int64_t now_ms);
/** Is the next descriptor one of them, or is there none? @any: one that is open. */
bool spare_is_next(struct spare *spare, int any, int64_t now_ms);
