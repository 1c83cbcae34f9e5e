/* together: what this process knows of the others that work on its database, and what they tell one
 * another.
 *
 * All of it goes over the connection of the lease, on whose thread it is looked at. What is held is
 * known from the last renewal, without what was given back since. Hints are notifications, of all
 * that came within some milliseconds in one: "x" that there is something new, which is looked for;
 * "s" that slots moved, for which the lease is renewed at once; "p17" and the like what is to be
 * done for a platform. */
#include "parts.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HINTS_MOST = 256, PAYLOAD_BYTES = 7900, TELL_EVERY_MS = 20 };

struct hints { /* each once */
	struct store_told list[HINTS_MOST];
	size_t count;
};
struct pg_together {
	int wake; /* eventfd */
	_Atomic unsigned hubs;

	pthread_mutex_t lock;       /* of all below */
	struct store_together now;  /* without what is given back */
	uint64_t released;          /* the database does not know yet */
	bool leaving, due;          /* due: a renewal */
	struct hints to_tell, told; /* of this process, of others */

	pthread_mutex_t watch_lock; /* of the two */
	void (*watch)(void *ctx);
	void *watch_ctx;

	bool reached;       /* the thread's, as the next: not for the first time */
	int64_t told_at_ms; /* when it told last */
};

static const char letters[] = {
	[TELL_CHANGE] = 'x',
	[TELL_DIRECTORY] = 'x',
	[TELL_PARKED] = 'p',
	[TELL_OWED] = 'o',
	[TELL_WOKEN] = 'w',
	[TELL_HEARD] = 'h',
	[TELL_FAILED] = 'f',
	[TELL_RAW] = 'r',
	[TELL_BASE64] = 'b',
	[TELL_WISH] = 'l',
	[TELL_ALL] = 'a',
};

struct pg_together *
together_new(void)
{
	struct pg_together *together = rh_alloc(sizeof(*together));

	together->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	together->now = (struct store_together){ .together = true, .hubs = 1 };
	pthread_mutex_init(&together->lock, NULL);
	pthread_mutex_init(&together->watch_lock, NULL);
	return together;
}

void
together_free(struct pg_together *together)
{
	if (together == NULL)
		return;
	pthread_mutex_destroy(&together->watch_lock);
	pthread_mutex_destroy(&together->lock);
	(void)close(together->wake);
	free(together);
}

static void
call_watch(struct pg_together *together)
{
	pthread_mutex_lock(&together->watch_lock);
	if (together->watch != NULL)
		together->watch(together->watch_ctx);
	pthread_mutex_unlock(&together->watch_lock);
}

/* ---- hints; lock held ---- */

/* True: it is new. When there are too many it is all of them. */
static bool
add_hint(struct hints *hints, enum store_tell what, int64_t platform)
{
	for (size_t i = 0; i < hints->count; i++)
		if (hints->list[i].what == what && hints->list[i].platform == platform)
			return false;
	if (hints->count == HINTS_MOST || what == TELL_ALL) {
		hints->count = 0;
		what = TELL_ALL;
		platform = 0;
	}
	hints->list[hints->count++] = (struct store_told){ what, platform };
	return true;
}

static void
hint_text(const struct hints *hints, char out[PAYLOAD_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < hints->count && len + 32 < PAYLOAD_BYTES; i++)
		len += (size_t)snprintf(out + len, 32, "%c%lld ", letters[hints->list[i].what],
		        (long long)hints->list[i].platform);
}

/* ---- what others told; the lease's thread ---- */

static void
take_hint(struct pg_together *together, char letter, int64_t platform, bool *look)
{
	if (letter == 'x')
		*look = true;
	else if (letter == 's')
		together->due = true;
	for (enum store_tell what = TELL_PARKED; what <= TELL_ALL; what++)
		if (letters[what] == letter)
			(void)add_hint(&together->told, what, platform);
}

static void
take_text(struct pg_together *together, char *text, bool *look)
{
	char *rest = text;

	pthread_mutex_lock(&together->lock);
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
		take_hint(together, word[0], strtoll(word + 1, NULL, 10), look);
	pthread_mutex_unlock(&together->lock);
}

static bool
look(struct pg_together *together, struct pg *pg)
{
	struct pg_result *row = pg_ask(pg, "SELECT head, directory FROM hub_looks()", NULL);

	if (row == NULL)
		return false;
	pthread_mutex_lock(&together->lock);
	together->now.head = pg_int(row, 0, 0);
	together->now.directory = pg_int(row, 0, 1);
	pthread_mutex_unlock(&together->lock);
	pg_result_free(row);
	return true;
}

static bool
take_heard(struct pg_together *together, struct pg *pg)
{
	char text[PAYLOAD_BYTES + 128];
	bool any = false, wants_look = false;

	while (pg_heard(pg, text, sizeof(text))) {
		take_text(together, text, &wants_look);
		any = true;
	}
	if (wants_look && !look(together, pg))
		return false;
	if (any)
		call_watch(together);
	return true;
}

/* ---- what is told to others; the lease's thread ---- */

static int64_t
telling_due_ms(struct pg_together *together)
{
	bool any;

	pthread_mutex_lock(&together->lock);
	any = together->to_tell.count > 0;
	pthread_mutex_unlock(&together->lock);
	return any ? together->told_at_ms + TELL_EVERY_MS : INT64_MAX;
}

/* Who knows whether it was: all of it then. */
static void
note_untold(struct pg_together *together)
{
	pthread_mutex_lock(&together->lock);
	(void)add_hint(&together->to_tell, TELL_ALL, 0);
	pthread_mutex_unlock(&together->lock);
}

static bool
tell_others(struct pg_together *together, struct pg *pg)
{
	char text[PAYLOAD_BYTES];
	struct pg_value value;
	struct pg_result *told;

	if (telling_due_ms(together) > rh_mono_ms())
		return true;
	pthread_mutex_lock(&together->lock);
	hint_text(&together->to_tell, text);
	together->to_tell.count = 0;
	pthread_mutex_unlock(&together->lock);
	together->told_at_ms = rh_mono_ms();
	value = P_BYTES(str_of(text));
	told = pg_ask(pg, "SELECT hub_tells($1)", &value);
	if (told == NULL)
		note_untold(together);
	pg_result_free(told);
	return told != NULL;
}

/* ---- the lease's thread ---- */

/* What was told while nobody listened is not known. */
bool
together_reach(struct pg_together *together, struct pg *pg)
{
	if (!pg_do(pg, "LISTEN roamhub"))
		return false;
	if (together->reached) {
		pthread_mutex_lock(&together->lock);
		(void)add_hint(&together->told, TELL_ALL, 0);
		pthread_mutex_unlock(&together->lock);
		call_watch(together);
	}
	together->reached = true;
	return true;
}

static struct pg_result *
ask_share(struct pg_together *together, const char *name, struct pg *pg, uint64_t *released)
{
	char sql[256];
	int64_t head;
	bool leaving;

	pthread_mutex_lock(&together->lock);
	*released = together->released;
	leaving = together->leaving;
	head = together->now.head;
	together->due = false;
	pthread_mutex_unlock(&together->lock);
	(void)snprintf(sql, sizeof(sql),
	        "SELECT held, wanted, hubs, head, directory FROM hub_shares('%s', %lld, %s, %lld, "
	        "%d, %d)",
	        name, (long long)(int64_t)*released, leaving ? "true" : "false", (long long)head,
	        PG_LEASE_MS, PG_GONE_MS);
	return pg_ask(pg, sql, NULL);
}

static bool
differ(const struct store_together *a, const struct store_together *b)
{
	return a->held != b->held || a->wanted != b->wanted || a->hubs != b->hubs ||
	       a->head != b->head || a->directory != b->directory;
}

static void
read_share(const struct pg_result *row, struct store_together *out)
{
	*out = (struct store_together){
		.together = true,
		.held = (uint64_t)pg_int(row, 0, 0),
		.wanted = (uint64_t)pg_int(row, 0, 1),
		.hubs = (unsigned)pg_int(row, 0, 2),
		.head = pg_int(row, 0, 3),
		.directory = pg_int(row, 0, 4),
	};
}

bool
together_renew(struct pg_together *together, const char *name, struct pg *pg)
{
	uint64_t released;
	struct pg_result *row = ask_share(together, name, pg, &released);
	struct store_together now;
	bool moved;

	if (row == NULL || pg_warned(pg)) {
		pg_result_free(row);
		return false;
	}
	read_share(row, &now);
	pg_result_free(row);
	pthread_mutex_lock(&together->lock);
	together->released &= ~released;
	now.held &= ~together->released;
	now.wanted &= now.held;
	moved = differ(&together->now, &now);
	together->now = now;
	atomic_store(&together->hubs, now.hubs);
	pthread_mutex_unlock(&together->lock);
	if (moved)
		call_watch(together);
	return true;
}

void
together_end(struct pg_together *together)
{
	pthread_mutex_lock(&together->lock);
	together->now.held = together->now.wanted = 0;
	pthread_mutex_unlock(&together->lock);
	call_watch(together);
}

static bool
is_due(struct pg_together *together)
{
	bool due;

	pthread_mutex_lock(&together->lock);
	due = together->due;
	pthread_mutex_unlock(&together->lock);
	return due;
}

static bool
wait_and_take(struct pg_together *together, struct pg *pg, int64_t until_ms)
{
	struct pollfd fds[] = { { together->wake, POLLIN, 0 },
		{ pg == NULL ? -1 : pg_fd(pg), POLLIN, 0 } };
	int64_t tell_ms = pg == NULL ? INT64_MAX : telling_due_ms(together);
	int64_t left_ms = (tell_ms < until_ms ? tell_ms : until_ms) - rh_mono_ms();
	eventfd_t ignored;

	(void)poll(fds, COUNT(fds), left_ms > 0 ? (int)left_ms : 0);
	(void)eventfd_read(together->wake, &ignored);
	return pg == NULL || ((fds[1].revents == 0 || pg_read(pg)) && tell_others(together, pg) &&
	                             take_heard(together, pg));
}

bool
together_attend(struct pg_together *together, struct pg *pg, int64_t until_ms)
{
	do {
		if (!wait_and_take(together, pg, until_ms))
			return false;
	} while (rh_mono_ms() < until_ms && !is_due(together));
	return true;
}

/* ---- any thread ---- */

static void
wake(const struct pg_together *together)
{
	(void)eventfd_write(together->wake, 1);
}

void
together_hurry(struct pg_together *together)
{
	pthread_mutex_lock(&together->lock);
	together->due = true;
	pthread_mutex_unlock(&together->lock);
	wake(together);
}

void
pg_together_look(const struct pg_together *together, struct store_together *out)
{
	struct pg_together *known = (struct pg_together *)together;

	if (together == NULL)
		return;
	pthread_mutex_lock(&known->lock);
	*out = known->now;
	pthread_mutex_unlock(&known->lock);
}

void
pg_together_release(struct pg_together *together, uint64_t slots)
{
	if (together == NULL)
		return;
	pthread_mutex_lock(&together->lock);
	slots &= together->now.held;
	together->released |= slots;
	together->now.held &= ~slots;
	together->now.wanted &= ~slots;
	pthread_mutex_unlock(&together->lock);
	if (slots != 0)
		together_hurry(together);
}

void
pg_together_leave(struct pg_together *together)
{
	if (together == NULL)
		return;
	pthread_mutex_lock(&together->lock);
	together->leaving = true;
	pthread_mutex_unlock(&together->lock);
	together_hurry(together);
}

void
pg_together_tell(struct pg_together *together, enum store_tell what, int64_t platform)
{
	bool fresh;

	if (together == NULL || atomic_load_explicit(&together->hubs, memory_order_relaxed) < 2)
		return;
	pthread_mutex_lock(&together->lock);
	fresh = add_hint(&together->to_tell, what, platform);
	pthread_mutex_unlock(&together->lock);
	if (fresh)
		wake(together);
}

size_t
pg_together_told(struct pg_together *together, struct store_told *out, size_t most)
{
	size_t count;

	if (together == NULL)
		return 0;
	pthread_mutex_lock(&together->lock);
	count = together->told.count < most ? together->told.count : most;
	memcpy(out, together->told.list, count * sizeof(*out));
	together->told.count -= count;
	memmove(together->told.list, together->told.list + count,
	        together->told.count * sizeof(*out));
	pthread_mutex_unlock(&together->lock);
	return count;
}

void
pg_together_watch(struct pg_together *together, void (*fn)(void *ctx), void *ctx)
{
	if (together == NULL)
		return;
	pthread_mutex_lock(&together->watch_lock);
	together->watch = fn;
	together->watch_ctx = ctx;
	pthread_mutex_unlock(&together->watch_lock);
}
