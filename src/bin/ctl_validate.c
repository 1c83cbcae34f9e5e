/* ctl_validate: checks files against the class tables, without a hub and its configuration; with
 * --sense against what makes sense beyond them. */
#include <string.h>

#include "ctl_validate.h"
#include "validate.h"
#include "validate_sense.h"

struct job {
	struct ctl *ctl;
	struct choice choice;
	struct reading reading;
	struct report report;
	struct sense *sense; /* NULL: the tables alone */
	bool unsettled;      /* there is a document whose class nobody can tell */
};

/* ---- findings of the tables ---- */

/* What stands behind a field of a kind; a rule names its own. */
static const char *
spec_of(const struct ocpi_flaw *flaw)
{
	static const char *const kinds[] = {
		[KIND_CISTRING] = "TYP-001",
		[KIND_STRING] = "TYP-002",
		[KIND_URL] = "TYP-011",
		[KIND_DATETIME] = "TYP-005",
		[KIND_ENUM] = "TYP-004",
		[KIND_INT] = "TYP-010",
		[KIND_NUMBER] = "TYP-009",
		[KIND_OBJECT] = NULL,
	};

	if (flaw->kind == FLAW_RULE)
		return flaw->rule->spec;
	if (flaw->kind == FLAW_MISSING || flaw->kind == FLAW_NULL || flaw->kind == FLAW_EMPTY)
		return "TYP-015";
	return flaw->field != NULL ? kinds[flaw->field->kind] : NULL;
}

/** The finding of what stands at @node, all but its words. */
static struct finding
finding_in(const struct document *document, uint32_t object, int64_t index, const char *class)
{
	char pointer[sizeof((struct ocpi_flaw_text *)NULL)->pointer];

	json_pointer(&document->doc, object, pointer, sizeof(pointer));
	return (struct finding){ .document = document,
		.index = index,
		.class = class,
		.object_bytes = strlen(pointer) };
}

static void
report_flaw(struct job *job, struct finding finding, const struct ocpi_flaw *flaw, bool fault)
{
	struct ocpi_flaw_text text;

	ocpi_flaw_text(&finding.document->doc, flaw, &text);
	finding.field = text.pointer;
	finding.found = text.found;
	finding.expected = text.expected;
	finding.spec = spec_of(flaw);
	if (fault)
		report_finding(&job->report, &finding);
	else
		report_tolerated(&job->report, &finding);
}

/** How many faults the tables find in @object. */
static size_t
check_tables(struct job *job, const struct finding *finding, uint32_t object,
        const struct ocpi_class *class)
{
	const struct document *document = finding->document;
	struct ocpi_flaws flaws;

	ocpi_check(&document->doc, object, class, job->choice.flags, &flaws);
	for (size_t i = 0; i < flaws.count && i < OCPI_MAX_FLAWS; i++)
		report_flaw(job, *finding, &flaws.list[i], true);
	if (flaws.count > OCPI_MAX_FLAWS)
		report_more(&job->report, document, flaws.count - OCPI_MAX_FLAWS);
	for (size_t i = 0; i < flaws.warnings && i < OCPI_MAX_WARNINGS; i++)
		report_flaw(job, *finding, &flaws.warning[i], false);
	return flaws.count;
}

/* ---- findings of --sense ---- */

static size_t
check_sense(
        struct job *job, struct finding finding, uint32_t object, const struct ocpi_class *class)
{
	const struct json_doc *doc = &finding.document->doc;
	struct sense_flaws flaws;

	if (job->sense == NULL)
		return 0;
	sense_check(job->sense, doc, object, class, &flaws);
	for (size_t i = 0; i < flaws.count && i < SENSE_MAX_FLAWS; i++) {
		char pointer[sizeof((struct ocpi_flaw_text *)NULL)->pointer];

		json_pointer(doc, flaws.list[i].node, pointer, sizeof(pointer));
		finding.field = pointer;
		finding.found = flaws.list[i].found;
		finding.expected = flaws.list[i].expected;
		finding.spec = flaws.list[i].rule->spec;
		finding.rule = flaws.list[i].rule->name;
		report_finding(&job->report, &finding);
	}
	if (flaws.count > SENSE_MAX_FLAWS)
		report_more(&job->report, finding.document, flaws.count - SENSE_MAX_FLAWS);
	return flaws.count;
}

/* ---- documents ---- */

static void
check_object(struct job *job, const struct document *document, uint32_t object, int64_t index)
{
	struct finding finding = finding_in(document, object, index, document->class->name);
	size_t faults = check_tables(job, &finding, object, document->class);

	faults += check_sense(job, finding, object, document->class);
	job->report.objects++;
	job->report.invalid += faults > 0;
	job->report.faults += faults;
}

/** Each object of @document; @index is -1 when it stands in no list. */
static bool
next_object(const struct document *document, uint32_t *object, int64_t *index)
{
	const struct json_node *nodes = document->doc.nodes;
	bool list = nodes[document->body].type == JSON_ARRAY;

	if (*index < 0) {
		*object = list ? document->body + 1 : document->body;
		*index = 0;
	} else {
		*object = nodes[*object].next;
		++*index;
	}
	return *object < nodes[document->body].next && (list || *index == 0);
}

static void
check_document(struct job *job, const struct document *document)
{
	bool list = document->doc.nodes[document->body].type == JSON_ARRAY;
	uint32_t object = 0;
	int64_t index = -1;

	if (document->envelope) {
		struct finding finding = finding_in(document, 0, -1, ocpi_class_response.name);

		job->report.faults += check_tables(job, &finding, 0, &ocpi_class_response);
	}
	while (next_object(document, &object, &index))
		check_object(job, document, object, list ? index : -1);
}

static void
learn(struct job *job, const struct document *document)
{
	uint32_t object = 0;
	int64_t index = -1;

	while (job->sense != NULL && next_object(document, &object, &index))
		sense_learn(job->sense, &document->doc, object, document->class);
}

/** The class of each document, and what --sense has to know of all of them before it judges one. */
static void
settle(struct job *job)
{
	struct document **at = &job->reading.first;

	while (*at != NULL) {
		struct document *document = *at;

		if (document->why == NULL && !validate_settle(&job->choice, document)) {
			job->unsettled = true;
			*at = document->next;
			job->reading.count--;
			continue;
		}
		if (document->why == NULL)
			learn(job, document);
		at = &document->next;
	}
}

static int
conclude(const struct job *job)
{
	if (job->reading.count > 0 || (!job->reading.failed && !job->unsettled))
		report_end(&job->report, job->reading.count, job->reading.first);
	if (fflush(stdout) != 0 || job->report.faults > 0 || job->reading.failed)
		return CTL_FAILED;
	return job->unsettled ? CTL_USAGE : CTL_OK;
}

int
ctl_validate(struct ctl *ctl)
{
	struct job job = { .ctl = ctl, .reading.arena = ctl->arena };
	CLEANUP(sense_drop) struct sense *sense = NULL;
	const char *given;
	size_t cursor = 0;

	if (!validate_choose(ctl, &job.choice))
		return CTL_USAGE;
	if (ctl_option_each(ctl, "sense", &cursor, &given))
		sense = sense_new(ctl->arena);
	job.sense = sense;
	job.reading.end = &job.reading.first;
	report_begin(&job.report, ctl);
	for (size_t i = 0; i < ctl->operand_count; i++)
		validate_read(&job.reading, ctl->operands[i]);
	settle(&job);
	for (struct document *at = job.reading.first; at != NULL; at = at->next) {
		if (at->why != NULL)
			report_no_json(&job.report, at);
		else
			check_document(&job, at);
	}
	return conclude(&job);
}
