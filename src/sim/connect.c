/* connect: steps that connect a platform, change its tokens and part it again. */
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
	struct platform *platform = story_platform(story);
	struct shaking shaking = { .story = story };

	outcome_clear(story);
	handshake_register(platform, url, token, shake_ended, &shaking);
	finish(story, &shaking, str_of(platform->name),
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
	struct platform *other = platform_find(story->sim, story_arg(story, "OTHER"));

	if (other == NULL || other->token_a == NULL) {
		story_fail(story, "expected an exposed platform, got '%.*s'",
		        STR_ARG(story_arg(story, "OTHER")));
		story->abort = true;
		return;
	}
	register_at(
	        story, platform_url(other, story->arena, "/ocpi/versions"), str_of(other->token_a));
}

static bool
is_registered(struct story *story, const struct platform *platform)
{
	if (platform->token_out != NULL)
		return true;
	story_fail(story, "expected %s to be registered, it is not", platform->name);
	outcome_clear(story);
	return false;
}

void
step_rotate(struct story *story)
{
	struct platform *platform = story_platform(story);
	struct shaking shaking = { .story = story };

	if (!is_registered(story, platform))
		return;
	outcome_clear(story);
	handshake_rotate(platform, story_option(story, "lost"), shake_ended, &shaking);
	finish(story, &shaking, str_of(platform->name),
	        story_option(story, "lost") ? STR("changes the tokens and loses the answer")
	                                    : STR("changes the tokens"));
}

void
step_unregister(struct story *story)
{
	struct platform *platform = story_platform(story);
	const char *url = platform_peer_endpoint(platform, "credentials", "SENDER");
	struct outgoing *out;

	if (!is_registered(story, platform))
		return;
	out = call_new(platform, STR("DELETE"), str_of(url), platform->token_out);
	story_call(story, out);
	narrate(story, str_of(platform->name), STR("leaves: DELETE credentials"),
	        arena_printf(story->arena, "%d %d", story->outcome.http, story->outcome.ocpi),
	        call_good(out), story->outcome.us);
	if (call_good(out))
		platform_forget(platform);
}
