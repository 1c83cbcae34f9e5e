/* place: a store in a directory of its own, and what each judge of the store does with one. */
#include "place.h"

#include <dirent.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, MOST_SHOWN = 20 };

size_t faults_found;

/* ---- saying ---- */

void
broken(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

void
fault_found(const char *format, ...)
{
	va_list args;

	if (++faults_found > MOST_SHOWN)
		return;
	printf("fault: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

int
verdict(int number, const char *format, ...)
{
	va_list args;

	printf("verdict %d %s ", number, faults_found == 0 ? "reached" : "short");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (faults_found > 0)
		printf("; %zu faults", faults_found);
	printf("\n");
	return faults_found == 0 ? 0 : 1;
}

/* ---- chance ---- */

uint64_t
chance_next(struct chance *chance)
{
	uint64_t x = chance->state += 0x9e3779b97f4a7c15U;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

size_t
chance_below(struct chance *chance, size_t bound)
{
	return (size_t)(chance_next(chance) % bound);
}

/* ---- arguments ---- */

static const struct option *
option_named(const char *name, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, options[i].name) == 0)
			return &options[i];
	return NULL;
}

void
options_read(int argc, char **argv, const struct option *options, size_t count)
{
	for (int i = 1; i < argc; i += 2) {
		const struct option *option = option_named(argv[i], options, count);

		if (option == NULL || i + 1 == argc)
			broken("%s: not known, or without its number", argv[i]);
		*option->value = strtoll(argv[i + 1], NULL, 10);
	}
}

uint64_t
seed_given(void)
{
	const char *text = getenv("SEED");

	return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10)
	                                       : (uint64_t)rh_wall_ms() % 1000000000;
}

/* ---- the store ---- */

void
place_make(struct place *place, const char *dir)
{
	const char *parent = getenv("TMPDIR");
	struct fault fault = { 0 };

	*place = (struct place){ 0 };
	if (rh_crypt_init(&fault) != RH_OK)
		broken("%s", fault.why);
	if (dir != NULL)
		snprintf(place->dir, sizeof(place->dir), "%s", dir);
	else {
		snprintf(place->dir, sizeof(place->dir), "%.60s/roamhub-trust-XXXXXX",
		        parent != NULL ? parent : "/tmp");
		if (mkdtemp(place->dir) == NULL)
			broken("%s: no such directory can be made", place->dir);
	}
	snprintf(place->file, sizeof(place->file), "%s/hub.db", place->dir);
	snprintf(place->url, sizeof(place->url), "sqlite:%s", place->file);
	place->conf = (struct store_conf){
		.url = place->url, .max_waiting = 10000, .trace_max_bytes = 1 << 20
	};
	place->box = mailbox_new();
	place->arena = arena_new(65536);
}

enum rh_err
place_try(struct place *place, struct fault *fault)
{
	*fault = (struct fault){ 0 };
	place->store = store_open(&place->conf, fault);
	if (place->store == NULL)
		return fault->err != RH_OK ? fault->err : RH_STORE_FAILED;
	place->session = store_session_open(place->store, place->box, fault);
	if (place->session != NULL)
		return RH_OK;
	store_close(place->store);
	place->store = NULL;
	return fault->err != RH_OK ? fault->err : RH_STORE_FAILED;
}

void
place_open(struct place *place)
{
	struct fault fault;

	if (place_try(place, &fault) != RH_OK)
		broken("%s", fault.why);
}

void
place_close(struct place *place)
{
	if (place->store == NULL)
		return;
	store_session_close(place->session);
	store_close(place->store);
	place->store = NULL;
}

void
place_forget(struct place *place)
{
	arena_free(place->arena);
	place->arena = arena_new(65536);
}

static void
clear(struct place *place, bool trace)
{
	DIR *dir = opendir(place->dir);
	struct dirent *entry;
	char path[512];

	if (dir == NULL)
		broken("%s: cannot be read", place->dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", place->dir, entry->d_name);
		if (entry->d_name[0] != '.' && (trace || strstr(entry->d_name, "-trace") == NULL))
			(void)remove(path);
	}
	closedir(dir);
}

/* It takes longer to make a trace than all else that a store does when it is opened. */
void
place_clear(struct place *place)
{
	clear(place, false);
}

void
place_end(struct place *place)
{
	place_close(place);
	clear(place, true);
	(void)rmdir(place->dir);
	mailbox_free(place->box);
	arena_free(place->arena);
}

static void
mark_done(struct store_op *op)
{
	container_of(op, struct place_op, op)->done = true;
}

void
place_submit(struct place *place, struct place_op *op)
{
	op->done = false;
	op->op.done = mark_done;
	op->op.arena = place->arena;
	store_submit(place->session, &op->op);
}

void
place_wait(struct place *place, const struct place_op *op)
{
	struct pollfd fd = { .fd = mailbox_fd(place->box), .events = POLLIN };
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	while (!op->done) {
		if (rh_mono_ms() > until_ms)
			broken("an operation of verb %d did not end", (int)op->op.verb);
		poll(&fd, 1, 100);
		mailbox_deliver(place->box);
	}
}

enum rh_err
place_do(struct place *place, struct store_op *op)
{
	struct place_op waited = { .op = *op };

	place_submit(place, &waited);
	place_wait(place, &waited);
	*op = waited.op;
	return op->err;
}
