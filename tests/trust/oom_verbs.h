/* oom_verbs: every verb of the store on rows that are told apart, by a hand that waits for each. */
#pragma once

#include "roamhub/store.h"

enum { LARGE_BODY = 100000, KINDS = 3 };

struct page {                    /* what a child tells, while it lives */
	int acknowledged[KINDS]; /* of shared, addressed and relinked */
	int refused;             /* verbs */
	bool opened;
	uint64_t seen;
	int64_t kept; /* blocks */
	uint64_t points;
	char why[160];
};
extern struct page *told;

struct hand { /* on a store */
	struct store *store;
	struct mailbox *box;
	struct store_session *session;
	struct arena *arena;
	bool done;
};

bool hand_open(struct hand *hand, const char *path);
void hand_close(struct hand *hand);
enum rh_err verb_run(struct hand *hand, struct store_op *op);

extern const struct store_key verb_shared, verb_addressed, verb_held;
enum rh_err verb_share(struct hand *hand, const struct store_key *key, size_t bytes);
enum rh_err verb_relink(struct hand *hand); /* "R1" */
void verb_trace(struct hand *hand);
void verbs_platforms(struct hand *hand);
void verbs_owed(struct hand *hand);
void verbs_read(struct hand *hand);
/** What was acknowledged of the first three is told. */
void verbs_do_all(struct hand *hand, const char *path);
