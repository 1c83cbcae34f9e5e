/* slow_sync: a disk whose syncs take longer, for LD_PRELOAD: by SLOW_SYNC_MS each, 5 when that is
 * unset. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int
sync_slowly(const char *name, int fd)
{
	const char *text = getenv("SLOW_SYNC_MS");
	long ms = text == NULL ? 5 : strtol(text, NULL, 10);
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);

	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
	return real(fd);
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	return sync_slowly("fdatasync", fd);
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	return sync_slowly("fsync", fd);
}
