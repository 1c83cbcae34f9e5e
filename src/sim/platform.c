/* platform: starts and stops listening, takes requests in and hands them to the module they are for.
 *
 * URLs of a platform, below its base:
 *   /ocpi/versions, /ocpi/2.2.1, /ocpi/2.2.1/credentials, /ocpi/2.2.1/receiver/hubclientinfo,
 *   /ocpi/2.2.1/sender/M and /ocpi/2.2.1/receiver/M for each module M that its roles have,
 *   /callback/... for the results of commands, /cdr/ID for the CDRs that it accepted. */
#include "platform.h"

#include "call.h"
#include "conduct.h"
#include "faults.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 3000, IDLE_MS = 30000, MOST_CONNECTIONS = 64, MOST_WAITING = 1024 };

struct sim *
sim_new(struct fault *fault)
{
	struct sim *sim = rh_alloc(sizeof(*sim));
	struct net_client_conf conf = {
		.connect_ms = CONNECT_MS,
		.headers = call_answer_headers,
		.max_per_origin = MOST_CONNECTIONS,
		.max_waiting = MOST_WAITING,
		.idle_ms = IDLE_MS,
	};

	list_init(&sim->platforms);
	list_init(&sim->calls);
	sim->chance = 1;
	sim->loop = net_loop_new();
	/* A simulated platform calls whom its scenario tells it to call. */
	sim->egress = net_egress_new(true, NULL, fault);
	conf.egress = sim->egress;
	if (sim->egress != NULL)
		sim->client = net_client_new(sim->loop, &conf, fault);
	if (sim->client == NULL) {
		sim_free(sim);
		return NULL;
	}
	return sim;
}

void
sim_free(struct sim *sim)
{
	calls_end(sim);
	list_each_safe (node, next, &sim->platforms)
		platform_free(container_of(node, struct platform, node));
	if (sim->client != NULL)
		net_client_free(sim->client);
	net_egress_free(sim->egress);
	net_loop_free(sim->loop);
	free(sim);
}

struct platform *
platform_new(struct sim *sim, const char *name)
{
	struct platform *platform = rh_alloc(sizeof(*platform));

	platform->sim = sim;
	platform->name = rh_strdup(name);
	platform->versions = rh_strdup("2.2.1");
	platform->listen = rh_strdup("127.0.0.1:0");
	platform->page_size = 50;
	platform->patience_ms = CALL_DEADLINE_MS;
	platform->shelf = shelf_new();
	list_init(&platform->manners);
	list_init(&platform->faults);
	list_init(&platform->received);
	list_init(&platform->callbacks);
	list_add_tail(&sim->platforms, &platform->node);
	return platform;
}

struct platform *
platform_find(const struct sim *sim, struct str name)
{
	list_each (node, &sim->platforms) {
		struct platform *platform = container_of(node, struct platform, node);

		if (str_is(name, platform->name))
			return platform;
	}
	return NULL;
}

static void
drop(char **text)
{
	free(*text);
	*text = NULL;
}

void
platform_forget(struct platform *platform)
{
	drop(&platform->token_in);
	drop(&platform->token_out);
	drop(&platform->peer_versions);
	json_decref(platform->peer_endpoints);
	json_decref(platform->peer_roles);
	platform->peer_endpoints = platform->peer_roles = NULL;
}

void
platform_release(struct exchange *exchange)
{
	net_timer_stop(exchange->platform->sim->loop, &exchange->timer);
	list_remove(&exchange->node);
	json_decref(exchange->body);
	inlet_request_free(exchange->request); /* the exchange lies in its arena */
}

void
platform_free(struct platform *platform)
{
	list_each_safe (node, next, &platform->received)
		platform_release(container_of(node, struct exchange, node));
	platform_down(platform);
	callbacks_free(platform);
	fault_clear(platform);
	platform_forget(platform);
	shelf_free(platform->shelf);
	for (size_t i = 0; i < platform->party_count; i++)
		free(platform->parties[i].name);
	drop(&platform->token_a);
	drop(&platform->token_offered);
	drop(&platform->versions);
	drop(&platform->modules);
	drop(&platform->listen);
	drop(&platform->base);
	drop(&platform->name);
	list_remove(&platform->node);
	free(platform);
}

/* ---- what it is ---- */

const struct party *
platform_party(const struct platform *platform, const struct ocpi_id *id)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (ocpi_id_same(&platform->parties[i].id, id))
			return &platform->parties[i];
	return NULL;
}

/** Does a party with @role serve @interface of @module? terminology.asciidoc "Typical OCPI implementations". */
static bool
role_has(enum ocpi_role role, struct str module, enum ocpi_interface interface)
{
	bool sender = role == ROLE_CPO;

	if (str_is(module, "hubclientinfo"))
		return interface == IFACE_RECEIVER;
	if (role == ROLE_OTHER)
		return true;
	if (str_is(module, "tokens") && role != ROLE_CPO && role != ROLE_EMSP)
		return false;
	/* Whoever asks for a command or a profile serves its Sender interface: the results. */
	if (str_is(module, "tokens") || str_is(module, "commands") || str_is(module, "chargingprofiles"))
		sender = role != ROLE_CPO;
	return sender == (interface == IFACE_SENDER);
}

static bool
in_words(const char *words, struct str word)
{
	struct str rest = str_of(words);

	while (rest.p != NULL)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

bool
platform_has(const struct platform *platform, const char *module, enum ocpi_interface interface)
{
	if (platform->modules != NULL && !in_words(platform->modules, str_of(module)))
		return false;
	for (size_t i = 0; i < platform->party_count; i++)
		if (role_has(platform->parties[i].role, str_of(module), interface))
			return true;
	return false;
}

const char *
platform_peer_endpoint(const struct platform *platform, const char *module, const char *interface)
{
	json_t *endpoint;
	size_t i;

	json_array_foreach(platform->peer_endpoints, i, endpoint) {
		const char *identifier = json_string_value(json_object_get(endpoint, "identifier"));
		const char *role = json_string_value(json_object_get(endpoint, "role"));

		if (!str_is(str_of(identifier), module))
			continue;
		if (strcmp(module, "credentials") == 0 || str_is(str_of(role), interface))
			return json_string_value(json_object_get(endpoint, "url"));
	}
	return NULL;
}

struct str
platform_url(const struct platform *platform, struct arena *arena, const char *path)
{
	return arena_printf(arena, "%s%s", platform->base, path);
}

/* ---- requests ---- */

static bool
token_is(struct str token, const char *mine)
{
	return mine != NULL && str_is(token, mine);
}

static enum token_kind
token_kind(struct exchange *exchange)
{
	const struct platform *platform = exchange->platform;
	struct ocpi_authorization authorization;
	struct str header = inlet_header(exchange->request, "Authorization"), token;
	struct fault ignored;

	if (ocpi_authorization_read(header, exchange->arena, &authorization, &ignored) != RH_OK)
		return TOKEN_UNKNOWN;
	token = platform->plain_tokens ? authorization.raw : authorization.decoded;
	if (token_is(token, platform->token_in))
		return TOKEN_REGISTERED;
	if (token_is(token, platform->token_offered))
		return TOKEN_OFFERED;
	return token_is(token, platform->token_a) ? TOKEN_A : TOKEN_UNKNOWN;
}

/** A new token that is used after its handshake takes the place of the old one (CRD-019). */
static void
settle_token(struct platform *platform)
{
	if (platform->handshaking || platform->token_in == NULL)
		return;
	free(platform->token_in);
	platform->token_in = platform->token_offered;
	platform->token_offered = NULL;
}

static void
read_routing(struct exchange *exchange)
{
	const struct inlet_request *request = exchange->request;
	struct fault ignored;

	if (ocpi_routing_pair(inlet_header(request, "OCPI-to-country-code"),
		    inlet_header(request, "OCPI-to-party-id"), "to", &exchange->has_to, &exchange->to,
		    &ignored) != RH_OK)
		exchange->has_to = false;
	if (ocpi_routing_pair(inlet_header(request, "OCPI-from-country-code"),
		    inlet_header(request, "OCPI-from-party-id"), "from", &exchange->has_from,
		    &exchange->from, &ignored) != RH_OK)
		exchange->has_from = false;
}

static void
read_body(struct exchange *exchange)
{
	exchange->body = tree_read(exchange->request->body);
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
	if (ocpi_path_split(exchange->request->target, exchange->arena, &exchange->path, &ignored) != RH_OK)
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
	} else if (segment_is(exchange, 0, "ocpi") && segment_is(exchange, 1, "2.2.1")) {
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
	return strcmp(exchange->module, "versions") == 0 || strcmp(exchange->module, "details") == 0 ||
	       strcmp(exchange->module, "credentials") == 0;
}

static void
serve_exchange(struct exchange *exchange, const struct ocpi_module *module)
{
	serve *server = server_of(exchange);

	exchange->token = token_kind(exchange);
	if (exchange->token == TOKEN_OFFERED)
		settle_token(exchange->platform);
	if (exchange->token == TOKEN_UNKNOWN ||
		(exchange->token == TOKEN_A && !is_open_to_token_a(exchange)))
		answer(exchange, 401, 2000, "credentials token is not known", NULL);
	else if (exchange->request->body.len > 0 && exchange->body == NULL)
		answer(exchange, 400, 2001, "body is not JSON", NULL);
	else if (server != NULL)
		server(exchange);
	else if (module != NULL && platform_has(exchange->platform, module->id, exchange->interface))
		module_serve(exchange, module);
	else
		answer(exchange, 404, 2000, "no such resource", NULL);
}

/* What was answered stays for the story to ask about, unless nobody will ask. */
static void
forget_old(struct platform *platform)
{
	list_each_safe (node, next, &platform->received) {
		struct exchange *exchange = container_of(node, struct exchange, node);

		if (exchange->answered && exchange->request->connection == NULL)
			platform_release(exchange);
	}
}

static void
take_request(void *ctx, struct inlet_request *request)
{
	struct platform *platform = ctx;
	struct exchange *exchange = arena_alloc(request->arena, sizeof(*exchange));
	const struct ocpi_module *module = NULL;

	if (platform->sim->forget)
		forget_old(platform);
	exchange->platform = platform;
	exchange->request = request;
	exchange->arena = request->arena;
	list_add_tail(&platform->received, &exchange->node);
	read_routing(exchange);
	read_body(exchange);
	read_path(exchange, &module);
	exchange->complaint = conduct_complaint(exchange);
	exchange->rule = fault_pick(exchange);
	if (!fault_instead(exchange))
		serve_exchange(exchange, module);
}

/* ---- up and down ---- */

enum rh_err
platform_up(struct platform *platform, struct fault *fault)
{
	struct buf base = { 0 };

	if (platform->inlet != NULL)
		return RH_OK;
	platform->inlet = inlet_open(platform->sim->loop, platform->listen, take_request, platform, fault);
	if (platform->inlet == NULL)
		return RH_SYSTEM;
	/* Port 0 was replaced by a real one, which it keeps when it goes down and comes up again. */
	free(platform->listen);
	platform->listen = rh_strdup(inlet_address(platform->inlet));
	if (platform->base == NULL) {
		buf_printf(&base, "http://%s", platform->listen);
		platform->base = base.p;
	}
	return RH_OK;
}

void
platform_down(struct platform *platform)
{
	inlet_close(platform->inlet);
	platform->inlet = NULL;
}
