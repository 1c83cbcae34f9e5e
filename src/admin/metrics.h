/* metrics: what the files that write /metrics know of each other. Control thread. */
#pragma once

#include "inside.h"

/** HELP and TYPE of a metric; @name has its prefix. */
static inline void
metrics_head(struct buf *text, const char *name, const char *type, const char *help)
{
	buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* milestones.c */
struct milestones {
	/* the newest change that was made a minute ago or earlier, ten minutes, an hour, a day; it
	 * is not looked for below the cursor of the platform farthest behind */
	int64_t change[OWED_AGES - 1];
	int64_t oldest_ms; /* wall clock: when the oldest change was made that a platform did not
	                      get; 0: there is none */
	uint64_t parked_objects; /* of all platforms */
	/* the same for each row of the backlog */
	uint64_t (*parked)[OWED_AGES];
};
/** @ready, now or later, when inquiry->work are the milestones of inquiry->backlog. */
void milestones_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));
/** How old the changes above the cursor of @row are. */
void milestones_count(const struct milestones *milestones, const struct backlog_row *row,
        uint64_t counts[OWED_AGES]);

/* busiest.c */
enum { BUSIEST_MOST = 500 }; /* platforms that are named in the metrics */
struct tally {               /* since the start */
	uint64_t us, buckets[SERIES_BUCKETS], ended[TRACE_OUTCOMES];
	uint64_t count;
};
struct busiest_row {
	const struct platform *platform; /* NULL: all that are not named, in one */
	struct tally in, out;
};
struct busiest *busiest_new(size_t most);
void busiest_free(struct busiest *busiest);
/** Of those that are named, by id, and in the last row of all others. What is told of these never
 * shrinks, whoever joins or leaves them. @now_ms: rh_boot_ms(). */
const struct busiest_row *busiest_take(struct busiest *busiest, const struct hub *hub,
        int64_t now_ms, struct arena *arena, size_t *count);

/* platform_metrics.c */
void platform_metrics(const struct inquiry *inquiry, struct buf *text);

/* portal_metrics.c */
struct portal;
void portal_metrics(struct buf *text, const struct portal *portal); /* NULL: there is none */

/* process_metrics.c */
void process_metrics(struct buf *text, int64_t started_ms);
