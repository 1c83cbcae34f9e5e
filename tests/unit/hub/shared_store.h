/* shared_store: stands before the store of a hub as one that other processes share: it keeps who is
 * connected, numbers each change of it, and refuses who was overtaken. The test is the other
 * process.
 */
#pragma once

#include "registry_rig.h"

enum { SHARED_MOST = 64 };
struct shared {
	struct store_platform rows[SHARED_MOST];
	int64_t joined[SHARED_MOST];
	size_t count;
	int64_t changed, version, head;
	struct store_agreement agreements[SHARED_MOST];
	size_t agreement_count;
	int64_t agreements_changed; /* the number of their last change */
	size_t reads, saves, announcements, cursors;
	bool fail_reads, overtake_all; /* as if another process were always faster */
	bool fail_saves, lose_answers; /* the latter: they are done, and told as failed */
	/** Called before a save of the hub is judged: another process comes first. */
	void (*meanwhile)(void);
	char order[64]; /* of what came: d(irectory), s(ave), c(ursor), a(nnouncement) */
};
extern struct shared shared;

void shared_begin(void); /* the hub of the rig is one of several from now on */
void shared_end(void);
/** Another process writes @row, which is copied; the id is set when it was 0. Returns its number.
 */
int64_t shared_write(const struct store_platform *row, int64_t joined, bool structural);
struct store_platform *shared_row(int64_t platform);
void shared_look(void); /* the hub hears that something moved, and has read it */
