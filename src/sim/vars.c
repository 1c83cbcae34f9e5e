/* vars: ${NAME} in words and bodies.
 *
 * Set by --set, `set`, `capture`; else taken from the environment. NOW and UUID are fresh each
 * time, P.thing tells of platform P: versions, base, callback, token-a, token-in, token-out, and
 * sender.MODULE and receiver.MODULE, the endpoints of its other side. */
#include "story.h"

#include <stdlib.h>
#include <string.h>

static struct str
endpoint(const struct actor *actor, struct str module, const char *interface, struct arena *arena)
{
	return str_of(actor_peer_endpoint(actor, arena_cstr(arena, module), interface));
}

static struct str
actor_value(const struct actor *actor, struct str what, struct arena *arena)
{
	struct str interface = str_cut(&what, '.');

	if (actor->base == NULL)
		return (struct str){ 0 };
	if (str_is(interface, "base"))
		return str_of(actor->base);
	if (str_is(interface, "versions"))
		return actor_url(actor, arena, "/ocpi/versions");
	if (str_is(interface, "callback"))
		return actor_url(actor, arena, "/callback");
	if (str_is(interface, "token-a"))
		return str_of(actor->token_a);
	if (str_is(interface, "token-in"))
		return str_of(actor->token_in);
	if (str_is(interface, "token-out"))
		return str_of(actor->token_out);
	if (str_is(interface, "sender"))
		return endpoint(actor, what, "SENDER", arena);
	if (str_is(interface, "receiver"))
		return endpoint(actor, what, "RECEIVER", arena);
	if (str_is(interface, "credentials"))
		return endpoint(actor, interface, "SENDER", arena);
	return (struct str){ 0 };
}

static struct str
made_value(struct str name, struct arena *arena)
{
	char now[OCPI_DATETIME_LEN + 1], uuid[RH_UUID_LEN + 1];

	if (str_is(name, "NOW")) {
		ocpi_datetime_print(rh_wall_ms(), now);
		return arena_str(arena, str_of(now));
	}
	if (str_is(name, "UUID")) {
		rh_uuid(uuid);
		return arena_str(arena, str_of(uuid));
	}
	return str_of(getenv(arena_cstr(arena, name)));
}

static struct str
value_of(struct story *story, struct str name)
{
	const json_t *value = json_object_getn(story->variables, name.p, name.len);
	struct str rest = name, first = str_cut(&rest, '.');
	const struct actor *actor = rest.p == NULL ? NULL : actor_find(story->sim, first);

	if (value != NULL)
		return (struct str){ json_string_value(value), json_string_length(value) };
	if (actor != NULL)
		return actor_value(actor, rest, story->arena);
	return made_value(name, story->arena);
}

struct str
story_fill(struct story *story, struct str text)
{
	struct buf out = { .arena = story->arena };

	while (text.len > 0) {
		const char *at = memmem(text.p, text.len, "${", 2);
		const char *end =
		        at == NULL ? NULL : memchr(at, '}', text.len - (size_t)(at - text.p));
		struct str name, value;

		if (end == NULL)
			break;
		name = (struct str){ at + 2, (size_t)(end - at) - 2 };
		value = value_of(story, name);
		if (value.p == NULL)
			story_fail(story, "expected a value of ${%.*s}, got none", STR_ARG(name));
		buf_add(&out, (struct str){ text.p, (size_t)(at - text.p) });
		buf_add(&out, value);
		text = str_from(text, (size_t)(end - text.p) + 1);
	}
	buf_add(&out, text);
	return arena_str(story->arena, buf_str(&out));
}

const struct word *
story_word(const struct story *story, const char *name)
{
	for (size_t i = 0; i < story->step->arg_count; i++)
		if (str_is(story->step->args[i].name, name))
			return &story->step->args[i].word;
	return NULL;
}

bool
story_option(const struct story *story, const char *name)
{
	return story_word(story, name) != NULL;
}

struct str
story_arg_at(struct story *story, const char *name, size_t n)
{
	for (size_t i = 0; i < story->step->arg_count; i++) {
		const struct arg *arg = &story->step->args[i];

		if (!str_is(arg->name, name) || n-- > 0)
			continue;
		return arg->word.quote == '\'' ? arg->word.text : story_fill(story, arg->word.text);
	}
	return (struct str){ 0 };
}

struct str
story_arg(struct story *story, const char *name)
{
	return story_arg_at(story, name, 0);
}

struct str
story_body(struct story *story)
{
	const struct line *line = &story->step->line;

	if (!line->has_body)
		return (struct str){ 0 };
	return line->body_literal ? line->body : story_fill(story, line->body);
}

struct actor *
story_actor(struct story *story)
{
	return actor_find(story->sim, story_arg(story, "P"));
}

bool
story_party(struct story *story, const char *name, struct ocpi_id *id)
{
	struct str text = story_arg(story, name);

	if (text.p == NULL || str_is(text, "nobody"))
		return false;
	if (ocpi_id_parse(text, id))
		return true;
	story_fail(story, "expected a party as CC*PID or 'nobody', got '%.*s'", STR_ARG(text));
	return false;
}

uint64_t
story_number(struct story *story, struct str text, uint64_t most)
{
	uint64_t number = 0;

	if (!str_to_u64(text, most, &number))
		story_fail(story, "expected a number up to %llu, got '%.*s'",
		        (unsigned long long)most, STR_ARG(text));
	return number;
}

int64_t
story_wait_ms(const struct story *story)
{
	return story->options.wait_ms > 0 ? story->options.wait_ms : STORY_WAIT_MS;
}

int64_t
story_time_ms(struct story *story, struct str text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 } };
	size_t digits = 0;
	uint64_t number;

	while (digits < text.len && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	for (size_t i = 0; i < COUNT(units); i++)
		if (str_is(str_from(text, digits), units[i].unit) &&
		        str_to_u64((struct str){ text.p, digits }, 1000000, &number))
			return (int64_t)number * units[i].ms;
	story_fail(story, "expected a time like 200ms or 5s, got '%.*s'", STR_ARG(text));
	return 0;
}
