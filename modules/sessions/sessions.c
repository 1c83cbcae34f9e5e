/* sessions: the routes of the module, mod_sessions.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route sessions_routes[] = {
	{ SENDER,   "GET",   "",                          NOTHING,                     CLASS(session),                       PAGES,      DEDUCE_NONE,       "SES-E1" },
	{ SENDER,   "PUT",   "{id}/charging_preferences", CLASS(charging_preferences), CLASS(charging_preferences_response), ROUTE_BODY, DEDUCE_SESSION_ID, "SES-E2" },
	{ RECEIVER, "GET",   "{cc}/{party}/{id}",         NOTHING,                     CLASS(session),                       0,          DEDUCE_HOLDER,     "SES-E3" },
	{ RECEIVER, "PUT",   "{cc}/{party}/{id}",         CLASS(session),              NOTHING,                              ROUTE_BODY, DEDUCE_CDR_TOKEN,  "SES-E4" },
	{ RECEIVER, "PATCH", "{cc}/{party}/{id}",         CLASS(session),              NOTHING,                              PATCHES,    DEDUCE_SESSION_HOLDER, "SES-E5" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_sessions = {
	.id = "sessions",
	.owner = ROLE_CPO,
	.routes = sessions_routes,
	.object = &ocpi_class_session,
	.key = { "id" },
	.pullable = true,
};
