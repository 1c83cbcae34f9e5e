/* locations: the classes and enums of the module, mod_locations.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_status = {
	.name = "Status",
	.values = VALUES("AVAILABLE", "BLOCKED", "CHARGING", "INOPERATIVE",
		"OUTOFORDER", "PLANNED", "REMOVED", "RESERVED", "UNKNOWN"),
};

const struct ocpi_enum ocpi_enum_capability = {
	.name = "Capability",
	.values = VALUES("CHARGING_PROFILE_CAPABLE", "CHARGING_PREFERENCES_CAPABLE",
		"CHIP_CARD_SUPPORT", "CONTACTLESS_CARD_SUPPORT", "CREDIT_CARD_PAYABLE",
		"DEBIT_CARD_PAYABLE", "PED_TERMINAL", "REMOTE_START_STOP_CAPABLE",
		"RESERVABLE", "RFID_READER", "START_SESSION_CONNECTOR_REQUIRED",
		"TOKEN_GROUP_CAPABLE", "UNLOCK_CAPABLE"),
};

const struct ocpi_enum ocpi_enum_parking_type = {
	.name = "ParkingType",
	.values = VALUES("ALONG_MOTORWAY", "PARKING_GARAGE", "PARKING_LOT",
		"ON_DRIVEWAY", "ON_STREET", "UNDERGROUND_GARAGE"),
};

const struct ocpi_enum ocpi_enum_parking_restriction = {
	.name = "ParkingRestriction",
	.values = VALUES("EV_ONLY", "PLUGGED", "DISABLED", "CUSTOMERS", "MOTORCYCLES"),
};

const struct ocpi_enum ocpi_enum_facility = {
	.name = "Facility",
	.values = VALUES("HOTEL", "RESTAURANT", "CAFE", "MALL", "SUPERMARKET",
		"SPORT", "RECREATION_AREA", "NATURE", "MUSEUM", "BIKE_SHARING",
		"BUS_STOP", "TAXI_STAND", "TRAM_STOP", "METRO_STATION",
		"TRAIN_STATION", "AIRPORT", "PARKING_LOT", "CARPOOL_PARKING",
		"FUEL_STATION", "WIFI"),
};

/* mod_locations.asciidoc §mod_locations_location_object */
static const struct ocpi_field location_fields[] = {
	{ "country_code",         ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",             ONE,  CISTRING(3), FORM(party) },
	{ "id",                   ONE,  CISTRING(36) },
	{ "publish",              ONE,  BOOLEAN },
	{ "publish_allowed_to",   MANY, OBJECT(publish_token_type) },
	{ "name",                 OPT,  STRING(255) },
	{ "address",              ONE,  STRING(255) },
	{ "city",                 ONE,  STRING(45) },
	{ "postal_code",          OPT,  STRING(10) },
	{ "state",                OPT,  STRING(45) },
	{ "country",              ONE,  STRING(3), FORM(country3) },
	{ "coordinates",          ONE,  OBJECT(geo_location) },
	{ "related_locations",    MANY, OBJECT(additional_geo_location) },
	{ "parking_type",         OPT,  ENUM(parking_type) },
	{ "evses",                MANY, OBJECT(evse), MERGED },
	{ "directions",           MANY, OBJECT(display_text) },
	{ "operator",             OPT,  OBJECT(business_details) },
	{ "suboperator",          OPT,  OBJECT(business_details) },
	{ "owner",                OPT,  OBJECT(business_details) },
	{ "facilities",           MANY, ENUM(facility) },
	{ "time_zone",            ONE,  STRING(255), FORM(time_zone) },
	{ "opening_times",        OPT,  OBJECT(hours) },
	{ "charging_when_closed", OPT,  BOOLEAN },
	{ "images",               MANY, OBJECT(image) },
	{ "energy_mix",           OPT,  OBJECT(energy_mix) },
	{ "last_updated",         ONE,  DATETIME, STAMP },
	{ "" },
};
static const struct ocpi_rule location_rules[] = {
	{ RULE_ONLY_IF, "publish_allowed_to", "publish", .value = "false", .spec = "LOC-018" },
	{ RULE_UNIQUE, "evses", .third = "uid", .spec = "LOC-005" },
	{ 0 },
};
const struct ocpi_class ocpi_class_location = {
	.name = "Location",
	.spec = "mod_locations_location_object",
	.fields = location_fields,
	.rules = location_rules,
};

/* mod_locations.asciidoc §mod_locations_evse_object */
static const struct ocpi_field evse_fields[] = {
	{ "uid",                  ONE,  CISTRING(36), KEY },
	{ "evse_id",              OPT,  CISTRING(48) },
	{ "status",               ONE,  ENUM(status) },
	{ "status_schedule",      MANY, OBJECT(status_schedule) },
	{ "capabilities",         MANY, ENUM(capability) },
	{ "connectors",           SOME, OBJECT(connector), MERGED },
	{ "floor_level",          OPT,  STRING(4) },
	{ "coordinates",          OPT,  OBJECT(geo_location) },
	{ "physical_reference",   OPT,  STRING(16) },
	{ "directions",           MANY, OBJECT(display_text) },
	{ "parking_restrictions", MANY, ENUM(parking_restriction) },
	{ "images",               MANY, OBJECT(image) },
	{ "last_updated",         ONE,  DATETIME, STAMP },
	{ "" },
};
static const struct ocpi_rule evse_rules[] = {
	{ RULE_UNIQUE, "connectors", .third = "id", .spec = "LOC-005" },
	{ 0 },
};
const struct ocpi_class ocpi_class_evse = {
	.name = "EVSE",
	.spec = "mod_locations_evse_object",
	.fields = evse_fields,
	.rules = evse_rules,
};

/* mod_locations.asciidoc §mod_locations_connector_object */
static const struct ocpi_field connector_fields[] = {
	{ "id",                   ONE,  CISTRING(36), KEY },
	{ "standard",             ONE,  ENUM(connector_type) },
	{ "format",               ONE,  ENUM(connector_format) },
	{ "power_type",           ONE,  ENUM(power_type) },
	{ "max_voltage",          ONE,  INT, FROM_ZERO },
	{ "max_amperage",         ONE,  INT, FROM_ZERO },
	{ "max_electric_power",   OPT,  INT, FROM_ZERO },
	{ "tariff_ids",           MANY, CISTRING(36) },
	{ "terms_and_conditions", OPT,  URL },
	{ "last_updated",         ONE,  DATETIME, STAMP },
	{ "" },
};
const struct ocpi_class ocpi_class_connector = {
	.name = "Connector",
	.spec = "mod_locations_connector_object",
	.fields = connector_fields,
};

/* mod_locations.asciidoc §mod_locations_additionalgeolocation_class */
static const struct ocpi_field additional_geo_location_fields[] = {
	{ "latitude",  ONE,  STRING(10), ACCEPT(11), FORM(latitude) },
	{ "longitude", ONE,  STRING(11), ACCEPT(12), FORM(longitude) },
	{ "name",      OPT,  OBJECT(display_text) },
	{ "" },
};
const struct ocpi_class ocpi_class_additional_geo_location = {
	.name = "AdditionalGeoLocation",
	.spec = "mod_locations_additionalgeolocation_class",
	.fields = additional_geo_location_fields,
};

/* mod_locations.asciidoc §mod_locations_hours_class */
static const struct ocpi_field hours_fields[] = {
	{ "twentyfourseven",      ONE,  BOOLEAN },
	{ "regular_hours",        MANY, OBJECT(regular_hours) },
	{ "exceptional_openings", MANY, OBJECT(exceptional_period) },
	{ "exceptional_closings", MANY, OBJECT(exceptional_period) },
	{ "" },
};
static const struct ocpi_rule hours_rules[] = {
	{ RULE_NEEDED_IF, "regular_hours", "twentyfourseven", .value = "false", .spec = "LOC-019" },
	{ RULE_ONLY_IF, "regular_hours", "twentyfourseven", .value = "false", .spec = "LOC-019" },
	{ 0 },
};
const struct ocpi_class ocpi_class_hours = {
	.name = "Hours",
	.spec = "mod_locations_hours_class",
	.fields = hours_fields,
	.rules = hours_rules,
};

/* mod_locations.asciidoc §mod_locations_regularhours_class */
static const struct ocpi_field regular_hours_fields[] = {
	{ "weekday",      ONE,  DIGITS(1), RANGE(1, 7) },
	{ "period_begin", ONE,  STRING(5), FORM(time) },
	{ "period_end",   ONE,  STRING(5), FORM(time) },
	{ "" },
};
static const struct ocpi_rule regular_hours_rules[] = {
	{ RULE_BEHIND, "period_end", "period_begin", .spec = "mod_locations_regularhours_class" },
	{ 0 },
};
const struct ocpi_class ocpi_class_regular_hours = {
	.name = "RegularHours",
	.spec = "mod_locations_regularhours_class",
	.fields = regular_hours_fields,
	.rules = regular_hours_rules,
};

/* mod_locations.asciidoc §mod_locations_exceptionalperiod_class */
static const struct ocpi_field exceptional_period_fields[] = {
	{ "period_begin", ONE,  DATETIME },
	{ "period_end",   ONE,  DATETIME },
	{ "" },
};
const struct ocpi_class ocpi_class_exceptional_period = {
	.name = "ExceptionalPeriod",
	.spec = "mod_locations_exceptionalperiod_class",
	.fields = exceptional_period_fields,
};

/* mod_locations.asciidoc §mod_locations_statusschedule_class */
static const struct ocpi_field status_schedule_fields[] = {
	{ "period_begin", ONE,  DATETIME },
	{ "period_end",   OPT,  DATETIME },
	{ "status",       ONE,  ENUM(status) },
	{ "" },
};
const struct ocpi_class ocpi_class_status_schedule = {
	.name = "StatusSchedule",
	.spec = "mod_locations_statusschedule_class",
	.fields = status_schedule_fields,
};

/* mod_locations.asciidoc §mod_locations_publish_token_class */
static const struct ocpi_field publish_token_type_fields[] = {
	{ "uid",           OPT,  CISTRING(36) },
	{ "type",          OPT,  ENUM(token_type) },
	{ "visual_number", OPT,  STRING(64) },
	{ "issuer",        OPT,  STRING(64) },
	{ "group_id",      OPT,  CISTRING(36) },
	{ "" },
};
static const struct ocpi_rule publish_token_type_rules[] = {
	{ RULE_ANY_OF, "uid", "visual_number", "group_id", .spec = "LOC-018" },
	{ RULE_NEEDS, "uid", "type", .spec = "LOC-018" },
	{ RULE_NEEDS, "visual_number", "issuer", .spec = "LOC-018" },
	{ 0 },
};
const struct ocpi_class ocpi_class_publish_token_type = {
	.name = "PublishTokenType",
	.spec = "mod_locations_publish_token_class",
	.fields = publish_token_type_fields,
	.rules = publish_token_type_rules,
};

/* clang-format on */
