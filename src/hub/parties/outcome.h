/* outcome: in one word, how a message ended, for the trace. */
#pragma once

#include "partner.h"

enum store_trace_outcome outcome_of_error(enum rh_err err);     /* that the hub answers */
enum store_trace_outcome outcome_of_status(int http, int ocpi); /* of a partner */
/** Members of the trace row of @call: what was asked of whom, and what came. */
void outcome_put_call(struct buf *doc, const struct partner_call *call);
enum store_trace_outcome outcome_of_call(const struct partner_call *call); /* that is done */
