/* event: what happened to the hub is written down, to be read for long: by the operator, by who
 * follows it as it comes. What an operator did is the admin layer's to write, which answers when
 * that is on the disk. */
#include "event.h"

#include <assert.h>
#include <stdlib.h>

enum {
	MOST_WAITING = 10000, /* for the store */
	EVERY_MS = 60 * 1000,
	FLAWED_MS = 1000 /* one that failed is tried again */
};
#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct events {
	_Atomic size_t waiting;
	_Atomic uint64_t dropped;
	struct store_op trim;
	bool trimming;
	int64_t trim_at_ms; /* rh_boot_ms() */
};
struct note {
	struct store_op op;
	struct store_event event;
	struct events *events;
	struct arena *arena; /* it lies in it */
};

static void
noted(struct store_op *op)
{
	struct note *note = container_of(op, struct note, op);

	if (op->err != RH_OK) {
		atomic_fetch_add(&note->events->dropped, 1);
		LOG(LOG_WARNING, "event", KVS("lost", note->event.type), KV("why", op->why));
	}
	atomic_fetch_sub(&note->events->waiting, 1);
	arena_free(note->arena);
}

static void
copy(struct note *note, const struct store_event *from)
{
	struct arena *arena = note->arena;

	note->event = *from;
	note->event.at_ms = rh_wall_ms();
	note->event.type = arena_str(arena, from->type);
	note->event.who = arena_str(arena, from->who);
	note->event.address = arena_str(arena, from->address);
	note->event.what = arena_str(arena, from->what);
	note->event.subject = arena_str(arena, from->subject);
	note->event.data = arena_str(arena, from->data.p != NULL ? from->data : STR("{}"));
}

void
event_note_most(struct hub *hub, struct store_session *session, const struct store_event *event,
        size_t most)
{
	struct arena *arena;
	struct note *note;

	if (hub->events == NULL)
		return;
	if (atomic_fetch_add(&hub->events->waiting, 1) >= MOST_WAITING) {
		atomic_fetch_sub(&hub->events->waiting, 1);
		atomic_fetch_add(&hub->events->dropped, 1);
		return;
	}
	arena = arena_new(1024);
	note = arena_alloc(arena, sizeof *note);
	note->arena = arena;
	note->events = hub->events;
	copy(note, event);
	note->op.verb = STORE_EVENT_PUT;
	note->op.done = noted;
	note->op.u.event.event = &note->event;
	note->op.u.event.most = most;
	store_submit(session, &note->op);
}

void
event_note(struct hub *hub, struct store_session *session, const struct store_event *event)
{
	event_note_most(hub, session, event, 0);
}

void
hub_event(struct hub *hub, const struct store_event *event)
{
	event_note(hub, hub->session, event);
}

uint64_t
hub_events_dropped(const struct hub *hub)
{
	return atomic_load(&hub->events->dropped);
}

/* ---- bounds ---- */

static void
trimmed(struct store_op *op)
{
	struct events *events = container_of(op, struct events, trim);

	events->trimming = false;
	events->trim_at_ms = rh_boot_ms() + (op->err != RH_OK                      ? FLAWED_MS
	                                            : op->u.event_trim.dropped > 0 ? 0
	                                                                           : EVERY_MS);
}

void
event_tick(struct hub *hub, bool clock_off)
{
	const struct settings *settings = hub_settings(hub);
	struct events *events = hub->events;

	if (events->trimming || !hub_holds(hub, 0) || rh_boot_ms() < events->trim_at_ms)
		return;
	events->trimming = true;
	events->trim = (struct store_op){ .verb = STORE_EVENT_TRIM, .done = trimmed };
	events->trim.u.event_trim.before_ms =
	        clock_off ? 0 : rh_wall_ms() - settings->event_days * DAY_MS;
	events->trim.u.event_trim.most = (size_t)settings->event_rows;
	store_submit(hub->session, &events->trim);
}

/* The first look waits until it is known whether the clock can be believed. */
void
event_open(struct hub *hub)
{
	hub->events = rh_alloc(sizeof *hub->events);
	hub->events->trim_at_ms = rh_boot_ms() + EVERY_MS;
}

void
event_close(struct hub *hub)
{
	if (hub->events == NULL)
		return;
	assert(atomic_load(&hub->events->waiting) == 0 && !hub->events->trimming);
	free(hub->events);
	hub->events = NULL;
}
