/* commands: charging commands and charging profiles: an answer at once, the result on response_url
 * later.
 *
 * A response_url is kept after its first use: a CPO may cancel a reservation on it much later
 * (CMD-006), which the scenario does with `callback`. */
#include "commands.h"

#include "outgoing.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_S = 30, AFTER_MS = 100, MOST_CALLBACKS = 10000 };

/* ---- manners ---- */

const struct manner *
manner_of(const struct actor *actor, const char *what)
{
	list_each (node, &actor->manners) {
		const struct manner *manner = container_of(node, struct manner, node);

		if (strcmp(manner->what, what) == 0)
			return manner;
	}
	return NULL;
}

static void
manner_free(struct manner *manner)
{
	list_remove(&manner->node);
	free(manner->what);
	free(manner->answer);
	free(manner->result);
	free(manner);
}

void
manner_set(struct actor *actor, const struct manner *manner)
{
	struct manner *old = (struct manner *)manner_of(actor, manner->what);
	struct manner *mine = rh_alloc(sizeof(*mine));

	mine->what = rh_strdup(manner->what);
	mine->answer = manner->answer == NULL ? NULL : rh_strdup(manner->answer);
	mine->result = manner->result == NULL ? NULL : rh_strdup(manner->result);
	mine->after_ms = manner->after_ms;
	if (old != NULL)
		manner_free(old);
	list_add_tail(&actor->manners, &mine->node);
}

/* ---- callbacks ---- */

static void
callback_free(struct callback *callback)
{
	net_timer_stop(callback->actor->sim->loop, &callback->timer);
	list_remove(&callback->node);
	json_decref(callback->result);
	free(callback->url);
	free(callback->what);
	free(callback);
}

void
callbacks_free(struct actor *actor)
{
	list_each_safe (node, next, &actor->callbacks)
		callback_free(container_of(node, struct callback, node));
	list_each_safe (node, next, &actor->manners)
		manner_free(container_of(node, struct manner, node));
}

struct callback *
callback_last(const struct actor *actor, const char *what)
{
	struct callback *last = NULL;

	list_each (node, &actor->callbacks) {
		struct callback *callback = container_of(node, struct callback, node);

		if (strcmp(callback->what, what) == 0)
			last = callback;
	}
	return last;
}

struct outgoing *
callback_call(struct callback *callback, const json_t *result)
{
	struct actor *actor = callback->actor;
	struct outgoing *out =
	        outgoing_new(actor, STR("POST"), str_of(callback->url), actor->token_out);

	outgoing_routing(out, callback->has_from ? &callback->from : NULL,
	        callback->has_to ? &callback->to : NULL);
	outgoing_body(out, json_text(result, out->arena));
	return out;
}

static void
callback_done(struct outgoing *out)
{
	outgoing_free(out);
}

static void
callback_fire(struct net_timer *timer)
{
	struct callback *callback = container_of(timer, struct callback, timer);
	struct outgoing *out = callback_call(callback, callback->result);
	struct fault fault = { 0 };

	out->done = callback_done;
	if (outgoing_start(out, &fault) != RH_OK) {
		LOG(LOG_WARNING, "callback-failed", KV("platform", callback->actor->name),
		        KV("why", fault.why));
		outgoing_free(out);
	}
}

/** Remember where the result of @exchange goes; the answer turns FROM and TO round. */
static struct callback *
callback_new(struct exchange *exchange, const char *what, struct str url)
{
	struct actor *actor = exchange->actor;
	struct callback *callback = rh_alloc(sizeof(*callback));

	if (actor->callback_count++ >= MOST_CALLBACKS)
		callback_free(container_of(actor->callbacks.next, struct callback, node));
	callback->actor = actor;
	callback->what = rh_strdup(what);
	callback->url = strndup(url.p, url.len);
	callback->has_from = exchange->has_to;
	callback->from = exchange->to;
	callback->has_to = exchange->has_from;
	callback->to = exchange->from;
	callback->timer.fire = callback_fire;
	list_add_tail(&exchange->actor->callbacks, &callback->node);
	return callback;
}

/** Answer @response at once, and when it is ACCEPTED post @result (consumed) to @url a little
 * later. */
static void
respond(struct exchange *exchange, const char *what, struct str url, const char *response,
        json_t *result)
{
	const struct manner *manner = manner_of(exchange->actor, what);
	struct callback *callback = callback_new(exchange, what, url);
	int64_t after_ms = manner == NULL ? AFTER_MS : manner->after_ms;

	if (manner != NULL && manner->answer != NULL)
		response = manner->answer;
	if (manner != NULL && manner->result != NULL && result != NULL) {
		json_object_set_new(result, "result", tree_text(manner->result));
		if (strcmp(manner->result, "ACCEPTED") != 0)
			json_object_del(result, "profile"); /* CHP-010 */
	}
	callback->result = result;
	if (strcmp(response, "ACCEPTED") == 0 && (manner == NULL || manner->result != NULL))
		net_timer_set(
		        exchange->actor->sim->loop, &callback->timer, rh_mono_ms() + after_ms);
	answer(exchange, 200, 1000, "Success",
	        json_pack("{s:s, s:i}", "result", response, "timeout", TIMEOUT_S));
}

/** What the other side posts to a response_url of ours. */
void
callback_serve(struct exchange *exchange)
{
	if (str_is(exchange->request->method, "POST"))
		answer(exchange, 200, 1000, "Success", NULL);
	else
		answer(exchange, 405, 2000, "method is not allowed here", NULL);
}

/* ---- commands ---- */

static struct str
body_string(const struct exchange *exchange, const char *name)
{
	return str_of(json_string_value(json_object_get(exchange->body, name)));
}

/** One of our parties has object @id of @module. */
static bool
have_own(struct exchange *exchange, const char *module, struct str id)
{
	const struct actor *actor = exchange->actor;

	for (size_t i = 0; i < actor->party_count && id.p != NULL; i++) {
		struct shelf_key key = {
			.module = module, .owner = actor->parties[i].id, .id = id
		};

		if (shelf_get(actor->shelf, &key, NULL) != NULL)
			return true;
	}
	return false;
}

/** Reservations are told apart by the party that made them (CMD-018). */
static struct shelf_key
reservation_key(const struct exchange *exchange)
{
	struct shelf_key key = { .module = "reservations",
		.id = body_string(exchange, "reservation_id") };

	if (exchange->has_from)
		key.owner = exchange->from;
	return key;
}

static const char *
command_result(struct exchange *exchange, const char *command)
{
	struct shelf_key key = reservation_key(exchange);
	const struct life *life = exchange->actor->life;
	const char *lived = life != NULL ? life->command(exchange, command) : NULL;

	if (lived != NULL)
		return lived;
	if (strcmp(command, "RESERVE_NOW") == 0)
		shelf_put(exchange->actor->shelf, &key, NULL, exchange->body);
	if (strcmp(command, "CANCEL_RESERVATION") == 0 &&
	        !shelf_remove(exchange->actor->shelf, &key))
		return "UNKNOWN_RESERVATION";
	return "ACCEPTED";
}

void
command_serve(struct exchange *exchange)
{
	const char *command =
	        arena_cstr(exchange->arena, exchange->path.decoded[exchange->matched.first]);
	struct str url = body_string(exchange, "response_url");
	struct str location = body_string(exchange, "location_id");
	const char *response = "ACCEPTED";

	if (url.p == NULL) {
		answer(exchange, 200, 2001, "response_url is missing", NULL);
		return;
	}
	if (location.p != NULL && !have_own(exchange, "locations", location)) {
		answer(exchange, 200, 2003, "location is not known", NULL);
		return;
	}
	if (strcmp(command, "STOP_SESSION") == 0 &&
	        !have_own(exchange, "sessions", body_string(exchange, "session_id")))
		response = "UNKNOWN_SESSION";
	respond(exchange, command, url, response,
	        json_pack("{s:s}", "result", command_result(exchange, command)));
}

/* ---- charging profiles ---- */

static struct shelf_key
profile_key(const struct exchange *exchange)
{
	struct shelf_key key = { .module = "chargingprofiles", .id = exchange->matched.id };

	if (exchange->actor->party_count > 0)
		key.owner = exchange->actor->parties[0].id;
	return key;
}

static json_t *
active_profile(struct exchange *exchange)
{
	struct shelf_key key = profile_key(exchange);
	json_t *profile = shelf_get(exchange->actor->shelf, &key, NULL);
	char now[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(rh_wall_ms(), now);
	if (profile == NULL)
		profile = json_pack("{s:s, s:[{s:i, s:f}]}", "charging_rate_unit", "A",
		        "charging_profile_period", "start_period", 0, "limit", 16.0);
	else
		json_incref(profile);
	return json_pack("{s:s, s:{s:s, s:o}}", "result", "ACCEPTED", "profile", "start_date_time",
	        now, "charging_profile", profile);
}

static json_t *
profile_result(struct exchange *exchange)
{
	struct shelf_key key = profile_key(exchange);
	json_t *profile = json_object_get(exchange->body, "charging_profile");

	if (str_is(exchange->request->method, "GET"))
		return active_profile(exchange);
	if (str_is(exchange->request->method, "PUT") && profile != NULL)
		shelf_put(exchange->actor->shelf, &key, NULL, profile);
	if (str_is(exchange->request->method, "DELETE") &&
	        !shelf_remove(exchange->actor->shelf, &key))
		return json_pack("{s:s}", "result", "UNKNOWN");
	return json_pack("{s:s}", "result", "ACCEPTED");
}

void
profile_serve(struct exchange *exchange)
{
	struct str url = body_string(exchange, "response_url");
	struct ocpi_query_value value;
	bool get = str_is(exchange->request->method, "GET");

	if (ocpi_query_find(exchange->path.query, "response_url", exchange->arena, &value))
		url = value.decoded;
	if (url.p == NULL)
		answer(exchange, 200, 2001, "response_url is missing", NULL);
	else if (get && !ocpi_query_find(exchange->path.query, "duration", exchange->arena, &value))
		answer(exchange, 200, 2001, "duration is missing", NULL);
	else if (!have_own(exchange, "sessions", exchange->matched.id))
		respond(exchange, "chargingprofiles", url, "UNKNOWN_SESSION", NULL);
	else
		respond(exchange, "chargingprofiles", url, "ACCEPTED", profile_result(exchange));
}

/** Sender interface: the charge point's active profile changed (CHP-E5). */
void
profile_update(struct exchange *exchange)
{
	struct shelf_key key = profile_key(exchange);

	if (!json_is_object(exchange->body)) {
		answer(exchange, 200, 2001, "an ActiveChargingProfile is expected", NULL);
		return;
	}
	shelf_put(exchange->actor->shelf, &key, NULL, exchange->body);
	answer(exchange, 200, 1000, "Success", NULL);
}
