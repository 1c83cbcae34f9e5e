/* local: what the hub answers by itself: versions, version details and the list of hubclientinfo.
 */
#include <stdio.h>

#include "../parties/clientinfo.h"
#include "../parties/may_hub.h"
#include "local.h"
#include "page.h"

/* ---- versions: version_information_endpoint.asciidoc ---- */

enum next
local_versions(struct flight *flight)
{
	struct buf data = { .arena = flight->arena };

	hub_versions_write(flight_hub(flight), &data);
	return flight_answer(flight, 200, buf_str(&data));
}

enum next
local_details(struct flight *flight)
{
	struct buf data = { .arena = flight->arena };

	hub_details_write(flight_hub(flight), flight->platform, may_use, &data);
	return flight_answer(flight, 200, buf_str(&data));
}

/* ---- hubclientinfo: mod_hub_client_info.asciidoc, Sender interface ---- */

/* A party that moved to another platform is listed once, as what it is there: the one that was
 * removed or dropped it says nothing any more. Of a sandbox that was stopped nothing is left. */
static bool
superseded(const struct directory *directory, const struct party *party)
{
	if (!party->platform->removed && party->state != STATE_SUSPENDED)
		return false;
	if (party->platform->removed && party->platform->sandbox_of != 0)
		return true;
	for (const struct party *other = directory_party(directory, &party->id); other != NULL;
	        other = other->same)
		if (other->platform->id > party->platform->id && other->role == party->role)
			return true;
	return false;
}

static bool
in_dates(const struct ocpi_page_query *page, int64_t last_updated_ms)
{
	int64_t ns = last_updated_ms * 1000000;

	return (!page->has_from || ns >= page->from_ns) && (!page->has_to || ns < page->to_ns);
}

static void
add_client_info(struct buf *data, const struct party *party)
{
	if (data->p[data->len - 1] != '[')
		buf_addc(data, ',');
	client_info_write(data, str_of(party->id.country), str_of(party->id.party),
	        (int)party->role, (int)party_state(party), party_updated_ms(party));
}

static bool
has_room(const struct flight *flight, const struct page *page, uint64_t listed, size_t bytes)
{
	return listed < page->limit &&
	       (listed == 0 || bytes < (size_t)hub_settings(flight_hub(flight))->list_max_bytes);
}

/* How many are listed; page->total: how many there are. */
static uint64_t
list_parties(struct flight *flight, struct page *page, struct buf *data)
{
	const struct platform *platforms;
	size_t count = directory_platforms(flight->directory, &platforms), begin = data->len;
	uint64_t listed = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < platforms[i].party_count; k++) {
			const struct party *party = &platforms[i].parties[k];

			if (!may_see(flight_hub(flight), flight->directory, flight->platform,
			            party) ||
			        superseded(flight->directory, party) ||
			        !in_dates(&page->query, party_updated_ms(party)))
				continue;
			if (page->total++ != page->query.offset + listed ||
			        !has_room(flight, page, listed, data->len - begin))
				continue;
			add_client_info(data, party);
			listed++;
		}
	return listed;
}

enum next
local_clientinfo(struct flight *flight)
{
	struct page page = { .path = "hubclientinfo" };
	uint64_t listed;

	if (page_read_query(flight, &page) != NEXT)
		return REPLY;
	listed = list_parties(flight, &page, flight_list_begin(flight, 0));
	page_headers(flight, &page, listed,
	        page.query.offset < page.total && page.total - page.query.offset > listed);
	return flight_list_end(flight);
}
