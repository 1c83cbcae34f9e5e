/* locations: the routes of the module, mod_locations.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route locations_routes[] = {
	{ SENDER,   "GET",   "",                                     NOTHING,          CLASS(location),  PAGES,                    DEDUCE_NONE,   "LOC-E1" },
	{ SENDER,   "GET",   "{id}",                                 NOTHING,          CLASS(location),  0,                        DEDUCE_OBJECT, "LOC-E2" },
	{ SENDER,   "GET",   "{id}/{evse}",                          NOTHING,          CLASS(evse),      0,                        DEDUCE_OBJECT, "LOC-E3" },
	{ SENDER,   "GET",   "{id}/{evse}/{connector}",              NOTHING,          CLASS(connector), 0,                        DEDUCE_OBJECT, "LOC-E4" },
	{ RECEIVER, "GET",   "{cc}/{party}/{id}",                    NOTHING,          CLASS(location),  0,                        DEDUCE_HOLDER, "LOC-E5" },
	{ RECEIVER, "GET",   "{cc}/{party}/{id}/{evse}",             NOTHING,          CLASS(evse),      0,                        DEDUCE_HOLDER, "LOC-E5" },
	{ RECEIVER, "GET",   "{cc}/{party}/{id}/{evse}/{connector}", NOTHING,          CLASS(connector), 0,                        DEDUCE_HOLDER, "LOC-E5" },
	{ RECEIVER, "PUT",   "{cc}/{party}/{id}",                    CLASS(location),  NOTHING,          ROUTE_BODY | ROUTE_SHARE, DEDUCE_NONE,   "LOC-E6" },
	{ RECEIVER, "PUT",   "{cc}/{party}/{id}/{evse}",             CLASS(evse),      NOTHING,          ROUTE_BODY | ROUTE_SHARE, DEDUCE_NONE,   "LOC-E7" },
	{ RECEIVER, "PUT",   "{cc}/{party}/{id}/{evse}/{connector}", CLASS(connector), NOTHING,          ROUTE_BODY | ROUTE_SHARE, DEDUCE_NONE,   "LOC-E8" },
	{ RECEIVER, "PATCH", "{cc}/{party}/{id}",                    CLASS(location),  NOTHING,          PATCHES | ROUTE_SHARE,    DEDUCE_NONE,   "LOC-E9" },
	{ RECEIVER, "PATCH", "{cc}/{party}/{id}/{evse}",             CLASS(evse),      NOTHING,          PATCHES | ROUTE_SHARE,    DEDUCE_NONE,   "LOC-E9" },
	{ RECEIVER, "PATCH", "{cc}/{party}/{id}/{evse}/{connector}", CLASS(connector), NOTHING,          PATCHES | ROUTE_SHARE,    DEDUCE_NONE,   "LOC-E9" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_locations = {
	.id = "locations",
	.owner = ROLE_CPO,
	.routes = locations_routes,
	.object = &ocpi_class_location,
	.key = { "id" },
	.pullable = true,
};
