/* oom_parsers: every parser over its corpus, and each of its allocations refused in turn.
 *
 * usage: oom_parsers CORPORA [TARGET [FILE]] | --prove
 * The parsers are the fuzz targets, whose sentences must hold. With a reserve a refused allocation
 * changes nothing: the target goes through and gives back all that it took. Without one the process
 * ends with status 1 and the reason. A child runs all points of one input, so that one that crashes
 * is named by what it left in the shared page. */
#include "oom.h"

#include "roamhub/base.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20, PATIENCE_SECONDS = 60, RESERVE_BYTES = 1 << 20 };

typedef int target_fn(const uint8_t *bytes, size_t size);
#define TARGET(name, variants) target_fn fuzz_##name;
#include "targets.def"
#undef TARGET
#define TARGET(name, variants) { #name, fuzz_##name, variants },
static const struct target {
	const char *name;
	target_fn *run;
	unsigned variants;
} targets[] = {
#include "targets.def"
};
#undef TARGET

static struct progress {
	uint64_t served, ended; /* points */
	uint64_t at;            /* the allocation that is refused now */
	bool reserved;
	char why[160];
} * progress;

static _Noreturn void
bad(const char *why)
{
	snprintf(progress->why, sizeof progress->why, "%s", why);
	exit(3);
}

/** With the reserve: nothing is noticed. */
static void
serve(const struct target *target, const uint8_t *bytes, size_t size, uint64_t at)
{
	int64_t live = oom.live;
	int status;

	progress->at = at, progress->reserved = true;
	rh_memory_hold(RESERVE_BYTES);
	oom.jumps = true;
	status = setjmp(oom.mark);
	if (status != 0)
		bad("the process ended though there was a reserve");
	oom_arm(at);
	target->run(bytes, size);
	oom_disarm();
	if (oom.live != live)
		bad("memory was not given back");
	progress->served++;
}

/** Without: the end, at once and with the reason. */
static void
end(const struct target *target, const uint8_t *bytes, size_t size, uint64_t at)
{
	volatile bool ended = false;
	int status;

	progress->at = at, progress->reserved = false;
	rh_memory_hold(0);
	atomic_store(&oom.reason, false);
	oom.jumps = true;
	status = setjmp(oom.mark);
	if (status == 0) {
		oom_arm(at);
		target->run(bytes, size);
	} else {
		ended = true;
	}
	oom_disarm();
	if (ended && (status != 1 || !oom.reason))
		bad("the process ended without status 1 and the reason");
	progress->ended++;
}

static void
run_points(const struct target *target, const uint8_t *bytes, size_t size)
{
	uint64_t count;

	oom_arm(0);
	target->run(bytes, size);
	oom_disarm();
	count = oom.seen;
	for (uint64_t at = 1; at <= count; at++) {
		serve(target, bytes, size, at);
		end(target, bytes, size, at);
	}
	oom.jumps = false;
}

static _Noreturn void
run_variants(const struct target *target, uint8_t *bytes, size_t size)
{
	alarm(PATIENCE_SECONDS);
	run_points(target, bytes, size);
	for (unsigned variant = 0; target->variants > 1 && size > 0 && variant < target->variants;
	        variant++) {
		bytes[0] = (uint8_t)variant;
		run_points(target, bytes, size);
	}
	_exit(0);
}

static bool
run_input(const struct target *target, const char *path, uint8_t *input, size_t size)
{
	pid_t child;
	int status;

	(void)fflush(stdout);
	child = fork();
	if (child == 0)
		run_variants(target, input, size);
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	printf("failed: %s %s: allocation %llu %s a reserve: %s\n", target->name, path,
	        (unsigned long long)progress->at, progress->reserved ? "with" : "without",
	        progress->why[0] != '\0' ? progress->why
	        : WIFSIGNALED(status)    ? strsignal(WTERMSIG(status))
	                                 : "a sanitizer ended it");
	progress->why[0] = '\0';
	return false;
}

static bool
run_file(const struct target *target, const char *path)
{
	uint8_t *bytes = malloc(MOST_BYTES), *input;
	FILE *file = fopen(path, "re");
	size_t size;
	bool good;

	if (file == NULL)
		return false;
	size = fread(bytes, 1, MOST_BYTES, file);
	(void)fclose(file);
	input = malloc(size + (size == 0)); /* of its own, so that a read behind it is seen */
	memcpy(input, bytes, size);
	free(bytes);
	good = run_input(target, path, input, size);
	free(input);
	return good;
}

static size_t
run_target(const struct target *target, const char *corpora, const char *only)
{
	char path[4096];
	size_t failed = 0;
	struct dirent **entries;
	int count;

	snprintf(path, sizeof path, "%s/%s", corpora, target->name);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s/%s", corpora, target->name, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' &&
		        (only == NULL || strcmp(only, entries[i]->d_name) == 0))
			failed += !run_file(target, path);
	}
	return failed + (count <= 0);
}

/* ---- parsers that do what none may ---- */

static int
keeps(const uint8_t *bytes, size_t size)
{
	(void)bytes;
	return rh_alloc(size) == NULL; /* and nobody frees it */
}

static int
trusts(const uint8_t *bytes, size_t size)
{
	char *volatile memory = malloc(size);

	memory[0] = (char)bytes[0];
	free(memory);
	return 0;
}

static int
ends_silently(const uint8_t *bytes, size_t size)
{
	void *memory = malloc(size);

	(void)bytes;
	if (memory == NULL)
		_exit(2);
	free(memory);
	return 0;
}

/** Each must be seen. */
static int
prove(void)
{
	static const struct target wrong[] = { { "keeps", keeps, 1 }, { "trusts", trusts, 1 },
		{ "ends-silently", ends_silently, 1 } };
	size_t unseen = 0;
	uint8_t input[1] = { 0 };

	for (size_t i = 0; i < COUNT(wrong); i++)
		unseen += run_input(&wrong[i], "(none)", input, sizeof input);
	return unseen > 0;
}

int
main(int argc, char **argv)
{
	size_t failed = 0;

	oom_hooks();
	progress = mmap(
	        NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc < 2 || progress == MAP_FAILED)
		return 2;
	if (strcmp(argv[1], "--prove") == 0)
		return prove();
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (argc < 3 || strcmp(argv[2], targets[i].name) == 0)
			failed += run_target(&targets[i], argv[1], argc > 3 ? argv[3] : NULL);
	printf("points %llu served %llu ended %llu failed %zu\n",
	        (unsigned long long)(progress->served + progress->ended),
	        (unsigned long long)progress->served, (unsigned long long)progress->ended, failed);
	return failed > 0;
}
