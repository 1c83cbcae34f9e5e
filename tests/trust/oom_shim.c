/* oom_shim: memory that is refused when it is told to, for a program that is not ours to link.
 *
 * Put before a program with LD_PRELOAD. The file that OOM_SHIM names is mapped and shared with
 * whoever judges: he arms it, and reads from it what was asked for since. Nothing but the
 * allocators is changed, so jansson, sodium, SQLite, libcurl and libmicrohttpd meet the same as the
 * hub.
 *
 * Two ways: the number fail_at of the allocations of at least least bytes fails, once or for ever;
 * or all blocks of LARGE bytes and more together may hold no more than room, as with a limit of
 * address space, where what is given back can be had again. */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum { LARGE = 64 * 1024, MAPPINGS = 64 };

/* glibc's own, by the names that do not come back here. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *block);

struct orders { /* what the judge writes and reads, in this order */
	_Atomic uint64_t armed;
	_Atomic uint64_t least;   /* allocations of fewer bytes neither count nor fail */
	_Atomic uint64_t fail_at; /* the number of the first that fails, from 1; 0: none */
	_Atomic uint64_t lasting; /* and all behind it */
	_Atomic uint64_t seen;    /* since it was armed */
	_Atomic uint64_t failed;
	_Atomic uint64_t failed_bytes; /* of the last that did */
	_Atomic uint64_t tell;         /* the way to each one that fails, on standard error */
	_Atomic uint64_t room;         /* 0: no limit */
	_Atomic uint64_t held;         /* in blocks of LARGE bytes and more */
};
static struct orders none, *orders = &none;
static struct {
	_Atomic(void *) at;
	size_t bytes;
} mapping[MAPPINGS];

__attribute__((constructor)) static void
map_orders(void)
{
	const char *path = getenv("OOM_SHIM");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *mapped;

	if (fd < 0)
		return;
	mapped = (void *)syscall(
	        SYS_mmap, NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (mapped == MAP_FAILED)
		return;
	orders = mapped;
	orders->held = none.held;
}

static void
tell(void)
{
	void *way[40];
	int depth = backtrace(way, 40);

	backtrace_symbols_fd(way, depth, STDERR_FILENO);
	(void)!write(STDERR_FILENO, "--\n", 3);
}

static int
counted_out(size_t bytes)
{
	uint64_t number, at = orders->fail_at;

	if (bytes < orders->least)
		return 0;
	number = atomic_fetch_add(&orders->seen, 1) + 1;
	return at != 0 && (number == at || (number > at && orders->lasting));
}

static int
too_much(size_t bytes)
{
	return orders->room != 0 && bytes >= LARGE && orders->held + bytes > orders->room;
}

static int
fails(size_t bytes)
{
	if (!orders->armed || (!counted_out(bytes) && !too_much(bytes)))
		return 0;
	orders->failed++;
	orders->failed_bytes = bytes;
	if (orders->tell) {
		orders->armed = 0; /* telling allocates */
		tell();
		orders->armed = 1;
	}
	errno = ENOMEM;
	return 1;
}

static void *
taken(void *block)
{
	size_t bytes = block == NULL ? 0 : malloc_usable_size(block);

	if (bytes >= LARGE)
		orders->held += bytes;
	return block;
}

static void
given(void *block)
{
	size_t bytes = block == NULL ? 0 : malloc_usable_size(block);

	if (bytes >= LARGE)
		orders->held -= bytes;
}

EXPORTED void *malloc(size_t bytes);
EXPORTED void *calloc(size_t count, size_t bytes);
EXPORTED void *realloc(void *old, size_t bytes);
EXPORTED void *memalign(size_t alignment, size_t bytes);
EXPORTED void *aligned_alloc(size_t alignment, size_t bytes);
EXPORTED int posix_memalign(void **out, size_t alignment, size_t bytes);
EXPORTED void free(void *block);
EXPORTED void *mmap(void *at, size_t bytes, int rights, int flags, int fd, off_t offset);
EXPORTED int munmap(void *at, size_t bytes);

void *
malloc(size_t bytes)
{
	return fails(bytes) ? NULL : taken(__libc_malloc(bytes));
}

void *
calloc(size_t count, size_t bytes)
{
	return fails(count * bytes) ? NULL : taken(__libc_calloc(count, bytes));
}

void *
realloc(void *old, size_t bytes)
{
	void *block;

	if (fails(bytes))
		return NULL;
	given(old);
	block = __libc_realloc(old, bytes);
	(void)taken(block == NULL && bytes > 0 ? old : block);
	return block;
}

void *
memalign(size_t alignment, size_t bytes)
{
	return fails(bytes) ? NULL : taken(__libc_memalign(alignment, bytes));
}

void *
aligned_alloc(size_t alignment, size_t bytes)
{
	return memalign(alignment, bytes);
}

int
posix_memalign(void **out, size_t alignment, size_t bytes)
{
	void *memory = memalign(alignment, bytes);

	if (memory == NULL)
		return ENOMEM;
	*out = memory;
	return 0;
}

void
free(void *block)
{
	given(block);
	__libc_free(block);
}

/* glibc's malloc() maps by a name of its own: what comes here is the program's. */
void *
mmap(void *at, size_t bytes, int rights, int flags, int fd, off_t offset)
{
	void *mapped, *empty;

	if (fd < 0 && fails(bytes))
		return MAP_FAILED;
	mapped = (void *)syscall(SYS_mmap, at, bytes, rights, flags, fd, offset);
	for (size_t i = 0; i < MAPPINGS && fd < 0 && mapped != MAP_FAILED; i++) {
		empty = NULL;
		if (!atomic_compare_exchange_strong(&mapping[i].at, &empty, mapped))
			continue;
		mapping[i].bytes = bytes;
		orders->held += bytes;
		break;
	}
	return mapped;
}

int
munmap(void *at, size_t bytes)
{
	for (size_t i = 0; i < MAPPINGS; i++) {
		if (mapping[i].at != at || mapping[i].bytes != bytes)
			continue;
		orders->held -= bytes;
		mapping[i].at = NULL;
		break;
	}
	return (int)syscall(SYS_munmap, at, bytes);
}
