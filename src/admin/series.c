/* series: what crossed the hub in the last hour, as charts and lists show it. */
#include "inside.h"

enum { SLOT_S = SERIES_SLOT_MS / 1000, LONGEST_S = SERIES_SLOTS * SLOT_S };

typedef json_t *(*value_of)(const struct series_sum *sum);

/* ---- one value ---- */

static json_t *
rate(uint64_t count, const struct series_sum *sum)
{
	return json_real((double)count / (sum->slots * SLOT_S));
}

static json_t *
milliseconds(const uint64_t buckets[SERIES_BUCKETS], unsigned permille)
{
	int64_t us = series_quantile_us(buckets, permille);

	return us < 0 ? json_null() : json_real((double)us / 1000);
}

static json_t *
rate_in(const struct series_sum *sum)
{
	return rate(sum->in_count, sum);
}

static json_t *
rate_out(const struct series_sum *sum)
{
	return rate(sum->out_count, sum);
}

static json_t *
errors_in(const struct series_sum *sum)
{
	return rate(sum->in_failed, sum);
}

static json_t *
errors_out(const struct series_sum *sum)
{
	return rate(sum->out_failed, sum);
}

static json_t *
p50_in(const struct series_sum *sum)
{
	return milliseconds(sum->in, 500);
}

static json_t *
p99_in(const struct series_sum *sum)
{
	return milliseconds(sum->in, 990);
}

static json_t *
p50_out(const struct series_sum *sum)
{
	return milliseconds(sum->out, 500);
}

static json_t *
p99_out(const struct series_sum *sum)
{
	return milliseconds(sum->out, 990);
}

static const struct metric {
	const char *name, *unit;
	struct {
		const char *name;
		value_of value;
	} lines[4];
} metrics[] = {
	{ "requests", "1/s", { { "in", rate_in }, { "out", rate_out } } },
	{ "errors", "1/s", { { "in", errors_in }, { "out", errors_out } } },
	{ "latency", "ms",
	        { { "in_p50", p50_in }, { "in_p99", p99_in }, { "out_p50", p50_out },
	                { "out_p99", p99_out } } },
};

/* ---- a chart ---- */

struct chart {
	const struct metric *metric;
	const struct live *live; /* NULL: of all platforms */
	int64_t platform;
	unsigned slots; /* shown */
	unsigned step;  /* slots in a point */
};

static json_t *
points(const struct hub *hub, const struct chart *chart, value_of value)
{
	json_t *list = tree_list();
	struct series_sum sum;

	for (unsigned left = chart->slots; left > 0; left -= chart->step) {
		series_sum(hub, chart->live, left - chart->step, chart->step, &sum);
		tree_add(list, sum.slots == 0 ? json_null() : value(&sum));
	}
	return list;
}

static void
answer(struct inquiry *inquiry, const struct chart *chart)
{
	const struct hub *hub = inquiry->admin->hub;
	json_t *object = tree_object(), *lines = tree_object();
	int64_t until_ms = series_ended_ms(hub);

	tree_set_text(object, "metric", chart->metric->name);
	tree_set_text(object, "unit", chart->metric->unit);
	tree_set(object, "platform",
	        chart->platform != 0 ? json_integer(chart->platform) : json_null());
	tree_set_number(object, "step_s", (int64_t)chart->step * SLOT_S);
	tree_set_time(object, "until", until_ms);
	tree_set_time(object, "since",
	        until_ms == 0 ? 0 : until_ms - (int64_t)chart->slots * SERIES_SLOT_MS);
	for (size_t i = 0; i < COUNT(chart->metric->lines); i++)
		if (chart->metric->lines[i].name != NULL)
			tree_set(lines, chart->metric->lines[i].name,
			        points(hub, chart, chart->metric->lines[i].value));
	tree_set(object, "series", lines);
	inquiry_json(inquiry, 200, object);
}

/* ---- what was asked ---- */

static bool
read_metric(struct inquiry *inquiry, struct chart *chart)
{
	struct str name = asked_query(inquiry, "metric");

	for (size_t i = 0; i < COUNT(metrics); i++) {
		chart->metric = &metrics[i];
		if (name.p != NULL && str_is(name, metrics[i].name))
			return true;
	}
	return inquiry_bad(inquiry, "metric", "expected requests, errors or latency");
}

static bool
read_platform(struct inquiry *inquiry, struct chart *chart)
{
	struct str text = asked_query(inquiry, "platform");
	const struct platform *platform;
	uint64_t id;

	if (text.p == NULL)
		return true;
	if (!str_to_u64(text, INT32_MAX, &id) || id == 0)
		return inquiry_bad(inquiry, "platform", "expected the id of a platform");
	inquiry->id = chart->platform = (int64_t)id;
	platform = platform_of(inquiry);
	if (platform != NULL)
		chart->live = platform->live;
	return platform != NULL;
}

static bool
read_window(struct inquiry *inquiry, struct chart *chart)
{
	struct str text = asked_query(inquiry, "window"), step = asked_query(inquiry, "step");
	uint64_t window_s = LONGEST_S, step_s = SLOT_S;

	if (text.p != NULL && (!str_to_u64(text, LONGEST_S, &window_s) || window_s < SLOT_S))
		return inquiry_bad(
		        inquiry, "window", "expected seconds, %d to %d", SLOT_S, LONGEST_S);
	if (step.p != NULL && (!str_to_u64(step, window_s, &step_s) || step_s < SLOT_S))
		return inquiry_bad(
		        inquiry, "step", "expected seconds, %d to those of the window", SLOT_S);
	chart->step = (unsigned)(step_s / SLOT_S);
	chart->slots = (unsigned)(window_s / SLOT_S);
	chart->slots -= chart->slots % chart->step;
	return true;
}

void
series_show(struct inquiry *inquiry)
{
	struct chart chart = { 0 };

	if (read_metric(inquiry, &chart) && read_platform(inquiry, &chart) &&
	        read_window(inquiry, &chart))
		answer(inquiry, &chart);
}
