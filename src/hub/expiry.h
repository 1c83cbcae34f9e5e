/* expiry: what is old goes: handed-out URLs, sessions and CDRs, tombstones.
 *
 * By the wall clock, so it waits when that clock cannot be believed: an hour at NTP's mercy must
 * not delete what was promised for years. */
#pragma once

#include "context.h"

void expiry_open(struct hub *hub);
void expiry_tick(struct hub *hub); /* control thread */
void expiry_close(struct hub *hub);
void expiry_resumed(struct hub *hub); /* an operator said so, perhaps to another process */
/** The wall clock can be believed, and whether it can be is known. Control thread. */
bool expiry_goes_on(const struct hub *hub);

/* ---- pure: may the wall clock be believed, and when is the next slice due? ---- */

struct expiry_clock {             /* boot: rh_boot_ms() */
	int64_t wall_ms, boot_ms; /* at the last look */
	bool held;
	int64_t agreed_boot_ms; /* since when partners agree with the clock */
	char why[160];
};
/** @stored_ms: the last wall time that was stored while nothing was held; 0: none. */
void expiry_clock_start(
        struct expiry_clock *clock, int64_t stored_ms, int64_t wall_ms, int64_t boot_ms);
/** @agree, @differ: partners whose clock is within an hour of this one, and others. */
void expiry_clock_look(
        struct expiry_clock *clock, int64_t wall_ms, int64_t boot_ms, size_t agree, size_t differ);
/** When the next slice is due, after one that ended at @boot_ms and found @dropped rows. */
int64_t expiry_next(bool ok, uint64_t dropped, int64_t boot_ms);
