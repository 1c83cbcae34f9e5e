/* sandbox_process: roamhub-sim, started with as little as it needs: the socket that it listens on,
 * a line to the hub, an empty environment.
 *
 * The hub makes the socket, so it knows the port before anybody could serve it, and its origin is
 * exempt from egress for as long as the process is there. The line is a socket pair: however the
 * hub ends, the process meets the end of its standard input and ends too. posix_spawn() shares the
 * memory until exec, so it costs the same in a large hub, and is safe beside threads. */
#include "sandbox_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIM_NAME "roamhub-sim"
enum { LISTENER_FD = 3, MB = 1 << 20, PATH_BYTES = 4096 };

void
sandbox_process_init(struct sandbox_process *process)
{
	process->ended.fd = process->line = process->listener = -1;
}

bool
sandbox_process_runs(const struct sandbox_process *process)
{
	return process->ended.fd >= 0;
}

/* ---- its end ---- */

static void
describe(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(why, size, "ended by signal %d (%s)", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
	else
		(void)snprintf(why, size, "ended with status %d: the log has its words",
		        WEXITSTATUS(status));
}

static void
let_go(struct sandbox_process *process)
{
	net_exempt_remove(&process->hub->exempt, process->port);
	(void)close(process->listener);
	(void)close(process->line);
	sandbox_process_init(process);
}

static int
reap(struct sandbox_process *process)
{
	int status = 0;

	net_watch_remove(process->hub->loop, &process->ended);
	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)close(process->ended.fd);
	let_go(process);
	return status;
}

static void
has_ended(struct net_watch *watch, uint32_t events)
{
	struct sandbox_process *process = container_of(watch, struct sandbox_process, ended);
	char why[160];

	(void)events;
	describe(reap(process), why, sizeof why);
	process->done(process, why);
}

void
sandbox_process_kill(struct sandbox_process *process)
{
	net_exempt_remove(&process->hub->exempt, process->port);
	(void)kill(process->pid, SIGKILL); /* it has nothing that is worth saving */
}

void
sandbox_process_finish(struct sandbox_process *process)
{
	if (!sandbox_process_runs(process))
		return;
	sandbox_process_kill(process);
	(void)reap(process);
}

/* ---- its beginning ---- */

/* Beside the program that runs, unless it is said. */
static enum rh_err
find_program(const struct hub *hub, char path[PATH_BYTES], struct fault *fault)
{
	const char *said = hub_settings(hub)->sandbox_program;
	ssize_t len = readlink("/proc/self/exe", path, PATH_BYTES - sizeof SIM_NAME - 1);
	char *slash;

	if (said != NULL) {
		(void)snprintf(path, PATH_BYTES, "%s", said);
	} else if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
		(void)stpcpy(slash != NULL ? slash + 1 : path, SIM_NAME);
	}
	if ((said == NULL && len <= 0) || access(path, X_OK) != 0)
		return fault_set(fault, RH_SYSTEM, "sandbox.program", "%s: %s",
		        len > 0 || said != NULL ? path : SIM_NAME, strerror(errno));
	return RH_OK;
}

/* Where the hub is met from this machine, whatever stands before it. Behind TLS of its own it is
 * met by its public name alone, as the certificate has it. */
static const char *
hub_at(const struct hub *hub, struct arena *arena)
{
	const char *colon = strrchr(hub->address, ':');
	struct str host = { hub->address, (size_t)(colon - hub->address) };

	if (atomic_load(&hub->certificate) != NULL)
		return hub->url;
	if (str_is(host, "0.0.0.0"))
		host = STR("127.0.0.1");
	else if (str_is(host, "[::]"))
		host = STR("[::1]");
	return arena_printf(arena, "http://%.*s%s", STR_ARG(host), colon).p;
}

static int
spawn(const char *program, char *const *argv, const int fds[2], pid_t *pid)
{
	static char *const no_environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failed;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], LISTENER_FD);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions, LISTENER_FD + 1);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawn(pid, program, &actions, &attributes, argv, no_environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return failed;
}

static enum rh_err
run(struct sandbox_process *process, struct hub *hub, const struct sandbox_start *start,
        const int fds[2], struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);
	struct arena *arena = arena_new(2048);
	char program[PATH_BYTES], party[OCPI_ID_TEXT];
	char *const argv[] = { (char[]){ SIM_NAME }, (char[]){ "sandbox" }, (char[]){ "--party" },
		(char *)(uintptr_t)arena_printf(arena, "%s:%s", ocpi_id_text(&start->party, party),
		        ocpi_role_name(start->role))
		        .p,
		(char[]){ "--hub-versions" }, (char *)(uintptr_t)hub_link(hub, "versions", arena).p,
		(char[]){ "--hub-at" }, (char *)(uintptr_t)hub_at(hub, arena),
		(char[]){ "--listen" }, (char[]){ "fd:3" }, (char[]){ "--charge" },
		(char *)(uintptr_t)arena_printf(
		        arena, "%lldms", (long long)settings->sandbox_charge_ms)
		        .p,
		(char[]){ "--memory" },
		(char *)(uintptr_t)arena_printf(
		        arena, "%lld", (long long)(settings->sandbox_memory / MB))
		        .p,
		NULL };
	int failed = find_program(hub, program, fault) == RH_OK
	                     ? spawn(program, argv, fds, &process->pid)
	                     : -1;

	arena_free(arena);
	if (failed < 0)
		return RH_SYSTEM;
	return failed == 0 ? RH_OK
	                   : fault_set(fault, RH_SYSTEM, "sandbox.program", "%s: %s", program,
	                             strerror(failed));
}

/* It reads the token when it runs. */
static enum rh_err
begin(struct sandbox_process *process, const struct sandbox_start *start, int its_end,
        struct fault *fault)
{
	char line[128];
	int len = snprintf(line, sizeof line, "%.*s\n", STR_ARG(start->token));
	enum rh_err err = run(
	        process, process->hub, start, (const int[]){ its_end, process->listener }, fault);

	if (err != RH_OK)
		return err;
	if (write(process->line, line, (size_t)len) == len)
		process->ended.fd = pidfd_open(process->pid, 0);
	if (process->ended.fd >= 0)
		return RH_OK;
	err = fault_set(fault, RH_SYSTEM, "", "%s", strerror(errno));
	(void)kill(process->pid, SIGKILL);
	(void)waitpid(process->pid, NULL, 0);
	return err;
}

static bool
listen_somewhere(struct sandbox_process *process, struct fault *fault)
{
	char bound[64];
	uint64_t port = 0;

	process->listener = net_listen("127.0.0.1:0", false, bound, fault);
	if (process->listener < 0)
		return false;
	(void)str_to_u64(str_of(strrchr(bound, ':') + 1), UINT16_MAX, &port);
	process->port = (uint16_t)port;
	return true;
}

enum rh_err
sandbox_process_start(struct sandbox_process *process, struct hub *hub,
        const struct sandbox_start *start, struct fault *fault)
{
	int ends[2];
	enum rh_err err = RH_OK;

	process->hub = hub;
	if (!listen_somewhere(process, fault))
		return fault->err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		(void)close(process->listener);
		return fault_set(fault, RH_SYSTEM, "", "socketpair: %s", strerror(errno));
	}
	process->line = ends[0];
	if (!net_exempt_add(&hub->exempt, process->port, start->platform))
		err = fault_set(fault, RH_SYSTEM, "", "there are too many sandboxes");
	if (err == RH_OK)
		err = begin(process, start, ends[1], fault);
	(void)close(ends[1]);
	if (err != RH_OK) {
		let_go(process);
		return err;
	}
	process->ended.ready = has_ended;
	net_watch_add(hub->loop, &process->ended, EPOLLIN);
	return RH_OK;
}
