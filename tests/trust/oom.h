/* oom: memory of a test program that fails at a number, and the two ends that are allowed then.
 *
 * The program is linked with --wrap for the allocators, _exit and write, so that what the hub's
 * code asks for is counted, and no more; SQLite and jansson come here by their hooks. */
#pragma once

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct oom {
	_Atomic bool armed;
	_Atomic uint64_t fail_at; /* the number of the one that fails, from 1; 0: none */
	_Atomic uint64_t seen;    /* since it was armed */
	_Atomic int64_t live;     /* blocks that were not freed */
	_Atomic bool reason;      /* the line that an end without memory has to write was written */
	bool jumps;               /* _exit() comes back to the mark instead */
	jmp_buf mark;
};
extern struct oom oom;

void oom_arm(uint64_t fail_at);
void oom_disarm(void);
/** Let SQLite and jansson take their memory from here; before either is used. */
void oom_hooks(void);
