/* tariffs: the classes and enums of the module, mod_tariffs.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_tariff_type = {
	.name = "TariffType",
	.values = VALUES("AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST",
		"PROFILE_GREEN", "REGULAR"),
};

const struct ocpi_enum ocpi_enum_tariff_dimension_type = {
	.name = "TariffDimensionType",
	.values = VALUES("ENERGY", "FLAT", "PARKING_TIME", "TIME"),
};

const struct ocpi_enum ocpi_enum_day_of_week = {
	.name = "DayOfWeek",
	.values = VALUES("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY",
		"SATURDAY", "SUNDAY"),
};

const struct ocpi_enum ocpi_enum_reservation_restriction_type = {
	.name = "ReservationRestrictionType",
	.values = VALUES("RESERVATION", "RESERVATION_EXPIRES"),
};

/* mod_tariffs.asciidoc §mod_tariffs_tariff_object */
static const struct ocpi_field tariff_fields[] = {
	{ "country_code",    ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",        ONE,  CISTRING(3), FORM(party) },
	{ "id",              ONE,  CISTRING(36) },
	{ "currency",        ONE,  STRING(3), FORM(currency) },
	{ "type",            OPT,  ENUM(tariff_type) },
	{ "tariff_alt_text", MANY, OBJECT(display_text) },
	{ "tariff_alt_url",  OPT,  URL },
	{ "min_price",       OPT,  OBJECT(price) },
	{ "max_price",       OPT,  OBJECT(price) },
	{ "elements",        SOME, OBJECT(tariff_element) },
	{ "start_date_time", OPT,  DATETIME },
	{ "end_date_time",   OPT,  DATETIME },
	{ "energy_mix",      OPT,  OBJECT(energy_mix) },
	{ "last_updated",    ONE,  DATETIME, STAMP },
	{ "" },
};
const struct ocpi_class ocpi_class_tariff = {
	.name = "Tariff",
	.spec = "mod_tariffs_tariff_object",
	.fields = tariff_fields,
};

/* mod_tariffs.asciidoc §mod_tariffs_tariffelement_class */
static const struct ocpi_field tariff_element_fields[] = {
	{ "price_components", SOME, OBJECT(price_component) },
	{ "restrictions",     OPT,  OBJECT(tariff_restrictions) },
	{ "" },
};
/* What a price of a reservation may be (TAR-014). */
static const struct ocpi_enum reservation_dimensions = {
	.name = "TariffDimensionType",
	.values = VALUES("FLAT", "TIME"),
};
static const struct ocpi_rule tariff_element_rules[] = {
	{ RULE_AMONG_IF, "price_components", "restrictions", "type", .value = "reservation",
		.among = &reservation_dimensions, .spec = "TAR-014" },
	{ 0 },
};
const struct ocpi_class ocpi_class_tariff_element = {
	.name = "TariffElement",
	.spec = "mod_tariffs_tariffelement_class",
	.fields = tariff_element_fields,
	.rules = tariff_element_rules,
};

/* mod_tariffs.asciidoc §mod_tariffs_pricecomponent_class */
static const struct ocpi_field price_component_fields[] = {
	{ "type",      ONE,  ENUM(tariff_dimension_type) },
	{ "price",     ONE,  NUMBER },
	{ "vat",       OPT,  NUMBER },
	{ "step_size", ONE,  INT, FROM_ZERO },
	{ "" },
};
const struct ocpi_class ocpi_class_price_component = {
	.name = "PriceComponent",
	.spec = "mod_tariffs_pricecomponent_class",
	.fields = price_component_fields,
};

/* mod_tariffs.asciidoc §mod_tariffs_tariffrestrictions_class */
static const struct ocpi_field tariff_restrictions_fields[] = {
	{ "start_time",   OPT,  STRING(5), FORM(time) },
	{ "end_time",     OPT,  STRING(5), FORM(time) },
	{ "start_date",   OPT,  STRING(10), FORM(date) },
	{ "end_date",     OPT,  STRING(10), FORM(date) },
	{ "min_kwh",      OPT,  NUMBER },
	{ "max_kwh",      OPT,  NUMBER },
	{ "min_current",  OPT,  NUMBER },
	{ "max_current",  OPT,  NUMBER },
	{ "min_power",    OPT,  NUMBER },
	{ "max_power",    OPT,  NUMBER },
	{ "min_duration", OPT,  INT, FROM_ZERO },
	{ "max_duration", OPT,  INT, FROM_ZERO },
	{ "day_of_week",  MANY, ENUM(day_of_week) },
	{ "reservation",  OPT,  ENUM(reservation_restriction_type) },
	{ "" },
};
const struct ocpi_class ocpi_class_tariff_restrictions = {
	.name = "TariffRestrictions",
	.spec = "mod_tariffs_tariffrestrictions_class",
	.fields = tariff_restrictions_fields,
};

/* clang-format on */
