/* told: all that a store tells, as a number for each row. */
#pragma once

#include "slots.h"

enum { ENTRIES_MOST = 4096 };

struct entry {
	uint64_t key, value;
	char name[64];
};
struct told {
	struct entry entries[ENTRIES_MOST];
	size_t count;
	size_t refused; /* rows of which it said so */
	bool opened;
};
/** Opens it first, and leaves it open: !opened: it said why it cannot be. By key. */
void tell_all(struct told *told, struct place *place);
