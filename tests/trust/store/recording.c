/* recording: what a disk may hold when the power goes at any moment. See recording.h. */
#include "recording.h"

#include "shim.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, NAMES_MOST = 64, PAGE = 4096 };

struct name {
	char *name;
	int file; /* -1: none of this name */
};
static struct {
	pthread_mutex_t lock;
	bool on;
	struct event *events;
	size_t count, cap;
	struct name names[NAMES_MOST]; /* as they are while it is recorded */
	size_t name_count;
	int files;
} all = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- recording ---- */

static struct event *
add_event(enum event_kind kind)
{
	if (all.count == all.cap) {
		all.cap = all.cap == 0 ? 4096 : 2 * all.cap;
		all.events = realloc(all.events, all.cap * sizeof(*all.events));
		if (all.events == NULL)
			broken("no memory for the recording");
	}
	all.events[all.count] = (struct event){ .kind = kind };
	return &all.events[all.count++];
}

static struct name *
name_of(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < all.name_count; i++)
		if (strcmp(all.names[i].name, name) == 0)
			return &all.names[i];
	if (all.name_count == NAMES_MOST)
		broken("more names than are expected: %s", path);
	all.names[all.name_count] = (struct name){ strdup(name), -1 };
	return &all.names[all.name_count++];
}

static void
record_create(struct name *name)
{
	struct event *event;

	if (name->file >= 0)
		return;
	name->file = all.files++;
	event = add_event(EVENT_CREATE);
	event->name = name->name;
	event->file = name->file;
}

static void
record_data(enum event_kind kind, struct name *name, const struct shim_call *call)
{
	struct event *event;

	record_create(name); /* unless it is known */
	event = add_event(kind);
	event->file = name->file;
	event->name = name->name;
	event->at = call->at;
	event->bytes = call->bytes;
	if (call->data != NULL) {
		event->data = malloc(call->bytes);
		memcpy(event->data, call->data, call->bytes);
	}
}

static void
record_name(enum event_kind kind, struct name *name, const char *other)
{
	struct name *to = other == NULL ? NULL : name_of(other);
	struct event *event;

	if (name->file < 0)
		return;
	event = add_event(kind);
	event->file = name->file;
	event->name = name->name;
	if (to != NULL) {
		event->other = to->name;
		to->file = name->file;
	}
	name->file = -1;
}

static void
record(const struct shim_call *call)
{
	switch (call->kind) {
	case SHIM_CREATE:
		record_create(name_of(call->path));
		return;
	case SHIM_WRITE:
		record_data(EVENT_WRITE, name_of(call->path), call);
		return;
	case SHIM_TRUNCATE:
		record_data(EVENT_TRUNCATE, name_of(call->path), call);
		return;
	case SHIM_SYNC:
		record_data(EVENT_SYNC, name_of(call->path), call);
		return;
	case SHIM_SYNC_DIR:
		add_event(EVENT_SYNC_DIR);
		return;
	case SHIM_DELETE:
		record_name(EVENT_DELETE, name_of(call->path), NULL);
		return;
	case SHIM_RENAME:
		record_name(EVENT_RENAME, name_of(call->path), call->other);
		return;
	default:
		return;
	}
}

static enum shim_verdict
pass(const struct shim_call *call)
{
	(void)call;
	return SHIM_PASS;
}

static void
seen(const struct shim_call *call)
{
	pthread_mutex_lock(&all.lock);
	if (all.on)
		record(call);
	pthread_mutex_unlock(&all.lock);
}

void
recording_begin(const char *synchronous)
{
	static struct shim_hooks hooks = { .before = pass, .after = seen };

	hooks.synchronous = synchronous;
	shim_install(&hooks);
	all.on = true;
}

void
recording_end(void)
{
	pthread_mutex_lock(&all.lock);
	all.on = false;
	pthread_mutex_unlock(&all.lock);
}

void
recording_mark(int mark, size_t slot, int64_t version)
{
	struct event *event;

	pthread_mutex_lock(&all.lock);
	event = add_event(EVENT_MARK);
	event->mark = mark;
	event->slot = slot;
	event->version = version;
	pthread_mutex_unlock(&all.lock);
}

size_t
recording_count(void)
{
	return all.count;
}

const struct event *
recording_event(size_t i)
{
	return &all.events[i];
}

bool
recording_is_commit(size_t i)
{
	const struct event *event = &all.events[i];

	return event->kind == EVENT_SYNC && strcmp(event->name, "hub.db-wal") == 0;
}

/* ---- files ---- */

struct image {
	uint8_t *bytes;
	size_t size, cap;
};

static void
image_grow(struct image *image, size_t size, struct chance *rubbish)
{
	if (size > image->cap) {
		image->cap = size + size / 2 + PAGE;
		image->bytes = realloc(image->bytes, image->cap);
		if (image->bytes == NULL)
			broken("no memory for a file");
	}
	for (size_t i = image->size; i < size; i++)
		image->bytes[i] = rubbish == NULL ? 0 : (uint8_t)chance_next(rubbish);
	if (size > image->size)
		image->size = size;
}

static void
image_apply(struct image *image, const struct event *event)
{
	if (event->kind == EVENT_TRUNCATE) {
		image_grow(image, (size_t)event->at, NULL);
		image->size = (size_t)event->at;
		return;
	}
	image_grow(image, (size_t)event->at + event->bytes, NULL);
	memcpy(image->bytes + event->at, event->data, event->bytes);
}

/* The end of the sector that @at lies in, or of the write. */
static size_t
sector_end(const struct event *event, size_t at)
{
	size_t place = (size_t)event->at + at,
	       end = (place / SECTOR + 1) * SECTOR - (size_t)event->at;

	return end < event->bytes ? end : event->bytes;
}

/* Some of its sectors: each that @keep says by its number. */
static void
image_tear(struct image *image, const struct event *event, uint64_t keep, struct chance *rubbish)
{
	size_t end;

	if (event->kind == EVENT_TRUNCATE) {
		if (keep & 1)
			image_apply(image, event);
		return;
	}
	for (size_t at = 0, number = 0; at < event->bytes; at = end, number++) {
		end = sector_end(event, at);
		if (!(keep >> (number % 64) & 1))
			continue;
		image_grow(image, (size_t)event->at + end, rubbish);
		memcpy(image->bytes + event->at + at, event->data + at, end - at);
	}
}

/* ---- the disk ---- */

struct disk {
	struct image *images; /* by file, as synced */
	size_t *pending;      /* events that were not synced, in order */
	size_t pending_count, pending_cap;
	struct name names[NAMES_MOST];
	size_t name_count;
	size_t at;
};

struct disk *
disk_new(void)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	disk->images = calloc((size_t)all.files + 1, sizeof(*disk->images));
	return disk;
}

void
disk_free(struct disk *disk)
{
	for (int i = 0; i < all.files; i++)
		free(disk->images[i].bytes);
	free(disk->images);
	free(disk->pending);
	free(disk);
}

static bool
is_name_event(const struct event *event)
{
	return event->kind == EVENT_CREATE || event->kind == EVENT_DELETE ||
	       event->kind == EVENT_RENAME;
}

static void
set_name(struct name *names, size_t *count, const char *name, int file)
{
	size_t i = 0;

	while (i < *count && strcmp(names[i].name, name) != 0)
		i++;
	if (i == *count)
		names[(*count)++].name = (char *)(uintptr_t)name;
	names[i].file = file;
}

static void
apply_name(struct name *names, size_t *count, const struct event *event)
{
	set_name(names, count, event->name, event->kind == EVENT_CREATE ? event->file : -1);
	if (event->kind == EVENT_RENAME)
		set_name(names, count, event->other, event->file);
}

static void
settle_file(struct disk *disk, int file)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk->pending_count; i++) {
		const struct event *event = &all.events[disk->pending[i]];

		if (is_name_event(event) || event->file != file)
			disk->pending[kept++] = disk->pending[i];
		else
			image_apply(&disk->images[file], event);
	}
	disk->pending_count = kept;
}

static void
settle_names(struct disk *disk)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk->pending_count; i++) {
		const struct event *event = &all.events[disk->pending[i]];

		if (is_name_event(event))
			apply_name(disk->names, &disk->name_count, event);
		else
			disk->pending[kept++] = disk->pending[i];
	}
	disk->pending_count = kept;
}

static void
add_pending(struct disk *disk, size_t i)
{
	if (disk->pending_count == disk->pending_cap) {
		disk->pending_cap = disk->pending_cap == 0 ? 1024 : 2 * disk->pending_cap;
		disk->pending = realloc(disk->pending, disk->pending_cap * sizeof(*disk->pending));
	}
	disk->pending[disk->pending_count++] = i;
}

void
disk_move(struct disk *disk, size_t until)
{
	for (; disk->at < until; disk->at++) {
		const struct event *event = &all.events[disk->at];

		if (event->kind == EVENT_SYNC)
			settle_file(disk, event->file);
		else if (event->kind == EVENT_SYNC_DIR)
			settle_names(disk);
		else if (event->kind != EVENT_MARK)
			add_pending(disk, disk->at);
	}
}

/* ---- a state of it ---- */

struct state {
	const struct disk *disk;
	enum tear tear;
	struct chance *chance;
	size_t writes_kept; /* TEAR_PREFIX: of all files together */
	struct name names[NAMES_MOST];
	size_t name_count;
};

static void
choose_names(struct state *state)
{
	const struct disk *disk = state->disk;
	size_t total = 0, kept, seen_names = 0;

	memcpy(state->names, disk->names, sizeof(disk->names));
	state->name_count = disk->name_count;
	for (size_t i = 0; i < disk->pending_count; i++)
		total += is_name_event(&all.events[disk->pending[i]]);
	kept = state->tear == TEAR_WHOLE     ? total
	       : state->tear == TEAR_NOTHING ? 0
	                                     : chance_below(state->chance, total + 1);
	for (size_t i = 0; i < disk->pending_count; i++)
		if (is_name_event(&all.events[disk->pending[i]]) && seen_names++ < kept)
			apply_name(state->names, &state->name_count, &all.events[disk->pending[i]]);
}

static void
add_unsynced(struct state *state, struct image *image, const struct event *event, size_t number)
{
	struct chance *chance = state->chance;

	switch (state->tear) {
	case TEAR_NOTHING:
		return;
	case TEAR_WHOLE:
		image_apply(image, event);
		return;
	case TEAR_PREFIX:
		if (number < state->writes_kept)
			image_apply(image, event);
		else if (number == state->writes_kept)
			image_tear(
			        image, event, ((uint64_t)1 << chance_below(chance, 9)) - 1, NULL);
		return;
	case TEAR_WRITES:
		if (chance_below(chance, 2) == 0)
			image_apply(image, event);
		return;
	default:
		image_tear(image, event, chance_next(chance),
		        state->tear == TEAR_RUBBISH ? chance : NULL);
	}
}

static void
write_file(const char *dir, const char *name, const struct image *image)
{
	char path[256];
	size_t done = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (fd >= 0 && done < image->size) {
		ssize_t len = write(fd, image->bytes + done, image->size - done);

		if (len <= 0)
			break;
		done += (size_t)len;
	}
	if (fd < 0 || done < image->size || close(fd) != 0)
		broken("%s cannot be written", path);
}

static void
write_state_file(struct state *state, const struct name *name, const char *dir)
{
	static struct image image;
	const struct disk *disk = state->disk;

	image.size = 0;
	image_grow(&image, disk->images[name->file].size, NULL);
	if (image.size > 0)
		memcpy(image.bytes, disk->images[name->file].bytes, image.size);
	for (size_t i = 0, number = 0; i < disk->pending_count; i++) {
		const struct event *event = &all.events[disk->pending[i]];

		if (is_name_event(event))
			continue;
		if (event->file == name->file)
			add_unsynced(state, &image, event, number);
		number++;
	}
	write_file(dir, name->name, &image);
}

void
disk_write(const struct disk *disk, enum tear tear, struct chance *chance, const char *dir)
{
	struct state state = { .disk = disk, .tear = tear, .chance = chance };

	choose_names(&state);
	state.writes_kept = chance_below(chance, disk->pending_count + 1);
	for (size_t i = 0; i < state.name_count; i++)
		if (state.names[i].file >= 0)
			write_state_file(&state, &state.names[i], dir);
}
