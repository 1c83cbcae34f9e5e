/* move: what the files of the move share: the tables, their rows as lines, and what a backend does.
 * Private to the store.
 *
 * A file has lines: "roamhub-move VERSION KEY-MARK", for each table "table NAME COLUMN...", its
 * rows, each behind a "+", and "rows COUNT DIGEST", and at the end "end ROWS DIGEST", the digest of
 * all lines but rows. Fields are kept apart by tabs; "\N" is an absent one, and "\t", "\n", "\\"
 * stand for what they say. All other bytes are as they were.
 *
 * The digest of a table is the sum of those of its rows: the order in which a store gives them does
 * not matter. */
#pragma once

#include "roamhub/move.h"

struct backend;

enum { MOVE_VERSION = 1, MOVE_COLUMNS_MOST = 20, MOVE_TABLES = 16 };

enum move_kind { /* how it is kept in SQLite, and in a PostgreSQL */
	MOVE_INT,
	MOVE_BOOL, /* a number, a boolean */
	MOVE_TEXT,
	MOVE_RAW, /* a text, bytes: what partners wrote */
	MOVE_BLOB
};
struct move_column {
	const char *name;
	enum move_kind kind;
};
struct move_table {
	const char *name;
	size_t order; /* rows leave in the order of so many columns */
	bool made;    /* of no table: what a store counts besides its rows */
	struct move_column columns[MOVE_COLUMNS_MOST]; /* up to one without a name */
};
/** In the order in which they may be written. */
extern const struct move_table move_tables[MOVE_TABLES];
size_t move_columns(const struct move_table *table);
/** "id, name, state" */
void move_names(const struct move_table *table, struct buf *out);
/** "'platform', 'party'": of those that a store has as tables. */
void move_table_names(struct buf *out);

struct move_value {
	int64_t n;    /* of MOVE_INT and MOVE_BOOL */
	struct str s; /* of all others; absent: NULL */
};
/** @damaged: it is not what was written. */
typedef enum rh_err (*move_row_fn)(void *ctx, const struct move_table *table,
        const struct move_value *values, bool damaged, struct fault *fault);

/* ---- a row as a line (move_row.c) ---- */

void move_print(const struct move_table *table, const struct move_value *values, struct buf *out);
/** Takes the line without its end apart, in place. False: it is no row of @table. */
bool move_parse(const struct move_table *table, char *line, size_t len, struct move_value *values);

struct move_sum {
	uint64_t rows, lanes[4];
};
void move_sum_add(struct move_sum *sum, struct str line);
void move_sum_text(const struct move_sum *sum, char out[RH_SHA256_TEXT]);

/** What is said of a table when its rows are through. */
void move_print_rows(const struct move_sum *sum, struct buf *out);
void move_print_table(const struct move_table *table, struct buf *out);

/* ---- what a backend does, on one thread, between open() and close(), which undoes what was not
 * committed ---- */

struct backend_move {
	/** All reads see one moment. */
	enum rh_err (*out)(struct backend *backend, struct fault *fault);
	/** Makes the schema, and begins the one transaction. */
	enum rh_err (*in)(struct backend *backend, struct str key_mark, struct fault *fault);
	/** Every row of a table, in its order; what @row returns ends it. */
	enum rh_err (*read)(struct backend *backend, const struct move_table *table,
	        move_row_fn row, void *ctx, struct fault *fault);
	/** Rows of @table come now; those of the one before are through. */
	enum rh_err (*begin)(
	        struct backend *backend, const struct move_table *table, struct fault *fault);
	enum rh_err (*put)(struct backend *backend, const struct move_table *table,
	        const struct move_value *values, struct fault *fault);
	/** All rows are put: makes what follows from them. */
	enum rh_err (*complete)(struct backend *backend, struct fault *fault);
	enum rh_err (*commit)(struct backend *backend, struct fault *fault);
};
extern const struct backend_move move_sqlite, move_postgresql;
