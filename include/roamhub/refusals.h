/* refusals: who was refused, for the log (hub/refusals.c). */
#pragma once

#include "base.h"

struct refusal {
	enum rh_err err;
	const char *listener; /* "ocpi", "admin" */
	const char *address;
	int64_t platform_id; /* 0: a stranger, also one who names a platform */
	struct str platform; /* its name; absent: not known */
	struct str method, target;
	const char *why; /* empty: as err says */
	int http;        /* its status, with a reason of its own; 0: as err says */
	const char *reason;
	struct str request_id, correlation_id;
};
struct refusals; /* one thread's: how often who was told of */
struct refusals *refusals_new(void);
void refusals_free(struct refusals *refusals); /* NULL is fine */
/** A line, unless there were too many of this one lately: then it is counted. @now_ms: monotonic.
 */
void refusals_note(struct refusals *refusals, const struct refusal *refusal, int64_t now_ms);
/** What was counted and not told, once a minute. */
void refusals_tick(struct refusals *refusals, int64_t now_ms);
/** May it be told? @dropped: how often it was not, since it last was. */
bool refusals_admit(struct refusals *refusals, const struct refusal *refusal, int64_t now_ms,
        uint64_t *dropped);
