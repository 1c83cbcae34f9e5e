/* import: what was planned is committed, and then the registry, the directory and all who are
 * entitled know of it. One change of the registry: nothing else is changed meanwhile. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "agreement.h"
#include "announce.h"
#include "foreign.h"
#include "import.h"
#include "live.h"
#include "records.h"

/* ---- the end ---- */

static void
imported(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct import *import = ctx;

	(void)platform, (void)token;
	import->done(import->ctx, err, fault, err == RH_OK ? import->report : NULL);
	tree_drop(&import->report);
	rh_wipe(import->seal_key, sizeof import->seal_key);
}

static bool
is_newcomer(const struct import_platform *platform)
{
	return platform->made && platform->row.state != STATE_PLANNED;
}

/* Where the cursor of a newcomer begins must be known before any worker sees it. */
static void
take_platform(const struct import *import, const struct import_platform *platform)
{
	struct hub *hub = import->hub;
	struct store_platform row = platform->row;
	struct record *old;

	row.changed = 0; /* its number by now is not known */
	old = records_take(hub, &row);

	if (is_newcomer(platform) && hub_is_together(hub))
		atomic_store(
		        &live_of(hub, platform->row.id, STATE_CONNECTED)->joined, import->joined);
	else if (is_newcomer(platform))
		announce_newcomer(hub, live_of(hub, platform->row.id, STATE_CONNECTED));
	record_free(old);
}

static void
tell_platform(struct hub *hub, const struct import_platform *platform)
{
	const struct platform *known = directory_platform(hub_directory(hub), platform->row.id);

	announce_changes(hub, NULL, &platform->row, "imported");
	if (known->state == STATE_CONNECTED)
		hub->entitled(hub, known, &(struct entitlement){ .newcomer = true });
}

static void
publish(struct import *import)
{
	struct hub *hub = import->hub;

	hub->registry->foreign = import->foreign;
	for (size_t i = 0; i < import->platform_count; i++)
		if (import->platforms[i].made || import->platforms[i].changed)
			take_platform(import, &import->platforms[i]);
	for (size_t i = 0; i < import->rows.agreement_count; i++)
		agreement_take(hub, &import->rows.agreements[i]);
	agreement_index(hub);
	registry_publish(hub);
	for (size_t i = 0; i < import->platform_count; i++)
		if (import->platforms[i].made)
			tell_platform(hub, &import->platforms[i]);
	for (size_t i = 0; i < import->rows.agreement_count; i++)
		agreement_tell(hub, &import->rows.agreements[i]);
}

static void
saved(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	struct hub *hub = change->hub;

	if (op->err == RH_OK) {
		change_tell(change);
		publish(change->ctx);
		change_free(change, RH_OK);
	} else if (!change_overtaken(change)) {
		change_free(change, change_unsaved(change));
	}
	registry_go_on(hub);
}

/* ---- the beginning ---- */

static void
save(struct registry_change *change)
{
	const struct import *import = change->ctx;

	change->op = (struct store_op){ .verb = STORE_IMPORT, .done = saved };
	change->op.u.import = import->rows;
	change->op.directory = change->hub->registry->version;
	store_submit(change->hub->session, &change->op);
}

static void
places_kept(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);

	if (op->err == RH_OK)
		save(change);
	else
		saved(op);
}

/* As of one that registers: the registry. */
static void
keep_places(struct registry_change *change)
{
	struct import *import = change->ctx;
	int64_t *ids = arena_alloc(import->arena, (import->platform_count + 1) * sizeof *ids);
	size_t count = 0;

	for (size_t i = 0; i < import->platform_count; i++)
		if (is_newcomer(&import->platforms[i]))
			ids[count++] = import->platforms[i].row.id;
	import->joined = announce_place(change->hub, ids, count, &change->op, import->arena);
	change->op.done = places_kept;
	store_submit(change->hub->session, &change->op);
}

static void
import_begin(struct registry_change *change)
{
	struct import *import = change->ctx;
	enum rh_err err = import_plan(import, &change->fault);

	if (err != RH_OK && change_refused(change))
		return;
	if (err != RH_OK || import->dry_run ||
	        import->rows.platform_count + import->rows.agreement_count == 0)
		change_free(change, err);
	else if (hub_is_together(change->hub))
		keep_places(change);
	else
		save(change);
}

void
transfer_import(
        struct hub *hub, const struct transfer_import *wanted, transfer_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, 0, imported, NULL);
	struct import *import = arena_alloc(change->arena, sizeof *import);
	enum rh_err err;

	import->hub = hub;
	import->arena = change->arena;
	import->dry_run = wanted->dry_run;
	import->done = done;
	import->ctx = ctx;
	change->ctx = import;
	change->begin = import_begin;
	err = import_read(import, wanted->document, wanted->key, &change->fault);
	for (size_t i = 0; err == RH_OK && i < import->platform_count; i++)
		import->platforms[i].document = import->platforms[i].row;
	list_init(&change->node);
	if (err != RH_OK)
		change_free(change, err);
	else
		registry_submit(change);
}
