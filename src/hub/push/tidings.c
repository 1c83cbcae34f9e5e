/* tidings: what becomes of a receiver is told, as events, and not more often than somebody reads
 * them: of one receiver five and then one in ten seconds, of all those of a worker fifty and then
 * one a second. How many were left out stands in the next one. Worker's thread. */
#include "tidings.h"

#include "../event.h"

#include <stdio.h>

enum {
	BURST = 5,
	EVERY_MS = 10 * 1000,
	ALL_BURST = 50,
	ALL_EVERY_MS = 1000,
	ROWS_MOST = 200,       /* of a platform and a type */
	BEHIND_MS = 60 * 1000, /* shorter than that is how things are */
};

bool
tidings_admit(int64_t *full_ms, int64_t every_ms, int64_t burst, int64_t now_ms)
{
	int64_t from_ms = *full_ms > now_ms ? *full_ms : now_ms;

	if (from_ms + every_ms > now_ms + burst * every_ms)
		return false;
	*full_ms = from_ms + every_ms;
	return true;
}

/* Both have room, or neither is used. */
static bool
may_tell(struct channel *channel)
{
	int64_t now_ms = rh_boot_ms(), full_ms = channel->told.full_ms;

	if (tidings_admit(&full_ms, EVERY_MS, BURST, now_ms) &&
	        tidings_admit(&channel->pusher->told_ms, ALL_EVERY_MS, ALL_BURST, now_ms)) {
		channel->told.full_ms = full_ms;
		return true;
	}
	channel->told.left_out++;
	return false;
}

static void
put_left_out(struct channel *channel, struct buf *data)
{
	if (channel->told.left_out > 0)
		json_put_number(data, "left_out", channel->told.left_out);
	channel->told.left_out = 0;
}

static void
note(struct channel *channel, struct str type, const char *what, struct str subject,
        const struct buf *data)
{
	struct worker *worker = channel->pusher->worker;

	event_note_most(worker->hub, worker->session,
	        &(struct store_event){ .type = type,
	                .platform = channel->platform,
	                .what = str_of(what),
	                .subject = subject,
	                .data = buf_str(data) },
	        ROWS_MOST);
}

/* ---- refused for good ---- */

/* Events outlive a driver's token that is erased (docs/adr/0035): they neither name it, nor say
 * what a receiver said of what may have it. */
static bool
is_of_driver(struct str module)
{
	return str_is(module, "tokens") || str_is(module, "sessions") || str_is(module, "cdrs");
}

static void
name_object(const struct store_key *key, struct buf *out)
{
	buf_printf(out, "%.*s/%.*s", STR_ARG(key->module), STR_ARG(key->owner));
	if (!str_is(key->module, "tokens"))
		buf_printf(out, "/%.*s", STR_ARG(key->id));
}

void
tidings_refused(struct channel *channel, const struct tiding *tiding)
{
	CLEANUP(buf_free) struct buf data = { 0 }, subject = { 0 };
	char what[32];

	if (!may_tell(channel))
		return;
	name_object(tiding->key, &subject);
	(void)snprintf(what, sizeof what, "%d/%d", tiding->http, tiding->ocpi);
	json_put_object(&data, NULL);
	json_put_text(&data, "object", buf_str(&subject));
	if (tiding->to.len > 0)
		json_put_text(&data, "to", tiding->to);
	json_put_number(&data, "change", tiding->change);
	json_put_number(&data, "http", tiding->http);
	json_put_number(&data, "ocpi", tiding->ocpi);
	if (!is_of_driver(tiding->key->module))
		json_put_text(&data, "why", tiding->why);
	put_left_out(channel, &data);
	json_end_object(&data);
	note(channel, STR("push.refused"), what, buf_str(&subject), &data);
}

/* ---- behind, and level again ---- */

void
tidings_behind(struct channel *channel, bool away)
{
	if (channel->told.behind_ms == 0) {
		channel->told.behind_ms = rh_boot_ms();
		channel->told.taken = channel->receiver.taken;
	}
	channel->told.away |= away;
}

static void
tell_level(struct channel *channel, int64_t behind_ms, uint64_t taken)
{
	CLEANUP(buf_free) struct buf data = { 0 }, subject = { 0 };

	if (!may_tell(channel))
		return;
	buf_printf(&subject, "platform %lld", (long long)channel->platform);
	json_put_object(&data, NULL);
	json_put_number(&data, "behind_s", behind_ms / 1000);
	json_put_number(&data, "object_count", (int64_t)taken);
	json_put_bool(&data, "away", channel->told.away);
	put_left_out(channel, &data);
	json_end_object(&data);
	note(channel, STR("push.caught_up"), "caught up", buf_str(&subject), &data);
}

void
tidings_level(struct channel *channel)
{
	int64_t behind_ms = rh_boot_ms() - channel->told.behind_ms;
	uint64_t taken = channel->receiver.taken - channel->told.taken;

	if (channel->told.behind_ms == 0)
		return;
	if (taken > 0 && (channel->told.away || behind_ms >= BEHIND_MS))
		tell_level(channel, behind_ms, taken);
	channel->told.behind_ms = 0;
	channel->told.away = false;
}
