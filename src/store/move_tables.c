/* move_tables: the tables that a move carries, for every store. What is not here follows from these
 * rows and is made anew (counts, blocks, digests), or is of a process and a moment: probes,
 * sessions, the trace. */
#include "move.h"

const struct move_table move_tables[MOVE_TABLES] = {
	{ "platform", 1, false,
	        { { "id", MOVE_INT }, { "name", MOVE_TEXT }, { "state", MOVE_INT },
	                { "removed", MOVE_BOOL }, { "version", MOVE_TEXT },
	                { "versions_url", MOVE_TEXT }, { "token_sealed", MOVE_BLOB },
	                { "settings", MOVE_TEXT }, { "created_ms", MOVE_INT },
	                { "updated_ms", MOVE_INT }, { "last_contact_ms", MOVE_INT },
	                { "claims_bound", MOVE_BOOL }, { "told", MOVE_TEXT } } },
	{ "party", 2, false,
	        { { "platform", MOVE_INT }, { "position", MOVE_INT }, { "country", MOVE_TEXT },
	                { "party", MOVE_TEXT }, { "role", MOVE_INT }, { "state", MOVE_INT },
	                { "last_updated_ms", MOVE_INT }, { "business", MOVE_RAW } } },
	{ "endpoint", 2, false,
	        { { "platform", MOVE_INT }, { "position", MOVE_INT }, { "module", MOVE_TEXT },
	                { "interface", MOVE_INT }, { "url", MOVE_TEXT } } },
	{ "token", 2, false,
	        { { "platform", MOVE_INT }, { "position", MOVE_INT }, { "kind", MOVE_INT },
	                { "digest", MOVE_BLOB }, { "expires_ms", MOVE_INT },
	                { "made_ms", MOVE_INT } } },
	{ "meta", 1, false, { { "key", MOVE_TEXT }, { "value", MOVE_TEXT } } },
	{ "agreement", 1, false,
	        { { "id", MOVE_INT }, { "cpo_country", MOVE_TEXT }, { "cpo_party", MOVE_TEXT },
	                { "emsp_country", MOVE_TEXT }, { "emsp_party", MOVE_TEXT },
	                { "modules", MOVE_TEXT }, { "from_ms", MOVE_INT },
	                { "until_ms", MOVE_INT } } },
	{ "object", 1, false,
	        { { "seq", MOVE_INT }, { "scope", MOVE_TEXT }, { "module", MOVE_TEXT },
	                { "owner", MOVE_TEXT }, { "id", MOVE_TEXT }, { "type", MOVE_TEXT },
	                { "live", MOVE_BOOL }, { "accepted", MOVE_BOOL },
	                { "last_updated_ns", MOVE_INT }, { "change", MOVE_INT },
	                { "previous", MOVE_INT }, { "sender_platform", MOVE_INT },
	                { "at_ms", MOVE_INT }, { "method", MOVE_TEXT }, { "suffix", MOVE_RAW },
	                { "correlation_id", MOVE_RAW }, { "patch", MOVE_RAW },
	                { "body", MOVE_RAW } } },
	{ "version", 5, false,
	        { { "module", MOVE_TEXT }, { "owner", MOVE_TEXT }, { "id", MOVE_TEXT },
	                { "scope", MOVE_TEXT }, { "nth", MOVE_INT }, { "change", MOVE_INT },
	                { "at_ms", MOVE_INT }, { "until_ms", MOVE_INT },
	                { "sender_platform", MOVE_INT }, { "method", MOVE_TEXT },
	                { "correlation_id", MOVE_RAW }, { "last_updated_ns", MOVE_INT },
	                { "body", MOVE_RAW } } },
	{ "cursor", 1, false,
	        { { "receiver", MOVE_TEXT }, { "change", MOVE_INT }, { "ahead", MOVE_TEXT } } },
	{ "parked", 1, false,
	        { { "seq", MOVE_INT }, { "receiver", MOVE_TEXT }, { "party", MOVE_TEXT },
	                { "scope", MOVE_TEXT }, { "module", MOVE_TEXT }, { "owner", MOVE_TEXT },
	                { "id", MOVE_TEXT }, { "type", MOVE_TEXT }, { "kind", MOVE_INT },
	                { "since_ms", MOVE_INT }, { "due_ms", MOVE_INT }, { "attempts", MOVE_INT },
	                { "change", MOVE_INT }, { "http", MOVE_INT }, { "ocpi", MOVE_INT },
	                { "why", MOVE_RAW } } },
	{ "push_failure", 7, false,
	        { { "receiver", MOVE_TEXT }, { "party", MOVE_TEXT }, { "scope", MOVE_TEXT },
	                { "module", MOVE_TEXT }, { "owner", MOVE_TEXT }, { "id", MOVE_TEXT },
	                { "type", MOVE_TEXT }, { "change", MOVE_INT }, { "at_ms", MOVE_INT },
	                { "http", MOVE_INT }, { "ocpi", MOVE_INT }, { "why", MOVE_RAW } } },
	{ "pulled", 4, false,
	        { { "module", MOVE_TEXT }, { "owner", MOVE_TEXT }, { "id", MOVE_TEXT },
	                { "type", MOVE_TEXT }, { "platform", MOVE_INT }, { "missed", MOVE_INT } } },
	{ "relink", 1, false,
	        { { "id", MOVE_TEXT }, { "kind", MOVE_INT }, { "target", MOVE_RAW },
	                { "caller_platform", MOVE_INT }, { "target_platform", MOVE_INT },
	                { "caller_country", MOVE_TEXT }, { "caller_party", MOVE_TEXT },
	                { "target_country", MOVE_TEXT }, { "target_party", MOVE_TEXT },
	                { "module", MOVE_TEXT }, { "interface", MOVE_INT },
	                { "correlation_id", MOVE_RAW }, { "created_ms", MOVE_INT },
	                { "expires_ms", MOVE_INT } } },
	{ "hint", 2, false,
	        { { "kind", MOVE_TEXT }, { "key", MOVE_RAW }, { "country", MOVE_TEXT },
	                { "party", MOVE_TEXT }, { "expires_ms", MOVE_INT } } },
	{ "event", 1, false,
	        { { "id", MOVE_INT }, { "at_ms", MOVE_INT }, { "type", MOVE_TEXT },
	                { "platform", MOVE_INT }, { "who", MOVE_RAW }, { "address", MOVE_RAW },
	                { "what", MOVE_RAW }, { "subject", MOVE_RAW }, { "data", MOVE_RAW } } },
	/* Numbers that are never given again although their rows are gone: of ids, by table, and of
	 * changes. */
	{ "counter", 1, true, { { "name", MOVE_TEXT }, { "value", MOVE_INT } } },
};

size_t
move_columns(const struct move_table *table)
{
	size_t count = 0;

	while (count < MOVE_COLUMNS_MOST && table->columns[count].name != NULL)
		count++;
	return count;
}

void
move_names(const struct move_table *table, struct buf *out)
{
	for (size_t i = 0; i < move_columns(table); i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ", ", table->columns[i].name);
}

void
move_table_names(struct buf *out)
{
	for (size_t i = 0; i < MOVE_TABLES; i++)
		if (!move_tables[i].made)
			buf_printf(out, "%s'%s'", i == 0 ? "" : ", ", move_tables[i].name);
}
