/* versions: of which objects earlier versions are kept, how many and how long. Private to the
 * store. */
#pragma once

#include "roamhub/store.h"

enum { VERSIONS_MOST = 10000 }; /* of one object in one scope: one an hour for more than a year */
/** Tariffs: what was charged is looked up later, and depends on when. */
bool versions_kept(const struct store_key *key);
/** Those replaced before it may go: whatever is still kept of sessions and CDRs that began under
 * them came too late. @records_ms: sessions and CDRs last changed before it go. */
int64_t versions_before(int64_t records_ms);
