/* json_run: the end of a run of plain text. Nothing behind @end is read. */
#pragma once

#if defined(__SSE2__) && !defined(JSON_SWAR)
#include "json_sse2.h"
#else
#include "json_swar.h"
#endif

/** The first byte from @p on that is not one of U+0020 to U+007E, or is a quote or a backslash;
 * NULL when there is none. */
static inline const char *
plain_end(const char *p, const char *end)
{
	for (; end - p >= RUN; p += RUN) {
		const char *odd = find_odd(p);

		if (odd != NULL)
			return odd;
	}
	for (; p < end; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
			return p;
	return NULL;
}
