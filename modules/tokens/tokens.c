/* tokens: the routes of the module, mod_tokens.asciidoc.
 * Rows in the order of the endpoint sheet; everything else about the module is in classes.c. */
#include "../routes.h"

/* clang-format off */
static const struct ocpi_route tokens_routes[] = {
	{ RECEIVER, "GET",   "{cc}/{party}/{id}", NOTHING,                    CLASS(token),              0,                                     DEDUCE_HOLDER, "TOK-E1" },
	{ RECEIVER, "PUT",   "{cc}/{party}/{id}", CLASS(token),               NOTHING,                   ROUTE_BODY | ROUTE_SHARE,              DEDUCE_NONE,   "TOK-E2" },
	{ RECEIVER, "PATCH", "{cc}/{party}/{id}", CLASS(token),               NOTHING,                   PATCHES | ROUTE_SHARE,                 DEDUCE_NONE,   "TOK-E3" },
	{ SENDER,   "GET",   "",                  NOTHING,                    CLASS(token),              PAGES,                                 DEDUCE_NONE,   "TOK-E4" },
	{ SENDER,   "POST",  "{id}/authorize",    CLASS(location_references), CLASS(authorization_info), ROUTE_BODY_OPTIONAL | ROUTE_AUTHORIZE, DEDUCE_TOKEN,  "TOK-E5" },
	{ 0 },
};
/* clang-format on */

const struct ocpi_module ocpi_module_tokens = {
	.id = "tokens",
	.owner = ROLE_EMSP,
	.routes = tokens_routes,
	.object = &ocpi_class_token,
	.key = { "uid", "type" },
	.pullable = true,
};
