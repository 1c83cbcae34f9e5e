/* marked: of channels that come, of which objects the store has rows. */
#pragma once

#include "pusher.h"

/** Marks those that are coming; pusher->ready() follows. The directory was met. */
void marked_load(struct pusher *pusher);
