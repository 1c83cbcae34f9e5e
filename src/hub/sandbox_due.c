/* sandbox_due: platforms whose sandboxes are there by themselves (`sandbox=auto`): the other side
 * of each of their roles. */
#include "parties/directory.h"
#include "sandbox.h"

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

static bool
has_sandbox(const struct hub *hub, int64_t owner, enum ocpi_role role)
{
	struct hub_sandbox at = { 0 };

	while (sandbox_each(hub, &at))
		if (at.owner == owner && at.role == role)
			return true;
	return false;
}

/* Nobody asked, so the log is told: seldom, as it is tried again whenever the directory changes. */
static void
tried(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct hub *hub = ctx;
	int64_t now_ms = rh_mono_ms();

	(void)platform, (void)token;
	if (err == RH_OK || hub->stopping || hub->sandbox_told_ms > now_ms - TELL_MS)
		return;
	hub->sandbox_told_ms = now_ms;
	LOG(LOG_WARNING, "sandbox", KV("error", "one that is due cannot be begun"),
	        KV("field", fault->field), KV("why", fault->why));
}

static void
begin_due(struct hub *hub, const struct platform *platform)
{
	static const enum ocpi_role roles[] = { ROLE_CPO, ROLE_EMSP };

	for (size_t i = 0; i < COUNT(roles); i++)
		if (has_role(platform, roles[i] == ROLE_EMSP) &&
		        !has_sandbox(hub, platform->id, roles[i]))
			sandbox_start(hub, platform->id, roles[i], tried, hub);
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
		        platforms[i].state != STATE_SUSPENDED && platforms[i].sandbox_of == 0)
			begin_due(hub, &platforms[i]);
}
