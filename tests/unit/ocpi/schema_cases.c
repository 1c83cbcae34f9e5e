/* schema_cases: runs the table and compares all faults of a body at once. */
#include "schema_cases.h"

#include <check.h>
#include <string.h>

static const char *const kinds[] = { [FLAW_MISSING] = "missing",
	[FLAW_NULL] = "null",
	[FLAW_TYPE] = "type",
	[FLAW_EMPTY] = "empty",
	[FLAW_TOO_LONG] = "long",
	[FLAW_CHARACTER] = "character",
	[FLAW_FORM] = "form",
	[FLAW_VALUE] = "value",
	[FLAW_RANGE] = "range",
	[FLAW_DECIMALS] = "decimals",
	[FLAW_RULE] = "rule" };

static void
add(struct buf *out, const struct json_doc *doc, const struct ocpi_flaw *flaw, const char *kind)
{
	struct ocpi_flaw_text text;

	ocpi_flaw_text(doc, flaw, &text);
	buf_printf(out, "%s%s %s", out->len > 0 ? "; " : "", text.pointer, kind);
}

static void
run(const struct schema_case *one, struct arena *arena)
{
	const struct ocpi_class *class = ocpi_class_find(ocpi_classes, str_of(one->class));
	struct buf found = { .arena = arena };
	struct ocpi_flaws flaws;
	struct json_doc doc;
	struct fault fault;

	ck_assert_msg(class != NULL, "no class %s", one->class);
	ck_assert_msg(json_scan(str_of(one->body), 10000, arena, &doc, &fault) == RH_OK, "%s: %s",
	        one->body, fault.why);
	ocpi_check(&doc, 0, class, one->flags, &flaws);
	buf_add(&found, STR(""));
	for (size_t i = 0; i < flaws.count; i++)
		add(&found, &doc, &flaws.list[i], kinds[flaws.list[i].kind]);
	for (size_t i = 0; i < flaws.warnings; i++)
		add(&found, &doc, &flaws.warning[i], "warning");
	ck_assert_msg(str_is(buf_str(&found), one->wanted), "%s %s: '%.*s' for '%s'", one->class,
	        one->body, STR_ARG(buf_str(&found)), one->wanted);
}

void
schema_cases_run(const struct schema_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new(8192);

		run(&cases[i], arena);
		arena_free(arena);
	}
}
