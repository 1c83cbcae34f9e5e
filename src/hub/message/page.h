/* page: what the answer of a list says beside its objects: X-Total-Count, X-Limit and Link;
 * transport_and_format.asciidoc "Pagination". */
#pragma once

#include "flight.h"

struct page {
	struct ocpi_page_query query;
	uint64_t limit;    /* of this page: what was asked, at most list.limit */
	uint64_t total;    /* objects that fit the filters */
	const char *path;  /* of the list, below the version: "sender/tariffs" */
	int64_t after_seq; /* key set of the next page, 0: none */
};
/** Read offset, limit and dates of the request; REPLY: refused. */
enum next page_read_query(struct flight *flight, struct page *page);
/** Headers of the answer; @more: another page follows this one of @count objects. */
void page_headers(struct flight *flight, const struct page *page, size_t count, bool more);
