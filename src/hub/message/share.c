/* share: Broadcast Push (RTE-029..034): checked, merged and committed in one operation, then
 * answered; the push engine carries it on afterwards. The same operation keeps copies of what was
 * addressed to one party (keep.c). */
#include "share.h"

#include "../count.h"
#include "../news.h"
#include "fetch.h"
#include "flaws.h"
#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 400000, FLAWS_TEXT_ROOM = FLAWS_TEXT_MOST + 1024 };

bool
share_holder(const struct directory *directory, struct str scope, struct arena *arena,
        struct ocpi_id *holder)
{
	const struct party *party;

	if (!ocpi_id_parse(store_scope_party(scope), holder))
		return false;
	party = directory_holder(directory, holder);
	return party != NULL && str_eq(scope, directory_scope(holder, party->platform->id, arena));
}

/* ---- what the writer does: the new bytes out of the old ones ---- */

/* An object that is the body of its request was scanned when that came. */
static enum rh_err
scan_whole(const struct share *share, struct str fresh, struct arena *arena, struct json_doc *doc,
        struct fault *fault)
{
	if (fresh.p != share->came->text.p || fresh.len != share->came->text.len)
		return json_scan(fresh, MAX_NODES, arena, doc, fault);
	*doc = *share->came;
	return RH_OK;
}

static enum rh_err
check_whole(struct share *share, struct str fresh, struct arena *arena, struct json_doc *doc,
        struct fault *fault)
{
	struct ocpi_flaws flaws;

	if (scan_whole(share, fresh, arena, doc, fault) != RH_OK)
		return RH_BAD_JSON;
	if (share->check && !ocpi_check(doc, 0, share->update.class,
	                            CHECK_ANY_ENUM | CHECK_ANY_OFFSET, &flaws)) {
		(void)snprintf(share->faults, FLAWS_TEXT_ROOM, "%s",
		        flaws_text(doc, &flaws, FLAWS_TEXT_MOST, arena).p);
		return ocpi_flaws_fault(doc, &flaws, fault);
	}
	return RH_OK;
}

static int64_t
updated_ns(struct str text, struct arena *arena)
{
	struct json_doc doc;
	int64_t ns = 0;

	if (json_scan(text, MAX_NODES, arena, &doc, NULL) == RH_OK)
		(void)ocpi_datetime_parse(json_member_string(&doc, 0, "last_updated", arena), &ns);
	return ns;
}

/* What the sender has, and the update unless that is in it already. Somebody may have written the
 * object meanwhile. */
static enum rh_err
apply(const struct share *share, struct str old, struct arena *arena, struct str *fresh,
        struct fault *fault)
{
	if (share->whole.p == NULL)
		return ocpi_update_apply(&share->update, old, arena, fresh, fault);
	if (old.p == NULL || updated_ns(share->whole, arena) > updated_ns(old, arena))
		old = share->whole;
	if (updated_ns(share->update.body, arena) > updated_ns(old, arena))
		return ocpi_update_apply(&share->update, old, arena, fresh, fault);
	*fresh = old;
	return RH_OK;
}

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	struct share *share = ctx;
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
	err = apply(share, old, arena, fresh, fault);
	if (err == RH_OK)
		err = check_whole(share, *fresh, arena, &doc, fault);
	if (err == RH_OK)
		(void)ocpi_datetime_parse(
		        json_member_string(&doc, 0, "last_updated", arena), last_updated_ns);
	return err;
}

/* ---- filling it from a request ---- */

static struct str
type_of(struct flight *flight)
{
	struct str in_body = { 0 };

	if (flight->module->key[1] == NULL)
		return STR("");
	if (flight->has_body)
		in_body =
		        json_member_string(&flight->body, 0, flight->module->key[1], flight->arena);
	return in_body.p != NULL ? in_body : flight_token_type(flight);
}

/* The raw path behind the endpoint, with the query, for those who get the write as it came. */
static struct str
suffix_of(struct flight *flight)
{
	const struct ocpi_path *path = &flight->path;

	return arena_printf(flight->arena, "%.*s%s%.*s", STR_ARG(path->tail[flight->match.first]),
	        path->query.p != NULL ? "?" : "", (int)path->query.len,
	        path->query.p != NULL ? path->query.p : "");
}

static bool
owner_and_id(struct flight *flight, struct store_key *key)
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
	key->owner = arena_str(flight->arena, str_of(ocpi_id_key(&owner, text)));
	key->id = arena_upper(flight->arena, id);
	return true;
}

/* How large the object of an update is, is not known before it is made: as a rule much less than
 * this, never more than four times as much. */
static size_t
built_on(const struct flight *flight)
{
	return (size_t)hub_settings(flight_hub(flight))->max_body_bytes / 4;
}

bool
share_fill(
        struct flight *flight, struct share *share, struct store_share_args *args, struct str scope)
{
	struct str method = flight->request->method;

	memset(share, 0, sizeof *share);
	memset(args, 0, sizeof *args);
	args->key.scope = scope;
	args->key.module = str_of(flight->module->id);
	if (!owner_and_id(flight, &args->key))
		return false;
	args->key.type = type_of(flight);
	args->make = make;
	args->ctx = share;
	args->method = method;
	args->suffix = suffix_of(flight);
	args->correlation_id = flight->correlation_id;
	args->sender_platform = flight->platform_id;
	args->limited = true;
	args->quota = limits_quota(flight, QUOTA_OBJECTS);
	args->at_ms = rh_wall_ms();
	share->is_delete = str_is(method, "DELETE");
	share->update.class = flight->module->object;
	share->update.patch = str_is(method, "PATCH");
	share->update.evse = flight->match.evse;
	share->update.connector = flight->match.connector;
	share->update.body = flight->request->body;
	share->came = &flight->body;
	args->bytes = share->update.body.len;
	if (share->update.patch || share->update.evse.p != NULL) {
		args->patch = share->update.body; /* as it came, for receivers that keep up */
		args->bytes += built_on(flight);
	}
	return true;
}

/* ---- the flow ---- */

static enum next
refuse_share(struct flight *flight)
{
	const struct store_op *op = &flight->op;
	const struct share *share = op->u.share.ctx;

	if (op->err == RH_STORE_FAILED)
		atomic_store(&flight_hub(flight)->store_fails, true);
	if (op->err == RH_STORE_FAILED || op->err == RH_BUSY)
		return flight_refuse_store(flight);
	flight->fault = op->u.share.fault;
	flight->fault.err = op->err;
	if (op->err == RH_QUOTA)
		limits_note(flight, LIMIT_OBJECTS);
	if (share->faults != NULL && share->faults[0] != '\0')
		flight->fault_text = str_of(share->faults);
	return REPLY;
}

static enum next share_fetched(struct flight *flight);

/* fault O3: the part of an object, or of an EVSE, that never came here. */
static enum next
refuse_or_fetch(struct flight *flight)
{
	const struct store_op *op = &flight->op;
	struct fetch *fetch;

	if (op->err != RH_UNKNOWN_OBJECT || op->u.share.patch.p == NULL || !fetch_possible(flight))
		return refuse_share(flight);
	fetch = arena_alloc(flight->arena, sizeof *fetch);
	fetch->id = flight->match.id;
	if (!ocpi_id_parse(op->u.share.key.owner, &fetch->owner))
		return refuse_share(flight);
	return fetch_start(flight, fetch, share_fetched);
}

static enum next
share_committed(struct flight *flight)
{
	const struct store_op *op = &flight->op;
	const struct share *share = op->u.share.ctx;
	struct counters *counters = &flight->worker->counters;

	if (op->u.share.full)
		atomic_store(&flight->live->has_room, false); /* keep.c looks */
	if (op->err != RH_OK)
		return refuse_or_fetch(flight);
	if (op->u.share.unchanged) {
		count_add(&counters->total[COUNT_UNCHANGED], 1);
		if (op->u.share.woken > 0)
			news_woken(flight_hub(flight));
	} else {
		news_committed(flight_hub(flight), op->u.share.change);
		count_add(&counters->total[COUNT_SHARED], 1);
	}
	return flight_answer(flight, op->u.share.created && share->whole.p == NULL ? 201 : 200,
	        (struct str){ 0 });
}

/* As a write of the whole: nobody has what the update builds upon. */
static enum next
share_fetched(struct flight *flight)
{
	const struct fetch *fetch = flight->local_state;
	struct share *share = flight->op.u.share.ctx;
	struct store_share_args *args = &flight->op.u.share;
	char *faults = share->faults;

	if (fetch->object.p == NULL)
		return refuse_share(flight);
	memset(&flight->op, 0, sizeof flight->op);
	if (!share_fill(flight, share, args, STR("*")))
		return REPLY; /* it did before */
	share->whole = fetch->object;
	share->check = true;
	share->faults = faults;
	args->patch = (struct str){ 0 };
	args->bytes = fetch->object.len;
	return flight_store(flight, STORE_SHARE, share_committed);
}

enum next
flight_share(struct flight *flight)
{
	struct share *share = arena_alloc(flight->arena, sizeof *share);
	struct store_share_args *args = &flight->op.u.share;

	memset(&flight->op, 0, sizeof flight->op);
	if (!share_fill(flight, share, args, STR("*")))
		return flight_refuse(
		        flight, RH_BAD_FIELD, "URL", "expected owner and id of the object");
	share->check = args->patch.p != NULL;
	if (share->check)
		share->faults = arena_alloc(flight->arena, FLAWS_TEXT_ROOM);
	args->skip_unchanged = hub_settings(flight_hub(flight))->push_unchanged == UNCHANGED_SKIP &&
	                       args->patch.p == NULL && !share->is_delete;
	return flight_store(flight, STORE_SHARE, share_committed);
}
