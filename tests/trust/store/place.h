/* place: a store in a directory of its own, and what each judge of the store does with one. */
#pragma once

#include "roamhub/store.h"

struct place {
	char dir[96], file[112], url[128];
	struct store_conf conf;
	struct store *store; /* NULL: closed */
	struct store_session *session;
	struct mailbox *box;
	struct arena *arena; /* of what is read; place_forget() ends it */
};
/** The directory is made, unless @dir says which one. */
void place_make(struct place *place, const char *dir);
void place_open(struct place *place); /* ends the program when it cannot be opened */
/** The same for who expects it. */
MUST_CHECK enum rh_err place_try(struct place *place, struct fault *fault);
void place_close(struct place *place); /* harmless when it is closed */
void place_forget(struct place *place);
void place_clear(struct place *place); /* no file is left in it but those of the trace */
void place_end(struct place *place);   /* nor the directory */

struct place_op {
	struct store_op op;
	bool done;
};
void place_submit(struct place *place, struct place_op *op);
void place_wait(struct place *place, const struct place_op *op);
enum rh_err place_do(struct place *place, struct store_op *op);

/** The program cannot go on, and it is not the store's fault: exit status 2. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** A fault of the store, the first of them in full. */
void fault_found(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern size_t faults_found;

struct chance { /* a seed gives the same numbers again */
	uint64_t state;
};
uint64_t chance_next(struct chance *chance);
/** Below @bound, which is above 0. */
size_t chance_below(struct chance *chance, size_t bound);

/** Arguments "--name NUMBER" that a program knows; others end it. */
struct option {
	const char *name;
	int64_t *value;
};
void options_read(int argc, char **argv, const struct option *options, size_t count);
/** $SEED, or one of the clock. */
uint64_t seed_given(void);
/** "verdict NUMBER reached TEXT", or short with the number of faults: what main() returns. */
int verdict(int number, const char *format, ...) __attribute__((format(printf, 2, 3)));
