/* ctl_owed: what is owed by age and by cause, the second table of push status. */
#include "ctl_ask.h"

bool
ask_push(struct ctl *ctl, struct ctl_request *request)
{
	ask_query(ctl, request, "buckets", "true");
	return true;
}

static const char *const ages[] = { "1m", "10m", "1h", "1d", "older" };

static void
add_count(const struct ctl *ctl, struct ctl_grid *grid, int64_t count, enum ctl_colour colour)
{
	ctl_grid_add(grid, count > 0 ? arena_printf(ctl->arena, "%lld", (long long)count).p : NULL,
	        count > 0 ? colour : DIM);
}

static void
add_platform(const struct ctl *ctl, struct ctl_grid *grid, struct val row)
{
	struct val cause = { 0 }, buckets = val_get(row, "buckets");
	const char *name;

	while (val_member(ctl, val_get(buckets, "causes"), &cause, &name)) {
		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "platform")).p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid, name, PLAIN);
		for (size_t i = 0; i < COUNT(ages); i++)
			add_count(ctl, grid, val_number(cause, ages[i]),
			        i < 2   ? PLAIN
			        : i < 4 ? YELLOW
			                : RED);
	}
}

static bool
is_owed(struct val answer, bool *partial)
{
	struct val row = { 0 };
	bool owed = false;

	*partial = false;
	while (val_each(answer, &row)) {
		struct val buckets = val_get(row, "buckets");

		owed |= val_count(val_get(buckets, "causes")) > 0;
		*partial |= val_true(buckets, "partial");
	}
	return owed;
}

void
ctl_print_owed(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "ID", "NAME", "CAUSE", "1 MIN", "10 MIN", "1 H",
		"1 DAY", "OLDER" };
	struct ctl_grid *grid;
	struct val row = { 0 };
	bool partial;

	if (!is_owed(answer, &partial))
		return;
	grid = ctl_grid_new(ctl, titles, COUNT(titles));
	while (val_each(answer, &row))
		add_platform(ctl, grid, row);
	(void)puts("\nowed, by cause and age:");
	ctl_grid_print(grid);
	if (partial)
		(void)puts("there is more behind it than was looked at");
}
