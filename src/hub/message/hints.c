/* hints: what only passes by and later requests without TO are routed by. They stand in the memo
 * that all workers share before the answer leaves, and in the store behind it: who was answered
 * finds what it left, on any worker; and after a restart. */
#include "hints.h"

#include "../parties/may_hub.h"
#include "memo.h"
#include "share.h"

#include <string.h>

#define UNKNOWN_TOKEN "unknown" /* kind: nobody knew it, asked by that party */
/* OCPI has 36 characters at most; the memo takes the key that is made of it. */
enum { UNKNOWN_LIFE_MS = 5000, HINT_ID_MOST = 128 };
static const int64_t HINT_LIFE_MS = 30 * 24 * 3600 * 1000LL, PLAYED_LIFE_MS = 3600 * 1000;

struct str
hints_key(const struct ocpi_id *party, struct str id, struct arena *arena)
{
	char text[OCPI_ID_TEXT];
	struct str key = arena_upper(arena, id);

	return arena_printf(arena, "%s/%.*s", ocpi_id_key(party, text), STR_ARG(key));
}

struct str
hints_token_key(struct flight *flight, struct arena *arena)
{
	struct str uid = arena_upper(arena, flight->match.id), type = flight_token_type(flight);

	return arena_printf(arena, "%.*s/%.*s", STR_ARG(uid), STR_ARG(type));
}

/* ---- noting ---- */

struct hint_write { /* lies in the arena of its operation */
	struct store_op op;
	struct worker *worker;
};

/* The memo has it; it is lost by a restart alone. */
static void
remembered(struct store_op *op)
{
	const struct hint_write *write = container_of(op, struct hint_write, op);

	if (op->err != RH_OK && flight_error_due(write->worker))
		LOG(LOG_ERROR, "hint", KV("error", "a hint was not stored"), KV("why", op->why));
	arena_free(op->arena);
}

/* @party NULL: the one that is stored is over. */
static struct store_hint
hint_of(const char *kind, struct str key, const struct ocpi_id *party, int64_t life_ms)
{
	struct store_hint hint = { .kind = str_of(kind), .key = key, .expires_ms = 1 };

	if (party != NULL) {
		memcpy(hint.country, party->country, sizeof hint.country);
		memcpy(hint.party, party->party, sizeof hint.party);
		hint.expires_ms = rh_wall_ms() + life_ms;
	}
	return hint;
}

/* Takes @arena. */
static void
store_hint(struct flight *flight, const char *kind, struct str key, const struct ocpi_id *party,
        struct arena *arena)
{
	struct hint_write *write = arena_alloc(arena, sizeof *write);

	write->worker = flight->worker;
	write->op.verb = STORE_HINT_PUT;
	write->op.done = remembered;
	write->op.arena = arena;
	write->op.u.hint.hint = hint_of(kind, key, party, HINT_LIFE_MS);
	store_submit(flight->worker->session, &write->op);
}

static bool
is_played(const struct flight *flight, const struct ocpi_id *party)
{
	const struct directory *directory = hub_directory(flight_hub(flight));

	return may_plays(directory, party) || may_plays(directory, &flight->from);
}

static enum next
kept(struct flight *flight)
{
	if (flight->op.err != RH_OK && flight_error_due(flight->worker))
		LOG(LOG_ERROR, "hint", KV("error", "a hint was not stored"),
		        KV("why", flight->op.why));
	return flight->hint_kept(flight);
}

/* The next request may come to another process, and finds what is committed. Of a sandbox it is
 * not for long. */
static enum next
keep(struct flight *flight, const char *kind, struct str key, const struct ocpi_id *party,
        enum next (*then)(struct flight *flight))
{
	flight->hint_kept = then;
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.hint.hint = hint_of(kind, arena_str(flight->arena, key), party,
	        is_played(flight, party) ? PLAYED_LIFE_MS : HINT_LIFE_MS);
	return flight_store(flight, STORE_HINT_PUT, kept);
}

static enum next
remember(struct flight *flight, const char *kind, struct str key, const struct ocpi_id *party,
        enum next (*then)(struct flight *flight))
{
	struct arena *arena;

	if (hub_is_together(flight_hub(flight)))
		return keep(flight, kind, key, party, then);
	memo_put(flight_hub(flight)->memo, kind, key, party,
	        net_loop_now(flight->worker->loop) + HINT_LIFE_MS);
	if (!is_played(flight, party)) { /* of a sandbox nothing is to be left */
		arena = arena_new(512);
		store_hint(flight, kind, arena_str(arena, key), party, arena);
	}
	return then(flight);
}

enum next
hints_note(struct flight *flight, enum next (*then)(struct flight *flight))
{
	const struct ocpi_route *route = flight->match.route;
	const struct ocpi_memory *memory = route != NULL ? route->remember : NULL;
	struct str id;

	if (memory == NULL || flight->call.envelope.code / 1000 != 1)
		return then(flight);
	id = memory->field == NULL
	             ? flight->match.id
	             : json_member_string(&flight->body, 0, memory->field, flight->arena);
	if (id.len == 0 || id.len > HINT_ID_MOST)
		return then(flight);
	return remember(flight, memory->hint,
	        hints_key(memory->back ? &flight->to : &flight->from, id, flight->arena),
	        memory->back ? &flight->from : &flight->to, then);
}

/* ---- finding ---- */

enum next
hints_find(
        struct flight *flight, const char *kind, struct str key, enum next (*then)(struct flight *))
{
	struct store_op *op = &flight->op;
	struct store_hint *hint = &op->u.hint.hint;
	struct ocpi_id party;

	memset(op, 0, sizeof *op);
	hint->kind = str_of(kind);
	hint->key = key;
	if (hub_is_together(flight_hub(flight)))
		return flight_store(flight, STORE_HINT_GET, then);
	switch (memo_get(
	        flight_hub(flight)->memo, kind, key, net_loop_now(flight->worker->loop), &party)) {
	case MEMO_PARTY:
		memcpy(hint->country, party.country, sizeof hint->country);
		memcpy(hint->party, party.party, sizeof hint->party);
		return then(flight);
	case MEMO_NOBODY:
		op->err = RH_NOT_FOUND;
		return then(flight);
	default:
		return flight_store(flight, STORE_HINT_GET, then);
	}
}

bool
hints_found(const struct flight *flight, struct ocpi_id *to)
{
	const struct store_hint *hint = &flight->op.u.hint.hint;

	return flight->op.err == RH_OK &&
	       ocpi_id_make(str_of(hint->country), str_of(hint->party), to);
}

/* ---- tokens ---- */

enum next
hints_note_token(struct flight *flight, const struct ocpi_id *owner,
        enum next (*then)(struct flight *flight))
{
	struct str key = hints_token_key(flight, flight->arena);

	memo_drop(flight_hub(flight)->memo, UNKNOWN_TOKEN, key);
	return remember(flight, HINT_TOKEN, key, owner, then);
}

void
hints_drop_token(struct flight *flight)
{
	struct arena *arena = arena_new(512);
	struct str key = hints_token_key(flight, arena);

	memo_put(flight_hub(flight)->memo, HINT_TOKEN, key, NULL,
	        net_loop_now(flight->worker->loop) + HINT_LIFE_MS);
	store_hint(flight, HINT_TOKEN, key, NULL, arena);
}

/* Whom it asked depends on the requester's agreements, so it holds for that one alone. */
void
hints_note_unknown(struct flight *flight)
{
	if (hub_is_together(flight_hub(flight)))
		return;
	memo_put(flight_hub(flight)->memo, UNKNOWN_TOKEN, hints_token_key(flight, flight->arena),
	        &flight->from, net_loop_now(flight->worker->loop) + UNKNOWN_LIFE_MS);
}

bool
hints_say_unknown(struct flight *flight)
{
	struct ocpi_id asker;

	return memo_get(flight_hub(flight)->memo, UNKNOWN_TOKEN,
	               hints_token_key(flight, flight->arena), net_loop_now(flight->worker->loop),
	               &asker) == MEMO_PARTY &&
	       ocpi_id_same(&asker, &flight->from);
}

void
hints_forget_token(struct hub *hub, struct str uid, struct arena *arena)
{
	struct str key = arena_upper(arena, uid);
	struct str head = arena_printf(arena, "%.*s/", STR_ARG(key));

	memo_drop_under(hub->memo, HINT_TOKEN, head);
	memo_drop_under(hub->memo, UNKNOWN_TOKEN, head);
}
