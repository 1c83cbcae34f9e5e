/* sim_visit: objects that make sense together.
 *
 * A visit to a charge point is a handful of whole numbers, drawn from the seed: minutes in quarters
 * of an hour, energy in Wh, prices in cents. All else is computed from them, in ten-thousandths of
 * the currency, so that each sum is exact and no object has a number that another one contradicts.
 */
#include "sim_visit.h"
#include "sim_place.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "roamhub/ocpi.h"

const char *const sim_visit_classes[VISIT_OBJECTS] = { "Location", "Tariff", "Token", "Session",
	"CDR" };

enum { QUARTER_MIN = 15, MINUTE_MS = 60000, MOST_PERIODS = 4, VAT_BASE = 100 };

/* clang-format off */
static const struct power {
	const char *standard, *format, *type;
	int volt, ampere;
	int64_t watt, taken;  /* of the connector, and by the car */
	int64_t most_quarters; /* of an hour in a period: no battery takes more */
} powers[] = {
	{ "IEC_62196_T2",       "SOCKET", "AC_3_PHASE", 230, 16,  11000,  11000, 3 },
	{ "IEC_62196_T2",       "CABLE",  "AC_3_PHASE", 230, 32,  22000,  22000, 2 },
	{ "IEC_62196_T2_COMBO", "CABLE",  "DC",         400, 125, 50000,  48000, 1 },
	{ "IEC_62196_T2_COMBO", "CABLE",  "DC",         920, 200, 150000, 80000, 1 },
};
/* clang-format on */

struct period {
	int64_t minutes, wh;
};
struct visit {
	uint64_t seed, draw;
	struct visit_parties parties;
	const struct place *place;
	const struct power *power;
	int64_t evses, flat, per_kwh, per_hour; /* prices in cents without VAT */
	int64_t start_ms, idle_min;             /* idle: parked and not charging, at the end */
	struct period periods[MOST_PERIODS];
	size_t period_count;
	bool always_open, lunch;
	int64_t wh, minutes, fixed, energy, parking; /* costs in ten-thousandths */
};

/* ---- the numbers ---- */

/** splitmix64: below @below. */
static int64_t
draw(struct visit *visit, int64_t below)
{
	uint64_t z = visit->draw += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)below);
}

/* A battery takes less as it fills: no period has more power than the one before. */
static void
draw_periods(struct visit *visit)
{
	int64_t share = 100;

	visit->period_count = (size_t)draw(visit, MOST_PERIODS) + 1;
	for (size_t i = 0; i < visit->period_count; i++) {
		struct period *period = &visit->periods[i];

		share -= draw(visit, 13);
		period->minutes = QUARTER_MIN * (draw(visit, visit->power->most_quarters) + 1);
		period->wh = visit->power->taken * share / 100 * period->minutes / 60;
		visit->wh += period->wh;
		visit->minutes += period->minutes;
	}
	visit->idle_min = QUARTER_MIN * draw(visit, 4);
	visit->minutes += visit->idle_min;
}

/* The place is drawn in any case, so that all that is drawn after it is the same. */
static void
settle_parties(struct visit *visit, const struct visit_parties *parties)
{
	const struct place *place = parties != NULL ? sim_place_in(parties->cpo.country) : NULL;

	if (parties != NULL) {
		visit->parties = *parties;
	} else {
		(void)ocpi_id_make(str_of(visit->place->country2), STR("CPO"), &visit->parties.cpo);
		(void)ocpi_id_make(
		        str_of(visit->place->country2), STR("MSP"), &visit->parties.emsp);
	}
	if (place != NULL)
		visit->place = place;
}

static void
draw_visit(struct visit *visit, uint64_t seed, const struct visit_parties *parties)
{
	const int64_t first_day_ms = 1767225600000; /* 2026-01-01T00:00:00Z */

	*visit = (struct visit){ .seed = seed, .draw = seed };
	visit->place = &sim_places[draw(visit, SIM_PLACES)];
	settle_parties(visit, parties);
	visit->power = &powers[draw(visit, COUNT(powers))];
	visit->evses = draw(visit, 3) + 1;
	visit->flat = draw(visit, 2) * (25 + 5 * draw(visit, 10));
	visit->per_kwh = 29 + draw(visit, 50);
	visit->per_hour = 60 * (draw(visit, 4) + 1);
	visit->start_ms = first_day_ms + draw(visit, 300) * 24 * 60 * MINUTE_MS +
	                  (7 * 60 + QUARTER_MIN * draw(visit, 20)) * MINUTE_MS;
	visit->always_open = draw(visit, 2) == 0;
	visit->lunch = draw(visit, 3) == 0;
	draw_periods(visit);
	visit->fixed = visit->flat * 100;
	visit->energy = (visit->wh * visit->per_kwh + 5) / 10;
	visit->parking = visit->idle_min * visit->per_hour * 100 / 60;
}

/* ---- what objects are made of ---- */

static void PRINTF_LIKE(3, 4) put(struct buf *out, const char *key, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_put_text(out, key, str_of(text));
}

/** @value is in units of 1/@scale, which is a power of ten. */
static void
put_decimal(struct buf *out, const char *key, int64_t value, int64_t scale)
{
	char text[48];
	int digits = 0;

	for (int64_t left = scale; left > 1 && digits < 9; left /= 10)
		digits++;
	(void)snprintf(
	        text, sizeof(text), "%" PRId64 ".%0*" PRId64, value / scale, digits, value % scale);
	json_put_raw(out, key, str_of(text));
}

static int64_t
with_vat(const struct visit *visit, int64_t cost)
{
	return (cost * (VAT_BASE + visit->place->vat) + VAT_BASE / 2) / VAT_BASE;
}

static void
put_price(struct buf *out, const char *key, int64_t excl, int64_t incl)
{
	json_put_object(out, key);
	put_decimal(out, "excl_vat", excl, 10000);
	put_decimal(out, "incl_vat", incl, 10000);
	json_end_object(out);
}

/** A cost of nothing is left out. */
static void
put_part(const struct visit *visit, struct buf *out, const char *key, int64_t cost)
{
	if (cost > 0)
		put_price(out, key, cost, with_vat(visit, cost));
}

static void
put_total(const struct visit *visit, struct buf *out)
{
	put_price(out, "total_cost", visit->fixed + visit->energy + visit->parking,
	        with_vat(visit, visit->fixed) + with_vat(visit, visit->energy) +
	                with_vat(visit, visit->parking));
}

static int64_t
end_ms(const struct visit *visit)
{
	return visit->start_ms + visit->minutes * MINUTE_MS;
}

static void
put_owner(const struct visit *visit, struct buf *out, const char *id)
{
	json_put_text(out, "country_code", str_of(visit->parties.cpo.country));
	json_put_text(out, "party_id", str_of(visit->parties.cpo.party));
	put(out, "id", "%s-%" PRIu64, id, visit->seed);
}

static void
put_coordinates(const struct visit *visit, struct buf *out)
{
	json_put_object(out, "coordinates");
	json_put_text(out, "latitude", str_of(visit->place->latitude));
	json_put_text(out, "longitude", str_of(visit->place->longitude));
	json_end_object(out);
}

static void
put_address(const struct visit *visit, struct buf *out)
{
	put(out, "address", "Station Road %" PRIu64, visit->seed % 200 + 1);
	json_put_text(out, "city", str_of(visit->place->city));
	json_put_text(out, "postal_code", str_of(visit->place->postal));
	json_put_text(out, "country", str_of(visit->place->country3));
	put_coordinates(visit, out);
}

/* ---- location ---- */

static void
put_connector(const struct visit *visit, struct buf *out)
{
	const struct power *power = visit->power;

	json_put_list(out, "connectors");
	json_put_object(out, NULL);
	json_put_text(out, "id", STR("1"));
	json_put_text(out, "standard", str_of(power->standard));
	json_put_text(out, "format", str_of(power->format));
	json_put_text(out, "power_type", str_of(power->type));
	json_put_number(out, "max_voltage", power->volt);
	json_put_number(out, "max_amperage", power->ampere);
	json_put_number(out, "max_electric_power", power->watt);
	json_put_list(out, "tariff_ids");
	put(out, NULL, "TARIFF-%" PRIu64, visit->seed);
	json_end_list(out);
	json_put_time(out, "last_updated", visit->start_ms);
	json_end_object(out);
	json_end_list(out);
}

static void
put_evse(const struct visit *visit, struct buf *out, int64_t number)
{
	json_put_object(out, NULL);
	put(out, "uid", "%" PRIu64 "-%" PRId64, visit->seed, number);
	put(out, "evse_id", "%s*%s*E%" PRIu64 "*%" PRId64, visit->parties.cpo.country,
	        visit->parties.cpo.party, visit->seed, number);
	json_put_text(out, "status", STR("AVAILABLE"));
	json_put_list(out, "capabilities");
	json_put_text(out, NULL, STR("RFID_READER"));
	json_put_text(out, NULL, STR("REMOTE_START_STOP_CAPABLE"));
	json_end_list(out);
	put_connector(visit, out);
	json_put_time(out, "last_updated", visit->start_ms);
	json_end_object(out);
}

static void
put_hours(struct buf *out, int64_t weekday, const char *begin, const char *end)
{
	json_put_object(out, NULL);
	json_put_number(out, "weekday", weekday);
	json_put_text(out, "period_begin", str_of(begin));
	json_put_text(out, "period_end", str_of(end));
	json_end_object(out);
}

static void
put_opening_times(const struct visit *visit, struct buf *out)
{
	json_put_object(out, "opening_times");
	json_put_bool(out, "twentyfourseven", visit->always_open);
	if (!visit->always_open) {
		json_put_list(out, "regular_hours");
		for (int64_t weekday = 1; weekday <= 7; weekday++) {
			put_hours(out, weekday, "06:00", visit->lunch ? "12:30" : "22:30");
			if (visit->lunch)
				put_hours(out, weekday, "12:45", "22:30");
		}
		json_end_list(out);
	}
	json_end_object(out);
	json_put_bool(out, "charging_when_closed", true);
}

static void
put_location(const struct visit *visit, struct buf *out)
{
	put_owner(visit, out, "LOC");
	json_put_bool(out, "publish", true);
	put(out, "name", "%s %" PRIu64, visit->place->city, visit->seed);
	put_address(visit, out);
	json_put_list(out, "evses");
	for (int64_t number = 1; number <= visit->evses; number++)
		put_evse(visit, out, number);
	json_end_list(out);
	json_put_text(out, "time_zone", str_of(visit->place->zone));
	put_opening_times(visit, out);
	json_put_time(out, "last_updated", visit->start_ms);
}

/* ---- tariff and token ---- */

static void
put_component(const struct visit *visit, struct buf *out, const char *type, int64_t cents, int step)
{
	if (cents == 0)
		return;
	json_put_object(out, NULL);
	json_put_text(out, "type", str_of(type));
	put_decimal(out, "price", cents, 100);
	json_put_number(out, "vat", visit->place->vat);
	json_put_number(out, "step_size", step);
	json_end_object(out);
}

static void
put_tariff(const struct visit *visit, struct buf *out)
{
	put_owner(visit, out, "TARIFF");
	json_put_text(out, "currency", str_of(visit->place->currency));
	json_put_text(out, "type", STR("REGULAR"));
	json_put_list(out, "elements");
	json_put_object(out, NULL);
	json_put_list(out, "price_components");
	put_component(visit, out, "FLAT", visit->flat, 1);
	put_component(visit, out, "ENERGY", visit->per_kwh, 1);
	put_component(visit, out, "PARKING_TIME", visit->per_hour, QUARTER_MIN * 60);
	json_end_list(out);
	json_end_object(out);
	json_end_list(out);
	json_put_time(out, "last_updated", visit->start_ms);
}

static void
put_token_id(const struct visit *visit, struct buf *out)
{
	json_put_text(out, "country_code", str_of(visit->parties.emsp.country));
	json_put_text(out, "party_id", str_of(visit->parties.emsp.party));
	put(out, "uid", "04%012" PRIX64, visit->seed);
	json_put_text(out, "type", STR("RFID"));
	put(out, "contract_id", "%s-%s-C%08" PRIu64, visit->parties.emsp.country,
	        visit->parties.emsp.party, visit->seed);
}

static void
put_token(const struct visit *visit, struct buf *out)
{
	put_token_id(visit, out);
	json_put_text(out, "issuer", STR("Simulated Mobility"));
	json_put_bool(out, "valid", true);
	json_put_text(out, "whitelist", STR("ALLOWED"));
	json_put_time(out, "last_updated", visit->start_ms);
}

/* ---- session and CDR ---- */

static void
put_dimension(struct buf *out, const char *type, int64_t value, int64_t scale)
{
	json_put_object(out, NULL);
	json_put_text(out, "type", str_of(type));
	put_decimal(out, "volume", value, scale);
	json_end_object(out);
}

static void
begin_period(const struct visit *visit, struct buf *out, int64_t start_ms)
{
	json_put_object(out, NULL);
	json_put_time(out, "start_date_time", start_ms);
	put(out, "tariff_id", "TARIFF-%" PRIu64, visit->seed);
	json_put_list(out, "dimensions");
}

static void
end_period(struct buf *out)
{
	json_end_list(out);
	json_end_object(out);
}

static void
put_periods(const struct visit *visit, struct buf *out)
{
	int64_t at_ms = visit->start_ms;

	json_put_list(out, "charging_periods");
	for (size_t i = 0; i < visit->period_count; i++) {
		begin_period(visit, out, at_ms);
		put_dimension(out, "ENERGY", visit->periods[i].wh, 1000);
		put_dimension(out, "TIME", visit->periods[i].minutes * 100 / 60, 100);
		end_period(out);
		at_ms += visit->periods[i].minutes * MINUTE_MS;
	}
	if (visit->idle_min > 0) {
		begin_period(visit, out, at_ms);
		put_dimension(out, "PARKING_TIME", visit->idle_min * 100 / 60, 100);
		end_period(out);
	}
	json_end_list(out);
}

static void
put_cdr_token(const struct visit *visit, struct buf *out)
{
	json_put_object(out, "cdr_token");
	put_token_id(visit, out);
	json_end_object(out);
	json_put_text(out, "auth_method", STR("WHITELIST"));
}

static void
put_session(const struct visit *visit, struct buf *out)
{
	put_owner(visit, out, "SESSION");
	json_put_time(out, "start_date_time", visit->start_ms);
	json_put_time(out, "end_date_time", end_ms(visit));
	put_decimal(out, "kwh", visit->wh, 1000);
	put_cdr_token(visit, out);
	put(out, "location_id", "LOC-%" PRIu64, visit->seed);
	put(out, "evse_uid", "%" PRIu64 "-1", visit->seed);
	json_put_text(out, "connector_id", STR("1"));
	json_put_text(out, "currency", str_of(visit->place->currency));
	put_periods(visit, out);
	put_total(visit, out);
	json_put_text(out, "status", STR("COMPLETED"));
	json_put_time(out, "last_updated", end_ms(visit));
}

static void
put_cdr_location(const struct visit *visit, struct buf *out)
{
	json_put_object(out, "cdr_location");
	put(out, "id", "LOC-%" PRIu64, visit->seed);
	put_address(visit, out);
	put(out, "evse_uid", "%" PRIu64 "-1", visit->seed);
	put(out, "evse_id", "%s*%s*E%" PRIu64 "*1", visit->parties.cpo.country,
	        visit->parties.cpo.party, visit->seed);
	json_put_text(out, "connector_id", STR("1"));
	json_put_text(out, "connector_standard", str_of(visit->power->standard));
	json_put_text(out, "connector_format", str_of(visit->power->format));
	json_put_text(out, "connector_power_type", str_of(visit->power->type));
	json_end_object(out);
}

static void
put_totals(const struct visit *visit, struct buf *out)
{
	put_total(visit, out);
	put_part(visit, out, "total_fixed_cost", visit->fixed);
	put_decimal(out, "total_energy", visit->wh, 1000);
	put_part(visit, out, "total_energy_cost", visit->energy);
	put_decimal(out, "total_time", visit->minutes * 100 / 60, 100);
	if (visit->idle_min > 0)
		put_decimal(out, "total_parking_time", visit->idle_min * 100 / 60, 100);
	put_part(visit, out, "total_parking_cost", visit->parking);
}

static void
put_cdr(const struct visit *visit, struct buf *out)
{
	put_owner(visit, out, "CDR");
	json_put_time(out, "start_date_time", visit->start_ms);
	json_put_time(out, "end_date_time", end_ms(visit));
	put(out, "session_id", "SESSION-%" PRIu64, visit->seed);
	put_cdr_token(visit, out);
	put_cdr_location(visit, out);
	json_put_text(out, "currency", str_of(visit->place->currency));
	json_put_list(out, "tariffs");
	json_put_object(out, NULL);
	put_tariff(visit, out);
	json_end_object(out);
	json_end_list(out);
	put_periods(visit, out);
	put_totals(visit, out);
	json_put_time(out, "last_updated", end_ms(visit));
}

void
sim_visit(uint64_t seed, const struct visit_parties *parties, enum visit_object object,
        struct buf *out)
{
	static void (*const writers[VISIT_OBJECTS])(const struct visit *, struct buf *) = {
		[VISIT_LOCATION] = put_location,
		[VISIT_TARIFF] = put_tariff,
		[VISIT_TOKEN] = put_token,
		[VISIT_SESSION] = put_session,
		[VISIT_CDR] = put_cdr,
	};
	struct visit visit;

	draw_visit(&visit, seed, parties);
	json_put_object(out, NULL);
	writers[object](&visit, out);
	json_end_object(out);
}
