/* log_out: standard error, without ever waiting for who reads it.
 *
 * A reader that stops must not stop the hub. O_NONBLOCK belongs to the open file, which standard
 * error shares with the shell and with whatever else writes there, so it is not ours to set: a pipe
 * or a terminal is opened once more, and that open file is the hub's alone. Where this is refused
 * (another user's terminal, no /proc) and for sockets, poll() says before each write whether there
 * is room; as lines are at most PIPE_BUF long, what a pipe or a socket calls writable takes one
 * whole. A disk does not stop reading: files are written as they are. */
#include "log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 }; /* some hundred milliseconds of a busy hub's lines */

static int own = -1;       /* the open file that does not block, or -1 */
static struct stat opened; /* what standard error was when own was opened */
static bool torn;          /* the last line ends in its middle */

static int
open_again(const struct stat *file)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL), fd;

	if (!S_ISFIFO(file->st_mode) && !S_ISCHR(file->st_mode))
		return -1;
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	                                     (flags < 0 ? 0 : flags & (O_APPEND | O_DIRECT)));
	if (fd >= 0 && S_ISFIFO(file->st_mode))
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* fewer lines are lost, if it may */
	return fd;
}

/** Standard error may become another file while the process runs. */
static void
follow_stderr(void)
{
	struct stat now;

	if (fstat(STDERR_FILENO, &now) != 0 ||
	        (now.st_dev == opened.st_dev && now.st_ino == opened.st_ino))
		return;
	if (own >= 0)
		close(own);
	own = open_again(&now);
	opened = now;
}

static bool
is_writable(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0;
}

static bool
put(const char *bytes, size_t len)
{
	int fd = own >= 0 ? own : STDERR_FILENO;

	while (len > 0) {
		ssize_t n;

		if (own < 0 && !is_writable(fd))
			return false;
		n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		torn = bytes[n - 1] != '\n';
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool
log_out(const char *line, size_t len)
{
	follow_stderr();
	return (!torn || put("\n", 1)) && put(line, len);
}
