/* fuzz_link: the Link header of a page. */
#include "fuzz.h"
#include "roamhub/ocpi.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024);
	struct str header = input_of(bytes, size), next = ocpi_link_next(header, arena);

	if (next.p != NULL) {
		struct str same = arena_printf(arena, "<%.*s>; rel=\"next\"", STR_ARG(next));

		must(next.len > 0 && within(next, header), "a target lies in the header");
		must(memchr(next.p, '>', next.len) == NULL, "a target ends before its bracket");
		must(str_eq(str_trim(next), next), "a target has no blanks around it");
		if (memchr(next.p, '\0', next.len) == NULL)
			must(str_eq(ocpi_link_next(same, arena), next),
			        "a link to it alone has the same target");
	}
	arena_free(arena);
	return 0;
}
