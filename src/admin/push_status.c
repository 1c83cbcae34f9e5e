/* push_status: what each platform is owed: behind the feed, beside it, and refused for good. */
#include "inside.h"

static json_t *
row_tree(const struct backlog_row *row, const struct platform *platform)
{
	json_t *object = tree_object();

	tree_set_number(object, "platform", platform->id);
	tree_set_str(object, "name", platform->name);
	tree_set_text(object, "status", platform_status(platform));
	backlog_set(object, row, platform->live);
	tree_set_count(object, "parked", row->parked);
	tree_set(object, "parked_oldest",
	        row->parked_oldest != NULL ? parked_tree(row->parked_oldest) : json_null());
	tree_set_count(object, "refused", row->refused);
	if (row->ages != NULL)
		tree_set(object, "buckets", ages_tree(row->ages));
	tree_set(object, "last_failure", platform_failure(platform->live));
	return object;
}

static void
answer_status(struct inquiry *inquiry)
{
	const struct directory *directory = hub_directory(inquiry->admin->hub);
	json_t *list = tree_list();

	for (size_t i = 0; i < inquiry->backlog.count; i++) {
		const struct backlog_row *row = &inquiry->backlog.rows[i];
		const struct platform *platform = directory_platform(directory, row->platform);

		if (platform != NULL)
			tree_add(list, row_tree(row, platform));
	}
	inquiry_json(inquiry, 200, list);
}

static void
ask_ages(struct inquiry *inquiry)
{
	if (str_is(asked_query(inquiry, "buckets"), "true"))
		ages_ask(inquiry, answer_status);
	else
		answer_status(inquiry);
}

static void
ask_refused(struct inquiry *inquiry)
{
	refused_ask(inquiry, ask_ages);
}

static void
ask_parked(struct inquiry *inquiry)
{
	parked_ask(inquiry, ask_refused);
}

void
push_status(struct inquiry *inquiry)
{
	backlog_ask(inquiry, 0, ask_parked);
}
