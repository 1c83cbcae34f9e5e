/* grammar: patterns of verbs, matched by one small interpreter.
 *
 *   word        that word, not in quotes
 *   NAME        any word, kept under that name
 *   NAME?       one word more, unless an option or the end comes
 *   NAME...     all words that are left
 *   +word       an option that may stand behind the rest, in any order
 *   +word:A:B   the same with words of its own; may come more than once
 *   BODY BODY?  a body must, or may, be there; without either it must not */
#include "script.h"

#include <ctype.h>
#include <string.h>

struct match {
	struct step *step;
	struct str pattern;
	size_t next; /* word */
	bool fits;
};

static void
keep(struct match *match, struct str name)
{
	struct step *step = match->step;

	if (match->next == step->line.count || step->arg_count == SCRIPT_ARGS) {
		match->fits = false;
		return;
	}
	step->args[step->arg_count++] = (struct arg){ name, step->line.words[match->next++] };
}

/** Does the next word begin option @item ("+at:PTR:VALUE")? */
static bool
begins(const struct match *match, struct str item)
{
	const struct word *word = &match->step->line.words[match->next];
	struct str rest = str_from(item, 1);

	return match->next < match->step->line.count && word->quote == 0 &&
	       str_eq(word->text, str_cut(&rest, ':'));
}

/** The option of the pattern that begins at the next word; absent: none does. */
static struct str
option_here(const struct match *match)
{
	struct str rest = match->pattern;

	while (rest.p != NULL) {
		struct str item = str_cut(&rest, ' ');

		if (str_starts(item, "+") && begins(match, item))
			return item;
	}
	return (struct str){ 0 };
}

static void
take_options(struct match *match)
{
	struct str option;

	while (match->fits && (option = option_here(match)).p != NULL) {
		struct str parts = str_from(option, 1);

		keep(match, str_cut(&parts, ':'));
		while (match->fits && parts.p != NULL)
			keep(match, str_cut(&parts, ':'));
	}
}

static void
take_literal(struct match *match, struct str item)
{
	const struct line *line = &match->step->line;

	match->fits = match->next < line->count && line->words[match->next].quote == 0 &&
	              str_eq(line->words[match->next].text, item);
	match->next++;
}

static void
take_item(struct match *match, struct str item)
{
	struct step *step = match->step;
	char last = item.p[item.len - 1];

	if (str_starts(item, "+"))
		return;
	if (str_starts(item, "BODY")) {
		match->fits = step->line.has_body || last == '?';
	} else if (!isupper((unsigned char)item.p[0])) {
		take_literal(match, item);
	} else if (last == '?') {
		if (match->next < step->line.count && option_here(match).p == NULL)
			keep(match, (struct str){ item.p, item.len - 1 });
	} else if (last == '.') {
		do
			keep(match, (struct str){ item.p, item.len - 3 });
		while (match->fits && match->next < step->line.count);
	} else {
		keep(match, item);
	}
}

static bool
verb_fits(struct step *step, const char *pattern)
{
	struct match match = { .step = step, .pattern = str_of(pattern), .fits = true };
	struct str rest = match.pattern;

	step->arg_count = 0;
	while (match.fits && rest.p != NULL)
		take_item(&match, str_cut(&rest, ' '));
	take_options(&match);
	if (step->line.has_body && strstr(pattern, "BODY") == NULL)
		return false;
	return match.fits && match.next == step->line.count;
}

/** What is known of the verb, for the message. */
static const char *
similar(const struct verb *verbs, struct str first)
{
	for (const struct verb *verb = verbs; verb->pattern != NULL; verb++) {
		struct str rest = str_of(verb->pattern);

		if (str_eq(str_cut(&rest, ' '), first))
			return verb->pattern;
	}
	return NULL;
}

enum rh_err
grammar_match(const struct verb *verbs, struct step *step, struct fault *fault)
{
	const char *pattern;

	for (const struct verb *verb = verbs; verb->pattern != NULL; verb++) {
		if (!verb_fits(step, verb->pattern))
			continue;
		step->verb = verb;
		return RH_OK;
	}
	pattern = similar(verbs, step->line.words[0].text);
	if (pattern == NULL)
		return fault_set(fault, RH_BAD_CONFIG, "", "%d: '%.*s' is no step",
		        step->line.number, STR_ARG(step->line.words[0].text));
	return fault_set(fault, RH_BAD_CONFIG, "", "%d: this line does not fit; one form is: %s",
	        step->line.number, pattern);
}
