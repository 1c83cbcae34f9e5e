/* conduct: one predicate a duty of the sender. A breach fails the scenario unless the platform is
 * lenient. */
#include "conduct.h"

#include <string.h>

static bool
lacks(const struct exchange *exchange, const char *header)
{
	return inlet_header(exchange->request, header).len == 0;
}

bool
conduct_is_configuration(const struct exchange *exchange)
{
	static const char *const modules[] = { "versions", "details", "credentials",
		"hubclientinfo" };

	for (size_t i = 0; i < COUNT(modules); i++)
		if (strcmp(exchange->module, modules[i]) == 0)
			return true;
	return false;
}

static bool
has_double_slash(struct str target)
{
	for (size_t i = 1; i < target.len && target.p[i] != '?'; i++)
		if (target.p[i] == '/' && target.p[i - 1] == '/')
			return true;
	return false;
}

const char *
conduct_complaint(const struct exchange *exchange)
{
	bool configuration = conduct_is_configuration(exchange);
	struct str type = inlet_header(exchange->request, "Content-Type");

	if (exchange->actor->lenient)
		return NULL;
	if (lacks(exchange, "X-Request-ID"))
		return "X-Request-ID is missing (TRN-050)";
	if (lacks(exchange, "X-Correlation-ID"))
		return "X-Correlation-ID is missing (TRN-051)";
	if (has_double_slash(exchange->request->target))
		return "the path has an empty segment (VER-021)";
	if (exchange->request->body.len > 0 && !str_starts(type, "application/json"))
		return "a body without Content-Type: application/json (TRN-007)";
	if (configuration && (exchange->has_to || exchange->has_from))
		return "routing headers on a configuration module (RTE-002)";
	if (!configuration && exchange->module[0] != '\0' &&
	        !(exchange->has_to && exchange->has_from))
		return "OCPI-to-* or OCPI-from-* is missing (RTE-006)";
	return NULL;
}
