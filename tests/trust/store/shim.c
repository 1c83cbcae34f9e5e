/* shim: what a store asks of its disk, seen on its way and failed on command. See shim.h. */
#include "shim.h"

#include "place.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

static const struct shim_hooks *hooks;
static sqlite3_vfs *below;

static bool
is_seen(const char *path)
{
	return hooks != NULL && path != NULL && strstr(path, "-trace") == NULL &&
	       strstr(path, "-shm") == NULL;
}

static enum shim_verdict
ask(const struct shim_call *call)
{
	return is_seen(call->path) ? hooks->before(call) : SHIM_PASS;
}

static void
tell(const struct shim_call *call)
{
	if (is_seen(call->path) && hooks->after != NULL)
		hooks->after(call);
}

/* ---- the files of SQLite ---- */

struct file {
	sqlite3_file base;
	const char *path;
	sqlite3_file *real; /* behind this */
};

static sqlite3_file *
real(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static int
file_close(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

static int
file_read(sqlite3_file *file, void *out, int bytes, sqlite3_int64 at)
{
	struct shim_call call = { SHIM_READ, ((struct file *)file)->path, .at = at,
		.bytes = (size_t)bytes };

	if (ask(&call) != SHIM_PASS)
		return SQLITE_IOERR_READ;
	return real(file)->pMethods->xRead(real(file), out, bytes, at);
}

static int
write_some(sqlite3_file *file, const struct shim_call *call, enum shim_verdict how)
{
	int half = (int)call->bytes / 2;

	if (how == SHIM_EIO)
		return SQLITE_IOERR_WRITE;
	if (how == SHIM_SHORT && half > 0)
		real(file)->pMethods->xWrite(real(file), call->data, half, call->at);
	return SQLITE_FULL;
}

static int
file_write(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at)
{
	struct shim_call call = { SHIM_WRITE, ((struct file *)file)->path, .at = at,
		.bytes = (size_t)bytes, .data = data };
	enum shim_verdict how = ask(&call);
	int rc;

	if (how != SHIM_PASS)
		return write_some(file, &call, how);
	rc = real(file)->pMethods->xWrite(real(file), data, bytes, at);
	if (rc == SQLITE_OK)
		tell(&call);
	return rc;
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct shim_call call = { SHIM_TRUNCATE, ((struct file *)file)->path, .at = size };
	int rc;

	if (ask(&call) != SHIM_PASS)
		return SQLITE_IOERR_TRUNCATE;
	rc = real(file)->pMethods->xTruncate(real(file), size);
	if (rc == SQLITE_OK)
		tell(&call);
	return rc;
}

static int
file_sync(sqlite3_file *file, int flags)
{
	return real(file)->pMethods->xSync(real(file), flags);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return real(file)->pMethods->xFileSize(real(file), out);
}

static int
file_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int
file_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int
file_check(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int
file_control(sqlite3_file *file, int op, void *arg)
{
	if (op == SQLITE_FCNTL_PRAGMA && hooks->synchronous != NULL &&
	        strcmp(((char **)arg)[1], "synchronous") == 0 && ((char **)arg)[2] != NULL &&
	        strcmp(((char **)arg)[2], "FULL") == 0)
		return SQLITE_OK; /* it is not SQLite's any more */
	return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int
file_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int
file_device(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int
file_shm_map(sqlite3_file *file, int page, int bytes, int extend, void volatile **out)
{
	return real(file)->pMethods->xShmMap(real(file), page, bytes, extend, out);
}

static int
file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void
file_shm_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int
file_shm_unmap(sqlite3_file *file, int delete)
{
	return real(file)->pMethods->xShmUnmap(real(file), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* Whoever made the file, SQLite or the store before it: an empty one is new. */
static bool
is_new(const char *path)
{
	struct stat st;

	return path != NULL && (stat(path, &st) != 0 || st.st_size == 0);
}

static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *out, int flags, int *out_flags)
{
	struct file *file = (struct file *)out;
	bool fresh = is_new(path);
	int rc;

	(void)vfs;
	file->base.pMethods = NULL;
	file->path = path;
	file->real = (sqlite3_file *)(file + 1);
	rc = below->xOpen(below, path, file->real, flags, out_flags);
	if (file->real->pMethods != NULL)
		file->base.pMethods = &methods;
	if (rc == SQLITE_OK && fresh)
		tell(&(struct shim_call){ SHIM_CREATE, path });
	return rc;
}

static int
weaken(sqlite3 *db, const char **error, const struct sqlite3_api_routines *routines)
{
	char sql[64];

	(void)error, (void)routines;
	snprintf(sql, sizeof(sql), "PRAGMA synchronous=%s", hooks->synchronous);
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

void
shim_install(const struct shim_hooks *given)
{
	static sqlite3_vfs vfs;

	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* as the store does, which is too late then */
	below = sqlite3_vfs_find(NULL);
	hooks = given;
	vfs = *below;
	vfs.zName = "shim";
	vfs.szOsFile = below->szOsFile + (int)sizeof(struct file);
	vfs.xOpen = vfs_open;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		broken("the shim cannot be put before the disk");
	if (given->synchronous != NULL)
		sqlite3_auto_extension((void (*)(void))weaken);
}

/* ---- before libc's ---- */

VISIBLE int fdatasync(int fd);
VISIBLE int fsync(int fd);
VISIBLE int unlink(const char *path);
VISIBLE int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);

static int
sync_seen(int fd, long number)
{
	char link[32], path[256];
	struct shim_call call = { SHIM_SYNC, path };
	struct stat st;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = '\0';
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		call.kind = SHIM_SYNC_DIR;
	if (ask(&call) != SHIM_PASS) {
		errno = EIO;
		return -1;
	}
	if (syscall(number, fd) != 0)
		return -1;
	tell(&call);
	return 0;
}

int
fdatasync(int fd)
{
	return sync_seen(fd, SYS_fdatasync);
}

int
fsync(int fd)
{
	return sync_seen(fd, SYS_fsync);
}

int
unlink(const char *path)
{
	if (syscall(SYS_unlinkat, -100 /* AT_FDCWD */, path, 0) != 0)
		return -1;
	tell(&(struct shim_call){ SHIM_DELETE, path });
	return 0;
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (syscall(SYS_renameat2, from_dir, from, to_dir, to, flags) != 0)
		return -1;
	tell(&(struct shim_call){ SHIM_RENAME, from, to });
	return 0;
}
