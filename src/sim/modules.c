/* modules: what a platform does with requests on locations, sessions, cdrs, tariffs and tokens.
 * Paths and methods come from the module tables; what is left is to keep, merge, list and judge. */
#include "platform.h"

#include <inttypes.h>
#include <string.h>

enum { FIRST_SEGMENT = 4 }; /* behind /ocpi/2.2.1/sender/locations */

/* ---- which object ---- */

static struct str
token_type(struct exchange *exchange)
{
	struct ocpi_query_value type;

	if (ocpi_query_find(exchange->path.query, "type", exchange->arena, &type))
		return type.decoded;
	return str_of(json_string_value(json_object_get(exchange->body, "type")));
}

static bool
key_of(struct exchange *exchange, struct shelf_key *key, struct shelf_place *place)
{
	const struct ocpi_matched *matched = &exchange->matched;

	*key = (struct shelf_key){ .module = exchange->module,
		.id = matched->id,
		.type = token_type(exchange) };
	*place = (struct shelf_place){ matched->evse, matched->connector };
	return ocpi_id_make(matched->cc, matched->party, &key->owner);
}

/** Is member @name of the body, when it is there, @value in any case? */
static bool
body_agrees(const struct exchange *exchange, const char *name, struct str value)
{
	const json_t *member = json_object_get(exchange->body, name);

	return member == NULL || value.p == NULL || str_ieq(str_of(json_string_value(member)), value);
}

/** What is wrong with the body of a PUT or PATCH; NULL: nothing that we look at. */
static const char *
body_wrong(const struct exchange *exchange)
{
	const struct ocpi_matched *matched = &exchange->matched;
	bool token = strcmp(exchange->module, "tokens") == 0;

	if (!json_is_object(exchange->body))
		return "a JSON object is expected";
	if (json_object_get(exchange->body, "last_updated") == NULL && matched->connector.p == NULL &&
		str_is(exchange->request->method, "PATCH"))
		return "last_updated is missing";
	if (matched->connector.p != NULL)
		return body_agrees(exchange, "id", matched->connector) ? NULL : "id differs from the URL";
	if (matched->evse.p != NULL)
		return body_agrees(exchange, "uid", matched->evse) ? NULL : "uid differs from the URL";
	if (!body_agrees(exchange, token ? "uid" : "id", matched->id))
		return "id differs from the URL";
	if (!body_agrees(exchange, "country_code", matched->cc) ||
		!body_agrees(exchange, "party_id", matched->party))
		return "country_code or party_id differs from the URL";
	return NULL;
}

/* ---- Receiver interfaces: objects of others ---- */

static void
object_get(struct exchange *exchange)
{
	struct shelf_key key;
	struct shelf_place place;
	json_t *object = NULL;

	if (key_of(exchange, &key, &place))
		object = shelf_get(exchange->platform->shelf, &key, &place);
	if (object == NULL)
		answer(exchange, 404, 2003, "object is not known", NULL);
	else
		answer(exchange, 200, 1000, "Success", json_incref(object));
}

static void
object_put(struct exchange *exchange)
{
	const char *wrong = body_wrong(exchange);
	struct shelf_key key;
	struct shelf_place place;

	if (wrong == NULL && !key_of(exchange, &key, &place))
		wrong = "country_code or party_id in the URL is none";
	if (wrong != NULL) {
		answer(exchange, 200, 2001, wrong, NULL);
		return;
	}
	switch (shelf_put(exchange->platform->shelf, &key, &place, exchange->body)) {
	case SHELF_CREATED:
		answer(exchange, 201, 1000, "Success", NULL);
		break;
	case SHELF_REPLACED:
		answer(exchange, 200, 1000, "Success", NULL);
		break;
	case SHELF_NO_PARENT:
		answer(exchange, 404, 2003, "the location or EVSE around it is not known", NULL);
	}
}

static void
object_patch(struct exchange *exchange)
{
	const char *wrong = body_wrong(exchange);
	struct shelf_key key;
	struct shelf_place place;

	if (wrong != NULL)
		answer(exchange, 200, 2001, wrong, NULL);
	else if (key_of(exchange, &key, &place) &&
		 shelf_patch(exchange->platform->shelf, &key, &place, exchange->body))
		answer(exchange, 200, 1000, "Success", NULL);
	else
		answer(exchange, 404, 2003, "object is not known", NULL);
}

static void
object_delete(struct exchange *exchange)
{
	struct shelf_key key;
	struct shelf_place place;

	if (key_of(exchange, &key, &place) && shelf_remove(exchange->platform->shelf, &key))
		answer(exchange, 200, 1000, "Success", NULL);
	else
		answer(exchange, 404, 2003, "object is not known", NULL);
}

/* ---- CDRs: posted, and found again by the Location of the answer ---- */

static void
cdr_post(struct exchange *exchange)
{
	struct str cc = str_of(json_string_value(json_object_get(exchange->body, "country_code")));
	struct str party = str_of(json_string_value(json_object_get(exchange->body, "party_id")));
	struct shelf_key key = { .module = "cdrs",
		.id = str_of(json_string_value(json_object_get(exchange->body, "id"))) };
	struct str path;

	if (key.id.p == NULL || !ocpi_id_make(cc, party, &key.owner)) {
		answer(exchange, 200, 2001, "country_code, party_id or id is missing", NULL);
		return;
	}
	shelf_put(exchange->platform->shelf, &key, NULL, exchange->body);
	path = arena_printf(exchange->arena, "/cdr/%s/%s/%s", key.owner.country, key.owner.party,
		ocpi_percent_encode(key.id, exchange->arena).p);
	answer_header(exchange, "Location", platform_url(exchange->platform, exchange->arena, path.p));
	answer(exchange, 201, 1000, "Success", NULL);
}

void
cdr_serve(struct exchange *exchange)
{
	const struct ocpi_path *path = &exchange->path;
	struct shelf_key key = { .module = "cdrs" };
	json_t *cdr = NULL;

	if (!str_is(exchange->request->method, "GET")) {
		answer_header(exchange, "Allow", STR("GET"));
		answer(exchange, 405, 2000, "method is not allowed here", NULL);
		return;
	}
	if (path->count == 4 && ocpi_id_make(path->decoded[1], path->decoded[2], &key.owner)) {
		key.id = path->decoded[3];
		cdr = shelf_get(exchange->platform->shelf, &key, NULL);
	}
	if (cdr == NULL)
		answer(exchange, 404, 2003, "CDR is not known", NULL);
	else
		answer(exchange, 200, 1000, "Success", json_incref(cdr));
}

/* ---- Sender interfaces: the platform's own objects ---- */

/** An object of the party that is asked, or of any of ours when nobody is named. */
static bool
is_own(const struct exchange *exchange, const struct ocpi_id *owner)
{
	if (exchange->has_to && platform_party(exchange->platform, &exchange->to) != NULL)
		return ocpi_id_same(owner, &exchange->to);
	return platform_party(exchange->platform, owner) != NULL;
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
	return (!page->has_from || at_ns >= page->from_ns) && (!page->has_to || at_ns < page->to_ns);
}

static void
add_query(struct exchange *exchange, struct buf *url, const char *name)
{
	struct ocpi_query_value value;

	if (ocpi_query_find(exchange->path.query, name, exchange->arena, &value))
		buf_printf(url, "&%s=%.*s", name, STR_ARG(value.raw));
}

static void
add_link(struct exchange *exchange, uint64_t next, uint64_t limit)
{
	struct buf link = { .arena = exchange->arena };
	const struct platform *platform = exchange->platform;

	buf_printf(&link, "<%s/ocpi/2.2.1/sender/%s?offset=%" PRIu64 "&limit=%" PRIu64,
		platform->relative_link ? "" : platform->base, exchange->module, next, limit);
	add_query(exchange, &link, "date_from");
	add_query(exchange, &link, "date_to");
	buf_add(&link, STR(">; rel=\"next\""));
	answer_header(exchange, "Link", buf_str(&link));
}

static void
list_answer(struct exchange *exchange, const struct ocpi_page_query *page, uint64_t limit)
{
	const struct shelf *shelf = exchange->platform->shelf;
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
	if (total > page->offset + limit)
		add_link(exchange, page->offset + limit, limit);
	else if (exchange->platform->empty_link)
		answer_header(exchange, "Link", STR(""));
	answer(exchange, 200, 1000, "Success", data);
}

static void
list_get(struct exchange *exchange)
{
	struct ocpi_page_query page;
	uint64_t limit = exchange->platform->page_size;
	struct fault fault = { 0 };

	if (ocpi_page_query_read(exchange->path.query, exchange->arena, &page, &fault) != RH_OK) {
		answer(exchange, 200, 2001, fault.why, NULL);
		return;
	}
	if (strcmp(exchange->module, "sessions") == 0 && !page.has_from) {
		answer(exchange, 200, 2001, "date_from is missing", NULL);
		return;
	}
	if (page.has_limit && page.limit > 0 && page.limit < limit)
		limit = page.limit;
	list_answer(exchange, &page, limit);
}

/** One of our own objects by its id alone. */
static json_t *
own_find(struct exchange *exchange, const struct shelf_place *place)
{
	const struct platform *platform = exchange->platform;
	struct shelf_key key = { .module = exchange->module,
		.id = exchange->matched.id,
		.type = token_type(exchange) };
	json_t *object = NULL;

	for (size_t i = 0; i < platform->party_count && object == NULL; i++) {
		key.owner = platform->parties[i].id;
		if (is_own(exchange, &key.owner))
			object = shelf_get(platform->shelf, &key, place);
	}
	return object;
}

static void
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
static void
token_authorize(struct exchange *exchange)
{
	const struct manner *manner = manner_of(exchange->platform, "authorize");
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

static void
session_preferences(struct exchange *exchange)
{
	const struct manner *manner = manner_of(exchange->platform, "charging_preferences");

	if (own_find(exchange, NULL) == NULL)
		answer(exchange, 404, 2001, "session is not known", NULL);
	else if (manner != NULL && manner->answer != NULL)
		answer(exchange, 200, 1000, "Success", tree_text(manner->answer));
	else
		answer(exchange, 200, 1000, "Success", tree_text("ACCEPTED"));
}

/* ---- who does what ---- */

static const struct behaviour {
	const char *module; /* NULL: any */
	enum ocpi_interface interface;
	const char *method; /* NULL: any */
	void (*act)(struct exchange *exchange);
} behaviours[] = {
	{ "commands", IFACE_RECEIVER, NULL, command_serve },
	{ "chargingprofiles", IFACE_RECEIVER, NULL, profile_serve },
	{ "chargingprofiles", IFACE_SENDER, "PUT", profile_update },
	{ "tokens", IFACE_SENDER, "POST", token_authorize },
	{ "sessions", IFACE_SENDER, "PUT", session_preferences },
	{ "cdrs", IFACE_RECEIVER, "POST", cdr_post },
	{ NULL, IFACE_SENDER, "GET", own_get },
	{ NULL, IFACE_RECEIVER, "GET", object_get },
	{ NULL, IFACE_RECEIVER, "PUT", object_put },
	{ NULL, IFACE_RECEIVER, "PATCH", object_patch },
	{ NULL, IFACE_RECEIVER, "DELETE", object_delete },
};

static void
act(struct exchange *exchange)
{
	for (size_t i = 0; i < COUNT(behaviours); i++) {
		const struct behaviour *row = &behaviours[i];

		if (row->module != NULL && strcmp(row->module, exchange->module) != 0)
			continue;
		if (row->interface != exchange->interface)
			continue;
		if (row->method != NULL && !str_is(exchange->request->method, row->method))
			continue;
		row->act(exchange);
		return;
	}
	answer(exchange, 404, 2000, "no such resource", NULL);
}

void
module_serve(struct exchange *exchange, const struct ocpi_module *module)
{
	struct ocpi_matched *matched = &exchange->matched;

	if (exchange->has_to && platform_party(exchange->platform, &exchange->to) == NULL) {
		answer(exchange, 200, 2001, "TO names no party of this platform", NULL);
		return;
	}
	switch (ocpi_route_match(module, exchange->interface, exchange->request->method,
		&exchange->path, FIRST_SEGMENT, matched)) {
	case MATCH_FOUND:
		act(exchange);
		break;
	case MATCH_NO_METHOD:
		answer_header(exchange, "Allow", str_of(matched->allow));
		answer(exchange, 405, 2000, "method is not allowed here", NULL);
		break;
	case MATCH_NO_PATH:
		answer(exchange, 404, 2000, "no such resource", NULL);
	}
}
