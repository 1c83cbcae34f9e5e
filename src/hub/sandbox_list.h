/* sandbox_list: which sandboxes there are: those that this process runs, and where several share
 * the work those of the others. Each runs those of the platforms that it holds; a sandbox is met on
 * the machine that runs it alone. Control thread. */
#pragma once

#include "parties/registry.h"
#include "sandbox.h"
#include "sandbox_left.h"
#include "sandbox_process.h"

enum { SANDBOX_ASKERS = 8, SANDBOX_WHY = 200, SANDBOX_PLACE = 64 };
enum {
	SANDBOX_WAITS,
	SANDBOX_DROPS,
	SANDBOX_INVITES,
	SANDBOX_RUNS,
	SANDBOX_ENDS,
	SANDBOX_REMOVES,
	SANDBOX_DROPS_LAST
};

struct sandbox {
	struct list node;
	struct hub *hub;
	int64_t owner, platform; /* platform 0: it has none yet */
	enum ocpi_role role;
	struct ocpi_id party;
	int state;
	bool stop; /* it is to end */
	struct sandbox_process process;
	unsigned deaths;
	int64_t begun_ms, again_ms; /* monotonic */
	char why[SANDBOX_WHY];      /* of its last end */
	struct asker {
		registry_done_fn done;
		void *ctx;
	} askers[SANDBOX_ASKERS];
	size_t asker_count;
	struct sandbox_left left;
};

struct sandboxes {
	struct list all; /* that this process runs */
	size_t count;
	struct list told;          /* of other processes: as sandbox_each() began last */
	uint64_t met, fresh;       /* sandbox.c: generation of the directory, slots that came */
	char place[SANDBOX_PLACE]; /* where 127.0.0.1 is the same */
	uint16_t near[NET_EXEMPT_MOST]; /* ports of others in this place */
	size_t near_count;
	uint64_t others; /* digest of what was known of them */
};

void sandbox_list_open(struct sandboxes *sandboxes);
void sandbox_list_close(struct sandboxes *sandboxes);
/** That this process runs; NULL: none. */
struct sandbox *sandbox_find(const struct hub *hub, int64_t owner, enum ocpi_role role);
/** Its row as a platform, removed or not; NULL: there never was one. */
const struct platform *sandbox_row(const struct hub *hub, int64_t owner, enum ocpi_role role);
size_t sandbox_count(const struct hub *hub); /* of all processes */

/** Of an owner that another process holds: that one is to begin it, or to end it. The row says so.
 */
void sandbox_wish(
        struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx);
void sandbox_unwish(
        struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx);

/** Those of this process are noted for the others, and those of the others may be called. */
void sandbox_tell(struct hub *hub);
void sandbox_is_gone(const struct sandbox *sandbox);
