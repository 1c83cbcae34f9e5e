/* status: what is known of platforms goes from who holds them to all others.
 *
 * A state that changed is written at the next tick. For the rest a tick looks at a tenth of the
 * platforms, so that each is written at most once a second. A digest says whether anything changed.
 */
#include "status.h"

#include <assert.h>
#include <stdlib.h>

#include "parties/directory.h"
#include "parties/live.h"
#include "status_doc.h"

/* Of status.written: one that was told of goes on being told of, whatever becomes of it. No digest
 * is even. */
enum { TOLD_ANEW = 2 };
enum {
	READ_MS = 250,
	TICKS = 10,      /* in which all platforms are looked at */
	ROWS_MOST = 200, /* of a write */
	AGAIN_MS = 1000, /* the store failed */
	FIRST_BYTES = 16384,
	CLOCK_MS = 1000, /* a wall clock that is off by more was set */
};

struct statuses {
	struct hub *hub;
	struct status_clock clock;
	struct buf doc;
	uint64_t own;

	struct store_op read, write;
	struct arena *read_arena, *write_arena;
	bool reading, writing, hinted;
	int64_t read_at_ms, write_at_ms; /* not before; rh_boot_ms() */
	int64_t since;
	uint64_t begun, ended;

	size_t next;    /* platform that is looked at */
	uint64_t moves; /* live_moves() that were written */
	struct store_status rows[ROWS_MOST];
	struct live *lives[ROWS_MOST]; /* of the rows */
	size_t count;
};

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Kept while it is about right: what did not change is told in the same words. */
static void
set_clock(struct status_clock *clock)
{
	int64_t wall_ms = rh_wall_ms(), boot_ms = wall_ms - rh_boot_ms(),
	        mono_ms = wall_ms - rh_mono_ms();

	if (distance(clock->boot_ms, boot_ms) > CLOCK_MS)
		clock->boot_ms = boot_ms;
	if (distance(clock->mono_ms, mono_ms) > CLOCK_MS)
		clock->mono_ms = mono_ms;
}

static uint64_t
slot_of(int64_t platform)
{
	return (uint64_t)1 << store_slot(platform);
}

static uint64_t
digest_of(struct statuses *statuses, const struct live *live, int state)
{
	statuses->doc.len = 0;
	status_doc_put(live, &statuses->clock, &statuses->doc);
	return (rh_hash64(buf_str(&statuses->doc)) ^ (uint64_t)state) | 1;
}

/* ---- to tell ---- */

static void
written(struct store_op *op)
{
	struct statuses *statuses = container_of(op, struct statuses, write);

	statuses->writing = false;
	if (op->err == RH_OK)
		return;
	LOG(LOG_WARNING, "status", KV("error", "what is known of platforms could not be shared"),
	        KV("why", op->why));
	statuses->write_at_ms = rh_boot_ms() + AGAIN_MS;
	statuses->moves = 0;
	for (size_t i = 0; i < statuses->count; i++) {
		statuses->lives[i]->status.written = TOLD_ANEW;
		statuses->lives[i]->status.state = -1;
	}
}

static bool
is_told_of(const struct platform *platform)
{
	return !platform->removed &&
	       (platform->state == STATE_CONNECTED || platform->live->status.written != 0 ||
	               status_doc_has_sandbox(platform->live));
}

/* False: it is as it was told, or nothing is told of it. */
static bool
add_if_changed(struct statuses *statuses, const struct platform *platform)
{
	struct live *live = platform->live;
	int state = atomic_load(&live->state);
	uint64_t digest;

	if (!is_told_of(platform))
		return false;
	digest = digest_of(statuses, live, state);
	if (digest == live->status.written)
		return false;
	if (statuses->count == ROWS_MOST)
		return true;
	live->status.written = digest;
	live->status.state = state;
	statuses->lives[statuses->count] = live;
	statuses->rows[statuses->count++] = (struct store_status){ .platform = platform->id,
		.state = state,
		.at_ms = rh_wall_ms(),
		.doc = arena_str(statuses->write_arena, buf_str(&statuses->doc)) };
	return true;
}

static bool
begin_rows(struct statuses *statuses)
{
	if (statuses->writing || rh_boot_ms() < statuses->write_at_ms)
		return false;
	arena_reset(statuses->write_arena);
	statuses->count = 0;
	return true;
}

static void
submit_rows(struct hub *hub)
{
	struct statuses *statuses = hub->statuses;

	if (statuses->count == 0)
		return;
	statuses->writing = true;
	statuses->write = (struct store_op){ .verb = STORE_STATUS_SAVE, .done = written };
	statuses->write.u.statuses.rows = statuses->rows;
	statuses->write.u.statuses.count = statuses->count;
	store_submit(hub->session, &statuses->write);
}

/* Those whose state changed go first, and all of them. */
static void
add_moved(struct hub *hub, const struct platform *platforms, size_t count)
{
	struct statuses *statuses = hub->statuses;
	uint64_t moves = live_moves();

	if (statuses->moves == moves)
		return;
	for (size_t i = 0; i < count && statuses->count < ROWS_MOST; i++)
		if (hub_holds(hub, platforms[i].id) && is_told_of(&platforms[i]) &&
		        platforms[i].live->status.state != atomic_load(&platforms[i].live->state))
			(void)add_if_changed(statuses, &platforms[i]);
	if (statuses->count < ROWS_MOST)
		statuses->moves = moves;
}

static void
add_some(struct hub *hub, const struct platform *platforms, size_t count)
{
	struct statuses *statuses = hub->statuses;

	for (size_t looks = 0; looks < count / TICKS + 1 && looks < count; looks++) {
		if (statuses->count == ROWS_MOST)
			return;
		statuses->next = (statuses->next + 1) % count;
		if (hub_holds(hub, platforms[statuses->next].id))
			(void)add_if_changed(statuses, &platforms[statuses->next]);
	}
}

static void
tell(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	if (atomic_load(&hub->together.held) == 0 || !begin_rows(hub->statuses))
		return;
	add_moved(hub, platforms, count);
	add_some(hub, platforms, count);
	submit_rows(hub);
}

uint64_t
status_unwritten(struct hub *hub, uint64_t slots)
{
	struct statuses *statuses = hub->statuses;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	uint64_t left = 0;

	if (slots == 0)
		return 0;
	if (!begin_rows(statuses))
		return slots;
	for (size_t i = 0; i < count; i++)
		if ((slots & slot_of(platforms[i].id)) != 0 &&
		        add_if_changed(statuses, &platforms[i]))
			left |= slot_of(platforms[i].id);
	submit_rows(hub);
	return left;
}

/* ---- to be told ---- */

static void
take_row(struct hub *hub, const struct store_status *row)
{
	struct statuses *statuses = hub->statuses;
	struct live *live;

	if ((statuses->own & slot_of(row->platform)) != 0 ||
	        (row->state != STATE_CONNECTED && row->state != STATE_OFFLINE))
		return;
	live = live_of(hub, row->platform, STATE_CONNECTED); /* its platform may come later */
	status_doc_take(live, row->doc, &statuses->clock);
	live_follows(live, (enum store_state)row->state);
	live->presence.logged = row->state;
	live->status.state = row->state;
	live->status.written = digest_of(statuses, live, row->state);
}

static void
was_read(struct store_op *op)
{
	struct statuses *statuses = container_of(op, struct statuses, read);
	struct hub *hub = statuses->hub;
	const struct store_statuses_args *args = &op->u.statuses;

	statuses->reading = false;
	if (op->err != RH_OK) {
		statuses->read_at_ms = rh_boot_ms() + AGAIN_MS;
	} else {
		for (size_t i = 0; i < args->count; i++)
			take_row(hub, &args->rows[i]);
		statuses->since = args->newest;
		statuses->ended = statuses->begun;
	}
	arena_reset(statuses->read_arena);
}

static void
read_others(struct hub *hub)
{
	struct statuses *statuses = hub->statuses;
	int64_t now_ms = rh_boot_ms();

	if (statuses->reading || (now_ms < statuses->read_at_ms && !statuses->hinted))
		return;
	statuses->reading = true;
	statuses->hinted = false;
	statuses->read_at_ms = now_ms + READ_MS;
	statuses->begun++;
	statuses->read = (struct store_op){
		.verb = STORE_STATUSES, .done = was_read, .arena = statuses->read_arena
	};
	statuses->read.u.statuses.since = statuses->since;
	store_submit(hub->session, &statuses->read);
}

/* ---- of the hub ---- */

void
status_tick(struct hub *hub)
{
	if (!hub_is_together(hub) || hub->stopping)
		return;
	set_clock(&hub->statuses->clock);
	tell(hub);
	read_others(hub);
}

void
status_hint(struct hub *hub)
{
	hub->statuses->hinted = true;
}

void
status_anew(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++) {
		struct live *live = platforms[i].live;

		if (live->status.written == 0 || !hub_holds(hub, live->platform))
			continue;
		live->status.written = TOLD_ANEW;
		live->status.state = -1;
	}
	hub->statuses->moves = 0;
}

void
status_own(struct hub *hub, uint64_t slots)
{
	hub->statuses->own = slots;
}

uint64_t
status_reads_begun(const struct hub *hub)
{
	return hub->statuses->begun;
}

uint64_t
status_reads_ended(const struct hub *hub)
{
	return hub->statuses->ended;
}

void
status_open(struct hub *hub)
{
	hub->statuses = rh_alloc(sizeof *hub->statuses);
	hub->statuses->hub = hub;
	hub->statuses->read_arena = arena_new(FIRST_BYTES);
	hub->statuses->write_arena = arena_new(FIRST_BYTES);
}

void
status_close(struct hub *hub)
{
	struct statuses *statuses = hub->statuses;

	if (statuses == NULL)
		return;
	assert(!statuses->reading && !statuses->writing);
	arena_free(statuses->read_arena);
	arena_free(statuses->write_arena);
	buf_free(&statuses->doc);
	free(statuses);
	hub->statuses = NULL;
}
