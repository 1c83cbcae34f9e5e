/* stay: the platforms of a story that is over serve on, and with a `stay` block go on asking. */
#include "stay.h"

#include "narrator.h"

#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
signal_came(struct net_watch *watch, uint32_t events)
{
	(void)events;
	container_of(watch, struct story, signals)->stopped = true;
	/* Once is enough; the descriptor stays readable. */
	net_watch_remove(container_of(watch, struct story, signals)->sim->loop, watch);
}

void
stay_heed_signals(struct story *story)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	story->signals.ready = signal_came;
	story->signals.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	story->stopped = story->signals.fd < 0; /* what cannot be stopped is not begun */
	if (!story->stopped)
		net_watch_add(story->sim->loop, &story->signals, EPOLLIN);
}

static void
write_pid(const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL) {
		fprintf(stderr, "roamhub-sim: %s cannot be written\n", path);
		return;
	}
	fprintf(file, "%d\n", (int)getpid());
	fclose(file);
}

void
stay_begin(struct story *story, bool busy)
{
	if (story->staying || story->stopped)
		return;
	if (busy)
		narrate_end(story);
	list_each (node, &story->sim->actors) {
		const struct actor *actor = container_of(node, struct actor, node);

		if (!story->options.quiet && actor->started)
			fprintf(story->out, "%s serves %s/ocpi/versions\n", actor->name,
			        actor->base);
	}
	fflush(story->out);
	story->staying = true;
	story->options.quiet |= busy;
	story->sim->forget = true;
	story->sim->ctx = story;
	story->sim->on_request = narrate_request;
	if (story->options.pid_file != NULL)
		write_pid(story->options.pid_file);
}

void
stay_end(struct story *story)
{
	story->sim->on_request = NULL;
	if (!story->options.keep || story->signals.fd < 0)
		return;
	if (!story->stopped)
		net_watch_remove(story->sim->loop, &story->signals);
	close(story->signals.fd);
}
