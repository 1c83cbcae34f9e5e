/* store: opening, sessions, and the way of an operation to the writer or to the session's own
 * reader.
 *
 * A write is queued and completed after its commit; a read of a file runs here and now, on the
 * calling thread, and is completed through the same mailbox all the same: the caller never sees a
 * completion from inside store_submit(). */
#include "roamhub/store.h"

#include "writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct backend_ops *const backends[] = { &backend_sqlite, &backend_postgresql,
	&backend_memory };

static const struct backend_ops *
find_backend(const char *url, struct fault *fault)
{
	for (size_t i = 0; i < COUNT(backends); i++)
		if (url != NULL &&
		        strncmp(url, backends[i]->scheme, strlen(backends[i]->scheme)) == 0)
			return backends[i];
	fault_set(fault, RH_STORE_FAILED, "store.url",
	        "expected sqlite:PATH, postgresql://... or memory:");
	return NULL;
}

/* The writer wakes up by itself, by a clock that does not jump. */
static void
init_lock(struct store *store)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&store->lock, NULL);
}

static void
free_store(struct store *store)
{
	store->ops->close(store->backend);
	pthread_cond_destroy(&store->wake);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

static enum rh_err
start_threads(struct store *store, struct fault *fault)
{
	int rc;

	if (!trace_start(&store->tracer, store->ops, store->backend, fault))
		return fault->err;
	trace_configure(&store->tracer, &store->conf);
	store->ops->bound(store->backend, store->conf.max_bytes);
	rc = pthread_create(&store->thread, NULL, writer_main, store);
	if (rc == 0)
		return RH_OK;
	trace_stop(&store->tracer);
	return fault_set(fault, RH_SYSTEM, "", "writer thread: %s", strerror(rc));
}

struct store *
store_look(const struct store_conf *conf, struct store_found *found, struct fault *fault)
{
	const struct backend_ops *ops = find_backend(conf->url, fault);
	struct backend *backend;
	struct store *store;

	if (ops == NULL)
		return NULL;
	if (conf->stands_by && ops->stand_by == NULL) {
		fault_set(fault, RH_BAD_CONFIG, "store.standby",
		        "expected a store.url postgresql://...: nothing else can be shared");
		return NULL;
	}
	if (conf->together && (ops->together == NULL || conf->stands_by)) {
		fault_set(fault, RH_BAD_CONFIG, "store.together",
		        ops->together == NULL ? "expected a store.url postgresql://...: nothing "
		                                "else can be shared"
		                              : "who works together with others does not stand by: "
		                                "expected store.standby = false");
		return NULL;
	}
	backend = ops->open(conf->url + strlen(ops->scheme), conf, fault);
	if (backend == NULL)
		return NULL;
	store = rh_alloc(sizeof(*store));
	store->ops = ops;
	store->backend = backend;
	store->last = &store->first;
	init_lock(store);
	store->conf = *conf;
	ops->found(backend, found);
	return store;
}

enum rh_err
store_stand_by(struct store *store, const struct store_waiting *waiting, struct store_found *found,
        struct fault *fault)
{
	enum rh_err err = store->ops->stand_by(store->backend, waiting, fault);

	if (err == RH_OK)
		store->ops->found(store->backend, found);
	return err;
}

struct store_lease
store_lease(const struct store *store)
{
	return store->ops->lease != NULL ? store->ops->lease(store->backend)
	                                 : (struct store_lease){ .left_ms = INT64_MAX };
}

enum rh_err
store_begin(struct store *store, struct str key_mark, struct fault *fault)
{
	enum rh_err err = store->ops->prepare(store->backend, key_mark, fault);

	if (err == RH_OK)
		err = start_threads(store, fault);
	store->begun = err == RH_OK;
	return err;
}

struct store *
store_open(const struct store_conf *conf, struct fault *fault)
{
	struct store_found found;
	struct store *store = store_look(conf, &found, fault);

	if (store == NULL || store_begin(store, (struct str){ 0 }, fault) == RH_OK)
		return store;
	store_close(store);
	return NULL;
}

void
store_end_backups(struct store *store)
{
	atomic_store(&store->no_backups, true);
	pthread_mutex_lock(&store->lock);
	pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
}

void
store_close(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	assert(store->sessions == 0);
	store->stopping = true;
	pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
	if (store->begun) {
		pthread_join(store->thread, NULL);
		trace_stop(&store->tracer);
	}
	free_store(store);
}

/* The url and max_waiting are those of the opening. */
void
store_configure(struct store *store, const struct store_conf *conf)
{
	trace_configure(&store->tracer, conf);
	store->ops->bound(store->backend, conf->max_bytes);
}

struct store_session *
store_session_open(struct store *store, struct mailbox *home, struct fault *fault)
{
	struct reader *reader = store->ops->reader_open(store->backend, fault);
	struct store_session *session;

	if (reader == NULL)
		return NULL;
	session = rh_alloc(sizeof(*session));
	*session = (struct store_session){ .store = store, .home = home, .reader = reader };
	pthread_mutex_lock(&store->lock);
	store->sessions++;
	pthread_mutex_unlock(&store->lock);
	return session;
}

void
store_session_close(struct store_session *session)
{
	struct store *store = session->store;

	assert(session->open == 0);
	store->ops->reader_close(session->reader);
	pthread_mutex_lock(&store->lock);
	store->sessions--;
	pthread_mutex_unlock(&store->lock);
	free(session);
}

void
store_stats(struct store *store, struct store_stats *out)
{
	pthread_mutex_lock(&store->lock);
	*out = store->stats;
	pthread_mutex_unlock(&store->lock);
	trace_stats(&store->tracer, out);
	store->ops->sizes(store->backend, out);
}

int64_t
store_unheard_ms(const struct store *store)
{
	return store->ops->unheard_ms == NULL ? 0 : store->ops->unheard_ms(store->backend);
}

/* ---- operations ---- */

/* Why @op may not wait for the writer; RH_OK when it was queued. */
static enum rh_err
queue_write(struct store *store, struct store_op *op)
{
	enum rh_err err = RH_OK;

	pthread_mutex_lock(&store->lock);
	if (store->stats.failed) {
		op_result(op, RH_STORE_FAILED, store->stats.reason);
		err = RH_STORE_FAILED;
	} else if (store->stats.waiting >= store->conf.max_waiting) {
		op_result(op, RH_BUSY, "too many writes are waiting");
		err = RH_BUSY;
	} else {
		op->next = NULL;
		*store->last = op;
		store->last = &op->next;
		store->stats.waiting++;
		if (store->asleep)
			pthread_cond_signal(&store->wake);
	}
	if (err != RH_OK)
		store->stats.failures++;
	pthread_mutex_unlock(&store->lock);
	return err;
}

/* What there is where several processes may be; elsewhere it is not there. */
static bool
is_of_many(enum store_verb verb)
{
	return verb == STORE_HUBS || verb == STORE_DIRECTORY || verb == STORE_STATUSES ||
	       verb == STORE_STATUS_SAVE || verb == STORE_WISHES || verb == STORE_WISH_PUT ||
	       verb == STORE_WISH_DROP || verb == STORE_TALLY_PUT || verb == STORE_TALLIES;
}

static void
find_none(struct store_op *op)
{
	if (op->verb == STORE_HUBS)
		op->u.hubs.count = 0;
	else if (op->verb == STORE_STATUSES)
		op->u.statuses.count = 0;
	else if (op->verb == STORE_WISHES)
		op->u.wishes.count = 0;
	else if (op->verb == STORE_TALLIES)
		op->u.tallies.count = 0;
	else if (op->verb == STORE_DIRECTORY)
		op->u.directory = (struct store_directory_args){ .since = op->u.directory.since };
}

/* False: it comes later. */
static bool
read_now(struct store *store, struct store_op *op)
{
	if (atomic_load(&store->failed))
		op_result(op, RH_STORE_FAILED, "the store has failed");
	else if (is_of_many(op->verb) && store->ops->lease == NULL)
		find_none(op);
	else if (!store->ops->read(op->session->reader, op))
		return false;
	op_count_read(op);
	return true;
}

/* False: it is completed later. */
static bool
begin(struct store *store, struct store_op *op)
{
	if (op->verb == STORE_TRACE_ERASE)
		return !trace_erase(&store->tracer, op);
	if ((is_of_many(op->verb) && store->ops->lease == NULL) || store->ops->is_read(op->verb))
		return read_now(store, op);
	return queue_write(store, op) != RH_OK;
}

void
store_submit(struct store_session *session, struct store_op *op)
{
	assert(op->verb < STORE_VERB_COUNT);
	op->session = session;
	op->err = RH_OK;
	op->why[0] = '\0';
	op->made_id = 0;
	op->overtaken = false;
	op->damaged = 0;
	session->open++;
	if (begin(session->store, op))
		op_complete(op);
}

size_t
store_session_open_operations(const struct store_session *session)
{
	return session->open;
}
