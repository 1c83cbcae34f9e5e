/* redirect: where a partner's 3xx may lead. */
#include "redirect.h"

#include "roamhub/ocpi.h"

bool
redirect_keeps_method(const struct net_call *call)
{
	switch (call->status) {
	case 307:
	case 308:
		return true;
	case 301:
	case 302:
		return str_is(call->method, "GET");
	default:
		return false;
	}
}

bool
redirect_leads(const struct net_call *call, struct str *target)
{
	struct arena *arena = call->arena;
	struct net_url asked, url;
	struct str base, text;

	if (call->result != NET_DONE || !redirect_keeps_method(call) ||
	        call->header[OUT_LOCATION].len == 0)
		return false;
	base = arena_printf(arena, "%.*s%.*s", STR_ARG(call->origin), STR_ARG(call->target));
	if (net_url_parse(base, arena, &asked, NULL) != RH_OK ||
	        net_url_resolve(base, call->header[OUT_LOCATION], arena, &text, NULL) != RH_OK ||
	        net_url_parse(text, arena, &url, NULL) != RH_OK ||
	        !str_eq(url.origin, asked.origin))
		return false;
	*target = url.target;
	return true;
}
