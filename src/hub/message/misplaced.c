/* misplaced: a token in a path, in a query or in a field where none belongs is what a refusal is
 * about, and its words go to the answer, the log and the trace. Stars stand there instead; and in
 * the trace of what was not refused, too.
 *
 * The token that was presented, the one in the body and the one that the hub sends are known as
 * they are; of all others the hub has digests, and so whole pieces of the target are asked for. */
#include "misplaced.h"

#include "../parties/known.h"
#include "../parties/masks.h"
#include "auth.h"

#include <string.h>

enum { MOST_PIECES = 32, MOST_FOUND = 4 }; /* pieces that are asked for, and tokens among them */

struct secrets {
	struct str list[AUTH_SECRETS + MOST_FOUND];
	size_t count;
};

struct str
misplaced_show(struct flight *flight, struct str value)
{
	struct str copy;

	if (!known_token(flight_hub(flight), value, flight->arena))
		return value;
	flight->misplaced = true;
	copy = arena_str(flight->arena, value);
	memset((char *)(uintptr_t)copy.p, '*', copy.len);
	return copy;
}

/* What stands between two of the signs that part a target. */
static struct str
next_piece(struct str *left)
{
	struct str piece = *left;
	size_t len = 0;

	while (len < piece.len && strchr("/?&=", piece.p[len]) == NULL)
		len++;
	*left = str_from(piece, len < piece.len ? len + 1 : len);
	return (struct str){ piece.p, len };
}

/* Stars for the tokens in @target, which may be encoded there; they join the @secrets. */
static void
hide_pieces(struct flight *flight, struct str target, struct secrets *secrets)
{
	for (size_t i = 0; i < MOST_PIECES && target.len > 0; i++) {
		struct str piece = next_piece(&target), plain;

		if (secrets->count == COUNT(secrets->list) ||
		        !ocpi_percent_decode(piece, false, flight->arena, &plain) ||
		        !known_token(flight_hub(flight), plain, flight->arena))
			continue;
		flight->misplaced = true;
		secrets->list[secrets->count++] = arena_str(flight->arena, plain);
		memset((char *)(uintptr_t)piece.p, '*', piece.len);
	}
}

static struct str
hide(struct flight *flight, struct str text, const struct secrets *secrets)
{
	return text.p == NULL ? text
	                      : masks_hide(text, secrets->list, secrets->count, flight->arena);
}

/* A copy without the tokens. */
static struct str
hide_in_target(struct flight *flight, struct str target, struct secrets *secrets)
{
	struct str copy = arena_str(flight->arena, target);

	hide_pieces(flight, copy, secrets);
	return hide(flight, copy, secrets);
}

void
misplaced_hide(struct flight *flight)
{
	struct str why;
	struct secrets secrets;

	secrets.count = auth_secrets(flight, secrets.list);
	flight->shown = hide_in_target(flight, flight->request->target, &secrets);
	if (flight->misplaced) /* who was asked for the rest of it got it as it was */
		flight->call.net.target = hide_in_target(flight, flight->call.net.target, &secrets);
	why = hide(flight, str_of(flight->fault.why), &secrets);
	if (why.len > 0)
		memcpy(flight->fault.why, why.p, why.len);
	flight->fault_text = hide(flight, flight->fault_text, &secrets);
	flight->fault_data = hide(flight, flight->fault_data, &secrets);
}
