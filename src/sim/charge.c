/* charge: the life of a charge: one request after the other, whatever is answered. A partner that
 * refuses a session is sent the CDR all the same: it is under test, and is to see everything. */
#include "counterpart.h"

#include "outgoing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICKS = 6, LEAST_TICK_MS = 250 };

static void
advance(struct outgoing *out)
{
	struct charge *charge = out->ctx;

	if (!outgoing_good(out) && !charge->counterpart->actor->sim->ending)
		LOG(LOG_DEBUG, "charge", KV("id", charge->id), KVN("http", out->call.status),
		        KVN("ocpi", out->ocpi));
	if (!charge->counterpart->actor->sim->ending)
		net_timer_set(charge->counterpart->actor->sim->loop, &charge->timer, rh_mono_ms());
	outgoing_free(out);
}

/* ---- what it says to whom ---- */

static struct shelf_key
key_of(const struct charge *charge, const char *module, const char *id)
{
	return (struct shelf_key){ .module = module, .owner = charge->cpo, .id = str_of(id) };
}

/* What it tells is what it has. */
static void
tell(struct charge *charge, const char *method, const char *module, json_t *object)
{
	struct counterpart *counterpart = charge->counterpart;
	struct shelf_key key = key_of(charge, module, charge->id);
	bool posts = strcmp(method, "POST") == 0;
	char path[64];

	(void)snprintf(
	        path, sizeof path, "/%s/%s/%s", charge->cpo.country, charge->cpo.party, charge->id);
	if (strcmp(method, "PATCH") == 0)
		shelf_patch(counterpart->actor->shelf, &key, &(struct shelf_place){ 0 }, object);
	else if (life_has_room(counterpart->actor))
		shelf_put(counterpart->actor->shelf, &key, NULL, object);
	if (!life_call(counterpart, method, module, "RECEIVER", posts ? STR("") : str_of(path),
	            &charge->cpo, &charge->emsp, object, advance, charge))
		net_timer_set(counterpart->actor->sim->loop, &charge->timer, rh_mono_ms());
}

/* Everybody is told, by way of the hub; where there is none, who charges. */
static struct ocpi_id
everybody(const struct charge *charge)
{
	struct ocpi_id hub;
	json_t *role;
	size_t i;

	json_array_foreach(charge->counterpart->actor->peer_roles, i, role)
	{
		if (str_is(tree_get_str(role, "role"), "HUB") &&
		        ocpi_id_make(tree_get_str(role, "country_code"),
		                tree_get_str(role, "party_id"), &hub))
			return hub;
	}
	return charge->emsp;
}

static void
tell_evse(struct charge *charge, const char *status)
{
	struct counterpart *counterpart = charge->counterpart;
	const char *location = json_string_value(json_object_get(charge->location, "id"));
	const char *evse = json_string_value(json_object_get(charge->evse, "uid"));
	struct shelf_key key = key_of(charge, "locations", location);
	struct shelf_place place = { .evse = str_of(evse) };
	struct ocpi_id to = everybody(charge);
	json_t *patch = tree_object();
	char path[128];

	tree_set_text(patch, "status", status);
	tree_set_time(patch, "last_updated", rh_wall_ms());
	shelf_patch(counterpart->actor->shelf, &key, &place, patch);
	(void)snprintf(path, sizeof path, "/%s/%s/%.40s/%.40s", charge->cpo.country,
	        charge->cpo.party, location, evse);
	if (!life_call(counterpart, "PATCH", "locations", "RECEIVER", str_of(path), &charge->cpo,
	            &to, patch, advance, charge))
		net_timer_set(counterpart->actor->sim->loop, &charge->timer, rh_mono_ms());
}

/* ---- stages ---- */

static void
measure(struct charge *charge)
{
	const json_t *connector = json_array_get(json_object_get(charge->evse, "connectors"), 0);
	int64_t now_ms = rh_mono_ms();
	int64_t ms = (now_ms < charge->until_ms ? now_ms : charge->until_ms) - charge->begun_ms;

	charge->seconds = (ms + 999) / 1000;
	charge->wh = (bill_watt(connector) * charge->seconds + 1800) / 3600;
}

static void
occupy(struct charge *charge)
{
	charge->start_ms = rh_wall_ms();
	charge->begun_ms = rh_mono_ms();
	charge->until_ms = charge->begun_ms + charge->counterpart->charge_ms;
	charge->stage++;
	tell_evse(charge, "CHARGING");
}

static void
start(struct charge *charge)
{
	charge->stage++;
	tell(charge, "PUT", "sessions", bill_session(charge, "ACTIVE"));
}

static void
wait_for_tick(struct charge *charge)
{
	int64_t tick_ms = charge->counterpart->charge_ms / TICKS;
	int64_t at_ms = rh_mono_ms() + (tick_ms > LEAST_TICK_MS ? tick_ms : LEAST_TICK_MS);

	charge->stage++;
	net_timer_set(charge->counterpart->actor->sim->loop, &charge->timer,
	        at_ms < charge->until_ms ? at_ms : charge->until_ms);
}

static void
go_on(struct charge *charge)
{
	measure(charge);
	if (rh_mono_ms() < charge->until_ms) {
		charge->stage--;
		tell(charge, "PATCH", "sessions", bill_progress(charge));
	} else {
		charge->stage++;
		tell(charge, "PUT", "sessions", bill_session(charge, "COMPLETED"));
	}
}

static void
leave(struct charge *charge)
{
	charge->stage++;
	tell_evse(charge, "AVAILABLE");
}

static void
bill(struct charge *charge)
{
	charge->stage++;
	tell(charge, "POST", "cdrs", bill_cdr(charge));
}

static void (*const stages[])(
        struct charge *charge) = { occupy, start, wait_for_tick, go_on, leave, bill, charge_free };

static void
fired(struct net_timer *timer)
{
	struct charge *charge = container_of(timer, struct charge, timer);

	stages[charge->stage](charge);
}

/* ---- its beginning and end ---- */

static json_t *
cdr_token(const json_t *token)
{
	static const char *const fields[] = { "country_code", "party_id", "uid", "type",
		"contract_id" };
	json_t *out = tree_object();

	for (size_t i = 0; i < COUNT(fields); i++) {
		json_t *value = json_object_get(token, fields[i]);

		if (value != NULL)
			tree_set(out, fields[i], json_deep_copy(value));
	}
	return out;
}

/* That of its first connector. */
static json_t *
tariff_of(const struct charge *charge)
{
	const json_t *connector = json_array_get(json_object_get(charge->evse, "connectors"), 0);
	const json_t *ids = json_object_get(connector, "tariff_ids");
	const char *id = json_string_value(json_array_get(ids, 0));
	struct shelf_key key = key_of(charge, "tariffs", id);

	return id != NULL ? shelf_get(charge->counterpart->actor->shelf, &key, NULL) : NULL;
}

static const json_t *
find_evse(const json_t *location, const char *uid)
{
	json_t *evse;
	size_t i;

	json_array_foreach(json_object_get(location, "evses"), i, evse)
	{
		const char *its = json_string_value(json_object_get(evse, "uid"));

		if (its != NULL && uid != NULL && strcmp(its, uid) == 0)
			return evse;
	}
	return NULL;
}

void
charge_begin(struct counterpart *counterpart, const struct charge_wish *wish)
{
	struct charge *charge = rh_alloc(sizeof *charge);
	const char *uid = json_string_value(json_object_get(wish->evse, "uid"));

	charge->counterpart = counterpart;
	charge->cpo = *wish->cpo;
	charge->emsp = *wish->emsp;
	charge->token = cdr_token(wish->token);
	charge->location = json_deep_copy(wish->location);
	charge->evse = find_evse(charge->location, uid);
	charge->tariff = json_incref(tariff_of(charge));
	charge->reference =
	        wish->reference.len > 0 ? strndup(wish->reference.p, wish->reference.len) : NULL;
	charge->method = wish->method;
	(void)snprintf(charge->id, sizeof charge->id, "%" PRId64 "-%" PRIu64, rh_wall_ms() / 1000,
	        ++counterpart->charged);
	charge->timer.fire = fired;
	list_add_tail(&counterpart->charges, &charge->node);
	counterpart->charge_count++;
	net_timer_set(counterpart->actor->sim->loop, &charge->timer, rh_mono_ms() + wish->after_ms);
}

void
charge_end(struct charge *charge)
{
	charge->until_ms = rh_mono_ms();
	if (stages[charge->stage] == go_on) /* it waits for its tick */
		net_timer_set(charge->counterpart->actor->sim->loop, &charge->timer, rh_mono_ms());
}

void
charge_free(struct charge *charge)
{
	net_timer_stop(charge->counterpart->actor->sim->loop, &charge->timer);
	charge->counterpart->charge_count--;
	list_remove(&charge->node);
	json_decref(charge->token);
	json_decref(charge->location);
	json_decref((json_t *)(uintptr_t)charge->tariff);
	free(charge->reference);
	free(charge);
}
