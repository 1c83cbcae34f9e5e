/* tariffs: the routes of the module, mod_tariffs.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route tariffs_routes[] = {
	{ SENDER,   "GET",    "",                  NOTHING,       CLASS(tariff), PAGES,                    DEDUCE_NONE,   "TAR-E1" },
	{ RECEIVER, "GET",    "{cc}/{party}/{id}", NOTHING,       CLASS(tariff), 0,                        DEDUCE_HOLDER, "TAR-E2" },
	{ RECEIVER, "PUT",    "{cc}/{party}/{id}", CLASS(tariff), NOTHING,       ROUTE_BODY | ROUTE_SHARE, DEDUCE_NONE,   "TAR-E3" },
	{ RECEIVER, "DELETE", "{cc}/{party}/{id}", NOTHING,       NOTHING,       ROUTE_SHARE,              DEDUCE_NONE,   "TAR-E4" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_tariffs = {
	.id = "tariffs",
	.owner = ROLE_CPO,
	.routes = tariffs_routes,
	.object = &ocpi_class_tariff,
	.key = { "id" },
	.pullable = true,
};
