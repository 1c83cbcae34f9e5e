/* ask: steps that send a request and keep the answer for the expectations behind them. */
#include "steps.h"

#include "commands.h"
#include "keys.h"
#include "narrator.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_PAGES = 100000 };

/* ---- who calls which interface ---- */

/** A party calls the Receiver of others with what it owns, and their Sender for what they own. */
static const char *
interface_called(
        const struct actor *actor, bool has_from, const struct ocpi_id *from, struct str module)
{
	const struct party *party = has_from ? actor_party(actor, from) : &actor->parties[0];
	enum ocpi_role role = party == NULL ? ROLE_CPO : party->role;
	bool cpo = role == ROLE_CPO;

	if (str_is(module, "tokens"))
		return role == ROLE_EMSP ? "RECEIVER" : "SENDER";
	if (str_is(module, "commands") || str_is(module, "chargingprofiles"))
		return cpo ? "SENDER" : "RECEIVER";
	if (str_is(module, "hubclientinfo"))
		return "SENDER";
	return cpo ? "RECEIVER" : "SENDER";
}

/** MODULE may say the interface: "sender/locations". */
static const char *
split_module(struct story *story, const struct actor *actor, struct str *module)
{
	struct str rest = *module, first = str_cut(&rest, '/');

	if (rest.p == NULL)
		return interface_called(actor, story->has_from, &story->from, *module);
	*module = rest;
	return str_is(first, "sender") ? "SENDER" : "RECEIVER";
}

/* ---- building ---- */

static void
add_options(struct story *story, struct outgoing *out)
{
	struct str header;

	for (size_t i = 0; (header = story_arg_at(story, "LEFT_OUT", i)).p != NULL; i++)
		outgoing_without(out, header);
	for (size_t i = 0; (header = story_arg_at(story, "HEADER", i)).p != NULL; i++) {
		struct str name = str_cut(&header, ':');

		outgoing_header(out, arena_cstr(story->arena, name), str_trim(header));
	}
}

static void
remember_sent(struct story *story, struct actor *actor, struct str body)
{
	if (story->sent_arena != NULL)
		arena_free(story->sent_arena);
	story->sent_arena = arena_new(1024);
	story->sent = body.p == NULL ? body : arena_str(story->sent_arena, body);
	story->sender = actor;
}

static void
add_body(struct story *story, struct outgoing *out)
{
	struct str body = story_body(story);

	remember_sent(story, out->actor, body);
	if (body.p != NULL)
		outgoing_body(out, body);
}

static struct str
who_text(struct story *story)
{
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];

	return arena_printf(story->arena, "%s -> %s",
	        story->has_from ? ocpi_id_text(&story->from, from) : "(nobody)",
	        story->has_to ? ocpi_id_text(&story->to, to) : "(nobody)");
}

static struct str
status_text(struct story *story)
{
	const struct outcome *outcome = &story->outcome;

	if (!outcome->came)
		return STR("no answer");
	if (outcome->ocpi == 0)
		return arena_printf(story->arena, "%d -", outcome->http);
	return arena_printf(story->arena, "%d %d", outcome->http, outcome->ocpi);
}

static void
ask(struct story *story, struct outgoing *out, struct str who, struct str what)
{
	add_options(story, out);
	story_call(story, out);
	narrate(story, who, what, status_text(story), outgoing_good(out), story->outcome.us);
}

/* ---- send ---- */

static struct str
cdr_path(struct story *story, const json_t *cdr)
{
	struct str id = str_of(json_string_value(json_object_get(cdr, "id")));

	if (id.p == NULL)
		return id;
	return arena_printf(story->arena, "%s/%s/%s",
	        json_string_value(json_object_get(cdr, "country_code")),
	        json_string_value(json_object_get(cdr, "party_id")),
	        ocpi_percent_encode(id, story->arena).p);
}

/** What a party pushes of its own it has itself, too: others may pull it. */
static void
keep_own(struct story *story, const struct actor *actor, struct str method, struct str module)
{
	struct str path = story_arg(story, "PATH");
	json_t *object = tree_read_any(story->sent);
	struct shelf_key key;
	struct shelf_place place;

	if (str_is(method, "POST") && str_is(module, "cdrs"))
		path = cdr_path(story, object);
	else if (str_is(method, "POST"))
		path = (struct str){ 0 };
	if (path.p != NULL && keys_parse(story, module, path, &key, &place, object) &&
	        actor_party(actor, &key.owner) != NULL) {
		if (str_is(method, "DELETE"))
			shelf_remove(actor->shelf, &key);
		else if (str_is(method, "PATCH") && json_is_object(object))
			shelf_patch(actor->shelf, &key, &place, object);
		else if (json_is_object(object))
			shelf_put(actor->shelf, &key, &place, object);
	}
	json_decref(object);
}

static void
read_parties(struct story *story)
{
	story->has_from = story_party(story, "FROM", &story->from);
	story->has_to = story_party(story, "TO", &story->to);
}

/** URL of the other side's endpoint with PATH behind it; absent, and the step failed, when it has
 * none. */
static struct str
endpoint_url(
        struct story *story, const struct actor *actor, struct str module, const char *interface)
{
	struct str path = story_arg(story, "PATH"), query = path;
	const char *base = actor_peer_endpoint(actor, arena_cstr(story->arena, module), interface);

	if (base == NULL) {
		story_fail(story,
		        "expected the other side of %s to have a %s endpoint for %.*s, got none",
		        actor->name, interface, STR_ARG(module));
		outcome_clear(story);
		return (struct str){ 0 };
	}
	path = str_cut(&query, '?');
	return ocpi_join(str_of(base), path, query, story->arena);
}

static struct str
what_text(struct story *story, struct str method, struct str module)
{
	struct str path = story_arg(story, "PATH");

	return arena_printf(story->arena, "%.*s %.*s%s%.*s", STR_ARG(method), STR_ARG(module),
	        path.len > 0 ? " " : "", (int)path.len, path.len > 0 ? path.p : "");
}

static struct outgoing *
routed_call(
        struct story *story, struct actor *actor, struct str method, struct str url, bool routed)
{
	struct outgoing *out = outgoing_new(actor, method, url, actor->token_out);

	if (routed)
		outgoing_routing(out, story->has_from ? &story->from : NULL,
		        story->has_to ? &story->to : NULL);
	return out;
}

void
step_send(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str method = story_arg(story, "METHOD"), module = story_arg(story, "MODULE"), url;
	struct outgoing *out;
	const char *interface;

	read_parties(story);
	interface = split_module(story, actor, &module);
	url = endpoint_url(story, actor, module, interface);
	if (url.p == NULL)
		return;
	out = routed_call(story, actor, method, url, !str_is(module, "hubclientinfo"));
	add_body(story, out);
	if (strcmp(interface, "RECEIVER") == 0 && !str_is(method, "GET"))
		keep_own(story, actor, method, module);
	ask(story, out, who_text(story), what_text(story, method, module));
}

/* ---- any URL ---- */

void
step_request(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str method = story_arg(story, "METHOD"), url = story_arg(story, "URL");
	struct outgoing *out = outgoing_new(actor, method, url, actor->token_out);

	story->has_from = story->has_to = false;
	add_body(story, out);
	ask(story, out, str_of(actor->name),
	        arena_printf(story->arena, "%.*s %.*s", STR_ARG(method), STR_ARG(url)));
}

void
step_follow(struct story *story)
{
	struct str url = story_arg(story, "URL");

	if (story->sender == NULL) {
		story_fail(story, "expected a request before follow, got none");
		outcome_clear(story);
		return;
	}
	ask(story, routed_call(story, story->sender, STR("GET"), url, true), who_text(story),
	        arena_printf(story->arena, "GET %.*s", STR_ARG(url)));
}

/* ---- crawl ---- */

/** URL of the next page; absent on the last one. */
static struct str
next_page(struct story *story, struct str url)
{
	struct outgoing *out = story->outcome.out;
	struct str next = ocpi_link_next(outgoing_answer_header(out, "Link"), story->arena),
	           absolute;
	struct fault fault = { 0 };

	if (next.p == NULL || !outgoing_good(out))
		return (struct str){ 0 };
	if (net_url_resolve(url, next, story->arena, &absolute, &fault) == RH_OK)
		return absolute;
	story_fail(story, "expected a URL in Link, got '%.*s'", STR_ARG(next));
	return (struct str){ 0 };
}

void
step_crawl(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str module = story_arg(story, "MODULE"), url;
	uint64_t pages = 0, items = 0, more;
	const char *interface;

	read_parties(story);
	interface = split_module(story, actor, &module);
	url = endpoint_url(story, actor, module, interface);
	remember_sent(story, actor, (struct str){ 0 });
	while (url.p != NULL && pages < MOST_PAGES) {
		struct outgoing *out = routed_call(story, actor, STR("GET"), url, true);

		add_options(story, out);
		story_call(story, out);
		pages++;
		more = json_array_size(json_object_get(story->outcome.json, "data"));
		items += more;
		narrate(story, who_text(story),
		        arena_printf(story->arena, "GET %.*s, page %" PRIu64 ": %" PRIu64 " items",
		                STR_ARG(module), pages, more),
		        status_text(story), outgoing_good(out), story->outcome.us);
		url = next_page(story, url);
	}
	story->outcome.pages = pages;
	story->outcome.items = items;
}

/* ---- callback ---- */

void
step_callback(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct str what = story_arg(story, "WHAT"), result = story_arg(story, "RESULT");
	struct callback *callback = callback_last(actor, arena_cstr(story->arena, what));
	struct outgoing *out;
	json_t *json;

	if (callback == NULL) {
		story_fail(story, "expected %s to have received %.*s, got none", actor->name,
		        STR_ARG(what));
		outcome_clear(story);
		return;
	}
	json = json_pack("{s:s%}", "result", result.p == NULL ? "ACCEPTED" : result.p,
	        result.p == NULL ? (size_t)8 : result.len);
	out = callback_call(callback, json);
	json_decref(json);
	if (story->step->line.has_body)
		outgoing_body(out, story_body(story));
	story->has_from = callback->has_from, story->from = callback->from;
	story->has_to = callback->has_to, story->to = callback->to;
	remember_sent(story, actor, out->call.body);
	ask(story, out, who_text(story),
	        arena_printf(
	                story->arena, "POST result of %.*s: %.*s", STR_ARG(what), STR_ARG(result)));
}
