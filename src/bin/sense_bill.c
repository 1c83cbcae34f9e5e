/* sense_bill: tariffs, sums and totals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "validate_sense.h"

/* ---- tariffs ---- */

static const char *
upper(const struct sense *sense, const char *country, const char *party, const char *id)
{
	char *key = arena_cstr(sense->arena,
	        country[0] != '\0' ? arena_printf(sense->arena, "%s*%s*%s", country, party, id)
	                           : str_of(id));

	for (char *at = key; *at != '\0'; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at - 0x20 : *at);
	return key;
}

/** Whether the run has the tariff @id of the party that owns the whole object; of any party when
 * that says no owner. A run without a tariff knows nothing, and everything is fine. */
static bool
tariff_known(const struct sense *sense, const char *id)
{
	const char *key = upper(sense, sense_text(sense, sense->root, "country_code"),
	        sense_text(sense, sense->root, "party_id"), id);

	return table_count(sense->tariffs) == 0 || table_get(sense->tariffs, str_of(key)) != NULL;
}

void
sense_tariff_ids(struct sense *sense, uint32_t object)
{
	uint32_t at = 0;

	while (sense_each(sense, object, "tariff_ids", &at)) {
		struct str id = json_string(sense->doc, at, sense->arena);

		if (id.p != NULL && !tariff_known(sense, arena_cstr(sense->arena, id)))
			sense_say(sense, at, NULL, "id of a tariff that is there");
	}
}

/** Whether the list `tariffs` of CDR @object has @id. */
static bool
tariff_within(const struct sense *sense, uint32_t object, const char *id)
{
	uint32_t at = 0;

	while (sense_each(sense, object, "tariffs", &at))
		if (str_ieq(str_of(sense_text(sense, at, "id")), str_of(id)))
			return true;
	return false;
}

/* A CDR that brings tariffs brings all that its periods name; others are looked for in the run. */
void
sense_period_tariffs(struct sense *sense, uint32_t object)
{
	uint32_t at = 0, first = 0;
	bool brings = sense_each(sense, object, "tariffs", &first);

	while (sense_each(sense, object, "charging_periods", &at)) {
		const char *id = sense_text(sense, at, "tariff_id");
		uint32_t node = json_member(sense->doc, at, "tariff_id");

		if (id[0] == '\0')
			continue;
		if (brings && !tariff_within(sense, object, id))
			sense_say(sense, node, NULL, "id of one of the tariffs of the CDR");
		else if (!brings && !tariff_known(sense, id))
			sense_say(sense, node, NULL, "id of a tariff that is there");
	}
}

/* ---- costs ---- */

static const char *const cost_parts[] = { "total_fixed_cost", "total_energy_cost",
	"total_time_cost", "total_parking_cost", "total_reservation_cost" };

/** How many parts @object has, and the sum of their @amount; 0 when one of them does not say it. */
static int
sum_parts(const struct sense *sense, uint32_t object, const char *amount, double *sum)
{
	int parts = 0;
	double part;

	*sum = 0;
	for (size_t i = 0; i < COUNT(cost_parts); i++) {
		uint32_t price = json_member(sense->doc, object, cost_parts[i]);

		if (price == 0 || sense->doc->nodes[price].type == JSON_NULL)
			continue;
		if (!sense_number(sense, price, amount, &part))
			return 0;
		*sum += part;
		parts++;
	}
	return parts;
}

/** A tariff with a least or a greatest price makes a total that is no sum. */
static bool
has_bounds(const struct sense *sense, uint32_t object)
{
	uint32_t at = 0;

	while (sense_each(sense, object, "tariffs", &at))
		if (json_member(sense->doc, at, "min_price") != 0 ||
		        json_member(sense->doc, at, "max_price") != 0)
			return true;
	return false;
}

void
sense_cost(struct sense *sense, uint32_t object)
{
	static const char *const amounts[] = { "excl_vat", "incl_vat" };
	uint32_t price = json_member(sense->doc, object, "total_cost");

	if (price == 0 || has_bounds(sense, object))
		return;
	for (size_t i = 0; i < COUNT(amounts); i++) {
		double total, sum;
		int parts = sum_parts(sense, object, amounts[i], &sum);

		if (parts == 0 || !sense_number(sense, price, amounts[i], &total) ||
		        fabs(total - sum) <= 0.01 * parts + 1e-9)
			continue;
		sense_say(sense, json_member(sense->doc, price, amounts[i]), NULL,
		        "%.4f, the sum of the %d part%s of the cost", sum, parts,
		        parts > 1 ? "s" : "");
	}
}

/* ---- amounts ---- */

static double
energy_of(const struct sense *sense, uint32_t period, int *volumes)
{
	double sum = 0, volume;
	uint32_t at = 0;

	while (sense_each(sense, period, "dimensions", &at)) {
		if (strcmp(sense_text(sense, at, "type"), "ENERGY") != 0 ||
		        !sense_number(sense, at, "volume", &volume))
			continue;
		sum += volume;
		++*volumes;
	}
	return sum;
}

void
sense_energy(struct sense *sense, uint32_t object)
{
	const char *name = sense->rule->field;
	double total, sum = 0;
	uint32_t at = 0;
	int volumes = 0;

	while (sense_each(sense, object, "charging_periods", &at))
		sum += energy_of(sense, at, &volumes);
	if (volumes > 0 && sense_number(sense, object, name, &total) &&
	        fabs(total - sum) > 0.001 * (volumes + 1) + 1e-9)
		sense_say(sense, json_member(sense->doc, object, name), NULL,
		        "%.4f, the sum of the ENERGY of the periods", sum);
}

/* To the minute: many give hours with two decimals. */
void
sense_duration(struct sense *sense, uint32_t object)
{
	int64_t begin, end;
	double hours, total;

	if (!sense_time(sense, object, "start_date_time", &begin) ||
	        !sense_time(sense, object, "end_date_time", &end) || end < begin ||
	        !sense_number(sense, object, "total_time", &total))
		return;
	hours = (double)(end - begin) / 3600e9;
	if (fabs(hours - total) > 1.0 / 60)
		sense_say(sense, json_member(sense->doc, object, "total_time"), NULL,
		        "%.4f, the hours from start_date_time to end_date_time", hours);
}

void
sense_parking(struct sense *sense, uint32_t object)
{
	double parking, total;

	if (sense_number(sense, object, "total_parking_time", &parking) &&
	        sense_number(sense, object, "total_time", &total) && parking > total + 1.0 / 60)
		sense_say(sense, json_member(sense->doc, object, "total_parking_time"), NULL,
		        "at most total_time, %.4f", total);
}

/* In a credit both are negative. */
void
sense_vat(struct sense *sense, uint32_t object)
{
	double without, with;

	if (sense_number(sense, object, "excl_vat", &without) &&
	        sense_number(sense, object, "incl_vat", &with) &&
	        (fabs(with) < fabs(without) - 1e-9 || with * without < 0))
		sense_say(sense, json_member(sense->doc, object, "incl_vat"), NULL,
		        "excl_vat %.4f and the VAT", without);
}

void
sense_mix(struct sense *sense, uint32_t object)
{
	double sum = 0, part;
	uint32_t at = 0;
	int parts = 0;

	while (sense_each(sense, object, "energy_sources", &at)) {
		if (!sense_number(sense, at, "percentage", &part))
			return;
		sum += part;
		parts++;
	}
	if (parts > 0 && fabs(sum - 100) > 0.5 * parts)
		sense_say(sense, json_member(sense->doc, object, "energy_sources"),
		        arena_printf(sense->arena, "%.2f %% in all", sum).p,
		        "percentages that make 100");
}
