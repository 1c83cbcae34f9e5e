/* match: which row of a module's endpoint table a request belongs to.
 *
 * Rows are tried in the table's order. A path that exists with other methods only gives their list,
 * for Allow. */
#include <assert.h>
#include <string.h>

#include "roamhub/module.h"

const struct ocpi_module *
ocpi_module_find(const struct ocpi_module *const *modules, struct str id)
{
	for (; *modules != NULL; modules++)
		if (str_is(id, (*modules)->id))
			return *modules;
	return NULL;
}

static inline bool
is(struct str part, struct str name)
{
	return part.len == name.len && memcmp(part.p, name.p, name.len) == 0;
}

/** Where the value of the segment @name goes; NULL when its value has no place of its own. */
static struct str *
slot(struct ocpi_matched *out, struct str name)
{
	if (is(name, STR("{cc}")))
		return &out->cc;
	if (is(name, STR("{party}")))
		return &out->party;
	if (is(name, STR("{id}")) || is(name, STR("{session}")))
		return &out->id;
	if (is(name, STR("{evse}")))
		return &out->evse;
	if (is(name, STR("{connector}")))
		return &out->connector;
	return NULL;
}

/** Whether @pattern fits the path from @first on; values of its placeholders go to @out. */
static bool
fits(const char *pattern, const struct ocpi_path *path, size_t first, struct ocpi_matched *out)
{
	struct str rest = pattern[0] == '\0' ? (struct str){ 0 } : str_of(pattern);
	size_t at = first;

	*out = (struct ocpi_matched){ .first = first };
	for (; rest.p != NULL; at++) {
		struct str part = str_cut(&rest, '/'), *value;

		if (at >= path->count)
			return false;
		if (part.len == 0 || part.p[0] != '{') {
			if (!str_eq(part, path->decoded[at]))
				return false;
			continue;
		}
		value = slot(out, part);
		if (value != NULL)
			*value = path->decoded[at];
	}
	return at == path->count;
}

/** Add @method to a list such as "GET, PUT", once. */
static void
allow_add(char *allow, size_t size, const char *method)
{
	struct str rest = str_of(allow);

	while (rest.p != NULL)
		if (str_is(str_trim(str_cut(&rest, ',')), method))
			return;
	assert(strlen(allow) + strlen(method) + 3 <= size);
	if (allow[0] != '\0')
		strcat(allow, ", ");
	strcat(allow, method);
}

/** The path has no row for the method; which methods it has, if any. */
static enum ocpi_match
list_methods(const struct ocpi_module *module, enum ocpi_interface interface,
        const struct ocpi_path *path, size_t first, struct ocpi_matched *out)
{
	struct ocpi_matched none = { .first = first };

	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (route->interface == interface && fits(route->path, path, first, out))
			allow_add(none.allow, sizeof(none.allow), route->method);
	*out = none;
	return none.allow[0] == '\0' ? MATCH_NO_PATH : MATCH_NO_METHOD;
}

enum ocpi_match
ocpi_route_match(const struct ocpi_module *module, enum ocpi_interface interface, struct str method,
        const struct ocpi_path *path, size_t first, struct ocpi_matched *out)
{
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++) {
		if (route->interface != interface || !str_is(method, route->method) ||
		        !fits(route->path, path, first, out))
			continue;
		out->route = route;
		return MATCH_FOUND;
	}
	return list_methods(module, interface, path, first, out);
}
