/* flight: one message crossing the hub. The story of every message is the table below; read the
 * files in its order. */
#include "flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 8192, IDLE_FLIGHTS = 512, ARENA_KEEP_BYTES = 64 * 1024 };

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

struct hub *
flight_hub(const struct flight *flight)
{
	return flight->worker->hub;
}

static struct flight *
flight_take(struct worker *worker)
{
	struct flight *flight;
	struct arena *arena;

	if (list_empty(&worker->idle)) {
		flight = rh_alloc(sizeof *flight);
		flight->arena = arena_new(ARENA_BYTES);
	} else {
		flight = container_of(worker->idle.next, struct flight, node);
		list_remove(&flight->node);
		worker->idle_count--;
		arena = flight->arena;
		memset(flight, 0, sizeof *flight);
		flight->arena = arena;
	}
	list_init(&flight->node);
	flight->worker = worker;
	flight->out.arena = flight->arena;
	return flight;
}

static void
flight_release(struct flight *flight)
{
	struct worker *worker = flight->worker;

	if (worker->idle_count >= IDLE_FLIGHTS || arena_bytes(flight->arena) > ARENA_KEEP_BYTES) {
		arena_free(flight->arena);
		free(flight);
		return;
	}
	arena_reset(flight->arena);
	list_add_head(&worker->idle, &flight->node);
	worker->idle_count++;
}

static void
flight_run(struct flight *flight)
{
	while (flight->step < STORY_STEPS) {
		unsigned at = flight->step;
		enum next next = story[at].run(flight);

		if (next == WAIT)
			return;
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
flight_begin(struct worker *worker, struct net_request *request)
{
	struct flight *flight = flight_take(worker);

	atomic_fetch_add_explicit(&worker->flights, 1, memory_order_relaxed);
	flight->request = request;
	request->user = flight;
	flight->directory = hub_directory(worker->hub);
	flight->request_id = id_of(flight, IN_REQUEST_ID);
	flight->correlation_id = id_of(flight, IN_CORRELATION_ID);
	flight->module_index = -1;
	flight->traced = trace_wanted(worker);
	count_add(&worker->counters.total[COUNT_REQUESTS], 1);
	flight_run(flight);
}

void
flight_resume(struct flight *flight)
{
	flight->directory = hub_directory(flight->worker->hub);
	flight->platform = NULL; /* of an earlier turn */
	flight->receiver = NULL;
	flight_run(flight);
}

void
flight_end(struct flight *flight)
{
	if (flight->live != NULL)
		atomic_fetch_sub_explicit(&flight->live->flights, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&flight->worker->flights, 1, memory_order_relaxed);
	flight->request->user = NULL;
	flight_release(flight);
}

enum next
flight_refuse(struct flight *flight, enum rh_err err, const char *field, const char *fmt, ...)
{
	va_list args;
	char why[sizeof flight->fault.why];

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	(void)fault_set(&flight->fault, err, field, "%s", why);
	return REPLY;
}

void
flight_header(struct flight *flight, const char *name, struct str value)
{
	if (value.p == NULL || flight->header_count == COUNT(flight->headers))
		return;
	flight->headers[flight->header_count++] = (struct net_header){ str_of(name), value };
}

enum next
flight_answer(struct flight *flight, int http, struct str data)
{
	flight->http = http;
	flight->ocpi = 1000;
	ocpi_envelope_write(&flight->out, 1000, STR("Success"), data, rh_wall_ms());
	flight->answer = buf_str(&flight->out);
	return REPLY;
}
