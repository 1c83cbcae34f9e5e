/* program: `run COMMAND...`: another program, its standard output and its exit status.
 * The platforms go on serving while it runs: `roamhubctl party connect` makes the hub call them. */
#include "steps.h"

#include "narrator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct program {
	struct net_watch watch; /* the reading end of its standard output */
	struct buf output;
	bool ended;
};

static void
output_ready(struct net_watch *watch, uint32_t events)
{
	struct program *program = container_of(watch, struct program, watch);
	ssize_t got;

	(void)events;
	buf_reserve(&program->output, 4096);
	got = read(watch->fd, program->output.p + program->output.len, 4096);
	if (got > 0)
		program->output.len += (size_t)got;
	else if (got == 0 || errno != EINTR)
		program->ended = true;
}

static bool
has_ended(void *ctx)
{
	return ((struct program *)ctx)->ended;
}

static int
start(char *const *command, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int failed;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	failed = posix_spawnp(pid, command[0], &actions, &attributes, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

static char **
command_line(struct story *story)
{
	char **command = arena_alloc(story->arena, (SCRIPT_WORDS + 1) * sizeof(*command));
	struct str word;

	for (size_t i = 0; (word = story_arg_at(story, "COMMAND", i)).p != NULL; i++)
		command[i] = arena_cstr(story->arena, word);
	return command;
}

static void
take_outcome(struct story *story, struct program *program, int status, int64_t began_us)
{
	struct outcome *outcome = &story->outcome;

	outcome_clear(story);
	outcome->ran = true;
	outcome->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	outcome->arena = arena_new(1024);
	outcome->body = arena_str(outcome->arena, buf_str(&program->output));
	outcome->json = tree_read_any(outcome->body);
	outcome->us = rh_mono_us() - began_us;
}

static struct str
command_text(struct story *story, char *const *command)
{
	struct buf text = { .arena = story->arena };
	const char *slash = strrchr(command[0], '/');

	/* Tokens are handed over on command lines; the story shows the first words alone. */
	buf_add(&text, str_of(slash == NULL ? command[0] : slash + 1));
	for (size_t i = 1; command[i] != NULL && i < 4 && command[i][0] != '-'; i++)
		buf_printf(&text, " %s", command[i]);
	return buf_str(&text);
}

void
step_run(struct story *story)
{
	struct program program = { .watch.ready = output_ready };
	char **command = command_line(story);
	int64_t began_us = rh_mono_us();
	int ends[2], failed, status = 0;
	pid_t pid;

	outcome_clear(story);
	if (pipe2(ends, O_CLOEXEC) != 0) {
		story_fail(story, "expected a pipe, got: %s", strerror(errno));
		return;
	}
	failed = start(command, ends[1], &pid);
	close(ends[1]);
	if (failed != 0) {
		story_fail(story, "expected %s to start, got: %s", command[0], strerror(failed));
		close(ends[0]);
		return;
	}
	program.watch.fd = ends[0];
	net_watch_add(story->sim->loop, &program.watch, EPOLLIN);
	story_pump(story, has_ended, &program, INT64_MAX);
	net_watch_remove(story->sim->loop, &program.watch);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	take_outcome(story, &program, status, began_us);
	buf_free(&program.output);
	narrate(story, STR("operator"), command_text(story, command),
	        arena_printf(story->arena, "exit %d", story->outcome.exit_status),
	        story->outcome.exit_status == 0, story->outcome.us);
}
