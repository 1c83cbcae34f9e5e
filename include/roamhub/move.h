/* move: all that a store holds but the trace leaves it as one file, and comes out of that file into
 * an empty store of whatever kind, with the numbers that it had. docs/adr/0039.
 *
 * The store is one that was looked at (store_look(), so it is locked) and not begun. */
#pragma once

#include "store.h"

struct store_moved {
	uint64_t rows;
	uint64_t damaged;            /* rows that are not what was written, and left out */
	int64_t change;              /* the number of the newest */
	char digest[RH_SHA256_TEXT]; /* the same for the same rows, whichever store had them */
};
/** Writes file @path, which must not be there; nothing of the store is changed. RH_STORE_FAILED: no
 * schema of this version, rows that are not what was written, no room; then there is no file. Each
 * such row is told to the log. @skip_damaged: those that a hub can do without are left out. */
MUST_CHECK enum rh_err store_move_out(struct store *store, const char *path, bool skip_damaged,
        struct store_moved *moved, struct fault *fault);

struct move_file;
/** NULL with @fault: it is none, of a format that is not known, or was cut. */
struct move_file *move_file_open(const char *path, struct fault *fault);
void move_file_close(struct move_file *file);                /* NULL is fine */
struct str move_file_key_mark(const struct move_file *file); /* absent: none was known */
/** All of it, compared with what the file says of it by reading it back, or nothing: one
 * transaction. @key_mark is kept as by store_begin(). RH_STORE_FAILED: the store has rows, or the
 * file is not what was written. */
MUST_CHECK enum rh_err store_move_in(struct store *store, struct move_file *file,
        struct str key_mark, struct store_moved *moved, struct fault *fault);
