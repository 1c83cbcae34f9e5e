/* share: what making and writing new versions have in common. */
#pragma once

#include "parts.h"

struct number {         /* of a change */
	int64_t behind; /* the first one of this batch; negative: it is known */
	int64_t known;
};
enum pulled_how { PULLED_DROP, PULLED_PUT, PULLED_FOUND, PULLED_AS_IT_IS };

/* One object. */
struct target {
	struct store_key key; /* borrowed of its first share */
	/* as it was read */
	int64_t expected; /* change; 0: there was no row */
	bool was_live;
	int64_t was_sender;
	size_t was_body, was_patch; /* bytes */
	/* as it is now */
	bool live, accepted, pulled;
	struct number change, seq, previous;
	int64_t sender, last_updated_ns;
	struct str body;
	const struct store_share_args *last; /* that made a version; NULL: none did */
	enum pulled_how how;
	int64_t puller;
	bool missed;
};
struct shared { /* one operation */
	struct store_op *op;
	struct target *target;
	struct number change;
	bool refused;
	bool later; /* in the next batch: of a tariff each version is kept, and a batch has one */
};
struct pg_shares {
	struct pg_batch *batch;
	struct shared *shared;
	struct target *targets;
	size_t count, target_count, written;
	int64_t numbers;      /* to be drawn */
	struct table *quotas; /* of platforms that have one: int64_t, objects */
};

/* Keys as five arrays (share_write.c). */
struct keys {
	struct pg_array scope, module, owner, id, type;
};
struct keys keys_begin(struct arena *arena, size_t count);
void keys_add(struct keys *keys, const struct store_key *key);

/** Puts the statement that writes the versions in the place of the one that begins a batch without
 * shares. */
void shares_write(struct pg_shares *shares);
/** Adds the statement that counts what is kept more by them. */
void shares_write_stored(struct pg_shares *shares);
/** Adds what becomes of the memory of pulls. */
void shares_write_pulled(struct pg_shares *shares);
