/* metrics: the counters of hub, store and admin API as Prometheus text, written from one table. */
#include <stddef.h>
#include <stdio.h>

#include "metrics.h"

enum { BUCKETS = COUNT(((struct hub_counts *)0)->latency_us_bucket) };

struct sample { /* one look at everything */
	struct hub_counts hub;
	struct store_stats store;
	struct state_counts states;
	struct backlog_row backlog; /* of all platforms together */
	uint64_t admin_requests, admin_refused, events_lost;
	uint64_t up_seconds, reload_good, draining, expiry_held, passive;
	uint64_t parked, syncing, pulls_held; /* of all platforms together */
	uint64_t log_dropped, memory_shortages;
};

enum kind { COUNTER, GAUGE };
enum value { V_U64, V_I64, V_SIZE, V_INT, V_BOOL, V_US, V_MS };
struct metric {
	const char *name;
	enum kind kind;
	enum value value;
	size_t offset;
	const char *help;
};
#define HUB(field)    offsetof(struct sample, hub.field)
#define STORE(field)  offsetof(struct sample, store.field)
#define SAMPLE(field) offsetof(struct sample, field)

/* clang-format off */
static const struct metric metrics[] = {
	{ "requests_total",               COUNTER, V_U64,  HUB(total[COUNT_REQUESTS]),
	  "Requests received on the OCPI listener." },
	{ "requests_refused_total",       COUNTER, V_U64,  HUB(total[COUNT_REFUSED]),
	  "Requests that ended in an error of the hub's making: refused, not readable, or forwarded in vain." },
	{ "forwarded_total",              COUNTER, V_U64,  HUB(total[COUNT_FORWARDED]),
	  "Requests passed on to a receiver, with or without an answer." },
	{ "forward_failed_total",         COUNTER, V_U64,  HUB(total[COUNT_FORWARD_FAILED]),
	  "Of these, those without a usable answer." },
	{ "relinked_total",               COUNTER, V_U64,  HUB(total[COUNT_RELINKED]),
	  "URLs handed out in the place of parties' own." },
	{ "local_total",                  COUNTER, V_U64,  HUB(total[COUNT_LOCAL]),
	  "Requests that the hub answered itself." },
	{ "shared_total",                 COUNTER, V_U64,  HUB(total[COUNT_SHARED]),
	  "Changes shared with everybody whom they may reach." },
	{ "listed_total",                 COUNTER, V_U64,  HUB(total[COUNT_LISTED]),
	  "Lists and objects answered from the store of the hub." },
	{ "unchanged_total",              COUNTER, V_U64,  HUB(total[COUNT_UNCHANGED]),
	  "Shares of the bytes that were there already, which were not pushed." },
	{ "unkept_total",                 COUNTER, V_U64,  HUB(total[COUNT_UNKEPT]),
	  "Copies of addressed objects that were due and could not be kept." },
	{ "pushed_total",                 COUNTER, V_U64,  HUB(total[COUNT_PUSHED]),
	  "Pushes with a final answer, those refused for good included." },
	{ "push_failed_total",            COUNTER, V_U64,  HUB(total[COUNT_PUSH_FAILED]),
	  "Pushes that failed and are tried again." },
	{ "push_feed_failed_total",       COUNTER, V_U64,  HUB(total[COUNT_PUSH_UNREAD]),
	  "Reads of the feed of changes that failed and are tried again." },
	{ "push_parked_total",            COUNTER, V_U64,  HUB(total[COUNT_PARKED]),
	  "Objects put aside as a platform could not take them, each failure of one that is aside included." },
	{ "push_unparked_total",          COUNTER, V_U64,  HUB(total[COUNT_UNPARKED]),
	  "Objects put aside that were taken, refused for good, or are for the platform no more." },
	{ "push_parked_objects",          GAUGE,   V_U64,  SAMPLE(parked),
	  "Objects aside now, of all platforms: failed, sent once more, or there before the platform." },
	{ "push_syncing_modules",         GAUGE,   V_U64,  SAMPLE(syncing),
	  "Modules whose objects are still being gathered for a platform that is to get all of them." },
	{ "push_backlog_changes",         GAUGE,   V_I64,  SAMPLE(backlog.lag),
	  "Changes that the platform farthest behind did not get." },
	{ "push_backlog_objects",         GAUGE,   V_U64,  SAMPLE(backlog.owed),
	  "Objects queued for all platforms." },
	{ "push_platforms_behind",        GAUGE,   V_SIZE, SAMPLE(backlog.behind),
	  "Platforms that did not get everything yet." },
	{ "push_oldest_undelivered_timestamp_seconds", GAUGE, V_MS, SAMPLE(backlog.oldest_ms),
	  "When the oldest change was made that a platform did not get; 0: there is none." },
	{ "change_head",                  GAUGE,   V_I64,  SAMPLE(backlog.head),
	  "Number of the newest change." },
	{ "probes_total",                 COUNTER, V_U64,  HUB(total[COUNT_PROBES]),
	  "Still-alive probes sent." },
	{ "probe_failures_total",         COUNTER, V_U64,  HUB(total[COUNT_PROBE_FAILURES]),
	  "Of these, those without an answer." },
	{ "pulls_total",                  COUNTER, V_U64,  HUB(total[COUNT_PULLS]),
	  "Walks over platforms' Sender interfaces that ended." },
	{ "pulls_incomplete_total",       COUNTER, V_U64,  HUB(total[COUNT_PULLS_INCOMPLETE]),
	  "Of these, those that did not come to the end of a list." },
	{ "pull_objects_seen_total",      COUNTER, V_U64,  HUB(total[COUNT_PULL_SEEN]),
	  "Objects in the pages that were pulled." },
	{ "pull_objects_shared_total",    COUNTER, V_U64,  HUB(total[COUNT_PULL_SHARED]),
	  "Of these, those that were new or newer." },
	{ "pull_objects_invalid_total",   COUNTER, V_U64,  HUB(total[COUNT_PULL_INVALID]),
	  "Of these, those that were left out as they break the class tables." },
	{ "pull_objects_foreign_total",   COUNTER, V_U64,  HUB(total[COUNT_PULL_FOREIGN]),
	  "Of these, those that were left out as they are of no party of the platform, or for nobody here." },
	{ "pull_objects_withdrawn_total", COUNTER, V_U64,  HUB(total[COUNT_PULL_WITHDRAWN]),
	  "Objects withdrawn as two full walks did not find them." },
	{ "pulls_held",                   GAUGE,   V_U64,  SAMPLE(pulls_held),
	  "Platforms of whose lists so much is missing that party pull accept is waited for." },
	{ "expiry_held",                  GAUGE,   V_U64,  SAMPLE(expiry_held),
	  "1 while nothing expires as the wall clock jumped." },
	{ "passive",                      GAUGE,   V_U64,  SAMPLE(passive),
	  "1 while the hub calls nobody until resume-hub." },
	{ "log_lines_dropped_total",      COUNTER, V_U64,  SAMPLE(log_dropped),
	  "Lines of the log that its reader had no room for." },
	{ "memory_shortages_total",       COUNTER, V_U64,  SAMPLE(memory_shortages),
	  "Times the system refused memory and the reserve was given up." },
	{ "faults_let_through_total",     COUNTER, V_U64,  HUB(total[COUNT_FLAWS]),
	  "Faults in requests that validation let through." },
	{ "answer_faults_total",          COUNTER, V_U64,  HUB(total[COUNT_ANSWER_FLAWS]),
	  "Faults in answers of parties, which are passed on as they are." },
	{ "messages_under_way",           GAUGE,   V_SIZE, HUB(flights),
	  "Messages in the hub now." },
	{ "connections",                  GAUGE,   V_SIZE, HUB(connections),
	  "Connections on the OCPI listener." },
	{ "calls_under_way",              GAUGE,   V_SIZE, HUB(calls),
	  "Calls to parties that are not answered yet." },
	{ "unread_bytes",                 GAUGE,   V_SIZE, HUB(unread),
	  "Memory of answers that wait to be read." },
	{ "unread_refused_total",         COUNTER, V_U64,  HUB(total[COUNT_UNREAD_REFUSED]),
	  "Requests refused as too many answers waited to be read." },
	{ "workers",                      GAUGE,   V_INT,  HUB(workers),
	  "Worker threads." },
	{ "uptime_seconds",               GAUGE,   V_U64,  SAMPLE(up_seconds),
	  "Time since the hub started." },
	{ "draining",                     GAUGE,   V_U64,  SAMPLE(draining),
	  "1 while the hub is stopping." },
	{ "config_last_reload_successful", GAUGE,  V_U64,  SAMPLE(reload_good),
	  "0 when the last reload of the configuration was refused." },
	{ "store_commits_total",          COUNTER, V_U64,  STORE(commits),
	  "Transactions committed." },
	{ "store_operations_total",       COUNTER, V_U64,  STORE(operations),
	  "Write operations taken, those that failed included." },
	{ "store_failures_total",         COUNTER, V_U64,  STORE(failures),
	  "Operations that failed or found no room, reads and backups included." },
	{ "store_damaged_total",          COUNTER, V_U64,  STORE(damaged),
	  "Times a stored object was met whose bytes are not those that were written." },
	{ "store_waiting",                GAUGE,   V_SIZE, STORE(waiting),
	  "Write operations that wait for the writer." },
	{ "store_failed",                 GAUGE,   V_BOOL, STORE(failed),
	  "1 when the database cannot be written safely any more." },
	{ "store_commit_last_seconds",    GAUGE,   V_US,   STORE(commit_us_last),
	  "Duration of the last commit." },
	{ "store_commit_longest_seconds", GAUGE,   V_US,   STORE(commit_us_max),
	  "Duration of the longest commit since the start." },
	{ "store_bytes",                  GAUGE,   V_I64,  STORE(database_bytes),
	  "Size of the database." },
	{ "trace_bytes",                  GAUGE,   V_I64,  STORE(trace_bytes),
	  "Size of the trace database." },
	{ "trace_rows_total",             COUNTER, V_U64,  STORE(trace_rows),
	  "Trace rows written." },
	{ "trace_rows_dropped_total",     COUNTER, V_U64,  STORE(trace_dropped),
	  "Trace rows that were not kept: the rate was exceeded, too many waited, or the file failed." },
	{ "trace_skipped_total",          COUNTER, V_U64,  HUB(total[COUNT_TRACE_SKIPPED]),
	  "Messages whose rows were not kept, as the rate was exceeded or too many waited." },
	{ "events_lost_total",            COUNTER, V_U64,  SAMPLE(events_lost),
	  "Events that were not written down: too many waited, or the store failed." },
	{ "admin_requests_total",         COUNTER, V_U64,  SAMPLE(admin_requests),
	  "Requests to the admin listener." },
	{ "admin_refused_total",          COUNTER, V_U64,  SAMPLE(admin_refused),
	  "Requests to the admin listener that were refused." },
};
/* clang-format on */

static void
write_head(struct buf *text, const char *name, const char *type, const char *help)
{
	char whole[96];

	(void)snprintf(whole, sizeof whole, "roamhub_%s", name);
	metrics_head(text, whole, type, help);
}

static void
write_seconds(struct buf *text, uint64_t us)
{
	buf_printf(text, "%llu.%06llu\n", (unsigned long long)us / 1000000,
	        (unsigned long long)us % 1000000);
}

static void
write_value(struct buf *text, const struct metric *metric, const struct sample *sample)
{
	const void *at = (const char *)sample + metric->offset;

	switch (metric->value) {
	case V_U64:
		buf_printf(text, "%llu\n", (unsigned long long)*(const uint64_t *)at);
		break;
	case V_I64:
		buf_printf(text, "%lld\n", (long long)*(const int64_t *)at);
		break;
	case V_SIZE:
		buf_printf(text, "%zu\n", *(const size_t *)at);
		break;
	case V_INT:
		buf_printf(text, "%d\n", *(const int *)at);
		break;
	case V_BOOL:
		buf_printf(text, "%d\n", *(const bool *)at);
		break;
	case V_US:
		write_seconds(text, (uint64_t) * (const int64_t *)at);
		break;
	case V_MS:
		write_seconds(text, (uint64_t) * (const int64_t *)at * 1000);
		break;
	}
}

static void
write_table(struct buf *text, const struct sample *sample)
{
	for (size_t i = 0; i < COUNT(metrics); i++) {
		write_head(text, metrics[i].name, metrics[i].kind == COUNTER ? "counter" : "gauge",
		        metrics[i].help);
		buf_printf(text, "roamhub_%s ", metrics[i].name);
		write_value(text, &metrics[i], sample);
	}
}

static void
write_certificate(struct buf *text, const struct hub *hub)
{
	const char *name = "certificate_expiry_timestamp_seconds";
	int64_t expires_ms = hub_certificate_expires_ms(hub);

	write_head(text, name, "gauge",
	        "When the first certificate of the OCPI listener ends; absent without HTTPS.");
	if (expires_ms != 0)
		buf_printf(text, "roamhub_%s %lld\n", name, (long long)expires_ms / 1000);
}

/* ---- what has labels ---- */

static void
write_states(struct buf *text, const char *name, const char *help, const size_t counts[STATE_COUNT])
{
	write_head(text, name, "gauge", help);
	for (int state = 0; state < STATE_COUNT; state++)
		buf_printf(text, "roamhub_%s{status=\"%s\"} %zu\n", name, state_name(state),
		        counts[state]);
}

static void
write_modules(struct buf *text, const struct hub *hub, const struct sample *sample)
{
	const struct ocpi_module *const *modules = hub_modules(hub);

	write_head(text, "module_requests_total", "counter", "Requests for a functional module.");
	for (size_t i = 0; modules[i] != NULL && i < COUNT(sample->hub.by_module); i++)
		buf_printf(text, "roamhub_module_requests_total{module=\"%s\"} %llu\n",
		        modules[i]->id, (unsigned long long)sample->hub.by_module[i]);
}

static void
write_refusals(struct buf *text, const struct sample *sample)
{
	write_head(
	        text, "refusals_total", "counter", "Requests that ended in an error, by its name.");
	for (int err = 1; err < RH_ERR_COUNT; err++)
		buf_printf(text, "roamhub_refusals_total{error=\"%s\"} %llu\n",
		        rh_err_info((enum rh_err)err)->name,
		        (unsigned long long)sample->hub.by_error[err]);
}

static void
write_limits(struct buf *text, const struct sample *sample)
{
	static const char *const names[LIMIT_COUNT] = {
		[LIMIT_REQUESTS_PER_SECOND] = "requests_per_second",
		[LIMIT_FLIGHTS_PER_PLATFORM] = "flights_per_platform",
		[LIMIT_FLIGHTS] = "flights",
		[LIMIT_ASKED] = "asked",
		[LIMIT_OBJECTS] = "objects",
		[LIMIT_RELINKS] = "relinks",
	};

	write_head(text, "limited_total", "counter", "Requests that a limit refused, by its name.");
	for (size_t i = 0; i < LIMIT_COUNT; i++)
		buf_printf(text, "roamhub_limited_total{limit=\"%s\"} %llu\n", names[i],
		        (unsigned long long)sample->hub.by_limit[i]);
}

/* Bucket i counts what took at most 2^(i+7) microseconds; the last one is open. */
static void
write_latency(struct buf *text, const struct sample *sample)
{
	const char *name = "message_duration_seconds";
	uint64_t count = 0;

	write_head(text, name, "histogram", "Time from a request's head to its answer.");
	for (size_t i = 0; i + 1 < BUCKETS; i++) {
		count += sample->hub.latency_us_bucket[i];
		buf_printf(text, "roamhub_%s_bucket{le=\"%g\"} %llu\n", name,
		        (double)(128u << i) / 1e6, (unsigned long long)count);
	}
	count += sample->hub.latency_us_bucket[BUCKETS - 1];
	buf_printf(text, "roamhub_%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)count);
	buf_printf(text, "roamhub_%s_sum ", name);
	write_seconds(text, sample->hub.latency_us_sum);
	buf_printf(text, "roamhub_%s_count %llu\n", name, (unsigned long long)count);
}

static void
sum_platforms(const struct admin *admin, struct sample *sample)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms);

	for (size_t i = 0; i < count; i++) {
		const struct live_push *push = &platforms[i].live->push;

		if (platforms[i].removed)
			continue;
		sample->syncing += atomic_load(&push->syncing);
		sample->pulls_held += pull_is_held(&platforms[i]);
	}
}

static void
take_sample(const struct inquiry *inquiry, struct sample *sample)
{
	const struct admin *admin = inquiry->admin;
	const struct milestones *milestones = inquiry->work;

	*sample = (struct sample){ 0 };
	hub_count(admin->hub, &sample->hub);
	store_stats(hub_store(admin->hub), &sample->store);
	count_states(admin->hub, &sample->states);
	backlog_sum(inquiry, &sample->backlog);
	sample->backlog.oldest_ms = milestones->oldest_ms;
	sample->admin_requests = admin->desk.requests;
	sample->events_lost = hub_events_dropped(admin->hub);
	sample->admin_refused = admin->desk.refused;
	sample->up_seconds = (uint64_t)sample->hub.uptime_ms / 1000;
	sample->reload_good = !admin->reload_refused;
	sample->draining = admin->stopping;
	sample->expiry_held = hub_expiry(admin->hub).held;
	sample->passive = hub_passive(admin->hub).is;
	sample->log_dropped = rh_log_dropped();
	sample->memory_shortages = rh_memory_shortages();
	sample->parked = milestones->parked_objects;
	sum_platforms(admin, sample);
}

static void
write_metrics(struct inquiry *inquiry)
{
	struct buf *text = &inquiry->text;
	struct sample sample;

	take_sample(inquiry, &sample);
	write_head(text, "build_info", "gauge", "Always 1; the version is the label.");
	buf_printf(text, "roamhub_build_info{version=\"%s\"} 1\n", inquiry->admin->conf.version);
	write_states(text, "platforms", "Platforms by status.", sample.states.platforms);
	write_states(text, "parties", "Parties by status.", sample.states.parties);
	write_table(text, &sample);
	write_modules(text, inquiry->admin->hub, &sample);
	write_refusals(text, &sample);
	write_limits(text, &sample);
	write_latency(text, &sample);
	write_certificate(text, inquiry->admin->hub);
	portal_metrics(text, inquiry->admin->portal);
	platform_metrics(inquiry, text);
	process_metrics(text, inquiry->admin->started_ms);
	inquiry_answer(inquiry, 200, "text/plain; version=0.0.4; charset=utf-8");
}

void
metrics_show(struct inquiry *inquiry)
{
	backlog_rows(inquiry, 0);
	milestones_ask(inquiry, write_metrics);
}
