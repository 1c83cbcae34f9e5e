/* ctl_object: one object: its bytes, and who has it. */
#include <string.h>

#include "ctl_ask.h"

/* ---- what is asked ---- */

/* MODULE/CC*PID/ID, as log has it. */
static bool
ask_of(struct ctl *ctl, struct ctl_request *request, const char *behind)
{
	struct str id = str_of(ctl->operands[0]), module = str_cut(&id, '/'),
	           party = str_cut(&id, '/'), left = party, country = str_cut(&left, '*');
	const char *type = ctl_option(ctl, "type");
	struct ocpi_id owner;

	if (module.len == 0 || party.p == NULL || !ocpi_id_parse(party, &owner) || id.len == 0) {
		ctl_complain("'%s' is no object, expected MODULE/CC*PID/ID, for example "
		             "tokens/DE*ABC/012345",
		        ctl->operands[0]);
		return false;
	}
	request->target = arena_printf(ctl->arena, "/admin/v1/objects/%.*s/%.*s/%.*s/%.*s%s",
	        STR_ARG(ocpi_percent_encode(module, ctl->arena)), STR_ARG(country), STR_ARG(left),
	        STR_ARG(ocpi_percent_encode(id, ctl->arena)), behind);
	if (type != NULL)
		ask_query(ctl, request, "type", type);
	return true;
}

bool
ask_object(struct ctl *ctl, struct ctl_request *request)
{
	return ask_of(ctl, request, "");
}

/* An id may have slashes. */
bool
ask_object_find(struct ctl *ctl, struct ctl_request *request)
{
	struct str id = str_of(ctl->operands[0]), module = str_cut(&id, '/');

	if (module.len == 0 || id.len == 0) {
		ctl_complain("'%s' is no module and id, expected MODULE/ID, for example cdrs/C-1",
		        ctl->operands[0]);
		return false;
	}
	request->target = arena_printf(ctl->arena, "/admin/v1/objects/%.*s/%.*s",
	        STR_ARG(ocpi_percent_encode(module, ctl->arena)),
	        STR_ARG(ocpi_percent_encode(id, ctl->arena)));
	return true;
}

bool
ask_deliveries(struct ctl *ctl, struct ctl_request *request)
{
	return ask_of(ctl, request, "/delivery");
}

/* ---- what is printed ---- */

static const char *
number_text(const struct ctl *ctl, struct val row, const char *key)
{
	return arena_printf(ctl->arena, "%lld", (long long)val_number(row, key)).p;
}

static void
print_version(const struct ctl *ctl, struct val version)
{
	const char *to = val_text(ctl, version, "to"), *name;

	name = val_text(ctl, val_get(version, "sender"), "name");
	(void)printf("change %lld, %s, from %s, %lld bytes%s%s\nsha256 %s\n",
	        (long long)val_number(version, "change"), val_text(ctl, version, "at"),
	        name != NULL ? name : "-", (long long)val_number(version, "bytes"),
	        to != NULL ? ", addressed to " : ", shared", to != NULL ? to : "",
	        val_text(ctl, version, "sha256"));
}

/* Newest first; the one of now stands above them with its bytes. */
static void
print_versions(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "CHANGE", "RECEIVED", "UNTIL", "FROM", "BYTES",
		"SHA256" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		ctl_grid_add(grid, number_text(ctl, row, "change"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "at"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "until"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, val_get(row, "sender"), "name"), PLAIN);
		ctl_grid_add(grid, number_text(ctl, row, "bytes"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "sha256"), DIM);
	}
	if (val_count(list) == 0)
		return;
	(void)puts("\nbefore that");
	ctl_grid_print(grid);
}

void
ctl_print_object(const struct ctl *ctl, struct val answer)
{
	struct val copies = val_get(answer, "copies"), copy = { 0 };

	while (val_each(copies, &copy)) {
		print_version(ctl, copy);
		(void)printf("%s\n", val_text(ctl, copy, "body"));
	}
	if (val_true(answer, "more"))
		(void)puts("there are more copies, addressed to other parties");
	print_versions(ctl, val_get(answer, "versions"));
}

void
ctl_print_object_find(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "MODULE", "OWNER", "ID", "TYPE", "SHARED",
		"ADDRESSED TO" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val list = val_get(answer, "matches"), row = { 0 };

	if (val_count(list) == 0) {
		(void)puts("the hub has no such object");
		return;
	}
	while (val_each(list, &row)) {
		bool addressed = val_number(row, "addressed_count") > 0;

		ctl_grid_add(grid, val_text(ctl, row, "module"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "owner"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "id"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "type"), PLAIN);
		ctl_grid_add(grid, val_true(row, "is_shared") ? "yes" : "no", PLAIN);
		ctl_grid_add(grid,
		        addressed ? arena_printf(ctl->arena, "%s %s",
		                            number_text(ctl, row, "addressed_count"),
		                            val_number(row, "addressed_count") == 1 ? "party"
		                                                                    : "parties")
		                            .p
		                  : NULL,
		        PLAIN);
	}
	ctl_grid_print(grid);
	if (val_true(answer, "more"))
		(void)puts("there are more");
}

static const char *
result_text(const struct ctl *ctl, struct val row)
{
	int64_t http = val_number(row, "http"), ocpi = val_number(row, "ocpi");

	return http == 0
	               ? NULL
	               : arena_printf(ctl->arena, "%lld/%lld", (long long)http, (long long)ocpi).p;
}

static void
print_receivers(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "PARTY", "PLATFORM", "DELIVERY", "SINCE", "RESULT",
		"WHY" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		const char *state = val_text(ctl, row, "delivery"),
		           *sent = val_text(ctl, row, "sent");

		ctl_grid_add(grid, val_text(ctl, row, "party"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid, state,
		        strcmp(state, "has") == 0       ? GREEN
		        : strcmp(state, "refused") == 0 ? RED
		                                        : YELLOW);
		ctl_grid_add(grid, sent != NULL ? sent : val_text(ctl, row, "since"), PLAIN);
		ctl_grid_add(grid, result_text(ctl, row), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	if (val_count(list) > 0)
		ctl_grid_print(grid);
}

static void
print_others(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "NOT ENTITLED", "PLATFORM", "RULE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		int64_t agreement = val_number(row, "agreement");
		const char *rule = val_text(ctl, row, "rule");

		ctl_grid_add(grid, val_text(ctl, row, "party"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid,
		        agreement == 0 ? rule
		                       : arena_printf(ctl->arena, "%s (agreement %lld)", rule,
		                                 (long long)agreement)
		                                 .p,
		        PLAIN);
	}
	if (val_count(list) == 0)
		return;
	(void)putchar('\n');
	ctl_grid_print(grid);
}

static void
print_addressed(const struct ctl *ctl, struct val list)
{
	struct val row = { 0 };

	while (val_each(list, &row))
		(void)printf("addressed to %s: %s, change %lld\n", val_text(ctl, row, "to"),
		        val_text(ctl, row, "delivery"), (long long)val_number(row, "change"));
}

void
ctl_print_deliveries(const struct ctl *ctl, struct val answer)
{
	struct val version = val_get(answer, "current");

	if (val_text(ctl, version, "sha256") != NULL)
		print_version(ctl, version);
	(void)printf("%lld entitled: %lld have it, %lld wait, %lld refused%s\n\n",
	        (long long)val_number(answer, "entitled"), (long long)val_number(answer, "has"),
	        (long long)val_number(answer, "waits"), (long long)val_number(answer, "refused"),
	        val_true(answer, "partial") ? " (of the newest 5000 rows)" : "");
	print_receivers(ctl, val_get(answer, "receivers"));
	print_others(ctl, val_get(answer, "not_entitled"));
	print_addressed(ctl, val_get(answer, "addressed"));
}
