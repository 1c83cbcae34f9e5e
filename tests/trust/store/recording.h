/* recording: every write, sync, truncation and name of the files of a store, in order, and what a
 * disk may hold when the power goes at any moment of it.
 *
 * What was synced is there. Of the rest any part may be: nothing, a beginning whose last write is
 * torn, some writes and not those before them, some sectors of 512 bytes of each; where a file
 * became longer and the bytes did not come, it holds zeros or rubbish. Names (a file made, renamed
 * or removed) become real in their order, all of them when their directory was synced. */
#pragma once

#include "place.h"

enum event_kind {
	EVENT_CREATE,
	EVENT_WRITE,
	EVENT_TRUNCATE,
	EVENT_SYNC,
	EVENT_SYNC_DIR,
	EVENT_DELETE,
	EVENT_RENAME,
	EVENT_MARK, /* of the judge: what was submitted, what was acknowledged */
};
struct event {
	enum event_kind kind;
	int file;          /* its number: another one for each file made under the same name */
	const char *name;  /* its own, for CREATE, DELETE, RENAME */
	const char *other; /* RENAME: from here to there */
	int64_t at;
	size_t bytes;
	uint8_t *data;
	int mark; /* of EVENT_MARK */
	size_t slot;
	int64_t version;
};
/** Events of all files in a directory, from now on; any thread. */
void recording_begin(const char *synchronous);
void recording_end(void); /* what happens from now on is not recorded */
void recording_mark(int mark, size_t slot, int64_t version);
size_t recording_count(void);
const struct event *recording_event(size_t i);
/** Is it a sync of the log, which commits? */
bool recording_is_commit(size_t i);

/* The disk as it is durably, moved along the recording. */
struct disk;
struct disk *disk_new(void);
void disk_free(struct disk *disk);
/** Up to event @until, which has not happened. */
void disk_move(struct disk *disk, size_t until);

enum tear { TEAR_NOTHING, TEAR_PREFIX, TEAR_WRITES, TEAR_SECTORS, TEAR_RUBBISH, TEAR_WHOLE, TEARS };
/** Makes the files in @dir that a disk may hold when the power goes before event disk_move() came
 * to. TEAR_WHOLE: all that was written. */
void disk_write(const struct disk *disk, enum tear tear, struct chance *chance, const char *dir);
