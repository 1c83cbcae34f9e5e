/* reads: the thread that waits for the network, so that no worker does.
 *
 * A session's thread makes the statements of a read and leaves them here; this thread sends them,
 * many on each of a few connections, and hands what came back by mail: the session's thread alone
 * writes to the operation. A read that was on a connection that is lost is sent once more on
 * another one, since it changes nothing. While no connection can be had reads fail: at once between
 * two tries, and else when the try does, some seconds for each host. */
#include "parts.h"

#include "../writer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CONNECTIONS = 4, FLIGHT_MOST = 32, RETRY_MS = 500, ARENA_BYTES = 1024, WHY_BYTES = 160 };

struct item {
	struct mail mail;
	struct item *next;
	const struct pg_read_verb *verb;
	struct pg_read read;
	size_t at; /* results that came */
	bool failed, again;
	char why[WHY_BYTES];
};
struct items {
	struct item *first, **last;
	size_t count;
};
struct line {          /* a connection, and what was sent on it */
	struct pg *pg; /* NULL: lost, or not needed yet */
	struct items sent;
	bool spoiled; /* a read that failed left its transaction open: of no use behind it */
};
struct pg_reads {
	const char *url;
	pthread_t thread;
	int wake; /* eventfd */
	struct line lines[CONNECTIONS];
	struct items waiting;
	int64_t retry_at_ms;
	bool away;
	char why[WHY_BYTES];

	pthread_mutex_t lock; /* of all below */
	struct items fresh;
	bool stopping;
};

/* ---- lists ---- */

static void
items_init(struct items *items)
{
	*items = (struct items){ .last = &items->first };
}

static void
items_add(struct items *items, struct item *item)
{
	item->next = NULL;
	*items->last = item;
	items->last = &item->next;
	items->count++;
}

static struct item *
items_take(struct items *items)
{
	struct item *item = items->first;

	if (item == NULL)
		return NULL;
	items->first = item->next;
	if (items->first == NULL)
		items->last = &items->first;
	items->count--;
	return item;
}

/* ---- on the session's thread ---- */

void
read_add(struct pg_read *read, enum pg_sql sql, const struct pg_value *values, size_t count)
{
	struct pg_value *copy = arena_take(read->arena, (count + 1) * sizeof(*copy));

	if (count > 0)
		memcpy(copy, values, count * sizeof(*copy));
	read->calls[read->count++] = (struct pg_call){ .sql = sql, .values = copy, .count = count };
}

static void
deliver(struct mail *mail)
{
	struct item *item = container_of(mail, struct item, mail);
	struct store_op *op = item->read.op;

	if (item->failed)
		op_result(op, RH_STORE_FAILED, item->why);
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
fail_waiting(struct pg_reads *reads)
{
	struct item *item;

	while ((item = items_take(&reads->waiting)) != NULL)
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
	if (!is_primary(pg, fault))
		return false;
	if (pg_do(pg, "SET statement_timeout = 30000") &&
	        pg_prepare(pg, PGS_WRITER_LAST + 1, PGS_READER_LAST))
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
		items_add(&reads->waiting, item);
	}
}

/* The one with least to do, that is open or may be opened now. NULL: there is none. */
static struct line *
best_line(struct pg_reads *reads)
{
	struct line *best = NULL;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct line *line = &reads->lines[i];

		if (line->spoiled || line->sent.count >= FLIGHT_MOST)
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
any_open(const struct pg_reads *reads)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (reads->lines[i].pg != NULL)
			return true;
	return false;
}

static void
send_waiting(struct pg_reads *reads)
{
	struct line *line;

	while (reads->waiting.count > 0 && (line = best_line(reads)) != NULL) {
		struct item *item = items_take(&reads->waiting);

		items_add(&line->sent, item);
		if (!pg_send(line->pg, item->read.calls, item->read.count))
			lose_line(reads, line);
	}
	if (!any_open(reads))
		fail_waiting(reads);
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

	if (!take_steps(line) || !good)
		lose_line(reads, line);
}

/* ---- the thread ---- */

static bool
take_fresh(struct pg_reads *reads)
{
	bool stopping;
	struct item *item;

	pthread_mutex_lock(&reads->lock);
	while ((item = items_take(&reads->fresh)) != NULL)
		items_add(&reads->waiting, item);
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
	if (poll(fds, CONNECTIONS + 1, -1) < 0)
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
	items_init(&reads->waiting);
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
