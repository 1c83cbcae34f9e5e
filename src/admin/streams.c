/* streams: what happens, told as it happens (Server-Sent Events).
 *
 * While anybody listens the events are read from the store twice a second, from where the slowest
 * of them stands, and the messages from the trace, which is a sample already. So what is told is
 * what was written down, an id means the same to all, who comes back after a while goes on where
 * he was, and nobody who makes events waits for who listens. */
#include <stdlib.h>
#include <string.h>

#include "inside.h"

enum {
	EVERY_MS = 500,
	QUIET_MS = 15000, /* a comment, so that what stands between keeps it open */
	MOST_AT_ONCE = 500,
	MOST_BEHIND = 10000, /* events; who comes back later than that is told of a gap */
	MOST_MESSAGES = 50,
	MOST_TYPES = 16
};

struct watcher {
	struct list node;
	struct inquiry *inquiry;
	struct str types[MOST_TYPES]; /* the first absent: all */
	int64_t platform;             /* 0: any */
	int64_t last_id;              /* told; -1: from the next one on */
};
struct streams {
	struct admin *admin;
	struct list watchers;
	struct net_timer timer;
	struct store_op op;
	struct arena *arena; /* of op */
	bool running;
	int64_t head;       /* id of the newest event; -1: not known */
	int64_t message_ms; /* wall clock: of the newest message that was told */
	int64_t told_ms;    /* net_loop_now() */
};

/* ---- who wants what ---- */

static bool
wants(const struct watcher *watcher, struct str type, int64_t platform)
{
	if (watcher->platform != 0 && watcher->platform != platform)
		return false;
	if (watcher->types[0].p == NULL)
		return true;
	for (size_t i = 0; i < MOST_TYPES && watcher->types[i].p != NULL; i++)
		if (str_eq(watcher->types[i], type))
			return true;
	return false;
}

static bool
want_messages(const struct streams *streams)
{
	list_each (node, &streams->watchers) {
		const struct watcher *watcher = container_of(node, struct watcher, node);

		if (wants(watcher, STR("message"), watcher->platform))
			return true;
	}
	return false;
}

/* ---- telling ---- */

static void
write_frame(struct buf *text, int64_t id, struct str type, json_t *data)
{
	text->len = 0;
	if (id > 0)
		buf_printf(text, "id: %lld\n", (long long)id);
	buf_printf(text, "event: %.*s\ndata: ", STR_ARG(type));
	tree_print(data, text);
	buf_add(text, STR("\n\n"));
	tree_drop(&data);
}

static void
tell(struct watcher *watcher, struct str text)
{
	net_stream_add(watcher->inquiry->request, text);
}

static void
tell_quiet(struct streams *streams)
{
	int64_t now_ms = net_loop_now(hub_loop(streams->admin->hub));

	if (now_ms - streams->told_ms < QUIET_MS)
		return;
	streams->told_ms = now_ms;
	list_each_safe (node, next, &streams->watchers)
		tell(container_of(node, struct watcher, node), STR(": \n\n"));
}

static void
tell_event(struct streams *streams, const struct store_event *event)
{
	struct buf text = { .arena = streams->arena };

	write_frame(&text, event->id, event->type, event_tree(event));
	list_each_safe (node, next, &streams->watchers) {
		struct watcher *watcher = container_of(node, struct watcher, node);

		if (watcher->last_id < 0 || watcher->last_id >= event->id)
			continue;
		watcher->last_id = event->id;
		if (wants(watcher, event->type, event->platform))
			tell(watcher, buf_str(&text));
	}
}

void
streams_tell(struct streams *streams, const struct store_event *event)
{
	struct arena *arena = arena_new(4096);
	struct buf text = { .arena = arena };

	write_frame(&text, 0, event->type, event_tree(event));
	list_each_safe (node, next, &streams->watchers) {
		struct watcher *watcher = container_of(node, struct watcher, node);

		if (wants(watcher, event->type, event->platform))
			tell(watcher, buf_str(&text));
	}
	arena_free(arena);
}

static void
tell_message(struct streams *streams, const struct store_trace *row)
{
	struct buf text = { .arena = streams->arena };

	write_frame(&text, 0, STR("message"), trace_tree(row));
	list_each_safe (node, next, &streams->watchers) {
		struct watcher *watcher = container_of(node, struct watcher, node);

		if (wants(watcher, STR("message"), row->platform))
			tell(watcher, buf_str(&text));
	}
}

/* ---- looking ---- */

static void look(struct streams *streams);

static void
look_later(struct streams *streams, int64_t after_ms)
{
	struct net_loop *loop = hub_loop(streams->admin->hub);

	streams->running = false;
	arena_free(streams->arena);
	streams->arena = NULL;
	if (!list_empty(&streams->watchers))
		net_timer_set(loop, &streams->timer, net_loop_now(loop) + after_ms);
}

static void
submit(struct streams *streams, enum store_verb verb, void (*done)(struct store_op *op))
{
	streams->op.verb = verb;
	streams->op.done = done;
	streams->op.arena = streams->arena;
	store_submit(hub_session(streams->admin->hub), &streams->op);
}

static void
messages_came(struct store_op *op)
{
	struct streams *streams = container_of(op, struct streams, op);

	for (size_t i = 0; op->err == RH_OK && i < op->u.trace.count; i++) {
		tell_message(streams, &op->u.trace.rows[i]);
		streams->message_ms = op->u.trace.rows[i].at_ms;
	}
	look_later(streams, EVERY_MS);
}

static void
look_at_messages(struct streams *streams)
{
	if (!want_messages(streams)) {
		streams->message_ms = rh_wall_ms();
		look_later(streams, EVERY_MS);
		return;
	}
	streams->op = (struct store_op){ 0 };
	streams->op.u.trace.since_ms = streams->message_ms + 1;
	streams->op.u.trace.limit = MOST_MESSAGES;
	submit(streams, STORE_TRACE_FIND, messages_came);
}

static void
events_came(struct store_op *op)
{
	struct streams *streams = container_of(op, struct streams, op);
	const struct store_events_args args = op->u.events;

	for (size_t i = 0; op->err == RH_OK && i < args.count; i++) {
		tell_event(streams, &args.rows[i]);
		if (args.rows[i].id > streams->head)
			streams->head = args.rows[i].id;
	}
	if (op->err == RH_OK && args.count == MOST_AT_ONCE)
		look_later(streams, 0);
	else
		look_at_messages(streams);
}

static int64_t
slowest(const struct streams *streams)
{
	int64_t id = streams->head;

	list_each (node, &streams->watchers) {
		const struct watcher *watcher = container_of(node, struct watcher, node);

		if (watcher->last_id < id)
			id = watcher->last_id;
	}
	return id;
}

static void
meet(struct streams *streams, struct watcher *watcher)
{
	if (watcher->last_id < 0 || watcher->last_id > streams->head)
		watcher->last_id = streams->head; /* an id of another database is none */
	if (streams->head - watcher->last_id <= MOST_BEHIND)
		return;
	watcher->last_id = streams->head - MOST_BEHIND;
	tell(watcher, STR("event: gap\ndata: {}\n\n"));
}

static void
look_at_events(struct streams *streams)
{
	list_each_safe (node, next, &streams->watchers)
		meet(streams, container_of(node, struct watcher, node));
	streams->op = (struct store_op){ 0 };
	/* 0: the newest ones, which are all there are */
	streams->op.u.events.after = slowest(streams);
	streams->op.u.events.limit = MOST_AT_ONCE;
	submit(streams, STORE_EVENTS, events_came);
}

static void
head_came(struct store_op *op)
{
	struct streams *streams = container_of(op, struct streams, op);

	if (op->err != RH_OK) {
		look_later(streams, EVERY_MS);
		return;
	}
	streams->head = op->u.events.count > 0 ? op->u.events.rows[0].id : 0;
	look_at_events(streams);
}

static void
look(struct streams *streams)
{
	streams->running = true;
	streams->arena = arena_new(16384);
	tell_quiet(streams);
	if (streams->head >= 0) {
		look_at_events(streams);
		return;
	}
	streams->op = (struct store_op){ 0 };
	streams->op.u.events.limit = 1;
	submit(streams, STORE_EVENTS, head_came);
}

static void
is_time(struct net_timer *timer)
{
	look(container_of(timer, struct streams, timer));
}

/* ---- one more ---- */

static bool
read_wishes(struct inquiry *inquiry, struct watcher *watcher)
{
	struct str types = asked_query(inquiry, "types"),
	           platform = asked_query(inquiry, "platform"),
	           last = inquiry->request->header[LAST_EVENT_ID];
	uint64_t id;
	size_t count = 0;

	for (; types.p != NULL && count < MOST_TYPES; count++)
		watcher->types[count] = arena_str(inquiry->arena, str_trim(str_cut(&types, ',')));
	if (types.p != NULL)
		return inquiry_bad(
		        inquiry, "types", "expected at most %d types with commas", MOST_TYPES);
	if (platform.p != NULL && (!str_to_u64(platform, INT32_MAX, &id) || id == 0))
		return inquiry_bad(inquiry, "platform", "expected the id of a platform");
	watcher->platform = platform.p != NULL ? (int64_t)id : 0;
	watcher->last_id = last.p != NULL && str_to_u64(last, INT64_MAX, &id) ? (int64_t)id : -1;
	return true;
}

static void
join(struct streams *streams, struct watcher *watcher)
{
	struct net_loop *loop = hub_loop(streams->admin->hub);
	bool first = list_empty(&streams->watchers);

	list_add_tail(&streams->watchers, &watcher->node);
	if (!first)
		return;
	streams->head = -1;
	streams->message_ms = rh_wall_ms();
	streams->told_ms = net_loop_now(loop);
	if (!streams->running)
		net_timer_set(loop, &streams->timer, net_loop_now(loop));
}

static void
leave(struct inquiry *inquiry)
{
	list_remove(&inquiry->watcher->node);
}

static void
begin(struct inquiry *inquiry)
{
	struct streams *streams = inquiry->admin->streams;
	struct watcher *watcher = arena_alloc(inquiry->arena, sizeof *watcher);
	struct net_answer answer = {
		.status = 200, .headers = inquiry->headers, .header_count = 3
	};

	if (!read_wishes(inquiry, watcher))
		return;
	watcher->inquiry = inquiry;
	inquiry->headers[0] = (struct net_header){ STR("Content-Type"), STR("text/event-stream") };
	inquiry->headers[1] = (struct net_header){ STR("Cache-Control"), STR("no-store") };
	inquiry->headers[2] = (struct net_header){ STR("X-Accel-Buffering"), STR("no") };
	answer.body = STR("retry: 2000\n\n");
	if (!net_stream(inquiry->request, &answer)) {
		inquiry_header(inquiry, "Retry-After", STR("5"));
		inquiry_refuse(inquiry, 503, "as many listen already as may");
		return;
	}
	inquiry->answered = true;
	inquiry->watcher = watcher;
	inquiry->left = leave;
	join(streams, watcher);
}

void
events_show(struct inquiry *inquiry)
{
	if (str_starts(inquiry->request->header[ACCEPT], "text/event-stream"))
		begin(inquiry);
	else
		events_list(inquiry);
}

/* ---- all of them ---- */

struct streams *
streams_new(struct admin *admin)
{
	struct streams *streams = rh_alloc(sizeof *streams);

	streams->admin = admin;
	streams->timer.fire = is_time;
	list_init(&streams->watchers);
	return streams;
}

void
streams_end(struct streams *streams)
{
	list_each_safe (node, next, &streams->watchers)
		net_stream_end(container_of(node, struct watcher, node)->inquiry->request);
}

bool
streams_work(const struct streams *streams)
{
	return streams->running;
}

void
streams_free(struct streams *streams)
{
	net_timer_stop(hub_loop(streams->admin->hub), &streams->timer);
	arena_free(streams->arena);
	free(streams);
}
