/* trace: rows of the recent history on their way to the writer.
 *
 * What exceeds the rate or the ring is dropped and counted: a message never waits for its own
 * record. Unlike writes, rows linger until they make a batch or the first is 50 ms old: nobody
 * waits for them, and a transaction for each would cost the workers a good part of a processor. */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

/* Lock held, as for all of a queue. The bucket holds one second's worth. */
static bool
take_permit(struct trace_queue *queue, uint32_t max_rate, int64_t now_us)
{
	const int64_t full = 1000000;
	int64_t cost;

	if (max_rate == 0)
		return false;
	cost = full / max_rate;
	if (queue->filled_at_us == 0)
		queue->permits_us = full;
	else
		queue->permits_us += now_us - queue->filled_at_us;
	queue->filled_at_us = now_us;
	if (queue->permits_us > full)
		queue->permits_us = full;
	if (queue->permits_us < cost)
		return false;
	queue->permits_us -= cost;
	return true;
}

bool
trace_queue_add(
        struct trace_queue *queue, struct store_trace *row, uint32_t max_rate, int64_t now_us)
{
	if (queue->count == TRACE_QUEUE || !take_permit(queue, max_rate, now_us))
		return false;
	if (queue->count == 0)
		queue->waiting_since_us = now_us;
	queue->ring[(queue->first + queue->count++) % TRACE_QUEUE] = row;
	return true;
}

bool
trace_queue_due(const struct trace_queue *queue, int64_t now_us)
{
	return queue->count >= TRACE_BATCH || trace_queue_due_at(queue) <= now_us;
}

int64_t
trace_queue_due_at(const struct trace_queue *queue)
{
	return queue->count == 0 ? INT64_MAX : queue->waiting_since_us + TRACE_LINGER_US;
}

size_t
trace_queue_take(struct trace_queue *queue, struct store_trace **rows, size_t most)
{
	size_t count = queue->count < most ? queue->count : most;

	for (size_t i = 0; i < count; i++) {
		rows[i] = queue->ring[queue->first];
		queue->first = (queue->first + 1) % TRACE_QUEUE;
	}
	queue->count -= count;
	return count;
}

static struct str
copy_text(struct str s, char **at)
{
	char *p = *at;

	if (s.p == NULL)
		return s;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	*at += s.len;
	return (struct str){ p, s.len };
}

struct store_trace *
store_trace_new(const struct store_trace *from)
{
	size_t bytes = from->correlation_id.len + from->request_id.len + from->from.len +
	               from->to.len + from->object.len + from->doc.len;
	struct store_trace *row = rh_alloc(sizeof(*row) + bytes);
	char *at = (char *)(row + 1);

	*row = (struct store_trace){
		.at_ms = from->at_ms,
		.correlation_id = copy_text(from->correlation_id, &at),
		.request_id = copy_text(from->request_id, &at),
		.from = copy_text(from->from, &at),
		.to = copy_text(from->to, &at),
		.object = copy_text(from->object, &at),
		.doc = copy_text(from->doc, &at),
	};
	return row;
}

void
store_trace_put(struct store *store, struct store_trace **row)
{
	struct store_trace *mine = *row;
	int64_t now_us = rh_mono_us();

	*row = NULL;
	pthread_mutex_lock(&store->lock);
	if (trace_queue_add(&store->trace, mine, store->conf.trace_max_rate, now_us))
		mine = NULL;
	else
		store->stats.trace_dropped++;
	if (store->asleep && (store->trace.count == 1 || store->trace.count == TRACE_BATCH))
		pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
	free(mine);
}
