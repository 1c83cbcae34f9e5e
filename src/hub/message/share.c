/* share: Broadcast Push (RTE-029..034): checked, merged and committed in one operation, then
 * answered; the push engine carries it on afterwards. The same operation keeps copies of what was
 * addressed to one party. */
#include "share.h"

#include "../count.h"
#include "../news.h"
#include "prints.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 400000 };

struct str
share_key(struct arena *arena, struct str text)
{
	char *copy = arena_cstr(arena, text);

	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)toupper((unsigned char)copy[i]);
	return (struct str){ copy, text.len };
}

/* ---- what the writer does: the new bytes out of the old ones ---- */

static enum rh_err
check_whole(const struct share *share, struct str fresh, struct arena *arena, struct json_doc *doc,
        struct fault *fault)
{
	struct ocpi_flaws flaws;

	if (json_scan(fresh, MAX_NODES, arena, doc, fault) != RH_OK)
		return RH_BAD_JSON;
	if (share->check && !ocpi_check(doc, 0, share->update.class, CHECK_ANY_ENUM, &flaws))
		return ocpi_flaws_fault(doc, &flaws, fault);
	return RH_OK;
}

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	const struct share *share = ctx;
	struct json_doc doc;
	enum rh_err err;

	*last_updated_ns = 0;
	if (share->is_delete) {
		if (old.p == NULL)
			return fault_set(
			        fault, RH_UNKNOWN_OBJECT, "URL", "the hub does not have it");
		*fresh = (struct str){ 0 };
		*last_updated_ns = rh_wall_ms() * 1000000;
		return RH_OK;
	}
	err = ocpi_update_apply(&share->update, old, arena, fresh, fault);
	if (err == RH_OK)
		err = check_whole(share, *fresh, arena, &doc, fault);
	if (err == RH_OK)
		(void)ocpi_datetime_parse(
		        json_member_string(&doc, 0, "last_updated", arena), last_updated_ns);
	return err;
}

/* ---- filling it from a request ---- */

static struct str
type_of(struct flight *flight, struct arena *arena)
{
	struct ocpi_query_value query;
	struct str in_body = { 0 };

	if (flight->module->key[1] == NULL)
		return STR("");
	if (flight->has_body)
		in_body =
		        json_member_string(&flight->body, 0, flight->module->key[1], flight->arena);
	if (in_body.p != NULL)
		return arena_str(arena, in_body);
	if (ocpi_query_find(flight->path.query, flight->module->key[1], flight->arena, &query))
		return arena_str(arena, query.decoded);
	return STR("RFID"); /* TOK-004 */
}

/* The raw path behind the endpoint, with the query, for those who get the write as it came. */
static struct str
suffix_of(struct flight *flight, struct arena *arena)
{
	const struct ocpi_path *path = &flight->path;

	return arena_printf(arena, "%.*s%s%.*s", STR_ARG(path->tail[flight->match.first]),
	        path->query.p != NULL ? "?" : "", (int)path->query.len,
	        path->query.p != NULL ? path->query.p : "");
}

static bool
owner_and_id(struct flight *flight, struct store_key *key, struct arena *arena)
{
	const struct ocpi_matched *match = &flight->match;
	struct str country = match->cc, party = match->party, id = match->id;
	struct ocpi_id owner;
	char text[OCPI_ID_TEXT];

	if (flight->has_body && (flight->match.route->flags &
	                                ROUTE_BODY_OWNER)) { /* CDRs carry their owner inside */
		country = json_member_string(&flight->body, 0, "country_code", flight->arena);
		party = json_member_string(&flight->body, 0, "party_id", flight->arena);
		id = json_member_string(&flight->body, 0, "id", flight->arena);
	}
	if (id.p == NULL || !ocpi_id_make(country, party, &owner))
		return false;
	key->owner = arena_str(arena, str_of(ocpi_id_key(&owner, text)));
	key->id = share_key(arena, id);
	return true;
}

bool
share_key_of(struct flight *flight, struct str scope, struct store_key *key)
{
	struct arena *arena = flight->arena;

	key->scope = arena_str(arena, scope);
	key->module = str_of(flight->module->id);
	key->type = type_of(flight, arena);
	return owner_and_id(flight, key, arena);
}

bool
share_fill(struct flight *flight, struct share *share, struct store_share_args *args,
        struct str scope, struct arena *arena)
{
	struct str method = flight->request->method;

	memset(share, 0, sizeof *share);
	memset(args, 0, sizeof *args);
	args->key.scope = arena_str(arena, scope);
	args->key.module = str_of(flight->module->id);
	if (!owner_and_id(flight, &args->key, arena))
		return false;
	args->key.type = type_of(flight, arena);
	args->make = make;
	args->ctx = share;
	args->method = arena_str(arena, method);
	args->suffix = suffix_of(flight, arena);
	args->correlation_id = arena_str(arena, flight->correlation_id);
	args->sender_platform = flight->platform_id;
	args->at_ms = rh_wall_ms();
	share->is_delete = str_is(method, "DELETE");
	share->update.class = flight->module->object;
	share->update.patch = str_is(method, "PATCH");
	share->update.evse = arena_str(arena, flight->match.evse);
	share->update.connector = arena_str(arena, flight->match.connector);
	share->update.body = arena_str(arena, flight->request->body);
	if (share->update.patch || share->update.evse.p != NULL)
		args->patch = share->update.body; /* as it came, for receivers that keep up */
	return true;
}

/* ---- the flow ---- */

static enum next
share_committed(struct flight *flight)
{
	const struct store_op *op = &flight->op;

	if (op->err == RH_STORE_FAILED || op->err == RH_BUSY)
		return flight_refuse(flight, op->err, "", "%s", op->why);
	if (op->err != RH_OK) {
		flight->fault = op->u.share.fault;
		flight->fault.err = op->err;
		return REPLY;
	}
	news_committed(flight_hub(flight), op->u.share.change);
	count_add(&flight->worker->counters.total[COUNT_SHARED], 1);
	return flight_answer(flight, op->u.share.created ? 201 : 200, (struct str){ 0 });
}

enum next
flight_share(struct flight *flight)
{
	struct share *share = arena_alloc(flight->arena, sizeof *share);

	memset(&flight->op, 0, sizeof flight->op);
	if (!share_fill(flight, share, &flight->op.u.share, STR("*"), flight->arena))
		return flight_refuse(
		        flight, RH_BAD_FIELD, "URL", "expected owner and id of the object");
	share->check = share->update.patch || share->update.evse.p != NULL;
	return flight_store(flight, STORE_SHARE, share_committed);
}

/* ---- copies of what was addressed to one party ---- */

struct keep {
	struct store_op op;
	struct share share;
	_Atomic uint64_t *print; /* where its print stands */
};

static void
kept(struct store_op *op)
{
	struct keep *keep = container_of(op, struct keep, op);

	if (op->err != RH_OK && op->err != RH_UNKNOWN_OBJECT) {
		LOG(LOG_DEBUG, "keep", KV("error", "a copy was not kept"), KV("why", op->why));
		if (keep->print != NULL)
			atomic_store(keep->print, 0);
	}
	arena_free(op->arena); /* it lies in it */
}

void
share_keep_addressed(struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;
	_Atomic uint64_t *print;
	struct arena *arena;
	struct keep *keep;
	char text[OCPI_ID_TEXT];

	if (route == NULL || route->interface != IFACE_RECEIVER || flight->module->object == NULL ||
	        !hub_settings(flight_hub(flight))->keep_addressed ||
	        str_is(flight->request->method, "GET"))
		return;
	if (prints_same(flight, &print))
		return;
	arena = arena_new(4096 + flight->request->body.len);
	keep = arena_alloc(arena, sizeof *keep);
	if (!share_fill(flight, &keep->share, &keep->op.u.share,
	            str_of(ocpi_id_key(&flight->to, text)), arena)) {
		arena_free(arena);
		return;
	}
	keep->print = print;
	keep->op.verb = STORE_SHARE;
	keep->op.arena = arena;
	keep->op.done = kept;
	store_submit(flight->worker->session, &keep->op);
}
