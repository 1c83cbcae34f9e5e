/* classes: every class and enum that lives in modules/, by name.
 *
 * A class that one module owns lies in that module's folder, what several share lies in shared.c.
 */
#pragma once

#include "roamhub/module.h"
#include "roamhub/schema_tables.h"

/* locations */
extern const struct ocpi_class ocpi_class_location, ocpi_class_evse, ocpi_class_connector,
        ocpi_class_additional_geo_location, ocpi_class_hours, ocpi_class_regular_hours,
        ocpi_class_exceptional_period, ocpi_class_status_schedule, ocpi_class_publish_token_type;
extern const struct ocpi_enum ocpi_enum_status, ocpi_enum_capability, ocpi_enum_parking_type,
        ocpi_enum_parking_restriction, ocpi_enum_facility;

/* sessions */
extern const struct ocpi_class ocpi_class_session, ocpi_class_charging_preferences;
extern const struct ocpi_enum ocpi_enum_session_status, ocpi_enum_charging_preferences_response;

/* cdrs */
extern const struct ocpi_class ocpi_class_cdr, ocpi_class_cdr_location, ocpi_class_signed_data,
        ocpi_class_signed_value;

/* tariffs */
extern const struct ocpi_class ocpi_class_tariff, ocpi_class_tariff_element,
        ocpi_class_price_component, ocpi_class_tariff_restrictions;
extern const struct ocpi_enum ocpi_enum_tariff_type, ocpi_enum_tariff_dimension_type,
        ocpi_enum_day_of_week, ocpi_enum_reservation_restriction_type;

/* tokens */
extern const struct ocpi_class ocpi_class_token, ocpi_class_energy_contract,
        ocpi_class_location_references, ocpi_class_authorization_info;
extern const struct ocpi_enum ocpi_enum_whitelist_type, ocpi_enum_allowed_type;

/* commands */
extern const struct ocpi_class ocpi_class_start_session, ocpi_class_stop_session,
        ocpi_class_reserve_now, ocpi_class_cancel_reservation, ocpi_class_unlock_connector,
        ocpi_class_command_response, ocpi_class_command_result;
extern const struct ocpi_enum ocpi_enum_command_type, ocpi_enum_command_response_type,
        ocpi_enum_command_result_type;

/* chargingprofiles */
extern const struct ocpi_class ocpi_class_set_charging_profile, ocpi_class_charging_profile,
        ocpi_class_charging_profile_period, ocpi_class_active_charging_profile,
        ocpi_class_charging_profile_response, ocpi_class_active_charging_profile_result,
        ocpi_class_charging_profile_result, ocpi_class_clear_profile_result;
extern const struct ocpi_enum ocpi_enum_charging_rate_unit,
        ocpi_enum_charging_profile_response_type, ocpi_enum_charging_profile_result_type;

/* shared */
extern const struct ocpi_class ocpi_class_geo_location, ocpi_class_energy_mix,
        ocpi_class_energy_source, ocpi_class_environmental_impact, ocpi_class_cdr_token,
        ocpi_class_cdr_dimension, ocpi_class_charging_period, ocpi_class_display_text,
        ocpi_class_price;
extern const struct ocpi_enum ocpi_enum_connector_type, ocpi_enum_connector_format,
        ocpi_enum_power_type, ocpi_enum_energy_source_category,
        ocpi_enum_environmental_impact_category, ocpi_enum_auth_method,
        ocpi_enum_cdr_dimension_type, ocpi_enum_token_type, ocpi_enum_profile_type;

/* a bare string, not an object (SES-004) */
extern const struct ocpi_class ocpi_class_charging_preferences_response;

/* A CDR must not hold what is for Sessions only (CDR-018): the same classes with a shorter enum. */
extern const struct ocpi_class ocpi_class_final_charging_period;

extern const struct ocpi_module ocpi_module_cdrs, ocpi_module_chargingprofiles,
        ocpi_module_commands, ocpi_module_locations, ocpi_module_sessions, ocpi_module_tariffs,
        ocpi_module_tokens;
