/* shim: what a store asks of its disk, seen on its way and failed on command.
 *
 * A VFS of SQLite before the real one sees reads, writes and truncations. What it cannot see (the
 * syncs of directories, and the syncs and names of a copy, which are the store's own) is seen by
 * functions of this program that stand before libc's. The trace and the shared memory of the log
 * pass unseen. */
#pragma once

#include "roamhub/base.h"

enum shim_kind {
	SHIM_CREATE,
	SHIM_READ,
	SHIM_WRITE,
	SHIM_TRUNCATE, /* to @at */
	SHIM_SYNC,
	SHIM_SYNC_DIR,
	SHIM_DELETE,
	SHIM_RENAME, /* to @other */
};
struct shim_call {
	enum shim_kind kind;
	const char *path, *other;
	int64_t at;
	size_t bytes;
	const void *data;
};
enum shim_verdict {
	SHIM_PASS,
	SHIM_EIO,
	SHIM_FULL,
	SHIM_SHORT, /* half of it is written, then there is no room */
};
/* Any thread. */
struct shim_hooks {
	enum shim_verdict (*before)(const struct shim_call *call);
	void (*after)(const struct shim_call *call); /* it was done; may be NULL */
	/** "synchronous" in place of what the store asks for; NULL: as it asks. */
	const char *synchronous;
};
void shim_install(const struct shim_hooks *hooks); /* before the first store */
