/* sim: the hub's pure parts on a clock of their own: what a receiver is owed, who may get it, who
 * is away, with crashes in between.
 *
 * usage: sim FIRST COUNT | sim SEED | sim --prove
 * The world has a feed of objects (the newest version of each, as the store has it), a partner that
 * takes or refuses what its mood says, and a hub made of receiver, ahead, live, presence and may.
 * Everything is drawn from the seed. At the end the partner is well, everything is sent that still
 * is, and it must hold the newest version of all that it may get and did not refuse. A seed that
 * fails prints "failed: sim SEED: WHY", and `sim SEED` runs it again. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool skips; /* the stored cursor skips what is not delivered, to see it seen */

/* ---- presence ---- */

static void
probe(struct world *w)
{
	bool reached = w->mood != GONE && w->mood != SILENT;

	if (w->facts.state == STATE_CONNECTED && !w->facts.probe_due)
		return;
	w->facts.probe_due = false;
	sim_note(w, reached ? LIVE_HEARD : LIVE_MISSED, w->now_ms * 1000);
}

static void
announce(struct world *w)
{
	int64_t held_ms = w->now_ms - w->presence.announced_ms, hold_ms = w->presence.hold_ms;
	int before = w->presence.announced;

	if (!presence_announce_now(&w->presence, (int)w->facts.state, w->now_ms))
		return;
	if (w->presence.announced == before)
		sim_fail(w, "the same status is announced twice", before);
	if (held_ms < hold_ms)
		sim_fail(w, "a status is announced before the last one was held", held_ms);
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
		sim_drop(w, w->air[--w->count].owed);
	receiver_free(&w->receiver);
	batch_release(w->batch);
	if (w->held != 0)
		sim_fail(w, "bytes of batches are not given back", (int64_t)w->held);
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
	sim_tell(w, "crash", w->ahead, w->floor, 0);
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
		sim_fail(w, "more is owed than there is room for", (int64_t)w->receiver.count);
	if (w->receiver.in_air > RECEIVER_WINDOW_MOST)
		sim_fail(w, "more is in the air than may be", (int64_t)w->receiver.in_air);
	if (w->receiver.ahead.count > AHEAD_MOST)
		sim_fail(w, "more is kept ahead than may be", (int64_t)w->receiver.ahead.count);
}

static void
turn_agreement(struct world *w)
{
	w->agreement.from_ms = sim_chance(w, 30) ? w->now_ms + 5000 : 0;
	w->agreement.until_ms = sim_chance(w, 30) ? w->now_ms + 5000 : 0;
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
	switch (sim_draw(w, 16)) {
	case 0:
		w->mood = (enum mood)sim_draw(w, MOODS);
		break;
	case 1:
		suspend_or_resume(w);
		break;
	case 2:
		turn_agreement(w);
		break;
	case 3:
		if (sim_chance(w, 30))
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
		sim_write_object(w);
	}
}

static void
go_on(struct world *w, int64_t ms)
{
	w->now_ms += ms;
	sim_look_at_rights(w);
	sim_answers(w, false);
	probe(w);
	announce(w);
	sim_read_feed(w);
	sim_read_rows(w);
	sim_send_what_may_go(w);
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
		go_on(w, 1 + (int64_t)sim_draw(w, 2000));
	if (!at_rest(w))
		sim_fail(w, "it does not come to rest, objects owed", (int64_t)w->receiver.count);
	for (size_t i = 0; i < OBJECTS; i++)
		if (w->things[i].held != w->things[i].newest.change &&
		        w->things[i].refused != w->things[i].newest.change)
			sim_fail(w, "the newest version never arrived", w->things[i].newest.change);
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
		go_on(w, (int64_t)sim_draw(w, 400));
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

	sim_told = argc == 2 && !prove;
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
