/* check: step 3, may it, and is the payload sound? What routing needs is enforced in every
 * validation mode. */
#include <stdio.h>
#include <string.h>

#include "../count.h"
#include "../parties/faulty.h"
#include "../parties/known.h"
#include "../parties/may_hub.h"
#include "check.h"
#include "flaws.h"
#include "loop.h"
#include "misplaced.h"
#include "route.h"

enum { MAX_NODES = 400000 };

static bool
method_has_body(struct str method)
{
	return str_is(method, "POST") || str_is(method, "PUT") || str_is(method, "PATCH");
}

/* faults O4, O20: some write no body as null, or as an object of nothing. */
static bool
says_nothing(const struct json_doc *doc)
{
	return doc->nodes[0].type == JSON_NULL ||
	       (doc->nodes[0].type == JSON_OBJECT && doc->nodes[0].count == 0);
}

static int
validation_mode(const struct flight *flight)
{
	const struct platform *platform = flight->platform;

	for (size_t i = 0; i < platform->validation_count; i++)
		if (str_is(platform->validation_of[i].module, flight->module->id))
			return platform->validation_of[i].mode;
	return platform->validation >= 0 ? platform->validation
	                                 : hub_settings(flight_hub(flight))->validation;
}

static enum next
scan_body(struct flight *flight)
{
	struct str body = flight->request->body;
	bool optional =
	        flight->match.route != NULL && (flight->match.route->flags & ROUTE_BODY_OPTIONAL);

	if (!method_has_body(flight->request->method))
		return NEXT; /* TRN-010: bodies of GET and DELETE are ignored */
	if (optional && str_trim(body).len == 0)
		return NEXT;
	if (json_has_mark(body) && flight->module != NULL &&
	        validation_mode(flight) != VALIDATION_STRICT) /* fault O29 */
		flight->request->body = str_from(body, 3);
	if (json_scan(flight->request->body, MAX_NODES, flight->arena, &flight->body,
	            &flight->fault) != RH_OK)
		return REPLY;
	flight->has_body = !optional || !says_nothing(&flight->body);
	return NEXT;
}

/* ---- ids in three places: URL, headers and body agree (TRN-044..046, TRP-21) ---- */

static enum next
check_url_owner(struct flight *flight)
{
	const struct ocpi_matched *match = &flight->match;
	struct ocpi_id owner;

	if (match->cc.p == NULL || flight->interface != IFACE_RECEIVER)
		return NEXT;
	if (!ocpi_id_make(match->cc, match->party, &owner))
		return flight_refuse(flight, RH_BAD_FIELD, "URL",
		        "expected a country code of 2 and a party id of 3 characters in the path");
	if (!platform_has_party(flight->platform, &owner))
		return flight_refuse(flight, RH_BAD_FIELD, "URL",
		        "%s*%s is not a party of this platform, expected the owner of the data",
		        owner.country, owner.party);
	return NEXT;
}

static enum next
check_same(struct flight *flight, const char *name, struct str expected, bool exact)
{
	struct str found = json_member_string(&flight->body, 0, name, flight->arena);
	char field[64];

	if (expected.p == NULL || found.p == NULL)
		return NEXT; /* absent: the schema's business */
	if (exact ? str_eq(found, expected) : str_ieq(found, expected))
		return NEXT;
	(void)snprintf(field, sizeof field, "/%s", name);
	found = misplaced_show(flight, found);
	return flight_refuse(flight, RH_BAD_FIELD, field,
	        "is \"%.*s\" and the URL says \"%.*s\": expected the same",
	        (int)(found.len > 48 ? 48 : found.len), found.p,
	        (int)(expected.len > 48 ? 48 : expected.len), expected.p);
}

static enum next
check_body_ids(struct flight *flight)
{
	const struct ocpi_matched *match = &flight->match;
	const char *id = flight->module->key[0];
	struct str expected = match->id;
	enum next next;

	if (match->cc.p == NULL || match->id.p == NULL)
		return NEXT;
	if (match->connector.p != NULL)
		id = "id", expected = match->connector;
	else if (match->evse.p != NULL)
		id = "uid", expected = match->evse;
	next = check_same(flight, id, expected, false);
	if (next == NEXT && match->evse.p == NULL)
		next = check_same(flight, "country_code", match->cc, false);
	if (next == NEXT && match->evse.p == NULL)
		next = check_same(flight, "party_id", match->party, false);
	return next;
}

/* TOK-005, TOK-006: ?type and the body's type agree; absent in the query, the body's rules. */
static enum next
check_token_type(struct flight *flight)
{
	struct ocpi_query_value type;
	struct str in_body;

	if (flight->module->key[1] == NULL ||
	        !ocpi_query_find(flight->path.query, "type", flight->arena, &type))
		return NEXT;
	if (!str_is(type.decoded, "RFID") && !str_is(type.decoded, "APP_USER") &&
	        !str_is(type.decoded, "OTHER") && !str_is(type.decoded, "AD_HOC_USER"))
		return flight_refuse(flight, RH_BAD_FIELD, "type",
		        "expected AD_HOC_USER, APP_USER, OTHER or RFID");
	if (!flight->has_body || flight->match.cc.p == NULL)
		return NEXT;
	in_body = json_member_string(&flight->body, 0, "type", flight->arena);
	if (in_body.p != NULL && !str_eq(in_body, type.decoded))
		return flight_refuse(flight, RH_BAD_FIELD, "/type",
		        "differs from type in the query: expected the same");
	return NEXT;
}

/* An object of the body names a party that must be the sender's own: CDR-011, CMD-017. */
static enum next
check_own(struct flight *flight, uint32_t object, const char *where)
{
	struct str country =
	        json_member_string(&flight->body, object, "country_code", flight->arena);
	struct str party = json_member_string(&flight->body, object, "party_id", flight->arena);
	struct ocpi_id owner;

	if (country.p == NULL || party.p == NULL)
		return NEXT;
	if (!ocpi_id_make(country, party, &owner) || !platform_has_party(flight->platform, &owner))
		return flight_refuse(flight, RH_BAD_FIELD, where,
		        "country_code and party_id are not those of a party of this platform");
	return NEXT;
}

static enum next
check_owners(struct flight *flight)
{
	unsigned flags = flight->match.route->flags;
	enum next next = check_url_owner(flight);

	if (next == NEXT)
		next = check_token_type(flight);
	if (next != NEXT || !flight->has_body)
		return next;
	next = check_body_ids(flight);
	if (next == NEXT && (flags & ROUTE_BODY_OWNER))
		next = check_own(flight, 0, "/party_id");
	if (next == NEXT && (flags & ROUTE_TOKEN_OF_SENDER)) {
		uint32_t token = json_member(&flight->body, 0, "token");

		next = token == 0 ? NEXT : check_own(flight, token, "/token/party_id");
	}
	return next;
}

/* ---- the query ---- */

static enum next
check_query(struct flight *flight)
{
	struct ocpi_query_value value;
	uint64_t seconds;

	if (!(flight->match.route->flags & ROUTE_DURATION))
		return NEXT;
	if (!ocpi_query_find(flight->path.query, "duration", flight->arena, &value))
		return flight_refuse(flight, RH_BAD_FIELD, "duration",
		        "missing, expected seconds"); /* CHP-004 */
	if (!str_to_u64(value.decoded, 1000000000, &seconds))
		return flight_refuse(
		        flight, RH_BAD_FIELD, "duration", "expected a whole number of seconds");
	return NEXT;
}

/* ---- the schema ---- */

/* fault O10: TYP-005 knows no offsets, and stacks that write them are many. */
static unsigned
offset_flag(const struct flight *flight, int mode)
{
	return mode == VALIDATION_LENIENT || flight->platform->any_offset ? CHECK_ANY_OFFSET : 0;
}

static void
note_flaws(const struct flight *flight, const struct ocpi_class *class,
        const struct ocpi_flaws *flaws, bool refused)
{
	faulty_note(
	        flight->live, &(struct faulty_met){ .hub = flight_hub(flight),
	                              .module = flight->module->id,
	                              .doc = &flight->body,
	                              .class = class,
	                              .flaws = flaws,
	                              .refused = refused,
	                              .where = flight->request->target,
	                              .authorization = flight->request->header[IN_AUTHORIZATION],
	                              .token = flight->platform->token });
}

static enum next
refuse_flaws(struct flight *flight, const struct ocpi_class *class, struct ocpi_flaws *flaws)
{
	struct buf data = { .arena = flight->arena };

	if (known_hide(flight_hub(flight), &flight->body, flaws, flight->arena))
		flight->misplaced = true;
	note_flaws(flight, class, flaws, true);
	(void)ocpi_flaws_fault(&flight->body, flaws, &flight->fault);
	flight->fault_text = flaws_text(&flight->body, flaws, FLAWS_TEXT_MOST, flight->arena);
	if (!flight->platform->errors_data)
		return REPLY;
	ocpi_flaws_json(&flight->body, flaws, &data);
	flight->fault_data = buf_str(&data);
	return REPLY;
}

/* Passed on all the same, but counted. */
static enum next
let_through(struct flight *flight, const struct ocpi_class *class, const struct ocpi_flaws *flaws)
{
	flight->flaws = flaws->count + flaws->warnings;
	count_add(&flight->worker->counters.total[COUNT_FLAWS], flight->flaws);
	count_add(&flight->live->flaws, flight->flaws);
	note_flaws(flight, class, flaws, false); /* fault O13 */
	return NEXT;
}

/* Some wrap it in an envelope, as an answer would be. */
static uint32_t
result_node(const struct json_doc *doc)
{
	return json_member(doc, 0, "status_code") != 0 ? json_member(doc, 0, "data") : 0;
}

enum next
check_result(struct flight *flight, const struct ocpi_class *class)
{
	struct ocpi_flaws flaws;
	int mode;

	flight->platform = directory_platform(flight->directory, flight->platform_id);
	if (flight->platform == NULL) /* removed since the request came */
		return flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization", "%s", "");
	mode = validation_mode(flight);
	if (class == NULL || mode == VALIDATION_OFF || !flight->has_body ||
	        ocpi_check(&flight->body, result_node(&flight->body), class,
	                offset_flag(flight, mode), &flaws))
		return NEXT;
	return mode == VALIDATION_STRICT ? refuse_flaws(flight, class, &flaws)
	                                 : let_through(flight, class, &flaws);
}

static enum next
check_schema(struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;
	int mode = validation_mode(flight);
	bool kept =
	        flight->flow == FLOW_SHARE && mode != VALIDATION_OFF; /* re-served to everybody */
	unsigned flags = (route->flags & ROUTE_PATCH ? CHECK_PARTIAL : 0) |
	                 (kept && mode == VALIDATION_LENIENT ? CHECK_ANY_ENUM : 0) |
	                 offset_flag(flight, mode);
	struct ocpi_flaws flaws;

	if (!flight->has_body || route->body == NULL || mode == VALIDATION_OFF)
		return NEXT;
	if (ocpi_check(&flight->body, 0, route->body, flags, &flaws))
		return mode == VALIDATION_LENIENT && flaws.warnings > 0
		               ? let_through(flight, route->body, &flaws)
		               : NEXT;
	return mode == VALIDATION_STRICT || kept ? refuse_flaws(flight, route->body, &flaws)
	                                         : let_through(flight, route->body, &flaws);
}

/* ---- the receiver ---- */

/* Text for people: who was refused, and what its roles are here. */
static enum next
refuse_sender(struct flight *flight, enum may_reason reason)
{
	char text[OCPI_ID_TEXT];

	ocpi_id_text(&flight->from, text);
	return flight_refuse(flight, may_error(reason), "OCPI-from-party-id", "%s: %s (%s, %s)",
	        text, may_reason_text(reason), flight->module->id,
	        ocpi_interface_name(flight->interface));
}

enum next
check_receiver(struct flight *flight)
{
	struct may_answer answer =
	        may_send(flight_hub(flight), flight->directory, flight->platform_id, &flight->from,
	                flight->receiver, flight->module, flight->interface);
	char text[OCPI_ID_TEXT];

	switch (answer.reason) {
	case MAY_YES:
	case MAY_NOT_RECEIVER_STATE: /* the forward says so, and keeps what OFFLINE parties miss */
	case MAY_NOT_ENDPOINT:
		return NEXT;
	case MAY_NOT_SENDER_ROLE:
	case MAY_NOT_SENDER_STATE:
		return refuse_sender(flight, answer.reason);
	case MAY_NOT_HOME:
		return route_nobody(flight);
	default: /* RTE-028 */
		return flight_refuse(flight, may_error(answer.reason), "", "%s: %s",
		        ocpi_id_text(&flight->to, text), may_reason_text(answer.reason));
	}
}

/* LOC-003, TOK-003, SES-005, TAR-003: what roles own and call what. A forward asks when its
 * receiver is known; a list of objects says so by an empty page. */
static enum next
check_sender(struct flight *flight)
{
	enum may_direction direction = flight->flow == FLOW_SHARE ? MAY_SHARE : MAY_CALL;
	bool page = flight->flow == FLOW_LIST && (flight->match.route->flags & ROUTE_LIST);
	struct may_answer answer;

	if (flight->flow == FLOW_FORWARD || page)
		return NEXT;
	answer = may_speak(flight->directory, flight->platform_id, &flight->from, flight->module,
	        flight->interface, direction);
	return answer.reason == MAY_YES ? NEXT : refuse_sender(flight, answer.reason);
}

enum next
flight_check(struct flight *flight)
{
	enum next next = NEXT;

	if (flight->platform->is_hub && flight->flow != FLOW_LOCAL)
		next = loop_check(flight);
	if (next == NEXT)
		next = scan_body(flight);
	if (flight->flow == FLOW_LOCAL || flight->flow == FLOW_RELINK ||
	        flight->flow == FLOW_CUSTOM)
		return next;
	if (next == NEXT)
		next = check_sender(flight);
	if (next == NEXT)
		next = check_query(flight);
	if (next == NEXT)
		next = check_owners(flight);
	if (next == NEXT)
		next = check_schema(flight);
	return next == NEXT && flight->flow == FLOW_FORWARD ? check_receiver(flight) : next;
}
