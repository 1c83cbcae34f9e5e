/* directory: who is connected, as one immutable block that threads read without a lock. */
#pragma once

#include "agreed.h"
#include "block.h"

struct record {
	struct list node;
	struct arena *arena;       /* holds everything below */
	struct store_platform row; /* as stored */
	struct str token;          /* what we send, unsealed */
	struct live *live;
	struct block *block; /* of this row; NULL: it was not parsed yet */
	bool saving;         /* a change of its status is on its way to the store */
};

/* Of hubs whose platforms were imported: what these present is digested under one of them. */
enum { MOST_FOREIGN = 8 };
struct digest_keys {
	uint8_t keys[MOST_FOREIGN][RH_KEY_BYTES];
	size_t count;
};

struct directory {
	struct arena *arena;
	uint64_t generation; /* of those published, from 1: the memory of one is used again */
	struct platform *platforms; /* by id */
	struct block **blocks;      /* what each of them points into */
	size_t platform_count;
	size_t sandbox_count; /* platforms that are sandboxes, removed ones included */
	struct agreed *agreed;
	struct table *tokens;  /* digest -> struct token_entry */
	struct table *parties; /* "DE*ABC" -> first struct party */
	struct digest_keys foreign;
	struct directory *retired_next;
	uint64_t *retired_turns; /* of each worker, when it was replaced */
};

/** From the list of struct record, by id; records without a block get one. Control thread. */
struct directory *directory_build(
        const struct list *records, struct agreed *agreed, const struct digest_keys *foreign);
void directory_free(struct directory *directory);
/** Publish @fresh; the one before is freed when every worker's turn has moved on. */
void directory_publish(struct hub *hub, struct directory *fresh);
void directory_reclaim(struct hub *hub, bool all);
/** Agreements that name both, whichever is the CPO. */
size_t directory_agreed(const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, const struct store_agreement *const **rows);
/** The party that has this id now: of a platform that was not removed and did not drop it. NULL. */
const struct party *directory_holder(const struct directory *directory, const struct ocpi_id *id);
/** Has the platform a sandbox? */
bool directory_sandboxed(const struct directory *directory, int64_t platform);
/** Scope of what is addressed to @party while @platform holds it: "NL*MSP@7" (objects.h). */
struct str directory_scope(const struct ocpi_id *party, int64_t platform, struct arena *arena);
/** Does the hub send @platform's token to @origin? To those of its endpoints, and to no other. */
bool platform_takes_token_at(const struct platform *platform, struct str origin);
/** directory_token(), which remembers in @seen what it found, for as long as no other directory is
 * published. */
struct token_seen { /* zeroed: nothing yet */
	uint64_t generation;
	const struct token_entry *entry;
};
const struct platform *directory_token_again(const struct directory *directory,
        const uint8_t digest[RH_DIGEST_BYTES], struct token_seen *seen,
        enum store_token_kind *kind);
bool token_is_good(const struct store_token *token); /* it did not expire */
/** The platform of a token that expired; NULL: it was none, or did not. */
const struct platform *directory_expired(const struct directory *directory,
        const uint8_t digest[RH_DIGEST_BYTES], enum store_token_kind *kind);
