/* flight: one message crossing the hub: its memory, what it waits for, and how it is answered. */
#include "flight.h"

#include "loop.h"
#include "memo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERRORS_A_SECOND = 10 }; /* of a worker: a full disk fills no log */
enum { ARENA_BYTES = 8192, IDLE_FLIGHTS = 512, ARENA_KEEP_BYTES = 64 * 1024 };

const char *
flight_flow_name(enum flow flow)
{
	static const char *const names[FLOW_COUNT] = { "refused", "local", "forward", "relink",
		"share", "list", "open", "custom" };

	return names[flow];
}

struct hub *
flight_hub(const struct flight *flight)
{
	return flight->worker->hub;
}

bool
flight_error_due(struct worker *worker)
{
	int64_t second = net_loop_now(worker->loop) / 1000;

	if (second != worker->error_second) {
		worker->error_second = second;
		worker->errors_left = ERRORS_A_SECOND;
	}
	return worker->errors_left > 0 && worker->errors_left-- > 0;
}

struct flight *
flight_new(struct worker *worker)
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
	atomic_fetch_add_explicit(&worker->flights, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&worker->hub->flights, 1, memory_order_relaxed);
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

/* Its answer was read, or its reader is gone. */
static void
end_unread(struct flight *flight)
{
	atomic_fetch_sub_explicit(
	        &flight->worker->hub->unread, flight->unread, memory_order_relaxed);
	if (flight->live != NULL)
		atomic_fetch_sub_explicit(
		        &flight->live->unread, flight->unread, memory_order_relaxed);
}

/* It is in the air no more. */
static void
end_outbound(struct flight *flight)
{
	if (flight->outbound.p != NULL)
		memo_drop(flight->worker->hub->memo, LOOP_KIND, flight->outbound);
}

void
flight_forget(struct flight *flight)
{
	end_outbound(flight);
	memset(&flight->path, 0, offsetof(struct flight, look) - offsetof(struct flight, path));
	memset(&flight->then, 0, offsetof(struct flight, rate) - offsetof(struct flight, then));
	flight->module_index = -1;
	flight->allow[0] = '\0';
	flight->answer = (struct str){ 0 };
	flight->flaws = flight->answer_flaws = flight->header_count = 0;
}

void
flight_end(struct flight *flight)
{
	end_unread(flight);
	end_outbound(flight);
	if (flight->live != NULL)
		atomic_fetch_sub_explicit(&flight->live->flights, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&flight->worker->flights, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&flight->worker->hub->flights, 1, memory_order_relaxed);
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
	flight->fault_text = (struct str){ 0 }; /* of a fault before */
	return REPLY;
}

enum next
flight_refuse_gone(struct flight *flight, const char *who, enum store_state state)
{
	flight->looked |= state == STATE_OFFLINE;
	return flight_refuse(flight, RH_RECEIVER_GONE, "", "%s is %s", who, state_name((int)state));
}

enum next
flight_refuse_store(struct flight *flight)
{
	const struct store_op *op = &flight->op;

	bool own = op->err != RH_BUSY && op->err != RH_QUOTA;

	return flight_refuse(flight, own ? RH_STORE_FAILED : op->err, "", "%s", op->why);
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

struct buf *
flight_list_begin(struct flight *flight, size_t bytes)
{
	ocpi_list_begin(&flight->out, bytes);
	return &flight->out;
}

enum next
flight_list_end(struct flight *flight)
{
	flight->http = 200;
	flight->ocpi = 1000;
	ocpi_list_end(&flight->out, rh_wall_ms());
	flight->answer = buf_str(&flight->out);
	return REPLY;
}

/* ---- waiting ---- */

void
flight_resume(struct flight *flight)
{
	flight->directory = hub_directory(flight->worker->hub);
	flight->platform = NULL; /* of an earlier turn */
	flight->receiver = NULL;
	flight->go_on(flight);
}

static void
stored(struct store_op *op)
{
	flight_resume(container_of(op, struct flight, op));
}

enum next
flight_store_in(struct flight *flight, struct arena *arena, enum store_verb verb,
        enum next (*then)(struct flight *))
{
	struct store_op *op = &flight->op;

	op->verb = verb;
	op->done = stored;
	op->arena = arena;
	flight->then = then;
	store_submit(flight->worker->session, op);
	return WAIT;
}

enum next
flight_store(struct flight *flight, enum store_verb verb, enum next (*then)(struct flight *))
{
	return flight_store_in(flight, flight->arena, verb, then);
}

struct str
flight_token_type(struct flight *flight)
{
	struct ocpi_query_value type;

	return ocpi_query_find(flight->path.query, "type", flight->arena, &type) ? type.decoded
	                                                                         : STR("RFID");
}
