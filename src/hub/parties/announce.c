/* announce: ClientInfo changes become rows of the same log as everything shared, so a party is
 * announced before its first object without further ado (HCI-010, HCI-014). */
#include <stdlib.h>
#include <string.h>

#include "../event.h"
#include "../news.h"
#include "announce.h"
#include "clientinfo.h"
#include "live.h"
#include "record.h"

struct announcement {
	struct store_op op;
	struct arena *arena;
	struct hub *hub;
	struct str body;
};

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	const struct announcement *announcement = ctx;

	(void)old, (void)arena, (void)fault;
	*fresh = announcement->body;
	*last_updated_ns = announcement->op.u.share.at_ms * 1000000;
	return RH_OK;
}

static void
announced(struct store_op *op)
{
	struct announcement *announcement = container_of(op, struct announcement, op);

	if (op->err == RH_OK)
		news_committed(announcement->hub, op->u.share.change);
	else
		LOG(LOG_ERROR, "announce", KV("error", "a ClientInfo change was not recorded"),
		        KV("why", op->why));
	arena_free(announcement->arena); /* it lies in it */
}

static void
announce(struct hub *hub, int64_t platform, const struct store_party *party, enum store_state state)
{
	struct arena *arena = arena_new(1024);
	struct announcement *announcement = arena_alloc(arena, sizeof *announcement);
	struct store_share_args *args = &announcement->op.u.share;
	struct buf body = { .arena = arena };
	struct ocpi_id id;
	char text[OCPI_ID_TEXT];

	memcpy(id.country, party->country, sizeof id.country);
	memcpy(id.party, party->party, sizeof id.party);
	client_info_write(&body, str_of(id.country), str_of(id.party), party->role, (int)state,
	        party->last_updated_ms);
	announcement->arena = arena;
	announcement->hub = hub;
	announcement->body = buf_str(&body);
	announcement->op.verb = STORE_SHARE;
	announcement->op.done = announced;
	announcement->op.arena = arena;
	args->key.scope = STR("*");
	args->key.module = STR("hubclientinfo");
	args->key.owner = arena_str(arena, str_of(ocpi_id_key(&id, text)));
	args->key.id = str_of(ocpi_role_name((enum ocpi_role)party->role));
	args->key.type = STR("");
	args->make = make;
	args->ctx = announcement;
	args->method = STR("PUT");
	args->suffix = arena_printf(arena, "%s/%s", id.country, id.party);
	args->correlation_id = (struct str){ 0 };
	args->sender_platform = platform;
	args->at_ms = party->last_updated_ms;
	store_submit(hub->session, &announcement->op);
}

static const struct store_party *
find(const struct store_platform *row, const struct store_party *wanted)
{
	for (size_t i = 0; row != NULL && i < row->party_count; i++)
		if (row->parties[i].role == wanted->role &&
		        strcmp(row->parties[i].country, wanted->country) == 0 &&
		        strcmp(row->parties[i].party, wanted->party) == 0)
			return &row->parties[i];
	return NULL;
}

static const char *
status_of(const struct store_platform *row)
{
	if (row == NULL)
		return "UNKNOWN";
	if (row->removed)
		return "REMOVED";
	for (size_t i = 0; row->state == STATE_CONNECTED && i < row->party_count; i++)
		if (row->parties[i].state == STATE_OFFLINE)
			return state_name(STATE_OFFLINE);
	return state_name((int)row->state);
}

/* What is told is damped, and so is what is written. */
static void
note_status(struct hub *hub, const struct store_platform *before,
        const struct store_platform *after, const char *why)
{
	const char *was = status_of(before), *is = status_of(after);
	struct store_event event = {
		.type = STR("party.status"), .platform = after->id, .what = str_of(is)
	};
	CLEANUP(buf_free) struct buf data = { 0 }, subject = { 0 };

	if (strcmp(was, is) == 0)
		return;
	buf_printf(&subject, "platform %lld", (long long)after->id);
	json_put_object(&data, NULL);
	json_put_text(&data, "name", after->name);
	json_put_text(&data, "status_before", str_of(was));
	if (why == NULL && strcmp(is, state_name(STATE_OFFLINE)) == 0)
		why = live_of(hub, after->id, STATE_OFFLINE)->presence.last_failure;
	json_put_text(&data, "why", str_of(why));
	json_end_object(&data);
	event.subject = buf_str(&subject);
	event.data = buf_str(&data);
	event_note(hub, hub->session, &event);
}

void
announce_changes(struct hub *hub, const struct store_platform *before,
        const struct store_platform *after, const char *why)
{
	note_status(hub, before, after, why);
	for (size_t i = 0; i < after->party_count; i++) {
		const struct store_party *now = &after->parties[i], *then = find(before, now);
		enum store_state state = record_party_state(after, now);

		if (then == NULL || record_party_state(before, then) != state)
			announce(hub, after->id, now, state);
	}
}

/* ---- a newcomer's cursor: what was there before it came is not owed, what comes after is ---- */

struct joining {
	struct store_op op;
	struct arena *arena;
};

static void
joined(struct store_op *op)
{
	struct joining *joining = container_of(op, struct joining, op);

	arena_free(joining->arena);
}

int64_t
announce_place(struct hub *hub, const int64_t *platforms, size_t count, struct store_op *op,
        struct arena *arena)
{
	struct store_cursor *cursors = arena_alloc(arena, (count + 1) * sizeof *cursors);
	int64_t head = atomic_load(&hub->head);

	for (size_t i = 0; i < count; i++) {
		cursors[i].receiver =
		        store_receiver(platforms[i], arena_alloc(arena, STORE_RECEIVER_TEXT));
		cursors[i].change = head;
	}
	*op = (struct store_op){ .verb = STORE_CURSORS_SAVE };
	op->u.cursors.cursors = cursors;
	op->u.cursors.count = count;
	return head;
}

void
announce_newcomer(struct hub *hub, struct live *live)
{
	struct arena *arena = arena_new(512);
	struct joining *joining = arena_alloc(arena, sizeof *joining);

	joining->arena = arena;
	atomic_store(&live->joined, announce_place(hub, &live->platform, 1, &joining->op, arena));
	joining->op.done = joined;
	store_submit(hub->session, &joining->op);
}
