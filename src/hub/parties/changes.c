/* changes: what each kind of registry change does to a platform's record: invites, handshakes,
 * suspensions, tokens. */
#include "changes.h"

#include "settings.h"

#include <ctype.h>
#include <string.h>

enum { TOKEN_CHARS = 48, PREVIOUS_GRACE_MS = 24 * 3600 * 1000 };
enum { MOST_PARTIES = 2000 }; /* of a platform, by role, with those that it dropped */
enum { MOST_TOKENS = 4 };     /* that are accepted of one platform at a time */

void
change_make_token(struct registry_change *change, struct record *record, enum store_token_kind kind,
        int64_t expires_ms)
{
	char *token = arena_alloc(change->arena, TOKEN_CHARS + 1);
	uint8_t digest[RH_DIGEST_BYTES];

	do /* O28: a command line would take one that begins with '-' for an option */
		rh_random_text(token, TOKEN_CHARS);
	while (isalnum((unsigned char)token[0]) == 0);
	change->token = str_of(token);
	rh_digest(change->hub->digest_key, change->token, digest);
	record_add_token(record, kind, digest, expires_ms);
}

/* What another platform has to do with a party. */
enum holding { HOLDS_NOT, DROPPED, HOLDS };

/* A party that its platform left out of its credentials stays SUSPENDED; as long as the operator
 * suspends the whole platform it holds all it had. */
static enum holding
holding_of(const struct record *record, const char *country, const char *party)
{
	enum holding holding = HOLDS_NOT;

	for (size_t i = 0; !record->row.removed && i < record->row.party_count; i++) {
		const struct store_party *held = &record->row.parties[i];

		if (!str_ieq(str_of(held->country), str_of(country)) ||
		        !str_ieq(str_of(held->party), str_of(party)))
			continue;
		if (held->state != STATE_SUSPENDED || record->row.state == STATE_SUSPENDED)
			return HOLDS;
		holding = DROPPED;
	}
	return holding;
}

/* CRD-028: a pair belongs to one platform; those of removed platforms are free again. One that its
 * platform dropped is free for an invite that names it (@named): whoever else came with its name
 * would get what its partners still send to it. */
static enum rh_err
check_free(struct hub *hub, int64_t platform, const char *country, const char *party, bool named,
        struct fault *fault)
{
	if (str_ieq(str_of(country), str_of(hub->id.country)) &&
	        str_ieq(str_of(party), str_of(hub->id.party)))
		return fault_set(
		        fault, RH_BAD_FIELD, "/roles", "%s*%s is the hub itself", country, party);
	list_each (node, &hub->registry->records) {
		const struct record *other = container_of(node, struct record, node);
		enum holding holding =
		        other->row.id != platform ? holding_of(other, country, party) : HOLDS_NOT;

		if (holding == HOLDS)
			return fault_set(fault, RH_BAD_FIELD, "/roles",
			        "party %s*%s belongs to another platform of this hub", country,
			        party);
		if (holding == DROPPED && !named)
			return fault_set(fault, RH_BAD_FIELD, "/roles",
			        "party %s*%s was of another platform of this hub: expected an "
			        "invite that names it, or its release by the operator",
			        country, party);
	}
	return RH_OK;
}

enum rh_err
change_invite(struct registry_change *change, struct record *record, struct fault *fault)
{
	struct store_party *parties =
	        arena_alloc(record->arena, (change->count + 1) * sizeof *parties);
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < change->count; i++) {
		memcpy(parties[i].country, change->claims[i].id.country, sizeof parties[i].country);
		memcpy(parties[i].party, change->claims[i].id.party, sizeof parties[i].party);
		parties[i].role = (int)change->claims[i].role;
		parties[i].state = STATE_PLANNED;
		parties[i].last_updated_ms = rh_wall_ms();
		err = check_free(change->hub, 0, parties[i].country, parties[i].party, true, fault);
	}
	record->row.name = arena_str(record->arena, change->name);
	record->row.state = STATE_PLANNED;
	record->row.claims_bound = change->count > 0;
	record->row.parties = parties;
	record->row.party_count = change->count;
	change_make_token(change, record, TOKEN_A, change->expires_ms);
	return err;
}

enum rh_err
change_reinvite(struct registry_change *change, struct record *record, struct fault *fault)
{
	if (record->row.state != STATE_PLANNED)
		return fault_set(fault, RH_BAD_FIELD, "platform",
		        "is %s: expected one that was invited and did not register yet",
		        state_name((int)record->row.state));
	record_drop_tokens(record, TOKEN_A);
	change_make_token(change, record, TOKEN_A, change->expires_ms);
	return RH_OK;
}

enum rh_err
change_remove(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change, (void)fault;
	record_revoke(record, rh_wall_ms());
	return RH_OK;
}

enum rh_err
change_release(struct registry_change *change, struct record *record, struct fault *fault)
{
	const struct ocpi_id *id = &change->claims->id;

	if (holding_of(record, id->country, id->party) != DROPPED)
		return fault_set(fault, RH_BAD_FIELD, "party",
		        "%s*%s is held by its platform, expected a party that its platform dropped",
		        id->country, id->party);
	record_forget_party(record, id);
	return RH_OK;
}

enum rh_err
change_set(struct registry_change *change, struct record *record, struct fault *fault)
{
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < change->count; i++)
		err = settings_merge(change->hub, record, change->pairs[i], fault);
	return err;
}

static bool
holds_token(const struct record *record, enum store_token_kind kind,
        const uint8_t digest[RH_DIGEST_BYTES])
{
	for (size_t i = 0; i < record->row.token_count; i++) {
		const struct store_token *token = &record->row.tokens[i];

		if (token->kind == kind && memcmp(token->digest, digest, RH_DIGEST_BYTES) == 0 &&
		        token_is_good(token))
			return true;
	}
	return false;
}

enum rh_err
change_forget_previous(struct registry_change *change, struct record *record, struct fault *fault)
{
	if (!holds_token(record, TOKEN_CURRENT, change->used)) {
		/* rotated meanwhile: the previous one is what the partner used */
		atomic_store(&record->live->previous_unneeded, false);
		return fault_set(fault, RH_UNKNOWN_TOKEN, "", "%s", "");
	}
	record_drop_tokens(record, TOKEN_PREVIOUS);
	return RH_OK;
}

enum rh_err
change_state(struct registry_change *change, struct record *record, struct fault *fault)
{
	if (record->row.state != STATE_CONNECTED)
		return fault_set(fault, RH_NOT_FOUND, "platform", "is not connected");
	for (size_t i = 0; i < record->row.party_count; i++) {
		struct store_party *party =
		        (struct store_party *)(uintptr_t)&record->row.parties[i];

		if (party->state == STATE_SUSPENDED || party->state == change->state)
			continue;
		party->state = change->state;
		party->last_updated_ms = record->row.updated_ms;
	}
	return RH_OK;
}

enum rh_err
change_pending(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	if (record->row.id == 0) {
		record->row.name = arena_str(record->arena, change->name);
		record->row.versions_url = arena_str(record->arena, change->versions_url);
		record->row.state = STATE_PLANNED;
	}
	record_drop_tokens(record, TOKEN_PENDING);
	record_keep_tokens(record, MOST_TOKENS - 1);
	change_make_token(change, record, TOKEN_PENDING, 0);
	return RH_OK;
}

enum rh_err
change_withdraw(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	record_drop_tokens(record, TOKEN_PENDING);
	if (change->drop)
		record_revoke(record, rh_wall_ms());
	return RH_OK;
}

/* CRD-043: whether the partner took our new token is not known, so it is let in with either. Its
 * first use of the new one ends the old one, as after a change that the partner began. */
static void
let_in_with_either(struct record *record)
{
	for (size_t i = 0; i < record->row.token_count; i++) {
		struct store_token *token = (struct store_token *)(uintptr_t)&record->row.tokens[i];

		token->kind = token->kind == TOKEN_PENDING ? TOKEN_CURRENT : TOKEN_PREVIOUS;
	}
}

static bool
is_pending(const struct registry_change *change, const struct record *record)
{
	if (change->is_used_known)
		return holds_token(record, TOKEN_PENDING, change->used);
	for (size_t i = 0; i < record->row.token_count; i++)
		if (record->row.tokens[i].kind == TOKEN_PENDING)
			return true;
	return false;
}

enum rh_err
change_overlap(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	if (is_pending(change, record))
		let_in_with_either(record);
	else if (change->is_used_known && !holds_token(record, TOKEN_CURRENT, change->used))
		record_add_token(record, TOKEN_PREVIOUS, change->used,
		        rh_schedule_ms() + PREVIOUS_GRACE_MS); /* a PUT of its own came between */
	if (change->theirs.p != NULL)
		record_send_token(record, change->hub->seal_key, change->theirs);
	atomic_store(&record->live->previous_unneeded, false);
	return RH_OK;
}

static enum rh_err
check_claims(const struct record *record, const struct registration *from, struct fault *fault)
{
	if (!record->row.claims_bound)
		return RH_OK;
	for (size_t i = 0; i < from->party_count; i++) {
		const struct store_party *wanted = &from->parties[i];
		bool found = false;

		for (size_t k = 0; k < record->row.party_count; k++)
			found |= record->row.parties[k].role == wanted->role &&
			         str_ieq(str_of(record->row.parties[k].country),
			                 str_of(wanted->country)) &&
			         str_ieq(str_of(record->row.parties[k].party),
			                 str_of(wanted->party));
		if (!found)
			return fault_set(fault, RH_BAD_FIELD, "/roles",
			        "%s*%s as %s is not among the parties that this invite may claim",
			        wanted->country, wanted->party,
			        ocpi_role_name((enum ocpi_role)wanted->role));
	}
	return RH_OK;
}

/* The token that began it is still what it was: not used up, rotated away or revoked while the hub
 * asked the other side, or while this waited its turn. Of several handshakes with one token the
 * first that commits wins. */
static enum rh_err
check_presented(const struct record *record, const struct registration *from, struct fault *fault)
{
	if (record->row.state == STATE_SUSPENDED)
		return fault_set(fault, RH_SUSPENDED, "", "%s", "");
	if (holds_token(record, from->presented_kind, from->presented))
		return RH_OK;
	return fault_set(fault, RH_UNKNOWN_TOKEN, "Authorization",
	        "the token of this handshake was used, replaced or revoked meanwhile");
}

static void
accept_tokens(struct registry_change *change, struct record *record)
{
	const struct registration *from = change->registration;

	if (from->keep_accepted) { /* the hub began it: what it handed out is the only one now */
		record->row.token_count = 0;
		record_add_token(record, TOKEN_CURRENT, from->presented, 0);
		return;
	}
	record->row.token_count = 0;
	if (from->update) /* the answer may get lost: what the caller holds stays until the new one
	                     is used */
		record_add_token(record, TOKEN_PREVIOUS, from->presented,
		        rh_schedule_ms() + PREVIOUS_GRACE_MS);
	change_make_token(change, record, TOKEN_CURRENT, 0);
}

enum rh_err
change_unregister(struct registry_change *change, struct record *record, struct fault *fault)
{
	enum rh_err err = check_presented(record, change->leaving, fault);

	if (err == RH_OK)
		record_revoke(record, rh_wall_ms());
	return err;
}

enum rh_err
change_register(struct registry_change *change, struct record *record, struct fault *fault)
{
	const struct registration *from = change->registration;
	enum rh_err err = check_presented(record, from, fault);

	if (err == RH_OK)
		err = check_claims(record, from, fault);
	for (size_t i = 0; err == RH_OK && i < from->party_count; i++)
		err = check_free(change->hub, record->row.id, from->parties[i].country,
		        from->parties[i].party, record->row.claims_bound, fault);
	if (err != RH_OK)
		return err;
	record_replace_parties(record, from->parties, from->party_count, rh_wall_ms());
	if (record->row.party_count > MOST_PARTIES)
		return fault_set(fault, RH_BAD_FIELD, "/roles",
		        "with those that it dropped before the platform would have %zu roles, "
		        "expected at most %d: the operator may release what is over",
		        record->row.party_count, MOST_PARTIES);
	record->row.state = STATE_CONNECTED;
	record->row.version = arena_str(record->arena, from->version);
	record->row.versions_url = arena_str(record->arena, from->versions_url);
	record->row.last_contact_ms = rh_wall_ms();
	record->row.told = str_of(change->hub->told);
	record_send_token(record, change->hub->seal_key, from->token);
	if (hub_is_together(change->hub)) /* whoever pushes to it has to know */
		settings_note(record, STR(SETTING_TOKEN_RAW),
		        from->plain_token ? STR("yes") : (struct str){ 0 });
	record->row.endpoints =
	        from->endpoints; /* the registration outlives the change, the record copies below */
	record->row.endpoint_count = from->endpoint_count;
	accept_tokens(change, record);
	struct store_platform row = record->row;
	record_fill(record, &row);
	return RH_OK;
}

/* ---- for the history ---- */

static const char *
registered_by(const struct registration *registration)
{
	if (registration->update)
		return "the tokens were exchanged";
	return registration->keep_accepted ? "the hub registered at it" : "it registered";
}

/** "suspended by the operator: REASON" */
static const char *
suspended_because(const struct registry_change *change)
{
	struct str reason = change->suspension.reason;

	return arena_printf(change->arena, "suspended by the operator%s%.*s",
	        reason.len > 0 ? ": " : "", STR_ARG(reason))
	        .p;
}

const char *
change_reason(const struct registry_change *change)
{
	static const struct {
		change_fn *apply;
		const char *reason;
	} reasons[] = {
		{ change_invite, "invited" },
		{ change_lift, "the suspension is over" },
		{ change_resume, "resumed by the operator" },
		{ change_remove, "removed by the operator" },
		{ change_unregister, "it left, by DELETE of its credentials" },
		{ change_pending, "the hub begins to register at it" },
		{ change_withdraw, "the hub could not register at it" },
	};

	if (change->registration != NULL)
		return registered_by(change->registration);
	if (change->apply == change_suspend)
		return suspended_because(change);
	if (change->sandbox_of != 0)
		return "a sandbox begins";
	if (change->is_status && change->state == STATE_CONNECTED)
		return "it was heard again";
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].apply == change->apply)
			return reasons[i].reason;
	return NULL;
}
