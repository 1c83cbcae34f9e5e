/* Answers that stay open behind their header. Private to net. */
#pragma once

#include "conn.h"

#include <microhttpd.h>

/** The answer of @in is one from now on. False: there are as many as there may be. */
bool stream_begin(struct inbound *in, struct str beginning);
struct MHD_Response *stream_response(struct inbound *in); /* the answer is to be queued */
void stream_completed(struct inbound *in);                /* harmless when it is none */
