/* Descriptors that are left to others: those of the operator, of the database and of the log, when
 * a crowd of connections takes all that there are. */
#include "spare.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	LOOK_MS = 1000, /* the limit of a process may be set from outside */
	SHARE = 8       /* of a small limit no more than this part of it */
};

static void
look(struct spare *spare, int64_t now_ms)
{
	struct rlimit limit;
	rlim_t left = spare->count;

	spare->known = true;
	spare->known_ms = now_ms;
	spare->first = INT32_MAX;
	if (spare->count == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	        limit.rlim_cur > INT32_MAX)
		return;
	if (left > limit.rlim_cur / SHARE)
		left = limit.rlim_cur / SHARE;
	spare->first = (int)(limit.rlim_cur - left);
}

bool
spare_has(struct spare *spare, int fd, int64_t now_ms)
{
	if (!spare->known || now_ms - spare->known_ms >= LOOK_MS)
		look(spare, now_ms);
	return fd >= spare->first;
}

bool
spare_is_next(struct spare *spare, int any, int64_t now_ms)
{
	int next = fcntl(any, F_DUPFD_CLOEXEC, 0);

	if (next < 0)
		return true;
	(void)close(next);
	return spare_has(spare, next, now_ms);
}
