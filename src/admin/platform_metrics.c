/* platform metrics: what each of the busiest platforms did and how it is, and all others in one
 * row: platform="other". */
#include "metrics.h"

#include "roamhub/ocpi.h"

struct shown { /* one platform, or all others */
	char label[24];
	const struct busiest_row *did;
	size_t status[STATE_COUNT]; /* platforms */
	int64_t lag;                /* of all others: the largest */
	uint64_t owed[OWED_AGES];
};

/* ---- what is shown ---- */

static void
add_backlog(const struct inquiry *inquiry, const struct backlog_row *row, struct shown *shown)
{
	const struct milestones *milestones = inquiry->work;
	const uint64_t *parked = milestones->parked[row - inquiry->backlog.rows];
	uint64_t counts[OWED_AGES];

	milestones_count(milestones, row, counts);
	for (size_t i = 0; i < OWED_AGES; i++)
		shown->owed[i] += counts[i] + parked[i];
	shown->lag = row->lag > shown->lag ? row->lag : shown->lag;
}

static void
add_platform(const struct inquiry *inquiry, const struct platform *platform, struct shown *shown)
{
	const struct backlog_row *row = backlog_find(&inquiry->backlog, platform->id);

	shown->status[platform_state(platform)]++;
	if (row != NULL)
		add_backlog(inquiry, row, shown);
}

/** @count rows, the last one of the others. Rows and platforms are by id. */
static struct shown *
gather(const struct inquiry *inquiry, size_t *count)
{
	struct admin *admin = inquiry->admin;
	const struct platform *platforms;
	size_t all = directory_platforms(hub_directory(admin->hub), &platforms), at = 0;
	const struct busiest_row *rows =
	        busiest_take(admin->busiest, admin->hub, rh_boot_ms(), inquiry->arena, count);
	struct shown *shown = arena_alloc(inquiry->arena, *count * sizeof *shown);
	struct shown *others = &shown[*count - 1];

	for (size_t i = 0; i < all; i++)
		if (rows[at].platform == &platforms[i]) {
			shown[at].did = &rows[at];
			(void)snprintf(shown[at].label, sizeof shown[at].label, "%lld",
			        (long long)platforms[i].id);
			add_platform(inquiry, &platforms[i], &shown[at++]);
		} else if (!platforms[i].removed) {
			add_platform(inquiry, &platforms[i], others);
		}
	others->did = &rows[*count - 1];
	(void)snprintf(others->label, sizeof others->label, "other");
	return shown;
}

/* ---- who it is ---- */

static void
write_label(struct buf *text, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if (c == '\\' || c == '"')
			buf_addc(text, '\\');
		if ((unsigned char)c >= ' ' && c != 127)
			buf_addc(text, c);
	}
}

static void
write_roles(struct buf *text, const struct platform *platform)
{
	unsigned seen = 0;

	for (size_t i = 0; i < platform->party_count; i++) {
		unsigned role = 1U << platform->parties[i].role;

		if ((seen & role) == 0)
			buf_printf(text, "%s%s", seen != 0 ? "," : "",
			        ocpi_role_name(platform->parties[i].role));
		seen |= role;
	}
}

static void
write_info(struct buf *text, const struct shown *shown)
{
	const struct platform *platform = shown->did->platform;

	if (platform == NULL)
		return;
	buf_printf(text, "roamhub_platform_info{platform=\"%s\",name=\"", shown->label);
	write_label(text, platform->name);
	buf_add(text, STR("\",roles=\""));
	write_roles(text, platform);
	buf_add(text, STR("\"} 1\n"));
}

/* ---- what it did ---- */

static const char *const directions[] = { "in", "out" };

static const struct tally *
tally_of(const struct shown *shown, size_t direction)
{
	return direction == 0 ? &shown->did->in : &shown->did->out;
}

static void
write_requests(struct buf *text, const struct shown *shown)
{
	for (size_t way = 0; way < COUNT(directions); way++) {
		const struct tally *tally = tally_of(shown, way);

		for (size_t i = 0; i < TRACE_OUTCOMES; i++)
			if (i == TRACE_OK || tally->ended[i] > 0)
				buf_printf(text,
				        "roamhub_platform_requests_total{platform=\"%s\",direction="
				        "\"%s\",outcome=\"%s\"} %llu\n",
				        shown->label, directions[way], trace_outcome_names[i],
				        (unsigned long long)tally->ended[i]);
	}
}

/* What took less than a millisecond is in one bucket: nobody is alarmed by it. */
static void
write_duration_of(struct buf *text, const struct tally *tally, const char *labels)
{
	static const char name[] = "roamhub_platform_duration_seconds";
	uint64_t count = 0;

	for (size_t i = 0; i < SERIES_BUCKETS - 1; i++) {
		count += tally->buckets[i];
		if (series_most_us[i] >= 1000)
			buf_printf(text, "%s_bucket{%s,le=\"%g\"} %llu\n", name, labels,
			        series_most_us[i] / 1e6, (unsigned long long)count);
	}
	buf_printf(text, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, labels,
	        (unsigned long long)tally->count);
	buf_printf(text, "%s_sum{%s} %llu.%06llu\n", name, labels,
	        (unsigned long long)tally->us / 1000000, (unsigned long long)tally->us % 1000000);
	buf_printf(text, "%s_count{%s} %llu\n", name, labels, (unsigned long long)tally->count);
}

static void
write_duration(struct buf *text, const struct shown *shown)
{
	for (size_t way = 0; way < COUNT(directions); way++) {
		char labels[64];

		(void)snprintf(labels, sizeof labels, "platform=\"%s\",direction=\"%s\"",
		        shown->label, directions[way]);
		if (tally_of(shown, way)->count > 0)
			write_duration_of(text, tally_of(shown, way), labels);
	}
}

/* ---- how it is ---- */

static void
write_status(struct buf *text, const struct shown *shown)
{
	for (int state = 0; state < STATE_COUNT; state++)
		buf_printf(text, "roamhub_platform_status{platform=\"%s\",status=\"%s\"} %zu\n",
		        shown->label, state_name(state), shown->status[state]);
}

static void
write_since(struct buf *text, const struct shown *shown)
{
	const struct platform *platform = shown->did->platform;
	int64_t since_ms = platform != NULL ? standing_since_ms(platform) : 0;

	if (since_ms > 0)
		buf_printf(text,
		        "roamhub_platform_status_since_timestamp_seconds{platform=\"%s\"} "
		        "%lld.%03lld\n",
		        shown->label, (long long)since_ms / 1000, (long long)since_ms % 1000);
}

static void
write_backlog(struct buf *text, const struct shown *shown)
{
	for (size_t i = 0; i < OWED_AGES; i++)
		buf_printf(text, "roamhub_backlog_objects{platform=\"%s\",age=\"%s\"} %llu\n",
		        shown->label, age_names[i], (unsigned long long)shown->owed[i]);
}

static void
write_lag(struct buf *text, const struct shown *shown)
{
	buf_printf(text, "roamhub_push_lag_changes{platform=\"%s\"} %lld\n", shown->label,
	        (long long)shown->lag);
}

static const struct family {
	const char *name, *type, *help;
	void (*write)(struct buf *text, const struct shown *shown);
} families[] = {
	{ "roamhub_platform_info", "gauge", "Always 1: name and roles of a platform by its id.",
	        write_info },
	{ "roamhub_platform_requests_total", "counter",
	        "Messages that a platform sent (in) and that were sent to it (out), by how they "
	        "ended.",
	        write_requests },
	{ "roamhub_platform_duration_seconds", "histogram",
	        "Time from the head to the answer of what a platform sent (in), and until its own "
	        "answer (out).",
	        write_duration },
	{ "roamhub_platform_status", "gauge",
	        "1 for what a platform is; of the others how many are.", write_status },
	{ "roamhub_platform_status_since_timestamp_seconds", "gauge",
	        "Since when a platform is what it is.", write_since },
	{ "roamhub_backlog_objects", "gauge",
	        "Changes that a platform did not get and objects parked for it, by how old they "
	        "are: so many objects at most.",
	        write_backlog },
	{ "roamhub_push_lag_changes", "gauge",
	        "Changes above the cursor of a platform; of the others the most.", write_lag },
};

void
platform_metrics(const struct inquiry *inquiry, struct buf *text)
{
	size_t count;
	const struct shown *shown = gather(inquiry, &count);

	for (size_t i = 0; i < COUNT(families); i++) {
		metrics_head(text, families[i].name, families[i].type, families[i].help);
		for (size_t k = 0; k < count; k++)
			families[i].write(text, &shown[k]);
	}
}
