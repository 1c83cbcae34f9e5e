/* memo: what one message taught and the next one needs, on whichever worker it arrives: bounded,
 * forgotten after its time. The store behind it lasts, but is some milliseconds late. Any thread;
 * the clock is a parameter. */
#pragma once

#include "roamhub/ocpi.h"

struct memo;
enum { MEMO_MOST = 65536, MEMO_KEY_MOST = 256 };
/** Holds @most entries; the oldest make room. */
struct memo *memo_new(size_t most);
void memo_free(struct memo *memo); /* NULL is fine */

/** @key leads to @party until @until_ms; @party NULL: it is known to lead to nobody. A key above
 * MEMO_KEY_MOST bytes is not noted. */
void memo_put(struct memo *memo, const char *kind, struct str key, const struct ocpi_id *party,
        int64_t until_ms);
enum memo_found { MEMO_NOTHING, MEMO_PARTY, MEMO_NOBODY };
/** MEMO_PARTY: @party is filled. */
enum memo_found memo_get(
        struct memo *memo, const char *kind, struct str key, int64_t now_ms, struct ocpi_id *party);
/** Forget it. */
void memo_drop(struct memo *memo, const char *kind, struct str key);
/** Forget all of @kind whose keys begin with @head. */
void memo_drop_under(struct memo *memo, const char *kind, struct str head);
size_t memo_count(struct memo *memo);
