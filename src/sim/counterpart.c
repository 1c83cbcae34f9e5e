/* counterpart: what a platform that lives makes of what it is told. */
#include "counterpart.h"

#include "outgoing.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHARGES = 32, DRIVER_MS = 500, BEGIN_MS = 300 };

static const struct life life;

void
counterpart_begin(struct actor *actor, int64_t charge_ms)
{
	struct counterpart *counterpart = actor->counterpart;

	if (counterpart == NULL) {
		counterpart = actor->counterpart = rh_alloc(sizeof *counterpart);
		counterpart->actor = actor;
		actor->life = &life;
		list_init(&counterpart->charges);
	}
	counterpart->charge_ms = charge_ms;
}

static void
end(struct actor *actor)
{
	struct counterpart *counterpart = actor->counterpart;

	list_each_safe (node, next, &counterpart->charges)
		charge_free(container_of(node, struct charge, node));
	net_timer_stop(actor->sim->loop, &counterpart->driver);
	json_decref(counterpart->wanted);
	free(counterpart);
	actor->counterpart = NULL;
	actor->life = NULL;
}

static const struct party *
own_party(const struct actor *actor, enum ocpi_role role)
{
	for (size_t i = 0; i < actor->party_count; i++)
		if (actor->parties[i].role == role)
			return &actor->parties[i];
	return NULL;
}

/* ---- charge points ---- */

static bool
is_taken(const struct counterpart *counterpart, const char *uid)
{
	list_each (node, &counterpart->charges) {
		const struct charge *charge = container_of(node, struct charge, node);
		const char *taken = json_string_value(json_object_get(charge->evse, "uid"));

		if (taken != NULL && strcmp(taken, uid) == 0)
			return true;
	}
	return false;
}

/* One that is free: that of @uid, or any when that is absent. */
static const json_t *
free_evse(const struct counterpart *counterpart, const json_t *location, struct str uid)
{
	json_t *evse;
	size_t i;

	json_array_foreach(json_object_get(location, "evses"), i, evse)
	{
		const char *its = json_string_value(json_object_get(evse, "uid"));

		if (its != NULL && (uid.p == NULL || str_is(uid, its)) &&
		        json_array_size(json_object_get(evse, "connectors")) > 0 &&
		        !is_taken(counterpart, its))
			return evse;
	}
	return NULL;
}

/* The first own location that has one. */
static const json_t *
free_location(const struct counterpart *counterpart, const struct ocpi_id *own, const json_t **evse)
{
	const struct shelf *shelf = counterpart->actor->shelf;

	for (const struct shelf_item *item = NULL;
	        (item = shelf_next(shelf, "locations", item)) != NULL;) {
		*evse = ocpi_id_same(shelf_owner(item), own)
		                ? free_evse(counterpart, shelf_object(item), (struct str){ 0 })
		                : NULL;
		if (*evse != NULL)
			return shelf_object(item);
	}
	return NULL;
}

/* ---- commands ---- */

static const char *
start_session(struct exchange *exchange)
{
	struct counterpart *counterpart = exchange->actor->counterpart;
	const struct party *own = own_party(exchange->actor, ROLE_CPO);
	const json_t *body = exchange->body;
	struct charge_wish wish = { .token = json_object_get(body, "token"),
		.emsp = &exchange->from,
		.reference = tree_get_str(body, "authorization_reference"),
		.method = "COMMAND",
		.after_ms = BEGIN_MS };
	struct shelf_key key = { .module = "locations", .id = tree_get_str(body, "location_id") };

	if (own == NULL || !exchange->has_from || counterpart->charge_count >= MOST_CHARGES)
		return "REJECTED";
	key.owner = own->id;
	wish.cpo = &own->id;
	wish.location = shelf_get(exchange->actor->shelf, &key, NULL);
	wish.evse = free_evse(counterpart, wish.location, tree_get_str(body, "evse_uid"));
	if (wish.evse == NULL)
		return "EVSE_OCCUPIED";
	charge_begin(counterpart, &wish);
	return "ACCEPTED";
}

static const char *
stop_session(struct exchange *exchange)
{
	struct str id = tree_get_str(exchange->body, "session_id");

	list_each (node, &exchange->actor->counterpart->charges) {
		struct charge *charge = container_of(node, struct charge, node);

		if (!str_is(id, charge->id))
			continue;
		charge_end(charge);
		return "ACCEPTED";
	}
	return "FAILED"; /* it is over */
}

static const char *
take_command(struct exchange *exchange, const char *command)
{
	if (strcmp(command, "START_SESSION") == 0)
		return start_session(exchange);
	return strcmp(command, "STOP_SESSION") == 0 ? stop_session(exchange) : NULL;
}

/* ---- the driver who comes by himself ---- */

static void
authorized(struct outgoing *out)
{
	struct counterpart *counterpart = out->ctx;
	const json_t *info = json_object_get(out->json, "data");
	struct charge_wish wish = { .token = counterpart->wanted,
		.cpo = &counterpart->own,
		.emsp = &counterpart->other,
		.reference = tree_get_str(info, "authorization_reference"),
		.method = "AUTH_REQUEST" };

	wish.location = free_location(counterpart, &counterpart->own, &wish.evse);
	if (outgoing_good(out) && str_is(tree_get_str(info, "allowed"), "ALLOWED") &&
	        wish.location != NULL && !counterpart->actor->sim->ending)
		charge_begin(counterpart, &wish);
	outgoing_free(out);
}

static void
authorize(struct counterpart *counterpart)
{
	const json_t *evse, *location = free_location(counterpart, &counterpart->own, &evse);
	json_t *body = tree_object(), *uids = tree_list();
	struct buf path = { 0 };

	buf_printf(&path, "/%s/authorize?type=%s",
	        json_string_value(json_object_get(counterpart->wanted, "uid")),
	        json_string_value(json_object_get(counterpart->wanted, "type")));
	if (location != NULL) {
		tree_set_str(body, "location_id", tree_get_str(location, "id"));
		tree_add(uids, tree_str(tree_get_str(evse, "uid")));
	}
	tree_set(body, "evse_uids", uids);
	(void)life_call(counterpart, "POST", "tokens", "SENDER", buf_str(&path), &counterpart->own,
	        &counterpart->other, body, authorized, counterpart);
	buf_free(&path);
}

static void
asked(struct outgoing *out)
{
	outgoing_free(out);
}

static json_t *
first_token(const struct counterpart *counterpart)
{
	const struct shelf *shelf = counterpart->actor->shelf;

	for (const struct shelf_item *item = NULL;
	        (item = shelf_next(shelf, "tokens", item)) != NULL;)
		if (ocpi_id_same(shelf_owner(item), &counterpart->own))
			return shelf_object(item);
	return NULL;
}

static void
ask_to_start(struct counterpart *counterpart)
{
	json_t *body = tree_object(), *token = first_token(counterpart);
	json_t *evse = json_array_get(json_object_get(counterpart->wanted, "evses"), 0);
	struct buf url = { 0 };

	buf_printf(&url, "%s/callback/START_SESSION/1", counterpart->actor->base);
	tree_set_str(body, "response_url", buf_str(&url));
	tree_set(body, "token", json_incref(token));
	tree_set_str(body, "location_id", tree_get_str(counterpart->wanted, "id"));
	if (evse != NULL)
		tree_set_str(body, "evse_uid", tree_get_str(evse, "uid"));
	buf_free(&url);
	if (token != NULL)
		(void)life_call(counterpart, "POST", "commands", "RECEIVER", STR("/START_SESSION"),
		        &counterpart->own, &counterpart->other, body, asked, NULL);
	else
		json_decref(body);
}

static void
driver_comes(struct net_timer *timer)
{
	struct counterpart *counterpart = container_of(timer, struct counterpart, driver);
	const struct party *own = actor_party(counterpart->actor, &counterpart->own);

	if (own->role == ROLE_CPO)
		authorize(counterpart);
	else
		ask_to_start(counterpart);
}

/* Whom this object brings; NULL: nobody. */
static const struct party *
brings(const struct exchange *exchange)
{
	if (exchange->matched.evse.p != NULL || !str_is(exchange->request->method, "PUT"))
		return NULL;
	if (strcmp(exchange->module, "tokens") == 0 &&
	        json_is_true(json_object_get(exchange->body, "valid")))
		return own_party(exchange->actor, ROLE_CPO);
	return strcmp(exchange->module, "locations") == 0 ? own_party(exchange->actor, ROLE_EMSP)
	                                                  : NULL;
}

static void
take_object(struct exchange *exchange)
{
	struct counterpart *counterpart = exchange->actor->counterpart;
	const struct party *own = brings(exchange);

	if (own == NULL || counterpart->came ||
	        !ocpi_id_make(exchange->matched.cc, exchange->matched.party, &counterpart->other))
		return;
	counterpart->came = true;
	counterpart->own = own->id;
	counterpart->wanted = json_deep_copy(exchange->body);
	counterpart->driver.fire = driver_comes;
	net_timer_set(exchange->actor->sim->loop, &counterpart->driver, rh_mono_ms() + DRIVER_MS);
}

static const struct life life = { take_command, take_object, life_has_room, end };
