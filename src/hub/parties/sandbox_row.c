/* sandbox_row: the platform row of a sandbox: whose it is, and the party that it plays. */
#include "changes.h"

#include "directory.h"
#include "settings.h"

#include <string.h>

enum { SANDBOX_IDS = 36 * 36, SANDBOX_INVITE_MS = 10 * 60 * 1000 };

static bool
is_named(struct hub *hub, int64_t platform, const struct store_party *party)
{
	list_each (node, &hub->registry->records) {
		const struct record *other = container_of(node, struct record, node);

		for (size_t i = 0; other->row.id != platform && i < other->row.party_count; i++)
			if (str_ieq(str_of(other->row.parties[i].country),
			            str_of(party->country)) &&
			        str_ieq(str_of(other->row.parties[i].party), str_of(party->party)))
				return true;
	}
	return str_ieq(str_of(hub->id.country), str_of(party->country)) &&
	       str_ieq(str_of(hub->id.party), str_of(party->party));
}

/* In the hub's country, and of nobody who is or was here: X00 to XZZ, from a place on that differs
 * between platforms, so that an id that one knew is not soon another's. */
static enum rh_err
choose_party(const struct registry_change *change, struct store_party *party, struct fault *fault)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t from = (size_t)(change->sandbox_of * 2 + (change->role == ROLE_EMSP));

	memcpy(party->country, change->hub->id.country, sizeof party->country);
	for (size_t i = 0; i < SANDBOX_IDS; i++) {
		size_t at = (from + i) % SANDBOX_IDS;

		party->party[0] = 'X';
		party->party[1] = digits[at / 36];
		party->party[2] = digits[at % 36];
		if (!is_named(change->hub, change->platform, party))
			return RH_OK;
	}
	return fault_set(fault, RH_BAD_FIELD, "sandbox",
	        "no party id from X00 to XZZ is free in %s", change->hub->id.country);
}

static void
name_sandbox(const struct registry_change *change, struct record *record)
{
	const struct platform *owner =
	        directory_platform(hub_directory(change->hub), change->sandbox_of);

	record->row.name = arena_printf(record->arena, "Sandbox %s of %.*s",
	        ocpi_role_name(change->role), STR_ARG(owner->name));
	record->row.settings = arena_printf(record->arena, "{\"" SETTING_SANDBOX_OF "\":\"%lld\"}",
	        (long long)change->sandbox_of);
}

static enum rh_err
check_owner(const struct registry_change *change, struct fault *fault)
{
	const struct platform *owner =
	        directory_platform(hub_directory(change->hub), change->sandbox_of);

	if (owner == NULL || owner->removed)
		return fault_set(fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
		        (long long)change->sandbox_of);
	if (owner->sandbox_of != 0)
		return fault_set(fault, RH_BAD_FIELD, "platform",
		        "%lld is a sandbox itself, expected a real one",
		        (long long)change->sandbox_of);
	return RH_OK;
}

/* One that was there before begins anew, under the id that it had: its process is another one. */
enum rh_err
change_sandbox(struct registry_change *change, struct record *record, struct fault *fault)
{
	struct store_party *party = arena_alloc(record->arena, sizeof *party);
	enum rh_err err = check_owner(change, fault);

	if (err == RH_OK && record->row.party_count == 1 &&
	        !is_named(change->hub, record->row.id, &record->row.parties[0]))
		*party = record->row.parties[0];
	else if (err == RH_OK)
		err = choose_party(change, party, fault);
	if (err != RH_OK)
		return err;
	party->role = (int)change->role;
	party->state = STATE_PLANNED;
	party->last_updated_ms = rh_wall_ms();
	name_sandbox(change, record);
	record_revoke(record, rh_wall_ms());
	record->row.removed = false;
	record->row.state = STATE_PLANNED;
	record->row.claims_bound = true;
	record->row.parties = party;
	record->row.party_count = 1;
	change_make_token(change, record, TOKEN_A, rh_schedule_ms() + SANDBOX_INVITE_MS);
	return RH_OK;
}
