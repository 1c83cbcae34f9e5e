/* complaints: the last refusals between a platform and the hub.
 *
 * The same again is counted and not kept twice: a partner that repeats one mistake all day would
 * push out all the others. */
#include "complaints.h"

#include "masks.h"
#include "words.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct live_complaints {
	pthread_mutex_t lock; /* held for a look through ten rows */
	struct side {
		size_t count;
		struct complaint rows[COMPLAINTS]; /* the newest last */
	} sides[COMPLAINT_SIDES];
};

static struct live_complaints *
table_of(struct live *live)
{
	struct live_complaints *table = atomic_load(&live->complaints), *none = NULL;

	if (table != NULL)
		return table;
	table = rh_alloc(sizeof *table);
	(void)pthread_mutex_init(&table->lock, NULL);
	if (atomic_compare_exchange_strong(&live->complaints, &none, table))
		return table;
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
	return none;
}

void
complaints_free(struct live *live)
{
	struct live_complaints *table = atomic_exchange(&live->complaints, NULL);

	if (table == NULL)
		return;
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
}

static bool
same(const struct complaint *a, const struct complaint *b)
{
	return a->http == b->http && a->ocpi == b->ocpi && strcmp(a->method, b->method) == 0 &&
	       strcmp(a->words, b->words) == 0;
}

/* Where one like @complaint stands; count: nowhere. */
static size_t
find(const struct side *side, const struct complaint *complaint)
{
	size_t at = 0;

	while (at < side->count && !same(&side->rows[at], complaint))
		at++;
	return at;
}

/* The one that was there, or the oldest, gives way; the newest stands last. */
static void
keep(struct side *side, const struct complaint *complaint)
{
	size_t at = find(side, complaint);
	struct complaint fresh = *complaint;

	fresh.first_ms = fresh.last_ms = rh_wall_ms();
	fresh.count = 1;
	if (at < side->count) {
		fresh.first_ms = side->rows[at].first_ms;
		fresh.count += side->rows[at].count;
	} else if (side->count < COMPLAINTS) {
		side->count++;
	} else {
		at = 0;
	}
	memmove(&side->rows[at], &side->rows[at + 1],
	        (side->count - 1 - at) * sizeof side->rows[0]);
	side->rows[side->count - 1] = fresh;
}

void
complaints_note(struct live *live, enum complaint_side side, const struct complaint *complaint)
{
	struct live_complaints *table = table_of(live);

	(void)pthread_mutex_lock(&table->lock);
	keep(&table->sides[side], complaint);
	(void)pthread_mutex_unlock(&table->lock);
}

size_t
live_complaints(const struct live *live, enum complaint_side side, struct complaint out[COMPLAINTS])
{
	struct live_complaints *table = atomic_load(&live->complaints);
	size_t count;

	if (table == NULL)
		return 0;
	(void)pthread_mutex_lock(&table->lock);
	count = table->sides[side].count;
	for (size_t i = 0; i < count; i++)
		out[i] = table->sides[side].rows[count - 1 - i];
	(void)pthread_mutex_unlock(&table->lock);
	return count;
}

/* ---- what is to be forgotten ---- */

static bool
names_any(const struct complaint *row, const struct str names[2])
{
	for (size_t i = 0; i < 2; i++)
		if (store_names(str_of(row->path), names[i]) ||
		        store_names(str_of(row->words), names[i]))
			return true;
	return false;
}

static size_t
forget(struct side *side, const struct str *names, bool dry_run)
{
	struct side left = { 0 };
	size_t gone;

	for (size_t i = 0; names != NULL && i < side->count; i++)
		if (!names_any(&side->rows[i], names))
			left.rows[left.count++] = side->rows[i];
	gone = side->count - left.count;
	if (!dry_run)
		*side = left;
	return gone;
}

size_t
complaints_forget(struct live *live, const struct str *names, bool dry_run)
{
	struct live_complaints *table = atomic_load(&live->complaints);
	size_t gone = 0;

	if (table == NULL)
		return 0;
	(void)pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < COMPLAINT_SIDES; i++)
		gone += forget(&table->sides[i], names, dry_run);
	(void)pthread_mutex_unlock(&table->lock);
	return gone;
}

void
complaints_text(char *to, size_t size, struct str from)
{
	size_t len = from.len < size ? from.len : size - 1;

	while (len > 0 && len < from.len && ((unsigned char)from.p[len] & 0xc0) == 0x80)
		len--;
	if (len > 0)
		memcpy(to, from.p, len);
	to[len] = '\0';
}

/* ---- what it said to us ---- */

/* Of an object or a token that it does not know it is asked every day. */
static bool
is_unknown(const struct partner_call *call)
{
	int code = call->envelope.code;

	return call->result == PARTNER_ANSWERED &&
	       (code == 2004 || (str_is(call->net.method, "GET") &&
	                                (code == 2003 || call->net.status == 404)));
}

static bool
is_refusal(const struct partner_call *call)
{
	if (call->net.result != NET_DONE)
		return false;
	if (call->result == PARTNER_UNUSABLE)
		return true;
	return call->result == PARTNER_ANSWERED && !is_unknown(call) &&
	       (call->net.status / 100 != 2 || call->envelope.code / 1000 != 1);
}

void
complaints_of_call(const struct partner_call *call)
{
	struct complaint complaint = { .http = call->net.status, .ocpi = call->envelope.code };
	struct str query = call->net.target, path = str_cut(&query, '?'), words;

	if (call->live == NULL || !is_refusal(call))
		return;
	words = masks_hide(
	        words_of(call), NULL, 0, call->net.arena); /* ours were hidden as it came */
	complaints_text(complaint.method, sizeof complaint.method, call->net.method);
	complaints_text(complaint.path, sizeof complaint.path, path);
	complaints_text(
	        complaint.words, sizeof complaint.words, words.len > 0 ? words : str_of(call->why));
	complaints_note(call->live, COMPLAINT_ITS, &complaint);
}
