/* slots: things that a store keeps, each with versions that can be told from what is read: the
 * ledger of what was acknowledged is a number a slot. */
#pragma once

#include "place.h"

enum slot_kind {
	SLOT_SHARED,
	SLOT_ADDRESSED,
	SLOT_RELINK,   /* one version, as its id is used once */
	SLOT_PLATFORM, /* with a token that is another one in each version */
	SLOT_CURSOR,
	SLOT_AGREEMENT,
	SLOT_PARKED,
	SLOT_HINT,
	SLOT_META,
	SLOT_KINDS
};
enum { SLOTS = 160, SLOT_DELETES_EVERY = 7 };

/** What a slot is. */
enum slot_kind slot_kind(size_t slot);
const char *slot_name(size_t slot);
/** Does this version of it say that it is gone? */
bool slot_is_deletion(size_t slot, int64_t version);

/** One write under way and the memory it needs. */
struct slot_write {
	struct place_op op;
	size_t slot;
	int64_t version;
	char texts[6][48], *body;
	struct store_relink relink;
	struct store_platform platform;
	struct store_token token;
	struct store_party party;
	struct store_cursor cursor;
	struct store_agreement agreement;
	struct store_parked parked;
};
/** Ids that the store gave, by slot. */
struct slot_ids {
	int64_t ids[SLOTS];
};
void slot_write(struct slot_write *write, size_t slot, int64_t version, const struct slot_ids *ids);
/** After it was done: notes the id that it was given, and frees its memory. */
void slot_written(struct slot_write *write, struct slot_ids *ids);

enum { SLOT_ABSENT = 0, SLOT_WRONG = -1, SLOT_REFUSED = -2 };
/** The version of each slot as the store tells it: SLOT_ABSENT, SLOT_REFUSED when it says that it
 * cannot, SLOT_WRONG when it is nothing that was ever written. */
void slots_read(struct place *place, int64_t versions[SLOTS]);
