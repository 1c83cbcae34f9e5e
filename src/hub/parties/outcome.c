/* outcome: in one word, how a message ended, for the trace. */
#include "outcome.h"

static enum store_trace_outcome
outcome_of_blame(enum rh_err err)
{
	return rh_err_info(err)->blame == BLAME_HUB ? TRACE_HUB_FAILED : TRACE_REFUSED_BY_HUB;
}

enum store_trace_outcome
outcome_of_error(enum rh_err err)
{
	switch (err) {
	case RH_OK:
		return TRACE_OK;
	case RH_NO_TOKEN:
	case RH_UNKNOWN_TOKEN:
	case RH_SUSPENDED:
		return TRACE_UNAUTHORISED;
	case RH_RECEIVER_LATE:
		return TRACE_LATE;
	case RH_RECEIVER_GONE:
		return TRACE_UNREACHABLE;
	case RH_RECEIVER_FAILED:
	case RH_BAD_ANSWER:
		return TRACE_PARTNER_FAILED;
	case RH_RECEIVER_SLOWER:
		return TRACE_REFUSED_BY_PARTNER;
	default:
		return outcome_of_blame(err);
	}
}

enum store_trace_outcome
outcome_of_status(int http, int ocpi)
{
	if (http / 100 == 2 && ocpi / 1000 == 1)
		return TRACE_OK;
	if (http >= 500 || ocpi / 1000 == 3 || (ocpi == 0 && http < 400))
		return TRACE_PARTNER_FAILED;
	return TRACE_REFUSED_BY_PARTNER;
}

enum store_trace_outcome
outcome_of_call(const struct partner_call *call)
{
	switch (call->net.result) {
	case NET_DONE:
		return outcome_of_status(call->net.status,
		        call->result == PARTNER_ANSWERED ? call->envelope.code : 0);
	case NET_NO_CONNECTION:
		return TRACE_UNREACHABLE;
	case NET_FORBIDDEN:
		return TRACE_REFUSED_BY_HUB;
	case NET_LATE:
		return TRACE_LATE;
	case NET_NO_ROOM:
	case NET_CANCELLED:
		return TRACE_HUB_FAILED;
	default:
		return TRACE_PARTNER_FAILED;
	}
}
