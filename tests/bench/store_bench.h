/* What the parts of bench_store have in common. */
#pragma once

#include "roamhub/store.h"

#include "sqlite.h"

/** A relink with a new id, which is written into @id. */
void store_bench_fill(struct store_relink *relink, char id[32]);
enum outcome store_bench_put(struct db *db, const struct store_relink *relink);
void store_bench_die(const struct fault *fault);
void store_bench_remove(const char *path); /* the database and what lies beside it */
/** Fills a database with so many MiB, copies it, and prints what single puts took meanwhile. */
void store_bench_backup(const char *path, int mib);
