/* story: the five steps of every message; read the files in the order of the table. */
#include "story.h"

#include "../count.h"
#include "act.h"
#include "auth.h"
#include "check.h"
#include "credentials.h"
#include "reply.h"
#include "route.h"
#include "trace.h"

#include <string.h>

static const struct step {
	const char *name;
	enum next (*run)(struct flight *flight);
} story[STORY_STEPS] = {
	{ "auth", flight_auth },   /* who is speaking, for which party? */
	{ "route", flight_route }, /* to whom, by which flow? */
	{ "check", flight_check }, /* may it, and is the payload sound? */
	{ "act", flight_act },     /* the flow */
	{ "reply", flight_reply }, /* exactly once; the flight ends here */
};
enum { STEP_ROUTE = 1, STEP_ACT = 3, STEP_REPLY = STORY_STEPS - 1 };

/* ---- what rests on what other processes may have changed (look.h) ---- */

/* By who is connected, what it lists, and what was agreed. */
static bool
is_by_directory(const struct fault *fault)
{
	static const enum rh_err errors[] = { RH_UNKNOWN_TOKEN, RH_SUSPENDED, RH_UNKNOWN_PARTY,
		RH_NO_ENDPOINT, RH_RECEIVER_GONE, RH_NOT_FOUND };

	for (size_t i = 0; i < COUNT(errors); i++)
		if (fault->err == errors[i])
			return true;
	return fault->err == RH_BAD_FIELD && str_is(str_of(fault->field), "OCPI-from-party-id");
}

/* Before a message was sent to anybody the flow found that there is no way to its receiver. What it
 * does not find of objects it asked the store for. */
static bool
has_no_way(const struct flight *flight)
{
	return flight->leg.platform == 0 && flight->flow != FLOW_SHARE &&
	       flight->flow != FLOW_LIST && flight->flow != FLOW_LOCAL &&
	       flight->fault.err != RH_NOT_FOUND && is_by_directory(&flight->fault);
}

/* The receiver does not take the token that this process knows of it, and so did nothing. */
static bool
is_locked_out(const struct flight *flight)
{
	const struct partner_call *call = &flight->call;

	return flight->leg.platform > 0 && call->net.result == NET_DONE &&
	       call->net.status == 401 && call->authorization.len > 0;
}

static bool
is_as_it_was_called(const struct flight *flight)
{
	const struct platform *to = directory_platform(flight->directory, flight->leg.platform);

	return to != NULL && to->state == STATE_CONNECTED && platform_has_party(to, &flight->to) &&
	       str_eq(platform_authorization(to), flight->call.authorization);
}

/* A handshake rests on what its token is now, and is begun on that. */
static bool
begins_handshake(const struct flight *flight)
{
	return flight->flow == FLOW_LOCAL && flight->local == local_credentials &&
	       !str_is(flight->request->method, "GET");
}

/* What the route and all behind it found is found anew, unless who asks is not let in any more. */
static bool
route_again(struct flight *flight)
{
	const struct platform *platform =
	        directory_token(flight->directory, flight->digest, &flight->token_kind);

	if (platform == NULL || platform->id != flight->platform_id)
		return false;
	flight_forget(flight);
	flight->platform = platform;
	flight->step = STEP_ROUTE;
	return true;
}

static void
refuse_anew(struct flight *flight, enum rh_err err)
{
	if (err != RH_OK)
		(void)flight_refuse(flight, err, "", "another hub on it may know better");
	else if (flight->fault.err == RH_OK && flight->leg.platform == 0)
		(void)flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
		        "the token was used, replaced or revoked meanwhile");
}

static void
looked(struct look *look, enum rh_err err)
{
	struct flight *flight = container_of(look, struct flight, look);
	bool answered = flight->leg.platform != 0, again = err == RH_OK;

	flight->directory = hub_directory(flight_hub(flight));
	if (answered)
		again = again && !is_as_it_was_called(flight);
	if (again && flight->step > 0)
		again = route_again(flight);
	if (again) {
		flight->fault = (struct fault){ 0 };
		flight->fault_text = flight->fault_data = (struct str){ 0 };
		flight->lapsed = NULL;
	} else {
		if (!answered) /* else what the receiver said stands */
			refuse_anew(flight, err);
		flight->step = STEP_REPLY;
	}
	flight->go_on(flight);
}

/* False: it goes on, or is refused, as no more may wait. */
static bool
waits_for_others(struct flight *flight)
{
	flight->looked = true;
	flight->look.done = looked;
	if (look_begin(flight->worker, &flight->look))
		return true;
	if (flight->leg.platform == 0)
		(void)flight_refuse(flight, RH_BUSY, "", "too many wait for what other hubs know");
	return false;
}

static bool
looks_again(struct flight *flight)
{
	bool by_directory;

	if (flight->looked || flight->step > STEP_ACT || flight->request->turned_away != RH_OK)
		return false;
	by_directory = flight->step < STEP_ACT ? is_by_directory(&flight->fault)
	                                       : has_no_way(flight) || is_locked_out(flight);
	if (hub_is_together(flight_hub(flight)))
		return by_directory && waits_for_others(flight);
	if (flight->step != STEP_ACT || !is_locked_out(flight))
		return false;
	flight->looked = true;
	looked(&flight->look, RH_OK); /* nobody else changes it: it is known here */
	return true;
}

/* Who begins a handshake is known as all know him now, before anybody is called back. */
static enum next
look_first(struct flight *flight)
{
	if (flight->step != STEP_ACT || flight->looked || flight->then != NULL ||
	        !begins_handshake(flight) || !hub_is_together(flight_hub(flight)))
		return NEXT;
	return waits_for_others(flight) ? WAIT : REPLY;
}

static void
story_run(struct flight *flight)
{
	while (flight->step < STORY_STEPS) {
		unsigned at = flight->step;
		enum next next = look_first(flight);

		if (next == NEXT)
			next = story[at].run(flight);
		if (next == WAIT || (next == REPLY && looks_again(flight)))
			return;
		if (at == 0)
			flight->traced = trace_times_steps(flight);
		if (flight->traced)
			flight->step_us[at] = rh_mono_us();
		flight->step = next == NEXT ? at + 1 : STEP_REPLY;
		if (at == STEP_REPLY)
			return;
	}
}

static struct str
id_of(struct flight *flight, enum ocpi_request_header which)
{
	struct str given = flight->request->header[which];
	char *made;

	if (given.len > 0 && given.len <= 128)
		return given;                              /* lives as long as the request */
	made = arena_take(flight->arena, RH_UUID_LEN + 1); /* TRN-053: made, not refused */
	rh_uuid(made);
	return (struct str){ made, RH_UUID_LEN };
}

void
story_begin(struct worker *worker, struct net_request *request)
{
	struct flight *flight = flight_new(worker);

	flight->go_on = story_run;
	flight->request = request;
	request->user = flight;
	flight->directory = hub_directory(worker->hub);
	flight->request_id = id_of(flight, IN_REQUEST_ID);
	flight->correlation_id = id_of(flight, IN_CORRELATION_ID);
	flight->module_index = -1;
	count_add(&worker->counters.total[COUNT_REQUESTS], 1);
	story_run(flight);
}
