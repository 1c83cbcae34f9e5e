/* own: Sender interfaces: the platform's own objects, listed, shown and judged. */
#include "own.h"

#include <inttypes.h>
#include <string.h>

struct str
token_type(struct exchange *exchange)
{
	struct ocpi_query_value type;

	if (ocpi_query_find(exchange->path.query, "type", exchange->arena, &type))
		return type.decoded;
	return str_of(json_string_value(json_object_get(exchange->body, "type")));
}

/** An object of the party that is asked, or of any of ours when nobody is named. */
static bool
is_own(const struct exchange *exchange, const struct ocpi_id *owner)
{
	if (exchange->has_to && actor_party(exchange->actor, &exchange->to) != NULL)
		return ocpi_id_same(owner, &exchange->to);
	return actor_party(exchange->actor, owner) != NULL;
}

static bool
in_period(const struct ocpi_page_query *page, const json_t *object)
{
	struct str text = str_of(json_string_value(json_object_get(object, "last_updated")));
	int64_t at_ns;

	if (!page->has_from && !page->has_to)
		return true;
	if (!ocpi_datetime_parse(text, &at_ns))
		return false;
	return (!page->has_from || at_ns >= page->from_ns) &&
	       (!page->has_to || at_ns < page->to_ns);
}

static void
add_query(struct exchange *exchange, struct buf *url, const char *name)
{
	struct ocpi_query_value value;

	if (ocpi_query_find(exchange->path.query, name, exchange->arena, &value))
		buf_printf(url, "&%s=%.*s", name, STR_ARG(value.raw));
}

/* Another origin that leads to the same listener: who followed it would find the next page. */
static const char *
link_base(struct exchange *exchange)
{
	const struct actor *actor = exchange->actor;
	const char *port = strrchr(actor->base, ':');

	if (actor->relative_link)
		return "";
	if (actor->dead_link)
		return "ftp://nowhere.example";
	return actor->foreign_link && port != NULL
	               ? arena_printf(exchange->arena, "http://localhost%s", port).p
	               : actor->base;
}

static void
add_link(struct exchange *exchange, uint64_t next, uint64_t limit)
{
	struct buf link = { .arena = exchange->arena };

	buf_printf(&link, "<%s/ocpi/" OCPI_VERSION "/sender/%s?offset=%" PRIu64 "&limit=%" PRIu64,
	        link_base(exchange), exchange->module, next, limit);
	add_query(exchange, &link, "date_from");
	add_query(exchange, &link, "date_to");
	buf_add(&link, STR(">; rel=\"next\""));
	answer_header(exchange, "Link", buf_str(&link));
}

static void
list_answer(struct exchange *exchange, const struct ocpi_page_query *page, uint64_t limit)
{
	const struct shelf *shelf = exchange->actor->shelf;
	json_t *data = json_array();
	uint64_t total = 0;

	for (const struct shelf_item *item = NULL;
	        (item = shelf_next(shelf, exchange->module, item)) != NULL;) {
		json_t *object = shelf_object(item);

		if (!is_own(exchange, shelf_owner(item)) || !in_period(page, object))
			continue;
		if (total >= page->offset && total < page->offset + limit)
			json_array_append(data, object);
		total++;
	}
	answer_header(exchange, "X-Total-Count", arena_printf(exchange->arena, "%" PRIu64, total));
	answer_header(exchange, "X-Limit", arena_printf(exchange->arena, "%" PRIu64, limit));
	if (total > page->offset + limit || exchange->actor->endless_link)
		add_link(exchange, page->offset + limit, limit);
	else if (exchange->actor->empty_link)
		answer_header(exchange, "Link", STR(""));
	answer(exchange, 200, 1000, "Success", data);
}

static void
list_get(struct exchange *exchange)
{
	struct ocpi_page_query page;
	uint64_t limit = exchange->actor->page_size;
	struct fault fault = { 0 };

	if (ocpi_page_query_read(exchange->path.query, exchange->arena, &page, &fault) != RH_OK) {
		answer(exchange, 200, 2001, fault.why, NULL);
		return;
	}
	if (strcmp(exchange->module, "sessions") == 0 && !page.has_from) {
		answer(exchange, 200, 2001, "date_from is missing", NULL);
		return;
	}
	if (exchange->actor->no_offset)
		page.offset = 0;
	if (exchange->actor->no_dates)
		page.has_from = page.has_to = false;
	if (page.has_limit && page.limit > 0 && page.limit < limit)
		limit = page.limit;
	list_answer(exchange, &page, limit);
}

/** One of our own objects by its id alone. */
static json_t *
own_find(struct exchange *exchange, const struct shelf_place *place)
{
	const struct actor *actor = exchange->actor;
	struct shelf_key key = {
		.module = exchange->module, .id = exchange->matched.id, .type = token_type(exchange)
	};
	json_t *object = NULL;

	for (size_t i = 0; i < actor->party_count && object == NULL; i++) {
		key.owner = actor->parties[i].id;
		if (is_own(exchange, &key.owner))
			object = shelf_get(actor->shelf, &key, place);
	}
	return object;
}

void
own_get(struct exchange *exchange)
{
	struct shelf_place place = { exchange->matched.evse, exchange->matched.connector };
	json_t *object;

	if (exchange->matched.id.p == NULL) {
		list_get(exchange);
		return;
	}
	object = own_find(exchange, &place);
	if (object == NULL)
		answer(exchange, 404, 2003, "object is not known", NULL);
	else
		answer(exchange, 200, 1000, "Success", json_incref(object));
}

/** Real-time authorization: a known token is an answer whatever it says (TOK-011, TOK-012). */
void
token_authorize(struct exchange *exchange)
{
	const struct manner *manner = manner_of(exchange->actor, "authorize");
	json_t *token = own_find(exchange, NULL), *info;
	const char *allowed;
	char reference[RH_UUID_LEN + 1];

	if (token == NULL) {
		answer(exchange, 404, 2004, "token is not known", NULL);
		return;
	}
	allowed = json_is_true(json_object_get(token, "valid")) ? "ALLOWED" : "BLOCKED";
	if (manner != NULL && manner->answer != NULL)
		allowed = manner->answer;
	rh_uuid(reference);
	info = json_pack("{s:s, s:O}", "allowed", allowed, "token", token);
	if (json_is_object(exchange->body))
		json_object_set(info, "location", exchange->body);
	if (strcmp(allowed, "ALLOWED") == 0)
		json_object_set_new(info, "authorization_reference", tree_text(reference));
	answer(exchange, 200, 1000, "Success", info);
}

void
session_preferences(struct exchange *exchange)
{
	const struct manner *manner = manner_of(exchange->actor, "charging_preferences");

	if (own_find(exchange, NULL) == NULL)
		answer(exchange, 404, 2001, "session is not known", NULL);
	else if (manner != NULL && manner->answer != NULL)
		answer(exchange, 200, 1000, "Success", tree_text(manner->answer));
	else
		answer(exchange, 200, 1000, "Success", tree_text("ACCEPTED"));
}
