/* registry: every change of who is connected, one after the other, on the control thread.
 *
 * A change copies the platform's record, is applied to the copy, saved, and published as a new
 * directory only when the save is committed; one that fails leaves nothing behind. Because changes
 * are serial, two platforms that claim the same party at the same moment cannot both win. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../news.h"
#include "agreement.h"
#include "announce.h"
#include "changes.h"
#include "live.h"

static void change_begin(struct hub *hub);

static struct record *
find_record(struct hub *hub, int64_t id)
{
	list_each (node, &hub->registry->records) {
		struct record *record = container_of(node, struct record, node);

		if (record->row.id == id)
			return record;
	}
	return NULL;
}

static void
insert_record(struct hub *hub, struct record *record) /* sorted by id */
{
	struct list *at = hub->registry->records.prev;

	while (at != &hub->registry->records &&
	        container_of(at, struct record, node)->row.id > record->row.id)
		at = at->prev;
	list_add_head(at, &record->node);
}

static struct registry_change *
change_new(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	struct registry_change *change = rh_alloc(sizeof *change);

	change->hub = hub;
	change->arena = arena_new(512);
	change->platform = platform;
	change->done = done;
	change->ctx = ctx;
	return change;
}

static void
change_end(struct registry_change *change, enum rh_err err)
{
	struct hub *hub = change->hub;
	int64_t platform =
	        change->fresh != NULL && err == RH_OK ? change->fresh->row.id : change->platform;

	list_remove(&change->node);
	change->fault.err = err;
	if (err != RH_OK)
		record_free(change->fresh);
	if (change->done != NULL)
		change->done(change->ctx, err, &change->fault, platform, change->token);
	arena_free(change->arena);
	free(change);
	change_begin(hub);
}

/* A handshake that succeeded is the best sign of life. */
static void
begin_life(struct live *live, const struct registration *registration)
{
	atomic_store(&live->plain_token, registration->plain_token);
	atomic_store(&live->previous_unneeded, false);
	live_seen(live);
}

static bool
lists(const struct store_platform *row, const struct store_endpoint *endpoint)
{
	for (size_t i = 0; i < row->endpoint_count; i++)
		if (row->endpoints[i].interface == endpoint->interface &&
		        str_eq(row->endpoints[i].module, endpoint->module))
			return true;
	return false;
}

/* Who becomes entitled to what is there already is said, once the directory knows it. */
static void
tell_entitled(struct hub *hub, const struct platform *platform, enum store_state before,
        const struct store_endpoint *listed, size_t count)
{
	struct entitlement all = { .newcomer = before != STATE_SUSPENDED };

	if (platform == NULL || platform->removed || platform->state != STATE_CONNECTED)
		return;
	if (before != STATE_CONNECTED)
		hub->entitled(hub, platform, &all);
	for (size_t i = 0; before == STATE_CONNECTED && i < count; i++)
		hub->entitled(hub, platform, &(struct entitlement){ .module = listed[i].module });
}

/* Receiver interfaces that @before did not list; from @arena. */
static const struct store_endpoint *
newly_listed(const struct store_platform *before, const struct store_platform *after,
        struct arena *arena, size_t *count)
{
	struct store_endpoint *listed =
	        arena_alloc(arena, (after->endpoint_count + 1) * sizeof *listed);

	*count = 0;
	for (size_t i = 0; before != NULL && i < after->endpoint_count; i++)
		if (after->endpoints[i].interface == (int)IFACE_RECEIVER &&
		        !lists(before, &after->endpoints[i]))
			listed[(*count)++] = after->endpoints[i];
	return listed;
}

static void
change_publish(struct registry_change *change)
{
	struct hub *hub = change->hub;
	struct record *old = find_record(hub, change->platform);
	enum store_state before = old != NULL ? old->row.state : STATE_PLANNED;
	size_t listed_count;
	const struct store_endpoint *listed = newly_listed(
	        old != NULL ? &old->row : NULL, &change->fresh->row, change->arena, &listed_count);

	if (change->fresh->live == NULL)
		change->fresh->live = live_of(hub, change->fresh->row.id, STATE_CONNECTED);
	if (change->registration != NULL) {
		begin_life(change->fresh->live, change->registration);
		if (!change->registration->update)
			announce_newcomer(hub, change->fresh->live);
	}
	announce_changes(hub, old != NULL ? &old->row : NULL, &change->fresh->row);
	if (old != NULL) {
		list_remove(&old->node);
		record_free(old);
	}
	insert_record(hub, change->fresh);
	directory_publish(
	        hub, directory_build(&hub->registry->records, &hub->registry->agreements));
	news_ring(hub);
	tell_entitled(hub, directory_platform(hub_directory(hub), change->fresh->row.id), before,
	        listed, listed_count);
}

static void
change_saved(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);

	if (op->err != RH_OK) {
		LOG(LOG_ERROR, "registry", KV("error", "platform could not be saved"),
		        KV("why", op->why));
		(void)fault_set(&change->fault, RH_STORE_FAILED, "", "%s", op->why);
		change_end(change, RH_STORE_FAILED);
		return;
	}
	change_publish(change);
	change_end(change, RH_OK);
}

static enum rh_err
change_apply(struct registry_change *change)
{
	struct record *current = find_record(change->hub, change->platform);

	if (change->platform != 0 && (current == NULL || current->row.removed))
		return fault_set(&change->fault, RH_NOT_FOUND, "platform",
		        "there is no platform %lld", (long long)change->platform);
	change->fresh = current != NULL ? record_copy(current) : record_new();
	if (current == NULL)
		change->fresh->row.created_ms = rh_wall_ms();
	change->fresh->row.updated_ms = rh_wall_ms();
	return change->apply(change, change->fresh, &change->fault);
}

/* Take the first change up; called when one came in and when one ended. */
static void
change_begin(struct hub *hub)
{
	struct registry_change *change;
	enum rh_err err;

	if (list_empty(&hub->registry->changes))
		return;
	change = container_of(hub->registry->changes.next, struct registry_change, node);
	if (change->fresh != NULL)
		return; /* under way */
	err = change_apply(change);
	if (err != RH_OK) {
		change_end(change, err);
		return;
	}
	change->op.verb = STORE_PLATFORM_SAVE;
	change->op.done = change_saved;
	change->op.u.save.platform = &change->fresh->row;
	store_submit(hub->session, &change->op);
}

static void
change_arrived(struct mail *mail)
{
	struct registry_change *change = container_of(mail, struct registry_change, mail);
	struct hub *hub = change->hub;
	bool idle = list_empty(&hub->registry->changes);

	list_add_tail(&hub->registry->changes, &change->node);
	if (idle)
		change_begin(hub);
}

static void
change_submit(struct registry_change *change)
{
	change->mail.deliver = change_arrived;
	mailbox_post(net_loop_mailbox(change->hub->loop), &change->mail);
}

/* ---- the doors ---- */

void
registry_invite(struct hub *hub, struct str name, const struct party_claim *claims, size_t count,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, 0, done, ctx);
	struct party_claim *copy = arena_alloc(change->arena, (count + 1) * sizeof *copy);

	if (count > 0)
		memcpy(copy, claims, count * sizeof *copy);
	change->claims = copy;
	change->count = count;
	change->name = arena_str(change->arena, name);
	change->apply = change_invite;
	change_submit(change);
}

static void
submit_simple(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx,
        enum rh_err (*apply)(struct registry_change *, struct record *, struct fault *))
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->apply = apply;
	change_submit(change);
}

void
registry_suspend(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_suspend);
}

void
registry_resume(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_resume);
}

void
registry_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_remove);
}

void
registry_unregister(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_remove);
}

void
registry_set(struct hub *hub, int64_t platform, const struct str *pairs, size_t count,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);
	struct str *copy = arena_alloc(change->arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_str(change->arena, pairs[i]);
	change->pairs = copy;
	change->count = count;
	change->apply = change_set;
	change_submit(change);
}

void
registry_forget_previous(struct hub *hub, struct live *live, int64_t platform)
{
	if (!atomic_exchange(&live->previous_unneeded, true))
		submit_simple(hub, platform, NULL, NULL, change_forget_previous);
}

void
registry_state_changed(struct hub *hub, struct live *live, enum store_state state)
{
	struct registry_change *change = change_new(hub, live->platform, NULL, NULL);

	change->state = state;
	change->apply = change_state;
	change_submit(change);
}

void
registry_register(
        struct hub *hub, const struct registration *registration, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, registration->platform, done, ctx);

	change->registration = registration;
	change->apply = change_register;
	change_submit(change);
}

void
registry_pending_token(struct hub *hub, int64_t platform, struct str name, struct str versions_url,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->name = arena_str(change->arena, name);
	change->versions_url = arena_str(change->arena, versions_url);
	change->apply = change_pending;
	change_submit(change);
}

void
registry_withdraw(struct hub *hub, int64_t platform, bool drop, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->drop = drop;
	change->apply = change_withdraw;
	change_submit(change);
}

void
registry_overlap(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_overlap);
}

/* ---- start and end ---- */

void
registry_init(struct hub *hub)
{
	hub->registry = rh_alloc(sizeof *hub->registry);
	list_init(&hub->registry->records);
	list_init(&hub->registry->agreements);
	list_init(&hub->registry->changes);
}

static enum store_state
stored_presence(const struct store_platform *row)
{
	for (size_t i = 0; i < row->party_count; i++)
		if (row->parties[i].state == STATE_OFFLINE)
			return STATE_OFFLINE;
	return STATE_CONNECTED;
}

void
registry_load(struct hub *hub, const struct store_platform *platforms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct record *record = record_new();
		struct str token;

		record_fill(record, &platforms[i]);
		if (platforms[i].token_sealed.p != NULL) {
			if (rh_unseal(hub->seal_key, platforms[i].token_sealed, record->arena,
			            &token))
				record->token = token;
			else
				LOG(LOG_ERROR, "registry", KVS("platform", platforms[i].name),
				        KV("error", "its token cannot be unsealed: is this the "
				                    "right key file?"));
		}
		record->live = live_of(hub, platforms[i].id, stored_presence(&platforms[i]));
		insert_record(hub, record);
	}
	directory_publish(
	        hub, directory_build(&hub->registry->records, &hub->registry->agreements));
}

void
registry_free(struct hub *hub)
{
	list_each_safe (node, next, &hub->registry->records)
		record_free(container_of(node, struct record, node));
	list_init(&hub->registry->records);
	agreement_free(hub);
	free(hub->registry);
	hub->registry = NULL;
}

bool
registry_idle(const struct hub *hub)
{
	return list_empty(&hub->registry->changes);
}
