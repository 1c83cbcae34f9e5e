/* erase_mark: which token is to be erased, and how it is written down: by whose it is and a mark of
 * its uid, which only this hub can make. */
#include <stdio.h>

#include "inside.h"

enum { MARK_BYTES = 8, MOST_UID = 36 };

bool
erase_token(const struct inquiry *inquiry, struct ocpi_id *owner, struct str *uid)
{
	*uid = tree_get_str(inquiry->body, "token");
	return uid->p != NULL && ocpi_id_parse(str_cut(uid, '/'), owner) && uid->len > 0 &&
	       uid->len <= MOST_UID;
}

struct str
erase_mark(const struct inquiry *inquiry, const struct ocpi_id *owner, struct str uid)
{
	struct arena *arena = inquiry->arena;
	char party[OCPI_ID_TEXT], text[2 * MARK_BYTES + 1];
	uint8_t digest[RH_DIGEST_BYTES];

	hub_digest(inquiry->admin->hub,
	        arena_printf(arena, "erased\n%s\n%.*s\n", ocpi_id_key(owner, party),
	                STR_ARG(arena_upper(arena, uid))),
	        digest);
	for (size_t i = 0; i < MARK_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return arena_str(arena, str_of(text));
}

struct str
erase_subject(const struct inquiry *inquiry)
{
	struct ocpi_id owner;
	char party[OCPI_ID_TEXT];
	struct str uid;

	if (!erase_token(inquiry, &owner, &uid))
		return (struct str){ 0 };
	return arena_printf(inquiry->arena, "%s token %.*s", ocpi_id_key(&owner, party),
	        STR_ARG(erase_mark(inquiry, &owner, uid)));
}
