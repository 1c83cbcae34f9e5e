/* trouble: the store fails, and works again, told as an event.
 *
 * What says that nothing can be written may not be written itself: it is told at once to who
 * listens, and written down when that can be done, unless it is over by then: that row says since
 * when it was. It is over when nothing failed for a minute. */
#include "inside.h"

#include <stdio.h>

enum { OVER_MS = 60 * 1000 };

enum trouble_news
trouble_look(struct trouble *trouble, uint64_t failures, int64_t now_ms)
{
	uint64_t fresh = failures > trouble->seen ? failures - trouble->seen : 0;

	trouble->seen = failures;
	if (fresh > 0) {
		bool began = !trouble->is;

		trouble->failed = began ? fresh : trouble->failed + fresh;
		trouble->last_ms = now_ms;
		trouble->is = true;
		return began ? TROUBLE_BEGAN : TROUBLE_NONE;
	}
	if (!trouble->is || now_ms - trouble->last_ms < OVER_MS)
		return TROUBLE_NONE;
	trouble->is = false;
	return TROUBLE_OVER;
}

/* ---- telling ---- */

static json_t *
data_tree(const struct trouble *trouble)
{
	json_t *data = tree_object();

	tree_set_time(data, "since", trouble->since_ms);
	tree_set_count(data, "failed", trouble->failed);
	tree_set_text(data, "why", trouble->why[0] != '\0' ? trouble->why : NULL);
	return data;
}

static void
make_event(struct trouble *trouble)
{
	json_t *data = data_tree(trouble);

	arena_reset(trouble->arena);
	trouble->event = (struct store_event){ .at_ms = rh_wall_ms(),
		.type = STR("store.trouble"),
		.who = STR(""),
		.address = STR(""),
		.what = trouble->is ? STR("fails") : STR("works again"),
		.subject = STR("store") };
	trouble->text = (struct buf){ .arena = trouble->arena };
	tree_print(data, &trouble->text);
	trouble->event.data = buf_str(&trouble->text);
	tree_drop(&data);
}

static void
written(struct store_op *op)
{
	struct trouble *trouble = container_of(op, struct trouble, op);

	trouble->running = false;
	if (op->err == RH_OK) {
		trouble->due = false;
		return;
	}
	if (trouble->why[0] == '\0')
		(void)snprintf(trouble->why, sizeof trouble->why, "%s", op->why);
	if (trouble->told)
		return;
	trouble->told = true;
	make_event(trouble);
	streams_tell(trouble->admin->streams, &trouble->event);
}

static void
write_down(struct trouble *trouble)
{
	make_event(trouble);
	trouble->running = true;
	trouble->op = (struct store_op){ .verb = STORE_EVENT_PUT, .done = written };
	trouble->op.u.event.event = &trouble->event;
	store_submit(hub_session(trouble->admin->hub), &trouble->op);
}

void
trouble_tick(
        struct trouble *trouble, const struct store_stats *store, uint64_t failures, int64_t now_ms)
{
	enum trouble_news news = trouble_look(trouble, failures, now_ms);

	if (news == TROUBLE_BEGAN) {
		trouble->since_ms = rh_wall_ms();
		(void)snprintf(trouble->why, sizeof trouble->why, "%s", store->reason);
	}
	if (news != TROUBLE_NONE) {
		trouble->due = true;
		trouble->told = false;
	}
	if (trouble->due && !trouble->running && !trouble->admin->stopping)
		write_down(trouble);
}

void
trouble_open(struct trouble *trouble, struct admin *admin, uint64_t failures)
{
	*trouble = (struct trouble){ .admin = admin, .seen = failures, .arena = arena_new(1024) };
}

void
trouble_close(struct trouble *trouble)
{
	arena_free(trouble->arena);
}
