/* receivers: which platforms this worker sends to, and who listens to which module.
 *
 * A directory is met once. From it comes a list of those who may be concerned by a change of a
 * module, so that a change costs nothing for all others. */
#include "receivers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../parties/directory.h"
#include "../parties/live.h"
#include "../parties/may_hub.h"
#include "cursors.h"

enum { MOST_MODULES = 32, RETURN_SPREAD_MS = 20, RETURN_SPREAD_MOST_MS = 5000 };

/* ---- channels come with their platform, and stay while it exists ---- */

static void
place(struct channel *channel)
{
	if (channel->receiver.read_at == channel->pusher->head)
		channel_steps(channel);
	else
		channel_lags(channel, channel->receiver.read_at);
	channel_look(channel, rh_schedule_ms());
	channel_report(channel);
}

static struct channel *
channel_new(struct pusher *pusher, const struct platform *platform)
{
	struct channel *channel = rh_alloc(sizeof *channel);

	channel->pusher = pusher;
	channel->platform = platform->id;
	channel->live = platform->live;
	(void)store_receiver(platform->id, channel->key);
	list_init(&channel->busy);
	list_init(&channel->place);
	list_init(&channel->dirty);
	list_init(&channel->parked);
	channel->wake.fire = channel_wakes;
	channel_begin(channel);
	if (channel->saved.floor < 0 &&
	        platform_endpoint(platform, STR("hubclientinfo"), IFACE_RECEIVER) != NULL)
		channel->receiver.introduced_by_ms =
		        net_loop_now(pusher->worker->loop) + RECEIVER_HOLD_MS;
	channel->coming = pusher_awaits(pusher, platform->id);
	if (!channel->coming)
		place(channel);
	else if (hub_is_together(pusher->worker->hub)) /* its rows are counted anew */
		atomic_store(&platform->live->push.syncing, 0);
	return channel;
}

void
receivers_place(struct channel *channel)
{
	channel->coming = false;
	place(channel);
	if (channel_open(channel) == NULL)
		channel_leaves(channel);
}

static void
channel_free(struct channel *channel)
{
	receiver_free(&channel->receiver);
	marks_free(&channel->marks);
	lines_free(&channel->lines);
	net_timer_stop(channel->pusher->worker->loop, &channel->wake);
	list_remove(&channel->busy);
	list_remove(&channel->place);
	list_remove(&channel->dirty);
	list_remove(&channel->parked);
	free(channel);
}

static bool
is_mine(const struct pusher *pusher, const struct platform *platform)
{
	return platform->id % pusher->worker->hub->worker_count == pusher->worker->index;
}

static int
by_id(const void *a, const void *b)
{
	const struct channel *const *left = a, *const *right = b;

	return ((*left)->platform > (*right)->platform) - ((*left)->platform < (*right)->platform);
}

/* One that never registered is sent nothing; one that did has its channel, whatever becomes of it:
 * marks of what it is owed are read at the start alone, when it may be suspended. */
static bool
is_receiver(const struct pusher *pusher, const struct platform *platform)
{
	char key[STORE_RECEIVER_TEXT];

	if (!is_mine(pusher, platform) || platform->removed || !pusher_serves(pusher, platform->id))
		return false;
	return platform->state == STATE_CONNECTED ||
	       table_get(pusher->cursors, store_receiver(platform->id, key)) != NULL;
}

static void
meet_platforms(struct pusher *pusher, const struct platform *platforms, size_t count)
{
	size_t kept = pusher->channel_count;
	struct channel **channels = rh_alloc((kept + count + 1) * sizeof(struct channel *));

	if (kept > 0)
		memcpy((void *)channels, (void *)pusher->channels, kept * sizeof(struct channel *));
	for (size_t i = 0; i < count; i++)
		if (is_receiver(pusher, &platforms[i]) &&
		        channel_find(pusher, platforms[i].id) == NULL)
			channels[kept++] = channel_new(pusher, &platforms[i]);
	qsort((void *)channels, kept, sizeof(struct channel *), by_id);
	free((void *)pusher->channels);
	pusher->channels = channels;
	pusher->channel_count = kept;
}

static void
meet_states(struct pusher *pusher, const struct directory *directory)
{
	for (size_t i = 0; i < pusher->channel_count; i++) {
		struct channel *channel = pusher->channels[i];
		const struct platform *platform = directory_platform(directory, channel->platform);

		channel->removed = platform == NULL || platform->removed;
		if (!channel->away && !channel->coming && channel_open(channel) == NULL)
			channel_leaves(channel);
	}
}

/* ---- who listens ---- */

static bool
may_listen(const struct hub *hub, const struct platform *platform, const struct endpoint *endpoint)
{
	const struct ocpi_module *module = ocpi_module_find(hub->modules, endpoint->module);

	if (endpoint->interface != IFACE_RECEIVER)
		return false;
	for (size_t i = 0; module != NULL && i < platform->party_count; i++)
		if (may_be_called(platform->parties[i].role, module, IFACE_RECEIVER))
			return true;
	return module == NULL; /* hubclientinfo: whatever its parties are */
}

static struct listeners *
row_of(struct pusher *pusher, struct str module)
{
	struct listeners *row;

	for (size_t i = 0; i < pusher->listeners.count; i++)
		if (str_eq(pusher->listeners.rows[i].module, module))
			return &pusher->listeners.rows[i];
	if (pusher->listeners.count == MOST_MODULES)
		return NULL;
	row = &pusher->listeners.rows[pusher->listeners.count++];
	row->module = arena_str(pusher->listeners.arena, module);
	row->channels = arena_alloc(
	        pusher->listeners.arena, (pusher->channel_count + 1) * sizeof(struct channel *));
	return row;
}

static void
add_listener(struct pusher *pusher, struct channel *channel, struct str module)
{
	struct listeners *row = row_of(pusher, module);

	if (row != NULL && (row->count == 0 || row->channels[row->count - 1] != channel))
		row->channels[row->count++] = channel;
}

static void
meet_endpoints(struct pusher *pusher)
{
	const struct hub *hub = pusher->worker->hub;
	const struct directory *directory = hub_directory(hub);

	arena_free(pusher->listeners.arena);
	pusher->listeners.arena = arena_new(4096);
	pusher->listeners.rows =
	        arena_alloc(pusher->listeners.arena, MOST_MODULES * sizeof *pusher->listeners.rows);
	pusher->listeners.count = 0;
	for (size_t i = 0; i < pusher->channel_count; i++) {
		const struct platform *platform =
		        directory_platform(directory, pusher->channels[i]->platform);

		if (pusher->channels[i]->closing)
			continue;
		for (size_t k = 0; platform != NULL && k < platform->endpoint_count; k++)
			if (may_listen(hub, platform, &platform->endpoints[k]))
				add_listener(
				        pusher, pusher->channels[i], platform->endpoints[k].module);
	}
}

void
receivers_forget(struct pusher *pusher)
{
	pusher->listeners.generation = 0;
}

void
receivers_drop(struct pusher *pusher, size_t at)
{
	channel_free(pusher->channels[at]);
	pusher->channel_count--;
	memmove((void *)&pusher->channels[at], (void *)&pusher->channels[at + 1],
	        (pusher->channel_count - at) * sizeof(struct channel *));
}

void
receivers_meet(struct pusher *pusher)
{
	const struct directory *directory = hub_directory(pusher->worker->hub);
	const struct platform *platforms;
	size_t count;

	if (directory == NULL || directory->generation == pusher->listeners.generation)
		return;
	pusher->listeners.generation = directory->generation;
	count = directory_platforms(directory, &platforms);
	meet_platforms(pusher, platforms, count);
	meet_states(pusher, directory);
	meet_endpoints(pusher);
}

const struct listeners *
receivers_of(const struct pusher *pusher, struct str module)
{
	for (size_t i = 0; i < pusher->listeners.count; i++)
		if (str_eq(pusher->listeners.rows[i].module, module))
			return &pusher->listeners.rows[i];
	return NULL;
}

/* ---- who comes back ---- */

/* Many that come back at once do not all begin in the same moment. */
static int64_t
return_delay_ms(unsigned returned)
{
	unsigned spread_ms = returned * RETURN_SPREAD_MS;
	uint32_t random;

	if (spread_ms > RETURN_SPREAD_MOST_MS)
		spread_ms = RETURN_SPREAD_MOST_MS;
	rh_random(&random, sizeof random);
	return (int64_t)(random % (spread_ms + 1));
}

static void
come_back(struct channel *channel, const struct platform *platform, unsigned returned)
{
	struct pusher *pusher = channel->pusher;

	channel->receiver.window = 1;
	channel->receiver.failures = 0;
	channel->receiver.retry_at_ms = 0;
	channel->back_at_ms = net_loop_now(pusher->worker->loop) + return_delay_ms(returned);
	channel_lags(channel, channel->receiver.read_at);
	if (platform->catch_up_skip || channel->receiver.read_at == pusher->head)
		channel_steps(channel);
}

void
receivers_return(struct pusher *pusher)
{
	const struct directory *directory = hub_directory(pusher->worker->hub);
	uint64_t returns = live_returns(),
	         generation = directory != NULL ? directory->generation : 0;

	if (pusher->looked.returns == returns && pusher->looked.generation == generation) {
		pusher->returned = 0;
		return;
	}
	pusher->looked.returns = returns;
	pusher->looked.generation = generation;
	list_each_safe (node, next, &pusher->away) {
		struct channel *channel = container_of(node, struct channel, place);
		const struct platform *platform = channel->closing ? NULL : channel_open(channel);

		if (platform != NULL)
			come_back(channel, platform, pusher->returned++);
	}
}

void
receivers_free(struct pusher *pusher)
{
	for (size_t i = 0; i < pusher->channel_count; i++)
		channel_free(pusher->channels[i]);
	free((void *)pusher->channels);
	arena_free(pusher->listeners.arena);
}
