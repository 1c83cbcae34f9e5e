/* story: the five steps of every message; read the files in the order of the table. */
#include "story.h"

#include "../count.h"
#include "act.h"
#include "auth.h"
#include "check.h"
#include "reply.h"
#include "route.h"
#include "trace.h"

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
enum { STEP_REPLY = STORY_STEPS - 1 };

static void
story_run(struct flight *flight)
{
	while (flight->step < STORY_STEPS) {
		unsigned at = flight->step;
		enum next next = story[at].run(flight);

		if (next == WAIT)
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
