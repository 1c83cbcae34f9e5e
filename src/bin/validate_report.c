/* validate_report: what was found, for people and for programs, and the faults counted by field. */
#include <string.h>

#include "validate.h"

void
report_begin(struct report *report, const struct ctl *ctl)
{
	*report = (struct report){ .ctl = ctl, .rows.arena = ctl->arena };
	json_put_list(&report->rows, NULL);
}

/* ---- faults by field ---- */

/** "/evses/0/status" as "/evses/" "*" "/status": what a class of objects has in common. */
static const char *
pattern_of(const struct report *report, const char *pointer)
{
	struct buf pattern = { .arena = report->ctl->arena };
	struct str left = str_of(pointer[0] == '/' ? pointer + 1 : pointer);

	buf_add(&pattern, STR(""));
	while (left.len > 0) {
		struct str step = str_cut(&left, '/');
		uint64_t index;

		buf_addc(&pattern, '/');
		buf_add(&pattern, str_to_u64(step, UINT32_MAX, &index) ? STR("*") : step);
	}
	return pattern.len > 0 ? pattern.p : "";
}

static struct field_count *
new_count(struct report *report, const char *class, const char *pattern)
{
	if (report->field_count == report->field_room) {
		size_t room = 2 * report->field_room + 32;
		struct field_count *more = arena_alloc(report->ctl->arena, room * sizeof *more);

		if (report->field_count > 0)
			memcpy(more, report->fields, report->field_count * sizeof *more);
		report->fields = more;
		report->field_room = room;
	}
	report->fields[report->field_count] = (struct field_count){ class, pattern, 0 };
	return &report->fields[report->field_count++];
}

static void
count(struct report *report, const struct finding *finding)
{
	const char *class = finding->class != NULL ? finding->class : "-";
	const char *pattern = pattern_of(report, finding->field + finding->object_bytes);
	struct field_count *field = NULL;

	for (size_t i = 0; i < report->field_count && field == NULL; i++)
		if (strcmp(report->fields[i].class, class) == 0 &&
		        strcmp(report->fields[i].pattern, pattern) == 0)
			field = &report->fields[i];
	if (field == NULL)
		field = new_count(report, class, pattern);
	field->count++;
}

/* ---- one finding ---- */

static void
print_place(const struct document *document)
{
	(void)printf("%s:", document->file);
	if (document->line > 0)
		(void)printf("%zu:", document->line);
}

static void
print(const struct report *report, const struct finding *finding, const char *level)
{
	const char *colon = finding->field[0] != '\0' ? ": " : "";

	print_place(finding->document);
	(void)printf(" %s%s%sfound %s, expected %s", ctl_clean(report->ctl, finding->field), colon,
	        level, ctl_clean(report->ctl, finding->found), finding->expected);
	if (finding->rule != NULL)
		(void)printf(" [%s]", finding->rule);
	(void)putchar('\n');
}

static void
add_row(struct report *report, const struct finding *finding)
{
	struct buf *rows = &report->rows;

	json_put_object(rows, NULL);
	json_put_text(rows, "file", str_of(finding->document->file));
	if (finding->document->line > 0)
		json_put_number(rows, "line", (int64_t)finding->document->line);
	if (finding->index >= 0)
		json_put_number(rows, "index", finding->index);
	json_put_text(rows, "class", str_of(finding->class));
	json_put_text(rows, "field", str_of(finding->field));
	json_put_text(rows, "pointer", str_of(finding->field + finding->object_bytes));
	json_put_text(rows, "found", str_of(finding->found));
	json_put_text(rows, "expected", str_of(finding->expected));
	json_put_text(rows, "spec", str_of(finding->spec));
	json_put_text(rows, "rule", str_of(finding->rule));
	json_end_object(rows);
}

void
report_finding(struct report *report, const struct finding *finding)
{
	count(report, finding);
	if (report->ctl->json)
		add_row(report, finding);
	else
		print(report, finding, "");
}

void
report_tolerated(const struct report *report, const struct finding *finding)
{
	if (!report->ctl->json)
		print(report, finding, "tolerated: ");
}

void
report_more(const struct report *report, const struct document *document, size_t more)
{
	if (report->ctl->json)
		return;
	print_place(document);
	(void)printf(" and %zu more\n", more);
}

void
report_no_json(struct report *report, const struct document *document)
{
	struct finding finding = { .document = document, .index = -1, .field = "" };

	report->objects++;
	report->invalid++;
	report->faults++;
	finding.found = arena_printf(report->ctl->arena, "no JSON: %s", document->why).p;
	finding.expected = "JSON";
	count(report, &finding);
	if (report->ctl->json)
		add_row(report, &finding);
	else
		(void)printf("%s:%zu: %s\n", document->file, document->why_line,
		        ctl_clean(report->ctl, finding.found));
}

/* ---- the end ---- */

static void
print_one(const struct report *report, const struct document *last)
{
	const char *guessed = last->guessed ? " (guessed, --class names another)" : "";
	const char *class = last->class != NULL ? last->class->name : "any class";
	bool list = last->doc.nodes[last->body].type == JSON_ARRAY;

	if (report->faults > 0)
		(void)printf("%s: %zu fault%s in %s%s\n", last->file, report->faults,
		        report->faults > 1 ? "s" : "", class, guessed);
	else if (list)
		(void)printf("%s: %zu objects, all valid: %s%s\n", last->file, report->objects,
		        class, guessed);
	else
		(void)printf("%s: valid %s%s\n", last->file, class, guessed);
}

static void
print_fields(const struct report *report)
{
	static const char *const titles[] = { "class", "field", "faults" };
	struct ctl_grid *grid = ctl_grid_new(report->ctl, titles, COUNT(titles));

	for (size_t i = 0; i < report->field_count; i++) {
		const struct field_count *field = &report->fields[i];

		ctl_grid_add(grid, field->class, PLAIN);
		ctl_grid_add(grid, ctl_clean(report->ctl, field->pattern), PLAIN);
		ctl_grid_add(grid, arena_printf(report->ctl->arena, "%zu", field->count).p, PLAIN);
	}
	ctl_grid_print(grid);
}

void
report_end(const struct report *report, size_t documents, const struct document *last)
{
	if (report->ctl->json) {
		(void)printf("%.*s]\n", STR_ARG(buf_str(&report->rows)));
		return;
	}
	if (documents == 1 && last->why == NULL)
		print_one(report, last);
	if (documents == 1 && (report->objects <= 1 || report->faults == 0))
		return;
	(void)printf("%zu of %zu valid%s\n", report->objects - report->invalid, report->objects,
	        report->faults > 0 ? ", faults by field:" : "");
	if (report->faults > 0)
		print_fields(report);
}
