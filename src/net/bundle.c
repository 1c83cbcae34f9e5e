/* bundle: the certificates of the authorities that are believed, the system's and the operator's,
 * in one file in memory. libcurl reads a file once for all connections, but only one, and only by
 * its name. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
add_file(struct buf *text, const char *path)
{
	char piece[4096];
	FILE *file = fopen(path, "re");
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(text, (struct str){ piece, n });
	n = (size_t)ferror(file);
	fclose(file);
	buf_addc(text, '\n');
	return n == 0;
}

static int
memory_file(struct str text)
{
	int fd = memfd_create("ca-bundle", MFD_CLOEXEC);

	while (fd >= 0 && text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0) {
			close(fd);
			return -1;
		}
		text = str_from(text, (size_t)n);
	}
	return fd;
}

/** libcurl keeps the bundle that it has read by its file's name: a new one gets a higher descriptor
 * than any before. */
static int
renumber(int fd, int above)
{
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, above + 1);

	if (higher < 0)
		return fd;
	close(fd);
	return higher;
}

void
bundle_close(struct bundle *bundle)
{
	if (bundle->path[0] != '\0')
		close(bundle->fd);
	*bundle = (struct bundle){ 0 };
}

enum rh_err
bundle_load(struct bundle *bundle, const char *system, const char *path, struct fault *fault)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	uint64_t hash;
	int fd;

	if (path == NULL) {
		bundle_close(bundle);
		return RH_OK;
	}
	if (!add_file(&text, path))
		return fault_set(
		        fault, RH_BAD_CONFIG, "egress.ca_file", "%s: %s", path, strerror(errno));
	if (memmem(text.p, text.len, "-----BEGIN ", 11) == NULL)
		return fault_set(
		        fault, RH_BAD_CONFIG, "egress.ca_file", "%s has no PEM certificate", path);
	if (system != NULL)
		add_file(&text, system);
	hash = rh_hash64(buf_str(&text));
	if (bundle->path[0] != '\0' && hash == bundle->hash)
		return RH_OK;
	fd = memory_file(buf_str(&text));
	if (fd < 0)
		return fault_set(
		        fault, RH_SYSTEM, "egress.ca_file", "memory file: %s", strerror(errno));
	fd = renumber(fd, bundle->fd);
	bundle_close(bundle);
	bundle->fd = fd;
	bundle->hash = hash;
	snprintf(bundle->path, sizeof(bundle->path), "/proc/self/fd/%d", fd);
	return RH_OK;
}
