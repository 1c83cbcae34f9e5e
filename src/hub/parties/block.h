/* block: one platform, parsed once from its record and never written again: texts, endpoints,
 * parties and tokens, for all directories that are built while it stays as it is. Control thread.
 */
#pragma once

#include "../context.h"

struct block {
	unsigned refs; /* of its record and of directories */
	struct arena *arena;
	struct platform platform; /* but for what differs between directories: parties */
	const struct party *parties;
	const struct str *party_keys; /* of each: "DE*ABC" */
	const struct store_token *tokens;
	size_t token_count;
};

/** With one reference. @token: what is sent to the platform, absent: none. */
struct block *block_new(const struct store_platform *row, struct str token, struct live *live);
struct block *block_hold(struct block *block);
void block_release(struct block *block); /* NULL: nothing */
