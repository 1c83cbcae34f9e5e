/* oom_store: every verb of the store, and each allocation on the way refused in turn.
 *
 * usage: oom_store DIR STEP [ONLY]
 * First with a reserve, on a store that is open: each allocation of each verb. A verb is answered
 * RH_OK and its row is there, or it is refused, and no block is kept when the store is closed.
 * Then every STEP-th allocation of a life of a store, with a reserve and without: a child opens a
 * copy of one database, does all verbs once, and ends. What it was answered RH_OK for must be in
 * the database that it left, as a second child finds that has its memory. With a reserve no point
 * ends the process; without one it ends with status 1 and the reason. */
#include "oom.h"
#include "oom_verbs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESERVE_BYTES = 1 << 20 };

/* ---- found again ---- */

static bool
has(struct hand *hand, const struct store_key *key, size_t bytes)
{
	struct store_op op = { .verb = STORE_OBJECT_GET, .u.get.key = *key };

	return verb_run(hand, &op) == RH_OK && op.u.get.object.body.len == bytes + 2;
}

static bool
has_relink(struct hand *hand)
{
	struct store_op op = { .verb = STORE_RELINK_GET, .u.relink = { .id = STR("R1") } };

	return verb_run(hand, &op) == RH_OK;
}

/* ---- each allocation of each verb ---- */

static bool
share_sound(struct hand *hand, uint64_t at)
{
	size_t bytes = LARGE_BODY + at;
	bool taken = verb_share(hand, &verb_shared, bytes) == RH_OK;

	oom_disarm();
	return !taken || has(hand, &verb_shared, bytes);
}

static bool
address_sound(struct hand *hand, uint64_t at)
{
	bool taken = verb_share(hand, &verb_addressed, 100 + at) == RH_OK;

	oom_disarm();
	return !taken || has(hand, &verb_addressed, 100 + at);
}

static bool
relink_sound(struct hand *hand, uint64_t at)
{
	bool taken = verb_relink(hand) == RH_OK;

	(void)at;
	oom_disarm();
	return !taken || has_relink(hand);
}

static bool
platforms_sound(struct hand *hand, uint64_t at)
{
	(void)at;
	verbs_platforms(hand);
	return true;
}

static bool
owed_sound(struct hand *hand, uint64_t at)
{
	(void)at;
	verbs_owed(hand);
	return true;
}

static bool
reads_sound(struct hand *hand, uint64_t at)
{
	(void)at;
	verb_trace(hand);
	verbs_read(hand);
	return true;
}

static const struct {
	const char *name;
	bool (*sound)(struct hand *hand, uint64_t at);
} verbs[] = {
	{ "a share", share_sound },
	{ "an addressed object", address_sound },
	{ "a relink", relink_sound },
	{ "platforms and agreements", platforms_sound },
	{ "what is owed", owed_sound },
	{ "reads", reads_sound },
};

/** Every allocation of one row of verbs; the thread of the trace asks for some as well. */
static void
sweep_verb(struct hand *hand, size_t verb)
{
	for (uint64_t at = 1; at == 1 || oom.seen + 1 >= at; at++) {
		rh_memory_hold(RESERVE_BYTES);
		oom_arm(at);
		if (!verbs[verb].sound(hand, at)) {
			snprintf(told->why, sizeof told->why,
			        "%s at %llu: answered as good, and not there", verbs[verb].name,
			        (unsigned long long)at);
			_exit(3);
		}
		oom_disarm();
		arena_reset(hand->arena);
		told->points++;
	}
}

static _Noreturn void
sweep(const char *path)
{
	struct hand hand;
	int64_t live;

	rh_memory_hold(RESERVE_BYTES);
	live = oom.live;
	if (!hand_open(&hand, path))
		_exit(3);
	for (size_t verb = 0; verb < COUNT(verbs); verb++)
		sweep_verb(&hand, verb);
	hand_close(&hand);
	told->kept = oom.live - live;
	_exit(0);
}

/* ---- points of a whole life ---- */

/** What is kept of what was there before, and of what this point was told RH_OK for. */
static _Noreturn void
find_again(const char *path)
{
	struct page before = *told;
	struct hand hand;

	if (!hand_open(&hand, path))
		_exit(4);
	if (!has(&hand, &verb_held, 10))
		_exit(5);
	if ((before.acknowledged[0] && !has(&hand, &verb_shared, LARGE_BODY)) ||
	        (before.acknowledged[1] && !has(&hand, &verb_addressed, 100)) ||
	        (before.acknowledged[2] && !has_relink(&hand)))
		_exit(6);
	hand_close(&hand);
	_exit(0);
}

static _Noreturn void
point(const char *path, uint64_t at, bool reserved)
{
	struct hand hand;
	int64_t live;

	rh_memory_hold(reserved ? RESERVE_BYTES : 0);
	live = oom.live;
	oom_arm(at);
	told->opened = hand_open(&hand, path);
	if (told->opened)
		verbs_do_all(&hand, path);
	hand_close(&hand);
	told->seen = oom.seen;
	oom_disarm();
	told->kept = oom.live - live;
	_exit(0);
}

static _Noreturn void
begin(const char *path)
{
	struct hand hand;

	if (!hand_open(&hand, path) || verb_share(&hand, &verb_held, 10) != RH_OK)
		_exit(3);
	hand_close(&hand);
	_exit(0);
}

static int
ended(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
copy_file(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	while ((n = read(in, bytes, sizeof bytes)) > 0)
		(void)!write(out, bytes, (size_t)n);
	(void)close(in);
	(void)close(out);
}

static void
fresh(const char *template, const char *path)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-trace", "-trace-wal",
		"-trace-shm", "-copy" };
	char name[4096];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
	copy_file(template, path);
	memset(told, 0, sizeof *told);
}

static const char *
judge(int status, bool reserved)
{
	if (status == 1)
		return reserved ? "the process ended though there was a reserve" : NULL;
	if (status != 0)
		return told->why[0] != '\0' ? told->why : "it crashed";
	return told->kept != 0 ? "memory was not given back" : NULL;
}

/** Points; what failed is counted. */
static uint64_t
try_verbs(const char *template, const char *path, uint64_t *failed)
{
	pid_t child;
	int status;

	fresh(template, path);
	child = fork();
	if (child == 0)
		sweep(path);
	status = ended(child);
	if (status == 0 && told->kept == 0)
		return told->points;
	(*failed)++;
	printf("failed: store: point %llu: status %d, %lld blocks kept: %s\n",
	        (unsigned long long)told->points, status, (long long)told->kept, told->why);
	return told->points;
}

static bool
try_point(const char *template, const char *path, uint64_t at, bool reserved)
{
	const char *why;
	pid_t child;
	int status;

	fresh(template, path);
	child = fork();
	if (child == 0)
		point(path, at, reserved);
	status = ended(child);
	why = judge(status, reserved);
	if (why == NULL) {
		child = fork();
		if (child == 0)
			find_again(path);
		status = ended(child);
		if (status != 0)
			why = status == 6 ? "what was acknowledged is lost"
			                  : "the database cannot be used afterwards";
	}
	if (why == NULL)
		return true;
	printf("failed: store: allocation %llu %s a reserve: status %d, %lld blocks kept: %s\n",
	        (unsigned long long)at, reserved ? "with" : "without", status,
	        (long long)told->kept, why);
	return false;
}

int
main(int argc, char **argv)
{
	uint64_t step = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, count, points, failed = 0;
	uint64_t only = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	char template[4096], path[4096];
	struct fault fault;
	pid_t child;

	if (argc < 2 || step == 0 || rh_crypt_init(&fault) != RH_OK)
		return 2;
	oom_hooks();
	told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(template, sizeof template, "%s/template.db", argv[1]);
	snprintf(path, sizeof path, "%s/hub.db", argv[1]);
	child = fork();
	if (child == 0)
		begin(template);
	if (ended(child) != 0)
		return 2;
	fresh(template, path);
	child = fork();
	if (child == 0)
		point(path, 0, true);
	if (ended(child) != 0 || told->refused > 0 || told->kept != 0) {
		printf("broken: with all its memory %d verbs were refused, %lld blocks kept\n",
		        told->refused, (long long)told->kept);
		return 2;
	}
	count = told->seen;
	points = only > 0 ? 0 : try_verbs(template, path, &failed);
	for (uint64_t at = only > 0 ? only : 1; at <= (only > 0 ? only : count); at += step)
		for (int reserved = 0; reserved < 2; reserved++, points++)
			failed += !try_point(template, path, at, reserved);
	printf("points %llu failed %llu\n", (unsigned long long)points, (unsigned long long)failed);
	return failed > 0;
}
