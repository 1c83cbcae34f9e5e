/* filled: a database with some of everything in it. */
#include "filled.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static void
take_file(struct files *files, const struct place *place, const char *name)
{
	char path[160];
	struct stat st;
	uint8_t *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	if (fstat(fd, &st) != 0)
		broken("%s: no size", path);
	bytes = malloc((size_t)st.st_size + 1);
	if (read(fd, bytes, (size_t)st.st_size) != st.st_size)
		broken("%s cannot be read", path);
	close(fd);
	snprintf(files->each[files->count].name, sizeof(files->each[0].name), "%s", name);
	files->each[files->count].bytes = bytes;
	files->each[files->count++].size = (size_t)st.st_size;
}

void
files_take(struct files *files, const struct place *place)
{
	*files = (struct files){ 0 };
	take_file(files, place, "hub.db");
	take_file(files, place, "hub.db-wal");
}

void
files_put(const struct files *files, struct place *place)
{
	char path[160];
	int fd;

	place_clear(place);
	for (size_t i = 0; i < files->count; i++) {
		snprintf(path, sizeof(path), "%s/%s", place->dir, files->each[i].name);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || write(fd, files->each[i].bytes, files->each[i].size) !=
		                      (ssize_t)files->each[i].size)
			broken("%s cannot be written", path);
		close(fd);
	}
}

void
files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->each[i].bytes);
	*files = (struct files){ 0 };
}

/* ---- content ---- */

static void
must(struct place *place, struct store_op op)
{
	if (place_do(place, &op) != RH_OK)
		broken("filling, verb %d: %s", (int)op.verb, op.why);
}

static void
fill_slots(struct place *place, int64_t version, struct slot_ids *ids)
{
	static struct slot_write writes[SLOTS];
	bool begun[SLOTS] = { 0 };

	for (size_t i = 0; i < SLOTS; i++) {
		begun[i] = version == 1 || slot_kind(i) != SLOT_RELINK;
		if (!begun[i])
			continue;
		slot_write(&writes[i], i, version, ids);
		place_submit(place, &writes[i].op);
	}
	for (size_t i = 0; i < SLOTS; i++) {
		if (!begun[i])
			continue;
		place_wait(place, &writes[i].op);
		if (writes[i].op.op.err != RH_OK)
			broken("%s: %s", slot_name(i), writes[i].op.op.why);
		slot_written(&writes[i], ids);
	}
}

static enum rh_err
make_small(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *ns,
        struct fault *fault)
{
	const char *body = ctx;

	(void)old, (void)fault;
	*ns = 1;
	if (body != NULL)
		*fresh = arena_str(arena, str_of(body));
	return RH_OK;
}

static void
put(struct place *place, const char *scope, const char *id, const char *body, bool pulled)
{
	must(place, (struct store_op){ .verb = STORE_SHARE,
	                    .u.share = { .key = { str_of(scope), STR("tariffs"), STR("DE*CPO"),
	                                         str_of(id), STR("") },
	                            .make = make_small,
	                            .ctx = (void *)(uintptr_t)body,
	                            .method = body == NULL ? STR("DELETE") : STR("PUT"),
	                            .sender_platform = 1,
	                            .at_ms = 1000,
	                            .pulled = pulled } });
}

static void
fill_objects(struct place *place)
{
	char id[16];

	for (int i = 0; i < 12; i++) {
		snprintf(id, sizeof(id), "X%d", i);
		put(place, i % 2 == 0 ? "*" : "NL*OLD@1", id, "{\"id\":\"x\"}", i % 4 == 0);
		if (i % 3 == 2)
			put(place, i % 2 == 0 ? "*" : "NL*OLD@1", id, NULL, false);
	}
}

static void
fill_owed(struct place *place)
{
	char id[16];

	for (int i = 0; i < 6; i++) {
		struct store_key key = { STR("*"), STR("tariffs"), STR("DE*CPO"), str_of(id),
			STR("") };
		struct store_failure failure = { STR("platform/1"), STR("NL*MSP"), key, i + 1, 1000,
			400, 2001, STR("no") };
		struct store_parked row = { .receiver = STR("platform/2"),
			.to = STR("NL*MSP"),
			.key = key,
			.since_ms = 1,
			.due_ms = 900000 + i,
			.change = i + 1 };

		snprintf(id, sizeof(id), "X%d", i);
		must(place, (struct store_op){ .verb = STORE_FAILURE_PUT,
		                    .u.failures = { .failures = &failure, .count = 1 } });
		must(place, (struct store_op){
		                    .verb = STORE_PARK, .u.parked = { .rows = &row, .count = 1 } });
	}
}

static void
fill_old(struct place *place)
{
	struct store_relink relink = { .id = STR("old"), .target = STR("u"), .expires_ms = 500 };
	struct store_hint hint = { STR("profile"), STR("old"), "DE", "CPO", 500 };

	must(place, (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relink });
	must(place, (struct store_op){ .verb = STORE_HINT_PUT, .u.hint.hint = hint });
}

void
fill(struct place *place, int64_t version, struct slot_ids *ids)
{
	fill_slots(place, version, ids);
	if (version == 1) {
		fill_objects(place);
		fill_owed(place);
		fill_old(place);
	}
	place_forget(place);
}
