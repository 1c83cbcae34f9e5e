/* fuzz_query: the parameters of a page, and response_url with whatever stands behind it. */
#include "fuzz.h"
#include "roamhub/ocpi.h"

static void
check_value(struct str query, const struct ocpi_query_value *value)
{
	must(within(value->raw, query), "a value lies in the query");
	must(value->decoded.p == NULL || value->decoded.len <= value->raw.len,
	        "decoding makes nothing longer");
	for (size_t i = 0; i < value->decoded.len; i++)
		must((unsigned char)value->decoded.p[i] >= 0x20,
		        "no control character comes through");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024);
	struct str query = input_of(bytes, size);
	struct ocpi_query_value first, last;
	struct ocpi_page_query page;
	struct fault fault = { 0 };
	bool found = ocpi_query_find(query, "response_url", arena, &first);

	must(ocpi_query_find_last(query, "response_url", arena, &last) == found,
	        "both find it or neither does");
	if (found) {
		check_value(query, &first);
		check_value(query, &last);
		must(last.raw.p == first.raw.p && last.raw.len >= first.raw.len,
		        "the last one reaches further");
	}
	if (ocpi_page_query_read(query, arena, &page, &fault) == RH_OK)
		must(!page.has_limit || page.limit > 0, "a page has room for one object");
	else
		must(fault.field[0] != '\0', "the fault names its parameter");
	arena_free(arena);
	return 0;
}
