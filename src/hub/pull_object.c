/* pull_object: one object of a page: whose it is, whether it is sound, and into the store.
 *
 * Locations, tariffs and tokens are shared with everybody as if they had been pushed. Sessions and
 * CDRs belong to the party that their cdr_token names: the copy is kept in its scope, where it
 * finds it with GET, and is owed to its Receiver interface. TRN-036: an object that is left out
 * does not hinder the others; the report says how many, and why the first. */
#include "pull_object.h"

#include <stdio.h>
#include <string.h>

#include "count.h"
#include "message/route.h"
#include "message/share.h"
#include "news.h"
#include "parties/faulty.h"
#include "parties/known.h"
#include "parties/may_hub.h"
#include "parties/quota.h"

enum { MAX_NODES = 400000, KEY_TEXT = 80 };

struct pulled_object {
	struct store_op op;
	struct pull *pull;
	struct str body;
	int64_t last_updated_ns;
	struct store_parked owed; /* of an addressed one */
	struct live *receiver;    /* of that; NULL: it takes no pushes */
	bool unchanged;           /* out of make */
};

const char *
pull_addressed(const struct ocpi_module *module)
{
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (route->interface == IFACE_RECEIVER && route->deduce != NULL &&
		        route->deduce->by == DEDUCE_BY_PARTY)
			return route->deduce->field;
	return NULL;
}

/* ---- left out ---- */

static void
first_of(char why[160], const struct ocpi_module *module, struct str id, const char *field,
        const char *text)
{
	if (why[0] == '\0')
		(void)snprintf(why, 160, "%s %.*s: %.60s%s%.80s", module->id,
		        id.len > KEY_TEXT ? KEY_TEXT : (int)id.len, id.p != NULL ? id.p : "", field,
		        field[0] != '\0' ? ": " : "", text);
}

static void
invalid(struct pull *pull, struct str id, const struct fault *fault)
{
	pull->report.invalid++;
	first_of(pull->report.first_invalid, pull->hub->modules[pull->module], id, fault->field,
	        fault->why);
}

static void
foreign(struct pull *pull, struct str id, const char *why)
{
	pull->report.foreign++;
	first_of(pull->report.first_foreign, pull->hub->modules[pull->module], id, "", why);
}

/* ---- is it sound? ---- */

static int
validation_mode(
        const struct hub *hub, const struct platform *platform, const struct ocpi_module *module)
{
	for (size_t i = 0; i < platform->validation_count; i++)
		if (str_is(platform->validation_of[i].module, module->id))
			return platform->validation_of[i].mode;
	return platform->validation >= 0 ? platform->validation : hub_settings(hub)->validation;
}

/* Lenient lets through what has an id, an owner and a time, and counts its faults. */
static bool
is_sound(struct pull *pull, const struct platform *platform, struct fault *fault)
{
	const struct ocpi_module *module = pull->hub->modules[pull->module];
	const struct json_doc *doc = &pull->call.envelope.doc;
	int mode = validation_mode(pull->hub, platform, module);
	unsigned flags = platform->any_offset ? CHECK_ANY_OFFSET : 0;
	struct ocpi_flaws flaws;

	if (mode == VALIDATION_OFF || ocpi_check(doc, pull->at, module->object, flags, &flaws))
		return true;
	faulty_note(platform->live, &(struct faulty_met){ .hub = pull->hub,
	                                    .module = module->id,
	                                    .doc = doc,
	                                    .class = module->object,
	                                    .flaws = &flaws,
	                                    .refused = mode == VALIDATION_STRICT,
	                                    .where = pull->call.net.target,
	                                    .token = platform->token });
	if (mode == VALIDATION_STRICT) {
		(void)known_hide(pull->hub, doc, &flaws, pull->arena);
		(void)ocpi_flaws_fault(doc, &flaws, fault);
		return false;
	}
	pull->report.faults += flaws.count;
	count_add(&platform->live->flaws, flaws.count);
	return true;
}

/* ---- whose is it? ---- */

/* TRN-048: an object of a party that is not the platform's, or has no such objects, is left out. */
static bool
owns(const struct platform *platform, const struct ocpi_module *module, const struct ocpi_id *owner)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (ocpi_id_same(&platform->parties[i].id, owner) &&
		        platform->parties[i].state != STATE_SUSPENDED &&
		        may_be_called(platform->parties[i].role, module, IFACE_SENDER))
			return true;
	return false;
}

static bool
id_of(const struct json_doc *doc, uint32_t node, struct arena *arena, struct ocpi_id *id)
{
	return ocpi_id_make(json_member_string(doc, node, "country_code", arena),
	        json_member_string(doc, node, "party_id", arena), id);
}

static void
owe(struct pulled_object *object, const struct ocpi_id *to, const struct platform *holder)
{
	struct store_share_args *args = &object->op.u.share;
	struct arena *arena = object->op.arena;
	char receiver[STORE_RECEIVER_TEXT], party[OCPI_ID_TEXT];
	int64_t now_ms = rh_schedule_ms();

	object->receiver = holder->live;
	object->owed = (struct store_parked){
		.receiver = arena_str(arena, store_receiver(holder->id, receiver)),
		.to = arena_str(arena, str_of(ocpi_id_key(to, party))),
		.key = args->key,
		.kind = PARKED_PULLED,
		.since_ms = now_ms,
		.due_ms = now_ms,
		.why = STR(""),
	};
	args->owe = &object->owed;
}

/* False: there is nobody who may get it. */
static bool
find_scope(struct pulled_object *object, const struct ocpi_id *owner)
{
	struct pull *pull = object->pull;
	const struct directory *directory = hub_directory(pull->hub);
	const struct ocpi_module *module = pull->hub->modules[pull->module];
	const struct json_doc *doc = &pull->call.envelope.doc;
	struct arena *arena = object->op.arena;
	struct store_key *key = &object->op.u.share.key;
	const struct party *holder;
	uint32_t named;
	struct ocpi_id to;

	key->scope = STR("*");
	if (pull->addressed == NULL)
		return true;
	named = json_member(doc, pull->at, pull->addressed);
	if (named == 0 || !id_of(doc, named, arena, &to))
		return false;
	holder = route_receiver(directory_party(directory, &to), module, IFACE_RECEIVER);
	if (holder == NULL || !may_roam(pull->hub, directory, owner, &to, str_of(module->id)))
		return false;
	key->scope = directory_scope(&to, holder->platform->id, arena);
	if (may_get_of(pull->hub, directory, owner, holder, module).reason == MAY_YES)
		owe(object, &to, holder->platform);
	return true;
}

/* ---- the store ---- */

static void
object_stored(struct store_op *op)
{
	struct pulled_object *object = container_of(op, struct pulled_object, op);
	struct pull *pull = object->pull;
	struct pull_report *report = &pull->report;

	if (op->err == RH_OK) {
		report->shared++;
		if (pull->addressed == NULL)
			news_committed(pull->hub, op->u.share.change);
		else if (object->receiver != NULL)
			news_owed(pull->hub, object->receiver);
	} else if (object->unchanged) {
		report->unchanged++;
	} else {
		pull->module_failed = true;
		report->complete = false;
		first_of(report->why, pull->hub->modules[pull->module], op->u.share.key.id, "",
		        op->why);
	}
	arena_free(op->arena); /* it lies in it */
	pull->pending--;
	pull->object_done(pull);
}

static enum rh_err
make_if_newer(void *ctx, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	struct pulled_object *object = ctx;
	struct json_doc doc;
	int64_t before = INT64_MIN;

	if (old.p != NULL && json_scan(old, MAX_NODES, arena, &doc, NULL) == RH_OK)
		(void)ocpi_datetime_parse(
		        json_member_string(&doc, 0, "last_updated", arena), &before);
	*last_updated_ns = object->last_updated_ns;
	object->unchanged = old.p != NULL && object->last_updated_ns <= before;
	if (object->unchanged)
		return fault_set(fault, RH_BAD_FIELD, "", "is not newer than what the hub has");
	*fresh = object->body;
	return RH_OK;
}

/* How a whole one gets to a Receiver interface. */
static struct str
whole_method(const struct ocpi_module *module)
{
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (route->interface == IFACE_RECEIVER && strcmp(route->method, "PUT") == 0)
			return STR("PUT");
	return STR("POST");
}

/* False: without a type where its key has one. */
static bool
fill(struct pulled_object *object, struct str id, const struct ocpi_id *owner)
{
	struct pull *pull = object->pull;
	const struct ocpi_module *module = pull->hub->modules[pull->module];
	const struct json_doc *doc = &pull->call.envelope.doc;
	struct store_share_args *args = &object->op.u.share;
	struct arena *arena = object->op.arena;
	struct str raw_id = ocpi_percent_encode(id, arena);
	char text[OCPI_ID_TEXT];

	args->key.module = str_of(module->id);
	args->key.owner = arena_str(arena, str_of(ocpi_id_key(owner, text)));
	args->key.id = arena_upper(arena, id);
	args->key.type = module->key[1] == NULL
	                         ? STR("")
	                         : json_member_string(doc, pull->at, module->key[1], arena);
	args->suffix = arena_printf(arena, "%s/%s/%.*s%s%.*s", owner->country, owner->party,
	        STR_ARG(raw_id), args->key.type.len > 0 ? "?type=" : "", STR_ARG(args->key.type));
	args->make = make_if_newer;
	args->ctx = object;
	args->method = whole_method(module);
	args->correlation_id = arena_str(arena, pull->call.correlation_id);
	args->sender_platform = pull->platform;
	args->at_ms = rh_wall_ms();
	args->pulled = true;
	if (args->key.type.p == NULL)
		return false;
	if (pull->full && pull->addressed == NULL)
		pull_seen_add(&pull->sweep.seen, &args->key); /* also when it is faulty now */
	return true;
}

static bool
has_time(struct pull *pull, struct arena *arena, int64_t *last_updated_ns, struct fault *fault)
{
	struct str text =
	        json_member_string(&pull->call.envelope.doc, pull->at, "last_updated", arena);

	if (ocpi_datetime_parse(text, last_updated_ns))
		return true;
	(void)fault_set(fault, RH_BAD_FIELD, "/last_updated", "expected a DateTime");
	return false;
}

/* False: it was left out, and counted. */
static bool
prepare(struct pulled_object *object, const struct platform *platform)
{
	struct pull *pull = object->pull;
	const struct ocpi_module *module = pull->hub->modules[pull->module];
	const struct json_doc *doc = &pull->call.envelope.doc;
	struct arena *arena = object->op.arena;
	struct str id = json_member_string(doc, pull->at, module->key[0], arena);
	struct fault fault = { 0 };
	struct ocpi_id owner;

	if (id.len == 0 || !id_of(doc, pull->at, arena, &owner)) {
		(void)fault_set(&fault, RH_BAD_FIELD, "",
		        "expected an object with %s, country_code "
		        "and party_id",
		        module->key[0]);
		invalid(pull, id, &fault);
	} else if (!owns(platform, module, &owner)) {
		foreign(pull, id, "its owner is no party of this platform that has such objects");
	} else if (!fill(object, id, &owner)) {
		(void)fault_set(&fault, RH_BAD_FIELD, module->key[1], "expected a text");
		invalid(pull, id, &fault);
	} else if (!is_sound(pull, platform, &fault) ||
	           !has_time(pull, arena, &object->last_updated_ns, &fault)) {
		invalid(pull, id, &fault);
	} else if (!find_scope(object, &owner)) {
		foreign(pull, id, "nobody who may get it stands in its cdr_token");
	} else {
		return true;
	}
	return false;
}

void
pull_object(struct pull *pull, const struct platform *platform)
{
	struct arena *arena = arena_new(2048);
	struct pulled_object *object = arena_alloc(arena, sizeof *object);

	pull->report.seen++;
	pull->objects++;
	object->pull = pull;
	object->op =
	        (struct store_op){ .verb = STORE_SHARE, .done = object_stored, .arena = arena };
	if (!prepare(object, platform)) {
		arena_free(arena);
		return;
	}
	object->op.u.share.limited = true;
	object->op.u.share.quota = quota_of(pull->hub, platform, QUOTA_OBJECTS);
	object->body = json_raw(&pull->call.envelope.doc, pull->at); /* the page waits for it */
	object->op.u.share.bytes = object->body.len;
	pull->pending++;
	store_submit(pull->hub->session, &object->op);
}
