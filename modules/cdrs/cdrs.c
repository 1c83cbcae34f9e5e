/* cdrs: the routes of the module, mod_cdrs.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route cdrs_routes[] = {
	{ SENDER,   "GET",  "",             NOTHING,    CLASS(cdr), PAGES,                                          DEDUCE_NONE,      "CDR-E1" },
	{ RECEIVER, "POST", "",             CLASS(cdr), NOTHING,    ROUTE_BODY | ROUTE_LOCATION | ROUTE_BODY_OWNER, DEDUCE_CDR_TOKEN, "CDR-E2" },
	{ RECEIVER, "POST", "{cc}/{party}", CLASS(cdr), NOTHING,    ROUTE_BODY | ROUTE_LOCATION | ROUTE_BODY_OWNER, DEDUCE_CDR_TOKEN, "TRP-57" },
	{ RECEIVER, "GET",  "{id}",         NOTHING,    CLASS(cdr), 0,                                              DEDUCE_NONE,      "CDR-E3" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_cdrs = {
	.id = "cdrs",
	.owner = ROLE_CPO,
	.routes = cdrs_routes,
	.object = &ocpi_class_cdr,
	.key = { "id" },
	.pullable = true,
};
