/* known: credentials tokens that the hub knows, wherever they stand: partners write them into
 * paths, queries and fields where none belongs, and a refusal says what it found there. */
#include "known.h"

enum { LEAST = 16 }; /* bytes of a token that some hub made */

static bool
is_digest_of_token(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES])
{
	enum store_token_kind kind;

	return directory_token(directory, digest, &kind) != NULL ||
	       directory_expired(directory, digest, &kind) != NULL;
}

static bool
is_token(const struct hub *hub, struct str text)
{
	const struct directory *directory = hub_directory(hub);
	uint8_t digest[RH_DIGEST_BYTES];
	bool found;

	if (text.len < LEAST)
		return false;
	hub_digest(hub, text, digest);
	found = is_digest_of_token(directory, digest);
	for (size_t i = 0; !found && i < directory->foreign.count; i++) {
		rh_digest(directory->foreign.keys[i], text, digest);
		found = is_digest_of_token(directory, digest);
	}
	return found;
}

bool
known_token(const struct hub *hub, struct str text, struct arena *arena)
{
	struct str plain;

	return is_token(hub, text) ||
	       (text.len >= LEAST && rh_unbase64(text, arena, &plain) && is_token(hub, plain));
}

static bool
hide(const struct hub *hub, const struct json_doc *doc, struct ocpi_flaw *flaw, struct arena *arena)
{
	flaw->hidden = flaw->lacks == NULL && doc->nodes[flaw->node].type == JSON_STRING &&
	               known_token(hub, json_string(doc, flaw->node, arena), arena);
	return flaw->hidden;
}

bool
known_hide(const struct hub *hub, const struct json_doc *doc, struct ocpi_flaws *flaws,
        struct arena *arena)
{
	bool found = false;

	for (size_t i = 0; i < flaws->count && i < OCPI_MAX_FLAWS; i++)
		found = hide(hub, doc, &flaws->list[i], arena) || found;
	for (size_t i = 0; i < flaws->warnings && i < OCPI_MAX_WARNINGS; i++)
		found = hide(hub, doc, &flaws->warning[i], arena) || found;
	return found;
}
