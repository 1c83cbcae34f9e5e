/* ctl_survey_html: the report of party check as a page to hand over. One file without anything from
 * elsewhere; whatever a partner wrote is text in it. */
#include "ctl_survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>OCPI report</title>\n"
        "<style>body{font:16px/1.45 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "section{border-left:.4em solid #888;padding:.1em 1em;margin:1em 0}"
        ".fault{border-color:#b00020}.warning{border-color:#b36b00}"
        "h2{font-size:1.1em;margin:.4em 0}dt{font-weight:bold;float:left;clear:left;width:7em}"
        "dd{margin:0 0 .2em 7em;overflow-wrap:anywhere}</style>\n</head>\n<body>\n";

static void
add_text(struct buf *out, const char *text)
{
	for (const char *at = text != NULL ? text : ""; *at != '\0'; at++) {
		switch (*at) {
		case '<':
			buf_add(out, STR("&lt;"));
			break;
		case '>':
			buf_add(out, STR("&gt;"));
			break;
		case '&':
			buf_add(out, STR("&amp;"));
			break;
		case '"':
			buf_add(out, STR("&quot;"));
			break;
		case '\'':
			buf_add(out, STR("&#39;"));
			break;
		default:
			buf_addc(out, *at);
		}
	}
}

static void
add_element(struct buf *out, const char *tag, const char *text)
{
	buf_printf(out, "<%s>", tag);
	add_text(out, text);
	buf_printf(out, "</%s>\n", tag);
}

static void
add_row(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	add_element(out, "dt", name);
	add_element(out, "dd", text);
}

/* @state is one of the hub's own words. */
static void
add_finding(const struct ctl *ctl, struct buf *out, struct val rung, const char *state)
{
	buf_printf(out, "<section class=\"%s\">\n<h2>%s: ", state, state);
	add_text(out, val_text(ctl, rung, "id"));
	buf_add(out, STR("</h2>\n<dl>\n"));
	add_row(out, "found", val_text(ctl, rung, "found"));
	add_row(out, "expected", val_text(ctl, rung, "expected"));
	add_row(out, "paragraph", survey_paragraph(ctl, rung));
	add_row(out, "where", val_text(ctl, rung, "places"));
	add_row(out, "asked", val_text(ctl, rung, "asked"));
	buf_add(out, STR("</dl>\n</section>\n"));
}

static void
add_findings(const struct ctl *ctl, struct buf *out, struct val rungs)
{
	static const char *const levels[] = { "fault", "warning", "note" };

	for (size_t i = 0; i < COUNT(levels); i++) {
		struct val rung = { 0 };

		while (val_each(rungs, &rung)) {
			const char *state = val_text(ctl, rung, "status");

			if (state != NULL && strcmp(state, levels[i]) == 0)
				add_finding(ctl, out, rung, levels[i]);
		}
	}
}

static void
add_good(const struct ctl *ctl, struct buf *out, struct val rungs)
{
	struct val rung = { 0 };

	buf_add(out, STR("<h2>As it should be</h2>\n<ul>\n"));
	while (val_each(rungs, &rung)) {
		const char *state = val_text(ctl, rung, "status");

		if (state != NULL && strcmp(state, "good") == 0)
			add_element(out, "li", val_text(ctl, rung, "expected"));
	}
	buf_add(out, STR("</ul>\n"));
}

static struct str
page(const struct ctl *ctl, struct val report)
{
	struct buf out = { .arena = ctl->arena };
	struct val rungs = val_get(report, "rungs");
	const char *why = val_text(ctl, report, "why"), *name = val_text(ctl, report, "name");

	buf_add(&out, STR(head));
	add_element(&out, "h1",
	        arena_printf(ctl->arena, "OCPI report for %s", name != NULL ? name : "?").p);
	add_element(&out, "p",
	        arena_printf(ctl->arena, "Asked by %s: %s. faults %lld, warnings %lld, notes %lld.",
	                val_text(ctl, report, "hub"), survey_how(ctl, report),
	                (long long)val_number(report, "fault_count"),
	                (long long)val_number(report, "warning_count"),
	                (long long)val_number(report, "note_count"))
	                .p);
	if (why != NULL && why[0] != '\0')
		add_element(&out, "p", arena_printf(ctl->arena, "It was left off: %s", why).p);
	add_findings(ctl, &out, rungs);
	add_good(ctl, &out, rungs);
	buf_add(&out, STR("</body>\n</html>\n"));
	return buf_str(&out);
}

bool
ctl_write_survey(const struct ctl *ctl, struct val answer)
{
	const char *path = ctl_option(ctl, "html");
	struct str text;
	bool written;
	FILE *out;

	if (path == NULL)
		return true;
	out = fopen(path, "we");
	if (out == NULL) {
		ctl_complain("--html: %s: %s", path, strerror(errno));
		return false;
	}
	text = page(ctl, answer);
	written = fwrite(text.p, 1, text.len, out) == text.len;
	if (fclose(out) != 0 || !written) {
		ctl_complain("--html: %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}
