/* status: the hub on one page. */
#include "inside.h"

void
count_states(const struct hub *hub, struct state_counts *out)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	*out = (struct state_counts){ 0 };
	for (size_t i = 0; i < count; i++) {
		if (platforms[i].removed)
			continue;
		out->platforms[platform_state(&platforms[i])]++;
		for (size_t k = 0; k < platforms[i].party_count; k++)
			out->parties[party_state(&platforms[i].parties[k])]++;
	}
}

static void
write_states(struct buf *json, const char *key, const size_t counts[STATE_COUNT])
{
	put_open(json, key, '{');
	for (int state = 0; state < STATE_COUNT; state++)
		put_number(json, state_name(state), (int64_t)counts[state]);
	buf_addc(json, '}');
}

static void
write_store(const struct store_stats *stats, struct buf *json)
{
	put_open(json, "store", '{');
	put_word(json, "state", stats->failed ? "failed" : "ok");
	if (stats->failed)
		put_word(json, "reason", stats->reason);
	put_number(json, "commits", (int64_t)stats->commits);
	put_number(json, "operations", (int64_t)stats->operations);
	put_number(json, "failures", (int64_t)stats->failures);
	put_number(json, "damaged", (int64_t)stats->damaged);
	put_number(json, "waiting", (int64_t)stats->waiting);
	put_number(json, "commit_us_last", stats->commit_us_last);
	put_number(json, "commit_us_max", stats->commit_us_max);
	put_number(json, "bytes", stats->database_bytes);
	put_number(json, "trace_bytes", stats->trace_bytes);
	put_number(json, "trace_rows", (int64_t)stats->trace_rows);
	put_number(json, "trace_dropped", (int64_t)stats->trace_dropped);
	buf_addc(json, '}');
}

static void
write_messages(const struct hub_counts *counts, struct buf *json)
{
	put_open(json, "messages", '{');
	put_number(json, "requests", (int64_t)counts->total[COUNT_REQUESTS]);
	put_number(json, "forwarded", (int64_t)counts->total[COUNT_FORWARDED]);
	put_number(json, "forward_failed", (int64_t)counts->total[COUNT_FORWARD_FAILED]);
	put_number(json, "refused", (int64_t)counts->total[COUNT_REFUSED]);
	put_number(json, "shared", (int64_t)counts->total[COUNT_SHARED]);
	put_number(json, "listed", (int64_t)counts->total[COUNT_LISTED]);
	put_number(json, "pushed", (int64_t)counts->total[COUNT_PUSHED]);
	put_number(json, "push_failed", (int64_t)counts->total[COUNT_PUSH_FAILED]);
	put_number(json, "faults_let_through", (int64_t)counts->total[COUNT_FLAWS]);
	put_number(json, "answer_faults", (int64_t)counts->total[COUNT_ANSWER_FLAWS]);
	put_number(json, "probes", (int64_t)counts->total[COUNT_PROBES]);
	put_number(json, "probe_failures", (int64_t)counts->total[COUNT_PROBE_FAILURES]);
	buf_addc(json, '}');
}

static void
write_backlog(const struct inquiry *inquiry, const struct hub_counts *counts, size_t waiting,
        struct buf *json)
{
	struct backlog_row sum;

	backlog_sum(inquiry, &sum);
	put_open(json, "backlog", '{');
	put_number(json, "messages", (int64_t)counts->flights);
	put_number(json, "store", (int64_t)waiting);
	put_number(json, "platforms", (int64_t)sum.behind);
	put_number(json, "owed", (int64_t)sum.owed);
	put_number(json, "head", sum.head);
	put_number(json, "lag", sum.lag);
	put_age(json, sum.oldest_ms);
	buf_addc(json, '}');
}

static void
answer_status(struct inquiry *inquiry)
{
	struct admin *admin = inquiry->admin;
	struct buf *json = &inquiry->text;
	struct state_counts states;
	struct store_stats stats;
	struct hub_counts counts;

	hub_count(admin->hub, &counts);
	store_stats(hub_store(admin->hub), &stats);
	count_states(admin->hub, &states);
	put_open(json, NULL, '{');
	put_word(json, "version", admin->conf.version);
	put_word(json, "state", admin->stopping ? "draining" : "running");
	put_number(json, "uptime", counts.uptime_ms / 1000);
	put_time(json, "started", admin->started_ms);
	put_word(json, "url", hub_url(admin->hub));
	put_word(json, "address", hub_address(admin->hub));
	put_word(json, "admin_address", hub_admin_address(admin->hub));
	put_number(json, "workers", counts.workers);
	put_number(json, "connections", (int64_t)counts.connections);
	put_number(json, "calls", (int64_t)counts.calls);
	write_store(&stats, json);
	write_states(json, "platforms", states.platforms);
	write_states(json, "parties", states.parties);
	write_messages(&counts, json);
	write_backlog(inquiry, &counts, stats.waiting, json);
	buf_addc(json, '}');
	inquiry_json(inquiry, 200);
}

void
status_show(struct inquiry *inquiry)
{
	backlog_ask(inquiry, 0, answer_status);
}
