/* explain: what the hub would do with a message that was not sent, and by which rule. Asked by the
 * operator, with the predicates that the message itself would meet. */
#include <string.h>

#include "../parties/may.h"
#include "route.h"

struct question {
	struct hub *hub;
	const struct directory *directory;
	const struct ocpi_module *module;
	const struct ocpi_id *from, *to;
	const struct party *sender;
	enum ocpi_interface interface;
	struct buf *json;
};

/* ---- members of the answer; each is written once ---- */

static void
say_key(struct buf *json, const char *key)
{
	buf_addc(json, json->len == 0 ? '{' : ',');
	json_quote(json, str_of(key));
	buf_addc(json, ':');
}

static void
say(struct buf *json, const char *key, struct str value)
{
	say_key(json, key);
	json_quote(json, value);
}

static void
say_word(struct buf *json, const char *key, const char *value)
{
	say(json, key, str_of(value));
}

static void
refuse(struct buf *json, const char *rule, const char *error)
{
	say_word(json, "rule", rule);
	say_word(json, "error", error);
}

/* ---- the sender ---- */

/** The first of the parties with this id that may call @interface; NULL: none. */
static const struct party *
caller(const struct question *question, enum ocpi_interface interface)
{
	for (const struct party *party = question->sender; party != NULL; party = party->same)
		if (party->state != STATE_SUSPENDED &&
		        may_call(party->role, question->module, interface))
			return party;
	return NULL;
}

/* Who owns the data calls the Receiver interface, the others the Sender interface. */
static void
choose_interface(struct question *question)
{
	const struct party *party = caller(question, IFACE_RECEIVER);

	question->interface = IFACE_RECEIVER;
	if (party == NULL) {
		party = caller(question, IFACE_SENDER);
		question->interface = IFACE_SENDER;
	}
	if (party != NULL)
		question->sender = party;
}

static bool
sender_is_heard(const struct question *question)
{
	const struct platform *platform = question->sender->platform;

	if (!platform->removed && platform->state == STATE_CONNECTED)
		return true;
	say_word(question->json, "flow", "refused");
	if (platform->removed)
		refuse(question->json,
		        "the sending platform was removed, its token is not known any more", "401");
	else if (platform->state == STATE_SUSPENDED)
		refuse(question->json, "the sending platform is SUSPENDED", "403");
	else
		refuse(question->json, "the sending platform has not finished its registration",
		        "401");
	return false;
}

/* ---- TO = hub ---- */

static bool
has_route(const struct question *question, unsigned flag)
{
	for (const struct ocpi_route *route = question->module->routes;
	        route->interface != IFACE_NONE; route++)
		if (route->interface == question->interface && (route->flags & flag))
			return true;
	return false;
}

/** The parties that a share would be pushed to, now or when they are back. */
static void
say_receivers(const struct question *question)
{
	const struct platform *platforms;
	size_t count = directory_platforms(question->directory, &platforms);
	char text[OCPI_ID_TEXT];
	struct store_object object = {
		.key.module = str_of(question->module->id),
		.key.owner = str_of(ocpi_id_key(question->from, text)),
	};
	char name[OCPI_ID_TEXT];
	bool any = false;

	say_key(question->json, "receivers");
	buf_addc(question->json, '[');
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0;
		        platforms[i].state == STATE_CONNECTED && k < platforms[i].party_count;
		        k++) {
			const struct party *party = &platforms[i].parties[k];

			if (!may_get(question->hub, &object, party))
				continue;
			if (any)
				buf_addc(question->json, ',');
			json_quote(question->json, str_of(ocpi_id_text(&party->id, name)));
			any = true;
		}
	}
	buf_addc(question->json, ']');
}

static void
explain_hub(const struct question *question)
{
	struct buf *json = question->json;

	if (has_route(question, ROUTE_SHARE)) {
		say_word(json, "flow", "share");
		say_word(json, "interface", ocpi_interface_name(question->interface));
		say_word(json, "rule",
		        "TO is the hub: what is written is shared with everybody whom it may "
		        "reach");
		say_receivers(question);
	} else if (has_route(question, ROUTE_LIST)) {
		say_word(json, "flow", "list");
		say_word(json, "interface", ocpi_interface_name(question->interface));
		say_word(json, "rule", "TO is the hub: a GET is answered from its store");
	} else {
		say_word(json, "flow", "open");
		say_word(json, "interface", ocpi_interface_name(question->interface));
		say_word(json, "rule",
		        "TO is the hub: the destination goes by the content of the message");
	}
}

/* ---- TO = a party ---- */

/** By what the two may or may not exchange messages of the module. */
static struct str
say_agreement(const struct question *question, const struct store_agreement *by, bool allowed,
        struct arena *arena)
{
	const char *module = question->module->id;
	bool open = hub_settings(question->hub)->routing == 0;
	int64_t now_ms = rh_wall_ms();
	const char *why = "does not cover";

	if (by == NULL)
		return arena_printf(arena, "no agreement names the two, and routing.default is %s",
		        open ? "open" : "closed");
	if (!allowed && by->from_ms != 0 && now_ms < by->from_ms)
		why = "is not in force yet for";
	else if (!allowed && by->until_ms != 0 && now_ms >= by->until_ms)
		why = "is over for";
	return arena_printf(
	        arena, "agreement %lld %s %s", (long long)by->id, allowed ? "covers" : why, module);
}

static void
judge_party(const struct question *question, const struct party *receiver, bool has_endpoint,
        struct arena *arena)
{
	enum store_state state = party_state(receiver);
	const struct store_agreement *by;
	bool allowed = may_roam_by(question->hub, question->directory, question->from, question->to,
	        str_of(question->module->id), &by);
	struct str agreed = say_agreement(question, by, allowed, arena);
	struct buf *json = question->json;

	say_word(json, "state", state_name((int)state));
	if (!allowed) {
		refuse(json, agreed.p, "4003");
	} else if (state != STATE_CONNECTED) {
		refuse(json, "only a CONNECTED party gets messages", "4003");
	} else if (!has_endpoint) {
		refuse(json, "the receiver has no endpoint for this module and interface", "4000");
	} else {
		say(json, "rule",
		        arena_printf(arena, "TO names a connected party: %.*s", STR_ARG(agreed)));
	}
}

static void
explain_party(const struct question *question, const struct party *candidates, struct arena *arena)
{
	const struct party *receiver =
	        route_receiver(candidates, question->module, question->interface);
	const struct endpoint *endpoint = platform_endpoint(
	        receiver->platform, str_of(question->module->id), question->interface);
	struct buf *json = question->json;

	if (receiver->platform == question->sender->platform &&
	        ocpi_id_same(question->to, question->from)) {
		say_word(json, "flow", "refused");
		refuse(json, "TO is the sending party itself", "4001");
		return;
	}
	say_word(json, "flow", "forward");
	say_word(json, "interface", ocpi_interface_name(question->interface));
	if (endpoint != NULL)
		say(json, "url", endpoint->url);
	judge_party(question, receiver, endpoint != NULL, arena);
}

static void
explain_known(struct question *question)
{
	const struct party *candidates = directory_party(question->directory, question->to);
	struct arena *arena;

	choose_interface(question);
	if (!sender_is_heard(question))
		return;
	if (ocpi_id_same(question->to, &question->hub->id)) {
		explain_hub(question);
		return;
	}
	if (candidates == NULL) {
		say_word(question->json, "flow", "refused");
		refuse(question->json, "no party of this id is known to this hub", "4001");
		return;
	}
	arena = arena_new(1024);
	explain_party(question, candidates, arena);
	arena_free(arena);
}

void
route_explain(struct hub *hub, const struct ocpi_id *from, const struct ocpi_id *to,
        struct str module, struct buf *json)
{
	struct question question = {
		.hub = hub,
		.directory = hub_directory(hub),
		.module = ocpi_module_find(hub->modules, module),
		.from = from,
		.to = to,
		.json = json,
	};

	question.sender = directory_party(question.directory, from);
	if (question.module == NULL)
		say_word(json, "error", "unknown module");
	else if (question.sender == NULL)
		say_word(json, "error", "the sending party is not known to this hub");
	else
		explain_known(&question);
	buf_addc(json, '}');
}
