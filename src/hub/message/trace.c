/* trace: what is kept of each flight for `roamhubctl log`: one row for the leg of the requester and
 * one for the leg to the receiver, under the same correlation id. No tokens; bodies as trace.bodies
 * says.
 *
 * Tracing is bounded by rate, and the store knows whose turn it is: it is asked before a text is
 * made, for both legs together. */
#include "trace.h"

#include "../count.h"
#include "../parties/bodies.h"
#include "../parties/outcome.h"
#include "auth.h"
#include "credentials.h"
#include "misplaced.h"

#include <stdio.h>

bool
trace_times_steps(const struct flight *flight)
{
	return flight->live == NULL ||
	       !atomic_load_explicit(&flight->live->untraced, memory_order_relaxed);
}

static void
add_steps(struct flight *flight, struct buf *doc)
{
	static const char *const names[STORY_STEPS] = { "auth", "route", "check", "act", "reply" };
	int64_t before = flight->request->began_us;

	json_put_object(doc, "steps_us");
	for (unsigned i = 0; i < STORY_STEPS; i++) {
		if (flight->step_us[i] == 0)
			continue;
		json_put_number(doc, names[i], flight->step_us[i] - before);
		before = flight->step_us[i];
	}
	json_end_object(doc);
}

/* What a stranger sends is not kept: anybody may send it. Nor is an exchange of tokens: where a
 * token stands in it is the partner's to get wrong; nor what was got wrong otherwise. */
static void
add_bodies(struct flight *flight, struct buf *doc, struct str asked, struct str answered)
{
	struct str secrets[AUTH_SECRETS + PARTNER_SECRETS];
	size_t own = auth_secrets(flight, secrets);
	size_t others = partner_secrets(&flight->call, secrets + own);
	const struct bodies bodies = { asked, answered, secrets, own + others };

	if (flight->platform_id != 0 && flight->local != local_credentials && !flight->misplaced)
		bodies_put(doc, &bodies, flight->arena);
}

static struct str
inbound_doc(struct flight *flight, bool with_bodies)
{
	struct buf doc = { .arena = flight->arena };
	struct str path = flight->shown;

	json_put_object(&doc, NULL);
	json_put_text(&doc, "leg", STR("requester"));
	json_put_text(&doc, "platform", flight->platform_name);
	json_put_text(&doc, "method", flight->request->method);
	json_put_text(&doc, "path", path);
	json_put_text(&doc, "flow", str_of(flight_flow_name(flight->flow)));
	json_put_text(&doc, "reason", str_of(flight->reason));
	if (flight->from_inferred)
		json_put_text(&doc, "inferred", STR("FROM, from the token"));
	if (flight->flow == FLOW_RELINK && flight->relink.kind == RELINK_RESPONSE_URL) /* TRP-28 */
		json_put_text(&doc, "answers", flight->relink.correlation_id);
	json_put_text(&doc, "rewritten", flight->rewritten);
	json_put_text(&doc, "dropped", flight->dropped);
	if (flight->flaws > 0)
		json_put_number(&doc, "faults_let_through", (int64_t)flight->flaws);
	if (flight->unkept)
		json_put_bool(&doc, "unkept", true);
	json_put_number(&doc, "http", flight->http);
	json_put_number(&doc, "ocpi", flight->ocpi);
	if (flight->fault.err != RH_OK) {
		json_put_text(&doc, "error", str_of(rh_err_info(flight->fault.err)->name));
		json_put_text(&doc, "field", str_of(flight->fault.field));
		json_put_text(&doc, "why", str_of(flight->fault.why));
		json_put_text(&doc, "address", str_of(flight->request->peer));
	}
	json_put_number(&doc, "us", rh_mono_us() - flight->request->began_us);
	add_steps(flight, &doc);
	if (with_bodies)
		add_bodies(flight, &doc, flight->request->body, flight->answer);
	json_end_object(&doc);
	return buf_str(&doc);
}

static struct str
outbound_doc(struct flight *flight, bool with_bodies)
{
	const struct net_call *call = &flight->call.net;
	struct buf doc = { .arena = flight->arena };

	json_put_object(&doc, NULL);
	json_put_text(&doc, "leg", STR("receiver"));
	json_put_text(&doc, "platform", flight->leg.name);
	outcome_put_call(&doc, &flight->call);
	if (flight->answer_flaws > 0)
		json_put_number(&doc, "faults_reported", (int64_t)flight->answer_flaws);
	if (call->sent_us > call->start_us)
		json_put_number(&doc, "sent_us", call->sent_us - call->start_us);
	json_put_number(&doc, "us", call->done_us - call->start_us);
	if (with_bodies)
		add_bodies(flight, &doc, call->body, call->answer);
	json_end_object(&doc);
	return buf_str(&doc);
}

static struct str
object_of(struct flight *flight)
{
	const struct ocpi_matched *match = &flight->match;
	struct ocpi_id owner;
	char key[OCPI_ID_TEXT];
	struct str id = match->id;

	if (flight->module == NULL || flight->misplaced)
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

/* An answer that was relayed is the partner's word, also where it says no. */
enum store_trace_outcome
trace_outcome(const struct flight *flight)
{
	enum store_trace_outcome outcome;

	if (flight->fault.err != RH_OK)
		return outcome_of_error(flight->fault.err);
	outcome = outcome_of_status(flight->http, flight->ocpi);
	return outcome != TRACE_OK && flight->leg.platform == 0 ? TRACE_REFUSED_BY_HUB : outcome;
}

/* Of a configuration module there is none in flight->module, as it is not routed. */
static struct str
module_of(const struct flight *flight)
{
	const struct ocpi_path *path = &flight->path;
	size_t first = flight->first;

	if (flight->module != NULL)
		return str_of(flight->module->id);
	if (flight->flow != FLOW_LOCAL)
		return (struct str){ 0 };
	return path->count > first + 2 ? path->decoded[first + 2] : STR("versions");
}

static bool
has_call(const struct flight *flight)
{
	return flight->leg.platform != 0 && flight->call.net.done_us != 0;
}

static bool
is_wanted(struct flight *flight, bool failed)
{
	const struct store_trace_claim claim = {
		.platform = flight->platform_id, .failed = failed, .rows = has_call(flight) ? 2 : 1
	};
	bool wanted = store_trace_wanted(flight_hub(flight)->store, &claim);

	if (flight->live != NULL &&
	        atomic_load_explicit(&flight->live->untraced, memory_order_relaxed) == wanted)
		atomic_store_explicit(&flight->live->untraced, !wanted, memory_order_relaxed);
	if (!wanted)
		count_add(&flight->worker->counters.total[COUNT_TRACE_SKIPPED], 1);
	return wanted;
}

static void
put_call(struct flight *flight, struct store_trace *leg, bool with_bodies)
{
	leg->platform = flight->leg.platform > 0 ? flight->leg.platform : 0;
	leg->outcome = outcome_of_call(&flight->call);
	leg->request_id = flight->call.request_id;
	put(flight, leg, outbound_doc(flight, with_bodies));
}

void
trace_flight(struct flight *flight, enum store_trace_outcome outcome)
{
	struct store_trace leg = { .outcome = outcome };
	bool failed = outcome != TRACE_OK, with_bodies;

	if (!is_wanted(flight, failed))
		return;
	if (flight->fault.err == RH_OK) /* what is refused has no tokens in it any more */
		misplaced_hide(flight);
	with_bodies = bodies_wanted(flight_hub(flight), failed);
	leg.at_ms = rh_wall_ms();
	leg.platform = flight->platform_id;
	leg.module = module_of(flight);
	leg.correlation_id = flight->correlation_id;
	leg.request_id = flight->request_id;
	leg.from = party_key(flight, &flight->from, flight->has_from);
	leg.to = party_key(flight, &flight->to, flight->has_to);
	leg.object = object_of(flight);
	put(flight, &leg, inbound_doc(flight, with_bodies));
	if (has_call(flight))
		put_call(flight, &leg, with_bodies);
}
