/* trouble: the store fails, and works again. Control thread. */
#pragma once

#include "roamhub/store.h"

struct admin;

/* Since when the store fails, and what of that is to be told. */
struct trouble {
	struct admin *admin;
	uint64_t seen, failed; /* operations that failed: at the last look, since it began */
	int64_t last_ms;       /* monotonic: when one was seen */
	int64_t since_ms;      /* wall clock */
	char why[160];
	bool is;
	bool due, told; /* a row is; it was told without one */
	bool running;   /* a row is being written */
	struct store_op op;
	struct store_event event;
	struct arena *arena; /* of its texts */
	struct buf text;
};

enum trouble_news { TROUBLE_NONE, TROUBLE_BEGAN, TROUBLE_OVER };
void trouble_open(struct trouble *trouble, struct admin *admin, uint64_t failures);
void trouble_close(struct trouble *trouble);
/** @failures: operations of the store that failed since the start; a pure function. */
enum trouble_news trouble_look(struct trouble *trouble, uint64_t failures, int64_t now_ms);
void trouble_tick(struct trouble *trouble, const struct store_stats *store, uint64_t failures,
        int64_t now_ms);
