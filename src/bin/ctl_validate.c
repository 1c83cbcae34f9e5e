/* ctl_validate: checks a file against the class tables, without a hub and its configuration.
 *
 * Which class is meant is named, or guessed: the class that knows the most members of the object,
 * and of several such the one that misses the fewest; when there are still several, the operator
 * has to say it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_validate.h"
#include "roamhub/module.h"
#include "roamhub/schema.h"

enum { MOST_NODES = 50000000, BLOCK_BYTES = 65536, MOST_NAMES = 128 };

struct job {
	struct ctl *ctl;
	const char *file; /* as it was named */
	struct json_doc doc;
	const struct ocpi_class *class; /* NULL: to be guessed */
	unsigned flags;
	bool guessed;
	size_t objects, faults;
	struct buf rows; /* --json: without brackets */
};

/* ---- which class ---- */

/* What is no module of its own in the tables of modules/. */
static const struct {
	const char *module;
	const struct ocpi_class *class;
} configuration[] = {
	{ "credentials", &ocpi_class_credentials },
	{ "hubclientinfo", &ocpi_class_client_info },
	{ "versions", &ocpi_class_version },
};

static bool
class_named(struct job *job, const char *name)
{
	const char *names[MOST_NAMES] = { 0 }, *near;

	job->class = ocpi_class_find(ocpi_classes, str_of(name));
	if (job->class != NULL)
		return true;
	for (size_t i = 0; ocpi_classes[i] != NULL && i + 1 < MOST_NAMES; i++)
		names[i] = ocpi_classes[i]->name;
	near = ctl_nearest(name, names);
	ctl_complain("--class: there is no class '%s'%s%s%s", name,
	        near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	        near != NULL ? "?" : "");
	return false;
}

static bool
class_of_module(struct job *job, const char *name)
{
	const struct ocpi_module *module = ocpi_module_find(ocpi_modules, str_of(name));

	for (size_t i = 0; i < COUNT(configuration); i++)
		if (strcmp(configuration[i].module, name) == 0)
			job->class = configuration[i].class;
	if (module != NULL && module->object != NULL)
		job->class = module->object;
	if (job->class != NULL)
		return true;
	if (module != NULL)
		ctl_complain("--module: %s has no object of its own, name one of its classes with "
		             "--class",
		        name);
	else
		ctl_complain("--module: there is no module '%s', expected for example locations or "
		             "tokens",
		        name);
	return false;
}

static bool
is_required(const struct ocpi_field *field)
{
	return field->card == ONE || field->card == SOME;
}

/** How many members of @object @class knows, and how many that it requires are not there. */
static void
rate(const struct json_doc *doc, uint32_t object, const struct ocpi_class *class, size_t *known,
        size_t *missing)
{
	*known = *missing = 0;
	for (const struct ocpi_field *field = class->fields;
	        field != NULL && field->name[0] != '\0'; field++) {
		bool there = json_member(doc, object, field->name) != 0;

		*known += there;
		*missing += !there && is_required(field);
	}
}

static bool
guess(struct job *job, uint32_t object)
{
	size_t best_known = 0, least_missing = 0, known, missing;

	for (size_t i = 0; ocpi_classes[i] != NULL; i++) {
		rate(&job->doc, object, ocpi_classes[i], &known, &missing);
		if (job->flags & CHECK_PARTIAL)
			missing = 0;
		if (known < best_known || (known == best_known && missing > least_missing))
			continue;
		job->class =
		        known == best_known && missing == least_missing ? NULL : ocpi_classes[i];
		best_known = known;
		least_missing = missing;
	}
	job->guessed = true;
	if (job->class != NULL && best_known * 2 >= job->doc.nodes[object].count)
		return true;
	ctl_complain("%s: %s, name it with --class or --module", job->file,
	        best_known > 0 && job->class == NULL ? "several classes fit" : "no class fits");
	return false;
}

/** From the options; false when they make no sense. */
static bool
read_options(struct job *job)
{
	const char *class = ctl_option(job->ctl, "class"), *module = ctl_option(job->ctl, "module");
	const char *method = ctl_option(job->ctl, "method");

	if (method != NULL && strcmp(method, "PATCH") == 0)
		job->flags = CHECK_PARTIAL;
	else if (method != NULL && strcmp(method, "PUT") != 0 && strcmp(method, "POST") != 0) {
		ctl_complain("--method: found '%s', expected PUT, POST or PATCH", method);
		return false;
	}
	if (module != NULL && !class_of_module(job, module))
		return false;
	return class == NULL || class_named(job, class);
}

/* ---- what is found ---- */

static void
print_flaw(struct job *job, const struct ocpi_flaw *flaw, const char *level)
{
	struct ocpi_flaw_text text;

	ocpi_flaw_text(&job->doc, flaw, &text);
	(void)printf("%s: %s%s%sfound %s, expected %s\n", job->file,
	        ctl_clean(job->ctl, text.pointer), text.pointer[0] != '\0' ? ": " : "", level,
	        ctl_clean(job->ctl, text.found), text.expected);
}

static void
print_flaws(struct job *job, const struct ocpi_flaws *flaws)
{
	for (size_t i = 0; i < flaws->count && i < OCPI_MAX_FLAWS; i++)
		print_flaw(job, &flaws->list[i], "");
	if (flaws->count > OCPI_MAX_FLAWS)
		(void)printf("%s: and %zu more\n", job->file, flaws->count - OCPI_MAX_FLAWS);
	for (size_t i = 0; i < flaws->warnings && i < OCPI_MAX_WARNINGS; i++)
		print_flaw(job, &flaws->warning[i], "tolerated: ");
}

static void
add_rows(struct job *job, const struct ocpi_flaws *flaws)
{
	struct buf list = { .arena = job->ctl->arena };

	if (flaws->count == 0)
		return;
	ocpi_flaws_json(&job->doc, flaws, &list);
	if (job->rows.len > 0)
		buf_addc(&job->rows, ',');
	buf_add(&job->rows, (struct str){ list.p + 1, list.len - 2 });
}

static void
check_object(struct job *job, uint32_t node)
{
	struct ocpi_flaws flaws;

	ocpi_check(&job->doc, node, job->class, job->flags, &flaws);
	job->objects++;
	job->faults += flaws.count;
	if (job->ctl->json)
		add_rows(job, &flaws);
	else
		print_flaws(job, &flaws);
}

static void
check_all(struct job *job)
{
	const struct json_node *nodes = job->doc.nodes;

	if (nodes[0].type != JSON_ARRAY) {
		check_object(job, 0);
		return;
	}
	for (uint32_t i = 1; i < nodes[0].next; i = nodes[i].next)
		check_object(job, i);
}

static int
conclude(struct job *job)
{
	const char *guessed = job->guessed ? " (guessed, --class names another)" : "";

	if (job->ctl->json)
		(void)printf("[%.*s]\n", (int)job->rows.len, job->rows.len > 0 ? job->rows.p : "");
	else if (job->faults == 0 && job->doc.nodes[0].type == JSON_ARRAY)
		(void)printf("%s: %zu objects, all valid: %s%s\n", job->file, job->objects,
		        job->class != NULL ? job->class->name : "any class", guessed);
	else if (job->faults == 0)
		(void)printf("%s: valid %s%s\n", job->file, job->class->name, guessed);
	else
		(void)printf("%s: %zu fault%s in %s%s\n", job->file, job->faults,
		        job->faults > 1 ? "s" : "", job->class->name, guessed);
	return job->faults == 0 && fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

/* ---- the file ---- */

static void
close_file(FILE **file)
{
	if (*file != NULL && *file != stdin)
		(void)fclose(*file);
}

static bool
read_text(struct job *job, struct buf *text)
{
	CLEANUP(close_file)
	FILE *file = strcmp(job->file, "-") == 0 ? stdin : fopen(job->file, "re");
	size_t n = 0;

	if (file == NULL) {
		ctl_complain("%s cannot be read: %s", job->file, strerror(errno));
		return false;
	}
	do {
		buf_reserve(text, BLOCK_BYTES);
		n = fread(text->p + text->len, 1, BLOCK_BYTES, file);
		text->len += n;
	} while (n > 0 && text->len <= INT32_MAX);
	if (ferror(file))
		ctl_complain("%s cannot be read: %s", job->file, strerror(errno));
	return !ferror(file);
}

/* People count lines, the reader says "offset 12: expected ...". */
static size_t
line_of(struct str text, const char *why)
{
	struct str rest = str_of(why), digits = str_cut(&rest, ':');
	uint64_t offset = 0;
	size_t line = 1;

	if (!str_starts(digits, "offset ") ||
	        !str_to_u64(str_from(digits, strlen("offset ")), text.len, &offset))
		return line;
	for (size_t i = 0; i < offset; i++)
		line += text.p[i] == '\n';
	return line;
}

static int
refuse_text(const struct job *job, struct str text, const char *why)
{
	struct buf quoted = { .arena = job->ctl->arena };

	if (job->ctl->json) {
		json_quote(&quoted, arena_printf(job->ctl->arena, "no JSON: %s", why));
		(void)printf("[{\"field\":\"\",\"found\":%s,\"expected\":\"JSON\"}]\n", quoted.p);
	} else {
		(void)printf("%s:%zu: no JSON: %s\n", job->file, line_of(text, why),
		        ctl_clean(job->ctl, why));
	}
	return CTL_FAILED;
}

int
ctl_validate(struct ctl *ctl)
{
	struct job job = { .ctl = ctl, .file = ctl->operands[0], .rows.arena = ctl->arena };
	struct buf text = { .arena = ctl->arena };
	struct fault fault = { 0 };
	uint32_t first;

	if (!read_options(&job))
		return CTL_USAGE;
	if (!read_text(&job, &text))
		return CTL_FAILED;
	if (json_scan(buf_str(&text), MOST_NODES, ctl->arena, &job.doc, &fault) != RH_OK)
		return refuse_text(&job, buf_str(&text), fault.why);
	first = job.doc.nodes[0].type == JSON_ARRAY && job.doc.count > 1 ? 1 : 0;
	if (job.class == NULL && job.doc.nodes[first].type != JSON_ARRAY && !guess(&job, first))
		return CTL_USAGE;
	if (job.class == NULL && job.doc.count > 1) { /* a list in a list */
		ctl_complain("%s: expected an object or a list of objects", ctl->operands[0]);
		return CTL_USAGE;
	}
	check_all(&job);
	return conclude(&job);
}
