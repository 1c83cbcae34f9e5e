/* filled: a store with some of everything that a store can hold, and what is found in it. */
#pragma once

#include "owed.h"

enum { FILLED_CHANGE = 11 /* the newest; its row is gone */, FILLED_MANY = 2500 };

void fill_store(struct rig *rig);
/** As many locations of DE*MANY, of which each third is hidden by one that is addressed. */
void fill_many(struct rig *rig);
/** What the hub reads is the same in both. */
void filled_as(struct rig *one, struct rig *other);
void filled_many_as(struct rig *one, struct rig *other);
/** What comes next has numbers that were never given, and whoever had everything is owed that
 * alone. */
void filled_goes_on(struct rig *rig);
