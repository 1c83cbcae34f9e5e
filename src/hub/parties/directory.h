/* directory: who is connected, as one immutable block that threads read without a lock. */
#pragma once

#include "../context.h"

struct record {
	struct list node;
	struct arena *arena;       /* holds everything below */
	struct store_platform row; /* as stored */
	struct str token;          /* what we send, unsealed */
	struct live *live;
};

struct directory {
	struct arena *arena;
	uint64_t generation; /* of those published, from 1: the memory of one is used again */
	struct platform *platforms; /* by id */
	size_t platform_count;
	struct store_agreement *agreements;
	size_t agreement_count;
	struct table *tokens;  /* digest -> struct token_entry */
	struct table *parties; /* "DE*ABC" -> first struct party */
	struct directory *retired_next;
	uint64_t *retired_turns; /* of each worker, when it was replaced */
};

struct agreement_record {
	struct list node;
	struct store_agreement row; /* modules: in memory of its own */
};

/** From the lists of struct record, by id, and of struct agreement_record. */
struct directory *directory_build(const struct list *records, const struct list *agreements);
void directory_free(struct directory *directory);
/** Publish @fresh; the one before is freed when every worker's turn has moved on. */
void directory_publish(struct hub *hub, struct directory *fresh);
void directory_reclaim(struct hub *hub, bool all);
