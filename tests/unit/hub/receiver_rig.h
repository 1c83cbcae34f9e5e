/* receiver_rig: one receiver, what is in the air of it, and a clock that the test moves. */
#pragma once

#include "../../../src/hub/push/receiver.h"

#include <check.h>

enum { MOST = 600 };

struct receiver_test {
	struct receiver receiver;
	struct batch *batch;
	size_t held;
	int64_t now_ms, change;
	struct owed *air[MOST];
	size_t count;
};
extern struct receiver_test t;

/* A fresh version, in t.batch. */
const struct store_object *object(const char *module, const char *id, int64_t previous);
bool owe_object(const struct store_object *object, bool announces, const struct store_parked *row);
const struct store_object *owe(const char *id); /* a Location, to NL*MSP */
void owe_many(const char *prefix, int count);
const char *send(void); /* its id; "-": nothing may go */
/** The oldest in the air is answered; true: it is to be parked. */
bool answer(enum verdict verdict, int64_t retry_after_ms);
void park_all(void);

int receiver_run(const char *name, void (*add)(TCase *tcase));
