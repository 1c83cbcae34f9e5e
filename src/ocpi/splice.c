/* splice: the text of a message with some ranges exchanged and every other byte as it was.
 *
 * This is how URLs inside a relayed body are rewritten without printing its JSON again (TRP-66). */
#include <assert.h>
#include <string.h>

#include "roamhub/ocpi.h"

static size_t
spliced_len(struct str text, const struct splice *splices, size_t count)
{
	size_t len = text.len, last = 0;

	for (size_t i = 0; i < count; i++) {
		assert(splices[i].at >= last && splices[i].end >= splices[i].at);
		assert(splices[i].end <= text.len);
		last = splices[i].end;
		len = len - (splices[i].end - splices[i].at) + splices[i].with.len;
	}
	return len;
}

static char *
append(char *out, const char *from, size_t len)
{
	if (len > 0)
		memcpy(out, from, len);
	return out + len;
}

struct str
splice_apply(struct str text, const struct splice *splices, size_t count, struct arena *arena)
{
	size_t len = spliced_len(text, splices, count), at = 0;
	char *start = arena_take(arena, len + 1), *out = start;

	for (size_t i = 0; i < count; i++) {
		out = append(out, text.p + at, splices[i].at - at);
		out = append(out, splices[i].with.p, splices[i].with.len);
		at = splices[i].end;
	}
	if (text.len > at)
		out = append(out, text.p + at, text.len - at);
	*out = '\0';
	return (struct str){ start, len };
}
