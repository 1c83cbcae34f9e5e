/* commands: the routes of the module, mod_commands.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route commands_routes[] = {
	{ RECEIVER, "POST", "START_SESSION",      CLASS(start_session),      CLASS(command_response), URL_IN_BODY | ROUTE_TOKEN_OF_SENDER, DEDUCE_LOCATION_ID,    "CMD-E1", CLASS(command_result) },
	{ RECEIVER, "POST", "STOP_SESSION",       CLASS(stop_session),       CLASS(command_response), URL_IN_BODY,                         DEDUCE_SESSION_ID,     "CMD-E2", CLASS(command_result) },
	{ RECEIVER, "POST", "RESERVE_NOW",        CLASS(reserve_now),        CLASS(command_response), URL_IN_BODY | ROUTE_TOKEN_OF_SENDER, DEDUCE_LOCATION_ID,    "CMD-E3", CLASS(command_result), &ocpi_remember_reservation },
	{ RECEIVER, "POST", "CANCEL_RESERVATION", CLASS(cancel_reservation), CLASS(command_response), URL_IN_BODY,                         DEDUCE_RESERVATION_ID, "CMD-E4", CLASS(command_result) },
	{ RECEIVER, "POST", "UNLOCK_CONNECTOR",   CLASS(unlock_connector),   CLASS(command_response), URL_IN_BODY,                         DEDUCE_LOCATION_ID,    "CMD-E5", CLASS(command_result) },
	{ SENDER,   "POST", "{id}",               CLASS(command_result),     NOTHING,                 ROUTE_BODY,                          DEDUCE_NONE,           "CMD-E6" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_commands = {
	.id = "commands",
	.routes = commands_routes,
	.no_such = "expected CANCEL_RESERVATION, RESERVE_NOW, START_SESSION, STOP_SESSION or "
	           "UNLOCK_CONNECTOR",
};
