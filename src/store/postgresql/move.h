/* move: what a PostgreSQL gives to a move and takes from it; backend.c has the connection. */
#pragma once

#include "../move.h"
#include "pg.h"

struct pg_move {
	struct pg *pg;
	const struct move_table *table; /* whose rows come in */
	struct buf rows;                /* that wait to be copied */
};
MUST_CHECK enum rh_err pg_move_out(struct pg_move *move, struct fault *fault);
MUST_CHECK enum rh_err pg_move_in(struct pg_move *move, struct fault *fault);
MUST_CHECK enum rh_err pg_move_read(struct pg_move *move, const struct move_table *table,
        move_row_fn row, void *ctx, struct fault *fault);
MUST_CHECK enum rh_err pg_move_begin(
        struct pg_move *move, const struct move_table *table, struct fault *fault);
MUST_CHECK enum rh_err pg_move_put(
        struct pg_move *move, const struct move_value *values, struct fault *fault);
MUST_CHECK enum rh_err pg_move_complete(struct pg_move *move, struct fault *fault);
MUST_CHECK enum rh_err pg_move_commit(struct pg_move *move, struct fault *fault);
void pg_move_free(struct pg_move *move);
