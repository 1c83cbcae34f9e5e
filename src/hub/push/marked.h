/* marked: at start, of which objects the store has rows. */
#pragma once

#include "pusher.h"

/** Marks every channel; pusher->ready() follows. The directory was met. */
void marked_load(struct pusher *pusher);
