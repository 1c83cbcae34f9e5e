/* secret_file: the one way in which a file with a secret is made. */
#include "roamhub/base.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
write_all(int fd, struct str content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.p, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		content = str_from(content, (size_t)n);
	}
	return true;
}

/* A new name survives a power cut only when its directory was synced too. */
static bool
sync_directory(const char *path)
{
	char *copy = rh_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	free(copy);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Where the file system cannot tell whether @path is there, the later one of two wins. */
static bool
rename_to_new(const char *fresh, const char *path)
{
	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return true;
	return errno == EINVAL && rename(fresh, path) == 0;
}

/* mkostemp() makes the file with mode 0600, under a name that nobody else writes to. */
static bool
write_beside(char *fresh, struct str content)
{
	int fd = mkostemp(fresh, O_CLOEXEC), why;
	bool ok;

	if (fd < 0)
		return false;
	ok = write_all(fd, content) && fsync(fd) == 0;
	why = errno;
	close(fd);
	if (!ok)
		unlink(fresh);
	errno = why;
	return ok;
}

enum rh_err
rh_secret_file(const char *path, struct str content, struct fault *fault)
{
	CLEANUP(buf_free) struct buf fresh = { 0 };
	int why;

	buf_printf(&fresh, "%s.XXXXXX", path);
	if (!write_beside(fresh.p, content))
		return fault_set(fault, RH_SYSTEM, path, "cannot be made: %s", strerror(errno));
	if (rename_to_new(fresh.p, path)) {
		if (sync_directory(path))
			return RH_OK;
		return fault_set(fault, RH_SYSTEM, path, "cannot be synced: %s", strerror(errno));
	}
	why = errno;
	unlink(fresh.p);
	if (why == EEXIST)
		return RH_OK;
	return fault_set(fault, RH_SYSTEM, path, "cannot be made: %s", strerror(why));
}
