/* survey: a platform is asked one by one what its interfaces do: `roamhubctl party check`. On the
 * control thread. */
#pragma once

#include "hub.h"

struct survey_wish {
	int64_t platform;
	bool write;       /* objects of a test party, too */
	bool test_system; /* it is one; else it has to be a sandbox, or to have one */
	bool apply;       /* choose the settings that would cure what is found */
	bool has_as;      /* the test party is @as; else the hub's country and TST */
	struct ocpi_id as;
};
/** @report: a JSON object, good until the callback returns. */
typedef void (*survey_done_fn)(
        void *ctx, enum rh_err err, const struct fault *fault, struct str report);
/** Ask it, for two minutes at most; of one that is under way @done gets the report. The report is
 * kept. RH_BUSY: one that is not what is wished for is under way, or too many. */
void survey_start(struct hub *hub, const struct survey_wish *wish, survey_done_fn done, void *ctx);
/** Where the store keeps the last report of a platform (STORE_META_GET). */
#define SURVEY_KEYS "check/" /* so begin the keys of reports */
struct str survey_key(int64_t platform, struct arena *arena);
