/* How fast a peer takes its answer. Private to net. */
#pragma once

#include "conn.h"

void reader_begin(struct conn *conn); /* an answer is queued */
/** False: it took too little of it for too long. */
bool reader_keeps_up(struct conn *conn, int64_t now_ms);
