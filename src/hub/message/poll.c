/* poll: real-time authorization of a token that the hub has never seen (TOK-015): every eMSP with
 * an agreement is asked at once under one deadline. The first ALLOWED wins; otherwise the most
 * telling refusal is the answer. */
#include <stdlib.h>
#include <string.h>

#include "../parties/may_hub.h"
#include "../parties/partner.h"
#include "hints.h"
#include "limits.h"
#include "loop.h"
#include "poll.h"
#include "verdict.h"

enum { MOST_ASKED = 512, MOST_ANSWER_BYTES = 256 * 1024 };

struct ask {
	struct partner_call call;
	struct poll *poll;
	struct arena *arena;
	struct ocpi_id to;
	bool teaches; /* who owns the token is true for everybody: no sandbox is in it */
};
/* Outlives the flight when that was answered before everybody had spoken. */
struct poll {
	struct flight *flight; /* NULL: answered */
	unsigned open;
	int best; /* how telling the best answer so far is */
};
struct askable {
	const struct party *party;
	const struct endpoint *endpoint;
};
enum { SAID_NOTHING, SAID_UNKNOWN, SAID_REFUSED, SAID_ALLOWED };

static int
weigh(const struct partner_call *call)
{
	const struct ocpi_envelope *envelope = &call->envelope;
	struct str allowed;

	if (call->net.result != NET_DONE)
		return SAID_NOTHING;
	if (call->net.status == 404 || envelope->code == 2004)
		return SAID_UNKNOWN;
	if (verdict_of(call->net.status, envelope->code).err != RH_OK ||
	        envelope->code / 1000 != 1 || envelope->data == 0)
		return SAID_NOTHING;
	allowed = json_member_string(&envelope->doc, envelope->data, "allowed", call->net.arena);
	return str_is(allowed, "ALLOWED") ? SAID_ALLOWED : SAID_REFUSED;
}

static enum next
nobody(struct flight *flight)
{
	return flight_refuse(flight, RH_UNKNOWN_AUTH_TOKEN, "", "no eMSP knows it");
}

static enum next
poll_unknown(struct flight *flight)
{
	hints_note_unknown(flight);
	return nobody(flight);
}

static enum next
poll_silent(struct flight *flight)
{
	return flight_refuse(flight, RH_RECEIVER_LATE, "", "of the eMSPs that were asked none did");
}

static enum next
poll_answered(struct flight *flight)
{
	flight->http = 200;
	return REPLY;
}

static enum next
poll_allowed(struct flight *flight)
{
	return flight->teaches ? hints_note_token(flight, &flight->to, poll_answered)
	                       : poll_answered(flight);
}

static void
poll_end(struct poll *poll)
{
	static enum next (*const ends[])(struct flight *) = {
		[SAID_NOTHING] = poll_silent,
		[SAID_UNKNOWN] = poll_unknown,
		[SAID_REFUSED] = poll_answered,
		[SAID_ALLOWED] = poll_allowed,
	};
	struct flight *flight = poll->flight;

	poll->flight = NULL;
	if (flight == NULL)
		return;
	flight->then = ends[poll->best];
	flight_resume(flight);
}

static void
take_answer(struct poll *poll, const struct ask *ask, int weight, int code)
{
	struct flight *flight = poll->flight;

	poll->best = weight;
	if (weight < SAID_REFUSED)
		return;
	flight->answer = arena_str(flight->arena, ask->call.net.answer);
	flight->ocpi = code;
	flight->to = ask->to;
	flight->has_to = flight->to_deduced = true;
	flight->teaches = weight == SAID_ALLOWED && ask->teaches;
	flight->leg.platform = -1; /* the answer is a party's, not the hub's */
}

static void
asked(struct partner_call *call)
{
	struct ask *ask = container_of(call, struct ask, call);
	struct poll *poll = ask->poll;
	int weight = weigh(call);

	poll->open--;
	if (poll->flight != NULL && weight > poll->best)
		take_answer(poll, ask, weight, weight >= SAID_REFUSED ? call->envelope.code : 0);
	if (poll->open == 0 || poll->best == SAID_ALLOWED)
		poll_end(poll);
	if (poll->open == 0)
		free(poll);
	arena_free(ask->arena); /* the ask lies in it */
}

static bool
is_sandbox(const struct flight *flight)
{
	const struct platform *sender = directory_platform(flight->directory, flight->platform_id);

	return sender != NULL && sender->sandbox_of != 0;
}

static void
ask_party(struct flight *flight, struct poll *poll, const struct party *party,
        const struct endpoint *endpoint)
{
	struct hub *hub = flight_hub(flight);
	struct arena *arena = arena_new(2048);
	struct ask *ask = arena_alloc(arena, sizeof *ask);

	ask->poll = poll;
	ask->arena = arena;
	ask->to = party->id;
	ask->teaches = !is_sandbox(flight) && party->platform->sandbox_of == 0;
	partner_prepare(&ask->call, hub, party->platform->live, PARTNER_FORWARD, arena);
	partner_address(&ask->call, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first],
	                flight->path.query, arena),
	        platform_authorization(party->platform), flight->correlation_id);
	partner_route(&ask->call, str_of(ask->to.country), str_of(ask->to.party),
	        str_of(flight->from.country), str_of(flight->from.party));
	if (party->platform->is_hub)
		loop_leave(flight, &ask->call);
	ask->call.done = asked;
	poll->open++;
	partner_start(&ask->call, flight->worker->client, STR("POST"),
	        flight->has_body ? arena_str(arena, flight->request->body) : (struct str){ 0 },
	        hub_settings(hub)->authorize_ms, MOST_ANSWER_BYTES, false);
}

/* Another hub would ask on. flight->to is who was asked already, by a hint. */
static bool
may_be_asked(const struct flight *flight, const struct party *party)
{
	return party->role != ROLE_HUB && party->platform->id != flight->platform_id &&
	       !ocpi_id_same(&party->id, &flight->to) &&
	       may_send(flight_hub(flight), flight->directory, flight->platform_id, &flight->from,
	               party, flight->module, flight->interface)
	                       .reason == MAY_YES;
}

/* A party has as many rows as roles. */
static bool
is_listed(const struct askable *list, size_t count, const struct party *party)
{
	while (count > 0 && list[count - 1].party->platform == party->platform)
		if (ocpi_id_same(&list[--count].party->id, &party->id))
			return true;
	return false;
}

/* Those of one platform, behind the @count that are listed already. */
static size_t
add_askable(const struct flight *flight, const struct platform *platform, struct askable *list,
        size_t count)
{
	const struct endpoint *endpoint =
	        platform_endpoint(platform, str_of(flight->module->id), flight->interface);

	for (size_t i = 0; endpoint != NULL && i < platform->party_count && count < MOST_ASKED;
	        i++) {
		const struct party *party = &platform->parties[i];

		if (may_be_asked(flight, party) && !is_listed(list, count, party))
			list[count++] = (struct askable){ party, endpoint };
	}
	return count;
}

bool
poll_take(_Atomic int64_t *until_ms, int64_t now_ms, size_t count)
{
	int64_t cost = (int64_t)count * 1000 / POLL_ASKS_A_SECOND;
	int64_t most = now_ms + POLL_ASKS_AT_ONCE * 1000LL / POLL_ASKS_A_SECOND;
	int64_t before = atomic_load(until_ms), after;

	do {
		after = (before > now_ms ? before : now_ms) + cost;
		if (after > most)
			return false;
	} while (!atomic_compare_exchange_weak(until_ms, &before, after));
	return true;
}

enum next
flight_poll(struct flight *flight)
{
	const struct platform *platforms;
	size_t platform_count = directory_platforms(flight->directory, &platforms), count = 0;
	struct askable *all;
	struct poll *poll;

	if (hints_say_unknown(flight))
		return nobody(flight);
	flight->reason = "no eMSP is known for the token: all were asked";
	all = arena_take(flight->arena, (MOST_ASKED + 1) * sizeof *all);
	for (size_t i = 0; i < platform_count; i++)
		count = add_askable(flight, &platforms[i], all, count);
	if (count == 0)
		return flight_refuse(
		        flight, RH_UNKNOWN_AUTH_TOKEN, "", "no connected eMSP could be asked");
	if (!poll_take(&flight->live->asked_until_ms, net_loop_now(flight->worker->loop), count)) {
		flight->rate = (struct flight_rate){ .policy = "asked",
			.most = POLL_ASKS_AT_ONCE,
			.window_s = POLL_ASKS_AT_ONCE / POLL_ASKS_A_SECOND,
			.wait_s = 1 };
		limits_note(flight, LIMIT_ASKED);
		return flight_refuse(flight, RH_TOO_MANY, "",
		        "requests of this platform for unknown tokens, each of which asks %zu "
		        "eMSPs",
		        count);
	}
	poll = rh_alloc(sizeof *poll);
	poll->flight = flight;
	for (size_t i = 0; i < count; i++)
		ask_party(flight, poll, all[i].party, all[i].endpoint);
	return WAIT;
}
