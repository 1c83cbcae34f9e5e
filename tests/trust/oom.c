/* oom: see oom.h. */
#include "oom.h"

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct oom oom;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void __real_free(void *block);
_Noreturn void __real__exit(int status);
char *__real_realpath(const char *path, char *out);
ssize_t __real_write(int fd, const void *bytes, size_t size);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void __wrap_free(void *block);
_Noreturn void __wrap__exit(int status);
char *__wrap_realpath(const char *path, char *out);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

void
oom_arm(uint64_t fail_at)
{
	atomic_store(&oom.seen, 0);
	atomic_store(&oom.fail_at, fail_at);
	atomic_store(&oom.armed, true);
}

void
oom_disarm(void)
{
	atomic_store(&oom.armed, false);
}

static bool
fails(void)
{
	if (!atomic_load(&oom.armed) || atomic_fetch_add(&oom.seen, 1) + 1 != oom.fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

static void *
counted(void *block)
{
	if (block != NULL)
		atomic_fetch_add(&oom.live, 1);
	return block;
}

void *
__wrap_malloc(size_t bytes)
{
	return fails() ? NULL : counted(__real_malloc(bytes));
}

void *
__wrap_calloc(size_t count, size_t bytes)
{
	return fails() ? NULL : counted(__real_calloc(count, bytes));
}

void *
__wrap_realloc(void *old, size_t bytes)
{
	void *block = fails() ? NULL : __real_realloc(old, bytes);

	return old == NULL ? counted(block) : block;
}

void
__wrap_free(void *block)
{
	if (block != NULL)
		atomic_fetch_sub(&oom.live, 1);
	__real_free(block);
}

/* Its memory comes from within libc and goes by free(). */
char *
__wrap_realpath(const char *path, char *out)
{
	char *found;

	if (out == NULL && fails())
		return NULL;
	found = __real_realpath(path, out);
	return out == NULL ? counted(found) : found;
}

void
__wrap__exit(int status)
{
	if (oom.jumps)
		longjmp(oom.mark, status == 0 ? -1 : status);
	__real__exit(status);
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t size)
{
	static const char reason[] = "roamhub: out of memory: ";

	if (fd != STDERR_FILENO || size < sizeof reason - 1 ||
	        memcmp(bytes, reason, sizeof reason - 1) != 0)
		return __real_write(fd, bytes, size);
	atomic_store(&oom.reason, true);
	return (ssize_t)size;
}

/* ---- libraries ---- */

static void *
hook_malloc(int bytes)
{
	return __wrap_malloc((size_t)bytes);
}

static void *
hook_realloc(void *old, int bytes)
{
	return __wrap_realloc(old, (size_t)bytes);
}

static int
hook_size(void *block)
{
	return block == NULL ? 0 : (int)malloc_usable_size(block);
}

static int
hook_roundup(int bytes)
{
	return (bytes + 7) & ~7;
}

static int
hook_init(void *none)
{
	(void)none;
	return SQLITE_OK;
}

static void
hook_shutdown(void *none)
{
	(void)none;
}

void
oom_hooks(void)
{
	static const sqlite3_mem_methods methods = { hook_malloc, __wrap_free, hook_realloc,
		hook_size, hook_roundup, hook_init, hook_shutdown, NULL };

	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}
