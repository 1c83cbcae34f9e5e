/* site: what the answers say of a receiver as a whole: how many may be in the air, and when it is
 * left alone. */
#include "site.h"

unsigned
site_window(const struct receiver *receiver)
{
	return receiver_suspect(receiver) && receiver->window > RECEIVER_WINDOW_SUSPECT
	               ? RECEIVER_WINDOW_SUSPECT
	               : receiver->window;
}

static int64_t
doubled(int64_t first_ms, unsigned times, int64_t most_ms, unsigned jitter)
{
	int64_t pause_ms = first_ms;

	while (times-- > 0 && pause_ms < most_ms)
		pause_ms *= 2;
	if (pause_ms > most_ms)
		pause_ms = most_ms;
	pause_ms = pause_ms * (80 + (int64_t)jitter) / 100;
	return pause_ms < most_ms ? pause_ms : most_ms;
}

int64_t
receiver_pause_ms(unsigned attempts, unsigned jitter)
{
	return doubled(RECEIVER_BACKOFF_MS, attempts > 0 ? attempts - 1 : 0, RECEIVER_PAUSE_MOST_MS,
	        jitter);
}

static void
wait_until(struct receiver *receiver, int64_t at_ms)
{
	if (receiver->retry_at_ms < at_ms)
		receiver->retry_at_ms = at_ms;
}

static void
slow_down(
        struct receiver *receiver, const struct owed *owed, int64_t retry_after_ms, int64_t now_ms)
{
	if (retry_after_ms > RECEIVER_SITE_MOST_MS)
		retry_after_ms = RECEIVER_SITE_MOST_MS;
	if (retry_after_ms > 0)
		wait_until(receiver, now_ms + retry_after_ms);
	if (owed->epoch != receiver->epoch)
		return; /* what was in the air together fails together: that is one failure */
	wait_until(receiver, now_ms + doubled(RECEIVER_BACKOFF_MS, receiver->failures,
	                                      RECEIVER_SITE_MOST_MS, receiver->jitter));
	receiver->epoch++;
	receiver->failures++;
	receiver->window = receiver->window > 1 ? receiver->window / 2 : 1;
}

static void
speed_up(struct receiver *receiver, const struct owed *owed)
{
	if (receiver->window < RECEIVER_WINDOW_MOST)
		receiver->window++;
	if (owed->epoch == receiver->epoch)
		receiver->failures = 0;
}

static uint64_t
hash_of(struct str key)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (uint8_t)key.p[i]) * 1099511628211U;
	return hash;
}

static void
note_recent(struct receiver *receiver, struct str key, bool failed)
{
	uint64_t object = hash_of(key);
	struct recent *recent = NULL;

	for (unsigned i = 0; i < receiver->recent_count; i++)
		if (receiver->recent[i].object == object)
			recent = &receiver->recent[i];
	if (recent == NULL) {
		recent = &receiver->recent[receiver->recent_at++ % RECEIVER_RECENT];
		if (receiver->recent_count < RECEIVER_RECENT)
			receiver->recent_count++;
	}
	*recent = (struct recent){ object, failed };
}

bool
receiver_suspect(const struct receiver *receiver)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < receiver->recent_count; i++)
		failed += receiver->recent[i].failed ? 1 : 0;
	return failed >= RECEIVER_RECENT_ILL;
}

bool
receiver_recovered(struct receiver *receiver, bool was_suspect, int64_t now_ms)
{
	if (!was_suspect || receiver_suspect(receiver) ||
	        (receiver->recovered_ms != 0 &&
	                now_ms - receiver->recovered_ms < RECEIVER_RECOVER_MS))
		return false;
	receiver->recovered_ms = now_ms;
	return true;
}

bool
site_is_blamed(enum verdict verdict)
{
	return verdict == SLOWER || verdict == LATE || verdict == UNREACHED;
}

enum early
site_early(bool retried, bool was_suspect, bool is_suspect)
{
	if (retried)
		return EARLY_MANY;
	return was_suspect && !is_suspect ? EARLY_ONE : EARLY_NONE;
}

void
site_answered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms, int64_t now_ms)
{
	struct receiver *receiver = owed->receiver;

	if (verdict == OURS)
		return;
	note_recent(receiver, owed->key, verdict == FAILED || site_is_blamed(verdict));
	if (site_is_blamed(verdict))
		slow_down(receiver, owed, retry_after_ms, now_ms);
	else if (verdict != FAILED)
		speed_up(receiver, owed);
	if (verdict == DELIVERED)
		receiver->taken++;
	if (owed->announces && (verdict == DELIVERED || verdict == REFUSED))
		receiver->hold_since_ms = 0;
}
