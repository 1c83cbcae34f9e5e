/* outcome: in one word, how a message ended, for the trace. */
#include "outcome.h"

#include "words.h"

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

static struct str
result_name(enum net_result result)
{
	static const char *const names[] = { "answered", "no connection", "forbidden address",
		"no room", "late", "broken", "not HTTP", "answer too large", "cancelled" };

	return str_of((size_t)result < COUNT(names) ? names[result] : "?");
}

void
outcome_put_call(struct buf *doc, const struct partner_call *call)
{
	const struct net_call *net = &call->net;
	struct str said = words_of(call);

	json_put_text(doc, "method", net->method);
	json_put_text(doc, "origin", net->origin);
	json_put_text(doc, "path", net->target);
	json_put_text(doc, "redirected_from", call->redirected_from);
	json_put_text(doc, "result", result_name(net->result));
	if (net->result == NET_DONE)
		json_put_number(doc, "http", net->status);
	if (call->envelope.code != 0)
		json_put_number(doc, "ocpi", call->envelope.code);
	if (said.len > 0)
		json_put_text(doc, "said", said);
	else if (call->result != PARTNER_ANSWERED)
		json_put_text(doc, "why", str_of(call->why));
}
