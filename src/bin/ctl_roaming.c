/* ctl_roaming: who may roam with whom, and what is owed to whom: the verbs agreement and push. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

#include <string.h>

/* ---- requests ---- */

bool
ask_agreement_add(struct ctl *ctl, struct ctl_request *request)
{
	static const char *const members[] = { "modules", "from", "until" };

	if (!ask_party("CPO", ctl->operands[0]) || !ask_party("EMSP", ctl->operands[1]))
		return false;
	ask_body(request, "cpo", ctl->operands[0]);
	ask_body(request, "emsp", ctl->operands[1]);
	for (size_t i = 0; i < COUNT(members); i++)
		if (ctl_option(ctl, members[i]) != NULL)
			ask_body(request, members[i], ctl_option(ctl, members[i]));
	return true;
}

bool
ask_sync(struct ctl *ctl, struct ctl_request *request)
{
	const char *module = ctl_option(ctl, "module");

	request->body = tree_object();
	if (module != NULL)
		ask_body(request, "module", module);
	return true;
}

/* ---- agreements ---- */

static const char *
modules_text(const struct ctl *ctl, struct val agreement)
{
	struct buf text = { .arena = ctl->arena };
	struct val module = { 0 };

	while (val_each(val_get(agreement, "modules"), &module))
		buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", val_string(ctl, module));
	return text.len > 0 ? text.p : "all modules";
}

static const char *
or_word(const char *text, const char *word)
{
	return text != NULL ? text : word;
}

void
ctl_print_agreements(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "ID", "CPO", "EMSP", "MODULES", "FROM", "UNTIL",
		"STATUS" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(answer) == 0) {
		(void)puts("no agreements: routing.default decides for all");
		return;
	}
	while (val_each(answer, &row)) {
		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "agreement")).p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "cpo"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "emsp"), PLAIN);
		ctl_grid_add(grid, modules_text(ctl, row), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "from"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "until"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "status"), PLAIN);
	}
	ctl_grid_print(grid);
}

static void
print_agreement(const struct ctl *ctl, struct val answer, const char *what)
{
	const char *from = val_text(ctl, answer, "from"), *until = val_text(ctl, answer, "until");

	(void)printf("agreement %lld %s: %s and %s, %s%s%s%s%s\n",
	        (long long)val_number(answer, "agreement"), what,
	        or_word(val_text(ctl, answer, "cpo"), "?"),
	        or_word(val_text(ctl, answer, "emsp"), "?"), modules_text(ctl, answer),
	        from != NULL ? ", from " : "", or_word(from, ""), until != NULL ? ", until " : "",
	        or_word(until, ""));
}

void
ctl_print_agreement(const struct ctl *ctl, struct val answer)
{
	print_agreement(ctl, answer, "is made");
}

void
ctl_print_agreement_gone(const struct ctl *ctl, struct val answer)
{
	print_agreement(ctl, answer, "is removed");
}

/* ---- pushes ---- */

static const char *
number_text(const struct ctl *ctl, struct val row, const char *key)
{
	return arena_printf(ctl->arena, "%lld", (long long)val_number(row, key)).p;
}

/** Why there is a backlog; nothing when there is none. */
static const char *
reason_text(const struct ctl *ctl, struct val row)
{
	struct val failure = val_get(row, "last_failure");
	const char *why = val_text(ctl, failure, "why");

	if (val_number(row, "lag") == 0 || why == NULL)
		return NULL;
	return arena_printf(ctl->arena, "%s %s", or_word(val_text(ctl, failure, "at"), ""), why).p;
}

static const char *
wait_text(const struct ctl *ctl, struct val row)
{
	int64_t seconds = val_number(row, "wait_s");

	return seconds > 0 ? ctl_duration(ctl, seconds) : NULL;
}

const char *
ctl_object_text(const struct ctl *ctl, struct val row)
{
	return arena_printf(ctl->arena, "%s/%s/%s", or_word(val_text(ctl, row, "module"), "?"),
	        or_word(val_text(ctl, row, "owner"), "?"), or_word(val_text(ctl, row, "id"), "?"))
	        .p;
}

/* What goes beside the feed says little about the lag, so it has lines of its own. */
static void
print_beside(const struct ctl *ctl, struct val answer)
{
	struct val row = { 0 };

	while (val_each(answer, &row)) {
		struct val oldest = val_get(row, "parked_oldest");
		long long id = (long long)val_number(row, "platform");

		if (val_number(row, "syncing") > 0)
			(void)printf("\nplatform %lld: what is there of %lld modules is being "
			             "gathered for it",
			        id, (long long)val_number(row, "syncing"));
		if (val_count(oldest) > 0)
			(void)printf("\nplatform %lld: the oldest of %lld parked is %s, since %s "
			             "(%s), %lld attempts: %s",
			        id, (long long)val_number(row, "parked"),
			        ctl_object_text(ctl, oldest),
			        or_word(val_text(ctl, oldest, "since"), "?"),
			        ctl_duration(ctl, val_number(oldest, "age_s")),
			        (long long)val_number(oldest, "attempts"),
			        or_word(val_text(ctl, oldest, "why"), "not tried yet"));
		if (val_number(row, "syncing") > 0 || val_count(oldest) > 0)
			(void)putchar('\n');
	}
}

void
ctl_print_push(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "ID", "NAME", "STATUS", "LAG", "OWED", "AGE",
		"PARKED", "REFUSED", "WINDOW", "FAILED", "WAITS", "LAST FAILURE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(answer) == 0) {
		(void)puts("no platform is registered, nothing is owed");
		return;
	}
	while (val_each(answer, &row)) {
		const char *state = val_text(ctl, row, "status");
		bool late = val_number(row, "lag") > 0;

		ctl_grid_add(grid, number_text(ctl, row, "platform"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid, state, ctl_status_colour(state));
		ctl_grid_add(grid, number_text(ctl, row, "lag"), late ? YELLOW : PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "owed"), PLAIN);
		ctl_grid_add(
		        grid, late ? ctl_duration(ctl, val_number(row, "age_s")) : NULL, PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "parked"),
		        val_number(row, "parked") > 0 ? YELLOW : PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "refused"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "window"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "push_failures"), PLAIN);
		ctl_grid_add(grid, wait_text(ctl, row), PLAIN);
		ctl_grid_add(grid, reason_text(ctl, row), PLAIN);
	}
	ctl_grid_print(grid);
	print_beside(ctl, answer);
	ctl_print_owed(ctl, answer);
}

void
ctl_print_refusals(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "AT", "OBJECT", "HTTP", "OCPI", "WHY" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		ctl_grid_add(grid, val_text(ctl, row, "at"), PLAIN);
		ctl_grid_add(grid, ctl_object_text(ctl, row), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "http"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "ocpi"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	ctl_grid_print(grid);
}

void
ctl_print_parked(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "SINCE", "OBJECT", "TO", "KIND", "ATTEMPTS",
		"NEXT TRY", "HTTP", "OCPI", "WHY" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		ctl_grid_add(grid, val_text(ctl, row, "since"), PLAIN);
		ctl_grid_add(grid, ctl_object_text(ctl, row), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "to"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "kind"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "attempts"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "next_try"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "http"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "ocpi"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	ctl_grid_print(grid);
}

const char *
ctl_when_text(const struct ctl *ctl, struct val answer)
{
	const char *status = or_word(val_text(ctl, answer, "status"), "?");

	return strcmp(status, "CONNECTED") == 0
	               ? ""
	               : arena_printf(
	                         ctl->arena, "; it is %s, they go when it is CONNECTED", status)
	                         .p;
}

void
ctl_print_sync(const struct ctl *ctl, struct val answer)
{
	const char *module = val_text(ctl, answer, "module");
	long long count = (long long)val_number(answer, "module_count");

	if (count == 0)
		(void)printf("platform %lld lists no Receiver interface, nothing is sent\n",
		        (long long)val_number(answer, "platform"));
	else if (module != NULL)
		(void)printf("platform %lld is sent all that is there of %s%s\n",
		        (long long)val_number(answer, "platform"), module,
		        ctl_when_text(ctl, answer));
	else
		(void)printf("platform %lld is sent all that is there of %lld module%s%s\n",
		        (long long)val_number(answer, "platform"), count, count == 1 ? "" : "s",
		        ctl_when_text(ctl, answer));
}
