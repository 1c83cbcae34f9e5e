/* actor: what it is and where it listens.
 *
 * URLs of a platform, below its base:
 *   /ocpi/versions, /ocpi/2.2.1, /ocpi/2.2.1/credentials, /ocpi/2.2.1/receiver/hubclientinfo,
 *   /ocpi/2.2.1/sender/M and /ocpi/2.2.1/receiver/M for each module M that its roles have,
 *   /callback/... for the results of commands, /cdr/ID for the CDRs that it accepted. */
#include "actor.h"

#include "faults.h"
#include "outgoing.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 3000, IDLE_MS = 30000, MOST_CONNECTIONS = 64, MOST_WAITING = 1024 };

struct sim *
sim_new(void (*take)(void *ctx, struct inlet_request *request), struct fault *fault)
{
	struct sim *sim = rh_alloc(sizeof(*sim));
	struct net_client_conf conf = {
		.connect_ms = CONNECT_MS,
		.headers = outgoing_answer_headers,
		.max_per_origin = MOST_CONNECTIONS,
		.max_waiting = MOST_WAITING,
		.idle_ms = IDLE_MS,
	};

	list_init(&sim->actors);
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
	outgoing_end_all(sim);
	list_each_safe (node, next, &sim->actors)
		actor_free(container_of(node, struct actor, node));
	if (sim->client != NULL)
		net_client_free(sim->client);
	net_egress_free(sim->egress);
	net_loop_free(sim->loop);
	free(sim);
}

struct actor *
actor_new(struct sim *sim, const char *name)
{
	struct actor *actor = rh_alloc(sizeof(*actor));

	actor->sim = sim;
	actor->name = rh_strdup(name);
	actor->versions = rh_strdup(OCPI_VERSION);
	actor->listen = rh_strdup("127.0.0.1:0");
	actor->page_size = 50;
	actor->patience_ms = OUTGOING_DEADLINE_MS;
	actor->shelf = shelf_new();
	list_init(&actor->manners);
	list_init(&actor->faults);
	list_init(&actor->received);
	list_init(&actor->callbacks);
	list_add_tail(&sim->actors, &actor->node);
	return actor;
}

struct actor *
actor_find(const struct sim *sim, struct str name)
{
	list_each (node, &sim->actors) {
		struct actor *actor = container_of(node, struct actor, node);

		if (str_is(name, actor->name))
			return actor;
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
actor_forget(struct actor *actor)
{
	drop(&actor->token_in);
	drop(&actor->token_out);
	drop(&actor->peer_versions);
	json_decref(actor->peer_endpoints);
	json_decref(actor->peer_roles);
	actor->peer_endpoints = actor->peer_roles = NULL;
}

void
actor_release(struct exchange *exchange)
{
	net_timer_stop(exchange->actor->sim->loop, &exchange->timer);
	list_remove(&exchange->node);
	json_decref(exchange->body);
	inlet_request_free(exchange->request); /* the exchange lies in its arena */
}

void
actor_free(struct actor *actor)
{
	list_each_safe (node, next, &actor->received)
		actor_release(container_of(node, struct exchange, node));
	actor_down(actor);
	callbacks_free(actor);
	if (actor->life != NULL)
		actor->life->end(actor);
	fault_clear(actor);
	actor_forget(actor);
	shelf_free(actor->shelf);
	for (size_t i = 0; i < actor->party_count; i++)
		free(actor->parties[i].name);
	drop(&actor->token_a);
	drop(&actor->token_offered);
	drop(&actor->versions);
	drop(&actor->modules);
	drop(&actor->listen);
	drop(&actor->base);
	drop(&actor->name);
	list_remove(&actor->node);
	free(actor);
}

/* ---- what it is ---- */

const struct party *
actor_party(const struct actor *actor, const struct ocpi_id *id)
{
	for (size_t i = 0; i < actor->party_count; i++)
		if (ocpi_id_same(&actor->parties[i].id, id))
			return &actor->parties[i];
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
actor_has(const struct actor *actor, const char *module, enum ocpi_interface interface)
{
	if (actor->modules != NULL && !in_words(actor->modules, str_of(module)))
		return false;
	for (size_t i = 0; i < actor->party_count; i++)
		if (role_has(actor->parties[i].role, str_of(module), interface))
			return true;
	return false;
}

const char *
actor_peer_endpoint(const struct actor *actor, const char *module, const char *interface)
{
	json_t *endpoint;
	size_t i;

	json_array_foreach(actor->peer_endpoints, i, endpoint)
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
actor_url(const struct actor *actor, struct arena *arena, const char *path)
{
	return arena_printf(arena, "%s%s", actor->base, path);
}

/* ---- up and down ---- */

enum rh_err
actor_up(struct actor *actor, struct fault *fault)
{
	struct buf base = { 0 };

	if (actor->inlet != NULL)
		return RH_OK;
	actor->started = true;
	actor->inlet = inlet_open(actor->sim->loop, actor->listen, actor->sim->take, actor, fault);
	if (actor->inlet == NULL)
		return RH_SYSTEM;
	/* Port 0 was replaced by a real one, which it keeps when it goes down and comes up again.
	 */
	free(actor->listen);
	actor->listen = rh_strdup(inlet_address(actor->inlet));
	if (actor->base == NULL) {
		buf_printf(&base, "http://%s", actor->listen);
		actor->base = base.p;
	}
	return RH_OK;
}

void
actor_down(struct actor *actor)
{
	inlet_close(actor->inlet);
	actor->inlet = NULL;
}
