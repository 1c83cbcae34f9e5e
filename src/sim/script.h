/* script: a scenario file as a list of steps. docs/simulator.md is its reference.
 *
 * script.c cuts lines into words, grammar.c holds them against the patterns of the verbs (those of
 * the language are in verbs.c), vars.c fills in the variables when a step runs. */
#pragma once

#include "roamhub/base.h"

enum { SCRIPT_WORDS = 64, SCRIPT_ARGS = 48 };

struct story;

struct word {
	struct str text;
	char quote; /* '"' or '\'' when it stood in quotes: then it is no keyword */
};

/** One line of the scenario, with the body behind it. */
struct line {
	int number;
	struct word words[SCRIPT_WORDS];
	size_t count;
	bool has_body, body_literal; /* literal: no variables in it */
	struct str body;
};

/** A named place of a verb's pattern, and the word that stands there. */
struct arg {
	struct str name;
	struct word word;
};

struct verb {
	const char *pattern;
	enum {
		VERB_DECLARES = 1 << 0, /* may stand before platforms listen */
		VERB_ANSWERS = 1 << 1,  /* leaves an answer to be expected */
		VERB_EXPECTS = 1 << 2,  /* belongs to the answer before it */
		VERB_JUDGES = 1 << 3,   /* says what the answer's status must be */
		VERB_ACTS = 1 << 4,     /* others may answer it with requests */
		VERB_MEETS = 1 << 5,    /* its platform received something */
		VERB_DENIES = 1 << 6    /* something is not there: needs a line that meets */
	} flags;
	void (*run)(struct story *story);
};

struct step {
	const struct verb *verb;
	struct line line;
	struct arg args[SCRIPT_ARGS];
	size_t arg_count;
	bool judged; /* a later line says what its answer's status must be */
};

struct script {
	struct arena *arena;
	const struct verb *verbs;
	const char *name; /* of the file, for messages */
	const char *folder;
	struct step *steps;
	size_t count;
};

/** Read the scenario in @text in the language of @verbs, which outlives it; the last of them has no
 * pattern, and the first whose pattern fits a line counts. RH_BAD_CONFIG: @fault's why names line
 * and mistake. */
MUST_CHECK enum rh_err script_read(struct str text, const char *name, const struct verb *verbs,
        struct script *script, struct fault *fault);
void script_free(struct script *script);

/* ---- between script.c, grammar.c and script_check.c ---- */

/** Cut the next line with words from *@text; false at the end, or with @fault set. */
bool line_next(struct str *text, int *number, struct arena *arena, const char *folder,
        struct line *line, struct fault *fault);
/** Find the one of @verbs whose pattern @step's line fits. */
MUST_CHECK enum rh_err grammar_match(
        const struct verb *verbs, struct step *step, struct fault *fault);
/** Platforms, statuses and kinds of faults that lines name, and blocks that close. */
MUST_CHECK enum rh_err script_check(const struct script *script, struct fault *fault);
