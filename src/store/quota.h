/* quota: what a platform may have, for all backends. Private to the store. */
#pragma once

#include "backend.h"

/** The platform that a URL was handed out for. */
int64_t quota_platform(const struct store_relink *relink);
/** Refuse @op when @has is no less than @most; false: it is refused. @fault may be NULL. */
bool quota_allows(
        struct store_op *op, int64_t has, int64_t most, const char *what, struct fault *fault);
/** Refuse @op when the database is @full (limits.disk) and it would add to it; true: it is
 * refused. What makes room goes on. */
bool quota_finds_no_room(struct store_op *op, bool full);
