/* local: what the hub answers by itself: versions, version details and the list of hubclientinfo.
 */
#include <stdio.h>

#include "agreement.h"
#include "flight.h"

/* ---- versions: version_information_endpoint.asciidoc ---- */

enum next
local_versions(struct flight *flight)
{
	struct str data = arena_printf(flight->arena,
	        "[{\"version\":\"2.2.1\",\"url\":\"%s/ocpi/2.2.1\"}]", flight_hub(flight)->url);

	return flight_answer(flight, 200, data);
}

static void
add_endpoint(
        struct buf *data, const char *url, const char *module, const char *role, const char *path)
{
	buf_printf(data, "%s{\"identifier\":\"%s\",\"role\":\"%s\",\"url\":\"%s/ocpi/2.2.1/%s%s\"}",
	        data->p[data->len - 1] == '[' ? "" : ",", module, role, url, path, module);
}

enum next
local_details(struct flight *flight)
{
	const struct hub *hub = flight_hub(flight);
	struct buf data = { .arena = flight->arena };

	buf_add(&data, STR("{\"version\":\"2.2.1\",\"endpoints\":["));
	add_endpoint(&data, hub->url, "credentials", "SENDER", ""); /* VER-006: once */
	add_endpoint(&data, hub->url, "hubclientinfo", "SENDER", "");
	for (size_t i = 0; hub->modules[i] != NULL; i++) {
		add_endpoint(&data, hub->url, hub->modules[i]->id, "SENDER", "sender/");
		add_endpoint(&data, hub->url, hub->modules[i]->id, "RECEIVER", "receiver/");
	}
	buf_add(&data, STR("]}"));
	return flight_answer(flight, 200, buf_str(&data));
}

/* ---- hubclientinfo: mod_hub_client_info.asciidoc, Sender interface ---- */

/* HCI-016: a viewer sees whom it can communicate with; its own parties and the hub are left out. */
bool
client_info_visible(const struct hub *hub, const struct directory *directory,
        const struct platform *viewer, const struct party *party)
{
	if (party->platform->id == viewer->id)
		return false;
	for (size_t i = 0; i < viewer->party_count; i++)
		if (viewer->parties[i].state != STATE_SUSPENDED &&
		        roles_meet(viewer->parties[i].role, party->role) &&
		        agreement_allows(hub, directory, &viewer->parties[i].id, &party->id,
		                (struct str){ 0 }))
			return true;
	return false;
}

/* A party that moved to another platform is listed once, as what it is there. */
static bool
superseded(const struct directory *directory, const struct party *party)
{
	if (!party->platform->removed)
		return false;
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
	if (data->len > 1)
		buf_addc(data, ',');
	client_info_write(data, str_of(party->id.country), str_of(party->id.party),
	        (int)party->role, (int)party_state(party), party->last_updated_ms);
}

static uint64_t
list_parties(
        struct flight *flight, const struct ocpi_page_query *page, uint64_t limit, struct buf *data)
{
	const struct platform *platforms;
	size_t count = directory_platforms(flight->directory, &platforms);
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < platforms[i].party_count; k++) {
			const struct party *party = &platforms[i].parties[k];

			if (!client_info_visible(flight_hub(flight), flight->directory,
			            flight->platform, party) ||
			        superseded(flight->directory, party) ||
			        !in_dates(page, party->last_updated_ms))
				continue;
			if (total >= page->offset && total - page->offset < limit)
				add_client_info(data, party);
			total++;
		}
	return total;
}

static void
add_filter(struct flight *flight, struct buf *link, const char *name)
{
	struct ocpi_query_value value;

	if (ocpi_query_find(flight->path.query, name, flight->arena, &value))
		buf_printf(link, "&%s=%.*s", name, STR_ARG(value.raw));
}

static void
add_page_headers(
        struct flight *flight, const struct ocpi_page_query *page, uint64_t limit, uint64_t total)
{
	struct buf link = { .arena = flight->arena };

	flight_header(flight, "X-Total-Count",
	        arena_printf(flight->arena, "%llu", (unsigned long long)total));
	flight_header(
	        flight, "X-Limit", arena_printf(flight->arena, "%llu", (unsigned long long)limit));
	if (page->offset >= total || total - page->offset <= limit)
		return; /* TRN-029: none on the last page */
	buf_printf(&link, "<%s/ocpi/2.2.1/hubclientinfo?offset=%llu&limit=%llu",
	        flight_hub(flight)->url, (unsigned long long)(page->offset + limit),
	        (unsigned long long)limit);
	add_filter(flight, &link, "date_from");
	add_filter(flight, &link, "date_to");
	buf_add(&link, STR(">; rel=\"next\""));
	flight_header(flight, "Link", buf_str(&link));
}

enum next
local_clientinfo(struct flight *flight)
{
	struct buf data = { .arena = flight->arena };
	uint64_t largest = (uint64_t)hub_settings(flight_hub(flight))->list_limit, limit = largest,
	         total;
	struct ocpi_page_query page;

	if (ocpi_page_query_read(flight->path.query, flight->arena, &page, &flight->fault) != RH_OK)
		return REPLY;
	if (page.has_limit && page.limit < largest)
		limit = page.limit;
	buf_addc(&data, '[');
	total = list_parties(flight, &page, limit, &data);
	buf_addc(&data, ']');
	add_page_headers(flight, &page, limit, total);
	return flight_answer(flight, 200, buf_str(&data));
}
