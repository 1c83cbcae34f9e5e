/* redrive: what a platform refused for good, or could not take, is sent to it once more, on
 * command. Rows of the store hold what is to be sent, so none is lost while the platform is away;
 * what is listed here is for people. */
#include "inside.h"

enum { MOST_SHOWN = 100, LOOK_REFUSED = 20000, LOOK = 2000, MOST_LOOKS = 25, MOST_AT_ONCE = 64 };

struct target {
	struct redrive *redrive;
	int64_t platform;
	uint64_t count;
};
struct redrive {
	struct inquiry *inquiry;
	struct push_redrive what; /* platform 0: all */
	size_t looks;             /* reads of parked rows, for those that are shown */
	struct target *targets;
	size_t target_count, begun, ended;
	uint64_t count; /* of all, those that are not in inquiry->answer too */
	struct fault fault;
};

/* ---- as JSON ---- */

json_t *
refusal_tree(const struct store_failure *failure)
{
	json_t *object = tree_object();

	tree_set_time(object, "at", failure->at_ms);
	tree_set_str(object, "module", failure->key.module);
	tree_set_str(object, "owner", failure->key.owner);
	tree_set_str(object, "id", failure->key.id);
	if (failure->key.type.len > 0)
		tree_set_str(object, "type", failure->key.type);
	tree_set_number(object, "change", failure->change);
	tree_set_number(object, "http", failure->http);
	tree_set_number(object, "ocpi", failure->ocpi);
	tree_set_str(object, "why", failure->why);
	return object;
}

/* The answer's list is inquiry->answer. */
static void
show(const struct redrive *redrive, json_t *row, int64_t at_ms, const char *kind)
{
	tree_set_time(row, "at", at_ms);
	tree_set_text(row, "kind", kind);
	tree_add(redrive->inquiry->answer, row);
}

/* Those that have something of it. */
static json_t *
platforms_tree(const struct redrive *redrive)
{
	const struct directory *directory = hub_directory(redrive->inquiry->admin->hub);
	json_t *list = tree_list();

	for (size_t i = 0; i < redrive->target_count; i++) {
		const struct target *target = &redrive->targets[i];
		const struct platform *platform = directory_platform(directory, target->platform);
		json_t *row;

		if (target->count == 0 || platform == NULL)
			continue;
		row = tree_object();
		tree_set_number(row, "platform", target->platform);
		tree_set_str(row, "name", platform->name);
		tree_set_text(row, "status", platform_status(platform));
		tree_set_count(row, "count", target->count);
		tree_add(list, row);
	}
	return list;
}

static void
answer(const struct redrive *redrive)
{
	const struct inquiry *inquiry = redrive->inquiry;
	const struct platform *platform =
	        directory_platform(hub_directory(inquiry->admin->hub), redrive->what.platform);
	json_t *object = tree_object(), *list = inquiry->answer;

	if (redrive->what.platform == 0)
		tree_set(object, "platforms", platforms_tree(redrive));
	else
		tree_set_number(object, "platform", redrive->what.platform);
	if (platform != NULL)
		tree_set_text(object, "status", platform_status(platform));
	tree_set_bool(object, "dry_run", redrive->what.dry_run);
	tree_set_count(object, "count", redrive->count);
	tree_set_bool(object, "more", redrive->count > json_array_size(list));
	tree_set(object, "objects", json_incref(list));
	inquiry_json(redrive->inquiry, 200, object);
}

/* ---- one platform after the other, some at once ---- */

static void begin_some(struct redrive *redrive);

static void
finish(struct redrive *redrive)
{
	struct inquiry *inquiry = redrive->inquiry;

	if (!inquiry_resume(inquiry))
		return;
	if (redrive->fault.err == RH_OK)
		answer(redrive);
	else
		inquiry_fail(inquiry, &redrive->fault);
}

static void
redriven(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count)
{
	struct target *target = ctx;
	struct redrive *redrive = target->redrive;

	if (err == RH_OK && count > 0 && !redrive->what.dry_run)
		LOG(LOG_INFO, "admin", KV("verb", "redrive"), KVN("platform", target->platform),
		        KVN("objects", count));
	target->count = count;
	redrive->count += count;
	redrive->ended++;
	if (err != RH_OK && redrive->fault.err == RH_OK)
		redrive->fault = *fault;
	begin_some(redrive);
}

/* What was begun is ended, whatever became of the others: all lie in the memory of the inquiry. */
static void
begin_some(struct redrive *redrive)
{
	size_t most = redrive->fault.err == RH_OK ? redrive->target_count : redrive->begun;

	while (redrive->begun < most && redrive->begun - redrive->ended < MOST_AT_ONCE) {
		struct target *target = &redrive->targets[redrive->begun++];
		struct push_redrive what = redrive->what;

		what.platform = target->platform;
		push_redrive(redrive->inquiry->admin->hub, &what, redriven, target);
	}
	if (redrive->ended == redrive->begun)
		finish(redrive);
}

/* ---- what is there ---- */

static bool
has_room(const struct redrive *redrive)
{
	return json_array_size(redrive->inquiry->answer) < MOST_SHOWN;
}

static json_t *
of_platform(json_t *row, struct str receiver)
{
	tree_set_number(row, "platform", receiver_platform(receiver));
	return row;
}

static void look_at_parked(struct redrive *redrive, struct store_place after);

/* A row of a refusal is shown as the refusal that it is. */
static void
found_parked(struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	struct inquiry *inquiry;
	struct redrive *redrive;

	if (!inquiry_stored(op, &inquiry))
		return;
	redrive = inquiry->work;
	for (size_t i = 0; i < args->count; i++) {
		const struct store_parked *row = &args->rows[i];

		if (row->kind != PARKED_REDRIVE && has_room(redrive))
			show(redrive, of_platform(parked_tree(row), row->receiver), row->since_ms,
			        row->kind == PARKED_FAILED ? "failed" : "introduced");
	}
	if (args->more && has_room(redrive) && redrive->looks < MOST_LOOKS) {
		look_at_parked(redrive, args->after);
		return;
	}
	inquiry_wait(inquiry);
	begin_some(redrive);
}

/* For people: among very many that are not chosen it is not looked for long. */
static void
look_at_parked(struct redrive *redrive, struct store_place after)
{
	const struct push_redrive *what = &redrive->what;

	redrive->looks++;
	parked_choose(redrive->inquiry,
	        &(struct store_parked_args){ .key = what->key,
	                .since_ms = what->since_ms,
	                .until_ms = what->until_ms,
	                .look = LOOK,
	                .after = after,
	                .limit = MOST_SHOWN },
	        what->platform, found_parked);
}

static void
found_refused(struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	struct inquiry *inquiry;
	struct redrive *redrive;

	if (!inquiry_stored(op, &inquiry))
		return;
	redrive = inquiry->work;
	for (size_t i = 0; i < args->count; i++)
		show(redrive,
		        of_platform(refusal_tree(&args->failures[i]), args->failures[i].receiver),
		        args->failures[i].at_ms, "refused");
	look_at_parked(redrive, (struct store_place){ 0 });
}

static void
refusals_choose(struct inquiry *inquiry, const struct store_failures_args *choice, int64_t platform,
        void (*done)(struct store_op *op))
{
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.failures = *choice;
	if (platform != 0)
		inquiry->op.u.failures.receiver =
		        store_receiver(platform, arena_alloc(inquiry->arena, STORE_RECEIVER_TEXT));
	inquiry_store(inquiry, STORE_FAILURES, done);
}

void
refusals_ask(struct inquiry *inquiry, size_t limit, void (*done)(struct store_op *op))
{
	refusals_choose(
	        inquiry, &(struct store_failures_args){ .limit = limit }, inquiry->id, done);
}

/* ---- what was asked ---- */

/* ClientInfo is refused and sent again, too. */
static bool
read_module(struct inquiry *inquiry, struct push_redrive *what)
{
	struct str module;

	if (!asked_text(inquiry, "module", &module))
		return false;
	if (module.p == NULL)
		return true;
	what->key.module = module;
	if (asked_member(inquiry, "object").p != NULL)
		return inquiry_bad(inquiry, "module", "object says it, expected one of the two");
	if (str_is(module, "hubclientinfo") ||
	        ocpi_module_find(hub_modules(inquiry->admin->hub), module) != NULL)
		return true;
	refuse_module(inquiry);
	return false;
}

static bool
read_what(struct inquiry *inquiry, struct push_redrive *what)
{
	struct str since, until, object;

	return read_module(inquiry, what) && asked_text(inquiry, "object", &object) &&
	       asked_object(inquiry, "object", object, &what->key) &&
	       asked_text(inquiry, "since", &since) && asked_text(inquiry, "until", &until) &&
	       asked_time(inquiry, "since", since, &what->since_ms) &&
	       asked_time(inquiry, "until", until, &what->until_ms) &&
	       asked_flag(inquiry, "dry_run", &what->dry_run);
}

static void
begin(struct inquiry *inquiry, struct redrive *redrive)
{
	const struct push_redrive *what = &redrive->what;

	for (size_t i = 0; i < redrive->target_count; i++)
		redrive->targets[i].redrive = redrive;
	inquiry->answer = tree_list();
	refusals_choose(inquiry,
	        &(struct store_failures_args){ .key = what->key,
	                .since_ms = what->since_ms,
	                .until_ms = what->until_ms,
	                .look = LOOK_REFUSED,
	                .limit = MOST_SHOWN },
	        what->platform, found_refused);
}

static struct redrive *
redrive_new(struct inquiry *inquiry, size_t targets)
{
	struct redrive *redrive = arena_alloc(inquiry->arena, sizeof *redrive);

	redrive->targets = arena_alloc(inquiry->arena, (targets + 1) * sizeof *redrive->targets);
	redrive->inquiry = inquiry;
	inquiry->work = redrive;
	return redrive;
}

void
push_again(struct inquiry *inquiry)
{
	struct redrive *redrive = redrive_new(inquiry, 1);

	if (platform_present(inquiry) == NULL || !read_what(inquiry, &redrive->what))
		return;
	redrive->what.platform = inquiry->id;
	redrive->targets[redrive->target_count++].platform = inquiry->id;
	begin(inquiry, redrive);
}

void
push_again_all(struct inquiry *inquiry)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(inquiry->admin->hub), &platforms);
	struct redrive *redrive = redrive_new(inquiry, count);

	if (!read_what(inquiry, &redrive->what))
		return;
	redrive->what.if_any = true;
	for (size_t i = 0; i < count; i++)
		if (!platforms[i].removed)
			redrive->targets[redrive->target_count++].platform = platforms[i].id;
	begin(inquiry, redrive);
}
