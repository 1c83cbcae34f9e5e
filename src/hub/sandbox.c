/* sandbox: simulated counterparts of platforms.
 *
 * A sandbox is a platform row that says whose it is, and a process that registers there as any
 * partner does. The row is what is wished: as long as it is there and was not removed, the process
 * is begun again, after it died and after a restart of the hub, and each time from nothing: what
 * the one before left is dropped, and the row gets a fresh token A. Its id is kept.
 *
 * begins:  drop what is left -> row with a token A -> process
 * stops:   process -> row removed -> drop what is left
 */
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "parties/registry.h"
#include "sandbox_list.h"

enum { AGAIN_MS = 1000, AGAIN_MOST_MS = 60000 };

static void drop_left(struct sandbox *sandbox, int state);

/* ---- who asked ---- */

static bool
add_asker(struct sandbox *sandbox, registry_done_fn done, void *ctx)
{
	if (done == NULL)
		return true;
	if (sandbox->asker_count == SANDBOX_ASKERS)
		return false;
	sandbox->askers[sandbox->asker_count++] = (struct asker){ done, ctx };
	return true;
}

static void
tell(struct sandbox *sandbox, enum rh_err err, const struct fault *fault)
{
	struct asker askers[SANDBOX_ASKERS];
	size_t count = sandbox->asker_count;

	memcpy(askers, sandbox->askers, sizeof askers);
	sandbox->asker_count = 0;
	for (size_t i = 0; i < count; i++)
		askers[i].done(askers[i].ctx, err, fault, sandbox->platform, (struct str){ 0 });
}

/* ---- its end ---- */

static void
sandbox_free(struct sandbox *sandbox)
{
	sandbox->hub->sandboxes->count--;
	list_remove(&sandbox->node);
	sandbox_is_gone(sandbox);
	sandbox_left_free(&sandbox->left);
	free(sandbox);
}

static void
is_gone(struct sandbox *sandbox)
{
	LOG(LOG_INFO, "sandbox", KVN("of", sandbox->owner), KVN("platform", sandbox->platform),
	        KV("state", "gone"));
	if (sandbox->platform != 0)
		sandbox->hub->sandbox_generation = 0; /* there is room for one that is due */
	tell(sandbox, RH_OK, &(struct fault){ 0 });
	sandbox_free(sandbox);
}

static void
removed(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct sandbox *sandbox = ctx;

	(void)platform, (void)token;
	sandbox->hub->control_work--;
	if (err != RH_OK && err != RH_NOT_FOUND) {
		tell(sandbox, err, fault);
		sandbox->stop = false;
		sandbox->state = SANDBOX_WAITS;
		return;
	}
	drop_left(sandbox, SANDBOX_DROPS_LAST);
}

static void
remove_row(struct sandbox *sandbox)
{
	if (sandbox->platform == 0) {
		is_gone(sandbox);
		return;
	}
	sandbox->state = SANDBOX_REMOVES;
	sandbox->hub->control_work++;
	registry_remove(sandbox->hub, sandbox->platform, removed, sandbox);
}

static void
wait_again(struct sandbox *sandbox, const char *why)
{
	int64_t now_ms = rh_mono_ms(), ms = AGAIN_MS;

	if (sandbox->state == SANDBOX_RUNS && now_ms - sandbox->begun_ms > AGAIN_MOST_MS)
		sandbox->deaths = 0;
	for (unsigned i = 0; i < sandbox->deaths && ms < AGAIN_MOST_MS; i++)
		ms *= 2;
	sandbox->deaths++;
	sandbox->state = SANDBOX_WAITS;
	sandbox->again_ms = now_ms + (ms < AGAIN_MOST_MS ? ms : AGAIN_MOST_MS);
	(void)snprintf(sandbox->why, sizeof sandbox->why, "%s", why);
	LOG(LOG_WARNING, "sandbox", KVN("of", sandbox->owner), KVN("platform", sandbox->platform),
	        KV("why", sandbox->why));
}

static void
has_ended(struct sandbox_process *process, const char *why)
{
	struct sandbox *sandbox = container_of(process, struct sandbox, process);

	if (sandbox->hub->stopping)
		return;
	if (sandbox->stop)
		remove_row(sandbox);
	else
		wait_again(sandbox, why);
}

/* What is under way ends first, and looks at @stop then. */
static void
end_now(struct sandbox *sandbox)
{
	sandbox->stop = true;
	if (sandbox->state == SANDBOX_WAITS) {
		remove_row(sandbox);
	} else if (sandbox->state == SANDBOX_RUNS) {
		sandbox->state = SANDBOX_ENDS;
		sandbox_process_kill(&sandbox->process);
	}
}

/* ---- its beginning ---- */

static void
invited(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct sandbox *sandbox = ctx;
	struct sandbox_start start = { .role = sandbox->role, .token = token };
	struct fault failed = *fault;
	const struct platform *row;

	sandbox->hub->control_work--;
	if (err == RH_OK) {
		sandbox->platform = platform;
		row = directory_platform(hub_directory(sandbox->hub), platform);
		sandbox->party = row->parties[0].id;
	}
	if (sandbox->hub->stopping)
		return;
	if (err == RH_OK && !sandbox->stop) {
		start.party = sandbox->party;
		start.platform = platform;
		err = sandbox_process_start(&sandbox->process, sandbox->hub, &start, &failed);
	}
	/* who is told that it failed does not find it there */
	sandbox->stop |= err != RH_OK && sandbox->asker_count > 0;
	tell(sandbox, err, &failed);
	if (sandbox->stop || (err != RH_OK && sandbox->platform == 0)) {
		sandbox->stop = true;
		remove_row(sandbox);
	} else if (err != RH_OK) {
		wait_again(sandbox, failed.why);
	} else {
		sandbox->state = SANDBOX_RUNS;
		sandbox->begun_ms = rh_mono_ms();
		LOG(LOG_INFO, "sandbox", KVN("of", sandbox->owner), KVN("platform", platform),
		        KV("state", "runs"), KVN("port", sandbox->process.port));
	}
}

static void
invite(struct sandbox *sandbox)
{
	sandbox->state = SANDBOX_INVITES;
	sandbox->hub->control_work++;
	registry_sandbox(
	        sandbox->hub, sandbox->platform, sandbox->owner, sandbox->role, invited, sandbox);
}

/* ---- what it leaves ---- */

static void
is_dropped(struct sandbox_left *left)
{
	struct sandbox *sandbox = container_of(left, struct sandbox, left);

	if (sandbox->hub->stopping)
		return;
	if (sandbox->state == SANDBOX_DROPS_LAST)
		is_gone(sandbox);
	else if (sandbox->stop)
		remove_row(sandbox);
	else
		invite(sandbox);
}

static void
drop_left(struct sandbox *sandbox, int state)
{
	sandbox->state = state;
	sandbox_left_drop(&sandbox->left, sandbox->hub,
	        &(struct sandbox_trace){ sandbox->owner, sandbox->platform, sandbox->party });
}

/* ---- from outside ---- */

static struct sandbox *
sandbox_new(struct hub *hub, int64_t owner, enum ocpi_role role)
{
	struct sandbox *sandbox = rh_alloc(sizeof *sandbox);

	sandbox->hub = hub;
	sandbox->owner = owner;
	sandbox->role = role;
	sandbox->state = SANDBOX_WAITS;
	sandbox->process.done = has_ended;
	sandbox->left.done = is_dropped;
	sandbox_process_init(&sandbox->process);
	list_add_tail(&hub->sandboxes->all, &sandbox->node);
	hub->sandboxes->count++;
	return sandbox;
}

/* The row that it had when it ran before, if it did. */
static void
take_row(struct sandbox *sandbox)
{
	const struct platform *row = sandbox_row(sandbox->hub, sandbox->owner, sandbox->role);

	if (row == NULL)
		return;
	sandbox->platform = row->id;
	sandbox->party = row->parties[0].id;
}

static enum rh_err
check_start(const struct hub *hub, enum ocpi_role role, struct fault *fault)
{
	int64_t most = hub_settings(hub)->sandbox_most;

	if (role != ROLE_CPO && role != ROLE_EMSP)
		return fault_set(fault, RH_BAD_FIELD, "role", "expected CPO or EMSP");
	if (atomic_load(&hub->passive))
		return fault_set(fault, RH_BAD_FIELD, "hub", "is passive: it calls nobody");
	if (hub->stopping)
		return fault_set(fault, RH_BAD_FIELD, "hub", "is stopping");
	if (sandbox_count(hub) >= (size_t)most)
		return fault_set(fault, RH_BAD_FIELD, "sandbox.most",
		        "there are %zu sandboxes, as many as may be", sandbox_count(hub));
	return RH_OK;
}

static void
answer(registry_done_fn done, void *ctx, struct fault *fault, int64_t platform)
{
	if (done != NULL)
		done(ctx, fault->err, fault, platform, (struct str){ 0 });
}

void
sandbox_start(struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx)
{
	struct sandbox *sandbox = sandbox_find(hub, owner, role);
	struct fault fault = { 0 };

	if (hub->stopping)
		(void)fault_set(&fault, RH_BUSY, "", "the hub stops");
	else if (sandbox != NULL && sandbox->stop)
		(void)fault_set(&fault, RH_BAD_FIELD, "sandbox", "is being stopped, try again");
	else if (sandbox == NULL)
		fault.err = check_start(hub, role, &fault);
	if (fault.err != RH_OK || (sandbox != NULL && sandbox->state == SANDBOX_RUNS)) {
		answer(done, ctx, &fault, sandbox != NULL ? sandbox->platform : 0);
		return;
	}
	if (sandbox == NULL && !hub_holds(hub, owner)) {
		sandbox_wish(hub, owner, role, done, ctx);
		return;
	}
	if (sandbox == NULL) {
		sandbox = sandbox_new(hub, owner, role);
		take_row(sandbox);
	}
	if (!add_asker(sandbox, done, ctx)) {
		(void)fault_set(&fault, RH_BUSY, "sandbox", "too many ask for it");
		answer(done, ctx, &fault, 0);
		return;
	}
	if (sandbox->state == SANDBOX_WAITS)
		drop_left(sandbox, SANDBOX_DROPS);
}

void
sandbox_stop(struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx)
{
	struct sandbox *sandbox = sandbox_find(hub, owner, role);
	const struct platform *platform = directory_platform(hub_directory(hub), owner);
	const struct str off = STR("sandbox=off");
	struct fault fault = { 0 };

	if (sandbox == NULL && !hub_holds(hub, owner)) {
		sandbox_unwish(hub, owner, role, done, ctx);
		return;
	}
	if (sandbox == NULL) {
		(void)fault_set(&fault, RH_NOT_FOUND, "sandbox", "platform %lld has none as %s",
		        (long long)owner, ocpi_role_name(role));
		answer(done, ctx, &fault, 0);
		return;
	}
	if (!add_asker(sandbox, done, ctx)) {
		(void)fault_set(&fault, RH_BUSY, "sandbox", "too many ask for it");
		answer(done, ctx, &fault, 0);
		return;
	}
	if (platform != NULL && platform->sandbox_auto) /* before it is gone, so it stays so */
		registry_set(hub, owner, &off, 1, NULL, NULL);
	end_now(sandbox);
}

/* ---- what is to be looked after ---- */

/* It goes with the platform that it is for, and when the operator removes it as a platform. */
static bool
is_orphan(const struct sandbox *sandbox)
{
	const struct directory *directory = hub_directory(sandbox->hub);
	const struct platform *owner = directory_platform(directory, sandbox->owner);
	const struct platform *row = directory_platform(directory, sandbox->platform);

	return owner == NULL || owner->removed ||
	       (row != NULL && row->removed &&
	               (sandbox->state == SANDBOX_RUNS ||
	                       (sandbox->state == SANDBOX_WAITS && hub_is_together(sandbox->hub))));
}

/* Whoever holds its owner now begins it anew. */
static void
let_go(struct sandbox *sandbox)
{
	const struct fault moved = { .err = RH_BUSY, .why = "another process runs it now" };

	sandbox_process_finish(&sandbox->process);
	tell(sandbox, RH_BUSY, &moved);
	sandbox_free(sandbox);
}

/* What is under way ends first. */
static bool
is_anothers(const struct sandbox *sandbox)
{
	return !hub_holds(sandbox->hub, sandbox->owner) &&
	       (sandbox->state == SANDBOX_WAITS || sandbox->state == SANDBOX_RUNS);
}

static void
look_after(struct sandbox *sandbox, int64_t now_ms)
{
	if (is_anothers(sandbox)) {
		let_go(sandbox);
		return;
	}
	if (sandbox->stop)
		return;
	if (is_orphan(sandbox))
		end_now(sandbox);
	else if (sandbox->state == SANDBOX_WAITS && now_ms >= sandbox->again_ms)
		drop_left(sandbox, SANDBOX_DROPS);
}

uint64_t
sandbox_slots(const struct hub *hub)
{
	uint64_t slots = 0;

	if (hub->sandboxes == NULL || hub->stopping) /* their processes have ended */
		return 0;
	list_each (node, &hub->sandboxes->all)
		slots |= (uint64_t)1 << store_slot(container_of(node, struct sandbox, node)->owner);
	return slots;
}

/* ---- those that were there before ---- */

/* The hub may have stopped, or died, in the middle of a stop: what one left that is removed is
 * dropped anyway. */
static void
take_up(struct hub *hub, const struct platform *row)
{
	struct sandbox *sandbox = sandbox_new(hub, row->sandbox_of, row->parties[0].role);

	sandbox->platform = row->id;
	sandbox->party = row->parties[0].id;
	sandbox->stop = row->removed;
	if (sandbox->stop)
		drop_left(sandbox, SANDBOX_DROPS_LAST);
}

/* What others wished for, and of the slots @fresh those that are removed, too. */
static void
meet(struct hub *hub, uint64_t fresh)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++) {
		const struct platform *row = &platforms[i];

		if (row->sandbox_of == 0 || row->party_count != 1 ||
		        !hub_holds(hub, row->sandbox_of) ||
		        (row->removed && (fresh >> store_slot(row->sandbox_of) & 1) == 0))
			continue;
		if (sandbox_find(hub, row->sandbox_of, row->parties[0].role) == NULL)
			take_up(hub, row);
	}
}

static void
meet_anew(struct hub *hub)
{
	struct sandboxes *sandboxes = hub->sandboxes;
	uint64_t generation = hub_directory(hub)->generation, fresh = sandboxes->fresh;

	if (sandboxes->met == generation)
		return;
	sandboxes->met = generation;
	sandboxes->fresh = 0;
	meet(hub, fresh);
}

void
sandbox_tick(struct hub *hub)
{
	int64_t now_ms = rh_mono_ms();

	if (hub_is_together(hub))
		meet_anew(hub);
	list_each_safe (node, next, &hub->sandboxes->all)
		look_after(container_of(node, struct sandbox, node), now_ms);
	if (hub_is_together(hub))
		sandbox_tell(hub);
}

void
sandbox_slots_came(struct hub *hub, uint64_t slots)
{
	hub->sandbox_generation = 0; /* others may be due */
	if (hub->sandboxes == NULL)
		return;
	hub->sandboxes->met = 0;
	hub->sandboxes->fresh |= slots;
}

/* ---- start and end of the hub ---- */

void
sandbox_open(struct hub *hub)
{
	hub->sandboxes = rh_alloc(sizeof *hub->sandboxes);
	list_init(&hub->sandboxes->all);
	list_init(&hub->sandboxes->told);
	sandbox_list_open(hub->sandboxes);
	if (!hub_is_together(hub))
		meet(hub, UINT64_MAX);
}

void
sandbox_end(struct hub *hub)
{
	const struct fault stops = { .err = RH_BUSY, .why = "the hub stops" };

	list_each (node, &hub->sandboxes->all) {
		struct sandbox *sandbox = container_of(node, struct sandbox, node);

		sandbox_process_finish(&sandbox->process);
		tell(sandbox, RH_BUSY, &stops);
	}
}

void
sandbox_close(struct hub *hub)
{
	if (hub->sandboxes == NULL)
		return;
	sandbox_end(hub);
	list_each_safe (node, next, &hub->sandboxes->all)
		sandbox_free(container_of(node, struct sandbox, node));
	sandbox_list_close(hub->sandboxes);
	free(hub->sandboxes);
}
