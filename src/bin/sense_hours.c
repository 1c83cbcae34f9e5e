/* sense_hours: spans of time that end before they begin, overlap or lie outside another. */
#include <string.h>

#include "validate_sense.h"

/* ---- opening hours ---- */

struct day_span {
	int64_t weekday;
	const char *begin, *end; /* "08:00": text sorts as time does */
};

static bool
read_day(const struct sense *sense, uint32_t node, struct day_span *day)
{
	uint32_t weekday = json_member(sense->doc, node, "weekday");

	day->begin = sense_text(sense, node, "period_begin");
	day->end = sense_text(sense, node, "period_end");
	return weekday != 0 && json_int(sense->doc, weekday, &day->weekday) &&
	       day->begin[0] != '\0' && day->end[0] != '\0';
}

static bool
days_overlap(const struct day_span *a, const struct day_span *b)
{
	return a->weekday == b->weekday && strcmp(a->begin, b->end) < 0 &&
	       strcmp(b->begin, a->end) < 0;
}

void
sense_regular_hours(struct sense *sense, uint32_t object)
{
	struct day_span one, other;
	uint32_t at = 0;

	while (sense_each(sense, object, "regular_hours", &at)) {
		uint32_t before = 0;
		bool known = read_day(sense, at, &one);

		while (known && sense_each(sense, object, "regular_hours", &before) &&
		        before < at) {
			if (!read_day(sense, before, &other) || !days_overlap(&one, &other))
				continue;
			sense_say(sense, at,
			        arena_printf(sense->arena, "weekday %d, %s to %s", (int)one.weekday,
			                one.begin, one.end)
			                .p,
			        "hours that do not overlap %s to %s of the same day", other.begin,
			        other.end);
			break;
		}
	}
}

static bool
read_span(const struct sense *sense, uint32_t node, int64_t span[2])
{
	return sense_time(sense, node, "period_begin", &span[0]) &&
	       sense_time(sense, node, "period_end", &span[1]);
}

/** No element of the rule's list @field overlaps one of its list @other, which may be the same. */
void
sense_exceptions(struct sense *sense, uint32_t object)
{
	const struct sense_rule *rule = sense->rule;
	bool same = strcmp(rule->field, rule->other) == 0;
	int64_t one[2], other[2];
	uint32_t at = 0;

	while (sense_each(sense, object, rule->field, &at)) {
		uint32_t beside = 0;
		bool known = read_span(sense, at, one);

		while (known && sense_each(sense, object, rule->other, &beside) &&
		        (!same || beside < at)) {
			if (!read_span(sense, beside, other) || one[0] >= other[1] ||
			        other[0] >= one[1])
				continue;
			sense_say(sense, at, NULL, "a period that does not overlap one of %s",
			        rule->other);
			break;
		}
	}
}

/* ---- begin and end ---- */

void
sense_span(struct sense *sense, uint32_t object)
{
	const struct sense_rule *rule = sense->rule;
	int64_t begin, end;

	if (sense_time(sense, object, rule->field, &begin) &&
	        sense_time(sense, object, rule->other, &end) && end < begin)
		sense_say(sense, json_member(sense->doc, object, rule->other), NULL,
		        "a time that is not before %s %s", rule->field,
		        sense_text(sense, object, rule->field));
}

void
sense_periods(struct sense *sense, uint32_t object)
{
	int64_t begin = INT64_MIN, end = INT64_MAX, before = INT64_MIN, start;
	bool begins = sense_time(sense, object, "start_date_time", &begin);
	bool ends = sense_time(sense, object, "end_date_time", &end);
	uint32_t at = 0;

	while (sense_each(sense, object, "charging_periods", &at)) {
		uint32_t node = json_member(sense->doc, at, "start_date_time");

		if (!sense_time(sense, at, "start_date_time", &start))
			continue;
		if (begins && start < begin)
			sense_say(sense, node, NULL, "not before start_date_time %s",
			        sense_text(sense, object, "start_date_time"));
		else if (ends && start > end)
			sense_say(sense, node, NULL, "not after end_date_time %s",
			        sense_text(sense, object, "end_date_time"));
		else if (start < before)
			sense_say(sense, node, NULL, "periods in the order of their starts");
		before = start;
	}
}
