/* narrator: columns for people, JSON lines for programs; colours on a terminal alone and never
 * under NO_COLOR. */
#include "narrator.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WHO_COLUMNS = 20, WHAT_COLUMNS = 54, STATUS_COLUMNS = 10, US_IN_MS = 1000 };

#define BOLD   "\x1b[1m"
#define GREEN  "\x1b[32m"
#define YELLOW "\x1b[33m"
#define RED    "\x1b[31m"
#define PLAIN  "\x1b[0m"

static const char *
colour(const struct story *story, const char *code)
{
	return story->colour ? code : "";
}

/** Columns that UTF-8 @s takes, near enough: its code points. */
static int
pad(struct str s, int columns)
{
	int used = (int)ocpi_characters(s);

	return used < columns ? columns - used : 0;
}

static bool
no_answer(const struct story *story)
{
	return story->step->verb->flags & VERB_ANSWERS && !story->outcome.came &&
	       !story->outcome.ran;
}

/** @what when it fits its column, else its beginning. */
static struct str
cut(struct story *story, struct str what)
{
	if (what.len <= WHAT_COLUMNS)
		return what;
	return arena_printf(story->arena, "%.*s...", WHAT_COLUMNS - 3, what.p);
}

void
narrate_heading(struct story *story, struct str text)
{
	story->said = text;
	if (!story->options.quiet && !story->options.json)
		fprintf(story->out, "\n%s%.*s%s\n", colour(story, BOLD), STR_ARG(text),
		        colour(story, PLAIN));
}

void
narrate(struct story *story, struct str who, struct str what, struct str status, bool good,
        int64_t us)
{
	struct buf said = { .arena = story->arena };

	buf_printf(&said, "%.*s: %.*s: %.*s", STR_ARG(who), STR_ARG(what), STR_ARG(status));
	story->said = buf_str(&said);
	if (story->options.quiet || story->options.json)
		return;
	what = cut(story, what);
	fprintf(story->out, "  %.*s%*s  %.*s%*s  %s%.*s%s%*s %8.1f ms%s%s\n", STR_ARG(who),
	        pad(who, WHO_COLUMNS), "", STR_ARG(what), pad(what, WHAT_COLUMNS), "",
	        colour(story, good ? GREEN : YELLOW), STR_ARG(status), colour(story, PLAIN),
	        pad(status, STATUS_COLUMNS), "", (double)us / US_IN_MS,
	        no_answer(story) ? "  " : "", no_answer(story) ? story->outcome.why : "");
}

/** What came from elsewhere must not steer the terminal: control characters become question marks.
 */
static void
disarm(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* On standard error also when quiet: a failure is what the exit status is about. */
void
narrate_failure(struct story *story, int line, struct str text)
{
	char *shown = arena_cstr(story->arena, text);

	disarm(shown);
	fflush(story->out);
	fprintf(stderr, "%s%s:%d: %s%s\n", colour(story, RED), story->script.name, line, shown,
	        colour(story, PLAIN));
}

static void
add_outcome(json_t *object, const struct story *story)
{
	const struct outcome *outcome = &story->outcome;

	if (outcome->ran)
		json_object_set_new(object, "exit", json_integer(outcome->exit_status));
	else if (outcome->came)
		json_object_update_new(object,
		        json_pack("{s:i, s:i}", "http", outcome->http, "ocpi", outcome->ocpi));
	else
		json_object_set_new(object, "error", tree_text(outcome->why));
	json_object_set_new(object, "ms", json_real((double)outcome->us / US_IN_MS));
}

void
narrate_step(struct story *story)
{
	const struct step *step = story->step;
	struct str verb = step->line.words[0].text;
	json_t *object;
	char *text;

	if (!story->options.json)
		return;
	object = json_pack("{s:s, s:i, s:s%, s:b}", "file", story->script.name, "line",
	        step->line.number, "step", verb.p, verb.len, "ok",
	        story->failed == story->failed_before);
	if (story->said.len > 0)
		json_object_set_new(object, "said", json_stringn(story->said.p, story->said.len));
	if (step->verb->flags & VERB_ANSWERS)
		add_outcome(object, story);
	if (json_array_size(story->failures) > 0)
		json_object_set_new(object, "failures", json_deep_copy(story->failures));
	text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
	fprintf(story->out, "%s\n", text);
	free(text);
	json_decref(object);
	json_array_clear(story->failures);
}

void
narrate_end(struct story *story)
{
	int64_t ms = rh_mono_ms() - story->began_ms;

	if (story->options.json)
		fprintf(story->out,
		        "{\"steps\":%zu,\"held\":%zu,\"failed\":%zu,\"ms\":%" PRId64 "}\n",
		        story->steps, story->held, story->failed, ms);
	else if (!story->options.quiet)
		fprintf(story->out,
		        "\n%s%s%s: %zu steps, %zu expectations held, %zu failed, %.1f s\n",
		        colour(story, story->failed == 0 ? GREEN : RED),
		        story->failed == 0 ? "passed" : "failed", colour(story, PLAIN),
		        story->steps, story->held, story->failed, (double)ms / 1000);
	fflush(story->out);
}

static void
add_party(struct buf *buf, bool there, const struct ocpi_id *id)
{
	char text[OCPI_ID_TEXT];

	buf_add(buf, there ? str_of(ocpi_id_text(id, text)) : STR("somebody"));
}

void
narrate_request(struct sim *sim, const struct exchange *exchange)
{
	struct story *story = sim->ctx;
	time_t now = time(NULL);
	struct tm tm;
	char clock[16];
	struct buf who = { 0 }, what = { 0 };

	if (story->options.quiet || story->options.json)
		return;
	localtime_r(&now, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	add_party(&who, exchange->has_from, &exchange->from);
	buf_add(&who, STR(" -> "));
	if (exchange->has_to)
		add_party(&who, true, &exchange->to);
	else
		buf_add(&who, str_of(exchange->actor->name));
	buf_printf(&what, "%.*s %s", STR_ARG(exchange->request->method), exchange->module);
	if (exchange->rest.len > 0)
		buf_printf(&what, " %.*s", STR_ARG(exchange->rest));
	disarm(what.p);
	fprintf(story->out, "%s  %-*s  %-*s  %d %d %8.1f ms\n", clock, WHO_COLUMNS, who.p,
	        WHAT_COLUMNS, what.p, exchange->http, exchange->ocpi,
	        (double)(exchange->done_us - exchange->request->began_us) / US_IN_MS);
	fflush(story->out);
	buf_free(&who);
	buf_free(&what);
}
