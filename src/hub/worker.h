/* worker: one thread: a loop, an HTTP server on its own listener, a pooled client, a way into the
 * store. */
#pragma once

#include "context.h"

/** Takes @listen_fd, also when it fails. */
MUST_CHECK enum rh_err worker_open(
        struct worker *worker, struct hub *hub, int index, int listen_fd, struct fault *fault);
MUST_CHECK enum rh_err worker_start(struct worker *worker, struct fault *fault);
void worker_drain(struct worker *worker);     /* any thread */
void worker_cut(struct worker *worker);       /* any thread, draining: what is under way ends now */
void worker_configure(struct worker *worker); /* any thread: take over settings */
void worker_close(struct worker *worker);     /* joined and empty */
