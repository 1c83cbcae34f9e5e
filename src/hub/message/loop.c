/* loop: a message that comes back through another hub is refused (RTE-061, fault O12). Two signs
 * tell it: Via, which hubs of this kind pass on, and the correlation id, which all hubs have to
 * pass on: the same id with the same path is under way to another hub. */
#include "loop.h"

#include <stdio.h>

#include "memo.h"

/* ---- Via ---- */

/* "1.1 DE-HUB", perhaps with a comment behind it. */
static struct str
received_by(struct str entry)
{
	(void)str_cut(&entry, ' ');
	entry = str_trim(entry);
	return str_cut(&entry, ' ');
}

enum loop_found
loop_read(struct str via, struct str own)
{
	size_t count = 0;

	while (via.p != NULL) {
		struct str entry = str_trim(str_cut(&via, ','));

		if (entry.len == 0)
			continue;
		if (str_ieq(received_by(entry), own))
			return LOOP_OWN;
		count++;
	}
	return count > LOOP_HOPS ? LOOP_MANY : LOOP_NONE;
}

/* A pseudonym: the address of the hub is nobody's business. */
static struct str
own_name(const struct flight *flight, struct arena *arena)
{
	const struct ocpi_id *id = &flight_hub(flight)->id;

	return arena_printf(arena, "%s-%s", id->country, id->party);
}

/* ---- what is under way ---- */

/* The query is left out: response_url stands there, and is another one at each hub. */
static struct str
key_of(struct flight *flight)
{
	const struct hub *hub = flight_hub(flight);
	struct str tail = flight->path.tail[flight->match.first], key;
	uint8_t digest[RH_DIGEST_BYTES];

	key = arena_printf(flight->arena, "%.*s %.*s %s %s %.*s", STR_ARG(flight->correlation_id),
	        STR_ARG(flight->request->method), ocpi_interface_name(flight->interface),
	        flight->module->id, STR_ARG(tail));
	if (key.len <= MEMO_KEY_MOST)
		return key;
	rh_digest(hub->digest_key, key, digest);
	return arena_str(flight->arena, (struct str){ (const char *)digest, sizeof digest });
}

/* A URL that the hub handed out has no such path: Via alone tells. */
static bool
has_path(const struct flight *flight)
{
	return flight->match.route != NULL;
}

void
loop_leave(struct flight *flight, struct partner_call *call)
{
	const struct hub *hub = flight_hub(flight);
	struct str before = flight->request->header[IN_VIA];
	struct arena *arena = call->net.arena;

	partner_header(call, "Via",
	        arena_printf(arena, "%.*s%s1.1 %.*s", STR_ARG(before), before.len > 0 ? ", " : "",
	                STR_ARG(own_name(flight, arena))));
	if (!has_path(flight) || flight->outbound.p != NULL)
		return;
	flight->outbound = key_of(flight);
	memo_put(hub->memo, LOOP_KIND, flight->outbound, &flight->from,
	        net_loop_now(flight->worker->loop) + hub_settings(hub)->call_ms);
}

enum next
loop_check(struct flight *flight)
{
	struct str own = own_name(flight, flight->arena);
	struct ocpi_id from;

	switch (loop_read(flight->request->header[IN_VIA], own)) {
	case LOOP_OWN:
		return flight_refuse(flight, RH_LOOP, "Via", "names this hub, %.*s", STR_ARG(own));
	case LOOP_MANY:
		return flight_refuse(flight, RH_LOOP, "Via", "names more than %d hubs", LOOP_HOPS);
	case LOOP_NONE:
		break;
	}
	if (has_path(flight) && memo_get(flight_hub(flight)->memo, LOOP_KIND, key_of(flight),
	                                net_loop_now(flight->worker->loop), &from) == MEMO_PARTY)
		return flight_refuse(flight, RH_LOOP, "X-Correlation-ID",
		        "the same request of %s*%s is under way to another hub", from.country,
		        from.party);
	return NEXT;
}
