/* registry: every change of who is connected, one after the other, on the control thread.
 *
 * A change copies the platform's record, is applied to the copy, saved, and published in a new
 * directory only when the save is committed; one that fails leaves nothing behind. Because changes
 * are serial, two platforms that claim the same party at the same moment cannot both win. Changes
 * of status (OFFLINE, CONNECTED) claim nothing and go side by side. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../news.h"
#include "agreement.h"
#include "announce.h"
#include "changes.h"
#include "forget.h"
#include "live.h"
#include "records.h"
#include "settings.h"

enum { MOST_UNPUBLISHED = 16 };

/* ---- a change's end ---- */

void
change_free(struct registry_change *change, enum rh_err err)
{
	int64_t platform =
	        change->fresh != NULL && err == RH_OK ? change->fresh->row.id : change->platform;

	list_remove(&change->node);
	change->fault.err = err;
	if (change->done != NULL)
		change->done(change->ctx, err, &change->fault, platform, change->token);
	arena_free(change->arena);
	free(change);
}

/* Nothing of it stays: the record that was changed was a copy. */
static void
change_failed(struct registry_change *change, enum rh_err err)
{
	struct record *old = records_find(change->hub, change->platform);

	if (old != NULL)
		old->saving = false;
	record_free(change->fresh);
	change->fresh = NULL;
	change_free(change, err);
}

/* A handshake that succeeded is the best sign of life. Where a newcomer's cursor begins must be
 * known before any worker sees it, whoever publishes the next directory. */
static void
begin_life(const struct registry_change *change)
{
	const struct registration *registration = change->registration;
	struct live *live = change->fresh->live;

	live_proved(live, registration->plain_token);
	atomic_store(&live->previous_unneeded, false);
	live->survey.shaken_ms = rh_boot_ms();
	live_seen(live);
	if (registration->update)
		return;
	if (change->placed)
		atomic_store(&live->joined, change->joined);
	else
		announce_newcomer(change->hub, live);
}

/* The registry knows it from now on; readers do when a directory is published. */
static void
take_record(struct registry_change *change)
{
	struct hub *hub = change->hub;
	struct record *fresh = change->fresh;

	change->old = records_find(hub, change->platform);
	if (fresh->live == NULL)
		fresh->live = live_of(hub, fresh->row.id, STATE_CONNECTED);
	records_insert(hub, fresh, change->old);
}

static void
drop_receiver(struct hub *hub, const struct record *fresh, const struct record *old)
{
	if (fresh->row.removed && (old == NULL || !old->row.removed))
		forget_receiver(hub, fresh->row.id);
}

struct listed {
	struct store_endpoint *rows;
	size_t count;
};

/* What it lists, and what the operator set for it; from @arena. */
static struct listed
listed_by(const struct store_platform *row, struct arena *arena)
{
	struct platform set = { .settings = row->settings };
	struct listed listed = { 0 };

	settings_parse(&set, arena);
	listed.rows = arena_alloc(
	        arena, (row->endpoint_count + set.by_hand_count + 1) * sizeof *listed.rows);
	for (size_t i = 0; i < row->endpoint_count; i++)
		listed.rows[listed.count++] = row->endpoints[i];
	for (size_t i = 0; i < set.by_hand_count; i++)
		listed.rows[listed.count++] = set.endpoints_by_hand[i];
	return listed;
}

static bool
lists(const struct listed *listed, const struct store_endpoint *endpoint)
{
	for (size_t i = 0; i < listed->count; i++)
		if (listed->rows[i].interface == endpoint->interface &&
		        str_eq(listed->rows[i].module, endpoint->module))
			return true;
	return false;
}

/* Who becomes entitled to what is there already is said, once the directory knows it. */
static void
tell_listed(struct hub *hub, const struct platform *platform, enum store_state before,
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
static struct listed
newly_listed(const struct store_platform *before, const struct store_platform *after,
        struct arena *arena)
{
	struct listed had = { 0 }, has = listed_by(after, arena), fresh = { 0 };

	if (before == NULL)
		return fresh;
	had = listed_by(before, arena);
	fresh.rows = arena_alloc(arena, (has.count + 1) * sizeof *fresh.rows);
	for (size_t i = 0; i < has.count; i++)
		if (has.rows[i].interface == (int)IFACE_RECEIVER && !lists(&had, &has.rows[i]))
			fresh.rows[fresh.count++] = has.rows[i];
	return fresh;
}

static void
tell_entitled(struct registry_change *change)
{
	struct hub *hub = change->hub;
	const struct store_platform *old = change->old != NULL ? &change->old->row : NULL;
	struct listed fresh = newly_listed(old, &change->fresh->row, change->arena);

	tell_listed(hub, directory_platform(hub_directory(hub), change->fresh->row.id),
	        old != NULL ? old->state : STATE_PLANNED, fresh.rows, fresh.count);
}

static void
change_published(struct registry_change *change)
{
	struct hub *hub = change->hub;
	struct record *fresh = change->fresh, *old = change->old;

	announce_changes(hub, old != NULL ? &old->row : NULL, &fresh->row, change_reason(change));
	tell_entitled(change);
	drop_receiver(hub, fresh, old);
	record_free(old);
	change_free(change, RH_OK);
}

static void
publish_committed(struct hub *hub)
{
	struct registry *registry = hub->registry;

	if (registry->committed_count == 0)
		return;
	registry_publish(hub);
	registry->committed_count = 0;
	list_each_safe (node, next, &registry->committed)
		change_published(container_of(node, struct registry_change, node));
}

static void
change_committed(struct registry_change *change)
{
	struct registry *registry = change->hub->registry;

	take_record(change);
	if (change->registration != NULL)
		begin_life(change);
	list_remove(&change->node);
	list_add_tail(&registry->committed, &change->node);
	registry->committed_count++;
}

/* Whether a platform is OFFLINE stands beside the directory: nothing is built for it. */
static void
status_committed(struct registry_change *change)
{
	struct record *fresh = change->fresh;

	take_record(change);
	if (change->old->block != NULL)
		fresh->block = block_hold(change->old->block);
	atomic_store(&fresh->live->status_ms, fresh->row.updated_ms);
	announce_changes(change->hub, &change->old->row, &fresh->row, change_reason(change));
	news_ring(change->hub); /* what it is owed may go, or must not any more */
	record_free(change->old);
	change_free(change, RH_OK);
}

static void
not_saved(struct registry_change *change, enum rh_err err)
{
	LOG(LOG_ERROR, "registry", KV("error", "platform could not be saved"),
	        KV("why", change->fault.why));
	change_failed(change, err);
}

static void
save_failed(struct registry_change *change)
{
	if (change_overtaken(change) || change_unsure(change))
		return;
	not_saved(change, change_unsaved(change));
}

static void
change_saved(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	struct hub *hub = change->hub;

	if (op->err != RH_OK) {
		save_failed(change);
	} else {
		change_tell(change);
		if (change->is_status)
			status_committed(change);
		else
			change_committed(change);
	}
	registry_go_on(hub);
}

/* ---- its beginning ---- */

static enum rh_err
change_apply(struct registry_change *change)
{
	struct record *current = records_find(change->hub, change->platform);

	if (change->platform != 0 &&
	        (current == NULL || (current->row.removed && change->sandbox_of == 0)))
		return fault_set(&change->fault,
		        change->registration != NULL || change->leaving != NULL ? RH_UNKNOWN_TOKEN
		                                                                : RH_NOT_FOUND,
		        "platform", "there is no platform %lld", (long long)change->platform);
	change->fresh = current != NULL ? record_copy(current) : record_new();
	if (current == NULL)
		change->fresh->row.created_ms = rh_wall_ms();
	change->fresh->row.updated_ms = rh_wall_ms();
	if (current != NULL)
		current->saving = true;
	return change->apply(change, change->fresh, &change->fault);
}

static void
save(struct registry_change *change)
{
	change->op = (struct store_op){ .verb = STORE_PLATFORM_SAVE, .done = change_saved };
	change->op.u.save.platform = &change->fresh->row;
	if (!hub_is_together(change->hub)) /* nobody is before it, not even it itself: of what was
	                                      told as failed some was done */
		change->fresh->row.changed = 0;
	if (!change->is_status)
		change->op.directory = change->hub->registry->version;
	store_submit(change->hub->session, &change->op);
}

static void
place_kept(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	struct hub *hub = change->hub;

	if (op->err == RH_OK) {
		save(change);
		return;
	}
	save_failed(change);
	registry_go_on(hub);
}

/* Who pushes to a newcomer may be another process: where its cursor begins is stored before it is
 * registered. */
static void
keep_place(struct registry_change *change)
{
	change->placed = true;
	change->joined =
	        announce_place(change->hub, &change->platform, 1, &change->op, change->arena);
	change->op.done = place_kept;
	store_submit(change->hub->session, &change->op);
}

/* What it was before is not known any more: all is said of it. */
static void
look_whether_done(struct registry_change *change)
{
	struct hub *hub = change->hub;
	const struct record *record = change_done_by(change);

	if (record == NULL) {
		not_saved(change, change->fault.err);
		return;
	}
	change->fault = (struct fault){ 0 };
	change->platform = record->row.id;
	announce_changes(hub, NULL, &record->row, change_reason(change));
	tell_listed(hub, directory_platform(hub_directory(hub), record->row.id),
	        change->registration != NULL && !change->registration->update ? STATE_PLANNED
	                                                                      : record->row.state,
	        NULL, 0);
	change_free(change, RH_OK);
}

static void
change_begin(struct registry_change *change)
{
	enum rh_err err;

	if (change->unsure) {
		look_whether_done(change);
		return;
	}
	if (change->begin != NULL) {
		change->begin(change);
		return;
	}
	err = change_apply(change);
	if (err == RH_OK) {
		if (hub_is_together(change->hub) && change->registration != NULL &&
		        !change->registration->update)
			keep_place(change);
		else
			save(change);
	} else if (!change_refused(change)) {
		change_failed(change, err);
	}
}

/* One after the other; changes of status alone, of different platforms, go side by side. */
static bool
is_its_turn(const struct registry_change *change)
{
	const struct registry *registry = change->hub->registry;
	const struct record *record;

	if (list_empty(&registry->under_way))
		return true;
	if (registry->exclusive || !change->is_status)
		return false;
	record = records_find(change->hub, change->platform);
	return record == NULL || !record->saving;
}

/* Changes that are committed wait for those behind them, so that many need one directory; not for
 * those of status, which build none. */
void
registry_go_on(struct hub *hub)
{
	struct registry *registry = hub->registry;

	while (!list_empty(&registry->changes)) {
		struct registry_change *change =
		        container_of(registry->changes.next, struct registry_change, node);

		if (!is_its_turn(change))
			break;
		if (change->is_status || change->begin != NULL ||
		        registry->committed_count == MOST_UNPUBLISHED)
			publish_committed(hub);
		list_remove(&change->node);
		list_add_tail(&registry->under_way, &change->node);
		registry->exclusive = !change->is_status;
		change_begin(change);
	}
	if (list_empty(&registry->changes) && list_empty(&registry->under_way))
		publish_committed(hub);
}

static void
change_arrived(struct mail *mail)
{
	struct registry_change *change = container_of(mail, struct registry_change, mail);

	list_add_tail(&change->hub->registry->changes, &change->node);
	registry_go_on(change->hub);
}

void
registry_submit(struct registry_change *change)
{
	change->mail.deliver = change_arrived;
	mailbox_post(net_loop_mailbox(change->hub->loop), &change->mail);
}

/* ---- start and end ---- */

void
registry_init(struct hub *hub)
{
	hub->registry = rh_alloc(sizeof *hub->registry);
	list_init(&hub->registry->records);
	list_init(&hub->registry->agreements);
	list_init(&hub->registry->changes);
	list_init(&hub->registry->under_way);
	list_init(&hub->registry->committed);
	hub->registry->by_id = table_new(64);
}

void
registry_load(struct hub *hub, const struct store_platform *platforms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)records_take(hub, &platforms[i]);
	agreement_index(hub);
	registry_publish(hub);
}

void
registry_free(struct hub *hub)
{
	list_each_safe (node, next, &hub->registry->records)
		record_free(container_of(node, struct record, node));
	list_init(&hub->registry->records);
	assert(registry_idle(hub) && hub->registry->retired == NULL);
	agreement_free(hub);
	table_free(hub->registry->by_id);
	free(hub->registry);
	hub->registry = NULL;
}

bool
registry_idle(const struct hub *hub)
{
	return list_empty(&hub->registry->changes) && list_empty(&hub->registry->under_way) &&
	       hub->registry->committed_count == 0;
}
