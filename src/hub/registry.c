/* registry: every change of who is connected, one after the other, on the control thread.
 *
 * A change copies the platform's record, is applied to the copy, saved, and published as a new directory only when the
 * save is committed; one that fails leaves nothing behind. Because changes are serial, two platforms that claim the same
 * party at the same moment cannot both win. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { TOKEN_CHARS = 48, PREVIOUS_GRACE_MS = 24 * 3600 * 1000 };

struct registry_change {
	struct list node;
	struct mail mail;
	struct hub *hub;
	struct arena *arena; /* the arguments and the token */
	int64_t platform;    /* 0: a new one */
	enum rh_err (*apply)(struct registry_change *change, struct record *record, struct fault *fault);
	struct str name, versions_url, token;
	const struct party_claim *claims;
	const struct str *pairs;
	size_t count;
	const struct registration *registration;
	enum store_state state;
	bool drop;
	struct record *fresh;
	struct store_op op;
	struct fault fault;
	registry_done_fn done;
	void *ctx;
};

static void change_begin(struct hub *hub);

static struct record *
find_record(struct hub *hub, int64_t id)
{
	list_each(node, &hub->records) {
		struct record *record = container_of(node, struct record, node);

		if (record->row.id == id)
			return record;
	}
	return NULL;
}

static void
insert_record(struct hub *hub, struct record *record) /* sorted by id */
{
	struct list *at = hub->records.prev;

	while (at != &hub->records && container_of(at, struct record, node)->row.id > record->row.id)
		at = at->prev;
	list_add_head(at, &record->node);
}

static struct registry_change *
change_new(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	struct registry_change *change = rh_alloc(sizeof *change);

	change->hub = hub;
	change->arena = arena_new(512);
	change->platform = platform;
	change->done = done;
	change->ctx = ctx;
	return change;
}

static void
change_end(struct registry_change *change, enum rh_err err)
{
	struct hub *hub = change->hub;
	int64_t platform = change->fresh != NULL && err == RH_OK ? change->fresh->row.id : change->platform;

	list_remove(&change->node);
	change->fault.err = err;
	if (err != RH_OK)
		record_free(change->fresh);
	if (change->done != NULL)
		change->done(change->ctx, err, &change->fault, platform, change->token);
	arena_free(change->arena);
	free(change);
	change_begin(hub);
}

/* A handshake that succeeded is the best sign of life. */
static void
begin_life(struct live *live, const struct registration *registration)
{
	atomic_store(&live->plain_token, registration->plain_token);
	atomic_store(&live->previous_unneeded, false);
	presence_seen(live);
}

static void
change_publish(struct registry_change *change)
{
	struct hub *hub = change->hub;
	struct record *old = find_record(hub, change->platform);

	if (change->fresh->live == NULL)
		change->fresh->live = presence_live(hub, change->fresh->row.id, STATE_CONNECTED);
	if (change->registration != NULL)
		begin_life(change->fresh->live, change->registration);
	if (old != NULL) {
		list_remove(&old->node);
		record_free(old);
	}
	insert_record(hub, change->fresh);
	directory_publish(hub, directory_build(&hub->records));
}

static void
change_saved(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);

	if (op->err != RH_OK) {
		LOG(LOG_ERROR, "registry", KV("error", "platform could not be saved"), KV("why", op->why));
		(void)fault_set(&change->fault, RH_STORE_FAILED, "", "%s", op->why);
		change_end(change, RH_STORE_FAILED);
		return;
	}
	change_publish(change);
	change_end(change, RH_OK);
}

static enum rh_err
change_apply(struct registry_change *change)
{
	struct record *current = find_record(change->hub, change->platform);

	if (change->platform != 0 && (current == NULL || current->row.removed))
		return fault_set(&change->fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
			(long long)change->platform);
	change->fresh = current != NULL ? record_copy(current) : record_new();
	if (current == NULL)
		change->fresh->row.created_ms = rh_wall_ms();
	change->fresh->row.updated_ms = rh_wall_ms();
	return change->apply(change, change->fresh, &change->fault);
}

/* Take the first change up; called when one came in and when one ended. */
static void
change_begin(struct hub *hub)
{
	struct registry_change *change;
	enum rh_err err;

	if (list_empty(&hub->changes))
		return;
	change = container_of(hub->changes.next, struct registry_change, node);
	if (change->fresh != NULL)
		return; /* under way */
	err = change_apply(change);
	if (err != RH_OK) {
		change_end(change, err);
		return;
	}
	change->op.verb = STORE_PLATFORM_SAVE;
	change->op.done = change_saved;
	change->op.u.save.platform = &change->fresh->row;
	store_submit(hub->session, &change->op);
}

static void
change_arrived(struct mail *mail)
{
	struct registry_change *change = container_of(mail, struct registry_change, mail);
	struct hub *hub = change->hub;
	bool idle = list_empty(&hub->changes);

	list_add_tail(&hub->changes, &change->node);
	if (idle)
		change_begin(hub);
}

static void
change_submit(struct registry_change *change)
{
	change->mail.deliver = change_arrived;
	mailbox_post(net_loop_mailbox(change->hub->loop), &change->mail);
}

static void
make_token(struct registry_change *change, struct record *record, enum store_token_kind kind, int64_t expires_ms)
{
	char *token = arena_alloc(change->arena, TOKEN_CHARS + 1);
	uint8_t digest[RH_DIGEST_BYTES];

	rh_random_text(token, TOKEN_CHARS);
	change->token = str_of(token);
	rh_digest(change->hub->digest_key, change->token, digest);
	record_add_token(record, kind, digest, expires_ms);
}

/* ---- the changes ---- */

static bool
holds_party(const struct record *record, const char *country, const char *party)
{
	for (size_t i = 0; i < record->row.party_count; i++)
		if (str_ieq(str_of(record->row.parties[i].country), str_of(country)) &&
			str_ieq(str_of(record->row.parties[i].party), str_of(party)))
			return true;
	return false;
}

/* CRD-028: a pair belongs to one platform; those of removed platforms are free again. */
static enum rh_err
check_free(struct hub *hub, int64_t platform, const char *country, const char *party, struct fault *fault)
{
	if (str_ieq(str_of(country), str_of(hub->id.country)) && str_ieq(str_of(party), str_of(hub->id.party)))
		return fault_set(fault, RH_BAD_FIELD, "/roles", "%s*%s is the hub itself", country, party);
	list_each(node, &hub->records) {
		const struct record *other = container_of(node, struct record, node);

		if (other->row.id != platform && !other->row.removed && holds_party(other, country, party))
			return fault_set(fault, RH_BAD_FIELD, "/roles",
				"party %s*%s belongs to another platform of this hub", country, party);
	}
	return RH_OK;
}

static enum rh_err
apply_invite(struct registry_change *change, struct record *record, struct fault *fault)
{
	struct store_party *parties = arena_alloc(record->arena, (change->count + 1) * sizeof *parties);
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < change->count; i++) {
		memcpy(parties[i].country, change->claims[i].id.country, sizeof parties[i].country);
		memcpy(parties[i].party, change->claims[i].id.party, sizeof parties[i].party);
		parties[i].role = (int)change->claims[i].role;
		parties[i].state = STATE_PLANNED;
		parties[i].last_updated_ms = rh_wall_ms();
		err = check_free(change->hub, 0, parties[i].country, parties[i].party, fault);
	}
	record->row.name = arena_str(record->arena, change->name);
	record->row.state = STATE_PLANNED;
	record->row.claims_bound = change->count > 0;
	record->row.parties = parties;
	record->row.party_count = change->count;
	make_token(change, record, TOKEN_A, 0);
	return err;
}

static enum rh_err
apply_suspend(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change, (void)fault;
	record->row.state = STATE_SUSPENDED;
	record_set_party_states(record, STATE_SUSPENDED, rh_wall_ms());
	return RH_OK;
}

static enum rh_err
apply_resume(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change;
	if (record->row.state != STATE_SUSPENDED)
		return fault_set(fault, RH_BAD_FIELD, "platform", "is not suspended");
	record->row.state = record->token.p != NULL ? STATE_CONNECTED : STATE_PLANNED;
	record_set_party_states(record, record->row.state, rh_wall_ms());
	return RH_OK;
}

static enum rh_err
apply_remove(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change, (void)fault;
	record_revoke(record, rh_wall_ms());
	return RH_OK;
}

static enum rh_err
apply_set(struct registry_change *change, struct record *record, struct fault *fault)
{
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < change->count; i++)
		err = record_set(record, change->pairs[i], fault);
	return err;
}

static enum rh_err
apply_forget_previous(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change, (void)fault;
	record_drop_tokens(record, TOKEN_PREVIOUS);
	return RH_OK;
}

static enum rh_err
apply_state(struct registry_change *change, struct record *record, struct fault *fault)
{
	if (record->row.state != STATE_CONNECTED)
		return fault_set(fault, RH_NOT_FOUND, "platform", "is not connected");
	for (size_t i = 0; i < record->row.party_count; i++) {
		struct store_party *party = (struct store_party *)(uintptr_t)&record->row.parties[i];

		if (party->state == STATE_SUSPENDED || party->state == change->state)
			continue;
		party->state = change->state;
		party->last_updated_ms = rh_wall_ms();
	}
	return RH_OK;
}

static enum rh_err
apply_pending(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	if (record->row.id == 0) {
		record->row.name = arena_str(record->arena, change->name);
		record->row.versions_url = arena_str(record->arena, change->versions_url);
		record->row.state = STATE_PLANNED;
	}
	record_drop_tokens(record, TOKEN_PENDING);
	make_token(change, record, TOKEN_PENDING, 0);
	return RH_OK;
}

static enum rh_err
apply_withdraw(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	record_drop_tokens(record, TOKEN_PENDING);
	if (change->drop)
		record_revoke(record, rh_wall_ms());
	return RH_OK;
}

/* CRD-043: whether the partner took our new token is not known, so it is let in with either. Its first use of the new one
 * ends the old one, as after a change that the partner began. */
static enum rh_err
apply_overlap(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change, (void)fault;
	for (size_t i = 0; i < record->row.token_count; i++) {
		struct store_token *token = (struct store_token *)(uintptr_t)&record->row.tokens[i];

		token->kind = token->kind == TOKEN_PENDING ? TOKEN_CURRENT : TOKEN_PREVIOUS;
	}
	if (record->live != NULL)
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
				str_ieq(str_of(record->row.parties[k].country), str_of(wanted->country)) &&
				str_ieq(str_of(record->row.parties[k].party), str_of(wanted->party));
		if (!found)
			return fault_set(fault, RH_BAD_FIELD, "/roles",
				"%s*%s as %s is not among the parties that this invite may claim",
				wanted->country, wanted->party, ocpi_role_name((enum ocpi_role)wanted->role));
	}
	return RH_OK;
}

static void
accept_tokens(struct registry_change *change, struct record *record)
{
	const struct registration *from = change->registration;

	if (from->keep_accepted) { /* the hub initiated: the token that was pending is the current one */
		for (size_t i = 0; i < record->row.token_count; i++) {
			struct store_token *token = (struct store_token *)(uintptr_t)&record->row.tokens[i];
			token->kind = token->kind == TOKEN_PENDING ? TOKEN_CURRENT : TOKEN_PREVIOUS;
		}
		record_drop_tokens(record, TOKEN_PREVIOUS);
		return;
	}
	record->row.token_count = 0;
	if (from->update) /* the answer may get lost: what the caller holds stays until the new one is used */
		record_add_token(record, TOKEN_PREVIOUS, from->presented, rh_wall_ms() + PREVIOUS_GRACE_MS);
	make_token(change, record, TOKEN_CURRENT, 0);
}

static enum rh_err
apply_register(struct registry_change *change, struct record *record, struct fault *fault)
{
	const struct registration *from = change->registration;
	enum rh_err err = check_claims(record, from, fault);

	for (size_t i = 0; err == RH_OK && i < from->party_count; i++)
		err = check_free(change->hub, record->row.id, from->parties[i].country, from->parties[i].party, fault);
	if (err != RH_OK)
		return err;
	if (record->row.state == STATE_SUSPENDED)
		return fault_set(fault, RH_SUSPENDED, "", "%s", "");
	record_replace_parties(record, from->parties, from->party_count, rh_wall_ms());
	record->row.state = STATE_CONNECTED;
	record->row.version = arena_str(record->arena, from->version);
	record->row.versions_url = arena_str(record->arena, from->versions_url);
	record->row.last_contact_ms = rh_wall_ms();
	record->token = arena_str(record->arena, from->token);
	record->row.token_sealed = rh_seal(change->hub->seal_key, from->token, record->arena);
	record->row.endpoints = from->endpoints; /* the registration outlives the change, the record copies below */
	record->row.endpoint_count = from->endpoint_count;
	accept_tokens(change, record);
	struct store_platform row = record->row;
	record_fill(record, &row);
	return RH_OK;
}

/* ---- the doors ---- */

void
registry_invite(struct hub *hub, struct str name, const struct party_claim *claims, size_t count,
	registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, 0, done, ctx);
	struct party_claim *copy = arena_alloc(change->arena, (count + 1) * sizeof *copy);

	if (count > 0)
		memcpy(copy, claims, count * sizeof *copy);
	change->claims = copy;
	change->count = count;
	change->name = arena_str(change->arena, name);
	change->apply = apply_invite;
	change_submit(change);
}

static void
submit_simple(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx,
	enum rh_err (*apply)(struct registry_change *, struct record *, struct fault *))
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->apply = apply;
	change_submit(change);
}

void
registry_suspend(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, apply_suspend);
}

void
registry_resume(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, apply_resume);
}

void
registry_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, apply_remove);
}

void
registry_unregister(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, apply_remove);
}

void
registry_set(struct hub *hub, int64_t platform, const struct str *pairs, size_t count, registry_done_fn done,
	void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);
	struct str *copy = arena_alloc(change->arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_str(change->arena, pairs[i]);
	change->pairs = copy;
	change->count = count;
	change->apply = apply_set;
	change_submit(change);
}

void
registry_forget_previous(struct hub *hub, struct live *live, int64_t platform)
{
	if (!atomic_exchange(&live->previous_unneeded, true))
		submit_simple(hub, platform, NULL, NULL, apply_forget_previous);
}

void
registry_state_changed(struct hub *hub, struct live *live, enum store_state state)
{
	struct registry_change *change = change_new(hub, live->platform, NULL, NULL);

	change->state = state;
	change->apply = apply_state;
	change_submit(change);
}

void
registry_register(struct hub *hub, const struct registration *registration, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, registration->platform, done, ctx);

	change->registration = registration;
	change->apply = apply_register;
	change_submit(change);
}

void
registry_pending_token(struct hub *hub, int64_t platform, struct str name, struct str versions_url,
	registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->name = arena_str(change->arena, name);
	change->versions_url = arena_str(change->arena, versions_url);
	change->apply = apply_pending;
	change_submit(change);
}

void
registry_withdraw(struct hub *hub, int64_t platform, bool drop, registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, platform, done, ctx);

	change->drop = drop;
	change->apply = apply_withdraw;
	change_submit(change);
}

void
registry_overlap(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	submit_simple(hub, platform, done, ctx, apply_overlap);
}

/* ---- start and end ---- */

void
registry_init(struct hub *hub)
{
	list_init(&hub->records);
	list_init(&hub->changes);
}

static enum store_state
stored_presence(const struct store_platform *row)
{
	for (size_t i = 0; i < row->party_count; i++)
		if (row->parties[i].state == STATE_OFFLINE)
			return STATE_OFFLINE;
	return STATE_CONNECTED;
}

void
registry_load(struct hub *hub, const struct store_platform *platforms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct record *record = record_new();
		struct str token;

		record_fill(record, &platforms[i]);
		if (platforms[i].token_sealed.p != NULL) {
			if (rh_unseal(hub->seal_key, platforms[i].token_sealed, record->arena, &token))
				record->token = token;
			else
				LOG(LOG_ERROR, "registry", KVS("platform", platforms[i].name),
					KV("error", "its token cannot be unsealed: is this the right key file?"));
		}
		record->live = presence_live(hub, platforms[i].id, stored_presence(&platforms[i]));
		insert_record(hub, record);
	}
	directory_publish(hub, directory_build(&hub->records));
}

void
registry_free(struct hub *hub)
{
	list_each_safe(node, next, &hub->records)
		record_free(container_of(node, struct record, node));
	list_init(&hub->records);
}
