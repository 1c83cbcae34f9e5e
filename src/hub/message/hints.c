/* hints: what only passes by and later requests without TO are routed by. */
#include "hints.h"

#include "share.h"

#include <string.h>

struct str
hints_key(const struct ocpi_id *party, struct str id, struct arena *arena)
{
	char text[OCPI_ID_TEXT];
	struct str key = share_key(arena, id);

	return arena_printf(arena, "%s/%.*s", ocpi_id_key(party, text), STR_ARG(key));
}

struct str
hints_token_key(struct flight *flight, struct arena *arena)
{
	struct str uid = share_key(arena, flight->match.id), type = flight_token_type(flight);

	return arena_printf(arena, "%.*s/%.*s", STR_ARG(uid), STR_ARG(type));
}

static void
remembered(struct store_op *op)
{
	arena_free(op->arena); /* the operation lies in it */
}

static void
remember(struct flight *flight, const char *kind, struct str key, const struct ocpi_id *party,
        struct arena *arena)
{
	struct store_op *op = arena_alloc(arena, sizeof *op);
	struct store_hint *hint = &op->u.hint.hint;

	hint->kind = str_of(kind);
	hint->key = key;
	memcpy(hint->country, party->country, sizeof hint->country);
	memcpy(hint->party, party->party, sizeof hint->party);
	hint->expires_ms = rh_wall_ms() + 30 * 24 * 3600 * 1000LL;
	op->verb = STORE_HINT_PUT;
	op->done = remembered;
	op->arena = arena;
	store_submit(flight->worker->session, op);
}

void
hints_note_token(struct flight *flight, const struct ocpi_id *owner)
{
	struct arena *arena = arena_new(512);

	remember(flight, HINT_TOKEN, hints_token_key(flight, arena), owner, arena);
}

void
hints_note(struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;
	const struct ocpi_memory *memory = route != NULL ? route->remember : NULL;
	struct arena *arena;
	struct str id;

	if (memory == NULL || flight->call.envelope.code / 1000 != 1)
		return;
	id = memory->field == NULL
	             ? flight->match.id
	             : json_member_string(&flight->body, 0, memory->field, flight->arena);
	if (id.len == 0)
		return;
	arena = arena_new(512);
	remember(flight, memory->hint,
	        hints_key(memory->back ? &flight->to : &flight->from, id, arena),
	        memory->back ? &flight->from : &flight->to, arena);
}
