/* ctl_evidence: what is known of one CDR, to hand over. */
#include "ctl_ask.h"

/* ---- what is asked ---- */

bool
ask_evidence(struct ctl *ctl, struct ctl_request *request)
{
	const char *party = ctl_option(ctl, "party");

	if (party != NULL && !ask_party("--party", party))
		return false;
	request->target = arena_printf(ctl->arena, "/admin/v1/evidence/%.*s",
	        STR_ARG(ocpi_percent_encode(str_of(ctl->operands[0]), ctl->arena)));
	if (party != NULL)
		ask_query(ctl, request, "party", party);
	return true;
}

/* ---- what is printed ---- */

static const char *
amount(const struct ctl *ctl, struct val rows, const char *one, const char *many)
{
	size_t count = val_count(rows);

	return count == 0 ? NULL
	                  : arena_printf(ctl->arena, "%zu %s", count, count == 1 ? one : many).p;
}

/** What there is of @name, in a word or two; NULL: nothing. */
static const char *
found(const struct ctl *ctl, struct val part, const char *name)
{
	if (str_is(str_of(name), "legs"))
		return amount(ctl, part, "leg", "legs");
	if (str_is(str_of(name), "tariffs"))
		return amount(ctl, part, "tariff", "tariffs");
	if (str_is(str_of(name), "agreement"))
		return amount(ctl, val_get(part, "agreements"), "agreement", "agreements");
	if (str_is(str_of(name), "authorization"))
		return amount(ctl, val_get(part, "legs"), "leg", "legs");
	return amount(ctl, part, "copy", "copies");
}

static void
print_parts(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "PART", "FOUND", "SHA256" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val parts = val_get(answer, "parts"), part = { 0 };
	const char *name;

	while (val_member(ctl, parts, &part, &name)) {
		ctl_grid_add(grid, name, PLAIN);
		ctl_grid_add(grid, found(ctl, part, name), PLAIN);
		ctl_grid_add(grid, val_text(ctl, val_get(answer, "digests"), name), DIM);
	}
	ctl_grid_print(grid);
}

static void
print_missing(const struct ctl *ctl, struct val list)
{
	struct val row = { 0 };

	if (val_count(list) > 0)
		(void)putchar('\n');
	while (val_each(list, &row))
		(void)printf("missing    %s: %s\n", val_text(ctl, row, "part"),
		        val_text(ctl, row, "why"));
}

void
ctl_print_evidence(const struct ctl *ctl, struct val answer)
{
	const char *began = val_text(ctl, answer, "began");

	(void)printf("CDR        %s of %s, session began %s\n", val_text(ctl, answer, "cdr_id"),
	        val_text(ctl, answer, "party"), began != NULL ? began : "-");
	(void)printf("made       %s by %s, roamhub %s\n", val_text(ctl, answer, "made"),
	        val_text(ctl, answer, "hub"), val_text(ctl, answer, "version"));
	(void)printf("sha256     %s\n\n", val_text(ctl, answer, "sha256"));
	print_parts(ctl, answer);
	print_missing(ctl, val_get(answer, "missing"));
	(void)puts("\nThe file to hand over is this with --json.");
}
