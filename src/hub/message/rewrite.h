/* rewrite: the URLs in messages that the other side will call. */
#pragma once

#include "flight.h"

/** Draw an id for a URL that stands for @target; nobody may call it before rewrite_store()
 * committed it. */
void rewrite_draw(struct flight *flight, enum store_relink_kind kind, struct str target);
/** The class of what is posted to flight->relink; NULL: not known. */
const struct ocpi_class *rewrite_callback(const struct flight *flight);
/** Who may call flight->relink, and whom it leads to. */
void rewrite_bind(struct flight *flight, int64_t caller_platform, const struct ocpi_id *caller,
        int64_t target_platform, const struct ocpi_id *target);
/** Commit flight->relink, then go on with @stored. */
enum next rewrite_store(struct flight *flight, enum next (*stored)(struct flight *flight));
/** Where a request names the URL for its result. */
struct rewrite_place {
	bool in_body, in_query;
	struct splice splice; /* in the body or in the query: put the URL there in its spelling */
	struct str url;       /* decoded */
};
/** REPLY: refused. NEXT: @place is filled, with neither in_body nor in_query when the route has
 * none. */
enum next rewrite_find(struct flight *flight, struct rewrite_place *place);
/** Rewrite Link or Location of the answer when there is one to rewrite, a Location that cannot be
 * kept is left out, then go on with leg_relay(). */
enum next rewrite_answer(struct flight *flight, bool link, bool location);
