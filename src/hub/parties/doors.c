/* doors: each change of who is connected that may be asked for, as what the registry carries out.
 * Control thread, but for registry_forget_previous(). */
#include <stdlib.h>
#include <string.h>

#include "changes.h"

struct registry_change *
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

void
registry_invite(struct hub *hub, struct str name, const struct party_claim *claims, size_t count,
        int64_t expires_ms, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, 0, done, ctx);
	struct party_claim *copy = arena_alloc(change->arena, (count + 1) * sizeof *copy);

	if (count > 0)
		memcpy(copy, claims, count * sizeof *copy);
	change->claims = copy;
	change->count = count;
	change->name = arena_str(change->arena, name);
	change->expires_ms = expires_ms;
	change->apply = change_invite;
	registry_submit(change);
}

void
registry_reinvite(
        struct hub *hub, int64_t platform, int64_t expires_ms, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->expires_ms = expires_ms;
	change->apply = change_reinvite;
	registry_submit(change);
}

void
registry_sandbox(struct hub *hub, int64_t platform, int64_t owner, enum ocpi_role role,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->sandbox_of = owner;
	change->role = role;
	change->apply = change_sandbox;
	registry_submit(change);
}

static void
submit_simple(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx, change_fn *apply)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->apply = apply;
	registry_submit(change);
}

void
registry_suspend(struct hub *hub, int64_t platform, const struct suspension *suspension,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->suspension.reason = arena_str(change->arena, suspension->reason);
	change->suspension.until_ms = suspension->until_ms;
	change->apply = change_suspend;
	registry_submit(change);
}

void
registry_resume(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_resume);
}

void
registry_lift(struct hub *hub, int64_t platform)
{
	submit_simple(hub, platform, NULL, NULL, change_lift);
}

void
registry_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, change_remove);
}

/* The platform that dropped the party, else one that has it: the change says why it is not free. */
static int64_t
find_holder(struct hub *hub, const struct ocpi_id *id)
{
	int64_t holder = 0;

	for (const struct party *party = directory_party(hub_directory(hub), id); party != NULL;
	        party = party->same) {
		if (party->platform->removed)
			continue;
		holder = party->platform->id;
		if (party->state == STATE_SUSPENDED)
			break;
	}
	return holder;
}

void
registry_release(struct hub *hub, const struct ocpi_id *party, registry_done_fn done, void *ctx)
{
	int64_t holder = find_holder(hub, party);
	struct registry_change *change;
	struct party_claim *claim;
	struct fault fault = { 0 };

	if (holder == 0) {
		(void)fault_set(&fault, RH_NOT_FOUND, "party", "no platform has %s*%s",
		        party->country, party->party);
		done(ctx, fault.err, &fault, 0, (struct str){ 0 });
		return;
	}
	change = change_new(hub, holder, done, ctx);
	claim = arena_alloc(change->arena, sizeof *claim);
	claim->id = *party;
	change->claims = claim;
	change->apply = change_release;
	registry_submit(change);
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
	registry_submit(change);
}

void
registry_forget_previous(struct hub *hub, struct live *live, const uint8_t used[RH_DIGEST_BYTES])
{
	struct registry_change *change;

	if (atomic_exchange(&live->previous_unneeded, true))
		return;
	change = change_new(hub, live->platform, NULL, NULL);
	memcpy(change->used, used, sizeof change->used);
	change->apply = change_forget_previous;
	registry_submit(change);
}

void
registry_state_changed(struct hub *hub, struct live *live, enum store_state state)
{
	struct registry_change *change = change_new(hub, live->platform, NULL, NULL);

	change->state = state;
	change->is_status = true;
	change->apply = change_state;
	registry_submit(change);
}

void
registry_register(
        struct hub *hub, const struct registration *registration, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, registration->platform, done, ctx);

	change->registration = registration;
	change->apply = change_register;
	registry_submit(change);
}

void
registry_unregister(
        struct hub *hub, const struct registration *leaving, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, leaving->platform, done, ctx);

	change->leaving = leaving;
	change->apply = change_unregister;
	registry_submit(change);
}

void
registry_pending_token(struct hub *hub, int64_t platform, struct str name, struct str versions_url,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->name = arena_str(change->arena, name);
	change->versions_url = arena_str(change->arena, versions_url);
	change->apply = change_pending;
	registry_submit(change);
}

void
registry_withdraw(struct hub *hub, int64_t platform, bool drop, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->drop = drop;
	change->apply = change_withdraw;
	registry_submit(change);
}

void
registry_overlap(struct hub *hub, int64_t platform, const uint8_t *ours, struct str theirs,
        registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->is_used_known = ours != NULL;
	if (ours != NULL)
		memcpy(change->used, ours, sizeof change->used);
	change->theirs = arena_str(change->arena, theirs);
	change->apply = change_overlap;
	registry_submit(change);
}
