/* registry_rig: a hub that keeps everything in memory, its control thread turned by the test. It
 * stands before the store and the directory for the hub: it refuses saves and reads of the feed on
 * command and counts those and the directories that are built (linked with --wrap). */
#pragma once

#include "../../../src/hub/parties/may_hub.h"
#include "../../../src/hub/parties/registry.h"
#include "../ocpi/helper.h"

extern struct hub *hub;
extern struct arena *arena;
extern bool refuse_saves, refuse_feed;
extern void (*stand_in)(struct store_op *op); /* sees each operation first; NULL: nobody does */
extern size_t builds;
extern size_t feeds, unbounded_feeds; /* reads of the feed of changes, refused ones too */
extern atomic_size_t looks,           /* at parked rows */
        most_cursors;                 /* of a save */

struct result { /* of the last change */
	size_t pending;
	enum rh_err err;
	struct fault fault;
	int64_t platform;
	struct str token;
	size_t good, unknown; /* of several */
};
extern struct result result;

void on_done(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token);
void begin(void); /* of one change that ends in on_done() */
void turn_until_done(void);
void turn_until_idle(void); /* for changes that nobody waits for */
enum rh_err await(void);

int64_t invite(const char *claim, struct str *token); /* as a CPO; NULL: unbound */
struct registration *registration_of(
        int64_t platform, struct str token, enum store_token_kind kind, const char *ids);
enum rh_err enrol(int64_t platform, struct str token, enum store_token_kind kind, const char *ids);
int64_t connected(const char *ids, struct str *token); /* invited and registered */
typedef void (*simple_fn)(struct hub *, int64_t, registry_done_fn, void *);
enum rh_err change(simple_fn what, int64_t platform);
void suspend(struct hub *of, int64_t platform, registry_done_fn done, void *ctx); /* for good */
enum rh_err set(int64_t platform, const char *text);
const struct party *party_of(const char *text, int64_t platform);
bool speaks(const char *text, int64_t platform); /* may it share locations? */
bool token_known(struct str token);

int rig_run(const char *name, const TTest *const *tests, size_t count);
