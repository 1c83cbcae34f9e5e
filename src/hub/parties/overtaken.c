/* overtaken: a change that another process was faster than is made anew, on what is known by then:
 * of two that claim the same party at the same moment one wins, and the other one hears what it
 * would hear of one hub. */
#include "changes.h"
#include "records.h"

#include <string.h>

enum { MOST_TRIES = 32 };

static void
put_back(struct registry_change *change)
{
	struct hub *hub = change->hub;
	struct record *old = records_find(hub, change->platform);

	if (old != NULL)
		old->saving = false;
	record_free(change->fresh);
	change->fresh = NULL;
	change->op = (struct store_op){ 0 };
	list_remove(&change->node);
	list_add_head(&hub->registry->changes, &change->node);
	hub->registry->look_first(hub);
}

static void
begin_anew(struct registry_change *change)
{
	change->token = (struct str){ 0 };
	change->fault = (struct fault){ 0 };
	put_back(change);
}

bool
change_overtaken(struct registry_change *change)
{
	if (!hub_is_together(change->hub) || !change->op.overtaken || change->tries == MOST_TRIES)
		return false;
	change->tries++;
	begin_anew(change);
	return true;
}

bool
change_refused(struct registry_change *change)
{
	if (!hub_is_together(change->hub) || change->is_status || change->looked ||
	        change->tries > 0)
		return false;
	change->looked = true;
	begin_anew(change);
	return true;
}

/* ---- done, and told as failed, as the connection was lost meanwhile ---- */

static bool
digest_of(const struct registry_change *change, uint8_t digest[RH_DIGEST_BYTES])
{
	if (change->token.len > 0)
		rh_digest(change->hub->digest_key, change->token, digest);
	else if (change->registration != NULL && change->registration->keep_accepted)
		memcpy(digest, change->registration->presented, RH_DIGEST_BYTES);
	else
		return false;
	return true;
}

bool
change_unsure(struct registry_change *change)
{
	uint8_t digest[RH_DIGEST_BYTES];

	if (!hub_is_together(change->hub) || change->op.overtaken ||
	        change->op.err != RH_STORE_FAILED || !digest_of(change, digest))
		return false;
	change->unsure = true;
	(void)change_unsaved(change);
	put_back(change);
	return true;
}

static bool
has_token(const struct registry_change *change, const struct record *record,
        const uint8_t digest[RH_DIGEST_BYTES])
{
	for (size_t i = 0; i < record->row.token_count; i++)
		if (memcmp(record->row.tokens[i].digest, digest, RH_DIGEST_BYTES) == 0)
			return change->registration == NULL ||
			       record->row.tokens[i].kind == TOKEN_CURRENT;
	return false;
}

const struct record *
change_done_by(const struct registry_change *change)
{
	uint8_t digest[RH_DIGEST_BYTES];

	if (!digest_of(change, digest))
		return NULL;
	list_each (node, &change->hub->registry->records) {
		const struct record *record = container_of(node, struct record, node);

		if (has_token(change, record, digest))
			return record;
	}
	return NULL;
}

enum rh_err
change_unsaved(struct registry_change *change)
{
	const struct store_op *op = &change->op;

	if (op->overtaken)
		return fault_set(&change->fault, RH_BUSY, "",
		        "other hubs on this database change who is connected all the time");
	return fault_set(&change->fault, RH_STORE_FAILED, "", "%s", op->why);
}

void
change_tell(struct registry_change *change)
{
	if (!hub_is_together(change->hub))
		return;
	if (change->op.directory > change->hub->registry->version)
		change->hub->registry->version = change->op.directory;
	store_tell(change->hub->store, TELL_DIRECTORY, 0);
}
