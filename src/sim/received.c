/* received: expectations about what a platform was sent and what it keeps.
 * A request that was expected once is claimed: the next line like it needs another one. Lines look
 * forward: a request is too early when it came before the first step that acts behind the last line
 * about the platform that held (story.c), or before a change of the same object that was claimed.
 * In between any order is right: a hub may have several requests to one platform in the air. */
#include "steps.h"

#include "keys.h"
#include "narrator.h"

#include <string.h>

enum { SHOWN = 300 };

static struct str
target_seen(struct story *story, const struct exchange *exchange, bool with_query)
{
	if (!with_query || exchange->path.query.p == NULL)
		return exchange->rest.p == NULL ? STR("") : exchange->rest;
	return arena_printf(
	        story->arena, "%.*s?%.*s", STR_ARG(exchange->rest), STR_ARG(exchange->path.query));
}

static bool
is_of_kind(struct story *story, const struct exchange *exchange)
{
	struct str method = story_arg(story, "METHOD"), module = story_arg(story, "MODULE");

	return (str_is(method, "*") || str_eq(exchange->request->method, method)) &&
	       (str_is(module, "*") || str_is(module, exchange->module));
}

static bool
party_meets(struct story *story, const char *arg, bool there, const struct ocpi_id *id)
{
	struct str wanted = story_arg(story, arg);
	char text[OCPI_ID_TEXT];

	if (wanted.p == NULL)
		return true;
	if (str_is(wanted, "nobody") || !there)
		return str_is(wanted, "nobody") && !there;
	return str_eq(str_of(ocpi_id_text(id, text)), wanted);
}

static bool
body_meets(struct story *story, const struct exchange *exchange)
{
	const struct word *word = story_word(story, "WHAT");
	struct str wanted = story_arg(story, "WHAT"), body = exchange->request->body;

	if (story->step->line.has_body)
		return str_eq(body, story_body(story));
	if (word == NULL)
		return true;
	if (word->quote == 0 && str_is(wanted, "same"))
		return str_eq(body, story->sent);
	return text_meets(story, body, word, wanted);
}

/** n-th word called @name, with its quotes. */
static const struct word *
word_at(const struct story *story, const char *name, size_t n)
{
	for (size_t i = 0; i < story->step->arg_count; i++)
		if (str_is(story->step->args[i].name, name) && n-- == 0)
			return &story->step->args[i].word;
	return NULL;
}

static bool
fields_meet(struct story *story, const struct exchange *exchange, const char **why)
{
	struct str pointer, header;

	for (size_t i = 0; (pointer = story_arg_at(story, "POINTER", i)).p != NULL; i++) {
		if (value_meets(story, json_at(exchange->body, pointer), word_at(story, "VALUE", i),
		            story_arg_at(story, "VALUE", i)))
			continue;
		*why = arena_printf(story->arena, "%.*s differs", STR_ARG(pointer)).p;
		return false;
	}
	for (size_t i = 0; (header = story_arg_at(story, "HEADER", i)).p != NULL; i++) {
		const char *name = arena_cstr(story->arena, header);

		if (text_meets(story, inlet_header(exchange->request, name),
		            word_at(story, "HEADER_VALUE", i),
		            story_arg_at(story, "HEADER_VALUE", i)))
			continue;
		*why = arena_printf(story->arena, "header %s differs", name).p;
		return false;
	}
	return true;
}

/** Is @exchange what the line speaks of? If not, *@why says what differs. */
static bool
is_expected(struct story *story, const struct exchange *exchange, const char **why)
{
	const struct word *path = story_word(story, "PATH");
	struct str wanted = story_arg(story, "PATH");
	/* Without a question mark the line speaks of the path alone; an expression sees all. */
	bool with_query = path != NULL &&
	                  (str_starts(wanted, "~") || memchr(wanted.p, '?', wanted.len) != NULL);

	*why = NULL;
	if (path != NULL &&
	        !text_meets(story, target_seen(story, exchange, with_query), path, wanted))
		*why = "the path differs";
	else if (!party_meets(story, "FROM", exchange->has_from, &exchange->from))
		*why = "FROM differs";
	else if (!party_meets(story, "TO", exchange->has_to, &exchange->to))
		*why = "TO differs";
	else if (!body_meets(story, exchange))
		*why = "the body differs";
	else
		return fields_meet(story, exchange, why);
	return false;
}

static bool
is_change(const struct exchange *exchange)
{
	struct str method = exchange->request->method;

	return str_is(method, "PUT") || str_is(method, "PATCH") || str_is(method, "DELETE");
}

/** Was a later change of the object that @exchange changes claimed already? */
static bool
is_overtaken(const struct exchange *exchange)
{
	for (const struct list *node = exchange->node.next;
	        node != &exchange->actor->received && is_change(exchange); node = node->next) {
		const struct exchange *later = container_of(node, struct exchange, node);

		if (later->claimed && is_change(later) &&
		        str_eq(later->request->target, exchange->request->target))
			return true;
	}
	return false;
}

static bool
is_too_early(const struct exchange *exchange)
{
	return exchange->arrival <= exchange->actor->past || is_overtaken(exchange);
}

struct search {
	struct story *story;
	struct actor *actor;
	bool any_time; /* also what came too early */
	struct exchange *found;
	struct exchange *near; /* of the kind, but something differs */
	const char *why;
};

static bool
search(void *ctx)
{
	struct search *s = ctx;
	const char *why;

	list_each (node, &s->actor->received) {
		struct exchange *exchange = container_of(node, struct exchange, node);

		if (exchange->claimed || !is_of_kind(s->story, exchange))
			continue;
		if (is_expected(s->story, exchange, &why) && !s->any_time && is_too_early(exchange))
			why = "it came too early";
		if (why == NULL) {
			s->found = exchange;
			return true;
		}
		s->near = exchange;
		s->why = why;
	}
	return false;
}

static void
fail_missing(struct story *story, const struct search *s)
{
	struct str method = story_arg(story, "METHOD"), module = story_arg(story, "MODULE"),
	           path = story_arg(story, "PATH"), body;
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];

	if (s->near == NULL) {
		story_fail(story, "expected %s to have received %.*s %.*s %.*s, got none",
		        s->actor->name, STR_ARG(method), STR_ARG(module), (int)path.len,
		        path.p == NULL ? "" : path.p);
		return;
	}
	body = s->near->request->body;
	if (body.len > SHOWN)
		body.len = SHOWN;
	story_fail(story,
	        "expected %s to have received %.*s %.*s %.*s, got (%s) %.*s %s %.*s from %s to %s "
	        "%.*s",
	        s->actor->name, STR_ARG(method), STR_ARG(module), (int)path.len,
	        path.p == NULL ? "" : path.p, s->why, STR_ARG(s->near->request->method),
	        s->near->module, STR_ARG(target_seen(story, s->near, true)),
	        s->near->has_from ? ocpi_id_text(&s->near->from, from) : "nobody",
	        s->near->has_to ? ocpi_id_text(&s->near->to, to) : "nobody", STR_ARG(body));
}

static struct exchange *
expect_received(struct story *story, int64_t wait_ms)
{
	struct search s = { .story = story, .actor = story_actor(story) };
	struct str within = story_arg(story, "TIME");

	if (within.p != NULL)
		wait_ms = story_time_ms(story, within);
	if (!story_pump(story, search, &s, rh_mono_ms() + wait_ms)) {
		fail_missing(story, &s);
		return NULL;
	}
	s.found->claimed = s.actor->met = true;
	story->claimed = s.found;
	return s.found;
}

void
step_expect_received(struct story *story)
{
	expect_received(story, 0);
}

void
step_wait_received(struct story *story)
{
	int64_t began_us = rh_mono_us();
	const struct exchange *exchange = expect_received(story, story_wait_ms(story));
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];

	if (exchange == NULL)
		return;
	narrate(story,
	        arena_printf(story->arena, "%s <- %s",
	                exchange->has_to ? ocpi_id_text(&exchange->to, to) : exchange->actor->name,
	                exchange->has_from ? ocpi_id_text(&exchange->from, from) : "(nobody)"),
	        arena_printf(story->arena, "receives %.*s %s %.*s",
	                STR_ARG(exchange->request->method), exchange->module,
	                STR_ARG(target_seen(story, exchange, false))),
	        arena_printf(story->arena, "%d %d", exchange->http, exchange->ocpi), true,
	        rh_mono_us() - began_us);
}

void
step_expect_received_no(struct story *story)
{
	struct search s = { .story = story, .actor = story_actor(story), .any_time = true };

	if (search(&s))
		story_fail(story, "expected %s to have received no %.*s %s, got %.*s",
		        s.actor->name, STR_ARG(s.found->request->method), s.found->module,
		        STR_ARG(s.found->request->target));
}

void
step_capture_received(struct story *story)
{
	struct str name = story_arg(story, "NAME"), header = story_arg(story, "HEADER"),
	           value = { 0 };
	const json_t *found;

	if (story->claimed == NULL || story->claimed->actor != story_actor(story)) {
		story_fail(story,
		        "expected a request that %.*s received before this line, got none",
		        STR_ARG(story_arg(story, "P")));
		return;
	}
	if (header.p != NULL) {
		value = inlet_header(story->claimed->request, arena_cstr(story->arena, header));
	} else {
		found = json_at(story->claimed->body, story_arg(story, "POINTER"));
		if (json_is_string(found))
			value = (struct str){ json_string_value(found), json_string_length(found) };
		else if (found != NULL)
			value = json_text(found, story->arena);
	}
	if (value.p == NULL)
		story_fail(
		        story, "expected something to capture as %.*s, got nothing", STR_ARG(name));
	else
		story_set(story, name, value);
}

/* ---- what it keeps ---- */

static json_t *
kept(struct story *story)
{
	struct shelf_key key;
	struct shelf_place place;

	if (keys_read(story, &key, &place, NULL))
		return shelf_get(story_actor(story)->shelf, &key, &place);
	story_fail(story, "expected a path like DE/CPO/ID, got '%.*s'",
	        STR_ARG(story_arg(story, "PATH")));
	return NULL;
}

static bool
has_all(void *ctx)
{
	struct story *story = ctx;
	struct shelf_key key;
	struct shelf_place place;
	json_t *object = NULL;
	struct str pointer;

	if (!keys_read(story, &key, &place, NULL))
		return true; /* step_expect_has says what is wrong with it */
	object = shelf_get(story_actor(story)->shelf, &key, &place);
	for (size_t i = 0;
	        object != NULL && (pointer = story_arg_at(story, "POINTER", i)).p != NULL; i++)
		if (!value_meets(story, json_at(object, pointer), word_at(story, "VALUE", i),
		            story_arg_at(story, "VALUE", i)))
			return false;
	return object != NULL;
}

void
step_wait_has(struct story *story)
{
	story_pump(story, has_all, story, rh_mono_ms() + story_wait_ms(story));
	step_expect_has(story);
}

void
step_expect_has(struct story *story)
{
	json_t *object = kept(story);
	struct str pointer;

	if (object == NULL) {
		story_fail(story, "expected %.*s to have %.*s %.*s, it has not",
		        STR_ARG(story_arg(story, "P")), STR_ARG(story_arg(story, "MODULE")),
		        STR_ARG(story_arg(story, "PATH")));
		return;
	}
	for (size_t i = 0; (pointer = story_arg_at(story, "POINTER", i)).p != NULL; i++) {
		const json_t *found = json_at(object, pointer);
		struct str text = found == NULL ? STR("nothing") : json_text(found, story->arena);
		struct str wanted = story_arg_at(story, "VALUE", i);

		if (!value_meets(story, found, word_at(story, "VALUE", i), wanted))
			story_fail(story, "expected %.*s at %.*s, got %.*s", STR_ARG(wanted),
			        STR_ARG(pointer), STR_ARG(text));
	}
}

void
step_expect_has_no(struct story *story)
{
	if (kept(story) != NULL)
		story_fail(story, "expected %.*s to have no %.*s %.*s, it has",
		        STR_ARG(story_arg(story, "P")), STR_ARG(story_arg(story, "MODULE")),
		        STR_ARG(story_arg(story, "PATH")));
}

void
step_expect_keeps(struct story *story)
{
	uint64_t wanted = story_number(story, story_arg(story, "N"), UINT32_MAX), count = 0;
	const char *module = arena_cstr(story->arena, story_arg(story, "MODULE"));
	const struct shelf *shelf = story_actor(story)->shelf;

	for (const struct shelf_item *item = NULL;
	        (item = shelf_next(shelf, module, item)) != NULL;)
		count++;
	if (count != wanted)
		story_fail(story, "expected %llu %s, got %llu", (unsigned long long)wanted, module,
		        (unsigned long long)count);
}
