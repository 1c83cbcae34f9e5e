/* trace: what is kept of each flight for `roamhubctl log`: one row for the leg of the requester and
 * one for the leg to the receiver, under the same correlation id. No tokens, no bodies.
 *
 * Tracing is bounded by rate: above it successes are left out first, refusals are always offered to
 * the store, whose own bounds hold. */
#include "trace.h"

#include "../count.h"

#include <stdio.h>

bool
trace_wanted(struct worker *worker)
{
	int64_t second = net_loop_now(worker->loop) / 1000;

	if (second != worker->trace_second) {
		worker->trace_second = second;
		worker->trace_left = hub_settings(worker->hub)->trace_max_rate /
		                             (2 * (int64_t)worker->hub->worker_count) +
		                     1;
	}
	if (worker->trace_left > 0) {
		worker->trace_left--;
		return true;
	}
	return false;
}

static void
add_text(struct buf *doc, const char *key, struct str value)
{
	if (value.p == NULL)
		return;
	buf_addc(doc, doc->len == 0 ? '{' : ',');
	json_quote(doc, str_of(key));
	buf_addc(doc, ':');
	json_quote(doc, value);
}

static void
add_number(struct buf *doc, const char *key, int64_t value)
{
	buf_printf(doc, "%c\"%s\":%lld", doc->len == 0 ? '{' : ',', key, (long long)value);
}

static void
add_steps(struct flight *flight, struct buf *doc)
{
	static const char *const names[STORY_STEPS] = { "auth", "route", "check", "act", "reply" };
	int64_t before = flight->request->began_us;

	buf_printf(doc, ",\"steps_us\":{");
	for (unsigned i = 0, shown = 0; i < STORY_STEPS; i++) {
		if (flight->step_us[i] == 0)
			continue;
		buf_printf(doc, "%s\"%s\":%lld", shown++ > 0 ? "," : "", names[i],
		        (long long)(flight->step_us[i] - before));
		before = flight->step_us[i];
	}
	buf_addc(doc, '}');
}

static struct str
inbound_doc(struct flight *flight)
{
	static const char *const flows[FLOW_COUNT] = { "refused", "local", "forward", "relink",
		"share", "list", "open" };
	struct buf doc = { .arena = flight->arena };
	struct str path = flight->request->target;

	add_text(&doc, "leg", STR("requester"));
	add_text(&doc, "platform", flight->platform_name);
	add_text(&doc, "method", flight->request->method);
	add_text(&doc, "path", path);
	add_text(&doc, "module",
	        flight->module != NULL ? str_of(flight->module->id) : (struct str){ 0 });
	add_text(&doc, "flow", str_of(flows[flight->flow]));
	add_text(&doc, "reason", str_of(flight->reason));
	if (flight->from_inferred)
		add_text(&doc, "inferred", STR("FROM, from the token"));
	if (flight->flow == FLOW_RELINK && flight->relink.kind == RELINK_RESPONSE_URL) /* TRP-28 */
		add_text(&doc, "answers", flight->relink.correlation_id);
	add_text(&doc, "rewritten", flight->rewritten);
	if (flight->flaws > 0)
		add_number(&doc, "faults_let_through", (int64_t)flight->flaws);
	add_number(&doc, "http", flight->http);
	add_number(&doc, "ocpi", flight->ocpi);
	if (flight->fault.err != RH_OK) {
		add_text(&doc, "error", str_of(rh_err_info(flight->fault.err)->name));
		add_text(&doc, "field", str_of(flight->fault.field));
		add_text(&doc, "why", str_of(flight->fault.why));
	}
	add_number(&doc, "us", rh_mono_us() - flight->request->began_us);
	add_steps(flight, &doc);
	buf_addc(&doc, '}');
	return buf_str(&doc);
}

static struct str
outbound_doc(struct flight *flight)
{
	static const char *const results[] = { "answered", "no connection", "forbidden address",
		"no room", "late", "broken", "not HTTP", "answer too large", "cancelled" };
	const struct net_call *call = &flight->call.net;
	struct buf doc = { .arena = flight->arena };

	add_text(&doc, "leg", STR("receiver"));
	add_text(&doc, "platform", flight->leg.name);
	add_text(&doc, "method", call->method);
	add_text(&doc, "origin", call->origin);
	add_text(&doc, "path", call->target);
	add_text(&doc, "result",
	        (size_t)call->result < COUNT(results) ? str_of(results[call->result]) : STR("?"));
	if (call->result != NET_DONE)
		add_text(&doc, "why", str_of(call->why));
	else
		add_number(&doc, "http", call->status);
	if (flight->call.envelope.code != 0)
		add_number(&doc, "ocpi", flight->call.envelope.code);
	if (flight->answer_flaws > 0)
		add_number(&doc, "faults_reported", (int64_t)flight->answer_flaws);
	if (call->sent_us > call->start_us)
		add_number(&doc, "sent_us", call->sent_us - call->start_us);
	add_number(&doc, "us", call->done_us - call->start_us);
	buf_addc(&doc, '}');
	return buf_str(&doc);
}

static struct str
object_of(struct flight *flight)
{
	const struct ocpi_matched *match = &flight->match;
	struct ocpi_id owner;
	char key[OCPI_ID_TEXT];
	struct str id = match->id;

	if (flight->module == NULL)
		return (struct str){ 0 };
	if (id.p == NULL && flight->has_body)
		id = json_member_string(&flight->body, 0, "id", flight->arena);
	if (id.p == NULL)
		return (struct str){ 0 };
	/* what a Sender interface serves is the receiver's own, commands and callbacks are the
	 * sender's */
	owner = flight->interface == IFACE_SENDER && flight->has_to &&
	                        flight->module->owner != ROLE_NONE
	                ? flight->to
	                : flight->from;
	if (match->cc.p != NULL && !ocpi_id_make(match->cc, match->party, &owner))
		return (struct str){ 0 };
	return arena_printf(flight->arena, "%s/%s/%.*s", flight->module->id,
	        ocpi_id_key(&owner, key), STR_ARG(id));
}

static struct str
party_key(struct flight *flight, const struct ocpi_id *id, bool present)
{
	char key[OCPI_ID_TEXT];

	return present ? arena_str(flight->arena, str_of(ocpi_id_key(id, key))) : (struct str){ 0 };
}

static void
put(struct flight *flight, struct store_trace *leg, struct str doc)
{
	struct store_trace *row;

	leg->doc = doc;
	row = store_trace_new(leg);
	store_trace_put(flight_hub(flight)->store, &row);
}

void
trace_flight(struct flight *flight)
{
	struct store_trace leg = { 0 };

	if (!flight->traced && flight->fault.err == RH_OK) {
		count_add(&flight->worker->counters.total[COUNT_TRACE_SKIPPED], 1);
		return;
	}
	leg.at_ms = rh_wall_ms();
	leg.correlation_id = flight->correlation_id;
	leg.request_id = flight->request_id;
	leg.from = party_key(flight, &flight->from, flight->has_from);
	leg.to = party_key(flight, &flight->to, flight->has_to);
	leg.object = object_of(flight);
	put(flight, &leg, inbound_doc(flight));
	if (flight->leg.platform == 0 || flight->call.net.done_us == 0)
		return;
	leg.request_id = flight->call.request_id;
	put(flight, &leg, outbound_doc(flight));
}
