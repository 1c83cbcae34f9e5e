/* ctl_erase: what is kept of one driver's token goes. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

/* "-" and "@FILE" keep the uid out of the list of processes and the shell's memory. */
bool
ask_erase(struct ctl *ctl, struct ctl_request *request)
{
	const char *given;
	struct str uid, party;
	struct ocpi_id owner;

	if (!ctl_secret(ctl, ctl->operands[0], &given))
		return false;
	uid = str_of(given);
	party = str_cut(&uid, '/');
	if (!ocpi_id_parse(party, &owner) || uid.len == 0) {
		ctl_complain(
		        "'%s' is no token, expected CC*PID/UID, for example NL*XYZ/012345", given);
		return false;
	}
	ask_body(request, "token", given);
	tree_set_bool(request->body, "dry_run", ctl_option(ctl, "dry-run") != NULL);
	return true;
}

static void
print_row(const struct ctl *ctl, struct ctl_grid *grid, struct val answer, const char *key,
        const char *what)
{
	ctl_grid_add(grid, arena_printf(ctl->arena, "%lld", (long long)val_number(answer, key)).p,
	        PLAIN);
	ctl_grid_add(grid, what, PLAIN);
}

void
ctl_print_erased(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "ROWS", "WHAT" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	int64_t damaged = val_number(answer, "damaged");

	(void)printf("%s a token of %s, in the audit as %s\n\n",
	        val_true(answer, "dry_run") ? "would erase" : "erased",
	        val_text(ctl, answer, "party"), val_text(ctl, answer, "mark"));
	print_row(ctl, grid, answer, "token_copies",
	        "copies of the token, shared and addressed: gone");
	print_row(ctl, grid, answer, "owed", "deliveries that wait or were refused: gone");
	print_row(ctl, grid, answer, "legs", "legs of the trace that name it: gone");
	print_row(ctl, grid, answer, "remembered",
	        "hints, reports of checks, samples of faults and refusals that name it: gone");
	print_row(ctl, grid, answer, "sessions", "sessions: kept without uid and contract");
	print_row(ctl, grid, answer, "cdrs", "CDRs: kept without uid and contract");
	ctl_grid_print(grid);
	if (damaged > 0)
		(void)printf("\n%lld damaged rows name it and were left as they are: see "
		             "docs/operations.md\n",
		        (long long)damaged);
}
