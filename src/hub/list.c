/* list: GET ALL and single objects from the hub's own store (RTE-052..056, RTE-040). A page is an
 * envelope written around stored bytes; its Link carries the place of the last object, so that the
 * next page costs the same at any depth. */
#include <stdio.h>
#include <string.h>

#include "agreement.h"
#include "share.h"

struct listing {
	struct store_op op;
	struct flight *flight;
	struct ocpi_page_query page;
	uint64_t limit;
};

/* ---- pages ---- */

static bool
from_may_call(const struct flight *flight)
{
	for (const struct party *party = directory_party(flight->directory, &flight->from);
	        party != NULL; party = party->same)
		if (party->platform == flight->platform &&
		        role_may_call(party->role, flight->module, flight->interface))
			return true;
	return false;
}

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

			if (!agreement_allows(flight_hub(flight), flight->directory, &flight->from,
			            owner, args->module))
				keys[hidden++] =
				        arena_str(flight->arena, str_of(ocpi_id_key(owner, text)));
		}
	args->hidden = keys;
	args->hidden_count = hidden;
}

static void
add_filter(struct flight *flight, struct buf *link, const char *name)
{
	struct ocpi_query_value value;

	if (ocpi_query_find(flight->path.query, name, flight->arena, &value))
		buf_printf(link, "&%s=%.*s", name, STR_ARG(value.raw));
}

static void
add_page_headers(struct flight *flight, const struct listing *listing)
{
	const struct store_page_args *args = &listing->op.u.page;
	uint64_t next = listing->page.offset + args->count;
	struct buf link = { .arena = flight->arena };

	flight_header(flight, "X-Total-Count",
	        arena_printf(flight->arena, "%llu", (unsigned long long)args->total));
	flight_header(flight, "X-Limit",
	        arena_printf(flight->arena, "%llu", (unsigned long long)listing->limit));
	if (args->count < listing->limit || next >= args->total)
		return; /* TRN-029: none on the last page */
	buf_printf(&link, "<%s/ocpi/2.2.1/sender/%s?offset=%llu&limit=%llu&after=%lld",
	        flight_hub(flight)->url, flight->module->id, (unsigned long long)next,
	        (unsigned long long)listing->limit, (long long)args->last_seq);
	add_filter(flight, &link, "date_from");
	add_filter(flight, &link, "date_to");
	buf_add(&link, STR(">; rel=\"next\""));
	flight_header(flight, "Link", buf_str(&link));
}

static enum next
refuse_store(struct flight *flight, const struct store_op *op)
{
	return flight_refuse(
	        flight, op->err == RH_BUSY ? RH_BUSY : RH_STORE_FAILED, "", "%s", op->why);
}

static enum next
page_read(struct flight *flight)
{
	const struct listing *listing = flight->local_state;
	const struct store_page_args *args = &listing->op.u.page;
	struct buf data = { .arena = flight->arena };

	if (listing->op.err != RH_OK)
		return refuse_store(flight, &listing->op);
	buf_addc(&data, '[');
	for (size_t i = 0; i < args->count; i++) {
		if (i > 0)
			buf_addc(&data, ',');
		buf_add(&data, args->objects[i].body);
	}
	buf_addc(&data, ']');
	add_page_headers(flight, listing);
	return flight_answer(flight, 200, buf_str(&data));
}

static void
listing_done(struct store_op *op)
{
	struct flight *flight = container_of(op, struct listing, op)->flight;

	flight->resumed = flight->answered_by;
	flight_resume(flight);
}

static enum next
submit(struct flight *flight, struct listing *listing, enum store_verb verb,
        enum next (*then)(struct flight *))
{
	listing->flight = flight;
	listing->op.verb = verb;
	listing->op.done = listing_done;
	listing->op.arena = flight->arena;
	flight->local_state = listing;
	flight->answered_by = then;
	store_submit(flight->worker->session, &listing->op);
	return WAIT;
}

static enum next
list_page(struct flight *flight, struct listing *listing)
{
	struct store_page_args *args = &listing->op.u.page;
	struct ocpi_page_query *page = &listing->page;
	struct ocpi_query_value after;
	uint64_t largest = (uint64_t)hub_settings(flight_hub(flight))->list_limit, after_seq = 0;
	char text[OCPI_ID_TEXT];

	if (ocpi_page_query_read(flight->path.query, flight->arena, page, &flight->fault) != RH_OK)
		return REPLY;
	if (strcmp(flight->module->id, "sessions") == 0 && !page->has_from)
		return flight_refuse(flight, RH_BAD_FIELD, "date_from",
		        "missing, sessions want it"); /* TRP-29 */
	if (ocpi_query_find(flight->path.query, "after", flight->arena, &after) &&
	        !str_to_u64(after.decoded, INT64_MAX, &after_seq))
		return flight_refuse(
		        flight, RH_BAD_FIELD, "after", "expected what a Link of this list says");
	listing->limit = page->has_limit && page->limit < largest ? page->limit : largest;
	if (!from_may_call(flight)) {
		flight_header(flight, "X-Total-Count", STR("0"));
		flight_header(flight, "X-Limit",
		        arena_printf(flight->arena, "%llu", (unsigned long long)listing->limit));
		return flight_answer(flight, 200, STR("[]"));
	}
	args->module = str_of(flight->module->id);
	args->viewer = arena_str(flight->arena, str_of(ocpi_id_key(&flight->from, text)));
	args->has_from = page->has_from, args->from_ns = page->from_ns;
	args->has_to = page->has_to, args->to_ns = page->to_ns;
	args->after_seq = (int64_t)after_seq;
	args->offset = page->offset;
	args->limit = listing->limit;
	hide_owners(flight, args);
	return submit(flight, listing, STORE_OBJECT_PAGE, page_read);
}

/* ---- one object, or a part of one ---- */

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
	const struct listing *listing = flight->local_state;

	if (listing->op.err == RH_NOT_FOUND)
		return flight_refuse(flight, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
	if (listing->op.err != RH_OK)
		return refuse_store(flight, &listing->op);
	return answer_part(flight, listing->op.u.get.object.body);
}

static enum next
read_object(struct flight *flight, const struct store_key *key)
{
	struct listing *listing = arena_alloc(flight->arena, sizeof *listing);

	listing->op.u.get.key = *key;
	return submit(flight, listing, STORE_OBJECT_GET, object_read);
}

/* TRP-13: exactly one owner, or the requester has to say whom it means. */
static enum next
object_found(struct flight *flight)
{
	const struct listing *listing = flight->local_state;
	const struct store_find_args *found = &listing->op.u.find;
	const struct store_key *chosen = NULL;
	char text[OCPI_ID_TEXT];
	struct str viewer = str_of(ocpi_id_key(&flight->from, text));

	if (listing->op.err != RH_OK)
		return refuse_store(flight, &listing->op);
	for (size_t i = 0; i < found->count; i++) {
		const struct store_key *key = &found->keys[i];
		struct ocpi_id owner;

		if (!str_is(key->scope, "*") && !str_eq(key->scope, viewer))
			continue;
		if (!ocpi_id_parse(key->owner, &owner) ||
		        !agreement_allows(flight_hub(flight), flight->directory, &flight->from,
		                &owner, key->module))
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
find_object(struct flight *flight, struct listing *listing)
{
	struct store_find_args *args = &listing->op.u.find;

	args->module = str_of(flight->module->id);
	args->id = share_key(flight->arena, flight->match.id);
	args->limit = 32;
	return submit(flight, listing, STORE_OBJECT_FIND, object_found);
}

static enum next
owned_object(struct flight *flight)
{
	struct store_key key = {
		.scope = STR("*"), .module = str_of(flight->module->id), .type = STR("")
	};
	struct ocpi_query_value type;
	struct ocpi_id owner;
	char text[OCPI_ID_TEXT];

	if (!ocpi_id_make(flight->match.cc, flight->match.party, &owner))
		return flight_refuse(flight, RH_BAD_FIELD, "URL",
		        "expected country code and party id of the owner");
	key.owner = arena_str(flight->arena, str_of(ocpi_id_key(&owner, text)));
	key.id = share_key(flight->arena, flight->match.id);
	if (flight->module->key[1] != NULL)
		key.type = ocpi_query_find(flight->path.query, "type", flight->arena, &type)
		                   ? type.decoded
		                   : STR("RFID");
	return read_object(flight, &key);
}

enum next
flight_list(struct flight *flight)
{
	struct listing *listing = arena_alloc(flight->arena, sizeof *listing);

	count_add(&flight->worker->counters.total[COUNT_LISTED], 1);
	if (flight->match.route->flags & ROUTE_LIST)
		return list_page(flight, listing);
	if (flight->match.cc.p != NULL)
		return owned_object(flight);
	if (flight->interface == IFACE_SENDER && flight->match.id.p != NULL)
		return find_object(flight, listing);
	return flight_refuse(flight, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
}
