/* sqlite_conn: the inside of a connection, for sqlite.c and sqlite_copy.c alone. */
#pragma once

#include "sqlite.h"

#include <pthread.h>
#include <sqlite3.h>

struct db {
	sqlite3 *sqlite;
	sqlite3_stmt *stmts[SQL_COUNT];
	int last[SQL_COUNT]; /* result code of the statement's last step */
	enum db_kind kind;
	pthread_t owner; /* who may write */
	int log_pages;
	struct db_numbers numbers;
	bool failed, broken;
	char why[160];
};

void db_assert_may_write(const struct db *db);
