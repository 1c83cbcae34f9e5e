/* test_must_fail: each verb of the scenario language, each option and each kind of value fails when
 * it has to, with the line and the words that must-fail.scn says (fault T1). A verb or an option
 * without such a case is a failure. */
#include "../../../src/sim/files.h"
#include "../../../src/sim/steps.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_VERBS = 128, MOST_OPTIONS = 16, FAILED = 1, REFUSED = 2, WAIT_MS = 1000 };

/** One scenario of the file, and the failure it must end in. */
struct must_fail {
	struct str title, text;
	int line;       /* that fails, counted in @text */
	int tested;     /* the one under test */
	struct str why; /* how what is said begins */
};

static const char name[] = "must-fail.scn";
static struct arena *arena;
static bool verb_seen[MOST_VERBS], option_seen[MOST_VERBS][MOST_OPTIONS];
static int wrong;

static void
complain(const struct must_fail *it, const char *what, struct str shown)
{
	printf("%.*s: %s: %.*s\n", STR_ARG(it->title), what, STR_ARG(shown));
	wrong++;
}

/* ---- reading ---- */

/** What stands behind @mark in @line; absent without it. */
static struct str
behind(struct str line, const char *mark)
{
	const char *at = memmem(line.p, line.len, mark, strlen(mark));

	return at == NULL ? (struct str){ 0 }
	                  : str_trim(str_from(line, (size_t)(at - line.p) + strlen(mark)));
}

static void
find_marks(struct must_fail *it, struct str before)
{
	struct str rest = str_from(it->text, before.len);
	int number = 0;

	for (size_t i = 0; i < before.len; i++)
		number += before.p[i] == '\n';
	while (rest.p != NULL) {
		struct str line = str_cut(&rest, '\n'), why = behind(line, " #! ");

		number++;
		if (why.p != NULL) {
			it->line = number;
			it->why = why;
		}
		if (behind(line, " #*").p != NULL)
			it->tested = number;
	}
	if (it->tested == 0)
		it->tested = it->line;
}

/** The next case in *@rest, behind @before; false at the end. */
static bool
next_case(struct str before, struct str *rest, struct must_fail *it)
{
	static const char mark[] = "\n## ";
	const char *end;

	if (rest->len == 0)
		return false;
	end = memmem(rest->p + 1, rest->len - 1, mark, strlen(mark));
	*it = (struct must_fail){ .text = *rest };
	if (end != NULL)
		it->text.len = (size_t)(end - rest->p);
	*rest = str_from(*rest, it->text.len);
	it->title = str_from(it->text, strlen(mark));
	it->title = str_cut(&it->title, '\n');
	it->text = arena_printf(arena, "%.*s%.*s\n", STR_ARG(before), STR_ARG(it->text));
	find_marks(it, before);
	return true;
}

/* ---- playing ---- */

/** Play it; what it says on standard error is in *@said. */
static int
play(const struct must_fail *it, struct str *said)
{
	static char buffer[65536];
	struct story_options options = { .quiet = true, .wait_ms = WAIT_MS };
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO), status;

	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	status = story_play(it->text, name, verbs, &options);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	*said = (struct str){ buffer, fread(buffer, 1, sizeof(buffer), file) };
	fclose(file);
	return status;
}

static void
check_failure(const struct must_fail *it)
{
	struct str said, wanted, first;
	int status;

	if (it->line == 0) {
		complain(it, "says no failure", it->title);
		return;
	}
	status = play(it, &said);
	wanted = arena_printf(arena, "%s:%d: %.*s", name, it->line, STR_ARG(it->why));
	first = str_cut(&said, '\n');
	if (status != FAILED && status != REFUSED)
		complain(it, "does not fail", wanted);
	else if (!str_starts(first, wanted.p))
		complain(it, arena_printf(arena, "expected '%s', got", wanted.p).p, first);
	else if (said.len > 0)
		complain(it, "fails a second time", said);
}

/* ---- what is covered ---- */

/** Words of a pattern that a line may leave out: "+at:POINTER:VALUE", "PATH?", "BODY?". */
static bool
is_option(struct str item)
{
	return str_starts(item, "+") || (item.len > 0 && item.p[item.len - 1] == '?');
}

static struct str
option_name(struct str item)
{
	if (!str_starts(item, "+"))
		return (struct str){ item.p, item.len - 1 };
	item = str_from(item, 1);
	return str_cut(&item, ':');
}

static bool
step_has(const struct step *step, struct str option)
{
	if (str_is(option, "BODY"))
		return step->line.has_body;
	for (size_t i = 0; i < step->arg_count; i++)
		if (str_eq(step->args[i].name, option))
			return true;
	return false;
}

static void
note(const struct step *step)
{
	size_t verb = (size_t)(step->verb - verbs), option = 0;
	struct str rest = str_of(step->verb->pattern);

	verb_seen[verb] = true;
	while (rest.p != NULL) {
		struct str item = str_cut(&rest, ' ');

		if (is_option(item))
			option_seen[verb][option++] |= step_has(step, option_name(item));
	}
}

/** Note what the step under test covers. A line that expects covers nothing but by failing. */
static void
note_coverage(const struct must_fail *it)
{
	struct script script;
	struct fault fault;

	if (script_read(it->text, name, verbs, &script, &fault) == RH_OK)
		for (size_t i = 0; i < script.count; i++) {
			const struct step *step = &script.steps[i];

			if (step->line.number != it->tested)
				continue;
			if (step->verb->flags & VERB_EXPECTS && it->tested != it->line)
				complain(it, "an expectation is tested by its own failure",
				        it->title);
			else
				note(step);
		}
	script_free(&script);
}

static void
check_coverage(void)
{
	for (size_t i = 0; verbs[i].pattern != NULL; i++) {
		struct str rest = str_of(verbs[i].pattern);
		size_t option = 0;

		if (!verb_seen[i]) {
			printf("no case for: %s\n", verbs[i].pattern);
			wrong++;
		}
		while (rest.p != NULL) {
			struct str item = str_cut(&rest, ' ');

			if (!is_option(item) || option_seen[i][option++] || !verb_seen[i])
				continue;
			printf("no case with %.*s for: %s\n", STR_ARG(item), verbs[i].pattern);
			wrong++;
		}
	}
}

int
main(int argc, char **argv)
{
	struct str text, before;
	struct must_fail it;
	const char *first;

	arena = arena_new(65536);
	if (argc != 2 || !file_read(".", str_of(argv[1]), arena, &text)) {
		fprintf(stderr, "usage: test_must_fail must-fail.scn\n");
		return EXIT_FAILURE;
	}
	first = memmem(text.p, text.len, "\n## ", 4);
	before = (struct str){ text.p, (size_t)(first - text.p) };
	text = str_from(text, before.len);
	while (next_case(before, &text, &it)) {
		check_failure(&it);
		note_coverage(&it);
	}
	check_coverage();
	arena_free(arena);
	return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
