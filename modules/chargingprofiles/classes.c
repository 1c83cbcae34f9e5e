/* chargingprofiles: the classes and enums of the module, mod_charging_profiles.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_charging_rate_unit = {
	.name = "ChargingRateUnit",
	.values = VALUES("W", "A"),
};

const struct ocpi_enum ocpi_enum_charging_profile_response_type = {
	.name = "ChargingProfileResponseType",
	.values = VALUES("ACCEPTED", "NOT_SUPPORTED", "REJECTED", "TOO_OFTEN",
		"UNKNOWN_SESSION"),
};

const struct ocpi_enum ocpi_enum_charging_profile_result_type = {
	.name = "ChargingProfileResultType",
	.values = VALUES("ACCEPTED", "REJECTED", "UNKNOWN"),
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_set_charging_profile_object */
static const struct ocpi_field set_charging_profile_fields[] = {
	{ "charging_profile", ONE,  OBJECT(charging_profile) },
	{ "response_url",     ONE,  URL, CALLABLE },
	{ "" },
};
const struct ocpi_class ocpi_class_set_charging_profile = {
	.name = "SetChargingProfile",
	.spec = "mod_charging_profiles_set_charging_profile_object",
	.fields = set_charging_profile_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_charging_profile_class */
static const struct ocpi_field charging_profile_fields[] = {
	{ "start_date_time",         OPT,  DATETIME },
	{ "duration",                OPT,  INT, FROM_ZERO },
	{ "charging_rate_unit",      ONE,  ENUM(charging_rate_unit) },
	{ "min_charging_rate",       OPT,  NUMBER, DECIMALS(1) },
	{ "charging_profile_period", MANY, OBJECT(charging_profile_period) },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_profile = {
	.name = "ChargingProfile",
	.spec = "mod_charging_profiles_charging_profile_class",
	.fields = charging_profile_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_charging_profile_period_class */
static const struct ocpi_field charging_profile_period_fields[] = {
	{ "start_period", ONE,  INT, FROM_ZERO },
	{ "limit",        ONE,  NUMBER, DECIMALS(1) },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_profile_period = {
	.name = "ChargingProfilePeriod",
	.spec = "mod_charging_profiles_charging_profile_period_class",
	.fields = charging_profile_period_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_active_charging_profile_class */
static const struct ocpi_field active_charging_profile_fields[] = {
	{ "start_date_time",  ONE,  DATETIME },
	{ "charging_profile", ONE,  OBJECT(charging_profile) },
	{ "" },
};
const struct ocpi_class ocpi_class_active_charging_profile = {
	.name = "ActiveChargingProfile",
	.spec = "mod_charging_profiles_active_charging_profile_class",
	.fields = active_charging_profile_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_response_object */
static const struct ocpi_field charging_profile_response_fields[] = {
	{ "result",  ONE,  ENUM(charging_profile_response_type) },
	{ "timeout", ONE,  INT, FROM_ZERO },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_profile_response = {
	.name = "ChargingProfileResponse",
	.spec = "mod_charging_profiles_response_object",
	.fields = charging_profile_response_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_active_charging_profiles_result_object */
static const struct ocpi_field active_charging_profile_result_fields[] = {
	{ "result",  ONE,  ENUM(charging_profile_result_type) },
	{ "profile", OPT,  OBJECT(active_charging_profile) },
	{ "" },
};
static const struct ocpi_rule active_charging_profile_result_rules[] = {
	{ RULE_ONLY_IF, "profile", "result", .value = "ACCEPTED", .spec = "CHP-010" },
	{ 0 },
};
const struct ocpi_class ocpi_class_active_charging_profile_result = {
	.name = "ActiveChargingProfileResult",
	.spec = "mod_charging_profiles_active_charging_profiles_result_object",
	.fields = active_charging_profile_result_fields,
	.rules = active_charging_profile_result_rules,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_charging_profiles_result_object */
static const struct ocpi_field charging_profile_result_fields[] = {
	{ "result", ONE,  ENUM(charging_profile_result_type) },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_profile_result = {
	.name = "ChargingProfileResult",
	.spec = "mod_charging_profiles_charging_profiles_result_object",
	.fields = charging_profile_result_fields,
};

/* mod_charging_profiles.asciidoc §mod_charging_profiles_clear_profiles_result_object */
static const struct ocpi_field clear_profile_result_fields[] = {
	{ "result", ONE,  ENUM(charging_profile_result_type) },
	{ "" },
};
const struct ocpi_class ocpi_class_clear_profile_result = {
	.name = "ClearProfileResult",
	.spec = "mod_charging_profiles_clear_profiles_result_object",
	.fields = clear_profile_result_fields,
};

/* clang-format on */
