/* records: the platforms that the registry has, as they stand in the store. */
#include "records.h"

#include "live.h"
#include "record.h"

static struct str
id_key(const int64_t *id)
{
	return (struct str){ (const char *)id, sizeof *id };
}

struct record *
records_find(const struct hub *hub, int64_t id)
{
	return table_get(hub->registry->by_id, id_key(&id));
}

void
records_insert(struct hub *hub, struct record *record, struct record *old)
{
	struct list *at = hub->registry->records.prev;

	if (old != NULL) {
		at = old->node.prev;
		list_remove(&old->node);
	} else {
		while (at != &hub->registry->records &&
		        container_of(at, struct record, node)->row.id > record->row.id)
			at = at->prev;
	}
	list_add_head(at, &record->node);
	(void)table_remove(hub->registry->by_id, id_key(&record->row.id));
	(void)table_put(hub->registry->by_id, id_key(&record->row.id), record);
}

enum store_state
records_presence(const struct store_platform *row)
{
	for (size_t i = 0; i < row->party_count; i++)
		if (row->parties[i].state == STATE_OFFLINE)
			return STATE_OFFLINE;
	return STATE_CONNECTED;
}

struct record *
records_take(struct hub *hub, const struct store_platform *row)
{
	struct record *record = record_new(), *old = records_find(hub, row->id);
	struct str token;

	record_fill(record, row);
	if (row->token_sealed.p != NULL) {
		if (rh_unseal(hub->seal_key, row->token_sealed, record->arena, &token))
			record->token = token;
		else
			LOG(LOG_ERROR, "registry", KVS("platform", row->name),
			        KV("error", "its token cannot be unsealed: is this the "
			                    "right key file?"));
	}
	record->live = live_of(hub, row->id, records_presence(row));
	records_insert(hub, record, old);
	return old;
}
