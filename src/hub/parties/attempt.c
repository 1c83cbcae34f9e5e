/* attempt: how each handshake goes, step by step.
 *
 * What a platform makes many of is bounded thrice: by rate, GETs of one attempt by their number,
 * and rows by what is kept of each platform. */
#include "attempt.h"

#include "../event.h"

#include <stdio.h>

enum { BURST = 60, EVERY_MS = 2000, SILENCE_MS = 3600 * 1000 };

uint64_t
attempt_new(void)
{
	uint64_t id = 0;

	while (id == 0)
		rh_random(&id, sizeof id);
	return id;
}

uint64_t
attempt_of(struct live *live)
{
	struct live_attempts *attempts = &live->attempts;
	uint64_t id = atomic_load(&attempts->theirs);
	int64_t now_ms = rh_boot_ms();

	if (id == 0 || now_ms - atomic_load(&attempts->heard_ms) > SILENCE_MS) {
		uint64_t fresh = attempt_new();

		if (atomic_compare_exchange_strong(&attempts->theirs, &id, fresh)) {
			atomic_store(&attempts->reads, 0);
			id = fresh;
		}
	}
	atomic_store(&attempts->heard_ms, now_ms);
	return id;
}

void
attempt_over(struct live *live, uint64_t attempt)
{
	uint64_t id = attempt;

	(void)atomic_compare_exchange_strong(&live->attempts.theirs, &id, 0);
	id = attempt;
	(void)atomic_compare_exchange_strong(&live->attempts.ours, &id, 0);
}

bool
attempt_reads(struct live *live)
{
	return atomic_fetch_add(&live->attempts.reads, 1) < ATTEMPT_READS;
}

/* full_ms is when the rows that were written are paid for, one in EVERY_MS. */
static bool
take_row(struct live_attempts *attempts)
{
	int64_t now_ms = rh_boot_ms(), full_ms = atomic_load(&attempts->full_ms), from_ms;

	do {
		from_ms = full_ms > now_ms ? full_ms : now_ms;
		if (from_ms + EVERY_MS > now_ms + (int64_t)BURST * EVERY_MS)
			return false;
	} while (!atomic_compare_exchange_weak(&attempts->full_ms, &full_ms, from_ms + EVERY_MS));
	return true;
}

static void
put_came(struct buf *data, const struct attempt_step *step)
{
	if (step->http != 0)
		json_put_number(data, "http", step->http);
	if (step->ocpi != 0)
		json_put_number(data, "ocpi", step->ocpi);
	if (step->us > 0)
		json_put_number(data, "us", step->us);
	json_put_text(data, "found", step->found);
	json_put_text(data, "came", step->came);
	json_put_text(data, "concluded", step->concluded);
	json_put_text(data, "advice", step->advice);
}

static void
put_step(struct buf *data, const struct attempt_step *step, unsigned left_out)
{
	char id[17];

	(void)snprintf(id, sizeof id, "%016llx", (unsigned long long)step->attempt);
	json_put_object(data, NULL);
	json_put_text(data, "try", str_of(id));
	json_put_text(data, "by", step->ours ? STR("hub") : STR("platform"));
	json_put_text(data, "method", step->method);
	json_put_text(data, "url", step->url);
	json_put_text(data, "token", str_of(step->token));
	json_put_bool(data, "ok", step->ok);
	json_put_bool(data, "end", step->end);
	put_came(data, step);
	if (left_out > 0)
		json_put_number(data, "left_out", left_out);
	json_end_object(data);
}

void
attempt_note(struct hub *hub, struct store_session *session, const struct attempt_step *step)
{
	struct live *live = step->live;
	CLEANUP(buf_free) struct buf data = { 0 }, subject = { 0 }, what = { 0 };

	if (!take_row(&live->attempts)) {
		atomic_fetch_add(&live->attempts.left_out, 1);
		return;
	}
	put_step(&data, step, atomic_exchange(&live->attempts.left_out, 0));
	buf_printf(&subject, "platform %lld", (long long)live->platform);
	buf_printf(&what, "%s %.*s", step->ours ? "hub" : "platform", STR_ARG(step->method));
	event_note_most(hub, session,
	        &(struct store_event){ .type = STR("handshake.step"),
	                .platform = live->platform,
	                .what = buf_str(&what),
	                .subject = buf_str(&subject),
	                .data = buf_str(&data) },
	        ATTEMPT_ROWS);
}
