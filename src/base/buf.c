/* buf: text under construction, in an arena or on the heap.
 * It doubles, so that building a text of n bytes copies at most 2n of them. */
#include "roamhub/base.h"

#include "memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAP = 64 };

static void
buf_grow(struct buf *buf, size_t need)
{
	size_t cap = buf->cap < SMALLEST_CAP ? SMALLEST_CAP : buf->cap * 2;
	char *p;

	if (cap < need)
		cap = need;
	if (buf->arena != NULL) {
		p = arena_take(buf->arena, cap);
		if (buf->len > 0)
			memcpy(p, buf->p, buf->len);
	} else {
		p = rh_realloc(buf->p, cap);
	}
	p[buf->len] = '\0';
	buf->p = p;
	buf->cap = cap;
}

void
buf_reserve(struct buf *buf, size_t more)
{
	if (more > PTRDIFF_MAX / 2 - buf->len)
		memory_exhausted(more);
	if (buf->len + more + 1 > buf->cap)
		buf_grow(buf, buf->len + more + 1);
}

void
buf_add(struct buf *buf, struct str s)
{
	buf_reserve(buf, s.len);
	if (s.len > 0)
		memcpy(buf->p + buf->len, s.p, s.len);
	buf->len += s.len;
	buf->p[buf->len] = '\0';
}

void
buf_addc(struct buf *buf, char c)
{
	buf_reserve(buf, 1);
	buf->p[buf->len++] = c;
	buf->p[buf->len] = '\0';
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	buf_reserve(buf, SMALLEST_CAP - 1);
	va_start(args, fmt);
	len = vsnprintf(buf->p + buf->len, buf->cap - buf->len, fmt, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len >= buf->cap - buf->len) {
		buf_reserve(buf, (size_t)len);
		va_start(args, fmt);
		vsnprintf(buf->p + buf->len, (size_t)len + 1, fmt, args);
		va_end(args);
	}
	buf->len += (size_t)len;
}

/* Empty, not absent, before anything was added: a body that turned out empty is still a body. */
struct str
buf_str(const struct buf *buf)
{
	return (struct str){ buf->p == NULL ? "" : buf->p, buf->len };
}

void
buf_free(struct buf *buf)
{
	if (buf->arena == NULL)
		free(buf->p);
	*buf = (struct buf){ .arena = buf->arena };
}
