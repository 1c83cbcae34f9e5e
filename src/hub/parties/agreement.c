/* agreement: who may roam with whom. Without one that names the two, routing.default decides. */
#include "agreement.h"

#include "../news.h"

#include <stdlib.h>
#include <string.h>

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
}

static void
change_end(struct agreement_change *change, enum rh_err err, const char *why)
{
	struct fault fault = { 0 };

	if (err == RH_OK) {
		directory_publish(change->hub, directory_build(&change->hub->registry->records,
		                                       &change->hub->registry->agreements));
		news_ring(change->hub);
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
	tell_entitled(hub, row.cpo_country, row.cpo_party, row.emsp_country, row.emsp_party);
	tell_entitled(hub, row.emsp_country, row.emsp_party, row.cpo_country, row.cpo_party);
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

void
agreement_add(
        struct hub *hub, const struct store_agreement *agreement, registry_done_fn done, void *ctx)
{
	struct agreement_change *change = change_new(hub, STORE_AGREEMENT_SAVE, done, ctx);

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
