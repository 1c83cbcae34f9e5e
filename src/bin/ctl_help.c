/* ctl_help: usage out of the verb table, and the word that was meant. */
#include <stdlib.h>
#include <string.h>

#include "ctl_manual.h"

enum { LONGEST_WORD = 40, OPTION_COLUMN = 28 };

void
ctl_complain(const char *fmt, ...)
{
	va_list args;

	(void)fputs("roamhubctl: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void
ctl_add_arguments(const struct ctl_verb *verb, struct buf *line)
{
	for (const struct ctl_option *option = verb->options;
	        option != NULL && option->name != NULL; option++) {
		buf_printf(line, option->required ? " --%s" : " [--%s", option->name);
		if (option->takes != NULL)
			buf_printf(line, " %s", option->takes);
		if (!option->required)
			buf_addc(line, ']');
		if (option->repeats)
			buf_add(line, STR("..."));
	}
	if (verb->operands[0] != '\0')
		buf_printf(line, " %s", verb->operands);
}

static void
print_option(const struct ctl_option *option, FILE *out)
{
	int len = fprintf(out, "  --%s%s%s", option->name, option->takes != NULL ? " " : "",
	        option->takes != NULL ? option->takes : "");

	(void)fprintf(
	        out, "%*s%s\n", len < OPTION_COLUMN ? OPTION_COLUMN - len : 1, "", option->help);
}

void
ctl_usage(const struct ctl *ctl, FILE *out)
{
	(void)fputs("usage: roamhubctl [--config FILE] [--json] COMMAND [ARGUMENT]...\n"
	            "\n"
	            "  roamhubctl party invite --name 'Charge Co' --party DE*ABC:CPO\n"
	            "  roamhubctl --config /etc/roamhub.conf party list\n"
	            "  roamhubctl log --party DE*ABC --since 10m\n"
	            "\n"
	            "Commands (roamhubctl help COMMAND says more):\n",
	        out);
	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL; verb++)
		(void)fprintf(out, "  %-18s %s\n", verb->words, verb->help);
	(void)fputc('\n', out);
	for (const struct ctl_option *option = ctl_global_options; option->name != NULL; option++)
		print_option(option, out);
	(void)fputs("\n"
	            "Exit status: 0 done, 1 failed with the reason on standard error, 2 called "
	            "wrongly.\n",
	        out);
}

void
ctl_usage_verb(const struct ctl_verb *verb, FILE *out)
{
	struct buf line = { 0 };

	buf_printf(&line, "usage: roamhubctl %s", verb->words);
	ctl_add_arguments(verb, &line);
	(void)fprintf(out, "%s\n\n%s.\n\n  %s\n", line.p, verb->help, verb->example);
	buf_free(&line);
}

/** Edits that make @a of @b; letters swapped side by side count once. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST_WORD + 1], la = strlen(a), lb = strlen(b);

	if (la > LONGEST_WORD || lb > LONGEST_WORD)
		return LONGEST_WORD;
	for (size_t k = 0; k <= lb; k++)
		rows[0][k] = k;
	for (size_t i = 1; i <= la; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *upup = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t k = 1; k <= lb; k++) {
			size_t best = up[k - 1] + (a[i - 1] != b[k - 1]);

			best = up[k] + 1 < best ? up[k] + 1 : best;
			best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			        upup[k - 2] + 1 < best)
				best = upup[k - 2] + 1;
			row[k] = best;
		}
	}
	return rows[la % 3][lb];
}

const char *
ctl_nearest(const char *typed, const char *const *words)
{
	const char *nearest = NULL;
	size_t least = strlen(typed) / 4 + 2; /* more edits than this is another word */

	for (; *words != NULL; words++) {
		size_t edits = distance(typed, *words);

		if (edits < least) {
			least = edits;
			nearest = *words;
		}
	}
	return nearest;
}
