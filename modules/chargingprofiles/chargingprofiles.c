/* chargingprofiles: the routes of the module, mod_charging_profiles.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route chargingprofiles_routes[] = {
	{ RECEIVER, "GET",    "{id}", NOTHING,                        CLASS(charging_profile_response), URL_IN_QUERY | ROUTE_DURATION, DEDUCE_SESSION_ID, "CHP-E1", CLASS(active_charging_profile_result) },
	{ RECEIVER, "PUT",    "{id}", CLASS(set_charging_profile),    CLASS(charging_profile_response), URL_IN_BODY,                   DEDUCE_SESSION_ID, "CHP-E2", CLASS(charging_profile_result), &ocpi_remember_profile },
	{ RECEIVER, "DELETE", "{id}", NOTHING,                        CLASS(charging_profile_response), URL_IN_QUERY,                  DEDUCE_SESSION_ID, "CHP-E3", CLASS(clear_profile_result) },
	{ SENDER,   "POST",   "{id}", CLASS(charging_profile_result), NOTHING,                          ROUTE_BODY,                    DEDUCE_NONE,       "CHP-E4" },
	{ SENDER,   "PUT",    "{id}", CLASS(active_charging_profile), NOTHING,                          ROUTE_BODY,                    DEDUCE_PROFILE,    "CHP-E5" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_chargingprofiles = {
	.id = "chargingprofiles",
	.routes = chargingprofiles_routes,
};
