#include "wishes.h"

#include <assert.h>
#include <stdlib.h>

#include "expiry.h"
#include "message/erase.h"
#include "passive.h"
#include "pull.h"
#include "tally.h"

enum { EVERY_MS = 1000, FIRST_BYTES = 1024 };

struct wishes {
	struct hub *hub;
	struct store_op read;
	struct arena *arena;
	bool reading, hinted;
	int64_t at_ms;            /* when it is looked next; rh_boot_ms() */
	int64_t done[WISH_KINDS]; /* nth of the newest of those for each, that is done here */
};

/* ---- what is asked for ---- */

static bool
is_for_each(const struct store_wish *wish)
{
	return wish->kind > WISH_PULL && wish->kind < WISH_KINDS;
}

static void
take(struct hub *hub, const struct store_wish *wish)
{
	if (wish->kind == WISH_PULL && hub_holds(hub, wish->platform))
		pull_wished(hub, wish->platform, wish->nth);
	if (!is_for_each(wish) || wish->nth <= hub->wishes->done[wish->kind])
		return;
	hub->wishes->done[wish->kind] = wish->nth;
	if (wish->kind == WISH_EXPIRY)
		expiry_resumed(hub);
	else if (wish->kind == WISH_FORGET)
		(void)erase_shown(hub, NULL, false);
	else
		tally_wished(hub, wish);
}

static void
was_read(struct store_op *op)
{
	struct wishes *wishes = container_of(op, struct wishes, read);

	wishes->reading = false;
	for (size_t i = 0; op->err == RH_OK && i < op->u.wishes.count; i++)
		take(wishes->hub, &op->u.wishes.rows[i]);
	arena_reset(wishes->arena);
}

void
wishes_tick(struct hub *hub)
{
	struct wishes *wishes = hub->wishes;
	int64_t now_ms = rh_boot_ms();

	if (!hub_is_together(hub) || hub->stopping || wishes->reading ||
	        (now_ms < wishes->at_ms && !wishes->hinted))
		return;
	wishes->reading = true;
	wishes->hinted = false;
	wishes->at_ms = now_ms + EVERY_MS;
	wishes->read =
	        (struct store_op){ .verb = STORE_WISHES, .done = was_read, .arena = wishes->arena };
	store_submit(hub->session, &wishes->read);
	passive_look(hub);
}

void
wishes_hint(struct hub *hub)
{
	hub->wishes->hinted = true;
}

/* ---- of the hub ---- */

void
wishes_open(struct hub *hub)
{
	hub->wishes = rh_alloc(sizeof *hub->wishes);
	hub->wishes->hub = hub;
	hub->wishes->arena = arena_new(FIRST_BYTES);
	hub->wished = take;
}

/* Whether the clock is right this process asks itself at its start, and it remembers nothing yet.
 */
void
wishes_loaded(struct hub *hub, const struct store_wishes_args *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (is_for_each(&found->rows[i]))
			hub->wishes->done[found->rows[i].kind] = found->rows[i].nth;
}

void
wishes_close(struct hub *hub)
{
	if (hub->wishes == NULL)
		return;
	assert(!hub->wishes->reading);
	arena_free(hub->wishes->arena);
	free(hub->wishes);
	hub->wishes = NULL;
}
