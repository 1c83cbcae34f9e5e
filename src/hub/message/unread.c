/* unread: memory of answers that wait to be read. */
#include "unread.h"

#include "../count.h"

enum {
	SMALL = 64 * 1024, /* so much is left, or nothing is begun */
	HEADERS_BYTES = 4096,
};

static enum next
no_room(struct flight *flight, enum rh_err err, size_t waiting, const char *key)
{
	count_add(&flight->worker->counters.total[COUNT_UNREAD_REFUSED], 1);
	return flight_refuse(flight, err, "",
	        "answers of %zu bytes wait to be read, limits.%s allows no more", waiting, key);
}

/* Whatever is alone fits: a bound below the largest answer is not to forbid it. */
static bool
fits(size_t waiting, size_t bytes, int64_t most)
{
	return waiting == 0 || waiting + bytes <= (size_t)most;
}

static enum next
check(struct flight *flight, size_t bytes)
{
	const struct settings *settings = hub_settings(flight_hub(flight));
	size_t own = atomic_load_explicit(&flight->live->unread, memory_order_relaxed);
	size_t all = atomic_load_explicit(&flight_hub(flight)->unread, memory_order_relaxed);

	if (!fits(own, bytes, settings->unread_bytes_per_platform))
		return no_room(flight, RH_TOO_MANY, own, "unread_per_platform");
	if (!fits(all, bytes, settings->unread_bytes))
		return no_room(flight, RH_BUSY, all, "unread");
	return NEXT;
}

enum next
unread_admit(struct flight *flight)
{
	if (flight->flow == FLOW_LOCAL || flight->flow == FLOW_SHARE ||
	        !str_is(flight->request->method, "GET"))
		return NEXT;
	return check(flight, SMALL);
}

enum next
unread_fits(struct flight *flight, size_t bytes)
{
	return bytes <= SMALL ? NEXT : check(flight, bytes);
}

/* What a large answer was made of, a page of a partner and the index over it, say, is several times
 * its size. It does not wait with it: from here on nothing but the answer is needed. */
static void
keep_answer_alone(struct flight *flight)
{
	struct arena *made = flight->arena, *kept;

	if (arena_bytes(made) <= flight->net.body.len + flight->net.body.len / 4 + SMALL)
		return;
	kept = arena_new(flight->net.body.len + HEADERS_BYTES);
	for (size_t i = 0; i < flight->header_count; i++)
		flight->headers[i].value = arena_str(kept, flight->headers[i].value);
	flight->net.body = arena_str(kept, flight->net.body);
	flight->arena = kept;
	arena_free(made);
}

void
unread_begin(struct flight *flight)
{
	keep_answer_alone(flight);
	flight->unread = arena_bytes(flight->arena);
	atomic_fetch_add_explicit(
	        &flight_hub(flight)->unread, flight->unread, memory_order_relaxed);
	if (flight->live != NULL)
		atomic_fetch_add_explicit(
		        &flight->live->unread, flight->unread, memory_order_relaxed);
}
