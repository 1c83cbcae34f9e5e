/* together: what the others did becomes what this process would have done of itself. The store's
 * thread says that there is something; it is taken up on the control thread. */
#include "together.h"

#include "news.h"
#include "parties/directory.h"
#include "parties/presence.h"
#include "parties/view.h"
#include "slots.h"
#include "status.h"
#include "tally.h"
#include "wishes.h"

enum { TOLD_MOST = 64 };

/* Of a platform that this process holds. */
static void
take_of(struct hub *hub, const struct store_told *told, struct live *live)
{
	if (told->what == TELL_HEARD)
		presence_told(hub, live, LIVE_HEARD);
	else if (told->what == TELL_FAILED)
		presence_told(hub, live, LIVE_FAILED);
	else if (told->what == TELL_RAW || told->what == TELL_BASE64)
		live_proved(live, told->what == TELL_RAW);
}

/* Hints may have been lost: of a connection, or of a process that died behind its commit. And a
 * database that crashed has forgotten what was known of platforms. */
static void
look_at_everything(struct hub *hub)
{
	struct str key;
	size_t at = 0;
	void *live;

	while (hub->lives != NULL && table_next(hub->lives, &at, &key, &live))
		news_told_owed(hub, live);
	status_anew(hub);
	wishes_hint(hub);
	if (hub->together.view != NULL)
		(void)view_ask(hub);
}

static void
take_told(struct hub *hub, const struct store_told *told)
{
	const struct platform *platform = directory_platform(hub_directory(hub), told->platform);

	if (told->what == TELL_ALL)
		look_at_everything(hub);
	else if (told->what == TELL_WOKEN)
		news_told_woken(hub);
	else if (told->what == TELL_PARKED && platform != NULL)
		news_told_parked(hub, platform->live);
	else if (told->what == TELL_OWED && platform != NULL)
		news_told_owed(hub, platform->live);
	else if (told->what == TELL_WISH)
		wishes_hint(hub);
	else if (platform != NULL && hub_holds(hub, platform->id))
		take_of(hub, told, platform->live);
}

static void
look(struct hub *hub)
{
	struct store_together now;

	store_together(hub->store, &now);
	slots_look(hub, &now);
	status_hint(hub);
	news_head(hub, now.head);
	if (hub->together.view != NULL)
		view_look(hub, now.directory);
	if (now.hubs < hub->together.hubs)
		look_at_everything(hub);
	hub->together.hubs = now.hubs;
}

static void
take_all(struct hub *hub)
{
	struct store_told told[TOLD_MOST];
	size_t count;

	look(hub);
	while ((count = store_told(hub->store, told, TOLD_MOST)) > 0)
		for (size_t i = 0; i < count; i++)
			take_told(hub, &told[i]);
}

/* Before the hub knows anything there is nothing to take it up. */
static void
moved(struct mail *mail)
{
	struct hub *hub = container_of(mail, struct hub, together.mail);

	atomic_store(&hub->together.posted, false);
	if (hub_directory(hub) != NULL)
		take_all(hub);
}

/* On a thread of the store. */
static void
watched(void *ctx)
{
	struct hub *hub = ctx;

	if (!atomic_exchange(&hub->together.posted, true))
		mailbox_post(net_loop_mailbox(hub->loop), &hub->together.mail);
}

void
together_open(struct hub *hub)
{
	struct store_together now;

	store_together(hub->store, &now);
	hub->together.on = now.together;
	slots_open(hub);
	status_open(hub);
	wishes_open(hub);
	tallies_open(hub);
	if (hub->together.on)
		view_open(hub);
	hub->together.mail.deliver = moved;
	store_watch(hub->store, watched, hub);
}

static void
too_late(struct mail *mail)
{
	(void)mail;
}

/* What was posted behind the last turn of the loop is taken by nobody. */
void
together_loaded(struct hub *hub)
{
	take_all(hub);
}

void
together_close(struct hub *hub)
{
	store_watch(hub->store, NULL, NULL);
	hub->together.mail.deliver = too_late;
	view_end(hub, too_late);
	if (hub_is_together(hub))
		(void)mailbox_deliver(net_loop_mailbox(hub->loop));
}
