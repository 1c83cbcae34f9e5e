/* memory_event: what happened to the hub, and who did it. */
#include "memory.h"

enum { TRIM_ROWS = 1000 };

static const struct store_event *
event_of(struct list *pos)
{
	return &kept_of(pos)->u.event;
}

/* Columns are never NULL: an absent text is an empty one. */
static struct str
copy_text(struct arena *arena, struct str text)
{
	return arena_str(arena, text.p == NULL ? STR("") : text);
}

static struct store_event
copy_event(struct arena *arena, const struct store_event *from, int64_t id)
{
	return (struct store_event){
		.id = id,
		.at_ms = from->at_ms,
		.type = copy_text(arena, from->type),
		.platform = from->platform,
		.who = copy_text(arena, from->who),
		.address = copy_text(arena, from->address),
		.what = copy_text(arena, from->what),
		.subject = copy_text(arena, from->subject),
		.data = copy_text(arena, from->data),
	};
}

/* ---- writing ---- */

static struct kept *
find(struct backend *backend, int64_t id)
{
	list_each (pos, &backend->events)
		if (event_of(pos)->id == id)
			return kept_of(pos);
	return NULL;
}

static void
keep_most(struct backend *backend, const struct store_event_args *args)
{
	size_t count = 0;

	for (struct list *pos = backend->events.prev, *before = pos->prev; pos != &backend->events;
	        pos = before, before = pos->prev)
		if (event_of(pos)->platform == args->event->platform &&
		        memory_same_text(event_of(pos)->type, args->event->type) &&
		        ++count > args->most)
			kept_free(kept_of(pos));
}

static void
add(struct backend *backend, struct store_op *op)
{
	struct kept *kept = kept_new();

	op->made_id = ++backend->last_event;
	kept->u.event = copy_event(kept->arena, op->u.event.event, op->made_id);
	list_add_tail(&backend->events, &kept->link);
	if (op->u.event.most > 0)
		keep_most(backend, &op->u.event);
}

bool
memory_event_put(struct backend *backend, struct store_op *op)
{
	const struct store_event *event = op->u.event.event;
	struct kept *kept = event->id != 0 ? find(backend, event->id) : NULL;

	op->made_id = event->id;
	if (event->id == 0)
		add(backend, op);
	else if (kept == NULL)
		op_result(op, RH_NOT_FOUND, "no event has this id");
	else if (op->u.event.drop)
		kept_free(kept);
	else
		kept->u.event = copy_event(kept->arena, event, event->id);
	return true;
}

static size_t
newer_of_type(struct backend *backend, const struct store_event *than)
{
	size_t count = 0;

	list_each (pos, &backend->events)
		count += event_of(pos)->id > than->id &&
		         memory_same_text(event_of(pos)->type, than->type);
	return count;
}

bool
memory_event_trim(struct backend *backend, struct store_op *op)
{
	struct store_event_trim_args *args = &op->u.event_trim;

	args->dropped = 0;
	list_each_safe (pos, next, &backend->events) {
		const struct store_event *event = event_of(pos);

		if (args->dropped == TRIM_ROWS)
			break;
		if (event->at_ms >= args->before_ms && newer_of_type(backend, event) < args->most)
			continue;
		kept_free(kept_of(pos));
		args->dropped++;
	}
	return true;
}

/* ---- reading ---- */

static bool
is_of_types(const struct store_event *event, const struct store_events_args *args)
{
	if (args->types[0].p == NULL)
		return true;
	for (size_t i = 0; i < STORE_EVENT_TYPES && args->types[i].p != NULL; i++)
		if (memory_same_text(event->type, args->types[i]))
			return true;
	return false;
}

/* The whole text or the words before it. */
static bool
is_what(struct str what, struct str wanted)
{
	struct str begin = { what.p, wanted.len };

	if (wanted.p == NULL || memory_same_text(what, wanted))
		return true;
	return what.len > wanted.len && what.p[wanted.len] == ' ' &&
	       memory_same_text(begin, wanted);
}

static bool
matches(const struct store_event *event, const struct store_events_args *args)
{
	return event->id > args->after && (args->before == 0 || event->id < args->before) &&
	       event->at_ms >= args->since_ms &&
	       (args->until_ms == 0 || event->at_ms < args->until_ms) &&
	       (args->platform == 0 || event->platform == args->platform) &&
	       (args->who.p == NULL || memory_same_text(event->who, args->who)) &&
	       is_what(event->what, args->what) && is_of_types(event, args);
}

static size_t
count_matches(struct backend *backend, const struct store_events_args *args)
{
	size_t count = 0;

	list_each (pos, &backend->events)
		count += matches(event_of(pos), args);
	return count;
}

void
memory_events(struct backend *backend, struct store_op *op)
{
	struct store_events_args *args = &op->u.events;
	size_t matching = count_matches(backend, args), skipped = 0, count = 0;
	size_t over = matching > args->limit ? matching - args->limit : 0;
	struct store_event *rows = arena_alloc(op->arena, (matching - over + 1) * sizeof(*rows));

	if (args->after > 0)
		over = 0;
	list_each (pos, &backend->events) {
		const struct store_event *event = event_of(pos);

		if (!matches(event, args) || skipped++ < over || count == args->limit)
			continue;
		rows[count++] = copy_event(op->arena, event, event->id);
	}
	args->rows = rows;
	args->count = count;
}
