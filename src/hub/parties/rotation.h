/* rotation: tokens that are old, and platforms that do not know where the hub is now, get new
 * credentials by PUT (CRD-034, CRD-043, VER-022). */
#pragma once

#include "../context.h"

/** @held: the wall clock cannot be believed, so the calendar waits. Control thread. */
void rotation_tick(struct hub *hub, bool held);
