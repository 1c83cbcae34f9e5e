/* memory: the parts of the memory backend. Private to memory*.c; the caller holds its lock. */
#pragma once

#include "backend.h"

struct memory_trace {
	struct store_trace **rows; /* oldest first, from @first on */
	size_t first, count, cap;
	int64_t bytes;
};
void memory_trace_free(struct memory_trace *trace);
void memory_trace_add(struct memory_trace *trace, struct store_trace **rows, size_t count);
/** Drop a slice of what is over the bounds; true when there is more. */
bool memory_trace_cut(
        struct memory_trace *trace, const struct trace_bounds *bounds, int64_t now_ms);
void memory_trace_find(const struct memory_trace *trace, struct store_op *op);

/* Objects, and what is owed of them. Verbs: writes are false when the operation is refused. */
struct memory_objects;
struct memory_objects *memory_objects_new(void);
void memory_objects_free(struct memory_objects *objects);
struct memory_objects *memory_objects_of(struct backend *backend);
bool memory_share(struct backend *backend, struct store_op *op);
void memory_get(struct backend *backend, struct store_op *op);
void memory_find(struct backend *backend, struct store_op *op);
void memory_page(struct backend *backend, struct store_op *op);
void memory_feed(struct backend *backend, struct store_op *op);
void memory_expire_objects(struct memory_objects *objects, struct store_op *op);

struct memory_owed;
struct memory_owed *memory_owed_new(void);
void memory_owed_free(struct memory_owed *owed);
struct memory_owed *memory_owed_of(struct backend *backend);
bool memory_cursors_save(struct backend *backend, struct store_op *op);
void memory_cursors_load(struct backend *backend, struct store_op *op);
bool memory_failure_put(struct backend *backend, struct store_op *op);
void memory_failures(struct backend *backend, struct store_op *op);
bool memory_failure_drop(struct backend *backend, struct store_op *op);
bool memory_agreement_save(struct backend *backend, struct store_op *op);
bool memory_agreement_drop(struct backend *backend, struct store_op *op);
void memory_agreements_load(struct backend *backend, struct store_op *op);
bool memory_hint_put(struct backend *backend, struct store_op *op);
void memory_hint_get(struct backend *backend, struct store_op *op);
void memory_expire_hints(struct memory_owed *owed, struct store_op *op);

struct store_key memory_copy_key(struct arena *arena, const struct store_key *from);
bool memory_same_key(const struct store_key *a, const struct store_key *b);
