/* view_take: what another process committed becomes what this one knows. What its change did beside
 * (announcements, events, a farewell) was done there, once. */
#include "view.h"

#include <string.h>

#include "agreement.h"
#include "changes.h"
#include "live.h"
#include "records.h"
#include "settings.h"

static bool
has_current(const struct store_platform *row, const uint8_t digest[RH_DIGEST_BYTES])
{
	for (size_t i = 0; row != NULL && i < row->token_count; i++)
		if (row->tokens[i].kind == TOKEN_CURRENT &&
		        memcmp(row->tokens[i].digest, digest, RH_DIGEST_BYTES) == 0)
			return true;
	return false;
}

/* A handshake ended with this hub: it tells of the hub, and exchanges tokens. */
static bool
was_shaken(
        const struct hub *hub, const struct store_platform *old, const struct store_platform *row)
{
	if (row->state != STATE_CONNECTED || !str_is(row->told, hub->told))
		return false;
	for (size_t i = 0; i < row->token_count; i++)
		if (row->tokens[i].kind == TOKEN_CURRENT &&
		        !has_current(old, row->tokens[i].digest))
			return true;
	return false;
}

static bool
is_newcomer(const struct store_platform *old, const struct store_platform *row)
{
	return row->state == STATE_CONNECTED &&
	       (old == NULL || old->removed || old->state == STATE_PLANNED);
}

/* Where a newcomer's cursor begins was kept before it was registered, and must be known before any
 * worker sees it. */
static void
begin_life(struct hub *hub, struct live *live, const struct store_platform *old,
        const struct store_platform *row, int64_t joined)
{
	if (is_newcomer(old, row))
		atomic_store(&live->joined, joined >= 0 ? joined : atomic_load(&hub->head));
	if (was_shaken(hub, old, row)) {
		atomic_store(&live->plain_token, settings_token_raw(row->settings));
		live->survey.shaken_ms = rh_boot_ms();
		live_seen(live);
	}
	atomic_store(&live->previous_unneeded, false);
	if (!hub_holds(hub, row->id)) /* else it is this process that announces it */
		live->presence.announced = (int)records_presence(row);
}

static bool
follows_status(enum store_state state)
{
	return state == STATE_CONNECTED || state == STATE_OFFLINE;
}

static bool
same_party(const struct store_party *a, const struct store_party *b)
{
	return strcmp(a->country, b->country) == 0 && strcmp(a->party, b->party) == 0 &&
	       a->role == b->role && str_eq(a->business, b->business) &&
	       (a->state == b->state || (follows_status(a->state) && follows_status(b->state)));
}

static bool
same_token(const struct store_token *a, const struct store_token *b)
{
	return a->kind == b->kind && a->expires_ms == b->expires_ms && a->made_ms == b->made_ms &&
	       memcmp(a->digest, b->digest, RH_DIGEST_BYTES) == 0;
}

static bool
same_endpoint(const struct store_endpoint *a, const struct store_endpoint *b)
{
	return a->interface == b->interface && str_eq(a->module, b->module) &&
	       str_eq(a->url, b->url);
}

static bool
same_lists(const struct store_platform *a, const struct store_platform *b)
{
	if (a->party_count != b->party_count || a->token_count != b->token_count ||
	        a->endpoint_count != b->endpoint_count)
		return false;
	for (size_t i = 0; i < a->party_count; i++)
		if (!same_party(&a->parties[i], &b->parties[i]))
			return false;
	for (size_t i = 0; i < a->token_count; i++)
		if (!same_token(&a->tokens[i], &b->tokens[i]))
			return false;
	for (size_t i = 0; i < a->endpoint_count; i++)
		if (!same_endpoint(&a->endpoints[i], &b->endpoints[i]))
			return false;
	return true;
}

/* Nothing else than whether it is OFFLINE, which stands beside the directory. */
static bool
is_status_alone(const struct store_platform *a, const struct store_platform *b)
{
	return a->state == b->state && a->removed == b->removed && !b->damaged &&
	       a->claims_bound == b->claims_bound && str_eq(a->name, b->name) &&
	       str_eq(a->version, b->version) && str_eq(a->versions_url, b->versions_url) &&
	       str_eq(a->token_sealed, b->token_sealed) && str_eq(a->settings, b->settings) &&
	       str_eq(a->told, b->told) && same_lists(a, b);
}

/* True: it is to be published. */
static bool
take_platform(struct hub *hub, const struct store_platform *row, int64_t joined)
{
	struct record *old = records_find(hub, row->id), *fresh;
	bool status;

	if (old != NULL && row->changed <= old->row.changed)
		return false; /* its own, or one that was taken */
	status = old != NULL && old->block != NULL && is_status_alone(&old->row, row);
	old = records_take(hub, row);
	fresh = records_find(hub, row->id);
	begin_life(hub, fresh->live, old != NULL ? &old->row : NULL, row, joined);
	if (status) {
		fresh->block = block_hold(old->block);
		atomic_store(&fresh->live->status_ms, row->updated_ms);
	}
	record_free(old);
	return !status;
}

static void
take_agreements(struct hub *hub, const struct store_directory_args *found)
{
	agreement_forget_all(hub);
	for (size_t i = 0; i < found->agreement_count; i++)
		agreement_take(hub, &found->agreements[i]);
	agreement_index(hub);
}

bool
view_take(struct hub *hub, const struct store_directory_args *found)
{
	bool taken = found->agreements_changed;

	for (size_t i = 0; i < found->platform_count; i++)
		taken |= take_platform(hub, &found->platforms[i], found->joined[i]);
	if (found->agreements_changed)
		take_agreements(hub, found);
	return taken;
}
