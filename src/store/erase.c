/* erase: what names a token: legs of the trace, hints, reports. */
#include "backend.h"

#include <string.h>

static bool
is_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Of which the uid is a part is another one. */
static bool
stands_alone(struct str text, size_t at, size_t len)
{
	return (at == 0 || !is_word(text.p[at - 1])) &&
	       (at + len == text.len || !is_word(text.p[at + len]));
}

bool
store_names(struct str text, struct str name)
{
	for (size_t at = 0; name.len > 0 && at + name.len <= text.len; at++)
		if (str_ieq((struct str){ text.p + at, name.len }, name) &&
		        stands_alone(text, at, name.len))
			return true;
	return false;
}

/* "tokens/NL*MSP/U1" */
static struct str
owner_of(struct str object)
{
	(void)str_cut(&object, '/');
	return str_cut(&object, '/');
}

static bool
is_theirs(const struct store_trace_erase_args *args, const struct store_trace *leg)
{
	return leg->to.p == NULL || str_eq(leg->to, args->party) ||
	       str_eq(leg->from, args->party) || str_eq(owner_of(leg->object), args->party);
}

bool
store_trace_names(const struct store_trace_erase_args *args, const struct store_trace *leg)
{
	if (!is_theirs(args, leg))
		return false;
	for (size_t i = 0; i < COUNT(args->names); i++)
		if (store_names(leg->object, args->names[i]) ||
		        store_names(leg->doc, args->names[i]))
			return true;
	return false;
}

struct erase_hints
erase_hints(const struct store_erase_args *args, struct arena *arena)
{
	return (struct erase_hints){ arena_printf(arena, "%.*s/", STR_ARG(args->id)),
		arena_printf(arena, "%.*s0", STR_ARG(args->id)) }; /* what comes after '/' */
}

bool
erase_report(const struct store_erase_args *args, struct str report)
{
	return store_names(report, args->names[0]) || store_names(report, args->names[1]);
}
