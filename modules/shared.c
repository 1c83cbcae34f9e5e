/* shared: classes and enums that several modules share.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_connector_type = {
	.name = "ConnectorType",
	.values = VALUES("CHADEMO", "CHAOJI", "DOMESTIC_A", "DOMESTIC_B",
		"DOMESTIC_C", "DOMESTIC_D", "DOMESTIC_E", "DOMESTIC_F", "DOMESTIC_G",
		"DOMESTIC_H", "DOMESTIC_I", "DOMESTIC_J", "DOMESTIC_K", "DOMESTIC_L",
		"DOMESTIC_M", "DOMESTIC_N", "DOMESTIC_O", "GBT_AC", "GBT_DC",
		"IEC_60309_2_single_16", "IEC_60309_2_three_16",
		"IEC_60309_2_three_32", "IEC_60309_2_three_64", "IEC_62196_T1",
		"IEC_62196_T1_COMBO", "IEC_62196_T2", "IEC_62196_T2_COMBO",
		"IEC_62196_T3A", "IEC_62196_T3C", "NEMA_5_20", "NEMA_6_30",
		"NEMA_6_50", "NEMA_10_30", "NEMA_10_50", "NEMA_14_30", "NEMA_14_50",
		"PANTOGRAPH_BOTTOM_UP", "PANTOGRAPH_TOP_DOWN", "TESLA_R", "TESLA_S"),
};

const struct ocpi_enum ocpi_enum_connector_format = {
	.name = "ConnectorFormat",
	.values = VALUES("SOCKET", "CABLE"),
};

const struct ocpi_enum ocpi_enum_power_type = {
	.name = "PowerType",
	.values = VALUES("AC_1_PHASE", "AC_2_PHASE", "AC_2_PHASE_SPLIT", "AC_3_PHASE",
		"DC"),
};

const struct ocpi_enum ocpi_enum_energy_source_category = {
	.name = "EnergySourceCategory",
	.values = VALUES("NUCLEAR", "GENERAL_FOSSIL", "COAL", "GAS", "GENERAL_GREEN",
		"SOLAR", "WIND", "WATER"),
};

const struct ocpi_enum ocpi_enum_environmental_impact_category = {
	.name = "EnvironmentalImpactCategory",
	.values = VALUES("NUCLEAR_WASTE", "CARBON_DIOXIDE"),
};

const struct ocpi_enum ocpi_enum_auth_method = {
	.name = "AuthMethod",
	.values = VALUES("AUTH_REQUEST", "COMMAND", "WHITELIST"),
};

const struct ocpi_enum ocpi_enum_cdr_dimension_type = {
	.name = "CdrDimensionType",
	.values = VALUES("CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT",
		"MAX_CURRENT", "MIN_CURRENT", "MAX_POWER", "MIN_POWER", "PARKING_TIME",
		"POWER", "RESERVATION_TIME", "STATE_OF_CHARGE", "TIME"),
};

const struct ocpi_enum ocpi_enum_token_type = {
	.name = "TokenType",
	.values = VALUES("AD_HOC_USER", "APP_USER", "OTHER", "RFID"),
};

const struct ocpi_enum ocpi_enum_profile_type = {
	.name = "ProfileType",
	.values = VALUES("CHEAP", "FAST", "GREEN", "REGULAR"),
};

/* mod_locations.asciidoc §mod_locations_geolocation_class */
static const struct ocpi_field geo_location_fields[] = {
	{ "latitude",  ONE,  STRING(10), ACCEPT(11), FORM(latitude) },
	{ "longitude", ONE,  STRING(11), ACCEPT(12), FORM(longitude) },
	{ "" },
};
const struct ocpi_class ocpi_class_geo_location = {
	.name = "GeoLocation",
	.spec = "mod_locations_geolocation_class",
	.fields = geo_location_fields,
};

/* mod_locations.asciidoc §mod_locations_energymix_class */
static const struct ocpi_field energy_mix_fields[] = {
	{ "is_green_energy",     ONE,  BOOLEAN },
	{ "energy_sources",      MANY, OBJECT(energy_source) },
	{ "environ_impact",      MANY, OBJECT(environmental_impact) },
	{ "supplier_name",       OPT,  STRING(64) },
	{ "energy_product_name", OPT,  STRING(64) },
	{ "" },
};
const struct ocpi_class ocpi_class_energy_mix = {
	.name = "EnergyMix",
	.spec = "mod_locations_energymix_class",
	.fields = energy_mix_fields,
};

/* mod_locations.asciidoc §mod_locations_energysource_class */
static const struct ocpi_field energy_source_fields[] = {
	{ "source",     ONE,  ENUM(energy_source_category) },
	{ "percentage", ONE,  NUMBER, RANGE(0, 100) },
	{ "" },
};
const struct ocpi_class ocpi_class_energy_source = {
	.name = "EnergySource",
	.spec = "mod_locations_energysource_class",
	.fields = energy_source_fields,
};

/* mod_locations.asciidoc §mod_locations_environmentalimpact_class */
static const struct ocpi_field environmental_impact_fields[] = {
	{ "category", ONE,  ENUM(environmental_impact_category) },
	{ "amount",   ONE,  NUMBER },
	{ "" },
};
const struct ocpi_class ocpi_class_environmental_impact = {
	.name = "EnvironmentalImpact",
	.spec = "mod_locations_environmentalimpact_class",
	.fields = environmental_impact_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_cdr_token_object */
static const struct ocpi_field cdr_token_fields[] = {
	{ "country_code", ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",     ONE,  CISTRING(3), FORM(party) },
	{ "uid",          ONE,  CISTRING(36) },
	{ "type",         ONE,  ENUM(token_type) },
	{ "contract_id",  ONE,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_cdr_token = {
	.name = "CdrToken",
	.spec = "mod_cdrs_cdr_token_object",
	.fields = cdr_token_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_cdrdimension_class */
static const struct ocpi_field cdr_dimension_fields[] = {
	{ "type",   ONE,  ENUM(cdr_dimension_type) },
	{ "volume", ONE,  NUMBER },
	{ "" },
};
const struct ocpi_class ocpi_class_cdr_dimension = {
	.name = "CdrDimension",
	.spec = "mod_cdrs_cdrdimension_class",
	.fields = cdr_dimension_fields,
};

/* mod_cdrs.asciidoc §mod_cdrs_chargingperiod_class */
static const struct ocpi_field charging_period_fields[] = {
	{ "start_date_time", ONE,  DATETIME },
	{ "dimensions",      SOME, OBJECT(cdr_dimension) },
	{ "tariff_id",       OPT,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_charging_period = {
	.name = "ChargingPeriod",
	.spec = "mod_cdrs_chargingperiod_class",
	.fields = charging_period_fields,
};

/* types.asciidoc §types_displaytext_class */
static const struct ocpi_field display_text_fields[] = {
	{ "language", ONE,  STRING(2), FORM(language) },
	{ "text",     ONE,  STRING(512) },
	{ "" },
};
const struct ocpi_class ocpi_class_display_text = {
	.name = "DisplayText",
	.spec = "types_displaytext_class",
	.fields = display_text_fields,
};

/* types.asciidoc §types_price_class */
static const struct ocpi_field price_fields[] = {
	{ "excl_vat", ONE,  NUMBER },
	{ "incl_vat", OPT,  NUMBER },
	{ "" },
};
const struct ocpi_class ocpi_class_price = {
	.name = "Price",
	.spec = "types_price_class",
	.fields = price_fields,
};

/* clang-format on */
