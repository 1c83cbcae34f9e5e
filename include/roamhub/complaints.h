/* complaints: what a platform refused of the hub lately, and the hub of it (parties/complaints.c).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct live;
/** The last refusals of either side, the newest first; how many there are. Any thread. */
enum { COMPLAINTS = 10, COMPLAINT_WORDS = 200 };
enum complaint_side {
	COMPLAINT_ITS,  /* it refused what the hub asked or sent */
	COMPLAINT_OURS, /* the hub refused what it asked or sent */
	COMPLAINT_SIDES
};
struct complaint {
	int64_t first_ms, last_ms;  /* wall clock */
	uint64_t count;             /* of those that differ in nothing but their path */
	int http, ocpi;             /* ocpi 0: no envelope */
	char method[16], path[160]; /* path: of the last one, without its query */
	char words[COMPLAINT_WORDS + 1];
};
size_t live_complaints(
        const struct live *live, enum complaint_side side, struct complaint out[COMPLAINTS]);
