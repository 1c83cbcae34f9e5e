/* read_versions: what a tariff was before. */
#include "parts.h"

static void
ask_versions(struct pg_read *read)
{
	const struct store_versions_args *args = &read->op->u.versions;

	READ_ADD(read, PGS_VERSIONS_OF, P_KEY(args->key.module), P_KEY(args->key.owner),
	        P_KEY(args->key.id), P_INT(args->at_ms), P_INT(args->limit));
}

static struct store_version
version_row(const struct pg_result *rows, int i, const struct store_key *key, struct arena *arena)
{
	struct store_version version = {
		.until_ms = pg_int(rows, i, 3),
		.object = {
		        .key = { .module = arena_str(arena, key->module),
		                .owner = arena_str(arena, key->owner),
		                .id = arena_str(arena, key->id),
		                .scope = pg_text(rows, i, 0, arena),
		                .type = STR("") },
		        .change = pg_int(rows, i, 1),
		        .at_ms = pg_int(rows, i, 2),
		        .sender_platform = pg_int(rows, i, 4),
		        .method = pg_text(rows, i, 5, arena),
		        .correlation_id = pg_text(rows, i, 6, arena),
		        .last_updated_ns = pg_int(rows, i, 7),
		        .body = pg_text(rows, i, 8, arena),
		        .accepted = true,
		},
	};

	return version;
}

static void
take_versions(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_version *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = version_row(rows, (int)i, &op->u.versions.key, op->arena);
	op->u.versions.rows = out;
	op->u.versions.count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_versions = { ask_versions, take_versions, PG_LANE_ASKED };
