/* expect: expectations about the answer in hand, and captures of what is in it. */
#include "steps.h"

#include <inttypes.h>

enum { SHOWN = 400 };

static struct str
shown(struct str text)
{
	return text.len > SHOWN ? (struct str){ text.p, SHOWN } : text;
}

static bool
has_answer(struct story *story)
{
	if (story->outcome.came || story->outcome.ran)
		return true;
	story_fail(story, "expected an answer, got: %s", story->outcome.why);
	return false;
}

/** Is @number one of @wanted: "200", "200|201" or "*"? */
static bool
number_meets(struct str wanted, int number)
{
	uint64_t one;

	if (wanted.p == NULL || str_is(wanted, "*"))
		return true;
	while (wanted.p != NULL)
		if (str_to_u64(str_cut(&wanted, '|'), 10000, &one) && (int)one == number)
			return true;
	return false;
}

void
step_expect_status(struct story *story)
{
	const struct outcome *outcome = &story->outcome;
	struct str http = story_arg(story, "HTTP"), ocpi = story_arg(story, "OCPI");
	struct str body = shown(outcome->body);

	if (!has_answer(story))
		return;
	if (!number_meets(http, outcome->http) || !number_meets(ocpi, outcome->ocpi))
		story_fail(story, "expected %.*s %.*s, got %d %d %.*s", STR_ARG(http),
		        (int)ocpi.len, ocpi.p == NULL ? "" : ocpi.p, outcome->http, outcome->ocpi,
		        STR_ARG(body));
}

void
step_expect_no_answer(struct story *story)
{
	if (story->outcome.came)
		story_fail(story, "expected no answer, got %d %d", story->outcome.http,
		        story->outcome.ocpi);
}

void
step_expect_at(struct story *story)
{
	struct str pointer = story_arg(story, "POINTER");
	const struct word *word = story_word(story, "VALUE");
	struct str value = word == NULL ? story_body(story) : story_arg(story, "VALUE");
	const json_t *found = json_at(story->outcome.json, pointer);
	struct str text = found == NULL ? STR("nothing") : json_text(found, story->arena);

	if (!has_answer(story) || value_meets(story, found, word, value))
		return;
	text = shown(text);
	story_fail(story, "expected %.*s at %.*s, got %.*s", STR_ARG(value), STR_ARG(pointer),
	        STR_ARG(text));
}

static struct str
answer_header_value(struct story *story, struct str name)
{
	if (story->outcome.out == NULL)
		return (struct str){ 0 };
	return outgoing_answer_header(story->outcome.out, arena_cstr(story->arena, name));
}

void
step_expect_header(struct story *story)
{
	struct str name = story_arg(story, "HEADER"), wanted = story_arg(story, "HEADER_VALUE");
	struct str value = answer_header_value(story, name);

	if (!has_answer(story))
		return;
	if (!text_meets(story, value, story_word(story, "HEADER_VALUE"), wanted))
		story_fail(story, "expected header %.*s: %.*s, got %.*s", STR_ARG(name),
		        STR_ARG(wanted), value.p == NULL ? 7 : (int)value.len,
		        value.p == NULL ? "nothing" : value.p);
}

/** What the answer in hand should be the bytes of: what a platform of the scenario answered last to
 * a request with its correlation id. Pushes and probes, which come in between at any time, have
 * another one. */
static struct str
answer_given(struct story *story)
{
	struct str correlation = answer_header_value(story, STR("X-Correlation-ID"));
	const struct exchange *last = NULL;

	list_each (node, &story->sim->actors) {
		const struct actor *actor = container_of(node, struct actor, node);

		list_each (at, &actor->received) {
			const struct exchange *exchange = container_of(at, struct exchange, node);
			struct str its = inlet_header(exchange->request, "X-Correlation-ID");

			if (its.p != NULL && str_eq(its, correlation) &&
			        (last == NULL || exchange->done_us > last->done_us))
				last = exchange;
		}
	}
	return last == NULL ? (struct str){ 0 } : last->answer;
}

void
step_expect_body(struct story *story)
{
	const struct word *word = story_word(story, "WHAT");
	struct str wanted = word == NULL ? story_body(story) : story_arg(story, "WHAT");
	struct str body = shown(story->outcome.body);
	bool relayed = word != NULL && word->quote == 0 && str_is(wanted, "relayed");

	if (!has_answer(story))
		return;
	if (relayed)
		wanted = answer_given(story);
	if (relayed ? str_eq(story->outcome.body, wanted)
	            : text_meets(story, story->outcome.body, word, wanted))
		return;
	wanted = shown(wanted);
	story_fail(story, "expected the body %.*s, got %.*s", STR_ARG(wanted), STR_ARG(body));
}

void
step_expect_crawled(struct story *story)
{
	uint64_t items = story_number(story, story_arg(story, "ITEMS"), UINT32_MAX);
	uint64_t pages = story_number(story, story_arg(story, "PAGES"), UINT32_MAX);
	const struct outcome *outcome = &story->outcome;

	if (outcome->items != items || outcome->pages != pages)
		story_fail(story,
		        "expected %" PRIu64 " items in %" PRIu64 " pages, got %" PRIu64
		        " in %" PRIu64,
		        items, pages, outcome->items, outcome->pages);
}

void
step_expect_within(struct story *story)
{
	int64_t most_ms = story_time_ms(story, story_arg(story, "TIME")),
	        ms = story->outcome.us / 1000;

	if (ms > most_ms)
		story_fail(story,
		        "expected an answer within %" PRId64 " ms, got one after %" PRId64 " ms",
		        most_ms, ms);
}

void
step_expect_exit(struct story *story)
{
	uint64_t status = story_number(story, story_arg(story, "STATUS"), 255);
	struct str body = shown(story->outcome.body);

	if (!story->outcome.ran)
		story_fail(story, "expected a program before this line, got none");
	else if (story->outcome.exit_status != (int)status)
		story_fail(story, "expected exit %" PRIu64 ", got %d: %.*s", status,
		        story->outcome.exit_status, STR_ARG(body));
}

void
step_expect_that(struct story *story)
{
	struct str value = story_arg(story, "VALUE"), other = story_arg(story, "OTHER_VALUE");
	bool same = text_meets(story, value, story_word(story, "OTHER_VALUE"), other);
	bool negated = story->step->line.count > 5;

	if (same == negated)
		story_fail(story, "expected %s%.*s, got %.*s", negated ? "not " : "",
		        STR_ARG(other), STR_ARG(value));
}

void
step_capture(struct story *story)
{
	struct str name = story_arg(story, "NAME"), header = story_arg(story, "HEADER"),
	           value = { 0 };
	struct str what = story->step->line.words[1].text;
	const json_t *found;

	if (!has_answer(story))
		return;
	if (str_is(what, "at")) {
		found = json_at(story->outcome.json, story_arg(story, "POINTER"));
		if (json_is_string(found))
			value = (struct str){ json_string_value(found), json_string_length(found) };
		else if (found != NULL)
			value = json_text(found, story->arena);
	} else if (str_is(what, "header")) {
		value = answer_header_value(story, header);
	} else if (str_is(what, "next")) {
		value = ocpi_link_next(answer_header_value(story, STR("Link")), story->arena);
	} else {
		value = story->outcome.body;
	}
	if (value.p == NULL)
		story_fail(
		        story, "expected something to capture as %.*s, got nothing", STR_ARG(name));
	else
		story_set(story, name, value);
}
