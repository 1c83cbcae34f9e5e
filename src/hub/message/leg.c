/* leg: a request of the hub to a party in the course of a flight, and what its answer means to the
 * requester. */
#include "leg.h"

#include "../count.h"
#include "../parties/faulty.h"
#include "../parties/words.h"
#include "loop.h"
#include "unread.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

/* RTE-005, RTE-006: TO and FROM go on as they came; what was inferred is written as it was
 * registered. */
static void
add_routing(struct flight *flight)
{
	const struct str *in = flight->request->header;
	bool as_received = flight->flow == FLOW_FORWARD;
	bool keep_to = as_received && !flight->to_deduced;
	bool keep_from = as_received && !flight->from_inferred;

	partner_route(&flight->call, keep_to ? in[IN_TO_COUNTRY] : str_of(flight->to.country),
	        keep_to ? in[IN_TO_PARTY] : str_of(flight->to.party),
	        keep_from ? in[IN_FROM_COUNTRY] : str_of(flight->from.country),
	        keep_from ? in[IN_FROM_PARTY] : str_of(flight->from.party));
}

void
leg_prepare(struct flight *flight, const struct platform *to, struct str origin, struct str target,
        bool with_token)
{
	struct partner_call *call = &flight->call;

	flight->leg = (struct leg){
		.platform = to->id,
		.name = arena_str(flight->arena, to->name),
	};
	partner_prepare(call, flight_hub(flight), to->live, PARTNER_FORWARD, flight->arena);
	partner_address(call, origin, target,
	        with_token ? platform_authorization(to) : (struct str){ 0 },
	        flight->correlation_id);
	add_routing(flight);
	partner_header(call, "traceparent", flight->request->header[IN_TRACEPARENT]);
	if (to->is_hub)
		loop_leave(flight, call);
}

static void
call_done(struct partner_call *call)
{
	flight_resume(container_of(call, struct flight, call));
}

/* Who answers later, to a response_url, works on behind its answer, and many a framework does so
 * before it reads the next request of that connection: that one would wait into 4002. */
static bool
works_on(const struct ocpi_route *route)
{
	return route != NULL &&
	       (route->flags & (ROUTE_RESPONSE_URL_BODY | ROUTE_RESPONSE_URL_QUERY));
}

enum next
leg_start_within(struct flight *flight, struct str method, struct str body, int64_t within_ms,
        enum next (*answered)(struct flight *flight))
{
	flight->call.done = call_done;
	flight->call.net.last = works_on(flight->match.route);
	flight->then = answered;
	partner_start(&flight->call, flight->worker->client, method, body, within_ms,
	        (size_t)hub_settings(flight_hub(flight))->max_answer_bytes,
	        !str_is(method, "GET")); /* RTE-026: the hub never sends a write twice */
	return WAIT;
}

enum next
leg_start(struct flight *flight, struct str method, struct str body,
        enum next (*answered)(struct flight *flight))
{
	const struct settings *settings = hub_settings(flight_hub(flight));
	const struct ocpi_route *route = flight->match.route;
	bool authorize = route != NULL && (route->flags & ROUTE_AUTHORIZE);

	return leg_start_within(flight, method, body,
	        authorize ? settings->authorize_ms : settings->call_ms, answered);
}

/* ---- the answer ---- */

static enum rh_err
transport_error(enum net_result result)
{
	switch (result) {
	case NET_NO_CONNECTION:
	case NET_FORBIDDEN:
		return RH_RECEIVER_GONE;
	case NET_LATE:
	case NET_BROKEN:
	case NET_CANCELLED:
		return RH_RECEIVER_LATE;
	case NET_NO_ROOM:
		return RH_BUSY;
	default:
		return RH_BAD_ANSWER;
	}
}

/* In its own words. */
static struct str
reason(struct flight *flight)
{
	const struct partner_call *call = &flight->call;
	struct str said;

	if (call->result != PARTNER_ANSWERED)
		return str_of(call->why);
	said = words_of(call);
	return arena_printf(flight->arena, "HTTP %d%s%.*s", call->net.status,
	        said.len > 0 ? ": " : "", STR_ARG(said));
}

static enum rh_err
fail(struct flight *flight, enum rh_err err, struct str why)
{
	count_add(&flight->worker->counters.total[COUNT_FORWARD_FAILED], 1);
	flight->fault_text = why;
	return fault_set(&flight->fault, err, "", "%.*s", STR_ARG(why));
}

enum rh_err
leg_verdict(struct flight *flight)
{
	const struct partner_call *call = &flight->call;
	const struct net_call *net = &call->net;
	struct verdict verdict;

	count_add(&flight->worker->counters.total[COUNT_FORWARDED], 1);
	if (net->result != NET_DONE)
		return fail(flight, transport_error(net->result), str_of(call->why));
	verdict = verdict_of(net->status, call->envelope.code);
	flight->http = verdict.http;
	if (net->status == 429)
		flight_header(flight, "Retry-After", net->header[OUT_RETRY_AFTER]);
	if (verdict.err == RH_OK)
		return RH_OK;
	return fail(flight, verdict.err, reason(flight));
}

/* TRP-04: an unknown token is 404 and 2004 together; either alone is completed. */
static void
complete_unknown_token(struct flight *flight)
{
	const struct json_doc *doc = &flight->call.envelope.doc;
	uint32_t code = json_member(doc, 0, "status_code");

	if (flight->http == 404 && flight->ocpi != 2004 && flight->ocpi >= 2000) {
		struct splice splice = { doc->nodes[code].at, doc->nodes[code].end, STR("2004") };

		flight->answer = splice_apply(flight->answer, &splice, 1, flight->arena);
		flight->ocpi = 2004;
	} else if (flight->ocpi == 2004) {
		flight->http = 404;
	}
}

/* An answer is relayed whatever it is like; what is wrong with it is only reported (trace, metric,
 * party show). */
static void
report_answer(struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;
	const struct ocpi_envelope *envelope = &flight->call.envelope;
	struct ocpi_flaws flaws;

	if (route == NULL || route->answer == NULL || envelope->data == 0 ||
	        envelope->code / 1000 != 1 ||
	        hub_settings(flight_hub(flight))->validation == VALIDATION_OFF)
		return;
	if (ocpi_check(&envelope->doc, envelope->data, route->answer,
	            route->flags & ROUTE_LINK ? CHECK_LIST : 0, &flaws))
		return;
	flight->answer_flaws = flaws.count;
	count_add(&flight->worker->counters.total[COUNT_ANSWER_FLAWS], flaws.count);
	count_add(&flight->call.live->flaws, flaws.count);
	faulty_note(flight->call.live, &(struct faulty_met){ .hub = flight_hub(flight),
	                                       .module = flight->module->id,
	                                       .doc = &envelope->doc,
	                                       .class = route->answer,
	                                       .flaws = &flaws,
	                                       .where = flight->call.net.target,
	                                       .authorization = flight->call.authorization });
}

enum next
leg_relay(struct flight *flight)
{
	const struct net_call *call = &flight->call.net;
	const struct ocpi_route *route = flight->match.route;

	if (str_is(flight->request->method, "GET") && unread_fits(flight, call->answer.len) != NEXT)
		return REPLY;
	flight->ocpi = flight->call.envelope.code;
	flight->answer = call->answer;
	report_answer(flight);
	if (route != NULL && (route->flags & ROUTE_AUTHORIZE))
		complete_unknown_token(flight);
	flight_header(flight, "X-Total-Count", call->header[OUT_TOTAL_COUNT]);
	flight_header(flight, "X-Limit", call->header[OUT_LIMIT]);
	if (flight->http == 405)
		flight_header(flight, "Allow", call->header[OUT_ALLOW]);
	return REPLY;
}
