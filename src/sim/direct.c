/* direct: steps that set the stage: what platforms keep, how they behave, when they are there. */
#include "steps.h"

#include "counterpart.h"
#include "faults.h"
#include "keys.h"
#include "narrator.h"
#include "stay.h"

#include <stdlib.h>
#include <string.h>

enum { CHARGE_MS = 60000 };

void
step_say(struct story *story)
{
	narrate_heading(story, story_arg(story, "TEXT"));
}

void
step_wait(struct story *story)
{
	story_pump_until(story, rh_mono_ms() + story_time_ms(story, story_arg(story, "TIME")));
}

/* ---- repeat ---- */

static void
set_turn(struct story *story, const struct repeat *repeat)
{
	const struct step *step = &story->script.steps[repeat->at];

	for (size_t i = 0; i < step->arg_count; i++)
		if (str_is(step->args[i].name, "NAME"))
			story_set(story, step->args[i].word.text,
			        arena_printf(
			                story->arena, "%llu", (unsigned long long)repeat->turn));
}

/** Go behind the `end` that belongs to the repeat in hand. */
static void
skip_block(struct story *story)
{
	int depth = 1;

	for (; story->next < story->script.count && depth > 0; story->next++) {
		struct str word = story->script.steps[story->next].line.words[0].text;

		depth += str_is(word, "repeat") + str_is(word, "try") + str_is(word, "stay") -
		         str_is(word, "end");
	}
}

static bool
open_block(struct story *story, const struct repeat *block)
{
	if (story->repeat_count == MOST_REPEATS) {
		story_fail(story, "expected 8 nested blocks at most, got more");
		story->abort = true;
		return false;
	}
	story->repeats[story->repeat_count++] = *block;
	return true;
}

void
step_repeat(struct story *story)
{
	struct repeat repeat = { story->next - 1, 1,
		story_number(story, story_arg(story, "N"), 1000000), 0 };

	if (repeat.turns == 0) {
		skip_block(story);
		return;
	}
	if (open_block(story, &repeat))
		set_turn(story, &repeat);
}

/* Without --keep nobody stays, and the block is left out. */
void
step_stay(struct story *story)
{
	struct repeat repeat = { story->next - 1, 1, UINT64_MAX, 0 };

	if (!story->options.keep) {
		skip_block(story);
		return;
	}
	if (!open_block(story, &repeat))
		return;
	set_turn(story, &repeat);
	stay_begin(story, true);
}

/* story.c plays the block again while something in it fails. */
void
step_try(struct story *story)
{
	struct str time = story_arg(story, "TIME");
	int64_t most_ms = time.p == NULL ? story_wait_ms(story) : story_time_ms(story, time);
	struct repeat block = { story->next - 1, 1, 1, rh_mono_ms() + most_ms };

	open_block(story, &block);
}

void
step_end(struct story *story)
{
	struct repeat *repeat;

	if (story->repeat_count == 0) {
		story_fail(story, "expected a repeat or try before end, got none");
		return;
	}
	repeat = &story->repeats[story->repeat_count - 1];
	if (++repeat->turn > repeat->turns) {
		story->repeat_count--;
		return;
	}
	set_turn(story, repeat);
	story->next = repeat->at + 1;
}

/* ---- what a platform keeps and how it answers ---- */

void
step_expose(struct story *story)
{
	struct actor *actor = story_actor(story);
	char token[44];

	rh_random_text(token, sizeof(token) - 1);
	free(actor->token_a);
	actor->token_a = rh_strdup(token);
	if (story_option(story, "NAME"))
		story_set(story, story_arg(story, "NAME"), str_of(token));
}

void
step_store(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str body = story_body(story);
	struct shelf_key key;
	struct shelf_place place;
	json_error_t error;
	json_t *object = json_loadb(body.p, body.len, 0, &error);

	if (!json_is_object(object))
		story_fail(story, "expected a JSON object, got: %s", error.text);
	else if (!keys_read(story, &key, &place, object))
		story_fail(story, "expected a path like DE/CPO/ID, got '%.*s'",
		        STR_ARG(story_arg(story, "PATH")));
	else if (shelf_put(actor->shelf, &key, &place, object) == SHELF_NO_PARENT)
		story_fail(story, "expected the location or EVSE around it to be there, it is not");
	json_decref(object);
}

void
step_forget(struct story *story)
{
	struct shelf_key key;
	struct shelf_place place;

	if (!keys_read(story, &key, &place, NULL) || !shelf_remove(story_actor(story)->shelf, &key))
		story_fail(story, "expected %.*s to be there, it is not",
		        STR_ARG(story_arg(story, "PATH")));
}

void
step_answer(struct story *story)
{
	struct str result = story_arg(story, "RESULT"), after = story_arg(story, "TIME");
	struct manner manner = { .after_ms = 100 };

	manner.what = arena_cstr(story->arena, story_arg(story, "WHAT"));
	manner.answer = arena_cstr(story->arena, story_arg(story, "RESPONSE"));
	if (strcmp(manner.answer, "usual") == 0)
		manner.answer = NULL;
	if (result.p == NULL)
		manner.result = "ACCEPTED";
	else if (!str_is(result, "nothing"))
		manner.result = arena_cstr(story->arena, result);
	if (after.p != NULL)
		manner.after_ms = story_time_ms(story, after);
	manner_set(story_actor(story), &manner);
}

/* ---- faults ---- */

static char *
option_text(struct story *story, const char *name)
{
	struct str text = story_arg(story, name);

	return text.p == NULL ? NULL : arena_cstr(story->arena, text);
}

static bool
read_argument(struct story *story, const struct fault_kind_info *kind, struct fault_rule *rule)
{
	struct str argument = story_arg(story, "ARGUMENT");

	if ((kind->argument != NULL) != (argument.p != NULL)) {
		story_fail(story, "expected %s behind '%s', got '%.*s'",
		        kind->argument == NULL ? "nothing" : kind->argument, kind->name,
		        STR_ARG(argument));
		return false;
	}
	if (kind->kind == FAULT_DELAY)
		rule->number = story_time_ms(story, argument);
	else if (kind->kind == FAULT_REDIRECT || kind->kind == FAULT_REDIRECT_307)
		rule->url = option_text(story, "ARGUMENT");
	else if (kind->argument != NULL)
		rule->number = (int64_t)story_number(story, argument, 100000);
	return true;
}

void
step_fault(struct story *story)
{
	struct str name = story_arg(story, "KIND"), percent = story_arg(story, "PERCENT");
	const struct fault_kind_info *kind = fault_kind_find(name);
	struct fault_rule rule = { .times = -1, .percent = 100 };

	if (kind == NULL) {
		story_fail(story, "expected a kind of fault, got '%.*s'", STR_ARG(name));
		return;
	}
	rule.kind = kind->kind;
	if (!read_argument(story, kind, &rule))
		return;
	rule.method = option_text(story, "METHOD");
	rule.module = option_text(story, "MODULE");
	if (story_option(story, "N"))
		rule.times = (int64_t)story_number(story, story_arg(story, "N"), 1000000);
	if (percent.len > 0 && percent.p[percent.len - 1] == '%')
		percent.len--;
	if (percent.p != NULL)
		rule.percent = (int64_t)story_number(story, percent, 100);
	fault_add(story_actor(story), &rule);
}

void
step_fault_none(struct story *story)
{
	fault_clear(story_actor(story));
}

void
step_down(struct story *story)
{
	actor_down(story_actor(story));
}

void
step_up(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct fault fault = { 0 };

	if (actor_up(actor, &fault) != RH_OK)
		story_fail(story, "expected %s to listen on %s again, got: %s", actor->name,
		        actor->listen, fault.why);
}

void
step_live(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str time = story_arg(story, "TIME");

	if (actor != NULL)
		counterpart_begin(actor, time.p != NULL ? story_time_ms(story, time) : CHARGE_MS);
}
