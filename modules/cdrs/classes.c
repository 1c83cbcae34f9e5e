/* cdrs: the classes and enums of the module, mod_cdrs.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

/* CDR-018: CURRENT, ENERGY_EXPORT, ENERGY_IMPORT, POWER and STATE_OF_CHARGE are for Sessions only. Enum and classes
 * repeat those of shared.c in everything else; the census holds them to that. */
static const struct ocpi_enum ocpi_enum_final_dimension_type = {
	.name = "CdrDimensionType",
	.values = VALUES("ENERGY", "MAX_CURRENT", "MIN_CURRENT", "MAX_POWER", "MIN_POWER",
		"PARKING_TIME", "RESERVATION_TIME", "TIME"),
};
static const struct ocpi_field final_dimension_fields[] = {
	{ "type",   ONE,  ENUM(final_dimension_type) },
	{ "volume", ONE,  NUMBER },
	{ "" },
};
static const struct ocpi_class ocpi_class_final_dimension = {
	.name = "CdrDimension",
	.spec = "mod_cdrs_cdrdimension_class",
	.fields = final_dimension_fields,
};
static const struct ocpi_field final_charging_period_fields[] = {
	{ "start_date_time", ONE,  DATETIME },
	{ "dimensions",      SOME, OBJECT(final_dimension) },
	{ "tariff_id",       OPT,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_final_charging_period = {
	.name = "ChargingPeriod",
	.spec = "mod_cdrs_chargingperiod_class",
	.fields = final_charging_period_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_cdr_object */
static const struct ocpi_field cdr_fields[] = {
	{ "country_code",               ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",                   ONE,  CISTRING(3), FORM(party) },
	{ "id",                         ONE,  CISTRING(39) },
	{ "start_date_time",            ONE,  DATETIME },
	{ "end_date_time",              ONE,  DATETIME },
	{ "session_id",                 OPT,  CISTRING(36) },
	{ "cdr_token",                  ONE,  OBJECT(cdr_token) },
	{ "auth_method",                ONE,  ENUM(auth_method) },
	{ "authorization_reference",    OPT,  CISTRING(36) },
	{ "cdr_location",               ONE,  OBJECT(cdr_location) },
	{ "meter_id",                   OPT,  STRING(255) },
	{ "currency",                   ONE,  STRING(3), FORM(currency) },
	{ "tariffs",                    MANY, OBJECT(tariff) },
	{ "charging_periods",           SOME, OBJECT(final_charging_period) },
	{ "signed_data",                OPT,  OBJECT(signed_data) },
	{ "total_cost",                 ONE,  OBJECT(price) },
	{ "total_fixed_cost",           OPT,  OBJECT(price) },
	{ "total_energy",               ONE,  NUMBER },
	{ "total_energy_cost",          OPT,  OBJECT(price) },
	{ "total_time",                 ONE,  NUMBER },
	{ "total_time_cost",            OPT,  OBJECT(price) },
	{ "total_parking_time",         OPT,  NUMBER },
	{ "total_parking_cost",         OPT,  OBJECT(price) },
	{ "total_reservation_cost",     OPT,  OBJECT(price) },
	{ "remark",                     OPT,  STRING(255) },
	{ "invoice_reference_id",       OPT,  CISTRING(39) },
	{ "credit",                     OPT,  BOOLEAN },
	{ "credit_reference_id",        OPT,  CISTRING(39) },
	{ "home_charging_compensation", OPT,  BOOLEAN },
	{ "last_updated",               ONE,  DATETIME, STAMP },
	{ "" },
};
static const struct ocpi_rule cdr_rules[] = {
	{ RULE_MAX_UNLESS, "id", "credit", .value = "true", .max = 36, .spec = "CDR-014" },
	{ RULE_NEEDED_IF, "credit_reference_id", "credit", .value = "true", .spec = "CDR-015" },
	{ 0 },
};
const struct ocpi_class ocpi_class_cdr = {
	.name = "CDR",
	.spec = "mod_cdrs_cdr_object",
	.fields = cdr_fields,
	.rules = cdr_rules,
};

/* mod_cdrs.asciidoc §mod_cdrs_cdr_location_class */
static const struct ocpi_field cdr_location_fields[] = {
	{ "id",                   ONE,  CISTRING(36) },
	{ "name",                 OPT,  STRING(255) },
	{ "address",              ONE,  STRING(45), ACCEPT(255) },
	{ "city",                 ONE,  STRING(45) },
	{ "postal_code",          OPT,  STRING(10) },
	{ "state",                OPT,  STRING(20), ACCEPT(45) },
	{ "country",              ONE,  STRING(3), FORM(country3) },
	{ "coordinates",          ONE,  OBJECT(geo_location) },
	{ "evse_uid",             ONE,  CISTRING(36) },
	{ "evse_id",              ONE,  CISTRING(48) },
	{ "connector_id",         ONE,  CISTRING(36) },
	{ "connector_standard",   ONE,  ENUM(connector_type) },
	{ "connector_format",     ONE,  ENUM(connector_format) },
	{ "connector_power_type", ONE,  ENUM(power_type) },
	{ "" },
};
const struct ocpi_class ocpi_class_cdr_location = {
	.name = "CdrLocation",
	.spec = "mod_cdrs_cdr_location_class",
	.fields = cdr_location_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_signed_data_class */
static const struct ocpi_field signed_data_fields[] = {
	{ "encoding_method",         ONE,  CISTRING(36) },
	{ "encoding_method_version", OPT,  INT },
	{ "public_key",              OPT,  STRING(512) },
	{ "signed_values",           SOME, OBJECT(signed_value) },
	{ "url",                     OPT,  STRING(512) },
	{ "" },
};
const struct ocpi_class ocpi_class_signed_data = {
	.name = "SignedData",
	.spec = "mod_cdrs_signed_data_class",
	.fields = signed_data_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_signed_value_class */
static const struct ocpi_field signed_value_fields[] = {
	{ "nature",      ONE,  CISTRING(32) },
	{ "plain_data",  ONE,  STRING(5000) },
	{ "signed_data", ONE,  STRING(5000) },
	{ "" },
};
const struct ocpi_class ocpi_class_signed_value = {
	.name = "SignedValue",
	.spec = "mod_cdrs_signed_value_class",
	.fields = signed_value_fields,
};

/* clang-format on */
