/* enrol: steps that connect a platform, change its tokens and part it again. */
#include "steps.h"

#include "handshake.h"
#include "narrator.h"

struct shaking {
	struct story *story;
	bool done, good;
	struct str why;
};

static void
shake_ended(void *ctx, const struct handshake_end *end)
{
	struct shaking *shaking = ctx;

	shaking->done = true;
	shaking->good = end->good;
	outcome_clear(shaking->story);
	if (end->out != NULL)
		outcome_take(shaking->story, end->out);
	if (end->why.p != NULL)
		shaking->why = arena_str(shaking->story->arena, end->why);
}

static bool
shake_done(void *ctx)
{
	return ((struct shaking *)ctx)->done;
}

static void
finish(struct story *story, struct shaking *shaking, struct str who, struct str what)
{
	int64_t began_us = rh_mono_us();
	const struct outcome *outcome = &story->outcome;

	story_pump(story, shake_done, shaking, INT64_MAX);
	story->outcome.us = rh_mono_us() - began_us;
	narrate(story, who, what,
	        outcome->came ? arena_printf(story->arena, "%d %d", outcome->http, outcome->ocpi)
	                      : STR("no answer"),
	        shaking->good, outcome->us);
	if (shaking->good || story->step->judged)
		return;
	/* What follows is about a connection that is not there. */
	story_fail(story, "expected a handshake, got: %.*s", STR_ARG(shaking->why));
	story->abort = true;
}

static void
register_at(struct story *story, struct str url, struct str token)
{
	struct actor *actor = story_actor(story);
	struct shaking shaking = { .story = story };

	outcome_clear(story);
	handshake_register(actor, url, token, shake_ended, &shaking);
	finish(story, &shaking, str_of(actor->name),
	        STR("registers: versions, details, credentials"));
}

void
step_register_with(struct story *story)
{
	register_at(story, story_arg(story, "URL"), story_arg(story, "TOKEN"));
}

/** At another platform of the scenario: without a hub, party to party. */
void
step_register_at(struct story *story)
{
	struct actor *other = actor_find(story->sim, story_arg(story, "OTHER"));

	if (other == NULL || other->token_a == NULL) {
		story_fail(story, "expected an exposed platform, got '%.*s'",
		        STR_ARG(story_arg(story, "OTHER")));
		story->abort = true;
		return;
	}
	register_at(
	        story, actor_url(other, story->arena, "/ocpi/versions"), str_of(other->token_a));
}

static bool
is_registered(struct story *story, const struct actor *actor)
{
	if (actor->token_out != NULL)
		return true;
	story_fail(story, "expected %s to be registered, it is not", actor->name);
	outcome_clear(story);
	return false;
}

void
step_rotate(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct shaking shaking = { .story = story };

	if (!is_registered(story, actor))
		return;
	outcome_clear(story);
	handshake_rotate(actor, story_option(story, "lost"), shake_ended, &shaking);
	finish(story, &shaking, str_of(actor->name),
	        story_option(story, "lost") ? STR("changes the tokens and loses the answer")
	                                    : STR("changes the tokens"));
}

void
step_unregister(struct story *story)
{
	struct actor *actor = story_actor(story);
	const char *url = actor_peer_endpoint(actor, "credentials", "SENDER");
	struct outgoing *out;

	if (!is_registered(story, actor))
		return;
	out = outgoing_new(actor, STR("DELETE"), str_of(url), actor->token_out);
	story_call(story, out);
	narrate(story, str_of(actor->name), STR("leaves: DELETE credentials"),
	        arena_printf(story->arena, "%d %d", story->outcome.http, story->outcome.ocpi),
	        outgoing_good(out), story->outcome.us);
	if (outgoing_good(out))
		actor_forget(actor);
}
