/* story: plays the steps one after the other. A step that waits lets the loop turn, in which the
 * platforms serve, call back and hand-shake; there is one thread and no step runs inside another.
 */
#include "story.h"

#include "handshake.h"
#include "narrator.h"
#include "stay.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EXIT_HELD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, SLEEP_MS = 1000, AGAIN_MS = 50 };

/** Is the step in hand inside a `try` that still has time? */
static bool
may_fail(const struct story *story)
{
	for (size_t i = 0; i < story->repeat_count; i++)
		if (story->repeats[i].until_ms > rh_mono_ms())
			return true;
	return false;
}

static void
note_failure(struct story *story, struct str why)
{
	story->failed++;
	json_array_append_new(story->failures, json_stringn(why.p, why.len));
	narrate_failure(story, story->step->line.number, why);
}

void
story_fail(struct story *story, const char *fmt, ...)
{
	char why[2048];
	va_list args;

	if (story->stopped)
		return;
	if (may_fail(story)) {
		story->again = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	note_failure(story, str_of(why));
}

bool
story_pump(struct story *story, bool (*done)(void *ctx), void *ctx, int64_t until_ms)
{
	for (;;) {
		int64_t left = until_ms - rh_mono_ms();

		if (done != NULL && done(ctx))
			return true;
		if (left <= 0 || (story->stopped && until_ms != INT64_MAX))
			return false;
		net_loop_turn(story->sim->loop, (int)(left < SLEEP_MS ? left : SLEEP_MS));
	}
}

void
story_pump_until(struct story *story, int64_t until_ms)
{
	story_pump(story, NULL, NULL, until_ms);
}

/* ---- the outcome of a step that asks ---- */

void
outcome_clear(struct story *story)
{
	struct outcome *outcome = &story->outcome;

	outgoing_free(outcome->out);
	if (outcome->ran)
		json_decref(outcome->json);
	if (outcome->arena != NULL)
		arena_free(outcome->arena);
	*outcome = (struct outcome){ .why = "nothing was asked" };
}

void
outcome_take(struct story *story, struct outgoing *out)
{
	struct outcome *outcome = &story->outcome;

	outcome_clear(story);
	outcome->out = out;
	outcome->came = out->call.result == NET_DONE;
	outcome->http = out->call.status;
	outcome->ocpi = out->ocpi;
	outcome->body = out->call.answer;
	outcome->json = out->json;
	outcome->us = out->call.done_us - out->call.start_us;
	outcome->why = out->call.why;
}

struct waiting {
	struct outgoing *out;
	bool done;
};

static void
call_ended(struct outgoing *out)
{
	struct waiting *waiting = out->ctx;

	waiting->done = true;
}

static bool
is_done(void *ctx)
{
	const struct waiting *waiting = ctx;

	return waiting->done;
}

void
story_call(struct story *story, struct outgoing *out)
{
	struct waiting waiting = { out, false };
	struct fault fault = { 0 };

	out->ctx = &waiting;
	out->done = call_ended;
	if (outgoing_start(out, &fault) == RH_OK) {
		story_pump(story, is_done, &waiting, INT64_MAX);
	} else {
		snprintf(out->call.why, sizeof(out->call.why), "%.127s", fault.why);
		out->call.result = NET_NO_CONNECTION;
	}
	outcome_take(story, out);
}

/* ---- platforms of the story ---- */

static bool
start_actors(struct story *story)
{
	struct fault fault = { 0 };

	list_each (node, &story->sim->actors) {
		struct actor *actor = container_of(node, struct actor, node);

		if (!actor->started && actor_up(actor, &fault) != RH_OK) {
			story_fail(story, "expected platform %s to listen on %s, got: %s",
			        actor->name, actor->listen, fault.why);
			return false;
		}
	}
	return true;
}

static void
report_complaints(struct story *story)
{
	list_each (node, &story->sim->actors) {
		struct actor *actor = container_of(node, struct actor, node);

		list_each (received, &actor->received) {
			struct exchange *exchange = container_of(received, struct exchange, node);

			if (exchange->complaint == NULL || exchange->complained)
				continue;
			exchange->complained = true;
			note_failure(
			        story, arena_printf(story->arena, "%s received %.*s %s %.*s: %s",
			                       actor->name, STR_ARG(exchange->request->method),
			                       exchange->module, STR_ARG(exchange->rest),
			                       exchange->complaint));
		}
	}
}

/* ---- steps ---- */

static void
judge(struct story *story)
{
	const struct outcome *outcome = &story->outcome;

	if (!(story->step->verb->flags & VERB_ANSWERS) || story->step->judged || story->again ||
	        story->staying || story->failed > story->failed_before)
		return;
	if (outcome->ran && outcome->exit_status != 0)
		story_fail(story, "expected exit 0, got %d", outcome->exit_status);
	else if (outcome->ran)
		return;
	else if (!outcome->came)
		story_fail(story, "expected an answer, got: %s", outcome->why);
	else if (outcome->http / 100 != 2 || outcome->ocpi / 1000 != 1)
		story_fail(story, "expected success, got %d %d %.*s", outcome->http, outcome->ocpi,
		        (int)(outcome->body.len < 400 ? outcome->body.len : 400), outcome->body.p);
}

/** What came in before this step is no consequence of it: once a line about a platform has held,
 * the next one looks at what comes from here on. */
static void
leave_behind(struct story *story)
{
	list_each (node, &story->sim->actors) {
		struct actor *actor = container_of(node, struct actor, node);

		if (actor->met)
			actor->past = story->sim->arrivals;
		actor->met = false;
	}
}

static void
run_step(struct story *story)
{
	story->arena = arena_new(4096);
	story->said = (struct str){ 0 };
	story->failed_before = story->failed;
	if (story->step->verb->flags & VERB_ACTS)
		leave_behind(story);
	if ((story->step->verb->flags & VERB_DECLARES) || start_actors(story))
		story->step->verb->run(story);
	else
		story->abort = true;
	judge(story);
	if (story->abort && story->again)
		note_failure(story, STR("expected this step to hold at once"));
	report_complaints(story);
	if (story->step->verb->flags & VERB_EXPECTS && story->failed == story->failed_before &&
	        !story->again)
		story->held++;
	if (!(story->step->verb->flags & (VERB_DECLARES | VERB_EXPECTS)))
		story->steps++;
	narrate_step(story);
	arena_free(story->arena);
	story->arena = NULL;
}

/** A step of a `try` failed: the platforms go on for a moment, then the block begins again. A try
 * without time left fails where it stands. */
static void
play_again(struct story *story)
{
	story->again = false;
	while (story->repeats[story->repeat_count - 1].until_ms == 0)
		story->repeat_count--;
	story->next = story->repeats[story->repeat_count - 1].at + 1;
	story_pump_until(story, rh_mono_ms() + AGAIN_MS);
}

static void
run_steps(struct story *story)
{
	while (story->next < story->script.count && !story->abort && !story->stopped) {
		story->step = &story->script.steps[story->next++];
		run_step(story);
		if (story->again)
			play_again(story);
	}
}

/* ---- the whole ---- */

void
story_set(struct story *story, struct str name, struct str value)
{
	json_t *text = json_stringn_nocheck(value.p == NULL ? "" : value.p, value.len);

	json_object_setn_new_nocheck(story->variables, name.p, name.len, text);
}

static void
set_given(struct story *story)
{
	for (const char *const *set = story->options.sets; set != NULL && *set != NULL; set++) {
		struct str value = str_of(*set), name = str_cut(&value, '=');

		story_set(story, name, value);
	}
}

static int
usage(const char *name, const struct fault *fault)
{
	fprintf(stderr, "%s:%s\n", name, fault->why);
	return EXIT_USAGE;
}

static bool
is_stopped(void *ctx)
{
	return ((struct story *)ctx)->stopped;
}

/* Whoever started this process holds the other end, and writes nothing: it ends when that one does,
 * however that comes. */
static void
lifeline_ready(struct net_watch *watch, uint32_t events)
{
	char byte;

	(void)events;
	if (read(watch->fd, &byte, 1) == 0)
		_exit(EXIT_HELD);
}

static void
hold_on(struct story *story)
{
	story->lifeline = (struct net_watch){ STDIN_FILENO, lifeline_ready };
	net_watch_add(story->sim->loop, &story->lifeline, EPOLLIN);
}

static int
play(struct story *story)
{
	run_steps(story);
	if (story->syntax_failed)
		return EXIT_USAGE;
	if (!story->staying)
		narrate_end(story);
	if (story->options.keep && !story->abort) {
		stay_begin(story, false);
		story_pump(story, is_stopped, story, INT64_MAX);
	}
	return story->failed == 0 ? EXIT_HELD : EXIT_FAILED;
}

int
story_play(struct str text, const char *name, const struct verb *language,
        const struct story_options *options)
{
	struct story story = { .options = *options, .out = stdout, .began_ms = rh_mono_ms() };
	struct fault fault = { 0 };
	int status;

	if (script_read(text, name, language, &story.script, &fault) != RH_OK) {
		script_free(&story.script);
		return usage(name, &fault);
	}
	story.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	story.sim = sim_new(take_request, &fault);
	if (story.sim == NULL) {
		script_free(&story.script);
		fprintf(stderr, "roamhub-sim: %s\n", fault.why);
		return EXIT_FAILED;
	}
	story.sim->only = options->only;
	story.sim->only_at = options->only_at;
	if (options->lifeline)
		hold_on(&story);
	story.variables = json_object();
	story.failures = json_array();
	outcome_clear(&story);
	set_given(&story);
	if (options->keep)
		stay_heed_signals(&story);
	status = play(&story);
	stay_end(&story);
	outcome_clear(&story);
	if (story.sent_arena != NULL)
		arena_free(story.sent_arena);
	sim_free(story.sim);
	json_decref(story.variables);
	json_decref(story.failures);
	script_free(&story.script);
	return status;
}
