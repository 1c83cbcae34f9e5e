/* sandbox_process: the process of one sandbox, and the socket that it serves. Control thread. */
#pragma once

#include <sys/types.h>

#include "context.h"

struct sandbox_process {
	struct net_watch ended; /* fd: of the process; -1: there is none */
	struct hub *hub;
	pid_t pid;
	int line;     /* to its standard input: it ends when this does */
	int listener; /* open as long as its origin is exempt: nobody else gets the port */
	uint16_t port;
	/** It ended, by itself or not; nothing of it is left. */
	void (*done)(struct sandbox_process *process, const char *why);
};
struct sandbox_start {
	struct ocpi_id party;
	enum ocpi_role role;
	struct str token; /* A */
	int64_t platform; /* for which the origin is exempt */
};
void sandbox_process_init(struct sandbox_process *process);
/** RH_SYSTEM with the reason; then nothing was left. */
MUST_CHECK enum rh_err sandbox_process_start(struct sandbox_process *process, struct hub *hub,
        const struct sandbox_start *start, struct fault *fault);
bool sandbox_process_runs(const struct sandbox_process *process);
/** From now on its origin is not called. done() comes, on a later turn. */
void sandbox_process_kill(struct sandbox_process *process);
/** The same, and wait for its end: done() does not come. */
void sandbox_process_finish(struct sandbox_process *process);
