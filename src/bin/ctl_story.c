/* ctl_story: how a platform came to be as it is, for people: handshakes and history. */
#include <string.h>

#include "ctl.h"

enum { LABEL = 10, MOST_URL = 60 };

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* ---- handshakes ---- */

/** "200", "200 2001"; empty: no answer, or it is not there yet. */
static const char *
status_text(const struct ctl *ctl, struct val step)
{
	long long http = (long long)val_number(step, "http"),
	          ocpi = (long long)val_number(step, "ocpi");

	if (http == 0)
		return "";
	return ocpi == 0 || ocpi / 1000 == 1 ? arena_printf(ctl->arena, "%lld", http).p
	                                     : arena_printf(ctl->arena, "%lld %lld", http, ocpi).p;
}

static const char *
took_text(const struct ctl *ctl, struct val step)
{
	long long us = (long long)val_number(step, "us");

	if (us == 0)
		return "";
	return us < 1000000 ? arena_printf(ctl->arena, "%.1f ms", (double)us / 1e3).p
	                    : arena_printf(ctl->arena, "%.1f s", (double)us / 1e6).p;
}

static bool
is_hub(const struct ctl *ctl, struct val of)
{
	return strcmp(or_empty(val_text(ctl, of, "by")), "hub") == 0;
}

static const char *
asked_text(const struct ctl *ctl, struct val step)
{
	const char *url = or_empty(val_text(ctl, step, "url"));

	return arena_printf(ctl->arena, "%s %s %.*s%s", is_hub(ctl, step) ? "we  " : "they",
	        or_empty(val_text(ctl, step, "method")), MOST_URL, url,
	        strlen(url) > MOST_URL ? "..." : "")
	        .p;
}

/** The rows of an attempt are as wide as its longest one. */
static int
width_of(const struct ctl *ctl, struct val steps)
{
	struct val step = { 0 };
	size_t width = 0;

	while (val_each(steps, &step)) {
		size_t own = ocpi_characters(str_of(asked_text(ctl, step)));

		if (own > width)
			width = own;
	}
	return (int)width;
}

static void
print_below(const struct ctl *ctl, struct val of, const char *key, const char *label)
{
	const char *text = val_text(ctl, of, key);

	if (text != NULL && text[0] != '\0')
		(void)printf("      %-*s %s\n", LABEL, label, text);
}

/* What came is shown where it is needed: with a step that failed. What is to be done stands once,
 * at the end. */
static void
print_failure(const struct ctl *ctl, struct val one, struct val step)
{
	print_below(ctl, step, "came", "came");
	print_below(ctl, step, "concluded", "concluded");
	if (strcmp(or_empty(val_text(ctl, step, "advice")),
	            or_empty(val_text(ctl, one, "advice"))) != 0)
		print_below(ctl, step, "advice", "advice");
}

/** @width: of what was asked. */
static const char *
line_of(const struct ctl *ctl, struct val step, int width)
{
	const char *asked = asked_text(ctl, step);
	int fill = width - (int)ocpi_characters(str_of(asked));
	struct str text = str_trim(
	        arena_printf(ctl->arena, "%s%*s  %-17s  %-8s  %9s  %s", asked, fill > 0 ? fill : 0,
	                "", or_empty(val_text(ctl, step, "token")), status_text(ctl, step),
	                took_text(ctl, step), or_empty(val_text(ctl, step, "found"))));

	return arena_cstr(ctl->arena, text);
}

static void
print_step(const struct ctl *ctl, struct val one, struct val step, int number)
{
	bool ok = val_true(step, "ok");

	(void)printf("%s %2d %s\n",
	        ctl_paint(ctl, ok ? "\xe2\x9c\x94" : "\xe2\x9c\x98", ok ? GREEN : RED), number,
	        line_of(ctl, step, width_of(ctl, val_get(one, "steps"))));
	if (val_number(step, "left_out") > 0)
		(void)printf("      %-*s %lld steps before this one: there were too many\n", LABEL,
		        "left out", (long long)val_number(step, "left_out"));
	if (!ok)
		print_failure(ctl, one, step);
}

/** What began it can begin it again. */
static bool
spares_token(const struct ctl *ctl, struct val last)
{
	return strncmp(or_empty(val_text(ctl, last, "token")), "token A", 7) == 0 &&
	       !val_true(last, "ok") && val_number(last, "http") != 401;
}

/* Its end stands below its steps: what the hub answered, or what came of what it began. */
static void
print_end(const struct ctl *ctl, struct val one, struct val last)
{
	bool ours = is_hub(ctl, one), ok = val_true(one, "ok");
	const char *concluded = or_empty(val_text(ctl, one, "concluded")),
	           *advice = val_text(ctl, one, "advice");

	if (val_text(ctl, one, "ended") == NULL) {
		(void)puts("  \xe2\x86\x92 nothing came after it yet");
		return;
	}
	(void)printf("  \xe2\x86\x92 %s%s%s%s%s\n", ours ? "" : "we answered ",
	        ours ? "" : status_text(ctl, last), ours ? "" : ": ",
	        ctl_paint(ctl, concluded, ok ? GREEN : RED),
	        spares_token(ctl, last) ? "; token A is still good" : "");
	if (advice != NULL)
		(void)printf("    advice: %s\n", advice);
}

static void
print_try(const struct ctl *ctl, struct val answer, struct val one, size_t count)
{
	struct val steps = val_get(one, "steps"), step = { 0 }, last = { 0 };
	const char *at = or_empty(val_text(ctl, one, "at"));
	int number = 0;

	(void)printf("%s\n",
	        ctl_paint(ctl,
	                arena_printf(ctl->arena,
	                        "Handshake \xc2\xb7 %s \xc2\xb7 try %lld of %zu \xc2\xb7 %s",
	                        or_empty(val_text(ctl, answer, "name")),
	                        (long long)val_number(one, "number"), count, at)
	                        .p,
	                BOLD));
	while (val_each(steps, &step)) {
		last = step;
		if (!val_true(step, "end"))
			print_step(ctl, one, step, ++number);
	}
	print_end(ctl, one, last);
}

void
ctl_print_handshake(const struct ctl *ctl, struct val answer)
{
	struct val tries = val_get(answer, "tries"), one = { 0 };
	size_t count = val_count(tries), shown = ctl_option(ctl, "all") != NULL ? count : 1, at = 0;

	if (count == 0)
		(void)puts("no handshake was tried yet, by neither side");
	while (val_each(tries, &one)) {
		if (++at + shown <= count)
			continue;
		print_try(ctl, answer, one, count);
		if (at < count)
			(void)putchar('\n');
	}
	if (shown < count)
		(void)printf("\n%zu before this one: --all shows them\n", count - shown);
}

/* ---- what either side refused lately ---- */

static void
print_refused(const struct ctl *ctl, struct val list, const char *title)
{
	static const char *const titles[] = { "AT", "COUNT", "METHOD", "PATH", "STATUS", "WORDS" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(list) == 0)
		return;
	while (val_each(list, &row)) {
		ctl_grid_add(grid, val_text(ctl, row, "at"), PLAIN);
		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "count")).p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "method"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "path"), PLAIN);
		ctl_grid_add(grid, status_text(ctl, row), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "words"), PLAIN);
	}
	(void)printf("\n%s\n", title);
	ctl_grid_print(grid);
}

void
ctl_print_silent(struct val answer)
{
	int64_t silent = val_number(answer, "silent_hubs");

	if (silent > 0)
		(void)printf("not in it is what %lld other hub%s counted: no answer within a "
		             "second\n",
		        (long long)silent, silent == 1 ? "" : "s");
}

void
ctl_print_complaints(const struct ctl *ctl, struct val platform)
{
	print_refused(ctl, val_get(platform, "it_refused"),
	        "it refused lately, in its words; the newest first");
	print_refused(ctl, val_get(platform, "hub_refused"),
	        "the hub refused of it lately; the newest first");
}

/* ---- faults by field ---- */

static void
print_samples(const struct ctl *ctl, struct val samples)
{
	struct val sample = { 0 };

	while (val_each(samples, &sample)) {
		const char *where = or_empty(val_text(ctl, sample, "where"));

		(void)printf("      %-*s %s%s%s\n", LABEL, "found",
		        or_empty(val_text(ctl, sample, "found")), where[0] != '\0' ? ", in " : "",
		        where);
	}
}

static void
print_finding(const struct ctl *ctl, struct val row)
{
	const char *rule = val_text(ctl, row, "rule"), *spec = val_text(ctl, row, "spec");

	(void)printf("%s  %lld times, %lld refused, first %s, last %s\n",
	        ctl_paint(ctl, or_empty(val_text(ctl, row, "field")), BOLD),
	        (long long)val_number(row, "count"), (long long)val_number(row, "refused"),
	        or_empty(val_text(ctl, row, "first")), or_empty(val_text(ctl, row, "last")));
	print_below(ctl, row, "expected", "expected");
	print_below(ctl, row, "pointer", "pointer");
	if (spec != NULL)
		(void)printf("      %-*s %s%s%s\n", LABEL, "spec", spec, rule != NULL ? ", " : "",
		        or_empty(rule));
	print_samples(ctl, val_get(row, "samples"));
}

void
ctl_print_faults(const struct ctl *ctl, struct val answer)
{
	struct val list = val_get(answer, "faults"), row = { 0 };

	if (val_count(list) == 0)
		(void)printf(
		        "no fault was met since %s\n", or_empty(val_text(ctl, answer, "since")));
	while (val_each(list, &row))
		print_finding(ctl, row);
	ctl_print_silent(answer);
}

/* ---- history ---- */

void
ctl_print_history(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "SINCE", "STATUS", "FOR", "WHY" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val list = val_get(answer, "history"), row = { 0 };

	if (val_count(list) == 0) {
		(void)puts("nothing is written down about it");
		return;
	}
	while (val_each(list, &row)) {
		const char *status = val_text(ctl, row, "status");
		bool now = val_text(ctl, row, "until") == NULL;

		ctl_grid_add(grid, val_text(ctl, row, "since"), PLAIN);
		ctl_grid_add(grid, status, ctl_status_colour(status));
		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%s%s",
		                ctl_duration(ctl, val_number(row, "duration_s")),
		                now ? ", now" : "")
		                .p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "why"), PLAIN);
	}
	ctl_grid_print(grid);
}
