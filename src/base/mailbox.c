/* mailbox: many threads post, one thread delivers.
 *
 * Posters push onto an atomic stack; the owner takes the whole stack with one exchange and turns it
 * round, which gives back the order of posting. Only the poster that finds the stack empty writes
 * the eventfd, so a burst costs one system call. The owner resets the eventfd before it takes the
 * stack: mail that arrives in between wakes it once for nothing, the other order would lose the
 * wake-up. Taking everything at once also means that a pointer never comes back while somebody
 * compares with it, so the stack needs no counter against reuse. */
#include "roamhub/base.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	_Atomic(struct mail *) newest;
	int fd;
};

/* Made at start, where a process without descriptors for its threads is of no use. */
struct mailbox *
mailbox_new(void)
{
	struct mailbox *box = rh_alloc(sizeof(*box));

	box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (box->fd < 0) {
		fprintf(stderr, "roamhub: eventfd: %s\n", strerror(errno));
		_exit(1);
	}
	atomic_init(&box->newest, NULL);
	return box;
}

/* Every mailbox_post() must have returned: join the posters first. */
void
mailbox_free(struct mailbox *box)
{
	if (box == NULL)
		return;
	assert(atomic_load(&box->newest) == NULL);
	close(box->fd);
	free(box);
}

int
mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}

/* The only other failure is EAGAIN, a counter at its end: then the descriptor is readable already.
 */
static void
wake(int fd)
{
	while (eventfd_write(fd, 1) < 0 && errno == EINTR)
		continue;
}

void
mailbox_post(struct mailbox *box, struct mail *mail)
{
	struct mail *before = atomic_load_explicit(&box->newest, memory_order_relaxed);

	do
		mail->next = before;
	while (!atomic_compare_exchange_weak_explicit(
	        &box->newest, &before, mail, memory_order_acq_rel, memory_order_relaxed));
	if (before == NULL)
		wake(box->fd);
}

static struct mail *
oldest_first(struct mail *mail)
{
	struct mail *turned = NULL;

	while (mail != NULL) {
		struct mail *next = mail->next;

		mail->next = turned;
		turned = mail;
		mail = next;
	}
	return turned;
}

size_t
mailbox_deliver(struct mailbox *box)
{
	struct mail *mail;
	eventfd_t ignored;
	size_t count = 0;

	while (eventfd_read(box->fd, &ignored) < 0 && errno == EINTR)
		continue;
	mail = oldest_first(atomic_exchange_explicit(&box->newest, NULL, memory_order_acq_rel));
	while (mail != NULL) {
		struct mail *next = mail->next;

		mail->deliver(mail);
		mail = next;
		count++;
	}
	return count;
}
