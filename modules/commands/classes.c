/* commands: the classes and enums of the module, mod_commands.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_command_type = {
	.name = "CommandType",
	.values = VALUES("CANCEL_RESERVATION", "RESERVE_NOW", "START_SESSION",
		"STOP_SESSION", "UNLOCK_CONNECTOR"),
};

const struct ocpi_enum ocpi_enum_command_response_type = {
	.name = "CommandResponseType",
	.values = VALUES("NOT_SUPPORTED", "REJECTED", "ACCEPTED", "UNKNOWN_SESSION"),
};

const struct ocpi_enum ocpi_enum_command_result_type = {
	.name = "CommandResultType",
	.values = VALUES("ACCEPTED", "CANCELED_RESERVATION", "EVSE_OCCUPIED",
		"EVSE_INOPERATIVE", "FAILED", "NOT_SUPPORTED", "REJECTED", "TIMEOUT",
		"UNKNOWN_RESERVATION"),
};

/* mod_commands.asciidoc §mod_commands_startsession_object */
static const struct ocpi_field start_session_fields[] = {
	{ "response_url",            ONE,  URL, CALLABLE },
	{ "token",                   ONE,  OBJECT(token) },
	{ "location_id",             ONE,  CISTRING(36) },
	{ "evse_uid",                OPT,  CISTRING(36) },
	{ "connector_id",            OPT,  CISTRING(36) },
	{ "authorization_reference", OPT,  CISTRING(36) },
	{ "" },
};
static const struct ocpi_rule start_session_rules[] = {
	{ RULE_NEEDS, "connector_id", "evse_uid", .spec = "CMD-020" },
	{ 0 },
};
const struct ocpi_class ocpi_class_start_session = {
	.name = "StartSession",
	.spec = "mod_commands_startsession_object",
	.fields = start_session_fields,
	.rules = start_session_rules,
};

/* mod_commands.asciidoc §mod_commands_stopsession_object */
static const struct ocpi_field stop_session_fields[] = {
	{ "response_url", ONE,  URL, CALLABLE },
	{ "session_id",   ONE,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_stop_session = {
	.name = "StopSession",
	.spec = "mod_commands_stopsession_object",
	.fields = stop_session_fields,
};

/* mod_commands.asciidoc §mod_commands_reservenow_object */
static const struct ocpi_field reserve_now_fields[] = {
	{ "response_url",            ONE,  URL, CALLABLE },
	{ "token",                   ONE,  OBJECT(token) },
	{ "expiry_date",             ONE,  DATETIME },
	{ "reservation_id",          ONE,  CISTRING(36) },
	{ "location_id",             ONE,  CISTRING(36) },
	{ "evse_uid",                OPT,  CISTRING(36) },
	{ "authorization_reference", OPT,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_reserve_now = {
	.name = "ReserveNow",
	.spec = "mod_commands_reservenow_object",
	.fields = reserve_now_fields,
};

/* mod_commands.asciidoc §mod_commands_cancelreservation_object */
static const struct ocpi_field cancel_reservation_fields[] = {
	{ "response_url",   ONE,  URL, CALLABLE },
	{ "reservation_id", ONE,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_cancel_reservation = {
	.name = "CancelReservation",
	.spec = "mod_commands_cancelreservation_object",
	.fields = cancel_reservation_fields,
};

/* mod_commands.asciidoc §mod_commands_unlockconnector_object */
static const struct ocpi_field unlock_connector_fields[] = {
	{ "response_url", ONE,  URL, CALLABLE },
	{ "location_id",  ONE,  CISTRING(36) },
	{ "evse_uid",     ONE,  CISTRING(36) },
	{ "connector_id", ONE,  CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_unlock_connector = {
	.name = "UnlockConnector",
	.spec = "mod_commands_unlockconnector_object",
	.fields = unlock_connector_fields,
};

/* mod_commands.asciidoc §mod_commands_commandresponse_object */
static const struct ocpi_field command_response_fields[] = {
	{ "result",  ONE,  ENUM(command_response_type) },
	{ "timeout", ONE,  INT, FROM_ZERO },
	{ "message", MANY, OBJECT(display_text) },
	{ "" },
};
const struct ocpi_class ocpi_class_command_response = {
	.name = "CommandResponse",
	.spec = "mod_commands_commandresponse_object",
	.fields = command_response_fields,
};

/* mod_commands.asciidoc §mod_commands_commandresult_object */
static const struct ocpi_field command_result_fields[] = {
	{ "result",  ONE,  ENUM(command_result_type) },
	{ "message", MANY, OBJECT(display_text) },
	{ "" },
};
const struct ocpi_class ocpi_class_command_result = {
	.name = "CommandResult",
	.spec = "mod_commands_commandresult_object",
	.fields = command_result_fields,
};

/* clang-format on */
