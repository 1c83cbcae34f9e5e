/* bill: what a charge is as Session and CDR. All sums are made of whole numbers (Wh, seconds,
 * ten-thousandths of the currency), so that no part of the bill contradicts another. */
#include "charge.h"

#include <string.h>

enum { MONEY = 10000, HOUR_S = 3600, MOST_WATT = 150000 };

struct cost {
	int64_t excl, incl;
};
struct costs {
	struct cost fixed, energy, time;
};

int64_t
bill_watt(const json_t *connector)
{
	double watt = json_number_value(json_object_get(connector, "max_electric_power"));
	double volt = json_number_value(json_object_get(connector, "max_voltage"));
	double ampere = json_number_value(json_object_get(connector, "max_amperage"));
	const char *type = json_string_value(json_object_get(connector, "power_type"));

	if (watt <= 0)
		watt = volt * ampere * (type != NULL && strcmp(type, "AC_3_PHASE") == 0 ? 3 : 1);
	return watt > 0 && watt < MOST_WATT ? (int64_t)watt : MOST_WATT;
}

/* ---- costs ---- */

/* Of what is not negative. */
static int64_t
whole(double value)
{
	return (int64_t)(value + 0.5);
}

static void
add_cost(struct cost *cost, const json_t *component, int64_t amount, int64_t per)
{
	int64_t price = whole(json_number_value(json_object_get(component, "price")) * MONEY);
	double vat = json_number_value(json_object_get(component, "vat"));
	int64_t excl = (price * amount + per / 2) / per;

	cost->excl += excl;
	cost->incl += excl + whole((double)excl * vat / 100);
}

static void
add_component(struct costs *costs, const json_t *component, const struct charge *charge)
{
	const char *type = json_string_value(json_object_get(component, "type"));

	if (type == NULL)
		return;
	if (strcmp(type, "FLAT") == 0)
		add_cost(&costs->fixed, component, 1, 1);
	else if (strcmp(type, "ENERGY") == 0)
		add_cost(&costs->energy, component, charge->wh, 1000);
	else if (strcmp(type, "TIME") == 0)
		add_cost(&costs->time, component, charge->seconds, HOUR_S);
}

/* Of the first element: tariffs of the simulator have no restrictions. */
static struct costs
costs_of(const struct charge *charge)
{
	json_t *elements = json_object_get(charge->tariff, "elements"), *component;
	struct costs costs = { 0 };
	size_t i;

	json_array_foreach(
	        json_object_get(json_array_get(elements, 0), "price_components"), i, component)
	{
		add_component(&costs, component, charge);
	}
	return costs;
}

static void
set_decimal(json_t *object, const char *key, int64_t value, int64_t scale)
{
	tree_set(object, key, json_real((double)value / (double)scale));
}

static void
set_price(json_t *object, const char *key, struct cost cost)
{
	json_t *price = tree_object();

	set_decimal(price, "excl_vat", cost.excl, MONEY);
	set_decimal(price, "incl_vat", cost.incl, MONEY);
	tree_set(object, key, price);
}

static void
set_total(json_t *object, const struct costs *costs)
{
	set_price(object, "total_cost",
	        (struct cost){ costs->fixed.excl + costs->energy.excl + costs->time.excl,
	                costs->fixed.incl + costs->energy.incl + costs->time.incl });
}

/* ---- what both say ---- */

static void
set_copy(json_t *object, const char *key, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value != NULL)
		tree_set(object, key, json_deep_copy(value));
}

static int64_t
end_ms(const struct charge *charge)
{
	return charge->start_ms + charge->seconds * 1000;
}

static const json_t *
connector_of(const struct charge *charge)
{
	return json_array_get(json_object_get(charge->evse, "connectors"), 0);
}

static json_t *
begin_object(const struct charge *charge)
{
	json_t *object = tree_object();

	tree_set_text(object, "country_code", charge->cpo.country);
	tree_set_text(object, "party_id", charge->cpo.party);
	tree_set_text(object, "id", charge->id);
	tree_set_time(object, "start_date_time", charge->start_ms);
	tree_set(object, "cdr_token", json_deep_copy(charge->token));
	tree_set_text(object, "auth_method", charge->method);
	if (charge->reference != NULL)
		tree_set_text(object, "authorization_reference", charge->reference);
	tree_set_text(object, "currency", "EUR");
	set_copy(object, "currency", charge->tariff, "currency");
	return object;
}

static void
add_dimension(json_t *list, const char *type, int64_t value, int64_t scale)
{
	json_t *dimension = tree_object();

	tree_set_text(dimension, "type", type);
	set_decimal(dimension, "volume", value, scale);
	tree_add(list, dimension);
}

static int64_t
hours_e4(const struct charge *charge)
{
	return (charge->seconds * 10000 + HOUR_S / 2) / HOUR_S;
}

static void
set_periods(json_t *object, const struct charge *charge)
{
	json_t *list = tree_list(), *period = tree_object(), *dimensions = tree_list();

	tree_set_time(period, "start_date_time", charge->start_ms);
	add_dimension(dimensions, "ENERGY", charge->wh, 1000);
	add_dimension(dimensions, "TIME", hours_e4(charge), 10000);
	tree_set(period, "dimensions", dimensions);
	set_copy(period, "tariff_id", charge->tariff, "id");
	tree_add(list, period);
	tree_set(object, "charging_periods", list);
}

/* ---- session ---- */

static void
set_progress(json_t *object, const struct charge *charge)
{
	struct costs costs = costs_of(charge);

	set_decimal(object, "kwh", charge->wh, 1000);
	set_total(object, &costs);
	tree_set_time(object, "last_updated", rh_wall_ms());
}

json_t *
bill_progress(const struct charge *charge)
{
	json_t *patch = tree_object();

	set_progress(patch, charge);
	return patch;
}

json_t *
bill_session(const struct charge *charge, const char *status)
{
	json_t *session = begin_object(charge);

	set_copy(session, "location_id", charge->location, "id");
	set_copy(session, "evse_uid", charge->evse, "uid");
	set_copy(session, "connector_id", connector_of(charge), "id");
	tree_set_text(session, "status", status);
	if (strcmp(status, "COMPLETED") == 0) {
		tree_set_time(session, "end_date_time", end_ms(charge));
		set_periods(session, charge);
	}
	set_progress(session, charge);
	return session;
}

/* ---- CDR ---- */

static json_t *
place_of(const struct charge *charge)
{
	static const char *const of_location[] = { "id", "name", "address", "city", "postal_code",
		"country", "coordinates" };
	const json_t *connector = connector_of(charge);
	json_t *place = tree_object();

	for (size_t i = 0; i < COUNT(of_location); i++)
		set_copy(place, of_location[i], charge->location, of_location[i]);
	set_copy(place, "evse_uid", charge->evse, "uid");
	tree_set_text(place, "evse_id", "#NA"); /* as OCPI has it for one without */
	set_copy(place, "evse_id", charge->evse, "evse_id");
	set_copy(place, "connector_id", connector, "id");
	set_copy(place, "connector_standard", connector, "standard");
	set_copy(place, "connector_format", connector, "format");
	set_copy(place, "connector_power_type", connector, "power_type");
	return place;
}

json_t *
bill_cdr(const struct charge *charge)
{
	struct costs costs = costs_of(charge);
	json_t *cdr = begin_object(charge), *tariffs = tree_list();

	tree_set_time(cdr, "end_date_time", end_ms(charge));
	tree_set_text(cdr, "session_id", charge->id);
	tree_set(cdr, "cdr_location", place_of(charge));
	if (charge->tariff != NULL)
		tree_add(tariffs, json_deep_copy(charge->tariff));
	tree_set(cdr, "tariffs", tariffs);
	set_periods(cdr, charge);
	set_total(cdr, &costs);
	if (costs.fixed.excl > 0)
		set_price(cdr, "total_fixed_cost", costs.fixed);
	set_decimal(cdr, "total_energy", charge->wh, 1000);
	if (costs.energy.excl > 0)
		set_price(cdr, "total_energy_cost", costs.energy);
	set_decimal(cdr, "total_time", hours_e4(charge), 10000);
	if (costs.time.excl > 0)
		set_price(cdr, "total_time_cost", costs.time);
	tree_set_time(cdr, "last_updated", rh_wall_ms());
	return cdr;
}
