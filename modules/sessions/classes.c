/* sessions: the classes and enums of the module, mod_sessions.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_session_status = {
	.name = "SessionStatus",
	.values = VALUES("ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION"),
	.tolerated = VALUES("RESERVED"), /* TRP-06 */
};

const struct ocpi_enum ocpi_enum_charging_preferences_response = {
	.name = "ChargingPreferencesResponse",
	.values = VALUES("ACCEPTED", "DEPARTURE_REQUIRED", "ENERGY_NEED_REQUIRED",
		"NOT_POSSIBLE", "PROFILE_TYPE_NOT_SUPPORTED"),
};

/* mod_sessions.asciidoc §mod_sessions_session_object */
static const struct ocpi_field session_fields[] = {
	{ "country_code",            ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",                ONE,  CISTRING(3), FORM(party) },
	{ "id",                      ONE,  CISTRING(36) },
	{ "start_date_time",         ONE,  DATETIME },
	{ "end_date_time",           OPT,  DATETIME },
	{ "kwh",                     ONE,  NUMBER },
	{ "cdr_token",               ONE,  OBJECT(cdr_token) },
	{ "auth_method",             ONE,  ENUM(auth_method) },
	{ "authorization_reference", OPT,  CISTRING(36) },
	{ "location_id",             ONE,  CISTRING(36) },
	{ "evse_uid",                ONE,  CISTRING(36) },
	{ "connector_id",            ONE,  CISTRING(36) },
	{ "meter_id",                OPT,  STRING(255) },
	{ "currency",                ONE,  STRING(3), FORM(currency) },
	{ "charging_periods",        MANY, OBJECT(charging_period), APPENDED },
	{ "total_cost",              OPT,  OBJECT(price) },
	{ "status",                  ONE,  ENUM(session_status) },
	{ "last_updated",            ONE,  DATETIME, STAMP },
	{ "" },
};
const struct ocpi_class ocpi_class_session = {
	.name = "Session",
	.spec = "mod_sessions_session_object",
	.fields = session_fields,
};

/* mod_sessions.asciidoc §mod_sessions_charging_preferences_object */
static const struct ocpi_field charging_preferences_fields[] = {
	{ "profile_type",      ONE,  ENUM(profile_type) },
	{ "departure_time",    OPT,  DATETIME },
	{ "energy_need",       OPT,  NUMBER },
	{ "discharge_allowed", OPT,  BOOLEAN },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_preferences = {
	.name = "ChargingPreferences",
	.spec = "mod_sessions_charging_preferences_object",
	.fields = charging_preferences_fields,
};

/* mod_sessions.asciidoc §mod_sessions_charging_preferences_response_enum */
const struct ocpi_class ocpi_class_charging_preferences_response = {
	.name = "ChargingPreferencesResponse",
	.spec = "mod_sessions_charging_preferences_response_enum",
	.text = &ocpi_enum_charging_preferences_response,
};

/* clang-format on */
