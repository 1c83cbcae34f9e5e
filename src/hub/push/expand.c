/* expand: a row that stands for a whole module becomes rows, page by page.
 *
 * Its `change` is the place in the list up to which that was done. It is due behind the rows that
 * it became, so the next page is read when those are on their way, and a crash repeats one page at
 * most. */
#include "expand.h"

#include <stdlib.h>

#include "../parties/directory.h"
#include "../parties/may_hub.h"

enum { PAGE = 64, BEHIND_MS = 1, FIRST_BYTES = 16384 };

struct expansion {
	struct store_op op;
	struct arena *arena;
	struct channel *channel;
	struct store_parked marker;
	int64_t up_to;
	struct store_parked *rows;
	size_t count;
};

static void
expansion_end(struct expansion *expansion)
{
	expansion->channel->rows.fetching--;
	channel_has_read(expansion->channel, PAGE);
	channel_look(expansion->channel, rh_schedule_ms());
	expansion->channel->pusher->look_now(expansion->channel);
	arena_free(expansion->arena); /* it lies in it */
}

static void
ended(struct store_op *op)
{
	struct expansion *expansion = container_of(op, struct expansion, op);
	struct live *live = expansion->channel->live;

	if (op->err == RH_OK && atomic_load(&live->push.syncing) > 0)
		atomic_fetch_sub(&live->push.syncing, 1);
	expansion_end(expansion);
}

static void
end_marker(struct expansion *expansion)
{
	expansion->op = (struct store_op){ .verb = STORE_UNPARK, .done = ended };
	expansion->op.u.parked.rows = &expansion->marker;
	expansion->op.u.parked.count = 1;
	store_submit(expansion->channel->pusher->worker->session, &expansion->op);
}

static void
kept(struct store_op *op)
{
	struct expansion *expansion = container_of(op, struct expansion, op);
	struct channel *channel = expansion->channel;

	for (size_t i = 0; op->err == RH_OK && i < expansion->count; i++) {
		const struct store_parked *row = &expansion->rows[i];
		struct str key = receiver_key(row->to, &row->key);

		if (row->key.id.len > 0)
			marks_add(&channel->marks, key);
		free((void *)(uintptr_t)key.p);
	}
	expansion_end(expansion);
}

static void
add_row(struct expansion *expansion, const struct store_object *object, const char *to)
{
	int64_t now_ms = rh_schedule_ms();

	expansion->rows[expansion->count++] = (struct store_parked){
		.receiver = expansion->marker.receiver,
		.to = arena_str(expansion->arena, str_of(to)),
		.key = object->key,
		.kind = PARKED_INTRODUCED,
		.since_ms = now_ms,
		.due_ms = now_ms,
		.why = STR(""),
	};
}

static void
add_entitled(struct expansion *expansion, const struct platform *platform,
        const struct store_object *object)
{
	const struct hub *hub = expansion->channel->pusher->worker->hub;
	char to[OCPI_ID_TEXT];

	if (object->change > expansion->up_to)
		return;
	if (str_is(object->key.module, "hubclientinfo")) {
		if (may_hear(hub, object, platform))
			add_row(expansion, object, "");
		return;
	}
	for (size_t i = 0; i < platform->party_count; i++)
		if (may_get(hub, object, &platform->parties[i]))
			add_row(expansion, object, ocpi_id_key(&platform->parties[i].id, to));
}

static void
paged(struct store_op *op)
{
	struct expansion *expansion = container_of(op, struct expansion, op);
	const struct platform *platform = channel_open(expansion->channel);
	const struct store_page_args page = op->u.page;

	if (op->err != RH_OK || platform == NULL || expansion->channel->pusher->stopped) {
		expansion_end(expansion); /* the row stays as it is */
		return;
	}
	if (page.last_seq == page.after_seq) { /* a page may have gaps */
		end_marker(expansion);
		return;
	}
	expansion->rows = arena_alloc(expansion->arena,
	        (page.count * platform->party_count + page.count + 1) * sizeof *expansion->rows);
	for (size_t i = 0; i < page.count; i++)
		add_entitled(expansion, platform, &page.objects[i]);
	expansion->marker.change = page.last_seq;
	expansion->marker.due_ms = rh_schedule_ms() + BEHIND_MS;
	expansion->rows[expansion->count++] = expansion->marker;
	expansion->op = (struct store_op){ .verb = STORE_PARK, .done = kept };
	expansion->op.u.parked.rows = expansion->rows;
	expansion->op.u.parked.count = expansion->count;
	store_submit(expansion->channel->pusher->worker->session, &expansion->op);
}

static int64_t
read_up_to(struct str why)
{
	uint64_t up_to;

	return str_starts(why, MARKER_WHY) &&
	                       str_to_u64(str_from(why, sizeof MARKER_WHY - 1), INT64_MAX, &up_to)
	               ? (int64_t)up_to
	               : INT64_MAX;
}

void
expand_start(struct channel *channel, const struct store_parked *marker)
{
	struct arena *arena = arena_new(FIRST_BYTES);
	struct expansion *expansion = arena_alloc(arena, sizeof *expansion);

	expansion->arena = arena;
	expansion->channel = channel;
	expansion->marker = *marker;
	expansion->marker.receiver = str_of(channel->key);
	expansion->marker.to = STR("");
	expansion->marker.key = (struct store_key){ STR("*"), arena_str(arena, marker->key.module),
		arena_str(arena, marker->key.owner), STR(""), STR("") };
	expansion->marker.why = arena_str(arena, marker->why);
	expansion->up_to = read_up_to(marker->why);
	expansion->op =
	        (struct store_op){ .verb = STORE_OBJECT_PAGE, .done = paged, .arena = arena };
	expansion->op.u.page.module = expansion->marker.key.module;
	expansion->op.u.page.viewer = STR("");
	if (marker->key.owner.len > 0)
		expansion->op.u.page.owner = expansion->marker.key.owner;
	expansion->op.u.page.after_seq = marker->change;
	expansion->op.u.page.limit = PAGE;
	channel->rows.fetching++;
	channel_reads(channel, PAGE);
	if (atomic_load(&channel->live->push.syncing) == 0) /* another process was asked for it */
		atomic_store(&channel->live->push.syncing, 1);
	if (str_is(marker->key.module, "hubclientinfo"))
		channel->rows.introducing = true;
	store_submit(channel->pusher->worker->session, &expansion->op);
}
