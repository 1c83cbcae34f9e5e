/* status: the hub on one page. */
#include "fields.h"
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

static json_t *
states_tree(const size_t counts[STATE_COUNT])
{
	json_t *object = tree_object();

	for (int state = 0; state < STATE_COUNT; state++)
		tree_set_count(object, state_name(state), counts[state]);
	return object;
}

static json_t *
store_tree(const struct store_stats *stats)
{
	json_t *object = tree_object();

	tree_set_text(object, "status", stats->failed ? "failed" : "good");
	if (stats->failed)
		tree_set_text(object, "why", stats->reason);
	tree_set_count(object, "commits", stats->commits);
	tree_set_count(object, "operations", stats->operations);
	tree_set_count(object, "failures", stats->failures);
	tree_set_count(object, "damaged", stats->damaged);
	tree_set_count(object, "waiting", stats->waiting);
	tree_set_number(object, "last_commit_us", stats->commit_us_last);
	tree_set_number(object, "max_commit_us", stats->commit_us_max);
	tree_set_number(object, "bytes", stats->database_bytes);
	tree_set_number(object, "trace_bytes", stats->trace_bytes);
	tree_set_count(object, "trace_rows", stats->trace_rows);
	tree_set_count(object, "trace_dropped", stats->trace_dropped);
	return object;
}

static json_t *
messages_tree(const struct hub_counts *counts)
{
	json_t *object = tree_object();

	tree_set_count(object, "requests", counts->total[COUNT_REQUESTS]);
	tree_set_count(object, "forwarded", counts->total[COUNT_FORWARDED]);
	tree_set_count(object, "forward_failed", counts->total[COUNT_FORWARD_FAILED]);
	tree_set_count(object, "refused", counts->total[COUNT_REFUSED]);
	tree_set_count(object, "shared", counts->total[COUNT_SHARED]);
	tree_set_count(object, "listed", counts->total[COUNT_LISTED]);
	tree_set_count(object, "pushed", counts->total[COUNT_PUSHED]);
	tree_set_count(object, "push_failed", counts->total[COUNT_PUSH_FAILED]);
	tree_set_count(object, "faults_let_through", counts->total[COUNT_FLAWS]);
	tree_set_count(object, "answer_faults", counts->total[COUNT_ANSWER_FLAWS]);
	tree_set_count(object, "probes", counts->total[COUNT_PROBES]);
	tree_set_count(object, "probe_failures", counts->total[COUNT_PROBE_FAILURES]);
	return object;
}

static json_t *
backlog_tree(const struct inquiry *inquiry, const struct hub_counts *counts, size_t waiting)
{
	struct backlog_row sum;
	json_t *object = tree_object();

	backlog_sum(inquiry, &sum);
	tree_set_count(object, "flights", counts->flights);
	tree_set_count(object, "store_waiting", waiting);
	tree_set_count(object, "receivers_behind", sum.behind);
	tree_set_count(object, "owed", sum.owed);
	tree_set_number(object, "head", sum.head);
	tree_set_number(object, "lag", sum.lag);
	age_set(object, sum.oldest_ms);
	return object;
}

static void
answer_status(struct inquiry *inquiry)
{
	struct admin *admin = inquiry->admin;
	struct hub_passive passive = hub_passive(admin->hub);
	json_t *object = tree_object();
	struct state_counts states;
	struct store_stats stats;
	struct hub_counts counts;

	hub_count(admin->hub, &counts);
	store_stats(hub_store(admin->hub), &stats);
	count_states(admin->hub, &states);
	tree_set_text(object, "version", admin->conf.version);
	tree_set_text(object, "api_version", ADMIN_API_VERSION);
	tree_set_text(object, "status",
	        admin->stopping ? "draining"
	        : passive.is    ? "passive"
	                        : "running");
	if (passive.is)
		tree_set_time(object, "passive_since", passive.since_ms);
	tree_set_number(object, "uptime_s", counts.uptime_ms / 1000);
	tree_set_time(object, "started", admin->started_ms);
	tree_set_text(object, "url", hub_url(admin->hub));
	tree_set_text(object, "address", hub_address(admin->hub));
	tree_set_text(object, "admin_address", hub_admin_address(admin->hub));
	tree_set_number(object, "workers", counts.workers);
	tree_set_count(object, "connections", counts.connections);
	tree_set_count(object, "calls", counts.calls);
	tree_set(object, "store", store_tree(&stats));
	tree_set(object, "platforms_by_status", states_tree(states.platforms));
	tree_set(object, "parties_by_status", states_tree(states.parties));
	tree_set(object, "messages", messages_tree(&counts));
	tree_set(object, "backlog", backlog_tree(inquiry, &counts, stats.waiting));
	inquiry_json(inquiry, 200, object);
}

void
status_show(struct inquiry *inquiry)
{
	backlog_ask(inquiry, 0, answer_status);
}
