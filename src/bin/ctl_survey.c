/* ctl_survey: party check: its request, and the report as a ladder. */
#include "roamhub/tree.h"

#include "ctl_ask.h"
#include "ctl_survey.h"

#include <string.h>

/* ---- the request ---- */

static bool
has(const struct ctl *ctl, const char *option)
{
	return ctl_option(ctl, option) != NULL;
}

/* The report that is kept is read, and nothing is asked. */
static bool
ask_last(const struct ctl *ctl, struct ctl_request *request)
{
	if (has(ctl, "apply") || has(ctl, "write") || has(ctl, "as")) {
		ctl_complain("--last goes with --html alone");
		return false;
	}
	request->method = "GET";
	return true;
}

bool
ask_survey(struct ctl *ctl, struct ctl_request *request)
{
	const char *as = ctl_option(ctl, "as");

	if (has(ctl, "last"))
		return ask_last(ctl, request);
	if (!has(ctl, "write") && (as != NULL || has(ctl, "yes-this-is-a-test-system"))) {
		ctl_complain("--as and --yes-this-is-a-test-system go with --write");
		return false;
	}
	if (as != NULL && !ask_party("--as", as))
		return false;
	request->body = tree_object();
	tree_set_bool(request->body, "apply", has(ctl, "apply"));
	tree_set_bool(request->body, "write", has(ctl, "write"));
	tree_set_bool(request->body, "test_system", has(ctl, "yes-this-is-a-test-system"));
	if (as != NULL)
		ask_body(request, "as", as);
	return true;
}

/* ---- pieces ---- */

static const char *
or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

const char *
survey_paragraph(const struct ctl *ctl, struct val rung)
{
	const char *row = val_text(ctl, rung, "rule");

	return arena_printf(ctl->arena, "%s%s%s%s", or_nothing(val_text(ctl, rung, "spec")),
	        row != NULL ? " (" : "", or_nothing(row), row != NULL ? ")" : "")
	        .p;
}

const char *
survey_how(const struct ctl *ctl, struct val report)
{
	const char *by = val_text(ctl, report, "by"), *server = val_text(ctl, report, "server");
	long long ms = (long long)val_number(report, "us") / 1000;

	return arena_printf(ctl->arena, "%s, %s, %lld requests in %lld.%lld s%s%s%s",
	        or_nothing(val_text(ctl, report, "at")),
	        by != NULL && strcmp(by, "handshake") == 0 ? "behind its handshake"
	                                                   : "by the operator",
	        (long long)val_number(report, "requests"), ms / 1000, ms % 1000 / 100,
	        val_true(report, "write") ? ", with objects of a test party" : "",
	        server != NULL ? ", it says that it is " : "", or_nothing(server))
	        .p;
}

static const char *
joined(const struct ctl *ctl, struct val list)
{
	struct buf text = { .arena = ctl->arena };
	struct val at = { 0 };

	while (val_each(list, &at))
		buf_printf(&text, "%s%s", text.len > 0 ? " " : "", or_nothing(val_string(ctl, at)));
	return or_nothing(text.p);
}

const char *
survey_cures(const struct ctl *ctl, struct val report)
{
	struct val cures = val_get(report, "cures");
	const char *failed = val_text(ctl, report, "not_applied");
	long long id = (long long)val_number(report, "platform");

	if (val_count(cures) == 0)
		return NULL;
	if (failed != NULL)
		return arena_printf(ctl->arena, "%s: not set, %s", joined(ctl, cures), failed).p;
	if (val_true(report, "applied"))
		return arena_printf(ctl->arena, "%s: set now", joined(ctl, cures)).p;
	return arena_printf(ctl->arena, "roamhubctl party set %lld %s, or party check %lld --apply",
	        id, joined(ctl, cures), id)
	        .p;
}

/* ---- the ladder ---- */

static enum ctl_colour
colour_of(const char *state)
{
	if (strcmp(state, "fault") == 0)
		return RED;
	return strcmp(state, "warning") == 0 ? YELLOW : PLAIN;
}

static void
print_line(const char *label, const char *text)
{
	if (text != NULL)
		(void)printf("          %-10s %s\n", label, text);
}

static const char *
cure_text(const struct ctl *ctl, struct val rung)
{
	const char *cure = val_text(ctl, rung, "cure");

	if (cure == NULL || !val_true(rung, "cured"))
		return cure;
	return arena_printf(ctl->arena, "%s, which is set", cure).p;
}

static void
print_finding(const struct ctl *ctl, struct val rung, const char *state)
{
	const char *places = val_text(ctl, rung, "places");
	long long times = (long long)val_number(rung, "found_in");

	(void)printf("%s%*s %s: %s%s\n", ctl_paint(ctl, state, colour_of(state)),
	        (int)(9 - strlen(state)), "", or_nothing(val_text(ctl, rung, "id")),
	        or_nothing(places),
	        times > 1 ? arena_printf(ctl->arena, ", in %lld answers", times).p : "");
	print_line("found", val_text(ctl, rung, "found"));
	print_line("expected", val_text(ctl, rung, "expected"));
	print_line("paragraph", survey_paragraph(ctl, rung));
	print_line("asked", val_text(ctl, rung, "asked"));
	print_line("cure", cure_text(ctl, rung));
}

/* The worst first. */
static void
print_findings(const struct ctl *ctl, struct val rungs, const char *wanted)
{
	struct val rung = { 0 };

	while (val_each(rungs, &rung)) {
		const char *state = val_text(ctl, rung, "status");

		if (state != NULL && strcmp(state, wanted) == 0)
			print_finding(ctl, rung, state);
	}
}

static void
print_others(const struct ctl *ctl, struct val rungs, const char *wanted)
{
	struct buf text = { .arena = ctl->arena };
	struct val rung = { 0 };

	while (val_each(rungs, &rung)) {
		const char *state = val_text(ctl, rung, "status");

		if (state != NULL && strcmp(state, wanted) == 0)
			buf_printf(&text, "%s%s", text.len > 0 ? ", " : "",
			        or_nothing(val_text(ctl, rung, "id")));
	}
	if (text.len > 0)
		(void)printf("%-9s %s\n", wanted, text.p);
}

static void
print_left(const struct ctl *ctl, struct val report)
{
	struct val left = { 0 };

	while (val_each(val_get(report, "left"), &left))
		(void)printf("left      %s\n", or_nothing(val_string(ctl, left)));
}

void
ctl_print_survey(const struct ctl *ctl, struct val answer)
{
	static const char *const levels[] = { "fault", "warning", "note" };
	struct val rungs = val_get(answer, "rungs");
	const char *cures = survey_cures(ctl, answer), *why = val_text(ctl, answer, "why");

	(void)printf("platform  %lld, %s\nasked     %s\n",
	        (long long)val_number(answer, "platform"),
	        or_nothing(val_text(ctl, answer, "name")), survey_how(ctl, answer));
	for (size_t i = 0; i < COUNT(levels); i++)
		print_findings(ctl, rungs, levels[i]);
	print_others(ctl, rungs, "good");
	print_others(ctl, rungs, "not asked");
	if (why != NULL && why[0] != '\0')
		(void)printf("left off  %s\n", why);
	print_left(ctl, answer);
	(void)printf("faults %lld, warnings %lld, notes %lld\n",
	        (long long)val_number(answer, "fault_count"),
	        (long long)val_number(answer, "warning_count"),
	        (long long)val_number(answer, "note_count"));
	if (cures != NULL)
		(void)printf("cures     %s\n", cures);
}
