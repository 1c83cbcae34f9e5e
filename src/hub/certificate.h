/* certificate: what the OCPI listener proves itself with; read at start, and again with every
 * reload. */
#pragma once

#include "roamhub/hub.h"

struct certificate {
	char *chain, *key;          /* PEM text */
	int64_t expires_ms;         /* wall clock; 0: that cannot be told */
	struct certificate *before; /* kept: a worker may still read it */
};
/** Read the files that @settings name; *out stays NULL when they name none (plain HTTP). */
MUST_CHECK enum rh_err certificate_read(
        const struct settings *settings, struct certificate **out, struct fault *fault);
void certificate_free(struct certificate *certificate); /* and those before it; NULL is fine */
/** Does a server take it? (do chain and key belong together) */
bool certificate_works(
        struct net_loop *loop, const struct certificate *certificate, struct fault *fault);
bool certificate_same(const struct certificate *a, const struct certificate *b);
