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

/* ---- the registry's list, on the control thread ---- */

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

void
agreement_forget(struct agreement_record *record)
{
	list_remove(&record->node);
	free((void *)(uintptr_t)record->row.modules.p);
	free(record);
}

void
agreement_forget_all(struct hub *hub)
{
	list_each_safe (node, next, &hub->registry->agreements)
		agreement_forget(container_of(node, struct agreement_record, node));
}

void
agreement_free(struct hub *hub)
{
	agreement_forget_all(hub);
	agreed_release(hub->registry->agreed);
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
