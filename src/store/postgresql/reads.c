/* reads: the thread that waits for the network, so that no worker does.
 *
 * A session's thread makes the statements of a read and leaves them here; this thread sends them on
 * a few connections and hands what came back by mail: the session's thread alone writes to the
 * operation. What is answered in a moment shares connections, many reads on each; what may take
 * long, a list of much, has one to itself and waits here for it, so that it delays no other that
 * was sent behind it. The hub's own long reads have theirs, and those that somebody asked for
 * others.
 *
 * A read that was on a connection that is lost is sent once more on another one, since it changes
 * nothing. A server that says nothing for some seconds is lost when it does not answer to a new
 * connection either, and after a while all the same. While no connection can be had reads fail: at
 * once between two tries, and else when the try does, some seconds for each host. */
#include "reads.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	CONNECTIONS = 7,
	RETRY_MS = 500,
	SILENCE_MS = 3000,       /* then it is asked whether it is there */
	SILENCE_MOST_MS = 40000, /* behind the server's own bound of a statement */
	STATEMENT_MS = 30000,
	ARENA_BYTES = 1024,
};
static const struct lane { /* which connections, and how many reads on each */
	size_t first, end, most;
} lanes[PG_LANES] = {
	[PG_LANE_POINT] = { 0, 2, 32 },
	[PG_LANE_OWN] = { 2, 4, 1 },
	[PG_LANE_ASKED] = { 4, CONNECTIONS, 1 },
};

struct line {          /* a connection, and what was sent on it */
	struct pg *pg; /* NULL: lost, or not needed yet */
	struct items sent;
	int64_t heard_ms, looked_ms; /* while something is sent: since when it says nothing */
	bool spoiled; /* a read that failed left its transaction open: of no use behind it */
};
struct pg_reads {
	const char *url;
	pthread_t thread;
	int wake; /* eventfd */
	struct line lines[CONNECTIONS];
	struct items waiting[PG_LANES];
	int64_t retry_at_ms;
	bool away;
	char why[WHY_BYTES];

	pthread_mutex_t lock; /* of all below */
	struct items fresh;
	bool stopping;
};

/* ---- on the session's thread ---- */

static void
deliver(struct mail *mail)
{
	struct item *item = container_of(mail, struct item, mail);
	const char *none = item->verb->none;
	struct store_op *op = item->read.op;

	if (item->failed)
		op_result(op, RH_STORE_FAILED, item->why);
	else if (none != NULL && pg_rows(item->read.calls[0].result) == 0)
		op_result(op, RH_NOT_FOUND, none);
	else
		item->verb->take(&item->read);
	pg_calls_free(item->read.calls, item->read.count);
	arena_free(item->read.arena);
	free(item);
	op_read(op);
}

void
reads_submit(struct pg_reads *reads, const struct pg_read_verb *verb, struct store_op *op)
{
	struct item *item = rh_alloc(sizeof(*item));

	item->verb = verb;
	item->read.op = op;
	item->read.arena = arena_new(ARENA_BYTES);
	item->mail.deliver = deliver;
	verb->ask(&item->read);
	pthread_mutex_lock(&reads->lock);
	items_add(&reads->fresh, item);
	pthread_mutex_unlock(&reads->lock);
	(void)eventfd_write(reads->wake, 1);
}

/* ---- an end ---- */

static void
hand_back(struct item *item)
{
	mailbox_post(item->read.op->session->home, &item->mail);
}

static void
fail(struct item *item, const char *why)
{
	item->failed = true;
	snprintf(item->why, sizeof(item->why), "%s", why);
	hand_back(item);
}

static void
fail_all(struct pg_reads *reads, struct items *waiting)
{
	struct item *item;

	while ((item = items_take(waiting)) != NULL)
		fail(item, reads->why);
}

/* ---- connections ---- */

static void
note_away(struct pg_reads *reads, const char *why)
{
	snprintf(reads->why, sizeof(reads->why), "the database is away: %.130s", why);
	if (!reads->away)
		LOG(LOG_ERROR, "reads_fail", KV("why", reads->why));
	reads->away = true;
	reads->retry_at_ms = rh_mono_ms() + RETRY_MS;
}

/* A primary of before that was made a standby answers with what is no longer true. */
static bool
is_primary(struct pg *pg, struct fault *fault)
{
	struct pg_result *state = pg_ask(pg, "SELECT pg_is_in_recovery()", NULL);
	bool primary = state != NULL && !pg_bool(state, 0, 0);

	fault_set(fault, RH_STORE_FAILED, "", "%s",
	        state == NULL ? pg_why(pg) : "the server is a standby");
	pg_result_free(state);
	return primary;
}

static bool
line_prepare(struct pg *pg, struct fault *fault)
{
	char sql[64];

	if (!is_primary(pg, fault))
		return false;
	snprintf(sql, sizeof(sql), "SET statement_timeout = %d", STATEMENT_MS);
	if (pg_do(pg, sql) && pg_prepare(pg, PGS_WRITER_LAST + 1, PGS_READER_LAST))
		return true;
	fault_set(fault, RH_STORE_FAILED, "", "%s", pg_why(pg));
	return false;
}

static void
open_line(struct pg_reads *reads, struct line *line)
{
	struct fault fault = { 0 };

	line->pg = pg_open(reads->url, PG_READER, &fault);
	line->spoiled = false;
	if (line->pg != NULL && !line_prepare(line->pg, &fault)) {
		pg_close(line->pg);
		line->pg = NULL;
	}
	if (line->pg == NULL)
		note_away(reads, fault.why);
	else
		reads->away = false;
}

/* What ended one of them may have ended all, and it shows where something is asked. */
static void
close_idle(struct pg_reads *reads)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct line *line = &reads->lines[i];

		if (line->pg == NULL || line->sent.count > 0)
			continue;
		pg_close(line->pg);
		line->pg = NULL;
	}
}

static void
lose_line(struct pg_reads *reads, struct line *line)
{
	char why[WHY_BYTES];
	struct item *item;

	snprintf(why, sizeof(why), "%s", pg_why(line->pg));
	pg_close(line->pg);
	line->pg = NULL;
	line->spoiled = false; /* else it is never opened again */
	close_idle(reads);
	while ((item = items_take(&line->sent)) != NULL) {
		pg_calls_free(item->read.calls, item->read.count);
		item->at = 0;
		if (item->again) {
			fail(item, why);
			continue;
		}
		item->again = true;
		item->failed = false; /* by the message that the connection ended with */
		items_add(&reads->waiting[item->verb->lane], item);
	}
}

/* The one of a lane with least to do, that is open or may be opened now. NULL: there is none. */
static struct line *
best_line(struct pg_reads *reads, const struct lane *lane)
{
	struct line *best = NULL;

	for (size_t i = lane->first; i < lane->end; i++) {
		struct line *line = &reads->lines[i];

		if (line->spoiled || line->sent.count >= lane->most)
			continue;
		if (line->pg == NULL && rh_mono_ms() >= reads->retry_at_ms &&
		        (best == NULL || best->sent.count > 0))
			open_line(reads, line);
		if (line->pg != NULL && (best == NULL || line->sent.count < best->sent.count))
			best = line;
	}
	return best;
}

static bool
any_open(const struct pg_reads *reads, const struct lane *lane)
{
	for (size_t i = lane->first; i < lane->end; i++)
		if (reads->lines[i].pg != NULL)
			return true;
	return false;
}

static void
send_on(struct pg_reads *reads, struct line *line, struct item *item)
{
	if (line->sent.count == 0)
		line->heard_ms = line->looked_ms = rh_mono_ms();
	items_add(&line->sent, item);
	if (!pg_send(line->pg, item->read.calls, item->read.count))
		lose_line(reads, line);
}

static void
send_waiting(struct pg_reads *reads)
{
	for (size_t i = 0; i < PG_LANES; i++) {
		struct items *waiting = &reads->waiting[i];
		struct line *line;

		while (waiting->count > 0 && (line = best_line(reads, &lanes[i])) != NULL)
			send_on(reads, line, items_take(waiting));
		if (!any_open(reads, &lanes[i]))
			fail_all(reads, waiting);
	}
}

/* ---- what comes back ---- */

static void
take_result(struct item *item, struct pg_result *result)
{
	if (item != NULL && item->at < item->read.count)
		item->read.calls[item->at++].result = result;
	else
		pg_result_free(result);
}

/* What it began with a BEGIN is not over by its Sync. */
static void
take_error(struct line *line, struct item *item)
{
	if (item == NULL)
		return;
	if (!item->failed)
		snprintf(item->why, sizeof(item->why), "%s", pg_why(line->pg));
	item->failed = true;
	line->spoiled = line->spoiled || item->read.count > 1;
}

/* False: it is lost, or spoiled. */
static bool
take_steps(struct line *line)
{
	for (;;) {
		struct pg_result *result = NULL;
		enum pg_step step = pg_step(line->pg, &result);

		if (step == PG_STEP_NONE || step == PG_STEP_LOST)
			return step == PG_STEP_NONE;
		if (step == PG_STEP_RESULT)
			take_result(line->sent.first, result);
		else if (step == PG_STEP_ERROR)
			take_error(line, line->sent.first);
		else
			hand_back(items_take(&line->sent));
		if (step == PG_STEP_SYNC && line->spoiled)
			return false;
	}
}

static void
read_line(struct pg_reads *reads, struct line *line)
{
	bool good = pg_read(line->pg);

	line->heard_ms = line->looked_ms = rh_mono_ms();
	if (!take_steps(line) || !good)
		lose_line(reads, line);
}

/* ---- what does not come back ---- */

static void
lose_silent(struct pg_reads *reads)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (reads->lines[i].pg != NULL && reads->lines[i].sent.count > 0)
			lose_line(reads, &reads->lines[i]);
}

/* A list that takes long keeps its connection silent, too. */
static void
look_at_silence(struct pg_reads *reads)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct line *line = &reads->lines[i];
		int64_t now_ms = rh_mono_ms();

		if (line->pg == NULL || line->sent.count == 0 ||
		        now_ms < line->looked_ms + SILENCE_MS)
			continue;
		line->looked_ms = now_ms;
		if (now_ms >= line->heard_ms + SILENCE_MOST_MS)
			lose_line(reads, line);
		else if (!pg_answers(reads->url))
			lose_silent(reads);
	}
}

static int
silence_left_ms(const struct pg_reads *reads)
{
	int64_t now_ms = rh_mono_ms(), left_ms = INT64_MAX;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		const struct line *line = &reads->lines[i];
		int64_t line_ms = line->looked_ms + SILENCE_MS - now_ms;

		if (line->pg != NULL && line->sent.count > 0 && line_ms < left_ms)
			left_ms = line_ms;
	}
	return left_ms == INT64_MAX ? -1 : left_ms > 0 ? (int)left_ms : 0;
}

/* ---- the thread ---- */

static bool
take_fresh(struct pg_reads *reads)
{
	bool stopping;
	struct item *item;

	pthread_mutex_lock(&reads->lock);
	while ((item = items_take(&reads->fresh)) != NULL)
		items_add(&reads->waiting[item->verb->lane], item);
	stopping = reads->stopping;
	pthread_mutex_unlock(&reads->lock);
	return !stopping;
}

static void
wait_and_read(struct pg_reads *reads)
{
	struct pollfd fds[CONNECTIONS + 1] = { { .fd = reads->wake, .events = POLLIN } };
	eventfd_t ignored;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct pg *pg = reads->lines[i].pg;

		fds[i + 1].fd = pg == NULL ? -1 : pg_fd(pg);
		fds[i + 1].events = pg != NULL && pg_flush(pg) ? POLLIN | POLLOUT : POLLIN;
	}
	if (poll(fds, CONNECTIONS + 1, silence_left_ms(reads)) < 0)
		return;
	if (fds[0].revents != 0)
		(void)eventfd_read(reads->wake, &ignored);
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (reads->lines[i].pg != NULL && (fds[i + 1].revents & ~POLLOUT) != 0)
			read_line(reads, &reads->lines[i]);
}

static void *
reads_main(void *arg)
{
	struct pg_reads *reads = arg;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	pthread_setname_np(pthread_self(), "store-reads");
	while (take_fresh(reads)) {
		send_waiting(reads);
		wait_and_read(reads);
		look_at_silence(reads);
	}
	return NULL;
}

static void
reads_free(struct pg_reads *reads)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		pg_close(reads->lines[i].pg);
	pthread_mutex_destroy(&reads->lock);
	close(reads->wake);
	free(reads);
}

struct pg_reads *
reads_start(const char *url, struct fault *fault)
{
	struct pg_reads *reads = rh_alloc(sizeof(*reads));
	int rc;

	reads->url = url;
	reads->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&reads->lock, NULL);
	items_init(&reads->fresh);
	for (size_t i = 0; i < PG_LANES; i++)
		items_init(&reads->waiting[i]);
	for (size_t i = 0; i < CONNECTIONS; i++)
		items_init(&reads->lines[i].sent);
	rc = reads->wake < 0 ? errno : pthread_create(&reads->thread, NULL, reads_main, reads);
	if (rc == 0)
		return reads;
	fault_set(fault, RH_SYSTEM, "", "thread of reads: %s", strerror(rc));
	reads_free(reads);
	return NULL;
}

void
reads_stop(struct pg_reads *reads)
{
	if (reads == NULL)
		return;
	pthread_mutex_lock(&reads->lock);
	reads->stopping = true;
	pthread_mutex_unlock(&reads->lock);
	(void)eventfd_write(reads->wake, 1);
	pthread_join(reads->thread, NULL);
	reads_free(reads);
}
