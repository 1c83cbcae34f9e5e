/* ctl_redrive: what a platform, or all of them, refused for good or could not take, once more. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

#include <string.h>

/* ---- what is asked ---- */

static bool
ask_of_whom(struct ctl *ctl, struct ctl_request *request)
{
	uint64_t id;

	if (strcmp(ctl->operands[0], "all") == 0)
		return true;
	if (!str_to_u64(str_of(ctl->operands[0]), INT32_MAX, &id) || id == 0) {
		ctl_complain("'%s' is no platform id, expected a number or all: see roamhubctl "
		             "party list",
		        ctl->operands[0]);
		return false;
	}
	request->target = arena_printf(
	        ctl->arena, "/admin/v1/platforms/%llu/redrive", (unsigned long long)id);
	return true;
}

static bool
ask_when(struct ctl *ctl, struct ctl_request *request, const char *name)
{
	const char *time = ctl_option(ctl, name);

	if (time == NULL)
		return true;
	if (!ask_time(ctl, arena_printf(ctl->arena, "--%s", name).p, time, &time))
		return false;
	ask_body(request, name, time);
	return true;
}

bool
ask_redrive(struct ctl *ctl, struct ctl_request *request)
{
	const char *module = ctl_option(ctl, "module"), *object = ctl_option(ctl, "object");

	if (object != NULL && !ask_is_object(object))
		return false;
	request->body = tree_object();
	tree_set_bool(request->body, "dry_run", ctl_option(ctl, "dry-run") != NULL);
	if (module != NULL)
		ask_body(request, "module", module);
	if (object != NULL)
		ask_body(request, "object", object);
	return ask_when(ctl, request, "since") && ask_when(ctl, request, "until") &&
	       ask_of_whom(ctl, request);
}

/* ---- what is printed ---- */

static const char *
number_text(const struct ctl *ctl, struct val row, const char *key)
{
	return arena_printf(ctl->arena, "%lld", (long long)val_number(row, key)).p;
}

static void
print_objects(const struct ctl *ctl, struct val list, bool of_all)
{
	static const char *const titles[] = { "ID", "AT", "OBJECT", "KIND", "HTTP", "OCPI", "WHY" };
	size_t left_out = of_all ? 0 : 1;
	struct ctl_grid *grid = ctl_grid_new(ctl, titles + left_out, COUNT(titles) - left_out);
	struct val row = { 0 };

	while (val_each(list, &row)) {
		if (of_all)
			ctl_grid_add(grid, number_text(ctl, row, "platform"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "at"), PLAIN);
		ctl_grid_add(grid, ctl_object_text(ctl, row), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "kind"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "http"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "ocpi"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	ctl_grid_print(grid);
}

static void
print_count(const struct ctl *ctl, struct val platform, bool dry_run)
{
	int64_t count = val_number(platform, "count");

	(void)printf("platform %lld: %lld object%s %s as %s now%s\n",
	        (long long)val_number(platform, "platform"), (long long)count,
	        count == 1 ? "" : "s",
	        dry_run      ? "would be sent"
	        : count == 1 ? "is sent"
	                     : "are sent",
	        count == 1 ? "it is" : "they are", ctl_when_text(ctl, platform));
}

void
ctl_print_redrive(const struct ctl *ctl, struct val answer)
{
	struct val platforms = val_get(answer, "platforms"), row = { 0 };
	bool of_all = platforms.node != NULL, dry_run = val_true(answer, "dry_run");

	if (val_number(answer, "count") == 0) {
		(void)printf("%s %s: nothing to send again\n", of_all ? "all" : "platform",
		        of_all ? "platforms" : number_text(ctl, answer, "platform"));
		return;
	}
	if (!of_all)
		print_count(ctl, answer, dry_run);
	while (val_each(platforms, &row))
		print_count(ctl, row, dry_run);
	(void)putchar('\n');
	print_objects(ctl, val_get(answer, "objects"), of_all);
	if (val_true(answer, "more"))
		(void)puts("\nthere are more, which are not listed");
}
