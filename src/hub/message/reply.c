/* reply: step 5, exactly one answer, one log line, the counters and the trace. */
#include "reply.h"

#include "../count.h"
#include "attempted.h"
#include "complained.h"
#include "limits.h"
#include "misplaced.h"
#include "trace.h"
#include "unread.h"

#include <stdio.h>
#include <string.h>

/* The registry's words, the field, and what was found and expected. */
static struct str
refusal_text(struct flight *flight, const struct rh_err_info *info)
{
	struct str why =
	        flight->fault_text.p != NULL ? flight->fault_text : str_of(flight->fault.why);
	const char *field = flight->fault_text.p != NULL ? "" : flight->fault.field;

	return arena_printf(flight->arena, "%s%s%s%s%.*s", info->text, field[0] != '\0' ? ": " : "",
	        field, why.len > 0 ? ": " : "", STR_ARG(why));
}

static void
make_refusal(struct flight *flight)
{
	const struct rh_err_info *info = rh_err_info(flight->fault.err);
	struct str text = refusal_text(flight, info);

	flight->http = info->http;
	flight->ocpi = info->ocpi;
	ocpi_envelope_write(&flight->out, info->ocpi, text, flight->fault_data, rh_wall_ms());
	complained_flight(flight, text);
	flight->answer = buf_str(&flight->out);
	if (info->http == 405)
		flight_header(flight, "Allow", str_of(flight->allow));
	if (info->http == 503)
		flight_header(flight, "Retry-After", STR("1"));
	if (flight->fault.err == RH_TOO_MANY)
		flight_header(flight, "Retry-After",
		        arena_printf(flight->arena, "%lld", (long long)flight->rate.wait_s));
	if (info->http == 401)
		flight_header(flight, "WWW-Authenticate", STR("Token"));
	count_add(&flight->worker->counters.total[COUNT_REFUSED], 1);
	count_add(&flight->worker->counters.by_error[flight->fault.err], 1);
	if (flight->live != NULL) {
		count_add(&flight->live->refused, 1);
		series_add(&flight->live->noted.in.failed, 1);
	}
}

/* RTE-007, RTE-008: TO is the requester, FROM who answered; RTE-015: the hub, when the hub made the
 * answer. Configuration modules carry none (VER-011, CRD-024). */
static void
add_routing(struct flight *flight, bool hub_made)
{
	const struct hub *hub = flight_hub(flight);
	const struct ocpi_id *from = hub_made ? &hub->id : &flight->to;

	if (flight->module == NULL)
		return;
	if (flight->has_from) {
		flight_header(flight, "OCPI-to-country-code", str_of(flight->from.country));
		flight_header(flight, "OCPI-to-party-id", str_of(flight->from.party));
	}
	flight_header(flight, "OCPI-from-country-code", str_of(from->country));
	flight_header(flight, "OCPI-from-party-id", str_of(from->party));
}

static void
measure(struct flight *flight, enum store_trace_outcome outcome)
{
	struct counters *counters = &flight->worker->counters;
	int64_t us = rh_mono_us() - flight->request->began_us;
	unsigned bucket = 0;

	while (bucket < 15 && us > ((int64_t)1 << (bucket + 7)))
		bucket++;
	count_add(&counters->latency_us_bucket[bucket], 1);
	count_add(&counters->latency_us_sum, (uint64_t)(us > 0 ? us : 0));
	if (flight->live != NULL)
		series_note(&flight->live->noted.in, us, outcome);
	if (flight->module_index >= 0 && flight->module_index < 8)
		count_add(&counters->by_module[flight->module_index], 1);
}

static struct str
party_text(const struct ocpi_id *id, bool present, char out[OCPI_ID_TEXT])
{
	return present ? str_of(ocpi_id_text(id, out)) : (struct str){ 0 };
}

/* A fault of the hub's own is an error; those of others are answers. */
static enum rh_level
level_of(const struct flight *flight)
{
	bool ours =
	        flight->fault.err != RH_OK && rh_err_info(flight->fault.err)->blame == BLAME_HUB;

	return ours && flight_error_due(flight->worker) ? LOG_ERROR : LOG_INFO;
}

/* Of what anybody may ask for as often as he likes not every line is written. */
static bool
is_refusal(const struct flight *flight)
{
	const struct rh_err_info *info = rh_err_info(flight->fault.err);

	return flight->fault.err != RH_OK && info->blame == BLAME_CALLER &&
	       (info->http == 400 || info->http == 401 || info->http == 403 || info->http == 413 ||
	               info->http == 429);
}

static void
log_refusal(const struct flight *flight)
{
	const struct net_request *request = flight->request;
	const struct refusal refusal = { .err = flight->fault.err,
		.listener = "ocpi",
		.address = request->peer,
		.platform_id = flight->platform_id,
		.platform = flight->platform_name,
		.method = request->method,
		.target = flight->shown,
		.why = flight->fault.why,
		.request_id = flight->request_id,
		.correlation_id = flight->correlation_id };

	refusals_note(flight->worker->refusals, &refusal, net_loop_now(flight->worker->loop));
}

static void
log_flight(const struct flight *flight)
{
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];
	const char *error =
	        flight->fault.err != RH_OK ? rh_err_info(flight->fault.err)->name : NULL;
	enum rh_level level = level_of(flight);

	LOG(level, "flight", KVS("request_id", flight->request_id),
	        KVS("correlation_id", flight->correlation_id),
	        KVS("platform", flight->platform_name),
	        KVS("from", party_text(&flight->from, flight->has_from, from)),
	        KVS("to", party_text(&flight->to, flight->has_to, to)),
	        KV("module", flight->module != NULL ? flight->module->id : NULL),
	        KVS("method", flight->request->method), KV("flow", flight_flow_name(flight->flow)),
	        KV("error", error), KV("why", error != NULL ? flight->fault.why : NULL),
	        KVN("http", flight->http), KVN("ocpi", flight->ocpi),
	        KVN("us", rh_mono_us() - flight->request->began_us),
	        KVN("call_us", flight->call.net.done_us > 0
	                               ? flight->call.net.done_us - flight->call.net.start_us
	                               : 0));
}

enum next
flight_reply(struct flight *flight)
{
	/* whoever was asked for the rest of what is shared: the answer is the hub's */
	bool hub_made =
	        flight->answer.p == NULL || flight->leg.platform == 0 || flight->flow == FLOW_SHARE;
	enum store_trace_outcome outcome;

	flight->shown = flight->request->target;
	if (flight->fault.err != RH_OK)
		misplaced_hide(flight);
	if (flight->answer.p == NULL)
		make_refusal(flight);
	flight_header(flight, "Content-Type", STR("application/json"));
	flight_header(flight, "X-Request-ID", flight->request_id);
	flight_header(flight, "X-Correlation-ID", flight->correlation_id);
	add_routing(flight, hub_made);
	limits_headers(flight);
	flight->net = (struct net_answer){
		.status = flight->http,
		.headers = flight->headers,
		.header_count = flight->header_count,
		.body = flight->answer,
	};
	outcome = trace_outcome(flight);
	measure(flight, outcome);
	if (is_refusal(flight))
		log_refusal(flight);
	else
		log_flight(flight);
	trace_flight(flight, outcome);
	attempted_flight(flight);
	unread_begin(flight);
	net_answer(flight->request, &flight->net);
	return NEXT;
}
