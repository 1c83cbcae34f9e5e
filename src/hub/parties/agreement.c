/* agreement: who may roam with whom. Without one that names the two, routing.default decides. */
#include "agreement.h"

#include <stdlib.h>
#include <string.h>

bool
agreement_same(const struct store_agreement *a, const struct store_agreement *b)
{
	bool all = a->modules.len == 0 && b->modules.len == 0;

	return str_ieq(str_of(a->cpo_country), str_of(b->cpo_country)) &&
	       str_ieq(str_of(a->cpo_party), str_of(b->cpo_party)) &&
	       str_ieq(str_of(a->emsp_country), str_of(b->emsp_country)) &&
	       str_ieq(str_of(a->emsp_party), str_of(b->emsp_party)) &&
	       (all || str_eq(a->modules, b->modules)) && a->from_ms == b->from_ms &&
	       a->until_ms == b->until_ms;
}

/* ---- changes, on the control thread ---- */

struct agreement_change {
	struct store_op op;
	struct arena *arena;
	struct hub *hub;
	struct store_agreement row;
	registry_done_fn done;
	void *ctx;
};

void
agreement_take(struct hub *hub, const struct store_agreement *row)
{
	struct agreement_record *record = rh_alloc(sizeof *record);
	char *modules = rh_alloc(row->modules.len + 1);

	record->row = *row;
	if (row->modules.len > 0)
		memcpy(modules, row->modules.p, row->modules.len);
	record->row.modules = (struct str){ modules, row->modules.len };
	list_add_tail(&hub->registry->agreements, &record->node);
}

void
agreement_index(struct hub *hub)
{
	agreed_release(hub->registry->agreed);
	hub->registry->agreed = agreed_new(&hub->registry->agreements);
}

static void
drop_record(struct agreement_record *record)
{
	list_remove(&record->node);
	free((void *)(uintptr_t)record->row.modules.p);
	free(record);
}

void
agreement_free(struct hub *hub)
{
	list_each_safe (node, next, &hub->registry->agreements)
		drop_record(container_of(node, struct agreement_record, node));
	agreed_release(hub->registry->agreed);
}

static void
change_end(struct agreement_change *change, enum rh_err err, const char *why)
{
	struct fault fault = { 0 };

	if (err == RH_OK) {
		agreement_index(change->hub);
		registry_publish(change->hub);
	} else {
		(void)fault_set(&fault, err, "agreement", "%s", why);
	}
	change->done(change->ctx, err, &fault, change->row.id, (struct str){ 0 });
	arena_free(change->arena); /* it lies in it */
}

/* Each of the two may see what the other shared before. */
static void
tell_entitled(struct hub *hub, const char *country, const char *party, const char *other_country,
        const char *other_party)
{
	struct ocpi_id id, other;
	char owner[OCPI_ID_TEXT];

	if (!ocpi_id_make(str_of(country), str_of(party), &id) ||
	        !ocpi_id_make(str_of(other_country), str_of(other_party), &other))
		return;
	for (const struct party *p = directory_party(hub_directory(hub), &id); p != NULL;
	        p = p->same)
		if (p->platform->state == STATE_CONNECTED && !p->platform->removed)
			hub->entitled(hub, p->platform,
			        &(struct entitlement){
			                .owner = str_of(ocpi_id_key(&other, owner)) });
}

void
agreement_tell(struct hub *hub, const struct store_agreement *row)
{
	tell_entitled(hub, row->cpo_country, row->cpo_party, row->emsp_country, row->emsp_party);
	tell_entitled(hub, row->emsp_country, row->emsp_party, row->cpo_country, row->cpo_party);
}

static void
added(struct store_op *op)
{
	struct agreement_change *change = container_of(op, struct agreement_change, op);
	struct store_agreement row = change->row;
	struct hub *hub = change->hub;
	bool taken = op->err == RH_OK;

	if (taken)
		agreement_take(hub, &row);
	change_end(change, op->err, op->why);
	if (!taken)
		return;
	agreement_tell(hub, &row);
}

static void
removed(struct store_op *op)
{
	struct agreement_change *change = container_of(op, struct agreement_change, op);

	list_each_safe (node, next, &change->hub->registry->agreements) {
		struct agreement_record *record = container_of(node, struct agreement_record, node);

		if (op->err == RH_OK && record->row.id == change->row.id)
			drop_record(record);
	}
	change_end(change, op->err, op->err == RH_NOT_FOUND ? "there is none of this id" : op->why);
}

static struct agreement_change *
change_new(struct hub *hub, enum store_verb verb, registry_done_fn done, void *ctx)
{
	struct arena *arena = arena_new(1024);
	struct agreement_change *change = arena_alloc(arena, sizeof *change);

	change->arena = arena;
	change->hub = hub;
	change->done = done;
	change->ctx = ctx;
	change->op.verb = verb;
	change->op.arena = arena;
	return change;
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

void
agreement_add(
        struct hub *hub, const struct store_agreement *agreement, registry_done_fn done, void *ctx)
{
	struct agreement_change *change;
	struct fault fault = { 0 };

	if (check_sides(hub, agreement, &fault) != RH_OK) {
		done(ctx, fault.err, &fault, 0, (struct str){ 0 });
		return;
	}
	change = change_new(hub, STORE_AGREEMENT_SAVE, done, ctx);
	change->row = *agreement;
	change->row.modules = arena_str(change->arena, agreement->modules);
	change->op.done = added;
	change->op.u.agreements.agreements = &change->row;
	change->op.u.agreements.count = 1;
	store_submit(hub->session, &change->op);
}

void
agreement_remove(struct hub *hub, int64_t id, registry_done_fn done, void *ctx)
{
	struct agreement_change *change = change_new(hub, STORE_AGREEMENT_DROP, done, ctx);

	change->row.id = id;
	change->op.done = removed;
	change->op.u.agreements.id = id;
	store_submit(hub->session, &change->op);
}
