/* sim: what the simulated hub and its partner share; see sim.c. */
#pragma once

#include "../../src/hub/parties/live.h"
#include "../../src/hub/parties/may.h"
#include "../../src/hub/parties/presence.h"
#include "../../src/hub/push/owed.h"
#include "../../src/hub/push/receiver.h"

enum {
	OBJECTS = 24,
	STEPS = 400,
	STEPS_TO_REST = 20000,
	MOST_AIR = 2 * RECEIVER_WINDOW_MOST,
	FEED_SLICE = 5,
	OFFLINE_AFTER = 3,
	PARK_MS = 60000,
	LINE = 200,
};

enum mood { WELL, ILL, SLOW_DOWN, SILENT, GONE, MOODS };

struct thing { /* an object, in all its places */
	struct store_object newest;
	int64_t held;    /* version that the partner has */
	int64_t refused; /* that it refused for good, newest */
	bool parked;     /* there is a row */
	struct store_parked row;
	char id[8], body[24];
};

struct flying {
	struct owed *owed;
	struct thing *thing;
	int64_t change, due_ms, started_us;
	enum verdict verdict;
};

struct world {
	uint64_t seed, state;
	int64_t now_ms, change;
	struct thing things[OBJECTS];
	struct receiver receiver;
	struct batch *batch;
	size_t held;
	struct flying air[MOST_AIR];
	size_t count;
	enum mood mood;
	bool suspended, entitled;
	struct live_facts facts;
	struct live_presence presence;
	struct store_agreement agreement;
	unsigned lost_in_a_row, missed_in_a_row; /* as the partner really was */
	/* what is stored */
	int64_t floor;
	char ahead[8192];
	char why[LINE];
	uint64_t sent, duplicated, crashes, offline;
};

extern bool sim_told; /* one seed alone: each step is printed */

uint64_t sim_draw(struct world *w, uint64_t below);
bool sim_chance(struct world *w, unsigned percent);
void sim_fail(struct world *w, const char *why, int64_t number); /* the first counts */
void sim_tell(const struct world *w, const char *what, const char *object, int64_t change,
        int64_t number);
void sim_write_object(struct world *w);
void sim_look_at_rights(struct world *w);
void sim_read_feed(struct world *w);
void sim_read_rows(struct world *w);
void sim_send_what_may_go(struct world *w);
void sim_drop(struct world *w, struct owed *owed);
void sim_answers(struct world *w, bool all);
void sim_note(struct world *w, enum live_event event, int64_t started_us);
