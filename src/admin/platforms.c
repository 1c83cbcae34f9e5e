/* platforms: who is connected, as the operator sees it. */
#include <stdlib.h>

#include "inside.h"
#include "tally.h"

#include "roamhub/quota.h"

enum { MOST_REFUSALS = 20, MOST_PARKED = 20, MOST_LOOKED = 1000, MOST_LISTED = 1000 };

/* ---- the list ---- */

struct page {
	struct str text, status; /* absent: any */
	int64_t after;
	size_t limit;
};

static bool
read_page(struct inquiry *inquiry, struct page *page)
{
	struct str after = asked_query(inquiry, "after"), limit = asked_query(inquiry, "limit");
	uint64_t id = 0, rows = SIZE_MAX;

	page->text = asked_query(inquiry, "text");
	page->status = asked_query(inquiry, "status");
	if (after.p != NULL && !str_to_u64(after, INT32_MAX, &id))
		return inquiry_bad(inquiry, "after", "expected the id of a platform");
	if (limit.p != NULL && (!str_to_u64(limit, MOST_LISTED, &rows) || rows == 0))
		return inquiry_bad(inquiry, "limit", "expected 1 to %d", MOST_LISTED);
	page->after = (int64_t)id;
	page->limit = (size_t)rows;
	return true;
}

/** Does @text stand in @in, whatever the case? */
static bool
stands_in(struct str text, struct str in)
{
	for (size_t i = 0; i + text.len <= in.len; i++)
		if (str_ieq((struct str){ in.p + i, text.len }, text))
			return true;
	return false;
}

static bool
has_text(const struct platform *platform, struct str text)
{
	char party[OCPI_ID_TEXT];

	if (text.p == NULL || stands_in(text, platform->name))
		return true;
	for (size_t i = 0; i < platform->party_count; i++)
		if (stands_in(text, str_of(ocpi_id_key(&platform->parties[i].id, party))))
			return true;
	return false;
}

static bool
is_listed(const struct platform *platform, const struct page *page)
{
	return !platform->removed && platform->id > page->after &&
	       (page->status.p == NULL || str_is(page->status, platform_status(platform))) &&
	       has_text(platform, page->text);
}

/* Platforms stand in the directory in the order of their ids. */
void
platforms_list(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	struct page page = { 0 };
	json_t *list;

	if (!read_page(inquiry, &page))
		return;
	list = tree_list();
	for (size_t i = 0; i < count && json_array_size(list) < page.limit; i++)
		if (is_listed(&platforms[i], &page))
			tree_add(list, platform_tree(inquiry->admin, &platforms[i], false));
	inquiry_json(inquiry, 200, list);
}

/* ---- one platform, with all that is known of it ---- */

static json_t *
refusals_tree(const struct store_failures_args *args)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < args->count; i++)
		tree_add(list, refusal_tree(&args->failures[i]));
	return list;
}

static int
compare_parked(const void *a, const void *b)
{
	const struct store_parked *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1; /* what failed is to be seen first */
	return (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
}

/* What stands for a module is told as `syncing`. */
static void
set_parked(json_t *object, const struct store_parked_args *args)
{
	struct store_parked *rows = (struct store_parked *)args->rows;
	uint64_t total = args->total;
	json_t *list = tree_list();

	if (args->count > 0)
		qsort(rows, args->count, sizeof *rows, compare_parked);
	for (size_t i = 0; i < args->count; i++)
		if (parked_is_module(&rows[i]))
			total--;
		else if (json_array_size(list) < MOST_PARKED)
			tree_add(list, parked_tree(&rows[i]));
	tree_set_count(object, "parked", total);
	tree_set(object, "parked_objects", list);
}

static void
all_counted(struct inquiry *inquiry, const json_t *tally)
{
	tally_show(inquiry->answer, tally);
	inquiry_json(inquiry, 200, json_incref(inquiry->answer));
}

static void
report_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	const struct platform *platform;

	if (!inquiry_resume(inquiry))
		return;
	tree_set(inquiry->answer, "last_check", report_summary(op));
	platform = platform_of(inquiry);
	if (platform != NULL)
		tally_ask(inquiry, platform, all_counted);
}

/** What is used of each quota: @has is what the store counts. */
static json_t *
quotas_tree(const struct inquiry *inquiry, const struct platform *platform,
        const struct store_quota *has)
{
	static const char *const keys[QUOTA_COUNT] = {
		[QUOTA_REQUESTS_PER_SECOND] = "requests_per_second",
		[QUOTA_FLIGHTS] = "flights",
		[QUOTA_OBJECTS] = "objects",
		[QUOTA_RELINKS] = "relinks",
	};
	const int64_t stored[QUOTA_COUNT] = {
		[QUOTA_OBJECTS] = has->objects, [QUOTA_RELINKS] = has->relinks
	};
	json_t *list = tree_list();

	for (int quota = 0; quota < QUOTA_COUNT; quota++) {
		struct quota_use use =
		        platform_quota(inquiry->admin->hub, platform, (enum quota)quota);
		json_t *object = tree_object();

		tree_set_text(object, "key", keys[quota]);
		tree_set_count(object, "used", (uint64_t)(use.used + stored[quota]));
		tree_set_count(object, "most", (uint64_t)use.most);
		tree_add(list, object);
	}
	return list;
}

static void
quota_came(struct store_op *op)
{
	const struct platform *platform;
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	platform = platform_of(inquiry);
	if (platform == NULL)
		return;
	tree_set(inquiry->answer, "quotas", quotas_tree(inquiry, platform, &op->u.quota.has));
	report_ask(inquiry, report_came);
}

static void
refusals_came(struct store_op *op)
{
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	tree_set(inquiry->answer, "refusals", refusals_tree(&op->u.failures));
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.quota.platform = inquiry->id;
	inquiry_store(inquiry, STORE_QUOTA, quota_came);
}

static void
parked_came(struct store_op *op)
{
	const struct backlog_row *row;
	const struct platform *platform;
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	platform = platform_of(inquiry);
	if (platform == NULL)
		return;
	row = backlog_find(&inquiry->backlog, platform->id);
	inquiry->answer = platform_tree(inquiry->admin, platform, true);
	if (row != NULL)
		backlog_set(inquiry->answer, row, platform->live);
	tree_set(inquiry->answer, "settings_in_force",
	        platform_settings_tree(inquiry->admin->hub, platform));
	set_parked(inquiry->answer, &op->u.parked);
	refusals_ask(inquiry, MOST_REFUSALS, refusals_came);
}

static void
ask_parked(struct inquiry *inquiry)
{
	parked_read(inquiry, inquiry->id, MOST_LOOKED, inquiry->arena, parked_came);
}

void
platforms_show(struct inquiry *inquiry)
{
	if (platform_of(inquiry) != NULL)
		backlog_ask(inquiry, inquiry->id, ask_parked);
}
