/* sqlite_file: two processes never share a database, by whatever name, and what one of them writes
 * is under that name.
 *
 * The lock (flock) is on the file itself, so that links to it do not matter, and the kernel drops
 * it with the process, however that ends. Its descriptor is opened before SQLite opens the file and
 * closed after it has closed it: closing any descriptor of a file drops the locks of the other kind
 * that SQLite holds on it. A file with several names is refused, since there would be a log beside
 * each of them, and a crash under one name would be lost under the other. */
#include "sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct file_id
id_of(const struct stat *st)
{
	return (struct file_id){ st->st_dev, st->st_ino };
}

static struct file_id
id_at(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? id_of(&st) : (struct file_id){ 0 };
}

static bool
same(struct file_id a, struct file_id b)
{
	return a.number == b.number && a.device == b.device;
}

static enum rh_err
refuse(const struct db_file *file, const char *why, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s: %s", file->path, why);
}

/* A line of /proc/locks: "3: FLOCK  ADVISORY  WRITE 29983 fe:00:9978060 0 EOF". */
static bool
find_holder(struct file_id id, char pid[16])
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256], wanted[64];
	bool found = false;

	snprintf(wanted, sizeof(wanted), "%02x:%02x:%llu", major(id.device), minor(id.device),
	        (unsigned long long)id.number);
	while (locks != NULL && !found && fgets(line, sizeof(line), locks) != NULL) {
		char place[64];

		found = sscanf(line, "%*s FLOCK %*s WRITE %15s %63s", pid, place) == 2 &&
		        strcmp(place, wanted) == 0;
	}
	if (locks != NULL)
		(void)fclose(locks);
	return found;
}

static enum rh_err
refuse_locked(const struct db_file *file, struct fault *fault)
{
	char pid[16];

	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "%s is in use by process %s: two processes never share one database", file->path,
	        find_holder(file->file_is, pid) ? pid : "(unknown)");
}

static int
open_file(struct db_file *file)
{
	int fd = open(file->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	file->made = true;
	return open(file->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
}

static enum rh_err
judge(struct db_file *file, struct fault *fault)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0)
		return refuse(file, strerror(errno), fault);
	file->file_is = id_of(&st);
	file->made = file->made && st.st_size == 0;
	if (!S_ISREG(st.st_mode))
		return refuse(file, "is not a file", fault);
	if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? refuse_locked(file, fault)
		                            : refuse(file, strerror(errno), fault);
	if (st.st_nlink > 1)
		return refuse(file,
		        "has several names (hard links), and each would have a log of its own: "
		        "copy it "
		        "instead",
		        fault);
	if (!same(file->file_is, id_at(file->path)))
		return refuse(file, "was replaced just now", fault);
	return RH_OK;
}

static char *
log_of(const char *path)
{
	char *real = realpath(path, NULL), *log;
	size_t size = strlen(real != NULL ? real : path) + sizeof("-wal");

	log = rh_alloc(size);
	snprintf(log, size, "%s-wal", real != NULL ? real : path);
	free(real);
	return log;
}

enum rh_err
db_file_open(struct db_file *file, const char *path, struct fault *fault)
{
	enum rh_err err;

	file->path = rh_strdup(path);
	file->fd = open_file(file);
	if (file->fd < 0)
		return refuse(file, strerror(errno), fault);
	err = judge(file, fault);
	if (err != RH_OK) { /* what is under that name is not for us to remove */
		close(file->fd);
		file->fd = -1;
		file->made = false;
		return err;
	}
	file->log = log_of(path);
	return RH_OK;
}

void
db_file_used(struct db_file *file)
{
	file->made = false;
}

enum rh_err
db_file_opened(struct db_file *file, struct fault *fault)
{
	const char *why;

	file->log_is = id_at(file->log);
	why = db_file_lost(file);
	return why == NULL ? RH_OK : refuse(file, why, fault);
}

const char *
db_file_lost(const struct db_file *file)
{
	if (!same(file->file_is, id_at(file->path)))
		return "the database is not where it was: it was removed or replaced while the hub "
		       "ran";
	if (!same(file->log_is, id_at(file->log)))
		return "the log of the database (-wal) was removed or replaced while the hub ran";
	return NULL;
}

void
db_file_close(struct db_file *file)
{
	if (file->fd >= 0 && file->made && same(file->file_is, id_at(file->path)))
		unlink(file->path);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->log);
}
