/* sqlite_backup: a copy of the database, made by the writer a few milliseconds at a time.
 *
 * What a step copied is synced in the same step, so that nothing is left to sync at the end, when
 * it would hold up the commits for as long as the whole file takes. A step takes as many pages as
 * fit into STEP_US on this disk. The copy gets its name when it is whole: half a backup never looks
 * like one. */
#include "sqlite_verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP_US = 4000, STEP_PAGES_LEAST = 16, STEP_PAGES_FIRST = 64, STEP_PAGES_MOST = 512 };

struct backup {
	struct db_copy *copy;
	char path[PATH_BYTES], part[PATH_BYTES + 8];
	int fd, pages;
	bool replace;
};

void
backup_drop(struct backup **backup)
{
	if ((*backup)->copy != NULL)
		db_copy_end((*backup)->copy);
	if ((*backup)->fd >= 0)
		close((*backup)->fd);
	unlink((*backup)->part); /* there is none any more after success */
	free(*backup);
	*backup = NULL;
}

/* What an earlier process left behind under the name of the unfinished copy is of no use to
 * anybody. */
static bool
make_part(struct backup *backup, const char *path, struct fault *fault)
{
	struct stat ignored;

	if ((size_t)snprintf(backup->path, sizeof(backup->path), "%s", path) >=
	        sizeof(backup->path)) {
		fault_set(fault, RH_STORE_FAILED, "", "backup: the path is too long");
		return false;
	}
	snprintf(backup->part, sizeof(backup->part), "%s.part", path);
	if (!backup->replace && lstat(path, &ignored) == 0) {
		fault_set(fault, RH_STORE_FAILED, "", "backup: %s exists already", path);
		return false;
	}
	unlink(backup->part);
	backup->fd = open(backup->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (backup->fd < 0)
		fault_set(fault, RH_STORE_FAILED, "", "backup: %s: %s", backup->part,
		        strerror(errno));
	return backup->fd >= 0;
}

struct backup *
backup_begin(struct db *db, const char *path, bool replace, struct fault *fault)
{
	struct backup *backup = rh_alloc(sizeof(*backup));

	backup->fd = -1;
	backup->pages = STEP_PAGES_FIRST;
	backup->replace = replace;
	if (!make_part(backup, path, fault)) {
		if (backup->fd >= 0)
			close(backup->fd);
		free(backup);
		return NULL;
	}
	backup->copy = db_copy_begin(db, backup->part, fault);
	if (backup->copy == NULL)
		backup_drop(&backup);
	return backup;
}

static enum rh_err
system_fault(struct fault *fault, const char *path)
{
	return fault_set(fault, RH_STORE_FAILED, "", "backup: %s: %s", path, strerror(errno));
}

static enum rh_err
sync_directory(const char *path, struct fault *fault)
{
	char copy[PATH_BYTES];
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return system_fault(fault, path);
	rc = fsync(fd);
	close(fd);
	return rc == 0 ? RH_OK : system_fault(fault, path);
}

/* Ending the copy flushes its last pages; the descriptor is closed after that, since closing one
 * drops the locks SQLite holds on the file. */
static enum rh_err
finish(struct backup *backup, int64_t *bytes, struct fault *fault)
{
	struct stat made;

	db_copy_end(backup->copy);
	backup->copy = NULL;
	if (fsync(backup->fd) != 0 || fstat(backup->fd, &made) != 0)
		return system_fault(fault, backup->part);
	if (renameat2(AT_FDCWD, backup->part, AT_FDCWD, backup->path,
	            backup->replace ? 0 : RENAME_NOREPLACE) != 0)
		return system_fault(fault, backup->path);
	*bytes = made.st_size;
	return sync_directory(backup->path, fault);
}

static enum rh_err
copy_some(struct backup *backup, bool *done, struct fault *fault)
{
	int64_t began_us = rh_mono_us(), took_us;
	enum rh_err err = db_copy_step(backup->copy, backup->pages, done, fault);

	if (err != RH_OK)
		return err;
	if (fdatasync(backup->fd) != 0)
		return system_fault(fault, backup->part);
	took_us = rh_mono_us() - began_us;
	if (took_us > STEP_US && backup->pages > STEP_PAGES_LEAST)
		backup->pages /= 2;
	else if (took_us < STEP_US / 3 && backup->pages < STEP_PAGES_MOST)
		backup->pages *= 2;
	return RH_OK;
}

bool
backup_step(struct backup **backup, int64_t *bytes, struct fault *fault)
{
	bool done = false;
	enum rh_err err = copy_some(*backup, &done, fault);

	if (err == RH_OK && !done)
		return true;
	if (err == RH_OK)
		err = finish(*backup, bytes, fault);
	if (err == RH_OK)
		fault->err = RH_OK;
	backup_drop(backup);
	return false;
}
