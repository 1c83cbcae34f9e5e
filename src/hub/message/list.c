/* list: GET ALL and single objects from the hub's own store (RTE-052..056, RTE-040). A page is an
 * envelope written around stored bytes; its Link carries the place of the last object, so that the
 * next page costs the same at any depth. */
#include <stdio.h>
#include <string.h>

#include "../count.h"
#include "../parties/may_hub.h"
#include "list.h"
#include "page.h"
#include "share.h"
#include "unread.h"

/* ---- pages ---- */

enum { OBJECTS_BYTES = 64 * 1024 }; /* of a usual page, while it is read */

/* Owners that this viewer has no agreement with. */
static void
hide_owners(struct flight *flight, struct store_page_args *args)
{
	const struct platform *platforms;
	size_t count = directory_platforms(flight->directory, &platforms), total = 0, hidden = 0;
	struct str *keys;
	char text[OCPI_ID_TEXT];

	for (size_t i = 0; i < count; i++)
		total += platforms[i].party_count;
	keys = arena_alloc(flight->arena, (total + 1) * sizeof *keys);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < platforms[i].party_count; k++) {
			const struct ocpi_id *owner = &platforms[i].parties[k].id;

			if (may_list(flight_hub(flight), flight->directory, flight->platform_id,
			            &flight->from, owner, flight->module, flight->interface)
			                .reason != MAY_YES)
				keys[hidden++] =
				        arena_str(flight->arena, str_of(ocpi_id_key(owner, text)));
		}
	args->hidden = keys;
	args->hidden_count = hidden;
}

static enum next
write_page(struct flight *flight, struct page *page)
{
	const struct store_page_args *args = &flight->op.u.page;
	size_t bytes = args->count; /* and a comma each */
	struct buf *list;

	for (size_t i = 0; i < args->count; i++)
		bytes += args->objects[i].body.len;
	if (unread_fits(flight, bytes) != NEXT)
		return REPLY;
	list = flight_list_begin(flight, bytes);
	for (size_t i = 0; i < args->count; i++)
		json_put_raw(list, NULL, args->objects[i].body);
	page->total = args->total;
	page->after_seq = args->last_seq;
	page_headers(flight, page, args->passed, args->more);
	return flight_list_end(flight);
}

/* The objects are let go before the page waits to be read. */
static enum next
page_read(struct flight *flight)
{
	struct page *page = flight->local_state;
	struct arena *objects = flight->op.arena;
	enum next next =
	        flight->op.err != RH_OK ? flight_refuse_store(flight) : write_page(flight, page);

	arena_free(objects);
	return next;
}

static enum next
empty_page(struct flight *flight, struct page *page)
{
	page_headers(flight, page, 0, false);
	(void)flight_list_begin(flight, 0);
	return flight_list_end(flight);
}

static void
fill_page(struct flight *flight, const struct page *page, uint64_t after_seq)
{
	struct store_page_args *args = &flight->op.u.page;
	const struct ocpi_page_query *query = &page->query;

	args->module = str_of(flight->module->id);
	args->viewer = directory_scope(&flight->from, flight->platform_id, flight->arena);
	args->has_from = query->has_from, args->from_ns = query->from_ns;
	args->has_to = query->has_to, args->to_ns = query->to_ns;
	args->after_seq = (int64_t)after_seq;
	args->offset = query->offset;
	args->limit = page->limit;
	args->max_bytes = (size_t)hub_settings(flight_hub(flight))->list_max_bytes;
	hide_owners(flight, args);
}

static enum next
list_page(struct flight *flight)
{
	struct page *page = arena_alloc(flight->arena, sizeof *page);
	struct ocpi_query_value after;
	uint64_t after_seq = 0;

	page->path = arena_printf(flight->arena, "sender/%s", flight->module->id).p;
	if (page_read_query(flight, page) != NEXT)
		return REPLY;
	if (ocpi_query_find(flight->path.query, "after", flight->arena, &after) &&
	        !str_to_u64(after.decoded, INT64_MAX, &after_seq))
		return flight_refuse(
		        flight, RH_BAD_FIELD, "after", "expected what a Link of this list says");
	if (may_speak(flight->directory, flight->platform_id, &flight->from, flight->module,
	            flight->interface, MAY_CALL)
	                .reason == MAY_NOT_SENDER_ROLE)
		return empty_page(flight, page);
	flight->local_state = page;
	fill_page(flight, page, after_seq);
	return flight_store_in(flight, arena_new(OBJECTS_BYTES), STORE_OBJECT_PAGE, page_read);
}

/* ---- one object, or a part of one ---- */

enum { MOST_OWNERS = 1024 }; /* of one id, as one viewer sees them */

static enum next
answer_part(struct flight *flight, struct str body)
{
	const struct ocpi_matched *match = &flight->match;
	struct json_doc doc;
	uint32_t node = 0;

	if (match->evse.p == NULL)
		return flight_answer(flight, 200, body);
	if (json_scan(body, 400000, flight->arena, &doc, &flight->fault) != RH_OK)
		return flight_refuse(flight, RH_STORE_FAILED, "", "the stored object is not JSON");
	for (int depth = 0; depth < (match->connector.p != NULL ? 2 : 1); depth++) {
		uint32_t list = json_member(&doc, node, depth == 0 ? "evses" : "connectors"),
		         found = 0;
		struct str wanted = depth == 0 ? match->evse : match->connector;

		for (uint32_t i = list + 1; list != 0 && i < doc.nodes[list].next;
		        i = doc.nodes[i].next)
			if (str_ieq(json_member_string(
			                    &doc, i, depth == 0 ? "uid" : "id", flight->arena),
			            wanted))
				found = i;
		if (found == 0)
			return flight_refuse(
			        flight, RH_UNKNOWN_OBJECT, "URL", "there is no such part of it");
		node = found;
	}
	return flight_answer(flight, 200, json_raw(&doc, node));
}

static enum next
object_read(struct flight *flight)
{
	if (flight->op.err == RH_NOT_FOUND)
		return flight_refuse(flight, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
	if (flight->op.err != RH_OK)
		return flight_refuse_store(flight);
	return answer_part(flight, flight->op.u.get.object.body);
}

static enum next
read_object(struct flight *flight, const struct store_key *key)
{
	struct store_key wanted = *key; /* perhaps of the operation before */

	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.get.key = wanted;
	return flight_store(flight, STORE_OBJECT_GET, object_read);
}

/* TRP-13: exactly one owner, or the requester has to say whom it means. */
static enum next
object_found(struct flight *flight)
{
	const struct store_find_args *found = &flight->op.u.find;
	const struct store_key *chosen = NULL;

	if (flight->op.err != RH_OK)
		return flight_refuse_store(flight);
	for (size_t i = 0; i < found->count; i++) {
		const struct store_key *key = &found->keys[i];
		struct ocpi_id owner;

		if (!ocpi_id_parse(key->owner, &owner) ||
		        !may_roam(flight_hub(flight), flight->directory, &flight->from, &owner,
		                key->module))
			continue;
		if (chosen != NULL && !str_eq(chosen->owner, key->owner))
			return flight_refuse(flight, RH_BAD_FIELD, "URL",
			        "several owners have this id, expected OCPI-to headers of one of "
			        "them");
		if (chosen == NULL ||
		        !str_is(key->scope, "*")) /* its own version hides the shared one */
			chosen = key;
	}
	if (chosen == NULL)
		return flight_refuse(flight, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
	return read_object(flight, chosen);
}

static enum next
find_object(struct flight *flight)
{
	struct store_find_args *args = &flight->op.u.find;

	args->module = str_of(flight->module->id);
	args->id = arena_upper(flight->arena, flight->match.id);
	args->viewer = directory_scope(&flight->from, flight->platform_id, flight->arena);
	args->limit = MOST_OWNERS;
	return flight_store(flight, STORE_OBJECT_FIND, object_found);
}

static enum next
owned_object(struct flight *flight)
{
	struct store_key key = {
		.scope = STR("*"), .module = str_of(flight->module->id), .type = STR("")
	};
	struct ocpi_id owner;
	char text[OCPI_ID_TEXT];

	if (!ocpi_id_make(flight->match.cc, flight->match.party, &owner))
		return flight_refuse(flight, RH_BAD_FIELD, "URL",
		        "expected country code and party id of the owner");
	key.owner = arena_str(flight->arena, str_of(ocpi_id_key(&owner, text)));
	key.id = arena_upper(flight->arena, flight->match.id);
	if (flight->module->key[1] != NULL)
		key.type = flight_token_type(flight);
	return read_object(flight, &key);
}

enum next
flight_list(struct flight *flight)
{
	memset(&flight->op, 0, sizeof flight->op);
	count_add(&flight->worker->counters.total[COUNT_LISTED], 1);
	if (flight->match.route->flags & ROUTE_LIST)
		return list_page(flight);
	if (flight->match.cc.p != NULL)
		return owned_object(flight);
	if (flight->interface == IFACE_SENDER && flight->match.id.p != NULL)
		return find_object(flight);
	return flight_refuse(flight, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
}
