/* ctl_sandbox: simulated counterparts of platforms: the verbs sandbox. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

bool
ask_sandbox_start(struct ctl *ctl, struct ctl_request *request)
{
	ask_body(request, "role", ctl_option(ctl, "role"));
	return true;
}

bool
ask_sandbox_stop(struct ctl *ctl, struct ctl_request *request)
{
	if (ctl_option(ctl, "role") != NULL)
		ask_query(ctl, request, "role", ctl_option(ctl, "role"));
	return true;
}

void
ctl_print_sandbox(const struct ctl *ctl, struct val answer)
{
	(void)printf("platform %lld meets %s, a simulated %s (platform %lld): %s\n",
	        (long long)val_number(answer, "platform"), val_text(ctl, answer, "party"),
	        val_text(ctl, answer, "role"), (long long)val_number(answer, "sandbox_platform"),
	        val_text(ctl, answer, "status"));
}

void
ctl_print_sandbox_gone(const struct ctl *ctl, struct val answer)
{
	(void)ctl;
	(void)printf("platform %lld has no sandbox any more, and nothing is left of it\n",
	        (long long)val_number(answer, "platform"));
}

static const char *
number_text(const struct ctl *ctl, struct val row, const char *key)
{
	int64_t number = val_number(row, key);

	return number != 0 ? arena_printf(ctl->arena, "%lld", (long long)number).p : NULL;
}

void
ctl_print_sandboxes(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "PLATFORM", "SANDBOX", "PARTY", "ROLE", "STATUS",
		"PORT", "LAST END" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(answer) == 0) {
		(void)puts("no sandboxes: roamhubctl sandbox start ID --role CPO");
		return;
	}
	while (val_each(answer, &row)) {
		ctl_grid_add(grid, number_text(ctl, row, "platform"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "sandbox"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "party"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "role"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "status"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "port"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	ctl_grid_print(grid);
}
