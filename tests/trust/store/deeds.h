/* deeds: one operation of each verb of a store, upon what fill() put there. */
#pragma once

#include "slots.h"

struct memory { /* of one operation */
	struct slot_write slot;
	struct store_failure failure;
	struct store_parked parked;
	struct store_pulled pulled;
	char path[128];
	char *big;
};
struct deed {
	const char *name;
	void (*make)(struct store_op *op, struct memory *memory, struct place *place);
	uint64_t (*told)(const struct store_op *op); /* of a read: a number for what it gave */
	const char *suffix;
	bool sparse;      /* not every number: they double */
	bool behind;      /* what comes after the acknowledgement is what fails */
	bool from_before; /* by a database of an older program */
	bool opening, closing;
	bool same; /* what is told is the same afterwards */
};
extern const struct deed deeds[];
extern const size_t deed_count;
enum { DEED_UPDATE = 1 };        /* which of them a stop comes after */
extern struct slot_ids deed_ids; /* of fill() */
