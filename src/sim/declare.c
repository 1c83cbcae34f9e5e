/* declare: what a scenario says before it begins: its variables and its platforms. */
#include "steps.h"

#include <stdlib.h>
#include <string.h>

static bool
is_set(struct story *story, struct str name)
{
	return json_object_getn(story->variables, name.p, name.len) != NULL ||
	       getenv(arena_cstr(story->arena, name)) != NULL;
}

/** A line that is wrong although its form is right: the scenario must be changed, so this is no
 * failed expectation. */
static void
declare_wrong(struct story *story, const char *what, struct str got)
{
	fprintf(stderr, "%s:%d: %s, got '%.*s'\n", story->script.name, story->step->line.number,
	        what, STR_ARG(got));
	story->syntax_failed = story->abort = true;
}

void
step_need(struct story *story)
{
	struct str name = story_arg(story, "NAME"), help = story_arg(story, "HELP");

	if (is_set(story, name))
		return;
	fprintf(stderr, "%s:%d: --set %.*s=... is needed: %.*s\n", story->script.name,
	        story->step->line.number, STR_ARG(name), STR_ARG(help));
	story->syntax_failed = story->abort = true;
}

void
step_default(struct story *story)
{
	struct str name = story_arg(story, "NAME");

	if (!is_set(story, name))
		story_set(story, name, story_arg(story, "VALUE"));
}

void
step_set(struct story *story)
{
	bool body = story->step->line.has_body;

	story_set(story, story_arg(story, "NAME"),
	        body ? story_body(story) : story_arg(story, "VALUE"));
}

void
step_platform(struct story *story)
{
	struct str name = story_arg(story, "P");

	if (actor_find(story->sim, name) != NULL) {
		declare_wrong(story, "expected a name that no platform has", name);
		return;
	}
	story->actor = actor_new(story->sim, arena_cstr(story->arena, name));
}

/** The platform that the line belongs to. */
static struct actor *
declared(struct story *story)
{
	if (story->actor == NULL)
		declare_wrong(story, "expected a platform before this line", STR("none"));
	return story->actor;
}

static void
set_text(struct story *story, char **text, struct str value)
{
	free(*text);
	*text = rh_strdup(arena_cstr(story->arena, value));
}

void
step_party(struct story *story)
{
	struct actor *actor = declared(story);
	struct party party = { 0 };
	struct str id = story_arg(story, "ID"), role = story_arg(story, "ROLE"),
	           name = story_arg(story, "NAME");

	if (actor == NULL)
		return;
	if (!ocpi_id_parse(id, &party.id)) {
		declare_wrong(story, "expected a party as CC*PID", id);
	} else if (!ocpi_role_parse(role, &party.role)) {
		declare_wrong(story, "expected a role like CPO or EMSP", role);
	} else if (actor->party_count == MOST_PARTIES) {
		declare_wrong(story, "expected 16 parties at most", id);
	} else {
		party.name = rh_strdup(arena_cstr(story->arena, name.p == NULL ? id : name));
		actor->parties[actor->party_count++] = party;
	}
}

void
step_listen(struct story *story)
{
	struct actor *actor = declared(story);

	if (actor != NULL)
		set_text(story, &actor->listen, story_arg(story, "ADDRESS"));
}

void
step_public_url(struct story *story)
{
	struct actor *actor = declared(story);
	struct str url = story_arg(story, "URL");
	struct net_url parts;
	struct fault fault = { 0 };

	if (actor == NULL)
		return;
	if (net_url_parse(url, story->arena, &parts, &fault) != RH_OK) {
		declare_wrong(story, "expected an http or https URL", url);
		return;
	}
	while (url.len > 0 && url.p[url.len - 1] == '/')
		url.len--;
	set_text(story, &actor->base, url);
}

void
step_page_size(struct story *story)
{
	struct actor *actor = declared(story);
	struct str text = story_arg(story, "N");
	uint64_t size;

	if (actor == NULL)
		return;
	if (!str_to_u64(text, 100000, &size) || size == 0)
		declare_wrong(story, "expected a page size of at least 1", text);
	else
		actor->page_size = size;
}

void
step_patience(struct story *story)
{
	struct actor *actor = declared(story);

	if (actor != NULL)
		actor->patience_ms = story_time_ms(story, story_arg(story, "TIME"));
}

static struct str
words_joined(struct story *story, const char *name)
{
	struct buf words = { .arena = story->arena };
	struct str word;

	for (size_t i = 0; (word = story_arg_at(story, name, i)).p != NULL; i++) {
		if (i > 0)
			buf_addc(&words, ' ');
		buf_add(&words, word);
	}
	return buf_str(&words);
}

void
step_versions(struct story *story)
{
	struct actor *actor = declared(story);

	if (actor != NULL)
		set_text(story, &actor->versions, words_joined(story, "VERSION"));
}

void
step_modules(struct story *story)
{
	struct actor *actor = declared(story);

	if (actor != NULL)
		set_text(story, &actor->modules, words_joined(story, "MODULE"));
}

void
step_lenient(struct story *story)
{
	struct actor *actor = declared(story);

	if (actor != NULL)
		actor->lenient = true;
}

void
step_seed(struct story *story)
{
	uint64_t seed = story_number(story, story_arg(story, "N"), UINT64_MAX - 1);

	story->sim->chance = seed + 1; /* the generator must not start at 0 */
}
