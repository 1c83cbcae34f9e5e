/* memory: the parts of the memory backend. Private to memory*.c; the caller holds its lock. */
#pragma once

#include "backend.h"

#include <pthread.h>

struct memory_trace {
	struct store_trace **rows; /* oldest first, from @first on */
	size_t first, count, cap;
	int64_t bytes;
	int64_t gone; /* rows before the first one */
};
void memory_trace_free(struct memory_trace *trace);
void memory_trace_add(struct memory_trace *trace, struct store_trace **rows, size_t count);
/** Drop a slice of what is over the bounds; true when there is more. */
bool memory_trace_cut(
        struct memory_trace *trace, const struct trace_bounds *bounds, int64_t now_ms);
void memory_trace_drop(struct memory_trace *trace, struct store_trace_erase_args *args);
void memory_trace_find(const struct memory_trace *trace, struct store_op *op);

/* One kept thing, with the memory of its texts (memory_kept.c). */
struct kept {
	struct list link;
	struct arena *arena;
	union {
		struct store_cursor cursor;
		struct store_failure failure;
		struct store_parked parked;
		struct store_agreement agreement;
		struct store_hint hint;
		struct {
			struct store_pulled row;
			int64_t platform;
		} pulled;
		struct store_event event;
		struct store_version version;
	} u;
};
struct kept *kept_of(struct list *pos);
struct kept *kept_new(void);
void kept_free(struct kept *kept); /* out of its list */
void kept_free_all(struct list *list);
size_t kept_count(const struct list *list);

struct store_key memory_copy_key(struct arena *arena, const struct store_key *from);
bool memory_same_text(struct str a, struct str b); /* absent is the same as empty */
bool memory_same_key(const struct store_key *a, const struct store_key *b);
int memory_compare_text(struct str a, struct str b);

struct memory_objects;
struct backend {
	pthread_mutex_t lock;
	struct list platforms; /* by id */
	int64_t last_id;
	struct table *relinks, *metas;
	struct memory_trace trace;
	struct memory_objects *objects;
	/* of struct kept */
	struct list cursors;    /* by receiver */
	struct list failures;   /* newest first */
	struct list parked;     /* by seq */
	struct list agreements; /* by id */
	struct list hints, pulled;
	struct list events;   /* by id */
	struct list versions; /* newest first */
	int64_t last_agreement, last_parked, last_event;
};

/* Verbs: writes are false when the operation is refused. */
bool memory_platform_save(struct backend *backend, struct store_op *op);
bool memory_platform_touch(struct backend *backend, struct store_op *op);
void memory_platforms_load(struct backend *backend, struct store_op *op);
void memory_platforms_free(struct backend *backend);

struct memory_objects *memory_objects_new(void);
void memory_objects_free(struct memory_objects *objects);
bool memory_share(struct backend *backend, struct store_op *op);
bool memory_scope_move(struct backend *backend, struct store_op *op);
bool memory_owned_drop(struct backend *backend, struct store_op *op);
void memory_get(struct backend *backend, struct store_op *op);
void memory_find(struct backend *backend, struct store_op *op);
void memory_page(struct backend *backend, struct store_op *op);
void memory_feed(struct backend *backend, struct store_op *op);
/** It is the newest until @until_ms. */
void memory_version_keep(struct backend *backend, const struct store_object *old, int64_t until_ms);
void memory_versions(struct backend *backend, struct store_op *op);
void memory_expire_versions(struct backend *backend, struct store_op *op);
bool memory_erase(struct backend *backend, struct store_op *op);
void memory_expire_objects(struct backend *backend, struct store_op *op);

void memory_metas_close(struct backend *backend);
bool memory_meta_put(struct backend *backend, struct store_op *op);
void memory_meta_get(struct backend *backend, struct store_op *op);
void memory_erase_reports(struct backend *backend, struct store_erase_args *args);

void memory_owed_open(struct backend *backend);
void memory_owed_close(struct backend *backend);
bool memory_cursors_save(struct backend *backend, struct store_op *op);
void memory_cursors_load(struct backend *backend, struct store_op *op);
bool memory_platforms_import(struct backend *backend, struct store_op *op);
bool memory_agreement_save(struct backend *backend, struct store_op *op);
bool memory_agreement_drop(struct backend *backend, struct store_op *op);
void memory_agreements_load(struct backend *backend, struct store_op *op);
bool memory_hint_put(struct backend *backend, struct store_op *op);
void memory_hint_get(struct backend *backend, struct store_op *op);
void memory_expire_owed(struct backend *backend, struct store_op *op);

bool memory_failure_put(struct backend *backend, struct store_op *op);
void memory_failures(struct backend *backend, struct store_op *op);
bool memory_failure_drop(struct backend *backend, struct store_op *op);
bool memory_park(struct backend *backend, struct store_op *op);
bool memory_unpark(struct backend *backend, struct store_op *op);
bool memory_redrive(struct backend *backend, struct store_op *op);
bool memory_receiver_drop(struct backend *backend, struct store_op *op);
void memory_parked(struct backend *backend, struct store_op *op);
void memory_parked_heads(struct backend *backend, struct store_op *op);
void memory_park_one(struct backend *backend, const struct store_parked *from);
size_t memory_wake(struct backend *backend, const struct store_key *key, int64_t now_ms);

bool memory_event_put(struct backend *backend, struct store_op *op);
bool memory_event_trim(struct backend *backend, struct store_op *op);
void memory_events(struct backend *backend, struct store_op *op);

bool memory_pulled_missed(struct backend *backend, struct store_op *op);
void memory_pulled(struct backend *backend, struct store_op *op);
void memory_pulled_note(struct backend *backend, const struct store_share_args *args, bool deleted);
bool memory_pulled_has(struct backend *backend, const struct store_key *key);
void memory_pulled_drop(struct backend *backend, const struct store_key *key);

/** False: @op is refused, as its platform has as many as it may. */
bool memory_has_room(struct backend *backend, struct store_op *op);
int64_t memory_count_objects(const struct memory_objects *objects, int64_t platform);

/* memory_objects.c: one object, its place in the two lists */
struct memory_object {
	struct list in_seq; /* while it lives */
	struct list in_change;
	struct arena *arena; /* of row and name */
	struct str name;
	struct store_object row;
};
struct memory_objects {
	struct table *by_name;
	struct list by_seq, by_change;
	int64_t change;
};
struct memory_object *memory_object_find(
        const struct memory_objects *objects, const struct store_key *key);
/** Puts @fresh in the place of what has its key, at the end of both lists where it is new there. */
void memory_object_put(struct memory_objects *objects, const struct store_object *fresh);
/** Gives @object another scope, where there is none of its key. */
void memory_object_move(
        struct memory_objects *objects, struct memory_object *object, struct str scope);
void memory_object_drop(struct memory_objects *objects, struct memory_object *object);
