/* receive: a request comes in: whose token, from whom to whom, for which module; then it is served.
 */
#include "actor.h"

#include "conduct.h"
#include "faults.h"

#include <stdlib.h>
#include <string.h>

static bool
token_is(struct str token, const char *mine)
{
	return mine != NULL && str_is(token, mine);
}

static enum token_kind
token_kind(struct exchange *exchange)
{
	const struct actor *actor = exchange->actor;
	struct ocpi_authorization authorization;
	struct str header = inlet_header(exchange->request, "Authorization"), token;
	struct fault ignored;

	if (ocpi_authorization_read(header, exchange->arena, &authorization, &ignored) != RH_OK)
		return TOKEN_UNKNOWN;
	token = actor->plain_tokens ? authorization.raw : authorization.decoded;
	if (token_is(token, actor->token_in))
		return TOKEN_REGISTERED;
	if (token_is(token, actor->token_offered))
		return TOKEN_OFFERED;
	return token_is(token, actor->token_a) ? TOKEN_A : TOKEN_UNKNOWN;
}

/** A new token that is used after its handshake takes the place of the old one (CRD-019). */
static void
settle_token(struct actor *actor)
{
	if (actor->handshaking || actor->token_in == NULL)
		return;
	free(actor->token_in);
	actor->token_in = actor->token_offered;
	actor->token_offered = NULL;
}

static void
read_routing(struct exchange *exchange)
{
	const struct inlet_request *request = exchange->request;
	struct fault ignored;

	if (ocpi_routing_pair(inlet_header(request, "OCPI-to-country-code"),
	            inlet_header(request, "OCPI-to-party-id"), "to", &exchange->has_to,
	            &exchange->to, &ignored) != RH_OK)
		exchange->has_to = false;
	if (ocpi_routing_pair(inlet_header(request, "OCPI-from-country-code"),
	            inlet_header(request, "OCPI-from-party-id"), "from", &exchange->has_from,
	            &exchange->from, &ignored) != RH_OK)
		exchange->has_from = false;
}

static void
read_body(struct exchange *exchange)
{
	exchange->body = tree_read_any(exchange->request->body);
}

static bool
segment_is(const struct exchange *exchange, size_t i, const char *text)
{
	return i < exchange->path.count && str_is(exchange->path.decoded[i], text);
}

/** Note in @exchange what it is for: segments from @at on, behind "ocpi/2.2.1". */
static const struct ocpi_module *
find_module(struct exchange *exchange, size_t at)
{
	const struct ocpi_module *module;

	if (at + 1 >= exchange->path.count)
		return NULL;
	if (segment_is(exchange, at, "sender"))
		exchange->interface = IFACE_SENDER;
	else if (segment_is(exchange, at, "receiver"))
		exchange->interface = IFACE_RECEIVER;
	module = ocpi_module_find(ocpi_modules, exchange->path.decoded[at + 1]);
	if (module != NULL)
		exchange->module = module->id;
	else if (segment_is(exchange, at + 1, "hubclientinfo"))
		exchange->module = "hubclientinfo";
	exchange->rest = exchange->path.tail[at + 2];
	return module;
}

static void
read_path(struct exchange *exchange, const struct ocpi_module **module)
{
	struct fault ignored;

	exchange->module = "";
	exchange->rest = exchange->request->target;
	if (ocpi_path_split(
	            exchange->request->target, exchange->arena, &exchange->path, &ignored) != RH_OK)
		return;
	exchange->rest = exchange->path.tail[0];
	if (segment_is(exchange, 0, "callback") || segment_is(exchange, 0, "cdr")) {
		exchange->module = segment_is(exchange, 0, "cdr") ? "cdr" : "callback";
		exchange->rest = exchange->path.tail[1];
	} else if (segment_is(exchange, 0, "ocpi") && segment_is(exchange, 1, "versions")) {
		exchange->module = "versions";
		exchange->rest = STR("");
	} else if (segment_is(exchange, 0, "ocpi") && exchange->path.count == 2) {
		exchange->module = "details";
		exchange->rest = exchange->path.decoded[1];
	} else if (segment_is(exchange, 0, "ocpi") && segment_is(exchange, 2, "credentials")) {
		exchange->module = "credentials";
		exchange->rest = STR("");
	} else if (segment_is(exchange, 0, "ocpi") && segment_is(exchange, 1, OCPI_VERSION)) {
		*module = find_module(exchange, 2);
	}
}

typedef void serve(struct exchange *exchange);

/** Who serves what is no functional module; NULL: nobody. */
static serve *
server_of(const struct exchange *exchange)
{
	static const struct {
		const char *module;
		serve *serve;
	} servers[] = { { "versions", versions_serve }, { "details", details_serve },
		{ "credentials", credentials_serve }, { "callback", callback_serve },
		{ "cdr", cdr_serve }, { "hubclientinfo", clientinfo_serve } };

	for (size_t i = 0; i < COUNT(servers); i++)
		if (strcmp(servers[i].module, exchange->module) == 0)
			return servers[i].serve;
	return NULL;
}

static bool
is_open_to_token_a(const struct exchange *exchange)
{
	return strcmp(exchange->module, "versions") == 0 ||
	       strcmp(exchange->module, "details") == 0 ||
	       strcmp(exchange->module, "credentials") == 0;
}

static void
serve_exchange(struct exchange *exchange, const struct ocpi_module *module)
{
	serve *server = server_of(exchange);

	exchange->token = token_kind(exchange);
	if (exchange->token == TOKEN_OFFERED)
		settle_token(exchange->actor);
	if (exchange->token == TOKEN_UNKNOWN ||
	        (exchange->token == TOKEN_A && !is_open_to_token_a(exchange)))
		answer(exchange, 401, 2000, "credentials token is not known", NULL);
	else if (exchange->request->body.len > 0 && exchange->body == NULL)
		answer(exchange, 400, 2001, "body is not JSON", NULL);
	else if (server != NULL)
		server(exchange);
	else if (module != NULL && actor_has(exchange->actor, module->id, exchange->interface))
		module_serve(exchange, module);
	else
		answer(exchange, 404, 2000, "no such resource", NULL);
}

/* What was answered stays for the story to ask about, unless nobody will ask. */
static void
forget_old(struct actor *actor)
{
	list_each_safe (node, next, &actor->received) {
		struct exchange *exchange = container_of(node, struct exchange, node);

		if (exchange->answered && exchange->request->connection == NULL)
			actor_release(exchange);
	}
}

void
take_request(void *ctx, struct inlet_request *request)
{
	struct actor *actor = ctx;
	struct exchange *exchange = arena_alloc(request->arena, sizeof(*exchange));
	const struct ocpi_module *module = NULL;

	if (actor->sim->forget)
		forget_old(actor);
	exchange->actor = actor;
	exchange->request = request;
	exchange->arena = request->arena;
	exchange->arrival = ++actor->sim->arrivals;
	list_add_tail(&actor->received, &exchange->node);
	read_routing(exchange);
	read_body(exchange);
	read_path(exchange, &module);
	exchange->complaint = conduct_complaint(exchange);
	exchange->rule = fault_pick(exchange);
	if (fault_instead(exchange))
		return;
	if (exchange->rule != NULL && exchange->rule->kind == FAULT_ENVELOPE)
		answer(exchange, 200, (int)exchange->rule->number, "simulated", NULL);
	else
		serve_exchange(exchange, module);
}
