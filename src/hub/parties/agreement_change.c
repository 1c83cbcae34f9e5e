/* agreement_change: agreements are made and dropped by changes of the registry, as they depend on
 * who is connected. */
#include <string.h>

#include "agreement.h"
#include "changes.h"

struct agreement_change { /* in the arena of its change */
	struct store_agreement row;
	registry_done_fn done;
	void *ctx;
};

static void
ended(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct agreement_change *agreement = ctx;

	(void)platform, (void)token;
	agreement->done(agreement->ctx, err, fault, agreement->row.id, (struct str){ 0 });
}

static struct registry_change *
agreement_change(struct hub *hub, const struct store_agreement *row,
        void (*begin)(struct registry_change *change), registry_done_fn done, void *ctx)
{
	struct registry_change *change = change_new(hub, 0, ended, NULL);
	struct agreement_change *agreement = arena_alloc(change->arena, sizeof *agreement);

	agreement->row = *row;
	agreement->row.modules = arena_str(change->arena, row->modules);
	agreement->done = done;
	agreement->ctx = ctx;
	change->ctx = agreement;
	change->begin = begin;
	return change;
}

static void
submit(struct registry_change *change, enum store_verb verb, void (*done)(struct store_op *op))
{
	struct agreement_change *agreement = change->ctx;

	change->op = (struct store_op){ .verb = verb, .done = done, .arena = change->arena };
	change->op.directory = change->hub->registry->version;
	change->op.u.agreements.id = agreement->row.id;
	if (verb == STORE_AGREEMENT_SAVE) {
		change->op.u.agreements.agreements = &agreement->row;
		change->op.u.agreements.count = 1;
	}
	store_submit(change->hub->session, &change->op);
}

/* It is in the list, or no more. */
static void
publish(struct registry_change *change)
{
	agreement_index(change->hub);
	registry_publish(change->hub);
	change_tell(change);
}

static void
refuse(struct registry_change *change, const char *why)
{
	enum rh_err err = change->op.overtaken ? RH_BUSY : change->op.err;

	(void)fault_set(&change->fault, err, "agreement", "%s", why);
	change_free(change, err);
}

static void
added(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	const struct agreement_change *agreement = change->ctx;
	struct store_agreement row = agreement->row;
	struct hub *hub = change->hub;

	if (op->err == RH_OK) {
		agreement_take(hub, &row);
		publish(change);
		agreement_tell(hub, &row);
		change_free(change, RH_OK);
	} else if (!change_overtaken(change)) {
		refuse(change, op->why);
	}
	registry_go_on(hub);
}

static void
removed(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	const struct agreement_change *agreement = change->ctx;
	struct hub *hub = change->hub;

	list_each_safe (node, next, &hub->registry->agreements) {
		struct agreement_record *record = container_of(node, struct agreement_record, node);

		if (op->err == RH_OK && record->row.id == agreement->row.id)
			agreement_forget(record);
	}
	if (op->err == RH_OK) {
		publish(change);
		change_free(change, RH_OK);
	} else if (!change_overtaken(change)) {
		refuse(change, op->err == RH_NOT_FOUND ? "there is none of this id" : op->why);
	}
	registry_go_on(hub);
}

/* Does any party of this id, as far as it is registered or invited, have another role than is said
 * of it, and none that fits? A party that nobody knows yet may be anything. */
static enum rh_err
check_side(const struct hub *hub, const char *field, const char *country, const char *party,
        bool cpo, struct fault *fault)
{
	const struct party *known;
	struct ocpi_id id;
	bool fits = false;

	if (!ocpi_id_make(str_of(country), str_of(party), &id))
		return fault_set(fault, RH_BAD_FIELD, field,
		        "expected a country code of 2 and a party id of 3 characters");
	known = directory_party(hub_directory(hub), &id);
	if (known == NULL)
		return RH_OK;
	for (const struct party *as = known; as != NULL; as = as->same)
		fits |= as->role == ROLE_HUB || (as->role == ROLE_CPO) == cpo;
	if (fits)
		return RH_OK;
	return fault_set(fault, RH_BAD_FIELD, field, "%s*%s is registered as %s, expected %s",
	        country, party, ocpi_role_name(known->role),
	        cpo ? "a CPO" : "an eMSP or another party that is no CPO");
}

static enum rh_err
check_sides(const struct hub *hub, const struct store_agreement *row, struct fault *fault)
{
	enum rh_err err = check_side(hub, "cpo", row->cpo_country, row->cpo_party, true, fault);

	return err != RH_OK
	               ? err
	               : check_side(hub, "emsp", row->emsp_country, row->emsp_party, false, fault);
}

static void
add_begins(struct registry_change *change)
{
	const struct agreement_change *agreement = change->ctx;
	enum rh_err err = check_sides(change->hub, &agreement->row, &change->fault);

	if (err == RH_OK)
		submit(change, STORE_AGREEMENT_SAVE, added);
	else if (!change_refused(change))
		change_free(change, err);
}

static void
remove_begins(struct registry_change *change)
{
	submit(change, STORE_AGREEMENT_DROP, removed);
}

void
agreement_add(
        struct hub *hub, const struct store_agreement *agreement, registry_done_fn done, void *ctx)
{
	registry_submit(agreement_change(hub, agreement, add_begins, done, ctx));
}

void
agreement_remove(struct hub *hub, int64_t id, registry_done_fn done, void *ctx)
{
	const struct store_agreement row = { .id = id };

	registry_submit(agreement_change(hub, &row, remove_begins, done, ctx));
}
