/* script_check: what can be wrong with a line whose form is right, found before anything is played.
 */
#include "script.h"

#include "faults.h"

static const struct word *
word_of(const struct step *step, const char *name)
{
	for (size_t i = 0; i < step->arg_count; i++)
		if (str_is(step->args[i].name, name))
			return &step->args[i].word;
	return NULL;
}

static enum rh_err
wrong(struct fault *fault, const struct step *step, const char *what, struct str got)
{
	return fault_set(fault, RH_BAD_CONFIG, "", "%d: expected %s, got '%.*s'", step->line.number,
	        what, STR_ARG(got));
}

/** Is @name declared by a `platform` line before step @at? */
static bool
is_declared(const struct script *script, size_t at, struct str name)
{
	for (size_t i = 0; i < at; i++) {
		const struct line *line = &script->steps[i].line;

		if (str_is(line->words[0].text, "platform") && str_eq(line->words[1].text, name))
			return true;
	}
	return false;
}

/** "200", "200|201", "*". */
static bool
is_status(struct str text)
{
	if (str_is(text, "*"))
		return true;
	for (size_t i = 0; i < text.len; i++)
		if ((text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '|')
			return false;
	return text.len > 0;
}

/** Each platform that step @at is about, in *@unknown the first that was not declared. */
static bool
are_declared(const struct script *script, size_t at, struct str *unknown)
{
	const struct step *step = &script->steps[at];

	for (size_t i = 0; i < step->arg_count; i++) {
		if (!(str_is(step->args[i].name, "P") || str_is(step->args[i].name, "Q")) ||
		        is_declared(script, at, step->args[i].word.text))
			continue;
		*unknown = step->args[i].word.text;
		return false;
	}
	return true;
}

/** Is @step about something that @actor received? */
static bool
meets(const struct step *step, struct str actor)
{
	if (!(step->verb->flags & VERB_MEETS))
		return false;
	for (size_t i = 0; i < step->arg_count; i++)
		if (str_is(step->args[i].name, "P") && str_eq(step->args[i].word.text, actor))
			return true;
	return false;
}

/** What is not there has had its chance: behind the last step that acts its platform, or the one
 * beside it, received something else. */
static bool
is_fenced(const struct script *script, size_t at)
{
	const struct step *step = &script->steps[at];
	const struct word *beside = word_of(step, "Q");
	struct str actor = beside == NULL ? word_of(step, "P")->text : beside->text;

	while (at-- > 0) {
		const struct step *before = &script->steps[at];

		if (meets(before, actor))
			return true;
		if (before->verb->flags & VERB_ACTS && !(before->verb->flags & VERB_MEETS))
			return false;
	}
	return false;
}

static enum rh_err
check_step(const struct script *script, size_t at, struct fault *fault)
{
	const struct step *step = &script->steps[at];
	const struct word *http = word_of(step, "HTTP"), *ocpi = word_of(step, "OCPI"),
	                  *kind = word_of(step, "KIND");
	bool declares = str_is(step->line.words[0].text, "platform");
	struct str unknown;

	if (!declares && !are_declared(script, at, &unknown))
		return wrong(fault, step, "a platform that was declared", unknown);
	if (step->verb->flags & VERB_DENIES && !is_fenced(script, at))
		return fault_set(fault, RH_BAD_CONFIG, "",
		        "%d: 'no' needs a fence: something that is received behind the last step "
		        "that acts",
		        step->line.number);
	if (http != NULL && !is_status(http->text))
		return wrong(fault, step, "an HTTP status", http->text);
	if (ocpi != NULL && !is_status(ocpi->text))
		return wrong(fault, step, "an OCPI status code", ocpi->text);
	if (kind != NULL && fault_kind_find(kind->text) == NULL)
		return wrong(fault, step, "a kind of fault", kind->text);
	return RH_OK;
}

static enum rh_err
check_blocks(const struct script *script, struct fault *fault)
{
	const struct step *open = NULL;
	int depth = 0;

	for (size_t i = 0; i < script->count; i++) {
		const struct step *step = &script->steps[i];

		bool opens = str_is(step->line.words[0].text, "repeat") ||
		             str_is(step->line.words[0].text, "try") ||
		             str_is(step->line.words[0].text, "stay");

		if (opens && depth++ == 0)
			open = step;
		if (str_is(step->line.words[0].text, "end") && depth-- == 0)
			return wrong(fault, step, "a repeat before", STR("end"));
	}
	return depth == 0 ? RH_OK : wrong(fault, open, "an end of this", open->line.words[0].text);
}

enum rh_err
script_check(const struct script *script, struct fault *fault)
{
	for (size_t i = 0; i < script->count; i++)
		if (check_step(script, i, fault) != RH_OK)
			return fault->err;
	return check_blocks(script, fault);
}
