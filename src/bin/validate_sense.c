/* validate_sense: the table of the rules, and the walk that finds where each applies.
 *
 * A rule errs on the side of silence: what is missing, of another type or unknown by agreement is
 * no finding, and sums may be off by what rounding makes of them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "validate_sense.h"

enum { LONGEST_FOUND = 80, LONGEST_NUMBER = 40 };

/* clang-format off */
static const struct sense_rule rules[] = {
	{ "tariff-known",        "Connector",         sense_tariff_ids,     .spec = "mod_locations_connector_object" },
	{ "tariff-known",        "Session",           sense_period_tariffs, .spec = "mod_cdrs_chargingperiod_class" },
	{ "tariff-known",        "CDR",               sense_period_tariffs, .spec = "mod_cdrs_chargingperiod_class" },
	{ "hours-overlap",       "Hours",             sense_regular_hours,  .spec = "LOC-019" },
	{ "exceptions-overlap",  "Hours",             sense_exceptions,     "exceptional_openings", "exceptional_openings", "mod_locations_hours_class" },
	{ "exceptions-overlap",  "Hours",             sense_exceptions,     "exceptional_closings", "exceptional_closings", "mod_locations_hours_class" },
	{ "exceptions-overlap",  "Hours",             sense_exceptions,     "exceptional_closings", "exceptional_openings", "mod_locations_hours_class" },
	{ "ends-behind",         "ExceptionalPeriod", sense_span,           "period_begin",    "period_end",    "mod_locations_exceptionalperiod_class" },
	{ "ends-behind",         "StatusSchedule",    sense_span,           "period_begin",    "period_end",    "mod_locations_statusschedule_class" },
	{ "ends-behind",         "Session",           sense_span,           "start_date_time", "end_date_time", "mod_sessions_session_object" },
	{ "ends-behind",         "CDR",               sense_span,           "start_date_time", "end_date_time", "mod_cdrs_cdr_object" },
	{ "ends-behind",         "Tariff",            sense_span,           "start_date_time", "end_date_time", "mod_tariffs_tariff_object" },
	{ "coordinates-country", "Location",          sense_country,        .spec = "TYP-017" },
	{ "coordinates-country", "CdrLocation",       sense_country,        .spec = "TYP-017" },
	{ "zone-known",          "Location",          sense_zone,           .spec = "TYP-018" },
	{ "period-in-time",      "Session",           sense_periods,        .spec = "mod_cdrs_chargingperiod_class" },
	{ "period-in-time",      "CDR",               sense_periods,        .spec = "mod_cdrs_chargingperiod_class" },
	{ "cost-sum",            "CDR",               sense_cost,           .spec = "mod_cdrs_cdr_object" },
	{ "energy-sum",          "CDR",               sense_energy,         "total_energy", .spec = "mod_cdrs_cdr_object" },
	{ "energy-sum",          "Session",           sense_energy,         "kwh",          .spec = "mod_sessions_session_object" },
	{ "time-total",          "CDR",               sense_duration,       .spec = "mod_cdrs_cdr_object" },
	{ "parking-within",      "CDR",               sense_parking,        .spec = "mod_cdrs_cdr_object" },
	{ "vat-added",           "Price",             sense_vat,            .spec = "TYP-013" },
	{ "mix-whole",           "EnergyMix",         sense_mix,            .spec = "mod_locations_energymix_class" },
};
/* clang-format on */

struct sense *
sense_new(struct arena *arena)
{
	struct sense *sense = rh_alloc(sizeof *sense);

	sense->arena = arena;
	sense->tariffs = table_new(64);
	return sense;
}

void
sense_drop(struct sense **sense)
{
	if (*sense != NULL)
		table_free((*sense)->tariffs);
	free(*sense);
	*sense = NULL;
}

void
sense_learn(struct sense *sense, const struct json_doc *doc, uint32_t object,
        const struct ocpi_class *class)
{
	struct buf key = { .arena = sense->arena };
	const char *id;

	if (strcmp(class->name, "Tariff") != 0)
		return;
	sense->doc = doc;
	id = sense_text(sense, object, "id");
	buf_printf(&key, "%s*%s*%s", sense_text(sense, object, "country_code"),
	        sense_text(sense, object, "party_id"), id);
	for (size_t i = 0; i < key.len; i++)
		key.p[i] = (char)(key.p[i] >= 'a' && key.p[i] <= 'z' ? key.p[i] - 0x20 : key.p[i]);
	(void)table_put(sense->tariffs, buf_str(&key), sense);
	(void)table_put(sense->tariffs, str_from(buf_str(&key), key.len - strlen(id)), sense);
}

/* ---- reading ---- */

bool
sense_number(const struct sense *sense, uint32_t object, const char *name, double *out)
{
	uint32_t node = json_member(sense->doc, object, name);
	char text[LONGEST_NUMBER];
	struct str raw;

	if (node == 0 || sense->doc->nodes[node].type != JSON_NUMBER)
		return false;
	raw = json_raw(sense->doc, node);
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(raw));
	*out = strtod(text, NULL);
	return raw.len < sizeof(text);
}

bool
sense_time(const struct sense *sense, uint32_t object, const char *name, int64_t *ns)
{
	const int64_t first_day_ns = 86400 * (int64_t)1000000000;
	struct str text = json_member_string(sense->doc, object, name, sense->arena);

	return text.p != NULL && ocpi_datetime_parse(text, ns) && *ns > first_day_ns;
}

const char *
sense_text(const struct sense *sense, uint32_t object, const char *name)
{
	struct str text = json_member_string(sense->doc, object, name, sense->arena);

	return text.p != NULL ? arena_cstr(sense->arena, text) : "";
}

bool
sense_each(const struct sense *sense, uint32_t object, const char *name, uint32_t *at)
{
	const struct json_node *nodes = sense->doc->nodes;
	uint32_t list = json_member(sense->doc, object, name);

	if (list == 0 || nodes[list].type != JSON_ARRAY)
		return false;
	*at = *at == 0 ? list + 1 : nodes[*at].next;
	return *at < nodes[list].next;
}

void
sense_say(struct sense *sense, uint32_t node, const char *found, const char *fmt, ...)
{
	struct sense_flaws *flaws = sense->flaws;
	char expected[256];
	struct str raw = json_raw(sense->doc, node);
	bool cut = raw.len > LONGEST_FOUND;
	va_list args;

	if (flaws->count++ >= SENSE_MAX_FLAWS)
		return;
	va_start(args, fmt);
	(void)vsnprintf(expected, sizeof(expected), fmt, args);
	va_end(args);
	raw.len = cut ? LONGEST_FOUND : raw.len;
	flaws->list[flaws->count - 1] = (struct sense_flaw){ node, sense->rule,
		found != NULL
		        ? found
		        : arena_printf(sense->arena, "%.*s%s", STR_ARG(raw), cut ? "..." : "").p,
		arena_cstr(sense->arena, str_of(expected)) };
}

/* ---- the walk ---- */

static void
check_rules(struct sense *sense, uint32_t object, const char *class)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		if (strcmp(rules[i].class, class) != 0)
			continue;
		sense->rule = &rules[i];
		rules[i].check(sense, object);
	}
}

/* Follows the tables as ocpi_check() does, which nest seven deep at most. */
static void
walk(struct sense *sense, uint32_t object, const struct ocpi_class *class)
{
	const struct json_node *nodes = sense->doc->nodes;

	if (nodes[object].type != JSON_OBJECT || class->fields == NULL)
		return;
	check_rules(sense, object, class->name);
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++) {
		uint32_t value = field->kind == KIND_OBJECT
		                         ? json_member(sense->doc, object, field->name)
		                         : 0;
		uint32_t at = 0;

		if (value != 0)
			walk(sense, value, field->object);
		while (value != 0 && sense_each(sense, object, field->name, &at))
			walk(sense, at, field->object);
	}
}

void
sense_check(struct sense *sense, const struct json_doc *doc, uint32_t object,
        const struct ocpi_class *class, struct sense_flaws *flaws)
{
	flaws->count = 0;
	sense->doc = doc;
	sense->root = object;
	sense->flaws = flaws;
	walk(sense, object, class);
}
