/* call: a request of the hub to a party in the course of a flight, and what its answer means to the
 * requester. */
#include "call.h"

#include "../count.h"
#include "../parties/live.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ANSWER_NODES = 2000000 };

static void
add_header(struct flight *flight, const char *name, struct str value)
{
	if (value.p == NULL || flight->call_header_count == COUNT(flight->call_headers))
		return;
	flight->call_headers[flight->call_header_count++] =
	        (struct net_header){ str_of(name), value };
}

static struct str
fresh_id(struct arena *arena)
{
	char *id = arena_take(arena, RH_UUID_LEN + 1);

	rh_uuid(id);
	return (struct str){ id, RH_UUID_LEN };
}

/* RTE-005, RTE-006: TO and FROM go on as they came; what was inferred is written as it was
 * registered. */
static void
add_routing(struct flight *flight)
{
	const struct str *in = flight->request->header;
	bool as_received = flight->flow == FLOW_FORWARD;
	bool keep_to = as_received && !flight->to_deduced;
	struct str to_country = keep_to ? in[IN_TO_COUNTRY] : str_of(flight->to.country);
	struct str to_party = keep_to ? in[IN_TO_PARTY] : str_of(flight->to.party);
	bool keep_from = as_received && !flight->from_inferred;

	add_header(flight, "OCPI-to-country-code", to_country);
	add_header(flight, "OCPI-to-party-id", to_party);
	add_header(flight, "OCPI-from-country-code",
	        keep_from ? in[IN_FROM_COUNTRY] : str_of(flight->from.country));
	add_header(flight, "OCPI-from-party-id",
	        keep_from ? in[IN_FROM_PARTY] : str_of(flight->from.party));
}

void
call_prepare(struct flight *flight, const struct platform *to, struct str origin, struct str target,
        bool with_token)
{
	struct arena *arena = flight->arena;
	struct net_call *call = &flight->call;

	memset(call, 0, sizeof *call);
	flight->call_header_count = 0;
	flight->leg = (struct leg){
		.platform = to->id,
		.live = to->live,
		.name = arena_str(arena, to->name),
		.request_id = fresh_id(arena),
	};
	call->origin = arena_str(arena, origin);
	call->target = arena_str(arena, target);
	flight->leg.url = call->target;
	if (with_token)
		add_header(flight, "Authorization", arena_str(arena, platform_authorization(to)));
	add_header(flight, "X-Request-ID", flight->leg.request_id);
	add_header(flight, "X-Correlation-ID", flight->correlation_id);
	add_routing(flight);
	add_header(flight, "traceparent", flight->request->header[IN_TRACEPARENT]);
}

static void
call_done(struct net_call *call)
{
	flight_resume(container_of(call, struct flight, call));
}

enum next
call_start(struct flight *flight, struct str method, struct str body,
        enum next (*answered)(struct flight *flight))
{
	const struct settings *settings = hub_settings(flight_hub(flight));
	const struct ocpi_route *route = flight->match.route;
	bool authorize = route != NULL && (route->flags & ROUTE_AUTHORIZE);
	struct net_call *call = &flight->call;

	if (body.p != NULL)
		add_header(flight, "Content-Type", STR("application/json"));
	call->method = method;
	call->body = body;
	call->headers = flight->call_headers;
	call->header_count = flight->call_header_count;
	call->once = !str_is(method, "GET"); /* RTE-026: the hub never sends a write twice */
	call->deadline_ms = rh_mono_ms() + (authorize ? settings->authorize_ms : settings->call_ms);
	call->max_answer = (size_t)settings->max_answer_bytes;
	call->arena = flight->arena;
	call->done = call_done;
	flight->then = answered;
	count_add(&flight->leg.live->calls, 1);
	net_call_start(flight->worker->client, call);
	return WAIT;
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

static enum rh_err
refuse_transport(struct flight *flight)
{
	const struct net_call *call = &flight->call;
	enum rh_err err = transport_error(call->result);

	if (err != RH_BUSY)
		live_failed(flight->leg.live);
	return fault_set(&flight->fault, err, "", "%s", call->why);
}

enum rh_err
call_verdict(struct flight *flight)
{
	struct net_call *call = &flight->call;
	struct fault inner = { 0 };

	count_add(&flight->worker->counters.total[COUNT_FORWARDED], 1);
	if (call->result == NET_DONE &&
	        ocpi_envelope_read(call->answer, MAX_ANSWER_NODES, flight->arena, &flight->answered,
	                &inner) == RH_OK) {
		live_seen(flight->leg.live);
		return RH_OK;
	}
	count_add(&flight->worker->counters.total[COUNT_FORWARD_FAILED], 1);
	if (call->result != NET_DONE)
		return refuse_transport(flight);
	live_failed(flight->leg.live);
	return fault_set(&flight->fault, RH_BAD_ANSWER, "",
	        "HTTP %d without a usable envelope: %s%s%s", call->status, inner.field,
	        inner.field[0] != '\0' ? ": " : "", inner.why);
}

/* RTE-016, TRP-54: 200, 201, 404 and 405 are kept, an envelope under another status comes with 200.
 */
static int
relayed_status(int status)
{
	return status == 201 || status == 404 || status == 405 ? status : 200;
}

/* TRP-04: an unknown token is 404 and 2004 together; either alone is completed. */
static void
complete_unknown_token(struct flight *flight)
{
	const struct json_doc *doc = &flight->answered.doc;
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
	const struct ocpi_envelope *envelope = &flight->answered;
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
	count_add(&flight->leg.live->flaws, flaws.count);
}

enum next
call_relay(struct flight *flight)
{
	const struct net_call *call = &flight->call;
	const struct ocpi_route *route = flight->match.route;

	flight->http = relayed_status(call->status);
	flight->ocpi = flight->answered.code;
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
