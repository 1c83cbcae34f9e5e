/* verdict: what a receiver's answer is to the requester: passed on, or a failure that the hub
 * tells. Pure: a table of HTTP status and envelope; transport_and_format.asciidoc "Status codes".
 */
#pragma once

#include "roamhub/ocpi.h"

struct verdict {
	enum rh_err err; /* RH_OK: it is passed on */
	int http;        /* of what is passed on */
};
/** Of an answer with status @http whose envelope says @code; 0: it has no usable envelope. */
struct verdict verdict_of(int http, int code);
