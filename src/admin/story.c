/* story: how a platform came to be as it is: its handshakes step by step, and what it was since
 * when, out of what was written down as it happened. */
#include "inside.h"
#include "tally.h"

enum { MOST_STEPS = 1000, HISTORY = 100, MOST_HISTORY = 1000 };
/* As of an attempt: a handshake that was silent for longer is over. */
enum { SILENCE_MS = 3600 * 1000, TOGETHER_MS = 1000 };

/** Rows of @type of the platform that was asked for, the newest @limit. */
static void
find(struct inquiry *inquiry, struct str type, size_t limit, void (*done)(struct store_op *op))
{
	inquiry->op.u.events = (struct store_events_args){
		.types = { type }, .platform = inquiry->id, .limit = limit
	};
	inquiry_store(inquiry, STORE_EVENTS, done);
}

/** What all answers here begin with; NULL: there is no such platform, and that was said. */
static json_t *
begin_answer(struct inquiry *inquiry)
{
	const struct platform *platform = platform_of(inquiry);
	json_t *object;

	if (platform == NULL)
		return NULL;
	object = tree_object();
	tree_set_number(object, "platform", platform->id);
	tree_set_str(object, "name", platform->name);
	tree_set_text(object, "status", platform_status(platform));
	return object;
}

/* ---- handshakes: attempts, oldest first ---- */

/** The members of an attempt's id and @step's own, in the order in which they are read. */
static json_t *
step_tree(const struct store_event *event, const json_t *data)
{
	json_t *object = tree_object();

	tree_set_time(object, "at", event->at_ms);
	(void)json_object_update_missing(object, (json_t *)(uintptr_t)data);
	(void)json_object_del(object, "try");
	return object;
}

/* What is told of handshakes, while it is gathered. */
struct story {
	json_t *tries;
	json_t *of; /* attempt -> the place of its try */
	struct open {
		json_t *one;           /* NULL: none */
		int64_t number, at_ms; /* at_ms: of its last step */
	} theirs, ours; /* that the platform, or the hub, began and that has not ended */
};

static json_t *
try_begin(struct story *story, const struct store_event *event, const json_t *data)
{
	json_t *object = tree_object();

	tree_set_number(object, "number", (int64_t)json_array_size(story->tries) + 1);
	tree_set_str(object, "id", tree_get_str(data, "try"));
	tree_set_str(object, "by", tree_get_str(data, "by"));
	tree_set_time(object, "at", event->at_ms);
	tree_set(object, "ended", json_null());
	tree_set(object, "ok", json_null());
	tree_set(object, "concluded", json_null());
	tree_set(object, "advice", json_null());
	tree_set(object, "steps", tree_list());
	tree_add(story->tries, object);
	return object;
}

static bool
is_platforms(const json_t *one)
{
	return str_is(tree_get_str(one, "by"), "platform");
}

static json_t *
open_at(const struct open *open, int64_t at_ms)
{
	return at_ms - open->at_ms < SILENCE_MS ? open->one : NULL;
}

/** Of an attempt that another process noted: it is part of the handshake that is open. With a new
 * token the platform is in either. */
static json_t *
try_open(const struct story *story, const struct store_event *event, const json_t *data)
{
	bool is_new = str_starts(tree_get_str(data, "token"), "new token");
	json_t *theirs = open_at(&story->theirs, event->at_ms),
	       *ours = is_new ? open_at(&story->ours, event->at_ms) : NULL;

	if (theirs == NULL || (ours != NULL && story->ours.at_ms > story->theirs.at_ms))
		return ours;
	return theirs;
}

/** Where @data is a step of. A platform is in one handshake, of which each process that it comes to
 * has an attempt of its own, under a name of its own, which it keeps until it sees the end. */
static json_t *
try_of(struct story *story, const struct store_event *event, const json_t *data)
{
	const json_t *place = json_object_get(story->of, tree_get_str(data, "try").p);
	json_t *one = place != NULL
	                      ? json_array_get(story->tries, (size_t)json_integer_value(place))
	                      : NULL;
	bool over = one != NULL && is_platforms(one) && one != story->theirs.one;

	if (is_platforms(data) && (one == NULL || over))
		one = try_open(story, event, data);
	return one != NULL ? one : try_begin(story, event, data);
}

static void
try_end(json_t *one, const struct store_event *event, const json_t *data)
{
	tree_set_time(one, "ended", event->at_ms);
	tree_set_bool(one, "ok", json_is_true(json_object_get(data, "ok")));
	tree_set_str(one, "concluded", tree_get_str(data, "concluded"));
	tree_set_str(one, "advice", tree_get_str(data, "advice"));
}

static void
add_step(struct story *story, const struct store_event *event)
{
	CLEANUP(tree_drop) json_t *data = tree_read(event->data, NULL);
	struct str id = tree_get_str(data, "try");
	json_t *one, *number;
	struct open *open;

	if (id.p == NULL)
		return;
	one = try_of(story, event, data);
	open = is_platforms(one) ? &story->theirs : &story->ours;
	number = json_object_get(one, "number");
	tree_set_number(story->of, id.p, json_integer_value(number) - 1);
	if (json_is_true(json_object_get(data, "end")))
		try_end(one, event, data);
	if (open->one == NULL || open->one == one || json_integer_value(number) > open->number)
		*open = (struct open){ json_is_null(json_object_get(one, "ended")) ? one : NULL,
			json_integer_value(number), event->at_ms };
	tree_add(json_object_get(one, "steps"), step_tree(event, data));
}

/** What processes wrote down at about the same time stands in the order in which that came to the
 * database. */
static void
order(struct store_event *steps, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct store_event step = steps[i];
		size_t at = i;

		while (at > 0 && steps[at - 1].at_ms > step.at_ms &&
		        steps[at - 1].at_ms - step.at_ms < TOGETHER_MS) {
			steps[at] = steps[at - 1];
			at--;
		}
		steps[at] = step;
	}
}

static void
handshakes_found(struct store_op *op)
{
	struct inquiry *inquiry;
	struct story story = { 0 };
	json_t *object;

	if (!inquiry_stored(op, &inquiry))
		return;
	object = begin_answer(inquiry);
	if (object == NULL)
		return;
	story.tries = tree_list();
	story.of = tree_object();
	order((struct store_event *)(uintptr_t)op->u.events.rows, op->u.events.count);
	for (size_t i = 0; i < op->u.events.count; i++)
		add_step(&story, &op->u.events.rows[i]);
	tree_set(object, "tries", story.tries);
	tree_drop(&story.of);
	inquiry_json(inquiry, 200, object);
}

void
platforms_handshakes(struct inquiry *inquiry)
{
	if (platform_of(inquiry) != NULL)
		find(inquiry, STR("handshake.step"), MOST_STEPS, handshakes_found);
}

/* ---- history: what it was, since when, why, for how long ---- */

/** Until @until_ms, 0: it still is. */
static json_t *
status_tree(const struct store_event *event, int64_t until_ms)
{
	CLEANUP(tree_drop) json_t *data = tree_read(event->data, NULL);
	int64_t end_ms = until_ms != 0 ? until_ms : rh_wall_ms();
	json_t *object = tree_object();

	tree_set_time(object, "since", event->at_ms);
	tree_set_time(object, "until", until_ms);
	tree_set_number(
	        object, "duration_s", end_ms > event->at_ms ? (end_ms - event->at_ms) / 1000 : 0);
	tree_set_str(object, "status", event->what);
	tree_set_str(object, "status_before", tree_get_str(data, "status_before"));
	tree_set_str(object, "why", tree_get_str(data, "why"));
	return object;
}

static void
history_found(struct store_op *op)
{
	const struct store_events_args *args = &op->u.events;
	struct inquiry *inquiry;
	json_t *object, *list;

	if (!inquiry_stored(op, &inquiry))
		return;
	object = begin_answer(inquiry);
	if (object == NULL)
		return;
	list = tree_list();
	for (size_t i = 0; i < args->count; i++)
		tree_add(list, status_tree(&args->rows[i],
		                       i + 1 < args->count ? args->rows[i + 1].at_ms : 0));
	tree_set(object, "history", list);
	inquiry_json(inquiry, 200, object);
}

void
platforms_history(struct inquiry *inquiry)
{
	struct str text = asked_query(inquiry, "limit");
	uint64_t limit = HISTORY;

	if (text.p != NULL && (!str_to_u64(text, MOST_HISTORY, &limit) || limit == 0)) {
		(void)inquiry_bad(inquiry, "limit", "expected 1 to %d", MOST_HISTORY);
		return;
	}
	if (platform_of(inquiry) != NULL)
		find(inquiry, STR("party.status"), (size_t)limit, history_found);
}

/* ---- faults by field ---- */

static void
faults_counted(struct inquiry *inquiry, const json_t *tally)
{
	json_t *object = begin_answer(inquiry);

	if (object == NULL)
		return;
	tree_set(object, "since", json_incref(json_object_get(tally, "since")));
	tree_set(object, "faults", json_incref(json_object_get(tally, "faults")));
	if (json_object_get(tally, "silent_hubs") != NULL)
		tree_set(object, "silent_hubs", json_incref(json_object_get(tally, "silent_hubs")));
	inquiry_json(inquiry, 200, object);
}

void
platforms_faults(struct inquiry *inquiry)
{
	const struct platform *platform = platform_of(inquiry);

	if (platform != NULL)
		tally_ask(inquiry, platform, faults_counted);
}
