/* routes: prints the route table of the program, a row a line: module, owner of its data,
 * interface, method, path, class of the body, class of the answer, flags by name. */
#include <stdio.h>

#include <roamhub/module.h>
#include <roamhub/schema.h>

static const struct {
	unsigned flag;
	const char *name;
} flags[] = { { ROUTE_BODY, "body" }, { ROUTE_PATCH, "patch" }, { ROUTE_SHARE, "share" },
	{ ROUTE_LIST, "list" }, { ROUTE_AUTHORIZE, "authorize" }, { ROUTE_DURATION, "duration" },
	{ ROUTE_TOKEN_OF_SENDER, "token-of-sender" }, { ROUTE_BODY_OWNER, "body-owner" },
	{ ROUTE_RESPONSE_URL_QUERY, "url-in-query" }, { ROUTE_RESPONSE_URL_BODY, "url-in-body" } };

static const char *
name_of(const struct ocpi_class *class)
{
	return class == NULL ? "-" : class->name;
}

static void
print_route(const struct ocpi_module *module, const struct ocpi_route *route)
{
	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t", module->id,
	        module->owner == ROLE_CPO    ? "CPO"
	        : module->owner == ROLE_EMSP ? "EMSP"
	                                     : "-",
	        route->interface == IFACE_SENDER ? "SENDER" : "RECEIVER", route->method,
	        route->path, name_of(route->body), name_of(route->answer));
	for (size_t i = 0; i < COUNT(flags); i++)
		if (route->flags & flags[i].flag)
			printf("%s ", flags[i].name);
	printf("\n");
}

int
main(void)
{
	for (const struct ocpi_module *const *module = ocpi_modules; *module != NULL; module++)
		for (const struct ocpi_route *route = (*module)->routes;
		        route->interface != IFACE_NONE; route++)
			print_route(*module, route);
	return 0;
}
