/* marks: of which objects of a receiver the store has a row, parked or refused. What is marked is
 * sent whole, and when it is taken its rows are over; what is not marked costs no write. */
#pragma once

#include "roamhub/store.h"

enum { MARKS_MOST = 4096 };

struct marks {
	struct table *keys; /* receiver_key() -> itself; NULL: none */
	bool many;          /* more than fit, or not known: every object may have a row */
};
bool marks_has(const struct marks *marks, struct str key);
void marks_add(struct marks *marks, struct str key); /* copied */
void marks_drop(struct marks *marks, struct str key);
void marks_free(struct marks *marks);
