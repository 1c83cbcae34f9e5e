/* arena: memory of one flight, taken by moving a pointer and given back as a whole.
 *
 * The first block is sized for the usual flight and survives arena_reset(), so that a recycled
 * flight allocates nothing. A flight that needs more gets further blocks, each twice the last; a
 * request that would waste most of a new block gets a block of its own and leaves the current one
 * in use. Under AddressSanitizer the unused part of every block is poisoned: reading behind an
 * allocation, or after a reset, is found as if each had come from malloc(). */
#include "roamhub/base.h"

#include "memory.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
enum { RED_ZONE_BYTES = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes)   ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
enum { RED_ZONE_BYTES = 0 };
#endif

enum { ALIGNMENT = 16, SMALLEST_BLOCK = 256, LARGEST_STEP = 1 << 20, PRINTF_GUESS = 256 };

struct block {
	struct block *next;
	size_t cap, used;
	_Alignas(ALIGNMENT) char bytes[];
};

struct arena {
	struct block *first;   /* kept until arena_free() */
	struct block *current; /* where small requests are served */
	struct block *extra;   /* every block but the first, newest first */
	size_t step;           /* size of the next block */
	size_t held;
};

static struct block *
block_new(struct arena *arena, size_t cap)
{
	struct block *block = rh_realloc(NULL, sizeof(*block) + cap);

	*block = (struct block){ .cap = cap };
	arena->held += sizeof(*block) + cap;
	ASAN_POISON_MEMORY_REGION(block->bytes, cap);
	return block;
}

struct arena *
arena_new(size_t first_block_bytes)
{
	struct arena *arena = rh_alloc(sizeof(*arena));
	size_t cap = first_block_bytes < SMALLEST_BLOCK ? SMALLEST_BLOCK : first_block_bytes;

	arena->held = sizeof(*arena);
	arena->first = arena->current = block_new(arena, cap);
	arena->step = 2 * cap;
	return arena;
}

static void
drop_extra(struct arena *arena)
{
	while (arena->extra != NULL) {
		struct block *block = arena->extra;

		arena->extra = block->next;
		arena->held -= sizeof(*block) + block->cap;
		free(block);
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	drop_extra(arena);
	free(arena->first);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	drop_extra(arena);
	arena->current = arena->first;
	arena->first->used = 0;
	arena->step = 2 * arena->first->cap;
	ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->cap);
}

static struct block *
block_for(struct arena *arena, size_t room)
{
	bool own = room > arena->step / 2;
	struct block *block = block_new(arena, own ? room : arena->step);

	block->next = arena->extra;
	arena->extra = block;
	if (own)
		return block;
	arena->current = block;
	if (arena->step < LARGEST_STEP)
		arena->step *= 2;
	return block;
}

void *
arena_take(struct arena *arena, size_t bytes)
{
	size_t room = (bytes + RED_ZONE_BYTES + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct block *block = arena->current;
	char *memory;

	if (bytes > PTRDIFF_MAX / 2)
		memory_exhausted(bytes);
	if (room > block->cap - block->used)
		block = block_for(arena, room);
	memory = block->bytes + block->used;
	block->used += room;
	ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
	return memory;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	return memset(arena_take(arena, bytes), 0, bytes);
}

struct str
arena_str(struct arena *arena, struct str s)
{
	return (struct str){ arena_cstr(arena, s), s.len };
}

char *
arena_cstr(struct arena *arena, struct str s)
{
	char *copy;

	if (s.p == NULL)
		return NULL;
	copy = arena_take(arena, s.len + 1);
	memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return copy;
}

struct str
arena_upper(struct arena *arena, struct str s)
{
	char *copy = arena_cstr(arena, s);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = (char)toupper((unsigned char)copy[i]);
	return (struct str){ copy, s.len };
}

/* Most texts are short: they are formatted once, on the stack, and copied. */
struct str
arena_printf(struct arena *arena, const char *fmt, ...)
{
	char guess[PRINTF_GUESS];
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(guess, sizeof(guess), fmt, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len < sizeof(guess))
		return arena_str(arena, (struct str){ guess, (size_t)len });
	text = arena_take(arena, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return (struct str){ text, (size_t)len };
}

size_t
arena_bytes(const struct arena *arena)
{
	return arena->held;
}
