/* receiver: what one platform is still owed, and when which part of it may be sent. */
#include "receiver.h"

#include "owed.h"
#include "site.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is owed, and where it stands ---- */

/* A cursor does not tell what was passed over below it: what comes until the end of the feed was
 * read goes whole. */
void
receiver_init(struct receiver *receiver, int64_t floor)
{
	*receiver = (struct receiver){
		.window = RECEIVER_WINDOW_START, .read_at = floor, .jitter = 20
	};
	for (int i = 0; i < OWED_PLACES; i++)
		list_init(&receiver->places[i]);
	receiver->owed = table_new(16);
}

static void
forget_place(struct receiver *receiver, enum owed_place place)
{
	list_each_safe (node, next, &receiver->places[place])
		owed_free(container_of(node, struct owed, node));
}

void
receiver_free(struct receiver *receiver)
{
	assert(list_empty(&receiver->places[OWED_AIR]));
	assert(list_empty(&receiver->places[OWED_PARKING]));
	forget_place(receiver, OWED_READY);
	forget_place(receiver, OWED_WAITING);
	assert(receiver->count == 0 && receiver->bytes == 0 && receiver->announcing == 0);
	table_free(receiver->owed);
	ahead_free(&receiver->ahead);
}

bool
receiver_has_room(const struct receiver *receiver)
{
	return receiver->count < RECEIVER_ROOM && receiver->bytes < RECEIVER_ROOM_BYTES;
}

/* ---- owing ---- */

static char *
put(char *at, struct str s, char behind)
{
	if (s.len > 0)
		at = mempcpy(at, s.p, s.len);
	*at++ = behind;
	return at;
}

struct str
receiver_key(struct str to, const struct store_key *key)
{
	size_t len = to.len + key->module.len + key->owner.len + key->id.len + key->type.len + 4;
	char *text = rh_alloc(len + 1), *at = text;

	at = put(at, to, ' ');
	at = put(at, key->module, '/');
	at = put(at, key->owner, '/');
	at = put(at, key->id, '/');
	(void)put(at, key->type, '\0');
	return (struct str){ text, len };
}

static void
take_row(struct owed *owed, const struct store_parked *row)
{
	owed->extra = owed->whole = true;
	owed->kept_since_ms = row->since_ms;
	owed->attempts = (unsigned)row->attempts;
	owed->kind = (int)row->kind;
}

/* The feed has the newest version of an object alone. One that it builds upon was passed over when
 * it was superseded before its part of the feed was read: then the object is sent whole, now and
 * after a restart too. */
static void
owe_new(struct receiver *receiver, const struct owing *owing, struct str key)
{
	struct owed *owed = rh_alloc(sizeof *owed);
	bool passed_over = owing->object->previous > receiver->sure;

	owed->receiver = receiver;
	owed->to = *owing->to;
	owed->key = key;
	owed->announces = owing->announces;
	owed->taken = receiver->taken;
	owed->whole = owing->whole || passed_over;
	owed->since = passed_over ? owing->object->previous : owing->object->change;
	if (owing->row != NULL)
		take_row(owed, owing->row);
	owed_set_object(owed, batch_hold(owing->batch), owing->object);
	(void)table_put(receiver->owed, owed->key, owed);
	receiver->count++;
	owed_enter(owed, OWED_READY);
}

/* A row's object is on the feed now: the cursor waits for it as for any other. */
static void
no_longer_extra(struct owed *owed, int64_t change)
{
	enum owed_place place = owed->place;

	if (!owed->extra)
		return;
	owed_leave(owed);
	owed->extra = false;
	owed->since = change;
	owed_enter(owed, place);
}

/* Order per object: what is in the air is answered before a newer version goes. */
static void
owe_newer(struct owed *owed, const struct owing *owing)
{
	if (owing->object->change <= owed->object->change)
		return;
	no_longer_extra(owed, owing->object->change);
	if (owed->place == OWED_AIR || owed->place == OWED_PARKING) {
		owed->next_whole = owing->whole || owed->next != NULL;
		batch_release(owed->next_batch);
		owed->next_batch = batch_hold(owing->batch);
		owed->next = owing->object;
		return;
	}
	owed->whole = true; /* a version that it builds upon was never sent */
	owed_set_object(owed, batch_hold(owing->batch), owing->object);
}

bool
receiver_owe(struct receiver *receiver, const struct owing *owing)
{
	char to[OCPI_ID_TEXT];
	struct str key;
	struct owed *owed;

	if (owing->row == NULL && ahead_has(&receiver->ahead, owing->object->change))
		return false;
	key = receiver_key(owing->announces ? STR("") : str_of(ocpi_id_key(owing->to, to)),
	        &owing->object->key);
	owed = table_get(receiver->owed, key);
	if (owed == NULL) {
		owe_new(receiver, owing, key);
		return true;
	}
	free((void *)(uintptr_t)key.p);
	if (owing->row == NULL)
		owe_newer(owed, owing);
	return owing->row == NULL;
}

/* ---- what may be sent ---- */

static void
wake_waiting(struct receiver *receiver, int64_t now_ms)
{
	list_each_safe (node, next, &receiver->places[OWED_WAITING]) {
		struct owed *owed = container_of(node, struct owed, node);

		if (owed->retry_at_ms > now_ms)
			continue;
		owed_leave(owed);
		owed_enter(owed, OWED_READY);
	}
}

/* Objects behind this change wait for a ClientInfo: who it is comes before what it has (HCI-014).
 * INT64_MAX: none. */
static int64_t
held_behind(const struct receiver *receiver, int64_t now_ms)
{
	int64_t first = INT64_MAX;

	if (now_ms < receiver->introduced_by_ms)
		return 0;
	if (receiver->announcing == 0)
		return first;
	if (receiver->hold_since_ms != 0 && now_ms - receiver->hold_since_ms >= RECEIVER_HOLD_MS)
		return first;
	for (int place = OWED_READY; place <= OWED_AIR; place++) {
		list_each (node, &receiver->places[place]) {
			const struct owed *owed = container_of(node, struct owed, node);

			if (owed->announces && !owed->extra && owed->object->change < first)
				first = owed->object->change;
		}
	}
	return first;
}

static bool
may_go(const struct receiver *receiver, const struct owed *owed, int64_t behind)
{
	unsigned window = site_window(receiver);

	if (owed->extra) /* what is parked leaves half of the window to what is new */
		return receiver->extra_in_air < (window > 1 ? window / 2 : 1);
	return owed->announces || owed->object->change < behind;
}

struct owed *
receiver_next(struct receiver *receiver, int64_t now_ms)
{
	int64_t behind;

	if (now_ms < receiver->retry_at_ms || receiver->in_air >= site_window(receiver))
		return NULL;
	if (receiver->waiting > 0)
		wake_waiting(receiver, now_ms);
	behind = held_behind(receiver, now_ms);
	list_each (node, &receiver->places[OWED_READY]) {
		struct owed *owed = container_of(node, struct owed, node);

		if (!may_go(receiver, owed, behind))
			continue;
		if (owed->announces && !owed->extra && receiver->hold_since_ms == 0)
			receiver->hold_since_ms = now_ms;
		owed_leave(owed);
		owed_enter(owed, OWED_AIR);
		owed->epoch = receiver->epoch;
		return owed;
	}
	return NULL;
}

int64_t
receiver_next_ms(const struct receiver *receiver, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	if (receiver->in_air >= site_window(receiver))
		return next_ms;
	if (!list_empty(&receiver->places[OWED_READY])) {
		if (receiver->retry_at_ms > now_ms)
			next_ms = receiver->retry_at_ms;
		else if (now_ms < receiver->introduced_by_ms)
			next_ms = receiver->introduced_by_ms;
		else if (receiver->hold_since_ms != 0 && held_behind(receiver, now_ms) != INT64_MAX)
			next_ms = receiver->hold_since_ms + RECEIVER_HOLD_MS;
	}
	list_each (node, &receiver->places[OWED_WAITING]) {
		const struct owed *owed = container_of(node, struct owed, node);

		if (owed->retry_at_ms < next_ms)
			next_ms = owed->retry_at_ms;
	}
	return next_ms < receiver->retry_at_ms ? receiver->retry_at_ms : next_ms;
}

/* ---- what an answer means for its object ---- */

/* An attempt counts against the object unless the site alone is to blame: it took others since, or
 * this one makes it late. */
static bool
counts(const struct owed *owed, enum verdict verdict)
{
	return verdict == FAILED || verdict == LATE || owed->receiver->taken != owed->taken;
}

/* The version that came meanwhile takes the place of the one that was in the air, whatever became
 * of that. */
static void
owe_next(struct owed *owed, bool settled)
{
	const struct store_object *next = owed->next;

	owed->whole = owed->next_whole || next->previous != owed->delivered;
	if (settled)
		owed->since = owed->whole && next->previous > 0 ? next->previous : next->change;
	owed_set_object(owed, owed->next_batch, next);
	owed->next_batch = NULL;
	owed->next = NULL;
}

/* One change goes to each party of the platform: it is over when the last of them has it. */
static bool
others_wait_for(const struct owed *settled)
{
	const struct receiver *receiver = settled->receiver;

	for (int place = 0; place < OWED_PLACES; place++) {
		list_each (node, &receiver->places[place]) {
			const struct owed *owed = container_of(node, struct owed, node);

			if (owed != settled && owed->object->change == settled->object->change)
				return true;
		}
	}
	return false;
}

static void
settle(struct owed *owed)
{
	struct receiver *receiver = owed->receiver;

	if (!owed->extra && !owed->again && !others_wait_for(owed))
		ahead_add(&receiver->ahead, owed->object->change);
	if (owed->next == NULL) {
		owed_free(owed);
		return;
	}
	owe_next(owed, true);
	owed->attempts = 0;
	owed_leave(owed);
	owed_enter(owed, OWED_READY);
}

static void
go_behind(struct owed *owed, int64_t retry_at_ms)
{
	owed->retry_at_ms = retry_at_ms;
	owed_leave(owed);
	owed_enter(owed, OWED_WAITING);
}

static void
go_first(struct owed *owed)
{
	owed_leave(owed);
	owed_enter(owed, OWED_READY);
	list_remove(&owed->node);
	list_add_head(&owed->receiver->places[OWED_READY], &owed->node);
}

/* A ClientInfo holds objects back for a while; as long as it does it is no row. */
static bool
to_be_parked(const struct owed *owed, bool counted, int64_t now_ms)
{
	const struct receiver *receiver = owed->receiver;

	if (!counted)
		return false;
	if (owed->extra || receiver->waiting >= RECEIVER_WAITING)
		return true;
	if (owed->announces && now_ms - receiver->hold_since_ms < RECEIVER_HOLD_MS)
		return false;
	return owed->attempts >= RECEIVER_ATTEMPTS;
}

static bool
failed(struct owed *owed, enum verdict verdict, int64_t now_ms)
{
	struct receiver *receiver = owed->receiver;
	bool counted = counts(owed, verdict);
	int64_t retry_at_ms = receiver->retry_at_ms;

	owed->taken = receiver->taken;
	if (owed->next != NULL)
		owe_next(owed, false);
	if (counted)
		owed->attempts++;
	if (to_be_parked(owed, counted, now_ms)) {
		owed_leave(owed);
		owed_enter(owed, OWED_PARKING);
		return true;
	}
	if (owed->extra) { /* its row stays as it is, and is read again */
		owed_free(owed);
		return false;
	}
	if (!site_is_blamed(verdict))
		retry_at_ms = now_ms + receiver_pause_ms(owed->attempts, receiver->jitter);
	go_behind(owed, retry_at_ms);
	return false;
}

void
receiver_take_back(struct owed *owed)
{
	assert(owed->place == OWED_AIR);
	if (owed->next != NULL)
		owe_next(owed, false);
	go_first(owed);
}

bool
receiver_answered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms, int64_t now_ms)
{
	assert(owed->place == OWED_AIR);
	site_answered(owed, verdict, retry_after_ms, now_ms);
	if (verdict == DELIVERED)
		owed->delivered = owed->object->change;
	switch (verdict) {
	case DELIVERED:
	case REFUSED:
	case DROPPED:
		settle(owed);
		return false;
	case TRY_WHOLE:
		if (owed->next != NULL)
			owe_next(owed, false);
		owed->whole = true;
		go_first(owed);
		return false;
	case OURS:
		receiver_take_back(owed);
		return false;
	default:
		return failed(owed, verdict, now_ms);
	}
}

void
receiver_parked(struct owed *owed, bool written, int64_t now_ms)
{
	assert(owed->place == OWED_PARKING);
	if (written)
		settle(owed);
	else
		go_behind(owed, now_ms + receiver_pause_ms(owed->attempts, owed->receiver->jitter));
}

/* ---- the cursor ---- */

int64_t
receiver_floor(const struct receiver *receiver, int64_t head)
{
	int64_t floor = head;

	for (int place = 0; place < OWED_PLACES; place++) {
		list_each (node, &receiver->places[place]) {
			const struct owed *owed = container_of(node, struct owed, node);

			if (!owed->extra && owed->since - 1 < floor)
				floor = owed->since - 1;
		}
	}
	return floor;
}

/* What stays while the same change for another party goes is not over when it is taken. */
static void
note_forgotten(struct receiver *receiver, int64_t change)
{
	for (int place = OWED_AIR; place <= OWED_PARKING; place++) {
		list_each (node, &receiver->places[place]) {
			struct owed *owed = container_of(node, struct owed, node);

			if (owed->object->change == change ||
			        (owed->next != NULL && owed->next->change == change))
				owed->again = true;
		}
	}
}

static void
forget_noted(struct receiver *receiver, enum owed_place place)
{
	list_each (node, &receiver->places[place])
		note_forgotten(receiver, container_of(node, struct owed, node)->object->change);
	forget_place(receiver, place);
}

void
receiver_forget(struct receiver *receiver, int64_t head)
{
	receiver->read_at = receiver_floor(receiver, head);
	if (receiver->sure > receiver->read_at) /* it may have passed versions over below, too */
		receiver->sure = receiver->read_at;
	forget_noted(receiver, OWED_READY);
	forget_noted(receiver, OWED_WAITING);
	if (receiver->announcing == 0)
		receiver->hold_since_ms = 0; /* it holds anew, when it is read again */
}

void
receiver_hurry(struct receiver *receiver)
{
	receiver->retry_at_ms = 0;
	list_each (node, &receiver->places[OWED_WAITING])
		container_of(node, struct owed, node)->retry_at_ms = 0;
}

int64_t
receiver_oldest_ms(const struct receiver *receiver)
{
	int64_t oldest_ms = 0;

	for (int place = 0; place < OWED_PLACES; place++) {
		list_each (node, &receiver->places[place]) {
			const struct owed *owed = container_of(node, struct owed, node);

			if (!owed->extra && (oldest_ms == 0 || owed->object->at_ms < oldest_ms))
				oldest_ms = owed->object->at_ms;
		}
	}
	return oldest_ms;
}
