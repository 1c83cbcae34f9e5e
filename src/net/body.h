/* The body of a request while it comes in. Private to net. */
#pragma once

#include "conn.h"

/** A body of @announced bytes is to come (0: chunked). */
void body_begin(struct inbound *in, uint64_t announced);
/** Keep @data, or do without it: in->dropped says so then, in->drop_err why. */
void body_add(struct inbound *in, struct str data);
void body_end(struct inbound *in); /* it is no longer held */
