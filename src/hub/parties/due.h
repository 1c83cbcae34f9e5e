/* due: when the hub is to exchange its token of a platform, and how it notes what came of it. Times
 * are rh_schedule_ms(), unless they say otherwise: no jump of the wall clock moves them. */
#pragma once

#include "../context.h"

/** When the exchange is to be begun: up to an eighth of @days before they are over, differently for
 * each platform, so that not all of them come at once and none is late. INT64_MAX: never. A token
 * that claims to be of the future is due: the clock was wrong when it was made. */
int64_t due_begin_ms(int64_t platform, int64_t made_ms, int64_t days, int64_t now_ms);
bool due_is_over(int64_t made_ms, int64_t days, int64_t now_ms); /* longer ago than @days */
/** After @failures in a row: @retry_ms, then twice as long each time, half a day at most. */
int64_t due_pause_ms(int64_t retry_ms, unsigned failures);
/** @platform's own days, else the hub's; 0: never. */
int64_t due_days(const struct hub *hub, const struct platform *platform);
/** Noted, and told to the log. @fault: why it failed; its err RH_OK: it did not. Control thread. */
void due_note(struct hub *hub, struct live *live, const struct fault *fault);
