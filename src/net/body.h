/* The body of a request while it comes in. Private to net. */
#pragma once

#include "conn.h"

/** A body of @announced bytes is to come (0: chunked). */
void body_begin(struct inbound *in, uint64_t announced);
/** Keep @data, or do without it: in->dropped says so then, in->drop_err why. */
void body_add(struct inbound *in, struct str data);
/** Do without it, and without @len bytes that came just now. */
void body_drop(struct inbound *in, enum rh_err err, size_t len);
const char *body_why(const struct inbound *in); /* it is done without */
/** False: no more of it is read. What is done without is refused past the library or, where that
 * cannot be, when the rest was read. */
bool body_goes_on(struct inbound *in);
void body_end(struct inbound *in); /* it is no longer held */
