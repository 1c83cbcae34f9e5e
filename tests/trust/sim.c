/* sim: the hub's pure parts on a clock of their own: what a receiver is owed, who may get it, who
 * is away, with crashes in between.
 *
 * usage: sim FIRST COUNT | sim SEED | sim --prove
 * The world has a feed of objects (the newest version of each, as the store has it), a partner that
 * takes or refuses what its mood says, and a hub made of receiver, ahead, live, presence and may.
 * Everything is drawn from the seed. At the end the partner is well, everything is sent that still
 * is, and it must hold the newest version of all that it may get and did not refuse. A seed that
 * fails prints "failed: sim SEED: WHY", and `sim SEED` runs it again. */
#include "../../src/hub/parties/live.h"
#include "../../src/hub/parties/may.h"
#include "../../src/hub/parties/presence.h"
#include "../../src/hub/push/owed.h"
#include "../../src/hub/push/receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OBJECTS = 24,
	STEPS = 400,
	STEPS_TO_REST = 20000,
	MOST_AIR = 2 * RECEIVER_WINDOW_MOST,
	FEED_SLICE = 5,
	OFFLINE_AFTER = 3,
	PARK_MS = 60000,
	LINE = 200,
};

enum mood { WELL, ILL, SLOW_DOWN, SILENT, GONE, MOODS };

struct thing { /* an object, in all its places */
	struct store_object newest;
	int64_t held;    /* version that the partner has */
	int64_t refused; /* that it refused for good, newest */
	bool parked;     /* there is a row */
	struct store_parked row;
	char id[8], body[24];
};

struct flying {
	struct owed *owed;
	struct thing *thing;
	int64_t change, due_ms, started_us;
	enum verdict verdict;
};

struct world {
	uint64_t seed, state;
	int64_t now_ms, change;
	struct thing things[OBJECTS];
	struct receiver receiver;
	struct batch *batch;
	size_t held;
	struct flying air[MOST_AIR];
	size_t count;
	enum mood mood;
	bool suspended, entitled;
	struct live_facts facts;
	struct live_presence presence;
	struct store_agreement agreement;
	unsigned lost_in_a_row, missed_in_a_row; /* as the partner really was */
	/* what is stored */
	int64_t floor;
	char ahead[8192];
	char why[LINE];
	uint64_t sent, duplicated, crashes, offline;
};

/* ---- chance ---- */

static uint64_t
draw(struct world *w, uint64_t below)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state % below;
}

static bool
chance(struct world *w, unsigned percent)
{
	return draw(w, 100) < percent;
}

static void
fail(struct world *w, const char *why, int64_t number)
{
	if (w->why[0] == '\0')
		(void)snprintf(w->why, sizeof w->why, "%s (%lld) at %lld ms", why,
		        (long long)number, (long long)w->now_ms);
}

static bool skips; /* the stored cursor skips what is not delivered, to see it seen */
static bool told;  /* one seed alone: each step is printed */

static void
tell(const struct world *w, const char *what, const char *object, int64_t change, int64_t number)
{
	if (told)
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

static void
write_object(struct world *w)
{
	struct thing *thing = &w->things[draw(w, OBJECTS)];

	thing->newest.previous = thing->newest.change;
	thing->newest.change = ++w->change;
	thing->newest.at_ms = w->now_ms;
	tell(w, "written", thing->id, thing->newest.change, thing->newest.previous);
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
	tell(w,
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

static void
read_feed(struct world *w)
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

static void
read_rows(struct world *w)
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
	tell(w, "parked", thing->id, thing->newest.change, kind);
	thing->parked = true;
	thing->row = (struct store_parked){ .kind = kind,
		.since_ms = w->now_ms,
		.due_ms = w->now_ms + PARK_MS,
		.change = thing->newest.change,
		.attempts = attempts };
}

/* What was there before the receiver was entitled is parked for it, as expand.c does. */
static void
look_at_rights(struct world *w)
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

	tell(w, owed->whole ? "taken-whole" : "taken", thing->id, object->change, thing->held);
	if (object->change < thing->held)
		fail(w, "an older version came after a newer one", object->change);
	if (object->change == thing->held)
		w->duplicated++;
	if (!owed->whole && object->previous != 0 && thing->held != object->previous &&
	        thing->held != object->change)
		fail(w, "a change came on top of what it does not build upon", object->change);
	thing->held = object->change;
}

static enum verdict
meet(struct world *w, struct thing *thing, const struct owed *owed)
{
	const struct store_object *object = owed->object;

	switch (w->mood) {
	case ILL:
		return chance(w, 70) ? FAILED : DELIVERED;
	case SLOW_DOWN:
		return chance(w, 60) ? SLOWER : DELIVERED;
	case SILENT:
		if (chance(w, 50) && (owed->whole || thing->held == object->previous))
			take(w, thing, owed); /* and the answer is lost */
		return LATE;
	case GONE:
		return UNREACHED;
	default:
		if (chance(w, 2))
			return REFUSED;
		return chance(w, 3) ? OURS : DELIVERED;
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
			fail(w, "two versions of one object are in the air", owed->object->change);
	if (!w->entitled)
		fail(w, "it is sent what it may not get", owed->object->change);
	w->sent++;
	*flying = (struct flying){ .owed = owed,
		.thing = thing,
		.change = owed->object->change,
		.started_us = w->now_ms * 1000,
		.due_ms = w->now_ms + (int64_t)draw(w, 300),
		.verdict = meet(w, thing, owed) };
	if (flying->verdict == DELIVERED)
		take(w, thing, owed);
	if (flying->verdict == DELIVERED && chance(w, 3) && !owed->whole)
		flying->verdict = TRY_WHOLE;
}

static void
drop(struct world *w, struct owed *owed)
{
	if (receiver_answered(owed, DROPPED, 0, w->now_ms))
		fail(w, "what is dropped is to be parked", 0);
}

static void
send_what_may_go(struct world *w)
{
	while (is_open(w) && w->count < MOST_AIR) {
		struct owed *owed;

		w->receiver.jitter = (unsigned)draw(w, 41);
		owed = receiver_next(&w->receiver, w->now_ms);
		if (owed == NULL)
			return;
		if (!w->entitled) { /* as deliver.c looks once more */
			drop(w, owed);
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
static void
note(struct world *w, enum live_event event, int64_t started_us)
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
			fail(w, "OFFLINE without a cause", w->lost_in_a_row);
		receiver_forget(&w->receiver, w->receiver.read_at);
	}
}

static void
answer(struct world *w, size_t i)
{
	struct flying flying = w->air[i];
	int64_t retry_after_ms = flying.verdict == SLOWER ? (int64_t)draw(w, 3000) : 0;

	w->air[i] = w->air[--w->count];
	tell(w, "answered", flying.thing->id, flying.change, (int64_t)flying.verdict);
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
		bool written = chance(w, 90);
		int attempts = (int)flying.owed->attempts;

		if (written)
			park(w, flying.thing, PARKED_FAILED, attempts);
		receiver_parked(flying.owed, written, w->now_ms);
	}
	note(w, event_of(flying.verdict), flying.started_us);
}

static void
answers(struct world *w, bool all)
{
	for (size_t i = w->count; i-- > 0;)
		if (i < w->count && (all || w->air[i].due_ms <= w->now_ms))
			answer(w, i);
}

/* ---- presence ---- */

static void
probe(struct world *w)
{
	bool reached = w->mood != GONE && w->mood != SILENT;

	if (w->facts.state == STATE_CONNECTED && !w->facts.probe_due)
		return;
	w->facts.probe_due = false;
	note(w, reached ? LIVE_HEARD : LIVE_MISSED, w->now_ms * 1000);
}

static void
announce(struct world *w)
{
	int64_t held_ms = w->now_ms - w->presence.announced_ms, hold_ms = w->presence.hold_ms;
	int before = w->presence.announced;

	if (!presence_announce_now(&w->presence, (int)w->facts.state, w->now_ms))
		return;
	if (w->presence.announced == before)
		fail(w, "the same status is announced twice", before);
	if (held_ms < hold_ms)
		fail(w, "a status is announced before the last one was held", held_ms);
}

/* ---- what is stored, and crashes ---- */

static void
save(struct world *w)
{
	struct arena *arena = arena_new(4096);
	int64_t floor = receiver_floor(&w->receiver, w->receiver.read_at);

	if (skips)
		floor = w->receiver.read_at;
	ahead_passed(&w->receiver.ahead, floor);
	w->floor = floor;
	(void)snprintf(
	        w->ahead, sizeof w->ahead, "%.*s", STR_ARG(ahead_text(&w->receiver.ahead, arena)));
	arena_free(arena);
}

static void
leave_receiver(struct world *w)
{
	while (w->count > 0)
		drop(w, w->air[--w->count].owed);
	receiver_free(&w->receiver);
	batch_release(w->batch);
	if (w->held != 0)
		fail(w, "bytes of batches are not given back", (int64_t)w->held);
}

static void
enter_receiver(struct world *w)
{
	w->batch = batch_new(&w->held, 4096);
	receiver_init(&w->receiver, w->floor);
	ahead_read(&w->receiver.ahead, str_of(w->ahead));
}

static void
crash(struct world *w)
{
	w->crashes++;
	tell(w, "crash", w->ahead, w->floor, 0);
	leave_receiver(w);
	enter_receiver(w);
	w->facts = (struct live_facts){ .state = w->facts.state,
		.probe_due = w->facts.state == STATE_OFFLINE };
	w->lost_in_a_row = w->missed_in_a_row = 0;
}

/* ---- a run ---- */

static void
check_bounds(struct world *w)
{
	if (w->receiver.count > RECEIVER_ROOM + OBJECTS)
		fail(w, "more is owed than there is room for", (int64_t)w->receiver.count);
	if (w->receiver.in_air > RECEIVER_WINDOW_MOST)
		fail(w, "more is in the air than may be", (int64_t)w->receiver.in_air);
	if (w->receiver.ahead.count > AHEAD_MOST)
		fail(w, "more is kept ahead than may be", (int64_t)w->receiver.ahead.count);
}

static void
turn_agreement(struct world *w)
{
	w->agreement.from_ms = chance(w, 30) ? w->now_ms + 5000 : 0;
	w->agreement.until_ms = chance(w, 30) ? w->now_ms + 5000 : 0;
}

static void
suspend_or_resume(struct world *w)
{
	w->suspended = !w->suspended;
	if (w->suspended)
		receiver_forget(&w->receiver, w->receiver.read_at);
}

static void
something_happens(struct world *w)
{
	switch (draw(w, 16)) {
	case 0:
		w->mood = (enum mood)draw(w, MOODS);
		break;
	case 1:
		suspend_or_resume(w);
		break;
	case 2:
		turn_agreement(w);
		break;
	case 3:
		if (chance(w, 30))
			crash(w);
		break;
	case 4:
		receiver_hurry(&w->receiver);
		break;
	case 5:
	case 6:
		save(w);
		break;
	default:
		write_object(w);
	}
}

static void
go_on(struct world *w, int64_t ms)
{
	w->now_ms += ms;
	look_at_rights(w);
	answers(w, false);
	probe(w);
	announce(w);
	read_feed(w);
	read_rows(w);
	send_what_may_go(w);
	check_bounds(w);
}

static bool
at_rest(const struct world *w)
{
	bool rows = false;

	for (size_t i = 0; i < OBJECTS; i++)
		rows |= w->things[i].parked;
	return !rows && w->receiver.count == 0 && w->receiver.read_at >= w->change && w->count == 0;
}

static void
come_to_rest(struct world *w)
{
	w->mood = WELL;
	w->suspended = false;
	w->agreement.from_ms = w->agreement.until_ms = 0;
	go_on(w, 1);
	for (int i = 0; i < STEPS_TO_REST && !at_rest(w) && w->why[0] == '\0'; i++)
		go_on(w, 1 + (int64_t)draw(w, 2000));
	if (!at_rest(w))
		fail(w, "it does not come to rest, objects owed", (int64_t)w->receiver.count);
	for (size_t i = 0; i < OBJECTS; i++)
		if (w->things[i].held != w->things[i].newest.change &&
		        w->things[i].refused != w->things[i].newest.change)
			fail(w, "the newest version never arrived", w->things[i].newest.change);
}

static void
begin(struct world *w, uint64_t seed)
{
	*w = (struct world){ .seed = seed,
		.state = seed * 0x9e3779b97f4a7c15u + 1,
		.now_ms = 1000000,
		.entitled = true,
		.facts = { .state = STATE_CONNECTED },
		.presence = { .announced = STATE_CONNECTED },
		.agreement = { .cpo_country = "DE",
		        .cpo_party = "CPO",
		        .emsp_country = "NL",
		        .emsp_party = "MSP" } };
	for (size_t i = 0; i < OBJECTS; i++) {
		struct thing *thing = &w->things[i];

		(void)snprintf(thing->id, sizeof thing->id, "L%zu", i);
		thing->newest.key = (struct store_key){ STR("*"), STR("locations"), STR("DE*CPO"),
			str_of(thing->id), STR("") };
		thing->newest.body = STR("{}");
	}
	enter_receiver(w);
}

static void
run(struct world *w, uint64_t seed)
{
	begin(w, seed);
	for (int i = 0; i < STEPS && w->why[0] == '\0'; i++) {
		something_happens(w);
		go_on(w, (int64_t)draw(w, 400));
	}
	if (w->why[0] == '\0')
		come_to_rest(w);
	if (w->why[0] == '\0')
		save(w);
	leave_receiver(w);
}

int
main(int argc, char **argv)
{
	bool prove = argc > 1 && strcmp(argv[1], "--prove") == 0;
	uint64_t first = argc > 1 && !prove ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : prove ? 50 : 1, failed = 0;
	uint64_t sent = 0, duplicated = 0, crashes = 0, offline = 0;
	static struct world w;

	told = argc == 2 && !prove;
	skips = prove;
	for (uint64_t seed = first; seed < first + count; seed++) {
		run(&w, seed);
		sent += w.sent, duplicated += w.duplicated, crashes += w.crashes;
		offline += w.offline;
		if (w.why[0] == '\0')
			continue;
		printf("failed: sim %llu: %s\n", (unsigned long long)seed, w.why);
		failed++;
	}
	printf("seeds %llu failed %llu sent %llu duplicated %llu crashes %llu offline %llu\n",
	        (unsigned long long)count, (unsigned long long)failed, (unsigned long long)sent,
	        (unsigned long long)duplicated, (unsigned long long)crashes,
	        (unsigned long long)offline);
	return failed > 0;
}
