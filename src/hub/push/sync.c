/* sync: what the control thread asks the push engine for. Both are rows of the store before anybody
 * hears of them, so neither is lost by an absence, a suspension or a crash. */
#include "sync.h"

#include "../news.h"
#include "expand.h"

enum { MOST_MARKERS = 16 };

struct asking {
	struct store_op op;
	struct arena *arena;
	struct hub *hub;
	int64_t platform, up_to; /* up_to: what came later is on the feed */
	struct live *live;
	bool quiet, if_any; /* its worker hears nothing; hears of it when there is any */
	push_done_fn done;
	void *ctx;
};

static struct asking *
asking_new(struct hub *hub, int64_t platform, push_done_fn done, void *ctx)
{
	struct arena *arena = arena_new(2048);
	struct asking *asking = arena_alloc(arena, sizeof *asking);

	asking->arena = arena;
	asking->hub = hub;
	asking->platform = platform;
	asking->done = done;
	asking->ctx = ctx;
	return asking;
}

static void
asked(struct asking *asking, enum rh_err err, const char *why, uint64_t count)
{
	struct fault fault = { 0 };

	const struct platform *platform =
	        directory_platform(hub_directory(asking->hub), asking->platform);

	if (err == RH_OK && platform != NULL && !asking->quiet && (count > 0 || !asking->if_any))
		news_parked(asking->hub, platform->live);
	else if (err != RH_OK)
		(void)fault_set(&fault, err, "", "%s", why);
	if (asking->done != NULL)
		asking->done(asking->ctx, err, &fault, count);
	arena_free(asking->arena); /* it lies in it */
}

static struct str
receiver_of(const struct asking *asking)
{
	return store_receiver(asking->platform, arena_alloc(asking->arena, STORE_RECEIVER_TEXT));
}

/* ---- redrive ---- */

static void
redriven(struct store_op *op)
{
	struct asking *asking = container_of(op, struct asking, op);

	asked(asking, op->err, op->why, op->u.redrive.count);
}

void
push_redrive(struct hub *hub, const struct push_redrive *what, push_done_fn done, void *ctx)
{
	struct asking *asking = asking_new(hub, what->platform, done, ctx);
	struct store_redrive_args *args = &asking->op.u.redrive;

	asking->op.verb = STORE_REDRIVE;
	asking->op.done = redriven;
	args->receiver = receiver_of(asking);
	args->now_ms = rh_schedule_ms();
	args->since_ms = what->since_ms;
	args->until_ms = what->until_ms;
	args->dry_run = what->dry_run;
	asking->quiet = what->dry_run;
	asking->if_any = what->if_any;
	args->key.scope = arena_str(asking->arena, what->key.scope);
	args->key.module = arena_str(asking->arena, what->key.module);
	args->key.owner = arena_str(asking->arena, what->key.owner);
	args->key.id = arena_str(asking->arena, what->key.id);
	args->key.type = arena_str(asking->arena, what->key.type);
	store_submit(hub_session(hub), &asking->op);
}

/* ---- what is there already ---- */

static void
synced(struct store_op *op)
{
	struct asking *asking = container_of(op, struct asking, op);
	size_t markers = op->u.parked.count;

	if (op->err != RH_OK)
		atomic_fetch_sub(&asking->live->push.syncing, (unsigned)markers);
	asked(asking, op->err, op->why, markers);
}

/* A row without an object's id stands for all that is there of the module, of one owner or of all.
 */
static void
add_marker(struct asking *asking, struct store_parked *rows, struct str module, struct str owner)
{
	size_t *count = &asking->op.u.parked.count;
	int64_t now_ms = rh_schedule_ms();

	for (size_t i = 0; i < *count; i++)
		if (str_eq(rows[i].key.module, module))
			return;
	if (*count == MOST_MARKERS)
		return;
	rows[(*count)++] = (struct store_parked){
		.receiver = receiver_of(asking),
		.to = STR(""),
		.key = { STR("*"), arena_str(asking->arena, module),
		        owner.p != NULL ? arena_str(asking->arena, owner) : STR(""), STR(""),
		        STR("") },
		.kind = PARKED_INTRODUCED,
		.since_ms = now_ms,
		.due_ms = now_ms,
		.why = arena_printf(asking->arena, MARKER_WHY "%lld", (long long)asking->up_to),
	};
}

static void
ask_for(struct hub *hub, const struct platform *platform, const struct entitlement *what,
        push_done_fn done, void *ctx)
{
	struct asking *asking = asking_new(hub, platform->id, done, ctx);
	struct store_parked *rows = arena_alloc(asking->arena, MOST_MARKERS * sizeof *rows);

	asking->live = platform->live;
	asking->up_to = what->newcomer ? atomic_load(&platform->live->joined) : hub_head(hub);
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (platform->endpoints[i].interface == IFACE_RECEIVER &&
		        (what->module.p == NULL ||
		                str_eq(platform->endpoints[i].module, what->module)))
			add_marker(asking, rows, platform->endpoints[i].module, what->owner);
	asking->op.verb = STORE_PARK;
	asking->op.done = synced;
	asking->op.u.parked.rows = rows;
	/* before the pusher can find them, and end them */
	atomic_fetch_add(&asking->live->push.syncing, (unsigned)asking->op.u.parked.count);
	store_submit(hub_session(hub), &asking->op);
}

void
push_sync(struct hub *hub, int64_t id, struct str module, push_done_fn done, void *ctx)
{
	const struct platform *platform = directory_platform(hub_directory(hub), id);
	struct fault fault = { 0 };

	if (platform == NULL || platform->removed) {
		(void)fault_set(&fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
		        (long long)id);
	} else if (module.p != NULL &&
	           platform_endpoint(platform, module, IFACE_RECEIVER) == NULL) {
		(void)fault_set(&fault, RH_BAD_FIELD, "module",
		        "platform %lld lists no Receiver interface of it", (long long)id);
	} else {
		ask_for(hub, platform, &(struct entitlement){ .module = module }, done, ctx);
		return;
	}
	if (done != NULL)
		done(ctx, fault.err, &fault, 0);
}

void
push_entitled(
        struct hub *hub, const struct platform *platform, const struct entitlement *entitlement)
{
	struct entitlement parties = { .module = STR("hubclientinfo"), .newcomer = true };

	if (platform->initial_sync)
		ask_for(hub, platform, entitlement, NULL, NULL);
	else if (entitlement->newcomer)
		ask_for(hub, platform, &parties, NULL, NULL); /* HCI-014: who is there */
}
