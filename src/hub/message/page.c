/* page: what the answer of a list says beside its objects. */
#include "page.h"

enum next
page_read_query(struct flight *flight, struct page *page)
{
	uint64_t largest = (uint64_t)hub_settings(flight_hub(flight))->list_limit;

	if (ocpi_page_query_read(flight->path.query, flight->arena, &page->query, &flight->fault) !=
	        RH_OK)
		return REPLY;
	page->limit =
	        page->query.has_limit && page->query.limit < largest ? page->query.limit : largest;
	return NEXT;
}

static struct str
number(struct flight *flight, uint64_t value)
{
	return arena_printf(flight->arena, "%llu", (unsigned long long)value);
}

/* The filters of this page hold for the next one (TRN-026). */
static void
add_filter(struct flight *flight, struct buf *link, const char *name)
{
	struct ocpi_query_value value;

	if (ocpi_query_find(flight->path.query, name, flight->arena, &value))
		buf_printf(link, "&%s=%.*s", name, STR_ARG(value.raw));
}

void
page_headers(struct flight *flight, const struct page *page, size_t count, bool more)
{
	struct str base = hub_link(flight_hub(flight), OCPI_VERSION, flight->arena);
	struct buf link = { .arena = flight->arena };

	flight_header(flight, "X-Total-Count", number(flight, page->total));
	flight_header(flight, "X-Limit", number(flight, page->limit));
	if (!more)
		return; /* TRN-029: none on the last page */
	buf_printf(&link, "<%.*s/%s?offset=%llu&limit=%llu", STR_ARG(base), page->path,
	        (unsigned long long)(page->query.offset + count), (unsigned long long)page->limit);
	if (page->after_seq > 0)
		buf_printf(&link, "&after=%lld", (long long)page->after_seq);
	add_filter(flight, &link, "date_from");
	add_filter(flight, &link, "date_to");
	buf_add(&link, STR(">; rel=\"next\""));
	flight_header(flight, "Link", buf_str(&link));
}
