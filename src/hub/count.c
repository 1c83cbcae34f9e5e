/* count: the sums of what the workers count, each for itself. */
#include <string.h>

#include "count.h"

static void
count_worker(const struct worker *worker, struct hub_counts *out)
{
	const struct counters *counters = &worker->counters;

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		out->total[i] += atomic_load(&counters->total[i]);
	for (size_t i = 0; i < RH_ERR_COUNT; i++)
		out->by_error[i] += atomic_load(&counters->by_error[i]);
	for (size_t i = 0; i < LIMIT_COUNT; i++)
		out->by_limit[i] += atomic_load(&counters->by_limit[i]);
	for (size_t i = 0; i < COUNT(out->by_module); i++)
		out->by_module[i] += atomic_load(&counters->by_module[i]);
	for (size_t i = 0; i < COUNT(out->latency_us_bucket); i++)
		out->latency_us_bucket[i] += atomic_load(&counters->latency_us_bucket[i]);
	out->latency_us_sum += atomic_load(&counters->latency_us_sum);
	out->flights += atomic_load(&worker->flights);
	out->connections += atomic_load(&worker->connections);
	out->calls += atomic_load(&worker->calls);
}

void
hub_count(struct hub *hub, struct hub_counts *out)
{
	memset(out, 0, sizeof *out);
	for (int i = 0; i < hub->worker_count; i++)
		count_worker(&hub->workers[i], out);
	out->total[COUNT_PROBES] = atomic_load(&hub->probes);
	out->total[COUNT_PROBE_FAILURES] = atomic_load(&hub->probe_failures);
	for (size_t i = 0; i < COUNT(hub->pull_counts); i++)
		out->total[COUNT_PULLS + i] = atomic_load(&hub->pull_counts[i]);
	out->unread = atomic_load(&hub->unread);
	out->uptime_ms = rh_mono_ms() - hub->started_ms;
	out->workers = hub->worker_count;
}
