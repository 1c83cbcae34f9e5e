/* memory: what is held back for the day when the system refuses, and the end when that is gone too.
 *
 * Nobody who asks for memory is told that there is none (docs/adr/0007). Instead a reserve is given
 * to the system at the first refusal, so that what is under way is finished, and what is large is
 * not begun until the reserve is held again (docs/adr/0021). The reserve is address space that was
 * never touched: it costs nothing, and it is what runs out where allocations are refused at all. */
#include "memory.h"

#include "roamhub/base.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static _Atomic(void *) reserve;
static _Atomic size_t reserve_bytes; /* 0: none was asked for */
static _Atomic uint64_t given_up;

_Noreturn void
memory_exhausted(size_t bytes)
{
	char line[96];
	int len = snprintf(
	        line, sizeof(line), "roamhub: out of memory: %zu bytes asked for\n", bytes);
	ssize_t written = write(STDERR_FILENO, line, (size_t)len);

	(void)written;
	_exit(1);
}

/* Untouched, and past malloc(), whose thresholds a block as large as this would move. */
static void *
space(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void
hold(size_t bytes)
{
	void *held = space(bytes), *none = NULL;

	if (held != NULL && !atomic_compare_exchange_strong(&reserve, &none, held))
		munmap(held, bytes);
}

void
rh_memory_hold(size_t bytes)
{
	atomic_store(&reserve_bytes, bytes);
	hold(bytes);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SHADOWED = true };
#else
enum { SHADOWED = false };
#endif

bool
rh_memory_bound(size_t bytes)
{
	struct rlimit limit = { bytes, bytes };

	return SHADOWED || setrlimit(RLIMIT_AS, &limit) == 0;
}

static void
give_up(void)
{
	void *held = atomic_exchange(&reserve, NULL);

	if (held == NULL)
		return;
	munmap(held, atomic_load(&reserve_bytes));
	atomic_fetch_add(&given_up, 1);
}

bool
rh_memory_short(void)
{
	size_t bytes = atomic_load(&reserve_bytes);

	if (bytes == 0 || atomic_load(&reserve) != NULL)
		return false;
	hold(bytes);
	return atomic_load(&reserve) == NULL;
}

bool
rh_memory_room(size_t bytes)
{
	void *tried;

	if (rh_memory_short())
		return false;
	tried = space(bytes);
	if (tried != NULL)
		munmap(tried, bytes);
	return tried != NULL;
}

uint64_t
rh_memory_shortages(void)
{
	return atomic_load(&given_up);
}

/* Whether the reserve was there or another thread gave it up meanwhile: it is worth a second try.
 */
void *
rh_realloc(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes == 0 ? 1 : bytes);

	if (memory == NULL) {
		give_up();
		memory = realloc(old, bytes == 0 ? 1 : bytes);
	}
	if (memory == NULL)
		memory_exhausted(bytes);
	return memory;
}

void *
rh_alloc(size_t bytes)
{
	void *memory = calloc(1, bytes == 0 ? 1 : bytes);

	if (memory == NULL) {
		give_up();
		memory = calloc(1, bytes == 0 ? 1 : bytes);
	}
	if (memory == NULL)
		memory_exhausted(bytes);
	return memory;
}

char *
rh_strdup(const char *cstr)
{
	size_t bytes = strlen(cstr) + 1;

	return memcpy(rh_alloc(bytes), cstr, bytes);
}
