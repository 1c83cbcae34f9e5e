/* sim_world: the feed, who may get what of it, the partner, and what is sent between them; see
 * sim.c. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- chance ---- */

uint64_t
sim_draw(struct world *w, uint64_t below)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state % below;
}

bool
sim_chance(struct world *w, unsigned percent)
{
	return sim_draw(w, 100) < percent;
}

void
sim_fail(struct world *w, const char *why, int64_t number)
{
	if (w->why[0] == '\0')
		(void)snprintf(w->why, sizeof w->why, "%s (%lld) at %lld ms", why,
		        (long long)number, (long long)w->now_ms);
}

bool sim_told; /* one seed alone: each step is printed */

void
sim_tell(
        const struct world *w, const char *what, const char *object, int64_t change, int64_t number)
{
	if (sim_told)
		printf("%lld %s %s change=%lld %lld\n", (long long)w->now_ms, what, object,
		        (long long)change, (long long)number);
}

/* ---- who may get what ---- */

static bool
may_get(const struct world *w)
{
	static const struct ocpi_module module = { .id = "locations", .owner = ROLE_CPO };
	const struct store_agreement *agreements[] = { &w->agreement };
	struct may_question question = { .direction = MAY_GET,
		.module = &module,
		.interface = IFACE_RECEIVER,
		.from = { ROLE_CPO, STATE_CONNECTED, true },
		.to = { ROLE_EMSP, w->suspended ? STATE_SUSPENDED : STATE_CONNECTED, true },
		.agreements = agreements,
		.agreement_count = 1,
		.now_ms = w->now_ms };

	return may(&question).reason == MAY_YES;
}

/* ---- the feed ---- */

void
sim_write_object(struct world *w)
{
	struct thing *thing = &w->things[sim_draw(w, OBJECTS)];

	thing->newest.previous = thing->newest.change;
	thing->newest.change = ++w->change;
	thing->newest.at_ms = w->now_ms;
	sim_tell(w, "written", thing->id, thing->newest.change, thing->newest.previous);
}

/** The version as a read gives it: a copy that the next write leaves alone. */
static const struct store_object *
read_object(struct world *w, const struct thing *thing)
{
	struct store_object *copy = arena_alloc(w->batch->arena, sizeof *copy);

	*copy = thing->newest;
	return copy;
}

static void
owe(struct world *w, struct thing *thing, const struct store_parked *row)
{
	struct ocpi_id to;
	struct owing owing = { .to = &to,
		.object = read_object(w, thing),
		.batch = w->batch,
		.whole = thing->parked || thing->refused > 0,
		.row = row };

	(void)ocpi_id_make(STR("NL"), STR("MSP"), &to);
	sim_tell(w,
	        row != NULL   ? "owed-by-row"
	        : owing.whole ? "owed-whole"
	                      : "owed",
	        thing->id, owing.object->change, receiver_owe(&w->receiver, &owing));
}

static struct thing *
next_of_feed(struct world *w, int64_t after)
{
	struct thing *next = NULL;

	for (size_t i = 0; i < OBJECTS; i++)
		if (w->things[i].newest.change > after &&
		        (next == NULL || w->things[i].newest.change < next->newest.change))
			next = &w->things[i];
	return next;
}

static bool
is_open(const struct world *w)
{
	return !w->suspended && w->facts.state == STATE_CONNECTED;
}

void
sim_read_feed(struct world *w)
{
	struct receiver *receiver = &w->receiver;
	struct thing *thing = NULL;

	if (!is_open(w))
		return;
	for (int i = 0; i < FEED_SLICE && receiver_has_room(receiver); i++) {
		thing = next_of_feed(w, receiver->read_at);
		if (thing == NULL) {
			receiver->sure = receiver->read_at = w->change;
			return;
		}
		if (w->entitled)
			owe(w, thing, NULL);
		receiver->read_at = thing->newest.change;
	}
}

void
sim_read_rows(struct world *w)
{
	for (size_t i = 0; i < OBJECTS && is_open(w); i++) {
		struct thing *thing = &w->things[i];

		if (!thing->parked || thing->row.due_ms > w->now_ms || thing->newest.change == 0)
			continue;
		thing->row.due_ms = w->now_ms + PARK_MS;
		if (w->entitled)
			owe(w, thing, &thing->row);
	}
}

static void
park(struct world *w, struct thing *thing, enum store_parked_kind kind, int attempts)
{
	sim_tell(w, "parked", thing->id, thing->newest.change, kind);
	thing->parked = true;
	thing->row = (struct store_parked){ .kind = kind,
		.since_ms = w->now_ms,
		.due_ms = w->now_ms + PARK_MS,
		.change = thing->newest.change,
		.attempts = attempts };
}

/* What was there before the receiver was entitled is parked for it, as expand.c does. */
void
sim_look_at_rights(struct world *w)
{
	bool entitled = may_get(w) || (w->suspended && w->entitled);

	for (size_t i = 0; i < OBJECTS && entitled && !w->entitled; i++)
		if (w->things[i].newest.change > 0)
			park(w, &w->things[i], PARKED_INTRODUCED, 0);
	w->entitled = entitled;
}

/* ---- the partner ---- */

static void
take(struct world *w, struct thing *thing, const struct owed *owed)
{
	const struct store_object *object = owed->object;

	sim_tell(w, owed->whole ? "taken-whole" : "taken", thing->id, object->change, thing->held);
	if (object->change < thing->held)
		sim_fail(w, "an older version came after a newer one", object->change);
	if (object->change == thing->held)
		w->duplicated++;
	if (!owed->whole && object->previous != 0 && thing->held != object->previous &&
	        thing->held != object->change)
		sim_fail(w, "a change came on top of what it does not build upon", object->change);
	thing->held = object->change;
}

static enum verdict
meet(struct world *w, struct thing *thing, const struct owed *owed)
{
	const struct store_object *object = owed->object;

	switch (w->mood) {
	case ILL:
		return sim_chance(w, 70) ? FAILED : DELIVERED;
	case SLOW_DOWN:
		return sim_chance(w, 60) ? SLOWER : DELIVERED;
	case SILENT:
		if (sim_chance(w, 50) && (owed->whole || thing->held == object->previous))
			take(w, thing, owed); /* and the answer is lost */
		return LATE;
	case GONE:
		return UNREACHED;
	default:
		if (sim_chance(w, 2))
			return REFUSED;
		return sim_chance(w, 3) ? OURS : DELIVERED;
	}
}

static struct thing *
thing_of(struct world *w, const struct store_object *object)
{
	return &w->things[atoi(object->key.id.p + 1)];
}

static void
send_one(struct world *w, struct owed *owed)
{
	struct flying *flying = &w->air[w->count++];
	struct thing *thing = thing_of(w, owed->object);

	for (size_t i = 0; i + 1 < w->count; i++)
		if (w->air[i].thing == thing)
			sim_fail(w, "two versions of one object are in the air",
			        owed->object->change);
	if (!w->entitled)
		sim_fail(w, "it is sent what it may not get", owed->object->change);
	w->sent++;
	*flying = (struct flying){ .owed = owed,
		.thing = thing,
		.change = owed->object->change,
		.started_us = w->now_ms * 1000,
		.due_ms = w->now_ms + (int64_t)sim_draw(w, 300),
		.verdict = meet(w, thing, owed) };
	if (flying->verdict == DELIVERED)
		take(w, thing, owed);
	if (flying->verdict == DELIVERED && sim_chance(w, 3) && !owed->whole)
		flying->verdict = TRY_WHOLE;
}

void
sim_drop(struct world *w, struct owed *owed)
{
	if (receiver_answered(owed, DROPPED, 0, w->now_ms))
		sim_fail(w, "what is dropped is to be parked", 0);
}

void
sim_send_what_may_go(struct world *w)
{
	while (is_open(w) && w->count < MOST_AIR) {
		struct owed *owed;

		w->receiver.jitter = (unsigned)sim_draw(w, 41);
		owed = receiver_next(&w->receiver, w->now_ms);
		if (owed == NULL)
			return;
		if (!w->entitled) { /* as deliver.c looks once more */
			sim_drop(w, owed);
			continue;
		}
		send_one(w, owed);
	}
}

/* ---- answers ---- */

static enum live_event
event_of(enum verdict verdict)
{
	switch (verdict) {
	case DELIVERED:
	case REFUSED:
	case TRY_WHOLE:
	case FAILED:
		return LIVE_HEARD;
	case SLOWER:
		return LIVE_SLOWER;
	case LATE:
	case UNREACHED:
		return LIVE_LOST;
	default:
		return LIVE_NOTHING;
	}
}

/* OFFLINE needs so many lost ones in a row, and they are counted here once more. */
void
sim_note(struct world *w, enum live_event event, int64_t started_us)
{
	enum store_state before = w->facts.state;

	if (event == LIVE_HEARD || event == LIVE_SLOWER)
		w->lost_in_a_row = w->missed_in_a_row = 0;
	w->lost_in_a_row += event == LIVE_LOST;
	w->missed_in_a_row += event == LIVE_MISSED;
	w->facts = live_after(w->facts, event, started_us, w->now_ms * 1000 + 1, OFFLINE_AFTER);
	if (before == w->facts.state)
		return;
	if (w->facts.state == STATE_OFFLINE) {
		w->offline++;
		if (w->lost_in_a_row < OFFLINE_AFTER && w->missed_in_a_row < 2)
			sim_fail(w, "OFFLINE without a cause", w->lost_in_a_row);
		receiver_forget(&w->receiver, w->receiver.read_at);
	}
}

static void
answer(struct world *w, size_t i)
{
	struct flying flying = w->air[i];
	int64_t retry_after_ms = flying.verdict == SLOWER ? (int64_t)sim_draw(w, 3000) : 0;

	w->air[i] = w->air[--w->count];
	sim_tell(w, "answered", flying.thing->id, flying.change, (int64_t)flying.verdict);
	if (flying.verdict == DELIVERED && flying.thing->parked &&
	        flying.thing->row.change <= flying.change)
		flying.thing->parked = false;
	if (flying.verdict == DELIVERED)
		flying.thing->refused = 0;
	if (flying.verdict == REFUSED) {
		flying.thing->refused = flying.change;
		flying.thing->parked =
		        flying.thing->parked && flying.thing->row.change > flying.change;
	}
	if (receiver_answered(flying.owed, flying.verdict, retry_after_ms, w->now_ms)) {
		bool written = sim_chance(w, 90);
		int attempts = (int)flying.owed->attempts;

		if (written)
			park(w, flying.thing, PARKED_FAILED, attempts);
		receiver_parked(flying.owed, written, w->now_ms);
	}
	sim_note(w, event_of(flying.verdict), flying.started_us);
}

void
sim_answers(struct world *w, bool all)
{
	for (size_t i = w->count; i-- > 0;)
		if (i < w->count && (all || w->air[i].due_ms <= w->now_ms))
			answer(w, i);
}
