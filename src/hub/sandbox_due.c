/* sandbox_due: platforms whose sandboxes are there by themselves (`sandbox=auto`): the other side
 * of each of their roles. */
#include "parties/directory.h"
#include "sandbox_list.h"

enum { TELL_MS = 600000 };

static bool
has_role(const struct platform *platform, bool cpo)
{
	for (size_t i = 0; i < platform->party_count; i++) {
		const struct party *party = &platform->parties[i];

		if (party->state != STATE_SUSPENDED && party->role != ROLE_HUB &&
		        (party->role == ROLE_CPO) == cpo)
			return true;
	}
	return false;
}

/* Nobody asked, so the log is told: seldom, as it is tried again whenever the directory changes. */
static void
tell_refused(struct hub *hub, int64_t owner)
{
	int64_t now_ms = rh_mono_ms();

	if (hub->sandbox_told_ms != 0 && hub->sandbox_told_ms + TELL_MS > now_ms)
		return;
	hub->sandbox_told_ms = now_ms;
	LOG(LOG_WARNING, "sandbox", KVN("of", owner),
	        KV("why", "one is due, and there are as many as may be (sandbox.most)"));
}

static void
begin_one(struct hub *hub, int64_t owner, enum ocpi_role role)
{
	if (sandbox_find(hub, owner, role) != NULL)
		return;
	sandbox_start(hub, owner, role, NULL, NULL);
	if (sandbox_find(hub, owner, role) == NULL)
		tell_refused(hub, owner);
}

static void
begin_due(struct hub *hub, const struct platform *platform)
{
	static const enum ocpi_role roles[] = { ROLE_CPO, ROLE_EMSP };

	for (size_t i = 0; i < COUNT(roles); i++)
		if (has_role(platform, roles[i] == ROLE_EMSP))
			begin_one(hub, platform->id, roles[i]);
}

/* Parties that are invited count, so that it is there when they come. */
void
sandbox_due(struct hub *hub)
{
	const struct directory *directory = hub_directory(hub);
	const struct platform *platforms;
	size_t count = directory_platforms(directory, &platforms);

	if (directory->generation == hub->sandbox_generation)
		return;
	hub->sandbox_generation = directory->generation;
	for (size_t i = 0; i < count; i++)
		if (platforms[i].sandbox_auto && !platforms[i].removed &&
		        hub_holds(hub, platforms[i].id) && platforms[i].state != STATE_SUSPENDED &&
		        platforms[i].sandbox_of == 0)
			begin_due(hub, &platforms[i]);
}
