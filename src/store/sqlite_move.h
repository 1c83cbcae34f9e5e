/* sqlite_move: what a SQLite gives to a move and takes from it; sqlite_backend.c has the
 * connections. */
#pragma once

#include "move.h"
#include "sqlite.h"

MUST_CHECK enum rh_err sqlite_move_out(struct db *db, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_in(struct db *db, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_read(struct db *db, const struct move_table *table,
        move_row_fn row, void *ctx, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_begin(
        struct db *db, const struct move_table *table, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_put(struct db *db, const struct move_table *table,
        const struct move_value *values, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_complete(struct db *db, struct fault *fault);
MUST_CHECK enum rh_err sqlite_move_commit(struct db *db, struct fault *fault);
