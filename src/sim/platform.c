/* platform: what it is and where it listens.
 *
 * URLs of a platform, below its base:
 *   /ocpi/versions, /ocpi/2.2.1, /ocpi/2.2.1/credentials, /ocpi/2.2.1/receiver/hubclientinfo,
 *   /ocpi/2.2.1/sender/M and /ocpi/2.2.1/receiver/M for each module M that its roles have,
 *   /callback/... for the results of commands, /cdr/ID for the CDRs that it accepted. */
#include "platform.h"

#include "call.h"
#include "faults.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 3000, IDLE_MS = 30000, MOST_CONNECTIONS = 64, MOST_WAITING = 1024 };

struct sim *
sim_new(void (*take)(void *ctx, struct inlet_request *request), struct fault *fault)
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
	sim->take = take;
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

/** Does a party with @role serve @interface of @module? terminology.asciidoc "Typical OCPI
 * implementations". */
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
	if (str_is(module, "tokens") || str_is(module, "commands") ||
	        str_is(module, "chargingprofiles"))
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

	json_array_foreach(platform->peer_endpoints, i, endpoint)
	{
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

/* ---- up and down ---- */

enum rh_err
platform_up(struct platform *platform, struct fault *fault)
{
	struct buf base = { 0 };

	if (platform->inlet != NULL)
		return RH_OK;
	platform->started = true;
	platform->inlet = inlet_open(
	        platform->sim->loop, platform->listen, platform->sim->take, platform, fault);
	if (platform->inlet == NULL)
		return RH_SYSTEM;
	/* Port 0 was replaced by a real one, which it keeps when it goes down and comes up again.
	 */
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
