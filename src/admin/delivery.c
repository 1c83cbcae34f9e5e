/* delivery: who has an object, who waits for it and why, who refused it, and who does not get it by
 * which rule.
 *
 * The state of a receiver is put together of what the hub keeps anyway: its cursor, what is parked
 * for it, what it refused; the trace says when it took it, while it is kept. */
#include <string.h>

#include "inside.h"

enum { MOST_ROWS = 5000, MOST_LEGS = 500, MOST_SHOWN = 1000 };

struct delivery {
	struct ocpi_id owner;
	const struct ocpi_module *module;
	struct store_key key;
	const struct store_object *object; /* shared with everybody; NULL: only copies are there */
	const struct store_object *copies;
	size_t copy_count;
	const struct store_cursor *cursors;
	size_t cursor_count;
	const struct store_failure *failures;
	size_t failure_count;
	const struct store_parked *parked;
	size_t parked_count;
	bool partial; /* there are more rows than were looked at */
	const struct store_trace *legs;
	size_t leg_count;
	size_t has, waits, refused, entitled, left_out;
	json_t *receivers, *others;
};

/* ---- what is known of one receiver ---- */

struct receiver { /* a party, on its platform */
	const struct platform *platform;
	const struct party *party;
	struct str name, to; /* "platform/7", "NL*MSP" */
};

static bool
is_object(const struct delivery *delivery, const struct store_key *key)
{
	return str_eq(key->module, delivery->key.module) &&
	       str_eq(key->owner, delivery->key.owner) && str_eq(key->id, delivery->key.id);
}

static const struct store_failure *
failure_of(const struct delivery *delivery, const struct receiver *receiver)
{
	for (size_t i = 0; i < delivery->failure_count; i++) {
		const struct store_failure *row = &delivery->failures[i];

		if (str_eq(row->receiver, receiver->name) && str_eq(row->to, receiver->to) &&
		        is_object(delivery, &row->key))
			return row;
	}
	return NULL;
}

static const struct store_parked *
parked_of(const struct delivery *delivery, const struct receiver *receiver)
{
	for (size_t i = 0; i < delivery->parked_count; i++) {
		const struct store_parked *row = &delivery->parked[i];

		if (str_eq(row->receiver, receiver->name) && str_eq(row->to, receiver->to) &&
		        is_object(delivery, &row->key))
			return row;
	}
	return NULL;
}

static bool
is_listed(struct str ahead, int64_t change)
{
	uint64_t number;

	while (ahead.p != NULL)
		if (str_to_u64(str_cut(&ahead, ','), INT64_MAX, &number) &&
		        (int64_t)number == change)
			return true;
	return false;
}

/** Did its cursor pass @change, or was that sent ahead of it? */
static bool
is_passed(const struct delivery *delivery, const struct receiver *receiver, int64_t change)
{
	if (atomic_load(&receiver->platform->live->push.cursor) >= change)
		return true;
	for (size_t i = 0; i < delivery->cursor_count; i++)
		if (str_eq(delivery->cursors[i].receiver, receiver->name))
			return is_listed(delivery->cursors[i].ahead, change);
	return false;
}

/** The newest leg to it; NULL: the trace has none. */
static const struct store_trace *
leg_of(const struct delivery *delivery, const struct receiver *receiver)
{
	for (size_t i = delivery->leg_count; i > 0; i--) {
		const struct store_trace *leg = &delivery->legs[i - 1];

		if (leg->platform == receiver->platform->id && str_eq(leg->to, receiver->to))
			return leg;
	}
	return NULL;
}

/* ---- a row ---- */

static json_t *
row_begin(const struct receiver *receiver)
{
	json_t *row = tree_object();

	tree_set_number(row, "platform", receiver->platform->id);
	tree_set_str(row, "name", receiver->platform->name);
	tree_set_str(row, "party", receiver->to);
	tree_set_text(row, "role", ocpi_role_name(receiver->party->role));
	tree_set_text(row, "status", platform_status(receiver->platform));
	return row;
}

static void
set_leg(json_t *row, const struct store_trace *leg)
{
	CLEANUP(tree_drop) json_t *doc = leg != NULL ? tree_read(leg->doc, NULL) : NULL;
	static const char *const members[] = { "http", "ocpi", "us" };

	tree_set_time(row, "sent", leg != NULL ? leg->at_ms : 0);
	for (size_t i = 0; i < COUNT(members); i++) {
		json_t *value = json_object_get(doc, members[i]);

		tree_set(row, members[i], value != NULL ? json_incref(value) : json_null());
	}
}

static void
set_refused(struct delivery *delivery, json_t *row, const struct store_failure *failure)
{
	delivery->refused++;
	tree_set_text(row, "delivery", "refused");
	tree_set_time(row, "since", failure->at_ms);
	tree_set_number(row, "change", failure->change);
	tree_set_number(row, "http", failure->http);
	tree_set_number(row, "ocpi", failure->ocpi);
	tree_set_str(row, "why", failure->why);
}

static void
set_waits(struct delivery *delivery, json_t *row, const struct store_parked *parked,
        const struct receiver *receiver)
{
	const struct live *live = receiver->platform->live;
	bool away = platform_state(receiver->platform) == STATE_OFFLINE;

	delivery->waits++;
	tree_set_text(row, "delivery", "waits");
	tree_set_time(row, "since", parked != NULL ? parked->since_ms : delivery->object->at_ms);
	if (parked != NULL) {
		tree_set_number(row, "attempts", parked->attempts);
		tree_set_time(row, "next_try", parked->due_ms);
		tree_set_number(row, "http", parked->http);
		tree_set_number(row, "ocpi", parked->ocpi);
	}
	if (parked != NULL && parked->why.len > 0)
		tree_set_str(row, "why", parked->why);
	else
		tree_set_text(row, "why",
		        away && live->presence.last_failure_ms != 0 ? live->presence.last_failure
		        : away                                      ? "it is OFFLINE"
		                                                    : "it is its turn soon");
}

static void
set_has(struct delivery *delivery, json_t *row, const struct receiver *receiver)
{
	const struct store_trace *leg = leg_of(delivery, receiver);

	delivery->has++;
	tree_set_text(row, "delivery", "has");
	tree_set_number(row, "change", delivery->object->change);
	set_leg(row, leg);
}

/* It was there before the platform came, and that is not sent (initial_sync=none): it asks. */
static void
set_before(struct delivery *delivery, json_t *row)
{
	delivery->left_out++;
	tree_set_text(row, "delivery", "not sent");
	tree_set_text(row, "why",
	        "it was shared before the platform registered, which is told by "
	        "GET: push sync sends it");
}

static void
add_entitled(struct delivery *delivery, const struct receiver *receiver)
{
	const struct store_parked *parked = parked_of(delivery, receiver);
	const struct store_failure *failure = failure_of(delivery, receiver);
	int64_t change = delivery->object->change;
	json_t *row;

	delivery->entitled++;
	row = row_begin(receiver);
	if (parked != NULL)
		set_waits(delivery, row, parked, receiver);
	else if (failure != NULL)
		set_refused(delivery, row, failure);
	else if (!is_passed(delivery, receiver, change))
		set_waits(delivery, row, NULL, receiver);
	else if (leg_of(delivery, receiver) == NULL &&
	         atomic_load(&receiver->platform->live->joined) >= change)
		set_before(delivery, row);
	else
		set_has(delivery, row, receiver);
	if (json_array_size(delivery->receivers) < MOST_SHOWN)
		tree_add(delivery->receivers, row);
	else
		tree_drop(&row);
}

static void
add_other(struct delivery *delivery, const struct receiver *receiver,
        const struct hub_entitled *entitled)
{
	json_t *row;

	if (entitled->is_itself || entitled->by_role ||
	        json_array_size(delivery->others) == MOST_SHOWN)
		return;
	row = row_begin(receiver);
	tree_set_text(row, "rule", entitled->why);
	tree_set(row, "agreement",
	        entitled->agreement != 0 ? json_integer(entitled->agreement) : json_null());
	tree_add(delivery->others, row);
}

/* ---- all of them ---- */

static void
add_platform(struct inquiry *inquiry, struct delivery *delivery, const struct platform *platform)
{
	char name[STORE_RECEIVER_TEXT], to[OCPI_ID_TEXT];
	struct receiver receiver = { .platform = platform,
		.name = store_receiver(platform->id, name) };

	for (size_t i = 0; i < platform->party_count; i++) {
		struct hub_entitled entitled;

		receiver.party = &platform->parties[i];
		receiver.to = str_of(ocpi_id_key(&receiver.party->id, to));
		hub_entitled(inquiry->admin->hub, &delivery->owner, delivery->module,
		        receiver.party, &entitled);
		if (entitled.is && delivery->object != NULL)
			add_entitled(delivery, &receiver);
		else if (!entitled.is)
			add_other(delivery, &receiver, &entitled);
	}
}

/** What was addressed to one party: it took it, or waits for it. */
static json_t *
addressed(const struct hub *hub, const struct delivery *delivery)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < delivery->copy_count; i++) {
		json_t *row;

		if (&delivery->copies[i] == delivery->object)
			continue;
		row = object_version(hub, &delivery->copies[i]);
		tree_set_text(row, "delivery", delivery->copies[i].accepted ? "has" : "not taken");
		tree_add(list, row);
	}
	return list;
}

static void
answer(struct inquiry *inquiry)
{
	struct delivery *delivery = inquiry->work;
	json_t *tree = tree_object();

	tree_set_str(tree, "module", delivery->key.module);
	tree_set_str(tree, "owner", delivery->key.owner);
	tree_set_str(tree, "id", delivery->key.id);
	tree_set(tree, "current",
	        delivery->object != NULL ? object_version(inquiry->admin->hub, delivery->object)
	                                 : json_null());
	tree_set_count(tree, "entitled", delivery->entitled);
	tree_set_count(tree, "has", delivery->has);
	tree_set_count(tree, "waits", delivery->waits);
	tree_set_count(tree, "refused", delivery->refused);
	tree_set_count(tree, "not_sent", delivery->left_out);
	tree_set(tree, "receivers", json_incref(delivery->receivers));
	tree_set(tree, "not_entitled", json_incref(delivery->others));
	tree_set(tree, "addressed", addressed(inquiry->admin->hub, delivery));
	tree_set_bool(tree, "partial", delivery->partial);
	inquiry_json(inquiry, 200, tree);
}

/* The lists hang on inquiry->answer, so that they go with it whatever happens. */
static void
look_at_all(struct inquiry *inquiry)
{
	struct delivery *delivery = inquiry->work;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(inquiry->admin->hub), &platforms);

	inquiry->answer = tree_list();
	delivery->receivers = tree_list();
	delivery->others = tree_list();
	tree_add(inquiry->answer, delivery->receivers);
	tree_add(inquiry->answer, delivery->others);
	for (size_t i = 0; i < count; i++)
		if (!platforms[i].removed)
			add_platform(inquiry, delivery, &platforms[i]);
	answer(inquiry);
}

/* ---- what is read, one after the other ---- */

static void
legs_came(struct store_op *op)
{
	struct inquiry *inquiry;
	struct delivery *delivery;

	if (!inquiry_stored(op, &inquiry))
		return;
	delivery = inquiry->work;
	delivery->legs = op->u.trace.rows;
	delivery->leg_count = op->u.trace.count;
	look_at_all(inquiry);
}

/* In any scope and of any type, as the trace has it. */
static struct store_key
rows_key(const struct delivery *delivery)
{
	return (struct store_key){
		.module = delivery->key.module, .owner = delivery->key.owner, .id = delivery->key.id
	};
}

static void
parked_came(struct store_op *op)
{
	struct inquiry *inquiry;
	struct delivery *delivery;

	if (!inquiry_stored(op, &inquiry))
		return;
	delivery = inquiry->work;
	delivery->parked = op->u.parked.rows;
	delivery->parked_count = op->u.parked.count;
	delivery->partial |= op->u.parked.count == MOST_ROWS;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.trace.object = arena_printf(inquiry->arena, "%.*s/%.*s/%.*s",
	        STR_ARG(delivery->key.module), STR_ARG(delivery->key.owner),
	        STR_ARG(delivery->key.id)); /* as pushes are traced */
	inquiry->op.u.trace.limit = MOST_LEGS;
	inquiry_store(inquiry, STORE_TRACE_FIND, legs_came);
}

static void
failures_came(struct store_op *op)
{
	struct inquiry *inquiry;
	struct delivery *delivery;

	if (!inquiry_stored(op, &inquiry))
		return;
	delivery = inquiry->work;
	delivery->failures = op->u.failures.failures;
	delivery->failure_count = op->u.failures.count;
	delivery->partial |= op->u.failures.count == MOST_ROWS;
	parked_choose(inquiry,
	        &(struct store_parked_args){ .key = rows_key(delivery), .limit = MOST_ROWS }, 0,
	        parked_came);
}

static void
cursors_came(struct store_op *op)
{
	struct inquiry *inquiry;
	struct delivery *delivery;

	if (!inquiry_stored(op, &inquiry))
		return;
	delivery = inquiry->work;
	delivery->cursors = op->u.cursors.cursors;
	delivery->cursor_count = op->u.cursors.count;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.failures.key = rows_key(delivery);
	inquiry->op.u.failures.limit = MOST_ROWS;
	inquiry_store(inquiry, STORE_FAILURES, failures_came);
}

static void
object_came(struct inquiry *inquiry)
{
	struct delivery *delivery;

	if (objects_none(inquiry))
		return;
	delivery = arena_alloc(inquiry->arena, sizeof *delivery);
	(void)object_asked(inquiry, &delivery->key, &delivery->owner);
	delivery->module = ocpi_module_find(hub_modules(inquiry->admin->hub), delivery->key.module);
	delivery->copies = objects_of(inquiry, &delivery->copy_count);
	for (size_t i = 0; i < delivery->copy_count; i++)
		if (str_is(delivery->copies[i].key.scope, "*"))
			delivery->object = &delivery->copies[i];
	inquiry->work = delivery;
	inquiry->op = (struct store_op){ 0 };
	inquiry_store(inquiry, STORE_CURSORS_LOAD, cursors_came);
}

void
deliveries_show(struct inquiry *inquiry)
{
	struct store_key key;
	struct ocpi_id owner;

	if (object_asked(inquiry, &key, &owner))
		objects_ask(inquiry, &key, object_came);
}
