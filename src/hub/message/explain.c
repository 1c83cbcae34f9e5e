/* explain: what the hub would do with a message that was not sent, and by which rule. Asked by the
 * operator, with the answers of may that the message itself would get. */
#include "roamhub/tree.h"

#include "../parties/may_hub.h"
#include "route.h"

#include <string.h>

struct question {
	struct hub *hub;
	const struct directory *directory;
	const struct ocpi_module *module;
	const struct ocpi_id *from, *to;
	const struct party *sender;
	enum ocpi_interface interface;
	json_t *json;
};

static void
refuse(json_t *json, const char *rule, const char *error)
{
	tree_set_text(json, "rule", rule);
	tree_set_text(json, "error", error);
}

/* ---- the sender ---- */

/** The first of the parties with this id that may call @interface; NULL: none. */
static const struct party *
caller(const struct question *question, enum ocpi_interface interface)
{
	for (const struct party *party = question->sender; party != NULL; party = party->same)
		if (platform_has_party(party->platform, &party->id) &&
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
	bool speaks = platform_has_party(platform, question->from);

	if (!platform->removed && platform->state == STATE_CONNECTED && speaks)
		return true;
	tree_set_text(question->json, "flow", "refused");
	if (platform->removed)
		refuse(question->json,
		        "the sending platform was removed, its token is not known any more", "401");
	else if (platform->state == STATE_SUSPENDED)
		refuse(question->json, "the sending platform is SUSPENDED", "403");
	else if (!speaks)
		refuse(question->json, may_reason_text(MAY_NOT_SENDER_STATE), "2001");
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
static json_t *
receivers(const struct question *question)
{
	const struct platform *platforms;
	size_t count = directory_platforms(question->directory, &platforms);
	json_t *list = tree_list();
	char name[OCPI_ID_TEXT];

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < platforms[i].party_count; k++) {
			const struct party *party = &platforms[i].parties[k];

			if (may_get_of(question->hub, question->directory, question->from, party,
			            question->module)
			                .reason == MAY_YES)
				tree_add(list, tree_text(ocpi_id_text(&party->id, name)));
		}
	}
	return list;
}

static const char *
explain_share(const struct question *question)
{
	struct may_answer answer = may_speak(question->directory, question->sender->platform->id,
	        question->from, question->module, question->interface, MAY_SHARE);

	if (answer.reason != MAY_YES)
		return may_reason_text(answer.reason);
	tree_set(question->json, "shared_with", receivers(question));
	return "TO is the hub: what is written is shared with everybody whom it may reach";
}

static void
explain_hub(const struct question *question)
{
	const char *flow = "open",
	           *rule = "TO is the hub: the destination goes by the content of the message";

	if (has_route(question, ROUTE_SHARE)) {
		flow = "share";
		rule = explain_share(question);
	} else if (has_route(question, ROUTE_LIST)) {
		flow = "list";
		rule = "TO is the hub: a GET is answered from its store";
	}
	tree_set_text(question->json, "flow", flow);
	tree_set_text(question->json, "interface", ocpi_interface_name(question->interface));
	tree_set_text(question->json, "rule", rule);
}

/* ---- TO = a party ---- */

/** By what the two may or may not exchange messages of the module. */
static struct str
agreed(const struct question *question, struct may_answer answer, struct arena *arena)
{
	static const char *const how[MAY_REASONS] = {
		[MAY_YES] = "covers",
		[MAY_NOT_COVERED] = "does not cover",
		[MAY_NOT_YET] = "is not in force yet for",
		[MAY_NOT_ANY_MORE] = "is over for",
	};

	if (answer.sandbox)
		return answer.reason == MAY_YES ? STR("one is the sandbox of the other")
		                                : str_of(may_reason_text(answer.reason));
	if (answer.by == NULL)
		return arena_printf(arena, "no agreement names the two, and routing.default is %s",
		        answer.reason == MAY_YES ? "open" : "closed");
	return arena_printf(arena, "agreement %lld %s %s", (long long)answer.by->id,
	        how[answer.reason], question->module->id);
}

static void
judge_party(const struct question *question, const struct party *receiver, struct arena *arena)
{
	struct may_answer answer =
	        may_send(question->hub, question->directory, question->sender->platform->id,
	                question->from, receiver, question->module, question->interface);
	struct may_answer roam = may_agree(
	        question->hub, question->directory, question->from, question->to, question->module);
	struct str by = agreed(question, roam, arena);
	json_t *json = question->json;

	tree_set_text(json, "status", state_name((int)party_state(receiver)));
	if (answer.reason == MAY_YES)
		tree_set_str(json, "rule",
		        arena_printf(arena, "TO names a connected party: %.*s", STR_ARG(by)));
	else
		refuse(json, answer.reason == roam.reason ? by.p : may_reason_text(answer.reason),
		        arena_printf(arena, "%d", rh_err_info(may_error(answer.reason))->ocpi).p);
}

static void
explain_party(const struct question *question, const struct party *candidates, struct arena *arena)
{
	const struct party *receiver =
	        route_receiver(candidates, question->module, question->interface);
	const struct endpoint *endpoint = platform_endpoint(
	        receiver->platform, str_of(question->module->id), question->interface);
	json_t *json = question->json;

	if (receiver->platform == question->sender->platform &&
	        ocpi_id_same(question->to, question->from)) {
		tree_set_text(json, "flow", "refused");
		refuse(json, "TO is the sending party itself", "4001");
		return;
	}
	tree_set_text(json, "flow", "forward");
	tree_set_text(json, "interface", ocpi_interface_name(question->interface));
	if (endpoint != NULL)
		tree_set_str(json, "url", endpoint->url);
	judge_party(question, receiver, arena);
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
		tree_set_text(question->json, "flow", "refused");
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
		.json = tree_object(),
	};

	question.sender = directory_party(question.directory, from);
	if (question.module == NULL)
		tree_set_text(question.json, "error", "unknown module");
	else if (question.sender == NULL)
		tree_set_text(question.json, "error", "the sending party is not known to this hub");
	else
		explain_known(&question);
	tree_print(question.json, json);
	tree_drop(&question.json);
}
