/* scope: whom an object is addressed to, and who is owed it. */
#include "roamhub/objects.h"

#include <stdio.h>
#include <string.h>

struct str
store_scope(struct str party, int64_t platform, struct arena *arena)
{
	return arena_printf(arena, "%.*s@%lld", STR_ARG(party), (long long)platform);
}

struct str
store_scope_party(struct str scope)
{
	const char *at = scope.len == 0 ? NULL : memchr(scope.p, '@', scope.len);

	if (at == NULL)
		return (struct str){ 0 };
	return (struct str){ scope.p, (size_t)(at - scope.p) };
}

struct str
store_receiver(int64_t platform, char out[STORE_RECEIVER_TEXT])
{
	int len = snprintf(out, STORE_RECEIVER_TEXT, "platform/%lld", (long long)platform);

	return (struct str){ out, (size_t)len };
}
