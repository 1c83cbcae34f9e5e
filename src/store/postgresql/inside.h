/* inside: the inside of a backend, for backend.c and backend_together.c. */
#pragma once

#include "move.h"
#include "parts.h"

struct backend {
	char *url;
	struct pg_hold hold;
	struct pg_lease *lease; /* NULL: it does not lead yet */
	char *about;
	struct arena *arena; /* of found */
	struct store_found found;
	struct pg_reads *reads;
	struct pg_trace *trace;
	struct pg_move move;
	struct store_op **ops; /* of the batch in hand */
	size_t count, room;
	int64_t sizes_at_ms; /* when to look again */
	_Atomic int64_t max_bytes, database_bytes, trace_bytes, counted_bytes;
	_Atomic bool bound; /* anew: what is counted is to be known at once */
};
